/** The script of the test's page: runs the suites of its phase and posts what became of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { embedded } from '../../src/embedded.js';
import { open, UnsupportedError } from '../../src/index.js';
import { facadeSuite } from '../suite/facade-suite.js';
import { openMemory } from '../suite/open-memory.js';
import { keepingBehaviour, keptBehaviour } from './page-kept.js';
import { runTests } from './page-test.js';

interface Page {
  readonly location: { readonly search: string; replace(url: string): void };
  readonly process?: unknown;
  readonly Buffer?: unknown;
}

const page = globalThis as unknown as Page;

function runtimeBehaviour(): void {
  describe('a browser', () => {
    it('has nothing of Node', () => {
      assert.equal(page.process, undefined);
      assert.equal(page.Buffer, undefined);
    });

    it('finds the doors by their names in an import map', async () => {
      const names = ['keyspan', 'keyspan/embedded', 'keyspan/persistence', 'keyspan/sharding', 'keyspan/recipes'];
      const doors = await Promise.all(names.map(async (name) => (await import(name)) as Record<string, unknown>));
      assert.equal(doors[0]?.open, open);
      assert.equal(doors[1]?.embedded, embedded);
      for (const [i, door] of doors.entries()) assert.ok(Object.keys(door).length > 0, names[i]);
    });

    it('has the synchronous face, forks and scripts', async () => {
      const db = embedded({ seed: 1 });
      db.sync.set('a', '1');
      const fork = db.fork();
      fork.sync.incr('a');
      assert.equal(db.sync.get('a'), '1');
      assert.equal(fork.sync.eval('return redis.call("GET", KEYS[1])', ['a'], []), '2');
      const dumped = db.dataset.dump('json');
      db.sync.flushall();
      db.dataset.restore(dumped, 'json');
      assert.equal(db.sync.get('a'), '1');
      await fork.close();
      await db.close();
    });

    for (const url of ['redis://127.0.0.1:6379', 'redis+cluster://127.0.0.1:6379', 'file:./data']) {
      it(`${url} is refused with the reason`, async () => {
        const db = open(url);
        await assert.rejects(db.get('a'), (error: unknown) => {
          assert.ok(error instanceof UnsupportedError, String(error));
          assert.match(error.message, /needs the modules of Node/);
          return true;
        });
      });
    }

    it('files are refused with the reason', async () => {
      const { dataset, close } = embedded();
      await assert.rejects(dataset.save('dump.rdb'), UnsupportedError);
      await assert.rejects(dataset.load('dump.rdb', 'json'), UnsupportedError);
      await close();
    });
  });
}

const phase = new URLSearchParams(page.location.search).get('phase') ?? 'first';
if (phase === 'first') {
  runtimeBehaviour();
  facadeSuite('memory: in a browser', openMemory);
  keepingBehaviour();
} else {
  keptBehaviour();
}
const results = await runTests();
await fetch(`/results?phase=${phase}`, { method: 'POST', body: JSON.stringify(results) });
if (phase === 'first') page.location.replace('/?phase=second');
