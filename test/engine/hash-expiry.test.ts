import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Engine } from '../../src/engine/engine.js';
import { requireNewer, startNewer } from '../support/redis.js';
import { collectingSink, SideBySide, words } from '../support/side-by-side.js';

/** Ends lie this far ahead, so that both servers see them as one. */
const far = String(Date.now() + 3_600_000);
const farther = String(Date.now() + 7_200_000);

const cases: readonly (readonly [title: string, ...lines: string[]])[] = [
  [
    'the end of a field',
    'HSET h a 1 b 2 c 3',
    `HPEXPIREAT h ${far} FIELDS 2 a b`,
    'HPEXPIRETIME h FIELDS 4 a b c d',
    'HEXPIRETIME h FIELDS 4 a b c d',
    'HTTL none FIELDS 2 a b',
    'OBJECT ENCODING h',
    'HPERSIST h FIELDS 4 a b c d',
    'HPERSIST h FIELDS 1 a',
    'OBJECT ENCODING h',
    'HLEN h',
  ],
  [
    'conditions',
    'HSET h a 1 b 2',
    `HPEXPIREAT h ${far} XX FIELDS 2 a b`,
    `HPEXPIREAT h ${far} GT FIELDS 2 a b`,
    `HPEXPIREAT h ${far} LT FIELDS 1 a`,
    `HPEXPIREAT h ${far} NX FIELDS 2 a b`,
    `HPEXPIREAT h ${far} GT FIELDS 2 a b`,
    `HPEXPIREAT h ${farther} LT FIELDS 2 a b`,
    `HPEXPIREAT h ${farther} gt fields 2 a b`,
    `HPEXPIREAT h ${far} LT FIELDS 2 a b`,
    `HPEXPIREAT h ${farther} XX FIELDS 3 a b c`,
    'HPEXPIRETIME h FIELDS 2 a b',
  ],
  [
    'an end in the past',
    'HSET h a 1 b 2',
    'HEXPIREAT h 1 FIELDS 2 a none',
    'HGETALL h',
    'HPEXPIRE h 0 FIELDS 1 b',
    'EXISTS h',
    'HEXPIRE h 0 FIELDS 1 b',
  ],
  [
    'a field keeps or loses its end',
    'HSET h a 1 b 2 c 3 d 4',
    `HPEXPIREAT h ${far} FIELDS 4 a b c d`,
    'HSET h a x',
    'HINCRBY h b 5',
    'HINCRBYFLOAT h c 0.5',
    'HSETNX h d 9',
    'HMSET h d 9',
    'HPEXPIRETIME h FIELDS 4 a b c d',
    'HDEL h b',
    'HSET h b 1',
    'HPEXPIRETIME h FIELDS 4 a b c d',
  ],
  [
    'copies and renamed hashes keep the ends',
    'HSET h a 1 b 2',
    `HPEXPIREAT h ${far} FIELDS 1 a`,
    'COPY h i',
    'RENAME h j',
    'HPEXPIRETIME i FIELDS 2 a b',
    'HPEXPIRETIME j FIELDS 2 a b',
    'OBJECT ENCODING i',
    'OBJECT ENCODING j',
    'DEBUG DIGEST-VALUE i j',
  ],
  [
    'HGETEX',
    'HSET h a 1 b 2',
    'HGETEX h FIELDS 3 a b c',
    `HGETEX h PXAT ${far} FIELDS 3 a b c`,
    'HPEXPIRETIME h FIELDS 2 a b',
    'HGETEX h PERSIST FIELDS 2 a c',
    'HGETEX h PERSIST FIELDS 1 a',
    'HPEXPIRETIME h FIELDS 2 a b',
    'HGETEX h EXAT 1 FIELDS 2 a b',
    'EXISTS h',
    'HGETEX none EX 10 FIELDS 1 a',
  ],
  [
    'HSETEX',
    `HSETEX h PXAT ${far} FIELDS 2 a 1 b 2`,
    'HPEXPIRETIME h FIELDS 2 a b',
    'HSETEX h FNX FIELDS 2 a 3 c 4',
    'HSETEX h FXX FIELDS 2 a 3 c 4',
    'HSETEX h FXX KEEPTTL FIELDS 1 a 3',
    'HPEXPIRETIME h FIELDS 2 a b',
    'HSETEX h FXX FIELDS 1 b 5',
    'HPEXPIRETIME h FIELDS 2 a b',
    'HSETEX h FNX FIELDS 1 c 5',
    'HGETALL h',
    'HSETEX none FXX FIELDS 1 a 1',
    'EXISTS none',
    'HSETEX i EXAT 1 FIELDS 1 a 1',
    'EXISTS i',
  ],
  [
    'HGETDEL',
    'HSET h a 1 b 2 c 3',
    `HPEXPIREAT h ${far} FIELDS 1 a`,
    'HGETDEL h FIELDS 2 a none',
    'HGETDEL h FIELDS 1 a',
    'HGETDEL h FIELDS 3 b b c',
    'EXISTS h',
    'HGETDEL none FIELDS 1 a',
  ],
  [
    'errors',
    'SET s 1',
    'HSET h a 1',
    'HEXPIRE s x FIELDS 1 a',
    'HEXPIRE h x FIELDS 1 a',
    'HEXPIRE h -1 FIELDS 1 a',
    'HEXPIRE h 99999999999999 FIELDS 1 a',
    'HPEXPIREAT h 70368744177664 FIELDS 1 a',
    'HEXPIRE h 10 FIELD 1 a',
    'HEXPIRE h 10 NX XX FIELDS 1 a',
    'HEXPIRE h 10 NX FIELDS 0 a',
    'HEXPIRE h 10 FIELDS x a',
    'HEXPIRE h 10 FIELDS 2 a',
    'HEXPIRE h 10 FIELDS 1 a b',
    'HEXPIRE h 10 FIELDS 1',
    'HEXPIRE none 10 FIELDS 0 a',
    'HEXPIRE none 10 FIELDS 2 a b',
    'HTTL s FIELDS 1 a',
    'HTTL h FIELDS 0 a',
    'HTTL h FIELD 1 a',
    'HTTL h FIELDS 2 a',
    'HPERSIST s FIELDS 1 a',
    'HPERSIST h FIELDS 0 a',
    'HGETEX s FIELDS 1 a',
    'HGETEX h EX x FIELDS 1 a',
    'HGETEX h EX -1 FIELDS 1 a',
    'HGETEX h EX 99999999999999 FIELDS 1 a',
    'HGETEX h EX 1 PX 1 FIELDS 1 a',
    'HGETEX h FIELDS 0 a',
    'HGETEX h FIELDS 2 a',
    'HGETDEL s FIELDS 1 a',
    'HGETDEL h FIELD 1 a',
    'HGETDEL h FIELDS 0 a',
    'HGETDEL h FIELDS 2 a',
    'HSETEX s FIELDS 1 a 1',
    'HSETEX h EX 10 PX 10 FIELDS 1 a 1',
    'HSETEX h EX 10 KEEPTTL FIELDS 1 a 1',
    'HSETEX h FNX FXX FIELDS 1 a 1',
    'HSETEX h FNX FNX FIELDS 1 a 1',
    'HTTL h FIELDS 9223372036854775807 a',
    'HSETEX h EX x FIELDS 1 a 1',
    'HSETEX h EX -1 FIELDS 1 a 1',
    'HSETEX h EX 99999999999999 FIELDS 1 a 1',
    'HSETEX h NX FIELDS 1 a 1',
    'HSETEX h FIELDS 0 a 1',
    'HSETEX h FIELDS 2 a 1',
    'HSETEX h FIELDS 1 a 1 b',
    'HSETEX h FNX FIELDS 1 a',
    'HSETEX h FIELDS x a 1',
  ],
  [
    'a large hash',
    `HSET h ${Array.from({ length: 600 }, (_, i) => `f${i} ${i}`).join(' ')}`,
    `HPEXPIREAT h ${far} FIELDS 3 f1 f2 none`,
    'OBJECT ENCODING h',
    'HPEXPIRETIME h FIELDS 3 f1 f2 f3',
    'HGETDEL h FIELDS 2 f1 f3',
    'COPY h i',
    'HPEXPIRETIME i FIELDS 3 f1 f2 f3',
    'DEBUG DIGEST-VALUE h i',
  ],
];

