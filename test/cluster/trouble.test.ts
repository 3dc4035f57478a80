import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { keySlot } from '../../src/core/crc16.js';
import { ReplyError, TimeoutError } from '../../src/core/errors.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster } from '../support/cluster.js';
import { FakeServer } from '../support/fake-server.js';
import { FaultyLink } from '../support/proxy.js';
import { until } from '../support/until.js';
import { Ledger } from './ledger.js';

/** Every node behind a link that can be cut, and what becomes of commands. */
describe('a cluster in trouble', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  let links: FaultyLink[] = [];
  let addressMap: Record<string, string>;
  before(async () => {
    cluster = await TestCluster.start({ replicas: 0 });
    links = await Promise.all(cluster.nodes.map(({ server }) => FaultyLink.start(server.port)));
    addressMap = Object.fromEntries(cluster.nodes.map(({ name }, i) => [name, `127.0.0.1:${links[i]!.port}`]));
  });
  after(async () => {
    await Promise.all(links.map((link) => link.stop()));
    await cluster?.stop();
  });

  function dial(t: TestContext, options: OpenOptions = {}): Redis {
    const db = open(`redis+cluster://${links.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, {
      addressMap,
      ...options,
    });
    t.after(() => db.destroy());
    return db;
  }

  /** Keys of one node, and keys of the others. */
  async function keysBy(node: number): Promise<{ own: string[]; others: string[] }> {
    const keys = Array.from({ length: 60 }, (_, i) => `key:${i}`);
    const owners = await Promise.all(keys.map((key) => cluster.primaryOf(keySlot(key))));
    const isOwn = (_: string, i: number): boolean => owners[i] === cluster.nodes[node];
    return { own: keys.filter(isOwn), others: keys.filter((key, i) => !isOwn(key, i)) };
  }

  it('a node behind a dead link: its commands end by their deadlines, the others go on, none is lost or done twice', async (t) => {
    const db = dial(t, { timeout: 1500 });
    const patient = db.with({ timeout: 20_000 });
    const { own, others } = await keysBy(1);
    const ledger = new Ledger(db, [...own, ...others]).start();
    t.after(() => ledger.stop());
    await until(() => ledger.acknowledged > 1000, 'writes to go on');
    const link = links[1]!;
    link.stalled = true;
    link.deaf = true;
    const outcomes = await Promise.allSettled(own.map((key) => db.get(key)));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      assert.ok(outcome.reason instanceof TimeoutError, String(outcome.reason));
      assert.match(outcome.reason.message, /within 1500 ms/);
    }
    assert.ok(outcomes.some(({ status }) => status === 'rejected'));
    const at = ledger.acknowledged;
    await until(() => ledger.acknowledged > at + 1000, 'the others to go on');
    assert.deepEqual(
      await Promise.all(others.map((key) => patient.exists(key))),
      others.map(() => 1),
    );
    const healed = performance.now();
    link.stalled = false;
    link.deaf = false;
    // What was on the way when the link died is gone, as it is when a route comes back.
    link.drop();
    await until(
      async () => (await Promise.all(own.map((key) => db.exists(key)))).every((count) => count === 1),
      'the node',
    );
    t.diagnostic(`used again ${Math.round(performance.now() - healed)} ms after the link was back`);
    const back = ledger.acknowledged;
    await until(() => ledger.acknowledged > back + 1000, 'all to go on');
    await ledger.stop();
    assert.deepEqual(await ledger.wrong(patient), []);
    t.diagnostic(
      `${ledger.acknowledged} writes, ${ledger.unknown} of which it is not known, slowest ${Math.round(ledger.slowest)} ms`,
    );
  });

  it('all connections lost at once, a thousand reads in flight: none fails, and few looks at who serves what', async (t) => {
    const db = dial(t, { timeout: 20_000 });
    const keys = Array.from({ length: 1000 }, (_, i) => `read:${i}`);
    await db.mset(Object.fromEntries(keys.map((key) => [key, 1])));
    const { refreshes, connects } = db.stats();
    const reads: Promise<unknown>[] = [];
    for (let round = 0; round < 3; round++) {
      for (const link of links) link.stalled = true;
      reads.push(...keys.map((key) => db.get(key)));
      await until(() => Number(db.stats().inFlight) > 900, 'commands in flight');
      for (const link of links) link.stalled = false;
      for (const link of links) link.drop();
      assert.deepEqual(new Set(await Promise.all(reads)), new Set(['1']));
    }
    const looks = Number(db.stats().refreshes) - Number(refreshes);
    assert.ok(looks <= 30, `${looks} looks`);
    assert.ok(Number(db.stats().connects) - Number(connects) >= 9);
    t.diagnostic(`${reads.length} reads over 3 losses of all connections: ${looks} looks`);
  });

  it('a node that is loading: its commands wait until it has loaded', async (t) => {
    const db = dial(t, { timeout: 30_000 });
    const { own } = await keysBy(2);
    const node = cluster.nodes[2]!;
    await db.flushall();
    await Promise.all(own.map((key) => db.set(key, 'kept')));
    await Promise.all(Array.from({ length: 100 }, (_, i) => db.set(`{${own[0]!}}:${i}`, 'v'.repeat(50))));
    await node.call('CONFIG', 'SET', 'key-load-delay', '20000', 'loading-process-events-interval-bytes', '1024');
    const other = open(node.server.url, { timeout: 60_000 });
    t.after(() => other.destroy());
    const reloading = other.call('DEBUG', 'RELOAD');
    await until(async () => (await node.db.get(own[0]!).catch((error) => error.code)) === 'LOADING', 'it to load');
    const began = performance.now();
    const done = await Promise.all([...own.map((key) => db.get(key)), db.set(own[0]!, 'written')]);
    t.diagnostic(`waited ${Math.round(performance.now() - began)} ms for it`);
    assert.deepEqual(done, [...own.map(() => 'kept'), true]);
    assert.ok(Number((db.stats().errors as Record<string, number>).LOADING) > 0, 'it was heard of');
    await reloading;
    await node.call('CONFIG', 'SET', 'key-load-delay', '0');
    assert.equal(await db.get(own[0]!), 'written');
  });

  it('keys that stay apart while a slot moves: the command waits, and says at its deadline what for', async (t) => {
    const db = dial(t, { timeout: 600 });
    const slot = keySlot('tag');
    const from = await cluster.primaryOf(slot);
    const to = cluster.nodes.find((node) => node !== from)!;
    await db.mset({ '{tag}a': 1, '{tag}b': 2 });
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    await from.call('MIGRATE', '127.0.0.1', to.server.port, '{tag}a', 0, 5000);
    assert.equal(await db.with({ timeout: 20_000 }).get('{tag}a'), '1');
    await assert.rejects(db.mget('{tag}a', '{tag}b'), (error) => {
      assert.ok(error instanceof TimeoutError);
      assert.match(String((error.cause as Error).message), /^TRYAGAIN/);
      return true;
    });
    const waiting = db.with({ timeout: 20_000 }).mget('{tag}a', '{tag}b');
    await from.call('MIGRATE', '127.0.0.1', to.server.port, '{tag}b', 0, 5000);
    for (const node of [to, from]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    assert.deepEqual(await waiting, ['1', '2']);
  });

  it('nodes that point at each other for ever: a bounded number of attempts, and the last redirection as the error', async (t) => {
    const fakes: FakeServer[] = [];
    const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
    const portOf = (i: number): number => Number(new URL(fakes[i]!.url).port);
    for (const i of [0, 1]) {
      fakes.push(
        await FakeServer.start(([name, word]) => {
          if (name === 'CLUSTER' && word === 'SLOTS')
            return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${bulk('127.0.0.1')}:${portOf(0)}\r\n${bulk('a'.repeat(40))}`;
          return name === 'GET' ? `-MOVED 1 127.0.0.1:${portOf(1 - i)}\r\n` : null;
        }),
      );
    }
    t.after(() => Promise.all(fakes.map((fake) => fake.stop())));
    const db = open(fakes[0]!.url, { clustering: true, redirectsMax: 6, timeout: 20_000 });
    t.after(() => db.destroy());
    await assert.rejects(db.get('k'), (error) => error instanceof ReplyError && /^MOVED 1 /.test(error.message));
    const attempts = fakes.flatMap(({ commands }) => commands).filter((line) => line === 'GET k');
    assert.equal(attempts.length, 7);
  });

  it('what is told of it before the first command is all there, in zeros', async (t) => {
    for (const cache of [false, true]) {
      const db = dial(t, { cache });
      const { nodes: none, ...idle } = db.stats();
      await db.set('k', 'v');
      const { nodes, ...used } = db.stats();
      const shapeOf = (stats: object): unknown =>
        Object.entries(stats).map(([name, value]) => [name, typeof value === 'object' ? shapeOf(value) : typeof value]);
      assert.deepEqual(shapeOf(idle), shapeOf(used));
      assert.deepEqual([idle.backend, idle.commands, idle.shards, none], ['cluster', 0, 0, {}]);
      assert.deepEqual([used.shards, Object.keys(nodes as object).length], [3, 3]);
    }
  });

  it('replies that take long are told, with the names of their commands only', async (t) => {
    const heard: string[] = [];
    const listener = ({ command, duration }: { command: string; duration: number }): void => {
      assert.ok(duration >= 200);
      heard.push(command);
    };
    const db = dial(t, { slowCommand: { threshold: 200, listener }, timeout: 20_000 });
    const events: string[] = [];
    db.on('slow', ({ command }) => events.push(command));
    await db.set('secret', 'v');
    for (const link of links) link.delay_ms = 250;
    await db.get('secret');
    for (const link of links) link.delay_ms = 0;
    assert.ok(heard.includes('GET'), heard.join());
    assert.deepEqual(events, heard);
    assert.equal(db.stats().slow, heard.length);
  });
});
