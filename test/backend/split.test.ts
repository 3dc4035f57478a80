import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from '../../src/backend/backend.js';
import { rawRequest } from '../../src/backend/install.js';
import { mergeNodes, mergeParts } from '../../src/backend/merge.js';
import { isSplittable, keyIndexesOf, keysOf, soleKeyIndex, splitByPlace } from '../../src/backend/split.js';
import { commandTable } from '../../src/commands/table.js';
import { CrossSlotError, UnsupportedError } from '../../src/core/errors.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply, OK, type Reply } from '../../src/core/reply.js';
import { argvFor } from '../laws/words.js';

/** `a1`, `a2` and `b1` live at the places `a`, `a` and `b`. */
const placeOf = (key: string): string => key[0]!;
const request = (line: string): Request => {
  const [name, ...args] = line.split(' ');
  return rawRequest(name!, args);
};
const lines = (line: string): [string, string, readonly number[]][] =>
  splitByPlace(request(line), placeOf).map(({ place, request: { argv }, keys }) => [place, argv.join(' '), keys]);

const splits: readonly (readonly [line: string, ...parts: [string, string, readonly number[]][]])[] = [
  ['GET a1', ['a', 'GET a1', [0]]],
  ['PING'],
  ['PUBLISH a1 b1'],
  ['EVAL code 0'],
  ['GET'],
  ['MGET a1 b1 a2', ['a', 'MGET a1 a2', [0, 2]], ['b', 'MGET b1', [1]]],
  ['MGET a1 a1', ['a', 'MGET a1 a1', [0, 1]]],
  ['mset a1 x b1 y a1 z', ['a', 'mset a1 x a1 z', [0, 2]], ['b', 'mset b1 y', [1]]],
  ['DEL b1 a1', ['b', 'DEL b1', [0]], ['a', 'DEL a1', [1]]],
  ['UNLINK b1 a1', ['b', 'UNLINK b1', [0]], ['a', 'UNLINK a1', [1]]],
  ['EXISTS a1 b1 a1', ['a', 'EXISTS a1 a1', [0, 2]], ['b', 'EXISTS b1', [1]]],
  ['TOUCH a1 b1', ['a', 'TOUCH a1', [0]], ['b', 'TOUCH b1', [1]]],
  ['MSETNX a1 x a2 y', ['a', 'MSETNX a1 x a2 y', [0, 1]]],
  ['ZUNIONSTORE a1 2 a2 a3', ['a', 'ZUNIONSTORE a1 2 a2 a3', [0, 1, 2]]],
];

