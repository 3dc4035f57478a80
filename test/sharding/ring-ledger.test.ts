import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { open, type Redis } from '../../src/index.js';
import { hashRing } from '../../src/sharding.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

/**
 * Where every acknowledged write is when a node was ejected and taken back: data do not move, so each is at the node that
 * had its key when it was given, until that node overwrites it, is emptied or loses its memory.
 */

const health = { interval: 200, timeout: 400, retry: 50, retryMax: 200 };
const WRITERS = 8;
const KEYS = 24;

/** What the ring said of the second node when a write was given, and when it was acknowledged. */
type Phase = 'before' | 'ejected' | 'after';

interface Write {
  readonly value: string;
  readonly given: Phase;
  /** Null for one that failed. */
  acknowledged: Phase | null;
}

class Account {
  readonly writes = new Map<string, Write[]>();
  phase: Phase = 'before';
  acknowledged = 0;
  #over = false;
  #load: Promise<void>[] = [];

  start(db: Redis): void {
    this.#load = Array.from({ length: WRITERS }, (_, writer) => this.#run(db, writer));
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#load);
  }

  count(phase: Phase): number {
    return [...this.writes.values()].flat().filter(({ given, acknowledged }) => given === phase && acknowledged).length;
  }

  failed(): Write[] {
    return [...this.writes.values()].flat().filter(({ acknowledged }) => acknowledged === null);
  }

  /** One write at a time for each key, so that it is plain which is the last. */
  async #run(db: Redis, writer: number): Promise<void> {
    for (let i = 0; !this.#over; i++) {
      // The last third of the keys is left alone after the node is back.
      const keys = this.phase === 'after' ? (KEYS * 2) / 3 : KEYS;
      const key = `w${writer}:${i % keys}`;
      const write: Write = { value: `${writer}-${i}`, given: this.phase, acknowledged: null };
      const list = this.writes.get(key);
      if (list === undefined) this.writes.set(key, [write]);
      else list.push(write);
      try {
        await db.set(key, write.value);
        write.acknowledged = this.phase;
        this.acknowledged++;
      } catch {
        // It says itself that it may have been carried out: nothing is known of it.
      }
    }
  }
}

/**
 * What a node may hold of a key: the last of the writes that are certainly there, or one after it of which it is not
 * certain. None of them: nothing.
 */
function mayHold(writes: readonly Write[], isThere: (write: Write) => boolean | 'perhaps'): (string | null)[] {
  const values: (string | null)[] = [];
  for (const write of [...writes].reverse()) {
    const there = isThere(write);
    if (there === false) continue;
    values.push(write.value);
    if (there === true) return values;
  }
  return [...values, null];
}

describe('every acknowledged write of a ring whose node was ejected and came back', () => {
  const cases = [
    ['killed', 'SIGKILL', false],
    ['stopped', 'SIGSTOP', false],
    ['stopped, flushOnReturn', 'SIGSTOP', true],
  ] as const;
  for (const [title, fault, flushOnReturn] of cases) {
    it(title, async (t) => {
      if (!(await requireRedis(t))) return;
      const [a, b] = [await startRedis(), await startRedis()];
      let again = b;
      const db = open({ ring: [a.url, b.url], dead: 'eject', flushOnReturn, health });
      const past = [open(a.url), open(b.url)];
      t.after(async () => {
        for (const one of [db, ...past]) one.destroy();
        if (fault === 'SIGSTOP' && b.alive()) process.kill(b.pid, 'SIGCONT');
        await Promise.all([a.stop(), b.stop(), again.stop()]);
      });
      const account = new Account();
      const seen: string[] = [];
      db.on('nodeDown', (node) => {
        seen.push(`down ${node}`);
        account.phase = 'ejected';
      });
      db.on('nodeUp', (node) => {
        seen.push(`up ${node}`);
        account.phase = 'after';
      });
      await db.ping();
      account.start(db);
      await until(() => account.count('before') > 600, 'writes');
      process.kill(b.pid, fault);
      await until(() => account.phase === 'ejected', 'the ejection');
      await until(() => account.count('ejected') > 600, 'writes without it');
      if (fault === 'SIGKILL') again = await startRedis({ port: b.port });
      else process.kill(b.pid, 'SIGCONT');
      await until(() => account.phase === 'after', 'its return');
      await until(() => account.count('after') > 600, 'writes with it');
      await account.stop();
      assert.deepEqual(seen, ['down 1', 'up 1']);
      const failed = account.failed();
      assert.ok(
        failed.length <= WRITERS && failed.every(({ given }) => given === 'before'),
        'only what was on its way',
      );

      const places = hashRing([0, 1].map((name) => ({ name: String(name), weight: 1 })));
      const wrong: string[] = [];
      let checked = 0;
      const wasLost = fault === 'SIGKILL' || flushOnReturn;
      for (const [key, writes] of account.writes) {
        const isFirst = places.nodeOf(key) === 0;
        // Given to the second node and acknowledged only when it was down: given again to the first.
        const wasRegiven = (write: Write): boolean => write.given === 'before' && write.acknowledged !== 'before';
        const atFirst = mayHold(writes, (write) => {
          if (isFirst) return write.acknowledged === null ? 'perhaps' : true;
          if (wasRegiven(write)) return write.acknowledged === null ? false : 'perhaps';
          return write.given === 'ejected';
        });
        const atSecond = mayHold(writes, (write) => {
          if (isFirst) return false;
          if (write.given === 'after') return true;
          if (wasLost || write.given === 'ejected') return false;
          return wasRegiven(write) ? 'perhaps' : true;
        });
        const held = await Promise.all(past.map((node) => node.get(key)));
        [atFirst, atSecond].forEach((may, node) => {
          if (!may.includes(held[node]!)) wrong.push(`${key} at ${node}: ${held[node]}, not one of ${may.join(' ')}`);
        });
        if ((await db.get(key)) !== held[isFirst ? 0 : 1]) wrong.push(`${key} is not read where it belongs`);
        checked++;
      }
      assert.deepEqual(wrong, []);
      assert.equal(checked, WRITERS * KEYS);
      t.diagnostic(
        `${account.acknowledged} acknowledged (${account.count('before')} before, ${account.count('ejected')} without the ` +
          `node, ${account.count('after')} after), ${failed.length} failed`,
      );
    });
  }
});
