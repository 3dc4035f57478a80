import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { collectingSink } from '../support/side-by-side.js';
import { runScripts } from './scripts.js';

const many = (prefix: string, from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${prefix}${from + i}`).join(' ');

runScripts('hyperloglog', [
  {
    title: 'PFADD, PFCOUNT and PFMERGE',
    lines: `
      PFADD a
      PFADD a
      PFADD a x y z
      PFADD a x y z
      PFCOUNT a
      PFCOUNT a
      PFADD b z w ""
      PFCOUNT a b absent
      PFCOUNT absent
      PFMERGE c a b
      PFCOUNT c
      PFMERGE c
      PFMERGE d
      PFMERGE e absent
      PFCOUNT d e
      PFADD a ${many('m', 0, 500)}
      PFCOUNT a
      PFDEBUG ENCODING a
      PFADD a ${many('m', 500, 3000)}
      PFDEBUG ENCODING a
      PFCOUNT a
      PFMERGE f a b
      PFDEBUG ENCODING f
      PFCOUNT f b
    `,
  },
  {
    title: 'small sparse limit',
    config: ['hll-sparse-max-bytes', '60'],
    tune: (engine) => {
      engine.settings.hllSparseMaxBytes = 60;
    },
    lines: `
      PFADD a ${many('k', 0, 12)}
      PFDEBUG DECODE a
      PFADD a ${many('k', 12, 40)}
      PFDEBUG ENCODING a
      PFADD b q
      PFMERGE b a
      PFDEBUG ENCODING b
    `,
  },
  {
    title: 'PFDEBUG',
    lines: `
      PFDEBUG ENCODING absent
      PFADD a x y z
      PFDEBUG ENCODING a
      PFDEBUG decode a
      PFDEBUG TODENSE a
      PFDEBUG TODENSE a
      PFDEBUG DECODE a
      PFDEBUG WRONG a
      PFADD b x y z
      PFDEBUG GETREG b
      PFDEBUG ENCODING b
      PFDEBUG ENCODING
      PFDEBUG ENCODING a b
    `,
  },
  {
    title: 'what is no HyperLogLog',
    lines: `
      SADD s a
      PFADD s x
      PFCOUNT s
      SET n 12
      PFADD n x
      PFCOUNT n
      PFMERGE n
      SET t "HYLL is no HyperLogLog"
      PFADD t x
      PFCOUNT t
      SET short HYLL
      PFADD short x
      SET sparse "HYLL\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80"
      PFCOUNT sparse
      PFADD sparse x
      PFADD good x
      PFCOUNT good sparse
      PFCOUNT good s
      PFMERGE good sparse
      PFMERGE good n
      PFDEBUG GETREG sparse
      PFDEBUG DECODE sparse
      PFDEBUG ENCODING n
      PFDEBUG ENCODING s
    `,
  },
]);

describe('hyperloglog', () => {
  it('a count that was worked out anew fails watchers and is told to copies, a cached one is not', () => {
    const engine = new Engine({ seed: 1 });
    const session = engine.connect(collectingSink([]));
    const told: string[][] = [];
    session.call(['PFADD', 'k', 'a', 'b']);
    engine.effects = (_db, argv) => told.push([...argv]);
    assert.equal(session.call(['PFCOUNT', 'k']), 2);
    assert.equal(session.call(['PFCOUNT', 'k']), 2);
    assert.deepEqual(told, [['PFCOUNT', 'k']]);
  });

  it('an estimate over 100,000 elements is within three percent', () => {
    const session = new Engine({ seed: 1 }).connect(collectingSink([]));
    for (let i = 0; i < 100_000; i += 1000) {
      session.call(['PFADD', 'k', ...Array.from({ length: 1000 }, (_, j) => `element ${i + j}`)]);
    }
    const estimate = Number(session.call(['PFCOUNT', 'k']));
    assert.ok(Math.abs(estimate - 100_000) < 3000, `${estimate}`);
  });
});
