import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { AuthError, ConnectionError, DataError, TimeoutError } from '../../src/core/errors.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import type { FakeServer } from '../support/fake-server.js';
import { Ledger } from '../support/ledger.js';
import { startLiar } from '../support/lying-sentinel.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort } from '../support/redis.js';
import { Replication, SERVICE, Sentinels } from '../support/replication.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;

let group: Replication;
let sentinels: Sentinels;
let opened: { destroy(): void }[] = [];

async function begin(): Promise<void> {
  group = await Replication.start({ replicas: 2 });
  sentinels = await Sentinels.start(group);
}

async function end(): Promise<void> {
  hangUp();
  await sentinels.stop();
  await group.stop();
}

/** Ends what a test has opened. */
function hangUp(): void {
  for (const one of opened) one.destroy();
  opened = [];
}

function dial(options: OpenOptions = {}, url = sentinels.url()): Redis {
  const db = open(url, options);
  opened.push(db);
  return db;
}

function urlOf(...addresses: string[]): string {
  return `redis+sentinel://${addresses.join(',')}/${SERVICE}`;
}

async function lyingSentinel(port: number, epoch: number): Promise<FakeServer> {
  const fake = await startLiar(port, epoch);
  opened.push({ destroy: () => void fake.stop() });
  return fake;
}

const near = fileURLToPath(new URL('../../../test/server/certificate.pem', import.meta.url));
const certificate = readFileSync(existsSync(near) ? near : join(process.cwd(), 'test/server/certificate.pem'));

/** TLS in front of a port. */
async function tlsTo(port: number): Promise<{ address: string; secured(): number }> {
  let count = 0;
  const server = createServer({ cert: certificate, key: certificate }, (socket) => {
    count++;
    const upstream = connect(port, '127.0.0.1');
    for (const end of [socket, upstream]) end.on('error', () => {});
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ destroy: () => void server.close() });
  return { address: `127.0.0.1:${(server.address() as { port: number }).port}`, secured: () => count };
}

