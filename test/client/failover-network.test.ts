import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { ConnectionError, TimeoutError } from '../../src/core/errors.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { Ledger } from '../support/ledger.js';
import { FaultyLink } from '../support/proxy.js';
import { Replication, SERVICE, Sentinels } from '../support/replication.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

/** The nodes are well; what fails is the way to them. Each is reached through a link of its own. */
const skip = (await findRedis()) === null ? whyNoRedis() : false;

let group: Replication;
let links: FaultyLink[] = [];
let opened: Redis[] = [];

async function begin(replicas: number): Promise<void> {
  group = await Replication.start({ replicas });
  links = await Promise.all(group.nodes.map(({ port }) => FaultyLink.start(port)));
}

async function end(): Promise<void> {
  for (const db of opened) db.destroy();
  opened = [];
  await Promise.all(links.map((link) => link.stop()));
  await group?.stop();
}

/** What nodes say of themselves, and where they are from here. */
const near = (): Record<string, string> =>
  Object.fromEntries(group.addresses.map((address, i) => [address, `127.0.0.1:${links[i]!.port}`]));

function dial(url: string, options: OpenOptions): Redis {
  const db = open(url, { addressMap: near(), ...options });
  opened.push(db);
  return db;
}

/** Nothing comes through any more, in either direction, and nobody is told. */
function cut(link: FaultyLink, isCut = true): void {
  link.stalled = isCut;
  link.deaf = isCut;
  // What was on its way is lost for good: a route that comes back does not bring it.
  if (!isCut) link.drop();
}

/** Acknowledged by a replica, so that no failover may lose it. */
const copied = (db: Redis, key: string, id: string): Promise<unknown> =>
  db
    .pipeline()
    .rpush(key, id)
    .wait(1, 5000)
    .exec()
    .then(([, copies]) => {
      if ((copies as number) < 1) throw new ConnectionError('not copied', { applied: 'maybe' });
    });

