import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, KeyspanError, open, type Redis } from '../../src/index.js';
import { hashRing, openMirror } from '../../src/sharding.js';
import { FaultyLink } from '../support/proxy.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { Ledger } from './ledger.js';

const health = { interval: 200, timeout: 400, retry: 50, retryMax: 200 };

describe('a mirror with a dead node', () => {
  for (const [fault, cause, end] of [
    ['killed', 'SIGKILL', null],
    ['stopped', 'SIGSTOP', 'SIGCONT'],
  ] as const) {
    it(`a node that is ${fault} is missed by nobody, and equal again under load before it is read`, async (t) => {
      if (!(await requireRedis(t))) return;
      const [a, b] = [await startRedis(), await startRedis()];
      let again = b;
      const mirror = openMirror([a.url, b.url], { health });
      const { db } = mirror;
      const seen: string[] = [];
      db.on('nodeDown', (node) => seen.push(`down ${node}`));
      db.on('nodeUp', (node) => seen.push(`up ${node}`));
      const phases = new Set<string>();
      db.on('repair', ({ phase }) => phases.add(phase));
      t.after(async () => {
        db.destroy();
        if (end !== null && b.alive()) process.kill(b.pid, end);
        await Promise.all([a.stop(), b.stop(), again.stop()]);
      });
      for (let i = 0; i < 500; i++) await db.rpush(`list:${i % 100}`, i);
      const ledger = new Ledger();
      const readErrors: string[] = [];
      let over = false;
      const load = [
        ...Array.from({ length: 6 }, (_, writer) => ledger.run(db, writer, 50, () => over)),
        mixedLoad(db, () => over, readErrors),
        reading(db, () => over, readErrors),
      ];
      await until(() => ledger.writes > 500, 'writes');
      process.kill(b.pid, cause);
      const lostAt = performance.now();
      await until(() => seen.includes('down 1'), 'the loss is noticed');
      const noticed_ms = performance.now() - lostAt;
      const atLoss = ledger.writes;
      await until(() => ledger.writes > atLoss + 500, 'writes with one node');
      if (end === null) again = await startRedis({ port: b.port });
      else process.kill(b.pid, end);
      const backAt = performance.now();
      await until(() => seen.includes('up 1'), 'the repair');
      const repaired_ms = performance.now() - backAt;
      const atReturn = ledger.writes;
      await until(() => ledger.writes > atReturn + 300, 'writes with both');
      over = true;
      await Promise.all(load);
      assert.deepEqual(readErrors, []);
      assert.equal(ledger.failures, 0, [...ledger.errors].join());
      assert.deepEqual(await ledger.broken(db), []);
      assert.deepEqual(await mirror.verify(), []);
      const [digest, other] = await db.each.debugDigest();
      assert.equal(digest, other, 'what the servers themselves say');
      const [first, second] = [...db.nodes.values()];
      assert.equal(await first!.dbsize(), await second!.dbsize());
      assert.deepEqual([...phases], ['copy', 'clean', 'again', 'done']);
      t.diagnostic(
        `noticed after ${Math.round(noticed_ms)} ms, equal ${Math.round(repaired_ms)} ms after its return, slowest write ${Math.round(ledger.slowest_ms)} ms`,
      );
      assert.ok(ledger.slowest_ms < 15_000, `a write took ${ledger.slowest_ms} ms`);
    });
  }

  it('behind a dead link: what the cut-off node holds is replaced, strange keys go', async (t) => {
    if (!(await requireRedis(t))) return;
    const [a, b] = [await startRedis(), await startRedis()];
    const link = await FaultyLink.start(b.port);
    const { port } = link;
    const mirror = openMirror([a.url, link.url], { health });
    const { db } = mirror;
    t.after(async () => {
      db.destroy();
      await link.stop();
      await Promise.all([a.stop(), b.stop()]);
    });
    await db.mset({ a: 1, b: 2, c: 3 });
    await link.refuse();
    await until(() => stateOf(db) === 'down', 'the loss');
    const direct = (await import('../../src/index.js')).open(b.url);
    await direct.set('stranger', 'x');
    await db.set('a', 10);
    await db.del('b');
    await db.sadd('s', 'm');
    await link.accept(port);
    await until(() => stateOf(db) === 'up', 'the return');
    assert.deepEqual(await mirror.verify(), []);
    assert.deepEqual((await direct.keys('*')).sort(), ['a', 'c', 's']);
    assert.equal(await direct.get('a'), '10');
    await direct.close();
  });

  it('verify tells what differs, repair makes it equal', async (t) => {
    const mirror = openMirror(['memory:', 'memory:', 'memory:']);
    t.after(() => mirror.close());
    const { db, nodes } = mirror;
    await db.mset({ a: 1, b: 2, c: 3 });
    await db.hset('h', { f: 1, g: 2 });
    const second = nodes.get('1')!;
    await second.set('a', 'other');
    await second.del('b');
    await second.set('d', 'extra');
    await nodes.get('2')!.pexpire('c', 100_000);
    await second.del('h');
    await second.sadd('h', 'x');
    const found = await mirror.verify();
    assert.deepEqual(found.map(({ key, nodes: names, what }) => [key, [...names], what]).sort(), [
      ['a', ['1'], 'value'],
      ['b', ['1'], 'absent'],
      ['c', ['2'], 'expiry'],
      ['d', ['1'], 'extra'],
      ['h', ['1'], 'type'],
    ]);
    assert.equal(await mirror.repair(), 5);
    assert.deepEqual(await mirror.verify(), []);
    assert.equal(await second.get('a'), '1');
  });

  it('write policies: with too few nodes a write is an error, and says whether anything was sent', async (t) => {
    if (!(await requireRedis(t))) return;
    const [a, b] = [await startRedis(), await startRedis()];
    const mirrors = (['any', 'quorum', 'all'] as const).map((writes) => openMirror([a.url, b.url], { writes, health }));
    t.after(async () => {
      for (const { db } of mirrors) db.destroy();
      await Promise.all([a.stop(), b.stop()]);
    });
    for (const { db } of mirrors) await db.set('k', '1');
    process.kill(b.pid, 'SIGKILL');
    for (const { db } of mirrors) await until(() => stateOf(db) === 'down', 'the loss');
    const [any, quorum, all] = mirrors.map(({ db }) => db) as [Redis, Redis, Redis];
    assert.equal(await any.set('k', '2'), true);
    for (const db of [quorum, all]) {
      await assert.rejects(db.set('k', '3'), (error) => error instanceof ConnectionError && error.applied === 'no');
      assert.equal(await db.get('k'), '2');
    }
    const [one, other] = await any.each.get('k');
    assert.equal(one, '2');
    assert.ok(other instanceof Error);
  });

  it('write policies of three nodes: one down is a quorum and not all, two down are neither', async (t) => {
    if (!(await requireRedis(t))) return;
    const servers = [await startRedis(), await startRedis(), await startRedis()];
    const urls = servers.map(({ url }) => url);
    const mirrors = (['any', 'quorum', 'all'] as const).map((writes) => openMirror(urls, { writes, health }));
    t.after(async () => {
      for (const { db } of mirrors) db.destroy();
      await Promise.all(servers.map((server) => server.stop()));
    });
    const refused = (error: unknown): boolean => error instanceof ConnectionError && error.applied === 'no';
    for (const { db } of mirrors) await db.set('k', 'all');
    for (const [down, allowed] of [
      [2, ['any', 'quorum']],
      [1, ['any']],
    ] as const) {
      process.kill(servers[down]!.pid, 'SIGKILL');
      for (const { db } of mirrors) await until(() => stateOf(db, String(down)) === 'down', 'the loss');
      for (const { db } of mirrors) {
        const { writes: policy, required, up } = db.stats();
        assert.deepEqual([required, up], [{ any: 1, quorum: 2, all: 3 }[policy as 'any' | 'quorum' | 'all'], down]);
        // What travels by its effect, what goes to all at once, and transactions count alike.
        const writes: (() => Promise<unknown>)[] = [
          () => db.set('k', String(policy)),
          () => db.sadd('s', down),
          () => db.spop('s'),
          () => db.multi().incr('n').exec(),
          () => db.eval("return redis.call('INCR', KEYS[1])", ['n']),
        ];
        for (const write of writes) {
          if ((allowed as readonly string[]).includes(String(policy))) await write();
          else await assert.rejects(write(), refused);
        }
        assert.equal(typeof (await db.get('k')), 'string', 'reads go on');
      }
    }
    assert.equal(await mirrors[2]!.db.get('k'), 'any');
  });

  it('a read goes to the node that a ring would choose, and to the next when that is down', async (t) => {
    if (!(await requireRedis(t))) return;
    const servers = [await startRedis(), await startRedis(), await startRedis()];
    const { db } = openMirror(
      servers.map(({ url }) => url),
      { health },
    );
    t.after(async () => {
      db.destroy();
      await Promise.all(servers.map((server) => server.stop()));
    });
    const placement = hashRing([0, 1, 2].map((name) => ({ name: String(name), weight: 1 })));
    const keys = Array.from({ length: 90 }, (_, i) => `key:${i}`);
    await db.mset(Object.fromEntries(keys.map((key) => [key, 1])));
    const past = servers.map(({ url }) => open(url));
    t.after(() => Promise.all(past.map((one) => one.destroy())));
    const readsOf = async (node: number): Promise<number> => {
      const { commandstats } = await past[node]!.info({ sections: ['commandstats'] });
      return Number(/calls=(\d+)/.exec(String(commandstats?.cmdstat_get ?? 'calls=0'))![1]);
    };
    const placesOf = async (alive: readonly number[]): Promise<number[]> => {
      const before = await Promise.all(alive.map(readsOf));
      for (const key of keys) assert.equal(await db.get(key), '1');
      return (await Promise.all(alive.map(readsOf))).map((count, i) => count - before[i]!);
    };
    const expected = (alive: readonly number[]): number[] =>
      alive.map(
        (node) => keys.filter((key) => placement.orderOf(key).find((one) => alive.includes(one)) === node).length,
      );
    assert.deepEqual(await placesOf([0, 1, 2]), expected([0, 1, 2]));
    process.kill(servers[1]!.pid, 'SIGKILL');
    await until(() => stateOf(db, '1') === 'down', 'the loss');
    assert.deepEqual(await placesOf([0, 2]), expected([0, 2]));
    const [first, gone, third] = await db.with({ timeout: 1000 }).each.get(keys[0]!);
    assert.deepEqual([first, third], ['1', '1']);
    assert.ok(gone instanceof KeyspanError && /node '1'/.test(gone.message), String(gone));
  });

  it('the last node to go has the truth: it needs no repair, the other does', async (t) => {
    if (!(await requireRedis(t))) return;
    const [a, b] = [await startRedis(), await startRedis()];
    const mirror = openMirror([a.url, b.url], { health });
    const { db } = mirror;
    t.after(async () => {
      db.destroy();
      for (const server of [a, b]) if (server.alive()) process.kill(server.pid, 'SIGCONT');
      await Promise.all([a.stop(), b.stop()]);
    });
    await db.set('k', 'old');
    process.kill(a.pid, 'SIGSTOP');
    await until(() => stateOf(db, '0') === 'down', 'the loss of the first');
    await db.set('k', 'new');
    process.kill(b.pid, 'SIGSTOP');
    await until(() => stateOf(db, '1') === 'down', 'the loss of the last');
    await assert.rejects(db.get('k'), ConnectionError);
    process.kill(a.pid, 'SIGCONT');
    await until(() => /out of date/.test(String(nodeOf(db, '0').error)), 'the first answers, but is not trusted');
    await assert.rejects(db.get('k'), ConnectionError, 'what may be old is not read');
    process.kill(b.pid, 'SIGCONT');
    await until(() => stateOf(db, '0') === 'up' && stateOf(db, '1') === 'up', 'both');
    assert.deepEqual(await db.each.get('k'), ['new', 'new']);
  });
});