describe('Sentinels of a service', { skip }, () => {
  before(begin);
  afterEach(hangUp);
  after(end);

  test('the primary is found by the first Sentinel that can be asked', async () => {
    const gone = `127.0.0.1:${await freePort()}`;
    for (const url of [sentinels.url(), urlOf(gone, ...sentinels.addresses), `${sentinels.url()}/0`]) {
      const db = dial({}, url);
      assert.equal(await db.set('k', url), true);
      assert.equal(await group.nodes[0]!.direct.get('k'), url);
    }
  });

  test('a Sentinel that names a replica is passed over, and so is one that names nobody alive', async () => {
    for (const port of [group.nodes[1]!.port, await freePort()]) {
      const liar = await lyingSentinel(port, 0);
      const db = dial({}, urlOf(liar.url.slice('redis://'.length), ...sentinels.addresses));
      assert.equal(await db.set('k', 'v'), true);
      assert.ok(liar.commands.some((line) => /GET-MASTER-ADDR-BY-NAME/i.test(line)));
    }
  });

  test('an unknown service is an error at once', async () => {
    const db = dial({}, `redis+sentinel://${sentinels.addresses.join(',')}/nosuch`);
    const { error } = await outcome(db.get('k'), 1000);
    assert.ok(error instanceof DataError, inspect(error));
    assert.match(error.message, /know no service 'nosuch'/);
  });

  test('the address map says where nodes are from here', async () => {
    const link = await FaultyLink.start(group.nodes[0]!.port);
    opened.push({ destroy: () => void link.stop() });
    const addressMap = { [group.addresses[0]!]: `127.0.0.1:${link.port}` };
    assert.equal(await dial({ addressMap }).set('k', 'v'), true);
    assert.ok(link.connections > 0);
    const asFunction = dial({ addressMap: ({ port }) => (port === group.nodes[0]!.port ? link.url.slice(8) : null) });
    const before = link.accepted;
    await asFunction.get('k');
    assert.ok(link.accepted > before);
  });

  test('TLS for nodes and Sentinels, each for itself', async () => {
    const node = await tlsTo(group.nodes[0]!.port);
    const sentinel = await tlsTo(sentinels.nodes[0]!.port);
    const tls = { ca: certificate, rejectUnauthorized: false };
    const addressMap = { [group.addresses[0]!]: node.address };
    const both = dial({ tls, addressMap }, `rediss+sentinel://${sentinel.address}/${SERVICE}`);
    assert.equal(await both.set('k', 'both'), true);
    assert.ok(node.secured() > 0 && sentinel.secured() > 0);
    const before = [node.secured(), sentinel.secured()];
    const nodesOnly = dial({ tls, addressMap, sentinelTls: false }, urlOf(sentinels.addresses[0]!));
    assert.equal(await nodesOnly.get('k'), 'both');
    assert.ok(node.secured() > before[0]!);
    assert.equal(sentinel.secured(), before[1]);
    const sentinelsOnly = dial({ sentinelTls: tls }, urlOf(sentinel.address));
    assert.equal(await sentinelsOnly.get('k'), 'both');
    assert.ok(sentinel.secured() > before[1]!);
    const { error } = await outcome(dial({ sentinelTls: true, timeout: 1000 }, urlOf(sentinel.address)).get('k'));
    assert.match(error.message, /self-signed certificate/);
  });

  test('commands for Sentinels go to a Sentinel, and their replies are objects', async () => {
    const db = dial();
    const [primary, ...replicas] = group.nodes;
    assert.deepEqual(await db.sentinelGetMasterAddrByName(SERVICE), { host: '127.0.0.1', port: primary!.port });
    assert.equal(await db.sentinelGetMasterAddrByName('nosuch'), null);
    const master = await db.sentinelMaster(SERVICE);
    assert.deepEqual(
      [master.name, master.port, master.flags, master.numSlaves, master.numOtherSentinels, master.quorum],
      [SERVICE, primary!.port, ['master'], 2, 2, 1],
    );
    assert.equal(master.fields['num-slaves'], '2');
    assert.deepEqual(
      (await db.sentinelMasters()).map(({ name }) => name),
      [SERVICE],
    );
    for (const list of [await db.sentinelReplicas(SERVICE), await db.sentinelSlaves(SERVICE)]) {
      const ports = list.map(({ port }) => port).sort();
      assert.deepEqual(ports, replicas.map(({ port }) => port).sort());
      assert.ok(
        list.every(({ masterPort, masterLinkStatus }) => masterPort === primary!.port && masterLinkStatus === 'ok'),
      );
    }
    const peers = await db.sentinelSentinels(SERVICE);
    assert.equal(peers.length, 2);
    assert.ok(peers.every(({ votedLeader, flags }) => votedLeader === null && flags.includes('sentinel')));
    assert.match(await db.sentinelMyid(), /^[0-9a-f]{40}$/);
    assert.match(await db.sentinelCkquorum(SERVICE), /^OK 3 usable Sentinels/);
    assert.deepEqual(await db.sentinelIsMasterDownByAddr('127.0.0.1', primary!.port, 0, '*'), {
      isDown: false,
      leader: null,
      leaderEpoch: 0,
    });
    assert.deepEqual(await db.sentinelPendingScripts(), []);
    const cache = await db.sentinelInfoCache(SERVICE);
    assert.ok(cache[SERVICE]!.length === 3 && cache[SERVICE]!.every(({ info }) => /redis_version/.test(info ?? '')));
    assert.ok((await db.sentinelHelp()).length > 10);
    assert.ok(Array.isArray(await db.sentinelSimulateFailure('help')));
    assert.deepEqual(await db.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', SERVICE), [
      '127.0.0.1',
      String(primary!.port),
    ]);
    // And the data stay where they are.
    assert.equal(await db.set('k', 'v'), true);
  });

  test('services and parameters can be changed', async () => {
    const { direct } = sentinels.nodes[0]!;
    assert.equal(await direct.sentinelMonitor('other', '127.0.0.1', group.nodes[0]!.port, 1), 'OK');
    assert.equal(await direct.sentinelSet('other', 'down-after-milliseconds', 1234), 'OK');
    assert.equal(await direct.sentinelSet('other', { quorum: 2, 'parallel-syncs': 3 }), 'OK');
    const { downAfterMilliseconds, quorum, parallelSyncs } = await direct.sentinelMaster('other');
    assert.deepEqual([downAfterMilliseconds, quorum, parallelSyncs], [1234, 2, 3]);
    assert.equal(await direct.sentinelReset('oth*'), 1);
    assert.equal(await direct.sentinelRemove('other'), 'OK');
    assert.match((await outcome(direct.sentinelMaster('other'))).error.message, /No such master/);
    assert.equal(await direct.sentinelFlushconfig(), 'OK');
    assert.equal(await direct.sentinelConfigSet('announce-port', 1), 'OK');
    assert.deepEqual(await direct.sentinelConfigGet('announce-port'), { 'announce-port': '1' });
    assert.equal(await direct.sentinelConfigSet('announce-port', 0), 'OK');
    assert.equal((await direct.sentinelDebug())['PING-PERIOD'], 250);
  });
});