describe('a failover pair behind bad links', { skip }, () => {
  beforeEach(() => begin(1));
  afterEach(end);

  const pairOf = (options: OpenOptions = {}): Redis =>
    dial(`redis://${links.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, options);

  test('the way to the primary is cut: commands end by their deadlines, and go on there when it is back', async (t) => {
    const db = pairOf({ timeout: 800, discoveryTimeout: 300 });
    await db.set('k', 'v');
    cut(links[0]!);
    const [read, write] = await Promise.all([outcome(db.get('k'), 800), outcome(db.incr('n'), 800)]);
    assert.ok(read.error instanceof TimeoutError && read.error.applied === 'no', inspect(read));
    assert.ok(write.error instanceof TimeoutError && write.error.applied === 'maybe', inspect(write));
    const { error } = await outcome(db.set('k', 'w'), 800);
    assert.ok(error instanceof TimeoutError, inspect(error));
    const healed = performance.now();
    cut(links[0]!, false);
    await until(async () => (await outcome(db.set('k', 'back'), 800)).value === true);
    t.diagnostic(`writes were taken again ${Math.round(performance.now() - healed)} ms after the way was back`);
    assert.equal(await group.nodes[0]!.direct.get('k'), 'back');
    assert.equal(await db.incr('n'), 1, 'what never arrived was not done');
  });

  test('cut off, the old primary is replaced, and not gone back to when its way is open again', async (t) => {
    const db = pairOf({ timeout: 4000, discoveryTimeout: 300, roleCheckInterval: 500 });
    const ledger = new Ledger(db, 'log', copied).start(10);
    await until(() => ledger.acknowledged.size > 100);
    cut(links[0]!);
    await group.handOver(0, 1);
    const promoted = performance.now();
    const impatient = db.with({ timeout: 500 });
    await until(async () => (await outcome(impatient.set('after', 'yes'), 500)).value === true);
    t.diagnostic(`writes were taken again ${Math.round(performance.now() - promoted)} ms after the promotion`);
    const at = ledger.acknowledged.size;
    await until(() => ledger.acknowledged.size > at + 100);
    cut(links[0]!, false);
    const back = ledger.acknowledged.size;
    await until(() => ledger.acknowledged.size > back + 100);
    await ledger.stop();
    ledger.check(await group.nodes[1]!.direct.lrange('log', 0, -1));
    assert.equal(await group.nodes[1]!.direct.get('after'), 'yes');
    t.diagnostic(ledger.summary);
  });

  test('connections that are reset over and over: every acknowledged write is there once, reads never fail', async (t) => {
    const db = pairOf({ timeout: 15_000 });
    await db.set('k', 'v');
    const ledger = new Ledger(db, 'log').start(10);
    for (let i = 0; i < 10; i++) {
      const at = ledger.acknowledged.size;
      await until(() => ledger.acknowledged.size > at + 50);
      links[0]!.stalled = true;
      const reads = Array.from({ length: 20 }, () => outcome(db.get('k'), 15_000));
      links[0]!.stalled = false;
      links[0]!.drop(i % 2 === 0 ? 'reset' : 'end');
      for (const read of await Promise.all(reads)) assert.deepEqual(read, { value: 'v' });
    }
    await ledger.stop();
    ledger.check(await group.nodes[0]!.direct.lrange('log', 0, -1));
    t.diagnostic(ledger.summary);
  });

  test('a primary that loads its data: commands wait until it has', async (t) => {
    const db = pairOf({ timeout: 30_000 });
    const { direct } = group.nodes[0]!;
    await db.mset(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v'.repeat(50)])));
    await direct.call('CONFIG', 'SET', 'key-load-delay', '20000', 'loading-process-events-interval-bytes', '1024');
    const other = dial(group.nodes[0]!.url, { timeout: 60_000 });
    const reloading = other.call('DEBUG', 'RELOAD');
    await until(async () => (await outcome(direct.get('k1'))).error?.code === 'LOADING');
    const start = performance.now();
    const [read, write] = await Promise.all([outcome(db.get('k1'), 30_000), outcome(db.set('n', 'w'), 30_000)]);
    t.diagnostic(`answered ${Math.round(performance.now() - start)} ms later`);
    assert.deepEqual([read.value, write.value], ['v'.repeat(50), true], inspect([read, write]));
    await reloading;
    assert.equal(await direct.get('n'), 'w');
  });
});

describe('Sentinels behind bad links', { skip }, () => {
  let sentinels: Sentinels;
  let watches: FaultyLink[] = [];

  beforeEach(async () => {
    await begin(2);
    sentinels = await Sentinels.start(group, { quorum: 2 });
    watches = await Promise.all(sentinels.nodes.map(({ port }) => FaultyLink.start(port)));
  });
  afterEach(async () => {
    await Promise.all(watches.map((link) => link.stop()));
    await sentinels?.stop();
    await end();
  });

  function serviceOf(options: OpenOptions): Redis {
    const ways = sentinels.addresses.map((address, i) => [address, `127.0.0.1:${watches[i]!.port}`]);
    const addressMap = { ...near(), ...Object.fromEntries(ways) };
    const named = watches.map(({ port }) => `127.0.0.1:${port}`);
    return dial(`redis+sentinel://${named.join(',')}/${SERVICE}`, { ...options, addressMap });
  }

  test('the way to all Sentinels is cut: what is connected goes on; then a failover is heard of by who comes back', async (t) => {
    const db = serviceOf({ timeout: 15_000, discoveryTimeout: 500 });
    await db.set('k', 'v');
    for (const link of watches) cut(link);
    for (let i = 0; i < 20; i++) assert.equal(await db.set('k', i), true);
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    await until(() => !group.nodes[0]!.alive());
    let next = -1;
    await until(async () => {
      const named = await Promise.all(sentinels.nodes.map(({ direct }) => direct.sentinelGetMasterAddrByName(SERVICE)));
      next = group.nodes.findIndex(({ port }) => named.every((address) => address?.port === port));
      return next > 0;
    });
    const { error } = await outcome(db.with({ timeout: 1000 }).set('k', 'lost'), 1000);
    assert.ok(error instanceof ConnectionError || error instanceof TimeoutError, inspect(error));
    const healed = performance.now();
    cut(watches[1]!, false);
    await until(async () => (await outcome(db.set('k', 'found'), 15_000)).value === true);
    t.diagnostic(
      `writes were taken again ${Math.round(performance.now() - healed)} ms after one Sentinel could be asked`,
    );
    assert.equal(await group.nodes[next]!.direct.get('k'), 'found');
  });

  test('replicas that cannot be reached: the primary is read instead, and they are again when their ways are back', async () => {
    const db = serviceOf({ timeout: 15_000, discoveryTimeout: 500, readFrom: 'preferReplica' });
    const reads = async (): Promise<number[]> => {
      const infos = await Promise.all(group.nodes.map(({ direct }) => direct.info({ sections: ['commandstats'] })));
      return infos.map(({ commandstats }) =>
        Number(/calls=(\d+)/.exec(String(commandstats?.cmdstat_get ?? 'calls=0'))![1]),
      );
    };
    const places = async (): Promise<boolean[]> => {
      const before = await reads();
      for (let i = 0; i < 10; i++) assert.equal(await db.get('k'), 'v');
      return (await reads()).map((count, i) => count - before[i]! > 0);
    };
    await db.connect();
    await db.set('k', 'v');
    await until(async () =>
      (await Promise.all(group.nodes.map(({ direct }) => direct.get('k')))).every((v) => v === 'v'),
    );
    await until(async () => (await places())[0] === false, 'reads at a replica');
    const [port1, port2] = [links[1]!.port, links[2]!.port];
    await Promise.all([links[1]!.refuse(), links[2]!.refuse()]);
    await until(async () => (await places()).join() === 'true,false,false', 'reads at the primary');
    await Promise.all([links[1]!.accept(port1), links[2]!.accept(port2)]);
    await until(async () => (await places())[0] === false, 'reads at a replica again');
  });
});