interface NodeStats {
  state: string;
  error: string | null;
}

function nodeOf(db: Redis, node: string): NodeStats {
  return (db.stats().nodes as unknown as Record<string, NodeStats>)[node]!;
}

function stateOf(db: Redis, node = '1'): string {
  return nodeOf(db, node).state;
}

/** Writes of many kinds, those that follow by their effects among them. */
async function mixedLoad(db: Redis, over: () => boolean, errors: string[]): Promise<void> {
  for (let i = 0; !over(); i++) {
    const k = i % 30;
    try {
      await Promise.all([
        db.sadd(`set:${k}`, `m${i}`, `n${i}`),
        db.spop(`set:${(k + 7) % 30}`),
        db.incrbyfloat(`float:${k}`, 0.1),
        db.set(`ttl:${k}`, i, { px: 50_000 }),
        db.xadd(`stream:${k}`, '*', { i }),
        db.rpush(`list:${k}`, i),
        db.lpop(`list:${(k + 3) % 30}`),
        db.sunionstore(`union:${k}`, [`set:${k}`, `set:${(k + 1) % 30}`]),
        db.rename(`union:${k}`, `renamed:${k}`).catch(() => 'absent'),
        db.del(`renamed:${(k + 5) % 30}`),
      ]);
    } catch (error) {
      errors.push(`mixed: ${(error as Error).message}`);
    }
  }
}

async function reading(db: Redis, over: () => boolean, errors: string[]): Promise<void> {
  for (let i = 0; !over(); i++) {
    await db.get(`w0:${i % 50}`).catch((error: Error) => errors.push(`read: ${error.message}`));
  }
}
