import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Random } from '../../src/core/random.js';
import { embedded } from '../../src/embedded.js';
import { digestOfAll } from '../../src/engine/digest.js';
import {
  ByteBackend,
  type IndexedFactory,
  indexedStore,
  type PrivateFolder,
  privateFileStore,
  rdbFormat,
  registerBackend,
} from '../../src/persistence/index.js';

/** IndexedDB as far as it is used, with its order of events: a request succeeds in a later turn, a transaction completes after that. */
function memoryIndexedDb(): IndexedFactory {
  const stores = new Map<string, Map<string, Uint8Array>>();
  const request = <T>(result: T) => {
    const made = { result, error: null, onsuccess: null as (() => void) | null, onerror: null as (() => void) | null };
    setImmediate(() => made.onsuccess?.());
    return made;
  };
  const database = {
    createObjectStore: (name: string) => stores.set(name, new Map()),
    close: () => {},
    transaction: (name: string) => {
      const store = stores.get(name);
      if (store === undefined) throw new Error('NotFoundError');
      const transaction = {
        error: null,
        oncomplete: null as (() => void) | null,
        onerror: null as (() => void) | null,
        onabort: null as (() => void) | null,
        objectStore: () => ({
          put: (value: Uint8Array, key: string) => {
            store.set(key, value.slice());
            setImmediate(() => setImmediate(() => transaction.oncomplete?.()));
            return request<unknown>(key);
          },
          get: (key: string) => request(store.get(key)?.slice()),
        }),
      };
      return transaction;
    },
  };
  let made = false;
  return {
    open: () => {
      const opening = Object.assign(request(database), { onupgradeneeded: null as (() => void) | null });
      if (!made) setImmediate(() => opening.onupgradeneeded?.());
      made = true;
      // The upgrade comes before success.
      const success = { handler: null as (() => void) | null };
      Object.defineProperty(opening, 'onsuccess', {
        get: () => () => setImmediate(() => success.handler?.()),
        set: (handler: () => void) => {
          success.handler = handler;
        },
      });
      return opening;
    },
  };
}

function memoryFolder(): PrivateFolder {
  const files = new Map<string, Uint8Array>();
  return {
    async getFileHandle(name, options) {
      if (!files.has(name)) {
        if (!options?.create) throw Object.assign(new Error(`no ${name}`), { name: 'NotFoundError' });
        files.set(name, new Uint8Array(0));
      }
      return {
        getFile: async () => ({ arrayBuffer: async () => files.get(name)!.slice().buffer as ArrayBuffer }),
        createWritable: async () => {
          const parts: Uint8Array[] = [];
          return {
            write: async (data: Uint8Array) => {
              parts.push(data.slice());
            },
            close: async () => {
              files.set(name, new Uint8Array(Buffer.concat(parts)));
            },
            abort: async () => {},
          };
        },
      };
    },
  };
}

describe('datasets kept elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-stores-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  registerBackend('indexed-test', new ByteBackend(rdbFormat, indexedStore('db', memoryIndexedDb())));
  const root = memoryFolder();
  registerBackend(
    'opfs-test',
    new ByteBackend(
      rdbFormat,
      privateFileStore(async () => root),
    ),
  );

  for (const backend of ['rdb', 'aof', 'json', 'memory', 'indexed-test', 'opfs-test']) {
    it(`are saved and loaded: ${backend}`, async () => {
      const { dataset, sync, engine } = embedded({ seed: 1 });
      for (let i = 0; i < 2000; i++) sync.set(`key:${i}`, `value ${i} `.repeat(i % 50));
      sync.rpush('list', ['a', 'zwölf']);
      const digest = digestOfAll(engine.databases);
      const path = join(folder, `data.${backend}`);
      assert.equal(await dataset.load(path, backend), false);
      const told: number[] = [];
      await dataset.save(path, backend, { progress: (bytes) => told.push(bytes) });
      assert.deepEqual(
        told,
        [...told].sort((a, b) => a - b),
      );
      if (backend === 'memory') assert.deepEqual(told, []);
      else assert.ok(told.at(-1)! > 1000, String(told));
      if (backend === 'rdb') assert.equal(told.at(-1), readFileSync(path).length);
      sync.flushall();
      sync.set('other', 'x');
      let seen = 0;
      assert.equal(await dataset.load(path, backend, { progress: (bytes) => (seen = bytes) }), true);
      assert.equal(digestOfAll(engine.databases), digest);
      if (backend !== 'memory') assert.ok(seen > 1000, String(seen));
    });
  }

  it('are of the moment of the save, whatever happens meanwhile', async () => {
    const { dataset, sync, engine } = embedded({ seed: 1 });
    for (let i = 0; i < 3000; i++) sync.set(`key:${i}`, 'x'.repeat(200));
    const digest = digestOfAll(engine.databases);
    const path = join(folder, 'moment.rdb');
    const saving = dataset.save(path);
    for (let i = 0; i < 3000; i += 2) sync.del([`key:${i}`]);
    await saving;
    await dataset.load(path);
    assert.equal(digestOfAll(engine.databases), digest);
  });

  it('name the file and the place when they are broken', async () => {
    const { dataset, sync, engine } = embedded({ seed: 1 });
    sync.mset({ a: '1', b: '2' });
    const path = join(folder, 'broken.rdb');
    await dataset.save(path);
    truncateSync(path, readFileSync(path).length - 12);
    const digest = digestOfAll(engine.databases);
    await assert.rejects(
      dataset.load(path),
      (error: Error) => error.message.startsWith(`${path}: `) && /\d/.test(error.message),
    );
    writeFileSync(path, 'no RDB file at all');
    await assert.rejects(dataset.load(path), /broken\.rdb: .*REDIS/);
    assert.equal(digestOfAll(engine.databases), digest);
  });

  it('survive flipped bits: the old data, or an error, never half of either', () => {
    const { dataset, sync, engine } = embedded({ seed: 1, settings: {} });
    sync.mset({ a: '1', b: 'text', c: 'x'.repeat(100) });
    sync.rpush('list', ['a', 'b']);
    sync.sadd('set', ['1', '2']);
    sync.hset('hash', { f: 'v' });
    sync.xadd('stream', '*', { f: 'v' });
    const digest = digestOfAll(engine.databases);
    const whole = dataset.dump() as Uint8Array;
    const random = new Random(1);
    for (let round = 0; round < 3000; round++) {
      const bytes = whole.slice();
      // The checksum is turned off by zeros: what is broken must be found in what it says.
      if (round % 2 === 0) bytes.fill(0, bytes.length - 8);
      for (let flips = 1 + random.below(3); flips > 0; flips--)
        bytes[random.below(bytes.length - 8)]! ^= 1 << random.below(8);
      try {
        dataset.restore(bytes);
      } catch (error) {
        assert.ok(
          error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError),
          String(error),
        );
        assert.equal(digestOfAll(engine.databases), digest);
        continue;
      }
      digestOfAll(engine.databases);
      dataset.restore(whole);
      assert.equal(digestOfAll(engine.databases), digest);
    }
  });
});
