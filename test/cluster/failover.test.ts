import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { ConnectionError, TimeoutError } from '../../src/core/errors.js';
import { open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { outcome } from '../client/settle.js';
import { TestCluster, type TestNode } from '../support/cluster.js';
import { until } from '../support/until.js';
import { Ledger } from './ledger.js';

/** How many failovers by order happen under load; CLUSTER_FAILOVERS asks for more. */
const FAILOVERS = Number(process.env.CLUSTER_FAILOVERS ?? 10);
const NODE_TIMEOUT_MS = 1000;
/** A node that is silent is failed after up to two timeouts; then its replica is elected. */
const RECOVERY_MAX_MS = 60_000;
/** Counters of a test's own. */
const countersOf = (test: string): string[] => Array.from({ length: 60 }, (_, i) => `${test}:${i}`);
const keys = countersOf('seen');

describe('primaries that change', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  let db: Redis;
  let killed: TestNode | null = null;
  const events: string[] = [];
  before(async () => {
    cluster = await TestCluster.start({ replicas: 2, nodeTimeout: NODE_TIMEOUT_MS });
    db = open(cluster.url, { refreshInterval: 2000 });
    db.on('nodeDown', (node) => events.push(`down ${node}`));
    db.on('nodeUp', (node) => events.push(`up ${node}`));
  });
  after(async () => {
    db?.destroy();
    await cluster?.stop();
  });

  const report = (t: TestContext, ledger: Ledger): void => {
    const errors = [...ledger.errors].map(([name, count]) => `${count} × ${name}`).join(', ') || 'none';
    t.diagnostic(
      `${ledger.acknowledged} writes, slowest ${ledger.slowest.toFixed(0)} ms, longest gap ${ledger.longestGap.toFixed(0)} ms, ` +
        `unknown ${ledger.unknown}, errors: ${errors}`,
    );
  };

  it(`${FAILOVERS} orderly failovers under load lose no acknowledged write`, async (t) => {
    await cluster.replicated();
    const ledger = new Ledger(db, countersOf('ordered')).start(4);
    t.after(() => ledger.stop());
    for (let i = 0; i < FAILOVERS; i++) {
      const primary = await cluster.primaryOf(Math.floor((i * 16_384) / 3) % 16_384);
      const replica = await cluster.replicaOf(primary);
      await cluster.handOver(primary, replica);
      const at = ledger.acknowledged;
      await until(() => ledger.acknowledged > at + 1000, 'writes to go on');
      await cluster.agreed();
      await cluster.replicated();
    }
    await ledger.stop();
    assert.deepEqual(await ledger.wrong(), []);
    report(t, ledger);
  });

  it('a primary that is killed under load: its replica is found, reads are repeated, writes tell what became of them', async (t) => {
    await cluster.replicated();
    const counters = countersOf('killed');
    const primary = await cluster.primaryOf(keySlot(keys[0]!));
    const ledger = new Ledger(db, counters).start(4);
    t.after(() => ledger.stop());
    const reading = readAll(db);
    t.after(() => reading.stop());
    await until(() => ledger.acknowledged > 1000, 'writes to go on');
    ledger.mark();
    events.length = 0;
    const began = performance.now();
    process.kill(primary.server.pid, 'SIGKILL');
    killed = primary;
    await until(async () => (await cluster.primaryOf(keySlot(keys[0]!))) !== primary, 'a new primary', RECOVERY_MAX_MS);
    const promoted = performance.now() - began;
    assert.equal((await db.with({ timeout: RECOVERY_MAX_MS }).incrby(keys[0]!, 0)) >= 0, true);
    const served = performance.now() - began;
    const at = ledger.acknowledged;
    await until(() => ledger.acknowledged > at + 2000, 'all writers to go on');
    await ledger.stop();
    reading.stop();
    assert.deepEqual(await reading.failed, []);
    // Copies may lag behind by what was written right before the end: what the server lost is not the client's to keep.
    const { lost, invented } = await ledger.balance();
    assert.equal(invented, 0);
    assert.ok(events.includes(`down ${primary.name}`), events.join());
    t.diagnostic(
      `promoted after ${promoted.toFixed(0)} ms, served after ${served.toFixed(0)} ms, acknowledged writes that the killed node took with it: ${lost}`,
    );
    report(t, ledger);
  });

  it('one that comes back is used again', async () => {
    const back = await cluster.restart(killed!);
    await cluster.agreed();
    await until(async () => {
      await db.dbsize();
      return db.nodes.has(back.name);
    }, 'it to be known');
    assert.equal(await db.nodes.get(back.name)!.clusterMyid(), back.id);
  });

  it('a primary that is stopped under load: commands end by their deadlines, the replica takes over', async (t) => {
    await cluster.replicated();
    const primary = await cluster.primaryOf(keySlot(keys[1]!));
    const ledger = new Ledger(db, countersOf('stopped')).start(4);
    t.after(() => ledger.stop());
    await until(() => ledger.acknowledged > 1000, 'writes to go on');
    ledger.mark();
    const began = performance.now();
    process.kill(primary.server.pid, 'SIGSTOP');
    try {
      const asked = cluster.alive.find((node) => node !== primary)!;
      await until(
        async () => (await cluster.primaryOf(keySlot(keys[1]!), asked)) !== primary,
        'a new primary',
        RECOVERY_MAX_MS,
      );
      const promoted = performance.now() - began;
      await until(() => db.set(keys[1]!, 'new'), 'a write', RECOVERY_MAX_MS);
      const served = performance.now() - began;
      t.diagnostic(`promoted after ${promoted.toFixed(0)} ms, served after ${served.toFixed(0)} ms`);
      const at = ledger.acknowledged;
      await until(() => ledger.acknowledged > at + 2000, 'all writers to go on');
      await ledger.stop();
      report(t, ledger);
      // Its deadline, and what a busy machine adds.
      assert.ok(ledger.slowest < 5000 + 15_000, `a write took ${ledger.slowest} ms`);
    } finally {
      process.kill(primary.server.pid, 'SIGCONT');
    }
    await cluster.agreed();
    await cluster.replicated();
  });

  it('messages are heard again after the node is lost that they were heard at', async () => {
    const heard: string[] = [];
    const gaps: unknown[] = [];
    const stream = db.messages({ channels: ['news'], shardChannels: ['shard'] });
    await stream.ready();
    const reading = (async () => {
      for await (const { payload, gap } of stream) {
        heard.push(payload);
        if (gap !== undefined) gaps.push(gap);
        if (payload === 'last') return;
      }
    })();
    for (const channel of ['news', 'shard']) {
      const at = await cluster.primaryOf(keySlot(channel));
      process.kill(at.server.pid, 'SIGKILL');
      await until(async () => (await cluster.primaryOf(keySlot(channel))) !== at, 'a new primary', RECOVERY_MAX_MS);
      const publish = channel === 'news' ? () => db.publish('news', channel) : () => db.spublish('shard', channel);
      await until(async () => {
        await publish();
        return heard.includes(channel);
      }, `${channel} to be heard again`);
      await cluster.restart(at);
      await cluster.agreed();
      await cluster.replicated();
    }
    await db.publish('news', 'last');
    await reading;
    assert.ok(gaps.length >= 1 && gaps.every((gap) => gap === 'reconnect'));
  });

  it('a shard with nobody left: its commands end in time and say why, the others go on', async () => {
    const slot = keySlot(keys[0]!);
    const members = await cluster.shardOf(slot);
    for (const { server } of members) process.kill(server.pid, 'SIGKILL');
    await until(async () => (await cluster.alive[0]!.db.clusterInfo()).cluster_state === 'fail', 'the nodes to notice');
    const { error } = await outcome(db.with({ timeout: 1500 }).get(keys[0]!), 1500);
    assert.ok(error instanceof TimeoutError || error instanceof ConnectionError, String(error));
    assert.ok(error.cause instanceof Error);
    for (const node of cluster.alive) await node.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'no');
    const served = (await Promise.all(keys.map((key) => cluster.primaryOf(keySlot(key))))).map(
      (node) => !members.includes(node),
    );
    const others = keys.filter((_, i) => served[i]);
    assert.ok(others.length > 0);
    await until(async () => {
      await Promise.all(others.map((key) => db.set(key, 'served')));
      return true;
    }, 'the others to go on');
    const again = await outcome(db.with({ timeout: 1500 }).set(keys[0]!, 'lost'), 1500);
    assert.ok(again.error instanceof TimeoutError || again.error instanceof ConnectionError, String(again.error));
    await Promise.all(others.map((key) => db.set(key, 'served')));
  });
});

/** Reads all keys over and over, until it is stopped; which reads failed. */
function readAll(db: Redis): { stop(): void; failed: Promise<string[]> } {
  let stopping = false;
  const patient = db.with({ timeout: 60_000 });
  const work = async (key: string): Promise<string[]> => {
    const failed: string[] = [];
    while (!stopping) await patient.get(key).catch((error) => failed.push(`${key}: ${error}`));
    return failed;
  };
  const failed = Promise.all(keys.map(work)).then((lists) => lists.flat());
  return {
    stop() {
      stopping = true;
    },
    failed,
  };
}
