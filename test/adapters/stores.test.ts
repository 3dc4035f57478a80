import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createCache } from 'cache-manager';
import session from 'express-session';
import { Keyv } from 'keyv';
import { KeyvStore, sessionStore } from '../../src/adapters/index.js';
import { Redis } from '../../src/backend/facade.js';
import { embedded } from '../../src/embedded.js';
import { startServer } from '../../src/testing/index.js';

describe('the Keyv store', () => {
  test('gets, sets, expires, iterates and clears its namespace only', async () => {
    await using server = await startServer({ clock: 'manual' });
    const { db, sync } = server;
    const keyv = new Keyv({ store: new KeyvStore(db, { prefix: 'app:' }), namespace: 'cache' });
    const other = new Keyv({ store: new KeyvStore(db), namespace: 'other' });
    await keyv.set('a', { deep: [1, 'zwei'] });
    await keyv.set('b', 2, 60_000);
    await keyv.setMany([
      { key: 'c', value: 3 },
      { key: 'd*', value: 'star', ttl: 60_000 },
    ]);
    await other.set('a', 'stays');
    assert.deepEqual(sync.keys('*').sort(), ['app:cache:a', 'app:cache:b', 'app:cache:c', 'app:cache:d*', 'other:a']);
    assert.deepEqual(await keyv.get('a'), { deep: [1, 'zwei'] });
    assert.deepEqual(await keyv.get(['a', 'b', 'x']), [{ deep: [1, 'zwei'] }, 2, undefined]);
    assert.equal(sync.pttl('app:cache:b'), 60_000);
    assert.equal(sync.pttl('app:cache:a'), -1);
    assert.deepEqual([await keyv.has('c'), await keyv.has('x')], [true, false]);
    const seen: unknown[] = [];
    for await (const [key, value] of keyv.iterator!(undefined)) seen.push([key, value]);
    assert.deepEqual(seen.map((entry) => (entry as unknown[])[0]).sort(), ['a', 'b', 'c', 'd*']);
    server.clock.advance(60_001);
    assert.equal(sync.exists('app:cache:b'), 0);
    assert.equal(await keyv.delete('c'), true);
    assert.equal(await keyv.delete('c'), false);
    await keyv.clear();
    assert.deepEqual(sync.keys('*'), ['other:a']);
    assert.equal(await other.get('a'), 'stays');
  });

  test('serves cache-manager', async () => {
    const { async: db, sync, close } = embedded();
    const cache = createCache({ stores: [new Keyv({ store: new KeyvStore(db) })], ttl: 60_000 });
    let made = 0;
    const value = (): Promise<{ n: number }> => cache.wrap('answer', async () => ({ n: ++made }));
    assert.deepEqual([await value(), await value()], [{ n: 1 }, { n: 1 }]);
    await cache.mset([
      { key: 'x', value: 1 },
      { key: 'y', value: 2 },
    ]);
    assert.deepEqual(await cache.mget(['x', 'y', 'z']), [1, 2, undefined]);
    assert.equal(await cache.del('answer'), true);
    assert.deepEqual(await value(), { n: 2 });
    await cache.clear();
    assert.equal(sync.dbsize(), 0);
    await close();
  });
});

describe('the express-session store', () => {
  test('keeps sessions over requests until they expire or end', async () => {
    await using server = await startServer();
    const { sync } = server;
    const store = sessionStore(session.Store, server.db);
    const middleware = session({
      store: store as unknown as session.Store,
      secret: 'secret',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 60_000 },
    });
    const http = createServer((request, response) => {
      middleware(request as never, response as never, () => {
        const own = (request as unknown as { session: { visits?: number; destroy(done: () => void): void } }).session;
        if (request.url === '/end') {
          own.destroy(() => response.end('bye'));
          return;
        }
        own.visits = (own.visits ?? 0) + 1;
        response.end(String(own.visits));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
      const first = await fetch(url);
      const cookie = first.headers.get('set-cookie')!.split(';')[0]!;
      assert.equal(await first.text(), '1');
      const visit = async (path = '/'): Promise<string> =>
        await (await fetch(url + path, { headers: { cookie } })).text();
      assert.equal(await visit(), '2');
      const [key] = sync.keys('sess:*');
      assert.ok(sync.pttl(key!) > 50_000 && sync.pttl(key!) <= 60_000);
      assert.equal(await promisify(store.length.bind(store))(), 1);
      const [kept] = (await promisify(store.all.bind(store))()) as { visits: number }[];
      assert.equal(kept?.visits, 2);
      assert.equal(await visit('/end'), 'bye');
      assert.equal(sync.dbsize(), 0);
      assert.equal(await visit(), '1');
      await promisify(store.clear.bind(store))();
      assert.equal(sync.dbsize(), 0);
    } finally {
      http.close();
      http.closeAllConnections();
    }
  });

  test('a store that cannot be reached says so to its caller', async () => {
    const refused = new Redis({
      capabilities: { transactions: true, blocking: true, pubsub: true },
      call: () => Promise.reject(new Error('down')),
      batch: () => Promise.reject(new Error('down')),
      transaction: () => Promise.reject(new Error('down')),
      lease: () => Promise.reject(new Error('down')),
      close: async () => {},
    }) as Redis;
    const store = sessionStore(session.Store, refused);
    await assert.rejects(promisify(store.get.bind(store))('id'), /down/);
    await assert.rejects(promisify(store.length.bind(store))(), /down/);
  });
});