describe('fields that end, as Redis 8.0 has them', () => {
  let both: SideBySide | null = null;
  before(async (t) => {
    if (await requireNewer(t as never)) both = await SideBySide.start(await startNewer(), '8.0');
  });
  after(() => both?.stop());

  for (const [title, ...lines] of cases) {
    for (const protocol of [2, 3] as const) {
      it(`${title} (RESP${protocol})`, async (t) => {
        if (both === null) return t.skip('no redis-server 8.0 in the cache');
        await both.begin(protocol, [], (engine) => {
          engine.settings.enableDebugCommand = 'yes';
        });
        for (const line of lines) await both.same(words(line), line.startsWith('HGETALL') ? 'pairs' : 'exact');
        await both.sameState();
      });
    }
  }

  it('DUMP goes both ways', async (t) => {
    if (both === null) return t.skip('no redis-server 8.0 in the cache');
    for (const size of [3, 700]) {
      await both.begin(3);
      const fields = Array.from({ length: size }, (_, i) => [`f${i}`, `${i}`]).flat();
      for (const argv of [
        ['HSET', 'h', ...fields],
        ['HPEXPIREAT', 'h', far, 'FIELDS', '1', 'f1'],
        ['HPEXPIREAT', 'h', farther, 'FIELDS', '1', 'f0'],
      ]) {
        await both.same(argv);
      }
      const ours = both.session.call(['DUMP', 'h']) as string;
      const theirs = (await both.real.send('DUMP', 'h')).node.text!;
      assert.equal((await both.real.send('RESTORE', 'from-us', '0', ours)).node.text, 'OK');
      const restored = both.session.call(['RESTORE', 'from-them', '0', theirs]);
      assert.equal((restored as { text: string }).text, 'OK');
      const question = ['FIELDS', '3', 'f0', 'f1', 'f2'];
      const { node } = await both.real.send('HPEXPIRETIME', 'from-us', ...question);
      const wanted = [Number(farther), Number(far), -1];
      assert.deepEqual(
        node.items!.map(({ text }) => Number(text)),
        wanted,
      );
      assert.deepEqual(both.session.call(['HPEXPIRETIME', 'from-them', ...question]), wanted);
    }
  });
});

