import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { ConnectionError, KeyspanError, TimeoutError } from '../../src/core/errors.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import type { FakeServer } from '../support/fake-server.js';
import { Ledger } from '../support/ledger.js';
import { startLiar } from '../support/lying-sentinel.js';
import { FaultyLink } from '../support/proxy.js';
import { Replication, SERVICE, Sentinels } from '../support/replication.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

/**
 * Three real Sentinels of which two must agree, with one that is gone and one whose answers are lies; and what is known to
 * go wrong with other clients: they go back to the old primary, ask ever more Sentinels, wait for ever when none is left, or
 * leave the address map when the primary changes.
 */
const skip = (await findRedis()) === null ? whyNoRedis() : false;

describe('three Sentinels with a quorum of two', { skip }, () => {
  let group: Replication;
  let sentinels: Sentinels;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    group = await Replication.start({ replicas: 2 });
    sentinels = await Sentinels.start(group, { quorum: 2 });
  });
  const end = async (): Promise<void> => {
    await Promise.all(ends.splice(0).map((stop) => stop()));
    await sentinels?.stop();
    await group?.stop();
  };
  afterEach(end);
  after(end);

  function dial(addresses: readonly string[], options: OpenOptions = {}): Redis {
    const db = open(`redis+sentinel://${addresses.join(',')}/${SERVICE}`, options);
    ends.push(() => db.destroy());
    return db;
  }

  async function liar(port: number): Promise<FakeServer> {
    const fake = await startLiar(port);
    ends.push(() => fake.stop());
    return fake;
  }

  const textOf = (fake: { url: string }): string => fake.url.slice('redis://'.length);

  /** The node that the Sentinels that live name instead of `old`. */
  async function successorOf(old: number): Promise<number> {
    let next = -1;
    await until(async () => {
      const living = sentinels.nodes.filter(({ alive }) => alive());
      const named = await Promise.all(living.map(({ direct }) => direct.sentinelGetMasterAddrByName(SERVICE)));
      next = group.nodes.findIndex(({ port }) => named.every((address) => address?.port === port));
      return next >= 0 && next !== old;
    });
    return next;
  }

  /** Acknowledged by both replicas, so that no failover may lose it. */
  const copied = (db: Redis, key: string, id: string): Promise<unknown> =>
    db
      .pipeline()
      .rpush(key, id)
      .wait(1, 2000)
      .exec()
      .then(([, copies]) => {
        if ((copies as number) < 1) throw new ConnectionError('not copied', { applied: 'maybe' });
      });

  /** The old primary goes on taking itself for one: nobody may tell it otherwise. */
  async function stubborn(index: number): Promise<void> {
    await group.nodes[index]!.direct.call('ACL', 'SETUSER', 'default', '-replicaof', '-slaveof', '-config|rewrite');
  }

  async function killConnections(index: number): Promise<void> {
    await group.nodes[index]!.direct.clientKill({ type: 'normal', skipMe: 'yes' });
  }

  test('one gone and one lying: the primary is killed under load, and what the third knows counts', async (t) => {
    const lying = await liar(group.nodes[0]!.port);
    const [, honest, gone] = sentinels.nodes;
    const db = dial([textOf(lying), `127.0.0.1:${honest!.port}`, `127.0.0.1:${gone!.port}`], { timeout: 15_000 });
    assert.equal((await db.sentinelMaster(SERVICE).catch(() => null))?.quorum ?? 2, 2);
    const ledger = new Ledger(db, 'log', copied).start(5);
    await until(() => ledger.acknowledged.size > 50);
    process.kill(gone!.pid, 'SIGKILL');
    await until(() => !gone!.alive());
    const begin = performance.now();
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    await until(() => !group.nodes[0]!.alive());
    // What was on its way when the connection was lost says so.
    await until(async () => (await outcome(db.set('after', 'yes'), 20_000)).value === true);
    t.diagnostic(`writes were taken again ${Math.round(performance.now() - begin)} ms after the kill`);
    await ledger.stop();
    const next = await successorOf(0);
    ledger.check(await group.nodes[next]!.direct.lrange('log', 0, -1));
    t.diagnostic(ledger.summary);
    assert.ok(
      lying.commands.some((line) => /GET-MASTER-ADDR-BY-NAME/i.test(line)),
      'the liar was asked',
    );
  });

  test('an old primary that still takes itself for one is not gone back to, whoever names it', async () => {
    await stubborn(0);
    const lying = await liar(group.nodes[0]!.port);
    const db = dial([textOf(lying), ...sentinels.addresses], { timeout: 15_000 });
    await db.set('k', 'old');
    const moves: string[] = [];
    db.on('moved', (address) => moves.push(address));
    process.kill(group.nodes[0]!.pid, 'SIGSTOP');
    const next = await successorOf(0);
    await until(() => moves.length > 0);
    process.kill(group.nodes[0]!.pid, 'SIGCONT');
    await until(async () => (await outcome(db.set('k', 'new'))).value === true);
    for (let i = 0; i < 5; i++) {
      const asked = lying.commands.length;
      await killConnections(next);
      await until(async () => (await outcome(db.set('k', `new ${i}`))).value === true);
      assert.equal(await group.nodes[next]!.direct.get('k'), `new ${i}`);
      if (i === 0) assert.ok(lying.commands.length > asked, 'the liar was asked');
    }
    const [role] = (await group.nodes[0]!.direct.role()) as unknown as [string];
    assert.equal(role, 'master', 'it still says that it is one');
    assert.equal(await group.nodes[0]!.direct.get('k'), 'old');
  });

  test('the list of Sentinels does not grow, nor do connections to them', async () => {
    const db = dial([sentinels.addresses[0]!, sentinels.addresses[0]!, `localhost:${sentinels.nodes[1]!.port}`]);
    await db.set('k', 'v');
    const connections = async (): Promise<number> => {
      const lists = await Promise.all(sentinels.nodes.map(({ direct }) => direct.clientList()));
      return lists.flat().length;
    };
    await until(async () => (await connections()) > 0);
    const before = await connections();
    for (let i = 0; i < 6; i++) {
      await killConnections(0);
      await until(async () => (await outcome(db.set('k', i))).value === true);
    }
    // One question and one ear for each Sentinel, under each of its names.
    await until(async () => (await connections()) <= before + 2 * (sentinels.nodes.length + 1));
    for (const { pid } of sentinels.nodes) process.kill(pid, 'SIGKILL');
    await until(() => sentinels.nodes.every((node) => !node.alive()));
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    await until(() => !group.nodes[0]!.alive());
    const { error } = await outcome(db.with({ timeout: 1500 }).get('k'), 4000);
    assert.ok(error instanceof KeyspanError, inspect(error));
    const named = [...error.message.matchAll(/(?:127\.0\.0\.1|localhost):\d+ \(/g)].map(([name]) => name);
    assert.equal(new Set(named).size, named.length, error.message);
    assert.ok(named.length <= 5, error.message);
  });

  test('all Sentinels and the primary gone: whatever waits ends by its deadline', async () => {
    const db = dial(sentinels.addresses, { timeout: 800 });
    await db.set('k', 'v');
    const blocked = outcome(db.blpop(['none'], 30), 6000);
    await until(async () => /cmd=blpop/.test(String(await group.nodes[0]!.direct.call('CLIENT', 'LIST'))));
    for (const { pid } of [...sentinels.nodes, ...group.nodes]) process.kill(pid, 'SIGKILL');
    await until(() => [...sentinels.nodes, ...group.nodes].every((node) => !node.alive()));
    const waiting = [
      db.get('k'),
      db.set('k', 'w'),
      db.multi().incr('n').exec(),
      db.pipeline().get('k').incr('n').exec(),
      db.sentinelMasters(),
      db.subscribe('news', () => {}),
      dial(sentinels.addresses, { timeout: 800 }).get('k'),
    ];
    for (const { error } of await Promise.all(waiting.map((one) => outcome(one, 4000)))) {
      assert.ok(error instanceof ConnectionError || error instanceof TimeoutError, inspect(error));
    }
    assert.ok((await blocked).error instanceof ConnectionError, inspect(await blocked));
  });

  test('nodes and Sentinels that are reached by other addresses only: through a failover as well', async () => {
    const addressMap: Record<string, string> = {};
    const links: FaultyLink[] = [];
    for (const { port } of [...group.nodes, ...sentinels.nodes]) {
      const link = await FaultyLink.start(port);
      ends.push(() => link.stop());
      addressMap[`127.0.0.1:${port}`] = `127.0.0.1:${link.port}`;
      links.push(link);
    }
    const db = dial([`127.0.0.1:${links[3]!.port}`], { addressMap, timeout: 15_000, readFrom: 'preferReplica' });
    await db.set('k', 'v');
    const heard: string[] = [];
    db.on('moved', (address) => heard.push(address));
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    const next = await successorOf(0);
    assert.equal((await outcome(db.set('k', 'w'), 15_000)).value, true);
    assert.deepEqual(heard, [`127.0.0.1:${links[next]!.port}`], 'by the address that it has from here');
    assert.ok(links[next]!.accepted > 0 && links.slice(3).every(({ accepted }) => accepted > 0));
  });
});