describe('splitting by place', () => {
  for (const [line, ...parts] of splits) {
    it(line, () => assert.deepEqual(lines(line), parts));
  }

  for (const line of [
    'RENAME a1 b1',
    'MSETNX a1 x b1 y',
    'ZUNIONSTORE a1 2 a2 b1',
    'EVAL code 2 a1 b1',
    'BITOP AND a1 b1 a2',
  ]) {
    it(`${line} is refused`, () => {
      assert.throws(
        () => splitByPlace(request(line), placeOf),
        (error) => {
          assert.ok(error instanceof CrossSlotError);
          assert.equal(error.command, line.split(' ')[0]);
          assert.match(error.message, /'a1'.*'b1'/);
          return true;
        },
      );
    });
  }

  it('every command of the table is split into what together has the same keys, or is refused', () => {
    const random = new Random(5);
    let split = 0;
    for (const spec of commandTable.all) {
      for (let round = 0; round < 20; round++) {
        const whole = { spec, argv: argvFor(spec, random) };
        const places = (key: string): number => [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 3;
        const keys = keysOf(whole);
        const apart = new Set(keys.map(places)).size > 1;
        if (apart && !isSplittable(spec)) {
          assert.throws(() => splitByPlace(whole, places), CrossSlotError);
          continue;
        }
        const parts = splitByPlace(whole, places);
        if (parts.length > 1) split++;
        const found: string[] = [];
        for (const part of parts) {
          assert.deepEqual(
            keysOf(part.request),
            part.keys.map((i) => keys[i]),
          );
          for (const i of part.keys) found[i] = keys[i]!;
          for (const key of keysOf(part.request)) assert.equal(places(key), part.place);
        }
        assert.deepEqual(found, [...keys], spec.name);
      }
    }
    assert.ok(split > 20, `${split} requests were split`);
  });

  it('the place of a sole key is what the key specifications say, for every command', () => {
    const random = new Random(6);
    for (const spec of commandTable.all) {
      const index = soleKeyIndex(spec);
      for (let round = 0; round < 20; round++) {
        const argv = argvFor(spec, random);
        const indexes = keyIndexesOf({ spec, argv });
        if (index === 0) assert.deepEqual(indexes, [], spec.name);
        else if (index > 0 && argv.length > index) assert.deepEqual(indexes, [index], spec.name);
      }
    }
    assert.equal(soleKeyIndex(request('GET a').spec), 1);
    assert.equal(soleKeyIndex(request('OBJECT ENCODING a').spec), 2);
    assert.equal(soleKeyIndex(request('SORT a').spec), -1);
    assert.equal(soleKeyIndex(request('DBSIZE').spec), 0);
  });
});

const oops = new ErrorReply('ERR oops');
const parts: readonly (readonly [line: string, replies: Reply[], whole: Reply])[] = [
  ['MGET a1 b1 a2 c1', [['1', '3'], ['2'], [null]], ['1', '2', '3', null]],
  ['DEL a1 b1 a2', [2, 1], 3],
  ['DEL a1 b1', [oops, 1], oops],
  ['MSET a1 x b1 y', [OK, OK], OK],
  ['MSET a1 x b1 y', [OK, oops], oops],
  ['GET a1', ['v'], 'v'],
];

const nodes: readonly (readonly [line: string, replies: Reply[], whole: Reply])[] = [
  ['DBSIZE', [1, 2, 3], 6],
  ['DBSIZE', [Number.MAX_SAFE_INTEGER, 2], 9007199254740993n],
  ['KEYS *', [['a'], [], ['b', 'c']], ['a', 'b', 'c']],
  ['FLUSHALL', [OK, OK], OK],
  ['FLUSHALL', [OK, oops], oops],
  [
    'SCRIPT EXISTS x y',
    [
      [1, 0],
      [1, 1],
    ],
    [1, 0],
  ],
  ['SCRIPT KILL', [oops, OK], OK],
  ['SCRIPT KILL', [oops, oops], oops],
  ['WAIT 1 0', [2, 1, 3], 1],
  ['RANDOMKEY', [null, 'k', null], 'k'],
  ['RANDOMKEY', [null, null], null],
  ['SLOWLOG GET', [[['x']], [['y']]], [['x'], ['y']]],
];

describe('merging', () => {
  for (const [line, replies, whole] of parts) {
    it(`parts of ${line}`, () => {
      const all = request(line);
      assert.deepEqual(mergeParts(all, splitByPlace(all, placeOf), replies), whole);
    });
  }

  for (const [line, replies, whole] of nodes) {
    it(`${line} of several nodes`, () => assert.deepEqual(mergeNodes(request(line), replies, new Random(1)), whole));
  }

  it('RANDOMKEY draws from all nodes that have keys', () => {
    const random = new Random(3);
    const drawn = new Set<Reply>();
    for (let i = 0; i < 100; i++) drawn.add(mergeNodes(request('RANDOMKEY'), ['a', null, 'b', 'c'], random));
    assert.deepEqual([...drawn].sort(), ['a', 'b', 'c']);
  });

  it('what has a reply of its own from each node is refused', () => {
    assert.throws(() => mergeNodes(request('INFO'), ['a', 'b']), UnsupportedError);
  });

  it('every command that goes to all nodes has a merge or is refused', () => {
    for (const spec of commandTable.all) {
      if (spec.request !== 'all_nodes' && spec.request !== 'all_shards') continue;
      const kinds: Reply[] = spec.response?.startsWith('agg_') ? [1, [1, 0]] : ['text', 1, OK, ['a'], null];
      for (const reply of kinds) {
        const merge = (): Reply => mergeNodes({ spec, argv: [] }, [reply, reply]);
        if (spec.response === 'special') assert.throws(merge, UnsupportedError);
        else assert.notEqual(merge(), undefined, spec.name);
      }
    }
  });
});
