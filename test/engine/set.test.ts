import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Reply, SetReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { collectingSink, words } from '../support/side-by-side.js';
import { runScripts } from './scripts.js';

const numbers = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => from + i).join(' ');

runScripts('set', [
  {
    title: 'members',
    lines: `
      SADD s a b c
      SADD s a b c
      SADD s a d
      SADD i 3 1 2 1
      SADD i 007
      SADD e ""
      SADD s
      SCARD s
      SCARD absent
      SISMEMBER s a
      SISMEMBER s z
      SISMEMBER absent a
      SMISMEMBER s a z b
      SMISMEMBER absent a z
      SMEMBERS s ~unordered
      SMEMBERS absent
      SREM s a z a
      SREM s z
      SREM absent a
      SREM e "" ""
      SREM s b c d
      SADD s again
    `,
  },
  {
    title: 'wrong types',
    lines: `
      SET x v
      SADD x a
      SCARD x
      SISMEMBER x a
      SMISMEMBER x a
      SMEMBERS x
      SREM x a
      SPOP x
      SPOP x 1
      SPOP x -1
      SPOP x a
      SRANDMEMBER x
      SRANDMEMBER x 1
      SRANDMEMBER x a
      SSCAN x 0
      SSCAN x 0 WRONG
      SADD s a
      SINTER s x
      SINTER absent x
      SINTERCARD 2 s x
      SUNION s absent x
      SDIFF s x
      SDIFF absent x
      SINTERSTORE d s x
      SUNIONSTORE x s
      SMOVE absent x a
    `,
  },
  {
    title: 'SMOVE',
    lines: `
      SADD a 1 2 x
      SADD b 2
      SMOVE a b 1
      SMOVE a b 2
      SMOVE a b absent
      SMOVE a a x
      SMOVE a a absent
      SMOVE a c x
      SMOVE absent b 1
      SET t v
      SMOVE b t 1
      SMOVE t b 1
      SMOVE absent t 1
    `,
  },
  {
    title: 'encodings',
    lines: `
      SADD i ${numbers(0, 512)}
      SADD o ${numbers(0, 513)}
      SREM o 0 1 2
      SADD big 9223372036854775807 -9223372036854775808
      SADD bigger 9223372036854775808
      SADD m 1 2 3
      SADD m x
      SREM m x
      SUNIONSTORE u i o
      SINTERSTORE n o i
      SDIFFSTORE d m i
      SUNIONSTORE back m
      SMEMBERS i ~unordered
    `,
  },
  {
    title: 'algebra',
    lines: `
      SADD a 1 2 3 4 x
      SADD b 3 4 5 x y
      SADD c 4 x z
      SINTER a b c ~unordered
      SINTER a a ~unordered
      SINTER a absent
      SINTER absent
      SUNION a b c absent ~unordered
      SUNION absent
      SDIFF a b ~unordered
      SDIFF a b c absent ~unordered
      SDIFF a a
      SDIFF a b a
      SDIFF absent a
      SINTERSTORE r a b
      SINTERSTORE r a absent
      SINTERSTORE r a absent
      SINTERSTORE a a b
      SUNIONSTORE r a b c
      SUNIONSTORE r absent
      SDIFFSTORE r b c
      SDIFFSTORE r b b
      SDIFFSTORE b b a
      SET t v
      SUNIONSTORE t c
      SADD few 1 2 q
      SADD more ${numbers(3, 9)} q
      SDIFFSTORE r few more
      SADD many ${numbers(0, 40)} q
      SADD one q
      SADD two 5
      SADD three 6
      SDIFFSTORE r many one two three
      SINTERCARD 2 a c
      SINTERCARD 2 many more LIMIT 3
      SINTERCARD 2 many more LIMIT 0
      SINTERCARD 2 many more LIMIT -1
      SINTERCARD 2 many more LIMIT x
      SINTERCARD 2 many more LIMIT
      SINTERCARD 2 many more LIMIT 1 LIMIT 2
      SINTERCARD 2 many more WRONG 1
      SINTERCARD 0 many
      SINTERCARD -1 many
      SINTERCARD x many
      SINTERCARD 3 many more
      SINTERCARD 1 absent
      SINTERCARD 2
    `,
  },
  {
    title: 'random members and SSCAN',
    lines: `
      SPOP absent
      SPOP absent 3
      SPOP absent -3
      SADD s only
      SPOP s 0
      SPOP s x
      SPOP s -1
      SPOP s 1 1
      SPOP s x y
      SRANDMEMBER s
      SRANDMEMBER s 3
      SRANDMEMBER s -3
      SRANDMEMBER s 0
      SRANDMEMBER s x
      SRANDMEMBER s x y
      SRANDMEMBER s 1 2
      SRANDMEMBER s -9223372036854775808
      SRANDMEMBER s 9223372036854775807
      SRANDMEMBER absent
      SRANDMEMBER absent 3
      SPOP s
      SPOP s
      SADD s a b c
      SPOP s 3 ~unordered
      SADD s 3 1 2
      SPOP s 10 ~unordered
      SADD s 10 9 8
      SSCAN s 0
      SSCAN s 0 MATCH 1*
      SSCAN s 0 MATCH
      SSCAN s 0 COUNT 0
      SSCAN s 0 TYPE set
      SSCAN s x
      SSCAN absent 0 WRONG
      SSCAN absent x
    `,
  },
]);

