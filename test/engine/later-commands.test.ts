/** What Redis 8.2 and 8.4 have brought, as their documentation tells it: there is no server to compare with. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { ErrorReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { open } from '../../src/index.js';
import { parseReply, plain } from '../support/resp-client.js';
import { collectingSink, encoded, words } from '../support/side-by-side.js';

const start = (serverVersion: '8.0' | '8.2' | '8.4' = '8.4') => {
  const clock = new ManualClock(1_000_000);
  const engine = new Engine({ seed: 3, serverVersion, clock });
  const session = engine.connect(collectingSink([]));
  const reply = (line: string) => session.call(words(line));
  return { engine, clock, reply, call: (line: string) => plain(parseReply(encoded(reply(line), 2)).node) };
};

const errorOf = (reply: unknown): string => {
  assert.ok(reply instanceof ErrorReply, `no error but ${String(reply)}`);
  return reply.text;
};

/** A stream of three entries that two groups have read, one of them has acknowledged the second. */
function readStream() {
  const server = start();
  for (const id of ['1-0', '2-0', '3-0']) server.call(`XADD s ${id} f v`);
  for (const group of ['g1', 'g2']) {
    server.call(`XGROUP CREATE s ${group} 0`);
    server.call(`XREADGROUP GROUP ${group} c STREAMS s >`);
  }
  assert.equal(server.call('XACK s g2 2-0'), 1);
  return server;
}

describe('XDELEX and XACKDEL', () => {
  it('KEEPREF deletes and leaves what is pending', () => {
    const { call } = readStream();
    assert.deepEqual(call('XDELEX s IDS 2 1-0 9-0'), [1, -1]);
    assert.equal(call('XLEN s'), 2);
    assert.equal((call('XPENDING s g1') as unknown[])[0], 3);
    assert.deepEqual(call('XACKDEL s g1 KEEPREF IDS 1 2-0'), [1]);
    assert.equal((call('XPENDING s g1') as unknown[])[0], 2);
  });

  it('DELREF also takes it from what all groups have pending', () => {
    const { call } = readStream();
    assert.deepEqual(call('XDELEX s DELREF IDS 1 1-0'), [1]);
    assert.equal((call('XPENDING s g1') as unknown[])[0], 2);
    assert.equal((call('XPENDING s g2') as unknown[])[0], 1);
    assert.deepEqual(call('XACKDEL s g1 IDS 1 3-0 DELREF'), [1]);
    assert.equal((call('XPENDING s g2') as unknown[])[0], 0);
  });

  it('ACKED deletes what every group has read and acknowledged', () => {
    const { call } = readStream();
    assert.deepEqual(call('XDELEX s ACKED IDS 3 1-0 2-0 9-9'), [2, 2, -1]);
    assert.deepEqual(call('XACKDEL s g1 ACKED IDS 2 1-0 2-0'), [2, 1]);
    assert.deepEqual(call('XACKDEL s g2 ACKED IDS 2 1-0 2-0'), [1, -1]);
    assert.equal(call('XLEN s'), 1);
  });

  it('answers −1 for each id of an absent stream, and refuses wrong counts', () => {
    const { call, reply } = start();
    assert.deepEqual(call('XDELEX none IDS 2 1-0 2-0'), [-1, -1]);
    assert.deepEqual(call('XACKDEL none g IDS 1 1-0'), [-1]);
    for (const line of ['XDELEX s IDS 3 1-0 2-0', 'XDELEX s IDS 0 1-0', 'XDELEX s 1-0 2-0 3-0', 'XDELEX s IDS 1 x'])
      errorOf(reply(line));
    call('SET s 1');
    assert.match(errorOf(reply('XDELEX s IDS 1 1-0')), /^WRONGTYPE/);
  });

  it('XTRIM and XADD take the same words', () => {
    const acked = readStream();
    acked.call('XACK s g1 2-0');
    assert.equal(acked.call('XTRIM s MAXLEN = 0 ACKED'), 1);
    assert.deepEqual(
      (acked.call('XRANGE s - +') as string[][]).map(([id]) => id),
      ['1-0', '3-0'],
    );
    const dropped = readStream();
    assert.equal(dropped.call('XADD s MINID 3-0 DELREF 4-0 f v'), '4-0');
    assert.equal((dropped.call('XPENDING s g1') as unknown[])[0], 1);
    const kept = readStream();
    assert.equal(kept.call('XTRIM s MAXLEN 1 KEEPREF'), 2);
    assert.equal((kept.call('XPENDING s g1') as unknown[])[0], 3);
    assert.match(errorOf(kept.reply('XTRIM s MAXLEN 1 KEEPREF ACKED')), /^ERR syntax/);
    assert.match(errorOf(start('8.0').reply('XTRIM s MAXLEN 1 KEEPREF')), /^ERR syntax/);
  });
});