describe('Sentinels of a service in trouble', { skip }, () => {
  beforeEach(begin);
  afterEach(end);

  /** A write that all replicas have before it counts: what a failover itself may lose does not. */
  const copied = (db: Redis, key: string, id: string): Promise<unknown> =>
    db
      .pipeline()
      .rpush(key, id)
      .call('WAIT', 2, 500)
      .execSettled()
      .then(([pushed, copies]) => {
        if (pushed instanceof Error) throw pushed;
        if (copies !== 2) throw new ConnectionError('not copied', { applied: 'maybe' });
      });

  /** The node that the Sentinels made the primary instead of `old`. */
  async function successorOf(old: number, ms = 10_000): Promise<number> {
    let next = -1;
    await until(
      async () => {
        const addresses = await Promise.all(
          sentinels.nodes.map(({ direct }) => direct.sentinelGetMasterAddrByName(SERVICE)),
        );
        next = group.nodes.findIndex(({ port }) => addresses.every((address) => address?.port === port));
        return next >= 0 && next !== old;
      },
      undefined,
      ms,
    );
    return next;
  }

  /** Asks a Sentinel for a failover, again if it gave up (a busy machine is slow to promote), until there is one. */
  async function failOver(old: number, sentinel: number): Promise<number> {
    let next = -1;
    await until(async () => {
      await outcome(sentinels.nodes[sentinel]!.direct.sentinelFailover(SERVICE));
      next = await successorOf(old, 5000).catch(() => -1);
      return next >= 0;
    });
    return next;
  }

  test('a Sentinel that does not answer is not waited for alone', async () => {
    process.kill(sentinels.nodes[0]!.pid, 'SIGSTOP');
    const start = performance.now();
    assert.equal(await dial({ discoveryTimeout: 60_000, timeout: 60_000 }).set('k', 'v'), true);
    const took_ms = performance.now() - start;
    assert.ok(took_ms < 20_000, `${took_ms} ms, and each Sentinel has a minute`);
  });

  test('Sentinels that were not named are learnt, and asked when the named one is gone', async () => {
    const db = dial({}, urlOf(sentinels.addresses[0]!));
    await db.set('k', 'v');
    process.kill(sentinels.nodes[0]!.pid, 'SIGKILL');
    await until(() => !sentinels.nodes[0]!.alive());
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    await until(async () => (await outcome(db.set('k', 'w'))).value === true);
  });

  test('kill -9 of the primary under load: nothing acknowledged is lost, nothing is done twice', async (t) => {
    const db = dial({ timeout: 8000 });
    const ledger = new Ledger(db, 'log', copied).start(10);
    await until(() => ledger.acknowledged.size > 100);
    const start = performance.now();
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    await until(() => !group.nodes[0]!.alive());
    assert.equal(await db.set('after', 'yes'), true);
    t.diagnostic(`writes were taken again ${Math.round(performance.now() - start)} ms after the kill`);
    await ledger.stop();
    const next = await successorOf(0);
    ledger.check(await group.nodes[next]!.direct.lrange('log', 0, -1));
    t.diagnostic(ledger.summary);
  });

  test('SIGSTOP of the primary: the failover is heard of before commands have to time out', async (t) => {
    const db = dial({ timeout: 8000 });
    const heard: string[] = [];
    db.on('moved', (address) => heard.push(address));
    await db.set('k', 'v');
    process.kill(group.nodes[0]!.pid, 'SIGSTOP');
    const start = performance.now();
    const [read, write] = await Promise.all([outcome(db.get('k'), 8000), outcome(db.incr('n'), 8000)]);
    t.diagnostic(`a read in flight had its answer ${Math.round(performance.now() - start)} ms after the stop`);
    assert.equal(read.value, 'v');
    assert.ok(write.error instanceof ConnectionError && write.error.applied === 'maybe', inspect(write));
    assert.equal(await db.set('k', 'w'), true);
    assert.equal(heard.length, 1);
    process.kill(group.nodes[0]!.pid, 'SIGCONT');
  });

  test('manual failovers under load', async (t) => {
    const db = dial({ timeout: 4000 });
    const ledger = new Ledger(db, 'log', copied).start(10);
    let primary = 0;
    for (let i = 0; i < 3; i++) {
      const before = ledger.acknowledged.size;
      await until(() => ledger.acknowledged.size > before + 50);
      const next = await failOver(primary, i % 3);
      // The Sentinels would do the same, some seconds later.
      await group.nodes[primary]!.direct.replicaof('127.0.0.1', group.nodes[next]!.port);
      primary = next;
      await sentinels.settled(2);
    }
    await ledger.stop();
    ledger.check(await group.nodes[primary]!.direct.lrange('log', 0, -1));
    t.diagnostic(ledger.summary);
    assert.equal(ledger.failed.size, 0, inspect(ledger.failed));
  });

  test('subscriptions and blocked commands follow the primary', async () => {
    const db = dial();
    const heard: string[] = [];
    await db.subscribe('news', ({ payload }) => heard.push(payload));
    process.kill(group.nodes[0]!.pid, 'SIGKILL');
    const next = await successorOf(0);
    await until(async () => (await group.nodes[next]!.direct.pubsubNumsub({ channels: ['news'] }))[0]![1] === 1);
    const popped = outcome(db.blpop(['queue'], 5), 8000);
    await group.nodes[next]!.direct.publish('news', 'hello');
    await group.nodes[next]!.direct.rpush('queue', 'job');
    assert.deepEqual((await popped).value, ['queue', 'job']);
    await until(() => heard.length > 0);
    assert.deepEqual(heard, ['hello']);
  });

  test('a Sentinel that missed a failover is passed over', async () => {
    const stale = await lyingSentinel(group.nodes[0]!.port, 0);
    const db = dial({}, urlOf(stale.url.slice('redis://'.length), ...sentinels.addresses));
    const moves: string[] = [];
    db.on('moved', (address) => moves.push(address));
    await db.set('k', 'v');
    const next = await failOver(0, 0);
    await until(() => moves.length > 0);
    assert.deepEqual(moves, [group.addresses[next]]);
    // The old primary still takes itself for one, and the Sentinel that is asked first believes it.
    const asked = stale.commands.length;
    await group.nodes[next]!.direct.clientKill({ type: 'normal', skipMe: 'yes' });
    assert.equal((await outcome(db.set('k', 'x'))).value, true);
    assert.ok(stale.commands.length > asked);
    assert.equal(await group.nodes[next]!.direct.get('k'), 'x');
  });

  test('all Sentinels gone: connections last, and a lost one is made again where the primary was', async () => {
    const db = dial();
    await db.set('k', 'v');
    for (const { pid } of sentinels.nodes) process.kill(pid, 'SIGKILL');
    await until(() => sentinels.nodes.every((node) => !node.alive()));
    assert.equal(await db.get('k'), 'v');
    await group.nodes[0]!.direct.clientKill({ type: 'normal', skipMe: 'yes' });
    assert.equal((await outcome(db.get('k'))).value, 'v');
    const { error } = await outcome(dial({ timeout: 400 }).get('k'), 1000);
    assert.ok(error instanceof TimeoutError, inspect(error));
    assert.match(error.message, /no Sentinel of 'mymaster' could be asked: 127\.0\.0\.1:\d+ \(.*ECONNREFUSED/);
  });

  test('reads go to a replica that is well', async () => {
    const db = dial({ readFrom: 'replica', roleCheckInterval: 50 });
    await db.set('k', 'v');
    await until(async () => (await outcome(db.get('k'))).value === 'v');
    const used = async (): Promise<number> => {
      const counts = await Promise.all(
        group.nodes.map(async ({ direct, alive }) => {
          if (!alive()) return 0;
          const info = String(await direct.call('INFO', 'commandstats'));
          return Number(/cmdstat_get:calls=(\d+)/.exec(info)?.[1] ?? 0);
        }),
      );
      return counts.findIndex((count) => count > 0);
    };
    const first = await used();
    assert.ok(first > 0, 'not the primary');
    process.kill(group.nodes[first]!.pid, 'SIGKILL');
    await until(async () => (await outcome(db.get('k'))).value === 'v');
    await until(async () => [1, 2].includes(await used()));
    assert.notEqual(await used(), first);
  });
});

describe('Sentinels and nodes with passwords of their own', { skip }, () => {
  before(async () => {
    group = await Replication.start({ password: 'data-secret' });
    sentinels = await Sentinels.start(group, { password: 'watch-secret' });
  });
  after(end);

  const cases: readonly (readonly [string, string, string, RegExp | null])[] = [
    ['both right', ':data-secret@', '?sentinelPassword=watch-secret', null],
    ['no password for the nodes', '', '?sentinelPassword=watch-secret', /^NOAUTH/],
    ['a wrong password for the nodes', ':wrong@', '?sentinelPassword=watch-secret', /^WRONGPASS/],
    ['no password for the Sentinels', ':data-secret@', '', /^NOAUTH.*\(from the Sentinel 127/],
    ['a wrong password for the Sentinels', ':data-secret@', '?sentinelPassword=wrong', /^WRONGPASS.*Sentinel/],
  ];
  for (const [title, user, query, expected] of cases) {
    test(title, async () => {
      const db = open(`redis+sentinel://${user}${sentinels.addresses.join(',')}/${SERVICE}${query}`);
      const { value, error } = await outcome(db.set('k', 'v'), 1500);
      if (expected === null) {
        assert.equal(value, true, inspect(error));
        assert.equal((await db.sentinelMasters()).length, 1);
      } else {
        assert.ok(error instanceof AuthError, inspect(error));
        assert.match(error.message, expected);
      }
      assert.doesNotMatch(inspect(error), /-secret/);
      db.destroy();
    });
  }
});
