import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Request } from '../../src/backend/backend.js';
import { Caching } from '../../src/client/caching.js';
import { commands } from '../../src/commands/table.js';
import { ErrorReply, PushReply, type Reply } from '../../src/core/reply.js';
import { type BackendStats, DataError, jsonCodec, type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { startRedis } from '../support/redis.js';
import { startOwn } from '../support/stages.js';
import { until } from '../support/until.js';

const GET = (key: string): Request => ({ spec: commands.get, argv: ['GET', key] });
const changed = (...keys: string[]): PushReply => new PushReply(['invalidate', keys]);

/** A read that is answered when the test says so. */
function slowRead(
  cache: Caching,
  key: string,
): { reply: Promise<Reply>; answer(reply: Reply): Promise<void>; sent: boolean } {
  let answer: (reply: Reply) => void = () => undefined;
  let sent = false;
  const reply = cache.read(GET(key), {}, () => {
    sent = true;
    return new Promise((resolve) => {
      answer = resolve;
    });
  })!;
  return {
    sent,
    reply,
    answer: async (given) => {
      answer(given);
      await reply;
    },
  };
}

describe('a read that is overtaken', () => {
  for (const [title, overtake] of [
    ['by a change', (cache) => cache.push(changed('other', 'k'))],
    ['by a change of everything', (cache) => cache.push(new PushReply(['invalidate', null]))],
    ['by a write of its own client', (cache) => cache.wrote({ spec: commands.set, argv: ['SET', 'k', 'v'] })],
    ['by another database', (cache) => cache.wrote({ spec: commands.select, argv: ['SELECT', '1'] })],
    [
      'by the loss of its connection',
      (cache) => {
        cache.left();
        cache.opened(true);
      },
    ],
  ] as const satisfies [string, (cache: Caching) => void][]) {
    it(`${title} answers those who asked before, and is not kept`, async () => {
      const cache = new Caching({});
      cache.opened(true);
      const first = slowRead(cache, 'k');
      const joined = slowRead(cache, 'k');
      overtake(cache);
      const later = slowRead(cache, 'k');
      assert.deepEqual([first.sent, joined.sent, later.sent], [true, false, true]);
      await first.answer('old');
      assert.equal(await joined.reply, 'old');
      const third = slowRead(cache, 'k');
      assert.equal(third.sent, false, 'joins the later one');
      await later.answer('new');
      assert.equal(await third.reply, 'new');
      const kept = slowRead(cache, 'k');
      assert.deepEqual([kept.sent, await kept.reply], [false, 'new']);
      assert.equal((cache.stats as Record<string, number>).discarded, 1);
    });
  }

  it('by nothing is kept, errors and absent values as they should be', async () => {
    const cache = new Caching({});
    const early = cache.read(GET('k'), {}, async () => 'x');
    assert.equal(early, null, 'nothing is kept before a connection tracks');
    cache.opened(true);
    await slowRead(cache, 'a').answer(null);
    assert.equal(slowRead(cache, 'a').sent, false);
    await slowRead(cache, 'b').answer(new ErrorReply('ERR no'));
    assert.equal(slowRead(cache, 'b').sent, true);
    await assert.rejects(cache.read(GET('c'), {}, () => Promise.reject(new RangeError('lost')))!, RangeError);
    assert.equal(slowRead(cache, 'c').sent, true);
  });
});

/** What a server tells of changes is its own. */
describe('client-side caching over our own server', () => caching(startOwn));
if ((await findRedis()) !== null) describe('client-side caching over a real redis-server', () => caching(startRedis));

function caching(start: () => Promise<{ url: string; stop(): Promise<void> }>): void {
  let server: { url: string; stop(): Promise<void> };
  let other: Redis;
  const opened: Redis[] = [];
  /** A client that is connected: what is read before that is not kept. */
  const client = async (options: OpenOptions): Promise<Redis> => {
    const db = open(server.url, options);
    opened.push(db);
    await db.connect();
    return db;
  };
  const stats = (db: Redis): Record<string, number> =>
    (db.stats() as { cache: BackendStats }).cache as Record<string, number>;

  before(async () => {
    server = await start();
    other = open(server.url);
  });
  beforeEach(() => other.flushall());
  after(async () => {
    for (const db of [...opened, other]) db.destroy();
    await server.stop();
  });

  it('answers a read from memory until another client changes the key', async () => {
    const db = await client({ cache: true });
    await other.set('a', '1');
    assert.equal(await db.get('a'), '1');
    const asked = (await other.info({ sections: ['commandstats'] })) as unknown;
    for (let i = 0; i < 10; i++) assert.equal(await db.get('a'), '1');
    assert.equal(gets(await other.info({ sections: ['commandstats'] })), gets(asked), 'the server was not asked');
    assert.deepEqual([stats(db).hits, stats(db).misses, stats(db).entries], [10, 1, 1]);
    await other.set('a', '2');
    await until(async () => (await db.get('a')) === '2');
    assert.ok(stats(db).invalidations! >= 1);
  });

  it('keeps reads of all kinds by the table, and nothing else', async () => {
    const db = await client({ cache: {} });
    await other.hset('h', { f: 'v' });
    await other.rpush('l', 'x');
    await other.sadd('s', 'm');
    const reads = (): Promise<unknown>[] => [
      db.hgetall('h'),
      db.lrange('l', 0, -1),
      db.smembers('s'),
      db.mget('none', 'nor this'),
      db.exists('h'),
      db.get('none'),
    ];
    const first = await Promise.all(reads());
    assert.deepEqual(first, [{ f: 'v' }, ['x'], ['m'], [null, null], 1, null]);
    assert.deepEqual(await Promise.all(reads()), first);
    assert.deepEqual([stats(db).hits, stats(db).entries], [6, 6]);
    for (let i = 0; i < 2; i++) {
      await db.ttl('h');
      await db.srandmember('s');
      await db.ping();
      await db.keys('*');
      await db.sortRo('l', { by: 'w_*', alpha: true });
      await db.evalRo("return redis.call('get', KEYS[1])", ['none']);
      await assert.rejects(db.get('h'), /WRONGTYPE/);
    }
    assert.deepEqual([stats(db).hits, stats(db).entries], [6, 6]);
  });

  it('sees its own writes at once, however they are made', async () => {
    const db = await client({ cache: true });
    const writes: (() => Promise<unknown>)[] = [
      () => db.set('k', '1'),
      () => db.pipeline().set('k', '2').exec(),
      () => db.multi().set('k', '3').exec(),
      () => db.transaction((watched) => watched.multi().set('k', '4').exec(), 'k'),
      () => db.eval("return redis.call('set', KEYS[1], '5')", ['k']),
      () => db.mset({ k: '6' }),
      () => db.rename('other', 'k'),
      () => db.flushdb(),
    ];
    for (const [i, write] of writes.entries()) {
      await other.set('other', '7');
      await db.get('k');
      await db.get('k');
      await write();
      assert.equal(await db.get('k'), i === 7 ? null : String(i + 1));
    }
    await db.set('q', 'old');
    await db.get('q');
    const [, seen] = await Promise.all([db.set('q', 'new'), db.get('q')]);
    assert.equal(seen, 'new');
  });

  it('shares reads under way', async () => {
    const db = await client({ cache: true });
    await other.set('k', 'v');
    assert.deepEqual(await Promise.all([db.get('k'), db.get('k'), db.get('k')]), ['v', 'v', 'v']);
    assert.deepEqual([stats(db).misses, stats(db).coalesced], [1, 2]);
    const patient = db.with({ timeout: 60_000 });
    await other.set('k', 'w');
    await until(() => stats(db).entries === 0);
    await Promise.all([db.get('k'), patient.get('k'), db.with({ signal: new AbortController().signal }).get('k')]);
    assert.equal(stats(db).coalesced, 2, 'who has another deadline or a signal reads for himself');
  });

  it('forgets everything when the connection is lost', async () => {
    const db = await client({ cache: true });
    await other.set('k', '1');
    await db.get('k');
    assert.equal(stats(db).entries, 1);
    const gone = new Promise<void>((resolve) => {
      db.on('close', () => resolve());
    });
    await other.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await gone;
    assert.equal(stats(db).entries, 0);
    await other.set('k', '2');
    assert.equal(await db.get('k'), '2');
    await until(async () => {
      await db.get('k');
      return stats(db).entries === 1;
    });
    await other.set('k', '3');
    await until(async () => (await db.get('k')) === '3');
  });

  it('in broadcast mode hears of the keys with its prefixes, and keeps those alone', async () => {
    const db = await client({ cache: { mode: 'broadcast', prefixes: ['a:', 'b:'] } });
    await other.mset({ 'a:1': 'x', 'c:1': 'y' });
    await until(() => stats(db).invalidations! >= 1);
    for (let i = 0; i < 3; i++) assert.deepEqual(await Promise.all([db.get('a:1'), db.get('c:1')]), ['x', 'y']);
    assert.deepEqual([stats(db).entries, stats(db).hits], [1, 2]);
    await other.set('a:1', 'z');
    await until(async () => (await db.get('a:1')) === 'z');
    await other.flushall();
    await until(async () => (await db.get('a:1')) === null);
    await assert.rejects(client({ cache: { prefixes: ['x'] } }), DataError);
  });

  it('is bounded: by entries, by bytes, by time', async () => {
    const db = await client({ cache: { entriesMax: 10 } });
    for (let i = 0; i < 30; i++) await db.get(`k${i}`);
    assert.deepEqual([stats(db).entries, stats(db).evictions], [10, 20]);
    await db.get('k20');
    await db.get('new');
    await db.get('k20');
    assert.equal(stats(db).hits, 2, 'what was used last stays');
    const small = await client({ cache: { bytesMax: 5000 } });
    await other.mset({
      big: 'x'.repeat(10_000),
      medium: 'x'.repeat(2000),
      medium2: 'x'.repeat(2000),
      medium3: 'x'.repeat(2000),
    });
    for (const key of ['big', 'medium', 'medium2', 'medium3']) await small.get(key);
    assert.equal(stats(small).entries, 2);
    assert.ok(stats(small).bytes! <= 5000);
    const brief = await client({ cache: { ttl: 30 } });
    await brief.get('big');
    await until(async () => {
      await brief.get('big');
      return stats(brief).misses! > 1;
    });
  });

  it('works through views: prefix, codec, bytes', async () => {
    const db = await client({ cache: true });
    const view = db.with({ prefix: 'p:', codec: jsonCodec<{ n: number }>() });
    await view.set('k', { n: 1 });
    const first = await view.get('k');
    first!.n = 99;
    assert.deepEqual(await view.get('k'), { n: 1 });
    assert.deepEqual(await db.with({ as: 'bytes' }).get('p:k'), new TextEncoder().encode('{"n":1}'));
    assert.equal(stats(db).hits, 2);
    await other.set('p:k', '{"n":2}');
    await until(async () => (await view.get('k'))?.n === 2);
  });

  it('keeps nothing where the server does not track, and refuses what cannot be', async () => {
    await assert.rejects(client({ cache: true, protocol: 2 }), DataError);
    await assert.rejects(client({ cache: { entriesMax: -1 } }), DataError);
    await other.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '+@all', '-client|tracking');
    const db = open(server.url.replace('://', '://plain:secret@'), { cache: true });
    opened.push(db);
    await db.connect();
    for (let i = 0; i < 3; i++) assert.equal(await db.get('k'), null);
    assert.deepEqual([stats(db).active, stats(db).entries], [false, 0]);
  });

  it('never keeps an old value: many writers, many readers', async () => {
    const db = await client({ cache: true });
    const keys = ['r0', 'r1', 'r2', 'r3'];
    const written = new Map<string, number>();
    let writing = true;
    const writer = (async () => {
      for (let round = 1; round <= 100; round++) {
        for (const key of keys) {
          await other.set(key, String(round));
          written.set(key, round);
        }
      }
      writing = false;
    })();
    let reads = 0;
    const reader = async (key: string): Promise<void> => {
      let last = 0;
      while (writing) {
        const value = Number((await db.get(key)) ?? 0);
        assert.ok(value >= last, `${key} went back from ${last} to ${value}`);
        last = value;
        if (++reads % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await until(async () => Number(await db.get(key)) === 100);
    };
    await Promise.all([writer, ...keys.flatMap((key) => [reader(key), reader(key)])]);
    assert.equal(written.size, 4);
    assert.ok(stats(db).hits! > 0 && stats(db).invalidations! > 0);
  });
}

/** How often GET was carried out by the server. */
function gets(info: unknown): number {
  return Number(/cmdstat_get\W+calls\D+(\d+)/.exec(JSON.stringify(info))?.[1] ?? 0);
}