describe('fields that end', () => {
  const start = () => {
    const clock = new ManualClock(1_000_000);
    const engine = new Engine({ seed: 3, clock, serverVersion: '8.0' });
    const session = engine.connect(collectingSink([]));
    const told: string[] = [];
    engine.effects = (_db, argv) => told.push(argv.join(' '));
    return { clock, engine, told, call: (line: string) => session.call(words(line)) };
  };

  it('are gone for every reader once their time is over, and copies are told', () => {
    const { clock, told, call } = start();
    call('HSET h a 1 b 2');
    call('HEXPIRE h 10 FIELDS 1 a');
    clock.advance(10_001);
    assert.equal(call('HGET h a'), null);
    assert.equal(call('HLEN h'), 1);
    assert.deepEqual(told, ['HSET h a 1 b 2', 'HPEXPIREAT h 1010000 FIELDS 1 a', 'HDEL h a']);
  });

  it('take the hash along when they were its last', () => {
    const { clock, call } = start();
    call('HSET h a 1');
    call('HPEXPIRE h 5 FIELDS 1 a');
    clock.advance(6);
    assert.deepEqual(call('HKEYS h'), []);
    assert.equal(call('EXISTS h'), 0);
    assert.equal(call('HSET h a 2'), 1);
    assert.deepEqual(call('HTTL h FIELDS 1 a'), [-1]);
  });

  it('go in the background too', () => {
    const { clock, engine, call } = start();
    for (let i = 0; i < 50; i++) {
      call(`HSET h${i} a 1 b 2`);
      call(`HPEXPIRE h${i} ${i + 1} FIELDS 1 a`);
    }
    call('HPEXPIRE h0 2 FIELDS 1 b');
    clock.advance(1000);
    for (let round = 0; round < 10; round++) engine.cron();
    assert.equal(engine.stats.expiredSubkeys, 51);
    assert.equal(engine.databases[0]!.size, 49);
    assert.equal(engine.databases[0]!.keyspace.timedHashes.size, 0);
  });

  it('are hidden while clients are paused, and gone afterwards', () => {
    const { clock, engine, call } = start();
    call('HSET h a 1 b 2');
    call('HPEXPIRE h 5 FIELDS 1 a');
    call('CLIENT PAUSE 100 WRITE');
    clock.advance(6);
    assert.equal(call('HGET h a'), null);
    assert.equal(call('HLEN h'), 1);
    assert.equal(engine.stats.expiredSubkeys, 0);
    clock.advance(200);
    engine.cron();
    assert.equal(call('HLEN h'), 1);
    assert.equal(engine.stats.expiredSubkeys, 1);
  });

  it('have the ends they had in a fork, which goes its own way', () => {
    const { clock, engine, call } = start();
    call('HSET h a 1 b 2');
    call('HPEXPIRE h 50 FIELDS 1 a');
    const fork = engine.fork({ clock });
    const there = fork.connect(collectingSink([]));
    there.call(words('HPERSIST h FIELDS 1 a'));
    clock.advance(60);
    assert.equal(call('HLEN h'), 1);
    assert.equal(there.call(words('HLEN h')), 2);
  });

  it('give their memory back', () => {
    const { engine, call } = start();
    const before = engine.meter.used;
    for (let i = 0; i < 300; i++) call(`HSETEX h PX 100000 FIELDS 1 f${i} ${i}`);
    for (let i = 0; i < 300; i++) call(`HPEXPIRE h ${200_000 + i} FIELDS 1 f${i}`);
    call('COPY h i');
    call('DEL h i');
    assert.ok(engine.meter.used - before < 4096);
  });
});
