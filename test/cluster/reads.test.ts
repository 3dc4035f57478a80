import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { TimeoutError } from '../../src/core/errors.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster, type TestNode } from '../support/cluster.js';
import { FaultyLink } from '../support/proxy.js';
import { until } from '../support/until.js';

const KEY = 'k';
const SLOT = keySlot(KEY);

/** How often nodes were asked for a value. */
async function countReads(nodes: readonly TestNode[], command = 'get'): Promise<number[]> {
  const infos = await Promise.all(nodes.map(({ db }) => db.info({ sections: ['commandstats'] })));
  return infos.map(({ commandstats }) =>
    Number(/calls=(\d+)/.exec(String(commandstats?.[`cmdstat_${command}`] ?? 'calls=0'))![1]),
  );
}

describe('who answers reads in a cluster', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  /** The primary of the key, and its replicas. */
  let shard: TestNode[];
  before(async () => {
    cluster = await TestCluster.start({ replicas: 2, nodeTimeout: 1000 });
    shard = await cluster.shardOf(SLOT);
  });
  after(() => cluster?.stop());

  function dial(t: TestContext, readFrom: OpenOptions['readFrom'], options: OpenOptions = {}): Redis {
    const db = open(cluster.url, { ...(readFrom && { readFrom }), ...options });
    t.after(() => db.destroy());
    return db;
  }

  /** Reads of the key so far that each node of its shard was asked while `work` ran. */
  async function readsDuring(work: () => Promise<unknown>): Promise<number[]> {
    const before = await countReads(shard);
    await work();
    return (await countReads(shard)).map((count, i) => count - before[i]!);
  }

  async function ready(db: Redis): Promise<void> {
    await db.set(KEY, 'v');
    await until(async () => (await Promise.all(shard.map(({ db: node }) => node.dbsize()))).every((size) => size > 0));
    await until(async () => (await db.get(KEY)) === 'v');
  }

  const reading = async (db: Redis, times = 20): Promise<void> => {
    for (let i = 0; i < times; i++) assert.equal(await db.get(KEY), 'v');
  };

  for (const readFrom of [undefined, 'primary', 'preferReplica', 'replica'] as const) {
    it(`${readFrom ?? 'unless said otherwise'}: ${readFrom?.includes('eplica') ? 'replicas' : 'the primary'}, and writes go to the primary`, async (t) => {
      const db = dial(t, readFrom);
      await ready(db);
      const [primary, ...replicas] = await readsDuring(() => reading(db, 40));
      const atReplicas = replicas.reduce((sum, count) => sum + count, 0);
      if (readFrom?.includes('eplica')) assert.deepEqual([primary, atReplicas], [0, 40]);
      else assert.deepEqual([primary, atReplicas], [40, 0]);
      const [written] = await countReads(shard, 'set');
      await db.set(KEY, 'v');
      assert.equal((await countReads(shard, 'set'))[0], written! + 1);
    });
  }

  it('a pipeline of reads goes where reads go, one with a write to the primary, in order', async (t) => {
    const db = dial(t, 'replica');
    await ready(db);
    const batch = (): Promise<unknown> => db.pipeline().get(KEY).get('other').get(KEY).exec();
    const [primary, ...replicas] = await readsDuring(async () => assert.deepEqual(await batch(), ['v', null, 'v']));
    assert.deepEqual([primary, replicas.toSorted().at(-1)], [0, 2], 'of one pipeline one replica');
    const [mixed, ...others] = await readsDuring(async () =>
      assert.deepEqual(await db.pipeline().set(KEY, 'w').get(KEY).set(KEY, 'v').get(KEY).exec(), [
        true,
        'w',
        true,
        'v',
      ]),
    );
    assert.deepEqual([mixed, others], [2, [0, 0]]);
  });

  it('pages of one collection come from one node: a cursor means nothing to another', async (t) => {
    const fields = Array.from({ length: 3000 }, (_, i) => `field:${i}`);
    const db = dial(t, 'replica');
    await db.hset('{k}hash', Object.fromEntries(fields.map((field) => [field, 1])));
    await until(async () => (await Promise.all(shard.map(({ db: node }) => node.dbsize()))).every((size) => size > 1));
    const seen = new Set<string>();
    for await (const [field] of db.hscanIter('{k}hash', { count: 10 })) seen.add(field);
    assert.equal(seen.size, fields.length);
    await db.del('{k}hash');
  });

  it('nearest: whoever answers fastest', async (t) => {
    const links = await Promise.all(shard.map(({ server }) => FaultyLink.start(server.port)));
    t.after(() => Promise.all(links.map((link) => link.stop())));
    const addressMap = Object.fromEntries(shard.map(({ name }, i) => [name, `127.0.0.1:${links[i]!.port}`]));
    for (const near of [0, 1, 2]) {
      links.forEach((link, i) => {
        link.delay_ms = i === near ? 0 : 250;
      });
      const db = dial(t, 'nearest', { addressMap, timeout: 20_000, refreshInterval: 500 });
      await db.set(KEY, 'v');
      // Each node is measured when it is first heard of, and whenever it is asked who serves what.
      await until(async () => {
        const reads = await readsDuring(() => reading(db));
        return reads[near] === 20;
      }, `reads at node ${near}`);
      db.destroy();
    }
  });

  it('replicas gone: the primary, also where only replicas may as soon as the cluster has none', async (t) => {
    const prefer = dial(t, 'preferReplica');
    const only = dial(t, 'replica');
    await ready(prefer);
    await ready(only);
    const [, ...replicas] = shard;
    for (const { server } of replicas) process.kill(server.pid, 'SIGKILL');
    await until(() => replicas.every(({ server }) => !server.alive()));
    const began = performance.now();
    assert.equal(await prefer.with({ timeout: 20_000 }).get(KEY), 'v');
    t.diagnostic(`read at the primary ${Math.round(performance.now() - began)} ms after the replicas were killed`);
    // Until the cluster itself says that they have failed: then the shard has none, and its primary answers.
    await until(async () => (await only.get(KEY).catch(() => null)) === 'v');
    for (const node of replicas) await cluster.restart(node);
    await cluster.agreed();
    await cluster.replicated();
    await until(async () => (await readsDuring(async () => void (await only.get(KEY))))[0] === 0);
  });

  it('a replica that is stopped: reads go on elsewhere, within their deadlines', async (t) => {
    const db = dial(t, 'preferReplica');
    await ready(db);
    const [, stopped] = shard;
    process.kill(stopped!.server.pid, 'SIGSTOP');
    try {
      const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => db.get(KEY)));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') assert.equal(outcome.value, 'v');
        else assert.ok(outcome.reason instanceof TimeoutError, String(outcome.reason));
      }
      await until(async () => {
        const began = performance.now();
        await reading(db, 10);
        return performance.now() - began < 5000;
      });
    } finally {
      process.kill(stopped!.server.pid, 'SIGCONT');
    }
    await cluster.agreed();
  });
});
