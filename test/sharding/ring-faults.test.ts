import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, open, TimeoutError } from '../../src/index.js';
import { FaultyLink } from '../support/proxy.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { Ledger } from './ledger.js';

const health = { interval: 200, timeout: 400, retry: 50, retryMax: 200 };

/** Two keys, one at each node of two. */
async function keysByNode(db: ReturnType<typeof open>): Promise<string[]> {
  const keys: string[] = [];
  for (let i = 0; keys.filter(Boolean).length < db.nodes.size; i++) {
    await db.set(`probe:${i}`, '1');
    let node = 0;
    for (const one of db.nodes.values()) {
      if ((await one.exists(`probe:${i}`)) === 1) keys[node] ??= `probe:${i}`;
      node++;
    }
  }
  return keys;
}

describe('a ring with a dead node', () => {
  it('fail: commands on its keys fail with an error that names it, others go on', async (t) => {
    if (!(await requireRedis(t))) return;
    const [a, b] = [await startRedis(), await startRedis()];
    const db = open({
      ring: [
        { url: a.url, name: 'left', timeout: 300 },
        { url: b.url, name: 'right', timeout: 300 },
      ],
    });
    t.after(async () => {
      db.destroy();
      await Promise.all([a.stop(), b.stop()]);
    });
    const [left, right] = await keysByNode(db);
    process.kill(b.pid, 'SIGKILL');
    await until(() => !b.alive(), 'the server ended');
    const dead = (error: unknown): boolean =>
      (error instanceof ConnectionError || error instanceof TimeoutError) && /node 'right'/.test(error.message);
    await assert.rejects(db.get(right!), dead);
    await assert.rejects(db.set(right!, '2'), dead);
    await assert.rejects(db.mget(left!, right!), dead);
    await assert.rejects(db.dbsize(), dead);
    assert.equal(await db.set(left!, '2'), true);
    assert.equal(await db.get(left!), '2');
  });

  for (const [fault, cause, end] of [
    ['killed', 'SIGKILL', null],
    ['stopped', 'SIGSTOP', 'SIGCONT'],
  ] as const) {
    it(`eject: a node that is ${fault} loses its keys to the next, and gets them back`, async (t) => {
      if (!(await requireRedis(t))) return;
      const [a, b] = [await startRedis(), await startRedis()];
      let again = b;
      const db = open({ ring: [a.url, b.url], dead: 'eject', flushOnReturn: true, health });
      const seen: string[] = [];
      db.on('nodeDown', (node) => seen.push(`down ${node}`));
      db.on('nodeUp', (node) => seen.push(`up ${node}`));
      t.after(async () => {
        db.destroy();
        if (end !== null && b.alive()) process.kill(b.pid, end);
        await Promise.all([a.stop(), b.stop(), again.stop()]);
      });
      const ledger = new Ledger();
      let over = false;
      const load = Array.from({ length: 8 }, (_, writer) => ledger.run(db, writer, 20, () => over));
      await until(() => ledger.writes > 500, 'writes');
      process.kill(b.pid, cause);
      await until(() => seen.includes('down 1'), 'ejection');
      const atEjection = ledger.writes;
      await until(() => ledger.writes > atEjection + 500, 'writes to the next node');
      over = true;
      await Promise.all(load);
      assert.deepEqual(await duringEjection(db, ledger), []);
      if (end === null) again = await startRedis({ port: b.port });
      else process.kill(b.pid, end);
      await until(() => seen.includes('up 1'), 're-admission');
      assert.deepEqual(seen, ['down 1', 'up 1']);
      assert.equal(await db.nodes.get('1')!.dbsize(), 0, 'it was emptied before it was given keys');
      await db.set('after', 'x');
      assert.equal(await db.get('after'), 'x');
      t.diagnostic(`slowest write ${Math.round(ledger.slowest_ms)} ms, ${ledger.failures} of ${ledger.writes} failed`);
      assert.ok(ledger.slowest_ms < 15_000, `a write took ${ledger.slowest_ms} ms`);
    });
  }

  it('eject: a node behind a dead link, too; subscriptions move with their channels', async (t) => {
    if (!(await requireRedis(t))) return;
    const [a, b] = [await startRedis(), await startRedis()];
    const link = await FaultyLink.start(b.port);
    const { port } = link;
    const db = open({ ring: [a.url, link.url], dead: 'eject', health });
    t.after(async () => {
      db.destroy();
      await link.stop();
      await Promise.all([a.stop(), b.stop()]);
    });
    const names = Array.from({ length: 8 }, (_, i) => `channel:${i}`);
    const heard = new Set<string>();
    await db.subscribe(names, ({ channel, payload }) => heard.add(`${channel} ${payload}`));
    const allHear = async (payload: string): Promise<boolean> => {
      await Promise.all(names.map((name) => db.publish(name, payload).catch(() => 0)));
      return names.every((name) => heard.has(`${name} ${payload}`));
    };
    assert.ok(
      await allHear('one').then(
        (yes) => yes || until(() => names.every((n) => heard.has(`${n} one`)), 'messages').then(() => true),
      ),
    );
    await link.refuse();
    await until(() => (db.stats() as never as Stats).nodes['1']!.state === 'down', 'ejection');
    await until(() => allHear('two'), 'messages by way of the other node');
    await link.accept(port);
    await until(() => (db.stats() as never as Stats).nodes['1']!.state === 'up', 're-admission');
    await until(() => allHear('three'), 'messages again');
  });
});

interface Stats {
  nodes: Record<string, { state: string }>;
}

/** Acknowledged since the node went: all of it is at the other. Older keys of the dead node are lost, as a cache's may be. */
async function duringEjection(db: ReturnType<typeof open>, ledger: Ledger): Promise<string[]> {
  const broken = await ledger.broken(db);
  return broken.filter((line) => !line.includes(': null '));
}
