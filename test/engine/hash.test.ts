import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorReply, PairsReply, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { collectingSink, words } from '../support/side-by-side.js';
import { runScripts } from './scripts.js';

const long = 'L'.repeat(65);

runScripts('hash', [
  {
    title: 'fields',
    lines: `
      HSET h f v
      HSET h f w g x
      HSET h f
      HSET h f v g
      HSET h
      HMSET h a 1 b 2
      HMSET h a
      HMSET h a 1 b
      HSETNX h f v
      HSETNX h n v
      HSETNX fresh f v
      HGET h f
      HGET h absent
      HGET absent f
      HMGET h f absent a
      HMGET absent f g
      HEXISTS h f
      HEXISTS h absent
      HEXISTS absent f
      HSTRLEN h f
      HSTRLEN h absent
      HSTRLEN absent f
      HLEN h
      HLEN absent
      HGETALL h
      HGETALL absent
      HKEYS h
      HKEYS absent
      HVALS h
      HVALS absent
      HDEL h f absent a a
      HDEL h f
      HDEL absent f
      HDEL fresh f f
      HSET e "" ""
      HGETALL e
      HDEL h g b n
      HSET h again 1
    `,
  },
  {
    title: 'wrong types',
    lines: `
      SET s x
      HSET s f v
      HSETNX s f v
      HGET s f
      HMGET s f
      HGETALL s
      HKEYS s
      HDEL s f
      HLEN s
      HEXISTS s f
      HSTRLEN s f
      HINCRBY s f 1
      HINCRBY s f x
      HINCRBYFLOAT s f 1
      HINCRBYFLOAT s f inf
      HRANDFIELD s
      HRANDFIELD s x
      HSCAN s 0
      HSCAN s x
      HSCAN s 0 WRONG
    `,
  },
  {
    title: 'encodings',
    lines: `
      HSET small f v
      HSET field ${long} v
      HSET value f ${long}
      HSET border f ${long.slice(1)}
      HSET counted ${Array.from({ length: 512 }, (_, i) => `f${i} ${i}`).join(' ')}
      HSETNX counted f0 x
      HSET over ${Array.from({ length: 513 }, (_, i) => `f${i} ${i}`).join(' ')}
      HDEL over f1 f2 f3
      HGETALL over ~pairs
      HKEYS over ~unordered
      HVALS over ~unordered
      HSETNX small ${long} v
      HSET grows f 1
      HINCRBYFLOAT grows ${long} 1
    `,
  },
  {
    title: 'numbers in fields',
    lines: `
      HINCRBY h n 5
      HINCRBY h n -7
      HINCRBY h n x
      HINCRBY h n 9223372036854775807
      HINCRBY h n 9223372036854775807
      HINCRBY h n 9223372036854775808
      HSET h t abc big 9007199254740993 lead 01
      HINCRBY h t 1
      HINCRBY h big 1
      HINCRBY h lead 1
      HINCRBY fresh n 3
      HINCRBY fresh n x
      HINCRBYFLOAT h f 0.1
      HINCRBYFLOAT h f 0.2
      HINCRBYFLOAT h f 1e3
      HINCRBYFLOAT h f inf
      HINCRBYFLOAT h f x
      HINCRBYFLOAT h t 1
      HSET h inf inf
      HINCRBYFLOAT h inf 1
      HINCRBYFLOAT other f 3.0
      HINCRBYFLOAT absent f x
    `,
  },
  {
    title: 'HRANDFIELD and HSCAN',
    lines: `
      HRANDFIELD absent
      HRANDFIELD absent 5
      HRANDFIELD absent 5 WITHVALUES
      HSET h a 1
      HRANDFIELD h
      HRANDFIELD h 5
      HRANDFIELD h 5 WITHVALUES
      HRANDFIELD h -3 WITHVALUES
      HRANDFIELD h 0
      HRANDFIELD h 0 WITHVALUES
      HRANDFIELD h x
      HRANDFIELD h 1 WRONG
      HRANDFIELD h x WRONG
      HRANDFIELD h 1 WITHVALUES WITHVALUES
      HRANDFIELD h -9223372036854775808
      HRANDFIELD h -9223372036854775807 WITHVALUES
      HRANDFIELD h 9223372036854775807 WITHVALUES
      HRANDFIELD h 9223372036854775807
      HSET h b 2 ab 3
      HRANDFIELD h 100 WITHVALUES ~pairs
      HSCAN h 0
      HSCAN h 0 MATCH a* COUNT 1
      HSCAN h 0 MATCH *
      HSCAN h 0 COUNT 0
      HSCAN h 0 COUNT x
      HSCAN h 0 MATCH
      HSCAN h 0 WRONG
      HSCAN h x
      HSCAN h ""
      HSCAN h -1
      HSCAN h " 0"
      HSCAN h 18446744073709551615
      HSCAN h 18446744073709551616
      HSCAN absent 0 WRONG
      HSCAN absent x
      HSCAN absent 5 COUNT x
    `,
  },
]);