function connect(): { engine: Engine; session: EngineSession; call: (line: string) => Reply } {
  const engine = new Engine({ seed: 7 });
  const session = engine.connect(collectingSink([]));
  return { engine, session, call: (line) => session.call(words(line)) };
}

const membersOf = (reply: Reply): string[] => (reply as SetReply).items as string[];

describe('set', () => {
  for (const [kind, prefix] of [
    ['integers', ''],
    ['texts', 'm'],
  ] as const) {
    const members = Array.from({ length: 600 }, (_, i) => `${prefix}${i}`);

    for (const count of [1, 10, 300, 520, 599]) {
      it(`SPOP takes ${count} of 600 ${kind}, and copies are told which`, () => {
        const { engine, session } = connect();
        session.call(['SADD', 's', ...members]);
        const told: (readonly string[])[] = [];
        engine.effects = (_db, argv) => told.push(argv);
        const taken = membersOf(session.call(['SPOP', 's', String(count)]));
        const left = membersOf(session.call(['SMEMBERS', 's']));
        assert.equal(new Set(taken).size, count);
        assert.deepEqual([...taken, ...left].sort(), [...members].sort());
        const removals = told.filter(([name]) => name === 'SREM');
        assert.deepEqual(
          removals,
          taken.map((member) => ['SREM', 's', member]),
        );
      });
    }
  }

  it('SPOP that leaves little builds a new set: what is left of a table may be an intset again', () => {
    const { engine, call } = connect();
    call(`SADD s ${numbers(0, 600)}`);
    assert.equal(engine.databases[0].set('s')!.encoding, 'hashtable');
    call('SPOP s 590');
    assert.equal(engine.databases[0].set('s')!.encoding, 'intset');
    assert.equal(call('SCARD s'), 10);
  });

  it('SPOP of all is told as DEL, of one as SREM; a TTL survives SPOP', () => {
    const { engine, session, call } = connect();
    const told: (readonly string[])[] = [];
    call(`SADD s ${numbers(0, 20)}`);
    engine.databases[0].keyspace.setDeadline(engine.databases[0].peek('s'), 4_102_444_800_000);
    call('SPOP s 18');
    assert.equal(session.db.keyspace.deadline(session.db.peek('s')), 4_102_444_800_000);
    engine.effects = (_db, argv) => told.push(argv);
    const member = call('SPOP s') as string;
    call('SPOP s 5');
    assert.deepEqual(told, [
      ['SREM', 's', member],
      ['DEL', 's'],
    ]);
  });

  it('SRANDMEMBER with a count gives different members, with a negative one repetitions', () => {
    const { session } = connect();
    const members = Array.from({ length: 1000 }, (_, i) => `m${i}`);
    session.call(['SADD', 's', ...members]);
    for (const count of [3, 500, 999, 1000, 2000]) {
      const drawn = session.call(['SRANDMEMBER', 's', String(count)]) as string[];
      assert.equal(new Set(drawn).size, Math.min(count, 1000));
      assert.ok(drawn.every((member) => members.includes(member)));
    }
    const repeated = session.call(['SRANDMEMBER', 's', '-3000']) as string[];
    assert.equal(repeated.length, 3000);
    assert.ok(new Set(repeated).size > 800 && new Set(repeated).size < 1000);
  });

  it('SSCAN from 0 to 0 returns every member that stays, whatever comes and goes between the calls', () => {
    const { session } = connect();
    const members = Array.from({ length: 2000 }, (_, i) => `m${i}`);
    session.call(['SADD', 's', ...members]);
    const seen = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const [next, found] = session.call(['SSCAN', 's', cursor]) as [string, string[]];
      for (const member of found) seen.add(member);
      session.call(['SADD', 's', ...Array.from({ length: 20 }, (_, i) => `new${round}:${i}`)]);
      session.call(['SREM', 's', `m${1000 + round}`]);
      round++;
      cursor = next;
    } while (cursor !== '0');
    assert.deepEqual(
      members.slice(0, 1000).filter((member) => !seen.has(member)),
      [],
    );
  });
});
