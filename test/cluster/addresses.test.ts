import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster, type TestNode } from '../support/cluster.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort } from '../support/redis.js';
import { until } from '../support/until.js';

/** Where the nodes of a cluster are: as far as that is given, found, translated, or changes. */
describe('the addresses of a cluster', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await TestCluster.start({ nodeTimeout: 1000 });
  });
  after(() => cluster?.stop());

  function dial(t: TestContext, seeds: readonly string[], options: OpenOptions = {}): Redis {
    const db = open(`redis+cluster://${seeds.join(',')}`, { timeout: 20_000, ...options });
    t.after(() => db.destroy());
    return db;
  }

  /** A primary that does not serve the slot. */
  async function otherThan(slot: number): Promise<TestNode> {
    const owner = await cluster.primaryOf(slot);
    const primaries = await Promise.all([0, 8192, 16_383].map((one) => cluster.primaryOf(one)));
    return primaries.find((node) => node !== owner)!;
  }

  it('any node is enough to begin with, a replica too, whatever the others named are like', async (t) => {
    const refused = `127.0.0.1:${await freePort()}`;
    const silent = await FaultyLink.start(cluster.nodes[0]!.server.port);
    silent.deaf = true;
    t.after(() => silent.stop());
    const replica = await cluster.replicaOf(await cluster.primaryOf(0));
    for (const seeds of [
      [replica.name],
      [refused, replica.name],
      [`127.0.0.1:${silent.port}`, refused, replica.name],
    ]) {
      const db = dial(t, seeds);
      const keys = Array.from({ length: 50 }, (_, i) => `key:${i}`);
      await db.mset(Object.fromEntries(keys.map((key) => [key, seeds.length])));
      assert.deepEqual(new Set(await db.mget(keys)), new Set([`${seeds.length}`]));
      assert.deepEqual([...db.nodes.keys()].sort(), cluster.nodes.map(({ name }) => name).sort());
      db.destroy();
    }
  });

  it('who serves what is asked now and then, also when nothing is said', async (t) => {
    const db = dial(t, [cluster.nodes[0]!.name], { refreshInterval: 100 });
    await db.connect();
    const added = await cluster.add();
    assert.ok(!db.nodes.has(added.name));
    const slot = keySlot('idle');
    const back = await cluster.primaryOf(slot);
    await cluster.moveSlot(slot, added);
    await until(() => db.nodes.has(added.name), 'the node to be found');
    await cluster.moveSlot(slot, back);
    await until(() => !db.nodes.has(added.name), 'the node to be dropped');
    assert.equal(db.stats().redirects, 0);
    await cluster.remove(added);
  });

  it('nodes that are reached by other addresses only: slots that move, and a failover', async (t) => {
    const links = new Map<TestNode, FaultyLink>();
    for (const node of cluster.nodes) links.set(node, await FaultyLink.start(node.server.port));
    t.after(() => Promise.all([...links.values()].map((link) => link.stop())));
    const near = new Map([...links].map(([node, link]) => [node.name, `127.0.0.1:${link.port}`]));
    const table = Object.fromEntries(near);
    for (const addressMap of [table, ({ host, port }: { host: string; port: number }) => near.get(`${host}:${port}`)]) {
      const db = dial(t, [near.get(cluster.nodes[0]!.name)!], { addressMap, name: 'from-afar' });
      await db.set('far', 'away');
      assert.deepEqual([...db.nodes.keys()].sort(), [...near.values()].sort());
      const slot = keySlot('far');
      await cluster.moveSlot(slot, await otherThan(slot), async () => {
        assert.equal(await db.get('far'), 'away');
      });
      assert.equal(await db.get('far'), 'away');
      const primary = await cluster.primaryOf(slot);
      await cluster.replicated();
      await cluster.agreed();
      const replica = await cluster.replicaOf(primary);
      await cluster.handOver(primary, replica);
      await until(
        async () => (await db.set('far', 'away')) && (await replica.db.get('far')) === 'away',
        'the failover',
      );
      await cluster.agreed();
      for (const [node, link] of links) {
        const list = String(await node.db.call('CLIENT', 'LIST'));
        const direct = list.split('\n').filter((line) => line.includes('name=from-afar')).length - link.connections;
        assert.ok(direct <= 0, `${node.name} was reached without its link`);
      }
      assert.ok(Number(db.stats().redirects) > 0);
      db.destroy();
      await until(() => [...links.values()].every(({ connections }) => connections === 0), 'the connections to end');
    }
  });

  // Other systems have one loopback address only.
  const skip = process.platform !== 'linux';
  it('a node that comes back at another IP address is found there', { skip }, async (t) => {
    const node = await cluster.primaryOf(keySlot('nomad'));
    const replica = await cluster.replicaOf(node);
    // Its replica is not to take its place.
    await replica.call('CONFIG', 'SET', 'cluster-replica-no-failover', 'yes');
    const db = dial(t, [cluster.alive.find((one) => one !== node)!.name]);
    await db.set('nomad', 'here');
    const before = node.name;
    await cluster.relocate(node, '127.0.0.2');
    assert.equal(node.name, before.replace('127.0.0.1', '127.0.0.2'));
    await until(() => db.with({ timeout: 2000 }).set('nomad', 'there'), 'the node to be found');
    assert.equal(await node.db.get('nomad'), 'there');
    assert.ok(db.nodes.has(node.name) && !db.nodes.has(before), [...db.nodes.keys()].join());
    await replica.call('CONFIG', 'SET', 'cluster-replica-no-failover', 'no');
  });
});
