import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { embedded } from '../../src/embedded.js';
import { indexedStore, privateFileStore } from '../../src/persistence/index.js';

/** What the page does in a first document, and looks for in a second one. */
const stores = ['indexeddb', 'opfs'] as const;
const KEYS = 20_000;
const binary = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Datasets in the browser's own stores: saved here, for `keptBehaviour` to find. */
export function keepingBehaviour(): void {
  describe('datasets are kept', () => {
    for (const store of stores) {
      it(`${store}: nothing is there at first`, async () => {
        const { dataset, close } = embedded();
        assert.equal(await dataset.load('kept.rdb', store), false);
        await close();
      });

      it(`${store}: every type, and many keys`, async () => {
        const { sync, dataset, close } = embedded();
        sync.set('text', 'héllo');
        sync.set('binary', binary);
        sync.rpush('list', 'a', 'b', 'c');
        sync.sadd('set', '1', '2', 'three');
        sync.hset('hash', { field: 'value', other: '2' });
        sync.zadd('zset', { low: 1.5, high: Infinity });
        sync.xadd('stream', '1-1', { field: 'value' });
        sync.set('fleeting', 'v', { pxat: 4e12 });
        for (let i = 0; i < KEYS; i++) sync.set(`filler:${i}`, String(i));
        await dataset.save('kept.rdb', store);
        sync.flushall();
        sync.set('only', 'this');
        await dataset.save('other.rdb', store);
        assert.equal(await dataset.load('kept.rdb', store), true);
        assert.equal(sync.dbsize(), KEYS + 8);
        await close();
      });
    }

    for (const [title, store] of [
      ['indexeddb', indexedStore('keyspan-stores')],
      ['opfs', privateFileStore()],
    ] as const) {
      it(`${title}: a write that fails leaves what was there`, async () => {
        await store.write('broken.bin', [binary]);
        const failing = (function* () {
          yield binary;
          throw new Error('no more');
        })();
        await assert.rejects(store.write('broken.bin', failing), /no more/);
        const parts = [...((await store.read('broken.bin')) ?? [])];
        assert.deepEqual(
          parts.flatMap((part) => [...part]),
          [...binary],
        );
      });
    }
  });
}

/** Another document of the same origin finds them. */
export function keptBehaviour(): void {
  describe('datasets are found by the next document', () => {
    for (const store of stores) {
      it(store, async () => {
        const { sync, dataset, close } = embedded();
        assert.equal(await dataset.load('kept.rdb', store), true);
        assert.equal(sync.dbsize(), KEYS + 8);
        assert.equal(sync.get('text'), 'héllo');
        assert.deepEqual(sync.with({ as: 'bytes' }).get('binary'), binary);
        assert.deepEqual(sync.lrange('list', 0, -1), ['a', 'b', 'c']);
        assert.deepEqual([...sync.smembers('set')].sort(), ['1', '2', 'three']);
        assert.deepEqual(sync.hgetall('hash'), { field: 'value', other: '2' });
        assert.equal(sync.zscore('zset', 'high'), Infinity);
        assert.equal(sync.xlen('stream'), 1);
        assert.equal(sync.pexpiretime('fleeting'), 4e12);
        assert.equal(sync.get(`filler:${KEYS - 1}`), String(KEYS - 1));
        assert.equal(await dataset.load('other.rdb', store), true);
        assert.deepEqual(sync.keys('*'), ['only']);
        await close();
      });
    }
  });
}