function connect(): { engine: Engine; session: EngineSession; call: (line: string) => Reply } {
  const engine = new Engine({ seed: 7 });
  const session = engine.connect(collectingSink([]));
  return { engine, session, call: (line) => session.call(words(line)) };
}

describe('hash', () => {
  for (const size of [20, 1000]) {
    const fields = Array.from({ length: size }, (_, i) => `f${i}`);

    it(`HRANDFIELD with a count gives different fields with their values (${size} fields)`, () => {
      const { session } = connect();
      session.call(['HSET', 'h', ...fields.flatMap((field) => [field, `${field}=`])]);
      for (const count of [1, 5, size - 1, size, size + 5]) {
        const reply = session.call(['HRANDFIELD', 'h', String(count), 'WITHVALUES']);
        assert.ok(reply instanceof PairsReply);
        const drawn = reply.flat.filter((_, i) => i % 2 === 0);
        assert.equal(new Set(drawn).size, Math.min(count, size));
        assert.ok(drawn.every((field, i) => reply.flat[i * 2 + 1] === `${field as string}=`));
      }
      const repeated = session.call(['HRANDFIELD', 'h', '-3000']) as string[];
      assert.equal(repeated.length, 3000);
      assert.ok(repeated.every((field) => fields.includes(field)));
      assert.ok(new Set(repeated).size > size * 0.8);
    });

    it(`HSCAN from 0 to 0 returns every field (${size} fields)`, () => {
      const { session } = connect();
      session.call(['HSET', 'h', ...fields.flatMap((field) => [field, `${field}=`])]);
      const seen = new Map<string, string>();
      let cursor = '0';
      do {
        const [next, flat] = session.call(['HSCAN', 'h', cursor, 'COUNT', '7']) as [string, string[]];
        for (let i = 0; i < flat.length; i += 2) seen.set(flat[i], flat[i + 1]);
        cursor = next;
      } while (cursor !== '0');
      assert.deepEqual([...seen.keys()].sort(), [...fields].sort());
      assert.ok([...seen].every(([field, value]) => value === `${field}=`));
    });
  }

  it('so many draws that no reply could hold them are refused', () => {
    const { call } = connect();
    call('HSET h a 1');
    const reply = call('HRANDFIELD h -9223372036854775807');
    assert.ok(reply instanceof ErrorReply);
    assert.equal(reply.text, 'ERR value is out of range');
  });

  it('a copy is told the sum of HINCRBYFLOAT', () => {
    const { engine, call } = connect();
    const told: string[][] = [];
    engine.effects = (_db, argv) => told.push([...argv]);
    call('HINCRBYFLOAT h f 0.10');
    call('HINCRBYFLOAT h f 0.2');
    assert.deepEqual(told, [
      ['HSET', 'h', 'f', '0.1'],
      ['HSET', 'h', 'f', '0.3'],
    ]);
  });
});