describe('comparing before writing', () => {
  it('DIGEST is the XXH3 hash', () => {
    const { call, reply } = start();
    const cases = [
      ['', '2d06800538d394c2'],
      ['Hello world', 'b6acb9d84a38ff74'],
    ] as const;
    for (const [text, digest] of cases) {
      call(`SET k ${JSON.stringify(text)}`);
      assert.equal(call('DIGEST k'), digest);
    }
    assert.equal(call('DIGEST none'), null);
    call('RPUSH l 1');
    assert.match(errorOf(reply('DIGEST l')), /^WRONGTYPE/);
  });

  it('SET and DELEX act on equal and on other strings and digests', () => {
    const { call, reply } = start();
    call('SET k "Hello world"');
    assert.equal(call('SET k x IFNE "Hello world"'), null);
    assert.equal(call('SET k x IFDNE b6acb9d84a38ff74'), null);
    assert.equal(call('SET k x IFDEQ 0000000000000000'), null);
    assert.equal(call('SET k next IFDEQ B6ACB9D84A38FF74 GET'), 'Hello world');
    assert.equal(call('SET k last IFNE other'), 'OK');
    assert.equal(call('SET none x IFEQ y'), null);
    assert.equal(call('SET none x IFDEQ b6acb9d84a38ff74'), null);
    assert.equal(call('SET new x IFNE y'), 'OK');
    assert.equal(call('DELEX k IFEQ x'), 0);
    assert.equal(call('DELEX k IFNE last'), 0);
    assert.equal(call('DELEX k IFEQ last'), 1);
    assert.equal(call('DELEX k IFNE last'), 0);
    assert.equal(call('DELEX new'), 1);
    call('RPUSH l 1');
    assert.match(errorOf(reply('DELEX l IFEQ 1')), /^WRONGTYPE/);
    assert.equal(call('DELEX l'), 1);
    for (const line of ['SET k x IFDEQ 12', 'SET k x IFEQ a IFNE b', 'DELEX k IFEQ a IFEQ b', 'SET k x NX IFNE a'])
      errorOf(reply(line));
    assert.match(errorOf(start('8.2').reply('SET k x IFEQ a')), /^ERR syntax/);
  });

  it('MSETEX sets all or none, with one time to live', () => {
    const { call, reply } = start();
    assert.equal(call('MSETEX 2 a 1 b 2 EX 100'), 1);
    assert.deepEqual(call('MGET a b'), ['1', '2']);
    assert.equal(call('TTL b'), 100);
    assert.equal(call('MSETEX 2 b 3 c 4 NX'), 0);
    assert.equal(call('MSETEX 2 b 3 c 4 XX'), 0);
    assert.equal(call('MSETEX 2 a 3 b 4 XX KEEPTTL'), 1);
    assert.equal(call('TTL a'), 100);
    assert.equal(call('MSETEX 1 a EX'), 1);
    assert.equal(call('TTL a'), -1);
    for (const line of ['MSETEX 0 a 1', 'MSETEX 3 a 1 b 2', 'MSETEX 1 a 1 NX XX', 'MSETEX 1 a 1 EX 0', 'MSETEX x a 1'])
      errorOf(reply(line));
    assert.deepEqual(call('COMMAND GETKEYS MSETEX 2 a 1 b 2 EX 100'), ['a', 'b']);
  });
});

describe('XREADGROUP CLAIM', () => {
  it('takes over what is pending for long enough, then what is new', () => {
    const { call, clock } = start();
    for (const id of ['1-0', '2-0', '3-0']) call(`XADD s ${id} f v`);
    call('XGROUP CREATE s g 0');
    call('XREADGROUP GROUP g old COUNT 1 STREAMS s >');
    clock.advance(500);
    call('XREADGROUP GROUP g old COUNT 1 STREAMS s >');
    clock.advance(700);
    const entry = (id: string, idle: number, deliveries: number) => [id, ['f', 'v'], idle, deliveries];
    assert.deepEqual(call('XREADGROUP GROUP g new CLAIM 1000 STREAMS s >'), [
      ['s', [entry('1-0', 1200, 1), entry('3-0', 0, 0)]],
    ]);
    assert.deepEqual(call('XREADGROUP GROUP g new COUNT 1 CLAIM 600 STREAMS s >'), [['s', [entry('2-0', 700, 1)]]]);
    assert.equal(call('XREADGROUP GROUP g new CLAIM 600 STREAMS s >'), null);
    assert.deepEqual((call('XPENDING s g') as unknown[])[3], [['new', '3']]);
  });
});

it('the façade has them', async () => {
  await using db = open('memory:');
  assert.equal(await db.msetex({ a: '1', b: '2' }, { ex: 60 }), true);
  assert.equal(await db.delex('a', { ifEq: '2' }), false);
  assert.equal(await db.delex('a', { ifDigestEq: (await db.digest('a'))! }), true);
  await db.xadd('s', '1-0', { f: 'v' });
  await db.xgroupCreate('s', 'g', '0');
  assert.deepEqual(await db.xreadgroup('g', 'c', { s: '>' }, { claim: 0 }), {
    s: [{ id: '1-0', fields: { f: 'v' }, idle: 0, deliveries: 0 }],
  });
  assert.deepEqual(await db.xackdel('s', 'g', ['1-0'], { acked: true }), [1]);
  assert.deepEqual(await db.xdelex('s', '1-0'), [-1]);
});
