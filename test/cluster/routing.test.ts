import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { keySlot } from '../../src/core/crc16.js';
import {
  AuthError,
  CrossSlotError,
  DataError,
  InvalidClusterCommandError,
  ReplyError,
  TimeoutError,
  UnsupportedError,
} from '../../src/core/errors.js';
import { open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { TestCluster } from '../support/cluster.js';
import { until } from '../support/until.js';

const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);
/** Keys of the three primaries. */
const [one, two, three] = [0, 1, 2].map((third) => keys.find((key) => Math.floor(keySlot(key) / 5462) === third)!) as [
  string,
  string,
  string,
];

describe('a cluster', { skip: (await findRedis()) === null }, () => {
  let cluster: TestCluster;
  let db: Redis;
  before(async () => {
    cluster = await TestCluster.start();
    db = open(cluster.url);
  });
  beforeEach(() => db.flushall());
  after(async () => {
    db?.destroy();
    await cluster?.stop();
  });

  it('every key goes to the node that serves its slot', async () => {
    await Promise.all(keys.map((key, i) => db.set(key, i)));
    assert.deepEqual(
      await Promise.all(keys.map((key) => db.get(key))),
      keys.map(String).map((_, i) => `${i}`),
    );
    for (const key of [one, two, three]) {
      const node = await cluster.primaryOf(keySlot(key));
      assert.equal(await node.db.get(key), `${keys.indexOf(key)}`);
      assert.equal(await node.db.clusterKeyslot(key), keySlot(key));
    }
    assert.equal((db.stats().redirects as number) ?? 0, 0);
  });

  it('a client of one node finds the others when it is told to', async () => {
    const [, second] = cluster.nodes;
    const other = open(`redis://${second!.name}`, { clustering: true });
    await other.mset({ [one]: 1, [two]: 2, [three]: 3 });
    assert.deepEqual(await db.mget(one, two, three), ['1', '2', '3']);
    assert.equal(other.nodes.size, 6);
    assert.equal(await other.nodes.get(second!.name)!.clusterMyid(), second!.id);
    await other.close();
  });

  it('a transaction of which a command was refused is not carried out without it', async () => {
    const session = await db.reserve();
    for (const watched of [false, true]) {
      if (watched) await session.watch(one);
      await assert.rejects(async () => await session.multi().set(one, 1).set(two, 2).exec(), CrossSlotError);
      assert.equal(await db.get(one), null);
      assert.deepEqual(await session.multi().set(one, 1).incr(one).exec(), [true, 2]);
      await db.del(one);
    }
    session.release();
  });

  it('commands of several keys are split where they may be, and refused before they are sent where not', async () => {
    assert.equal(await db.mset(Object.fromEntries(keys.map((key, i) => [key, i]))), 'OK');
    const values = await db.mget(...keys, 'none');
    assert.deepEqual(values, [...keys.map((_, i) => `${i}`), null]);
    assert.equal(await db.exists(...keys, one), 301);
    assert.equal(await db.touch(...keys), 300);
    assert.equal(await db.del(one, two, 'none'), 2);
    assert.equal(await db.unlink(...keys), 298);
    const before = db.stats().commands;
    for (const call of [
      () => db.rename(one, two),
      () => db.msetnx({ [one]: 1, [two]: 2 }),
      () => db.sinter(one, two),
      () => db.eval('return 1', [one, two]),
      () => db.multi().set(one, 1).set(two, 2).exec(),
      () => db.pipeline().set(one, 1).sunion([one, two]).exec(),
      () => db.blpop([one, two], 1),
      () => db.transaction(async () => undefined, one, two),
    ]) {
      await assert.rejects(async () => call(), CrossSlotError);
    }
    assert.equal(db.stats().commands, before);
    assert.equal(await db.dbsize(), 0);
  });

  it('scripts and transactions go where their keys are', async () => {
    for (const key of [one, two, three]) {
      assert.equal(await db.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", [key], 5), 5);
      assert.deepEqual(await db.multi().incr(key).incr(key).get(key).exec(), [6, 7, '7']);
      assert.deepEqual(await db.multi().set(`{${key}}x`, 1).get(key).exec(), [true, '7']);
    }
    const sha = await db.scriptLoad("return 'known'");
    for (const key of [one, two, three]) assert.equal(await db.evalsha(sha, [key]), 'known');
    assert.deepEqual(await db.scriptExists(sha, '0'.repeat(40)), [true, false]);
  });

  it('what concerns all nodes is asked of all', async () => {
    await db.mset(Object.fromEntries(keys.map((key, i) => [key, i])));
    assert.equal(await db.dbsize(), 300);
    assert.deepEqual((await db.keys('key:*')).sort(), [...keys].sort());
    assert.ok(keys.includes((await db.randomkey())!));
    assert.equal(await db.configSet('hash-max-listpack-entries', 99), 'OK');
    for (const { db: node } of cluster.nodes)
      assert.deepEqual(await node.configGet('hash-max-listpack-entries'), { 'hash-max-listpack-entries': '99' });
    assert.equal(await db.wait(1, 1000), 1);
    await assert.rejects(db.info(), UnsupportedError);
    await assert.rejects(db.multi().dbsize().exec(), UnsupportedError);
    const infos = await Promise.all([...db.nodes.values()].map((node) => node.info({ sections: ['replication'] })));
    assert.equal(infos.filter(({ replication }) => replication!.role === 'master').length, 3);
  });

  it('a scan goes through all nodes, one after the other', async () => {
    await db.mset(Object.fromEntries(keys.map((key, i) => [key, i])));
    const seen: string[] = [];
    for await (const key of db.scanIter({ match: 'key:*', count: 20 })) seen.push(key);
    assert.deepEqual([...new Set(seen)].sort(), [...keys].sort());
    await assert.rejects(db.scan('no cursor'), ReplyError);
  });

  it('there is one database', async () => {
    for (const call of [
      () => db.select(1),
      () => db.move('k', 1),
      () => db.swapdb(0, 1),
      () => db.multi().select(0).exec(),
    ])
      await assert.rejects(async () => call(), InvalidClusterCommandError);
    assert.throws(() => open(`${cluster.url}/3`), DataError);
  });

  it('nodes and shards are described', async () => {
    const nodes = await db.clusterNodes();
    assert.equal(nodes.length, 6);
    const [node] = nodes;
    const fields = ['configEpoch', 'flags', 'id', 'ip', 'linkState', 'master', 'pingSent', 'pongRecv', 'port', 'slots'];
    assert.deepEqual(Object.keys(node!).sort(), fields);
    assert.equal(nodes.filter(({ master }) => master === null).length, 3);
    const info = await db.clusterInfo();
    assert.deepEqual([info.cluster_state, info.cluster_slots_assigned, info.cluster_size], ['ok', 16_384, 3]);
    const shards = await db.clusterShards();
    assert.deepEqual(
      shards.map(({ nodes: members }) => members.length),
      [2, 2, 2],
    );
    assert.equal(
      shards.flatMap(({ slots }) => slots).reduce((sum, [start, end]) => sum + end - start + 1, 0),
      16_384,
    );
    const slots = await db.clusterSlots();
    assert.deepEqual(
      slots.map(({ start }) => start).sort((a, b) => a - b),
      [0, 5461, 10_923],
    );
    assert.ok(slots.every(({ primary, replicas }) => primary.id?.length === 40 && replicas.length === 1));
  });

  it('pipelines are split by node and come back in order, whatever they hold', async () => {
    const batch = db.pipeline();
    for (const [i, key] of keys.entries()) batch.set(key, i);
    batch.mget(...keys.slice(0, 50));
    for (const key of keys) batch.incr(key);
    batch.dbsize();
    const replies = (await batch.exec()) as unknown as unknown[];
    assert.equal(replies.length, 602);
    assert.deepEqual(
      replies[300],
      keys.slice(0, 50).map((_, i) => `${i}`),
    );
    assert.deepEqual(
      replies.slice(301, 601),
      keys.map((_, i) => i + 1),
    );
    assert.equal(replies[601], 300);
  });

  it('reads may come from replicas', async () => {
    for (const readFrom of ['preferReplica', 'replica', 'nearest'] as const) {
      const reader = open(cluster.url, { readFrom });
      await db.set(one, readFrom);
      await until(async () => (await reader.get(one)) === readFrom, 'the replica to know');
      assert.equal(await reader.set(one, 'written'), true);
      const replica = await cluster.replicaOf(await cluster.primaryOf(keySlot(one)));
      const reads = async (): Promise<number> => {
        const { commandstats } = await replica.db.info({ sections: ['commandstats'] });
        return Number(/calls=(\d+)/.exec(commandstats?.cmdstat_get ?? 'calls=0')![1]);
      };
      const before = await reads();
      for (let i = 0; i < 20; i++) await reader.get(one);
      if (readFrom !== 'nearest') assert.equal((await reads()) - before, 20);
      await reader.close();
    }
  });

  it('addresses may be translated', async () => {
    const map = Object.fromEntries(
      cluster.nodes.map(({ server }) => [`127.0.0.1:${server.port}`, `localhost:${server.port}`]),
    );
    const mapped = open(cluster.url, { addressMap: map });
    await mapped.mset({ [one]: 1, [two]: 2, [three]: 3 });
    assert.deepEqual(
      [...mapped.nodes.keys()].sort(),
      cluster.nodes.map(({ server }) => `localhost:${server.port}`).sort(),
    );
    await mapped.close();
  });

  it('all nodes get the same credentials, those that are found too', async () => {
    await db.configSet({ requirepass: 'secret', masterauth: 'secret' });
    const known = open(cluster.url.replace('://', '://:secret@'));
    const unknown = open(cluster.url, { timeout: 60_000 });
    try {
      await known.mset({ [one]: 1, [two]: 2, [three]: 3 });
      assert.deepEqual(await known.mget(one, two, three), ['1', '2', '3']);
      assert.equal(await known.scriptLoad('return 1'), 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db');
      const began = performance.now();
      await assert.rejects(unknown.get(one), AuthError);
      await assert.rejects(
        unknown.subscribe('news', () => undefined),
        AuthError,
      );
      assert.ok(performance.now() - began < 20_000, 'what is refused is not tried again and again');
    } finally {
      await known.configSet({ requirepass: '', masterauth: '' });
      known.destroy();
      unknown.destroy();
    }
  });

  it('what AUTH and CLIENT SETNAME say holds for all connections', async () => {
    const named = open(cluster.url, { name: 'first' });
    await named.mset({ [one]: 1, [two]: 2, [three]: 3 });
    assert.equal(await named.clientSetname('second'), 'OK');
    const lists = await Promise.all([...db.nodes.values()].map((node) => node.call('CLIENT', 'LIST')));
    assert.equal(lists.filter((list) => String(list).includes('name=second')).length, 3);
    assert.ok(!lists.some((list) => String(list).includes('name=first')));
    await named.close();
  });

  it('every node is spoken to by TLS, and found again when its connections are cut', async () => {
    const fronts = await Promise.all(cluster.nodes.map(({ server }) => tlsTo(server.port)));
    const addressMap = Object.fromEntries(cluster.nodes.map(({ name }, i) => [name, fronts[i]!.address]));
    const secure = open(`rediss+cluster://${fronts[0]!.address}`, { tls: { rejectUnauthorized: false }, addressMap });
    try {
      await secure.mset({ [one]: 1, [two]: 2, [three]: 3 });
      for (const key of [one, two, three]) {
        const owner = cluster.nodes.indexOf(await cluster.primaryOf(keySlot(key)));
        assert.ok(fronts[owner]!.connections() > 0);
      }
      for (const front of fronts) front.cut();
      // Reads are repeated whatever happens to their connections.
      const reads = keys.map((key) => secure.get(key));
      for (const front of fronts) front.cut();
      assert.equal((await Promise.all(reads)).filter((value) => value !== null).length, 3);
    } finally {
      secure.destroy();
      for (const front of fronts) await front.stop();
    }
  });

  it('a server that is no node of a cluster says so; one that is not there is told of in time', async () => {
    const nowhere = open('redis+cluster://127.0.0.1:1', { timeout: 300 });
    await assert.rejects(nowhere.get('k'), TimeoutError);
    await assert.rejects(nowhere.dbsize(), TimeoutError);
    nowhere.destroy();
  });

  it('an aborted command is over at once, a deadline is kept', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(db.with({ signal }).get(one), /enough/);
    const started = db.with({ signal: AbortSignal.timeout(50) }).blpop(one, 0);
    await assert.rejects(started);
    await assert.rejects(db.with({ timeout: 50 }).blpop(two, 0), TimeoutError);
  });
});

const near = fileURLToPath(new URL('../../../test/server/certificate.pem', import.meta.url));

/** TLS in front of a port, which can be cut. */
async function tlsTo(port: number) {
  const certificate = readFileSync(existsSync(near) ? near : join(process.cwd(), 'test/server/certificate.pem'));
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer({ cert: certificate, key: certificate }, (socket) => {
    count++;
    const upstream = connect(port, '127.0.0.1');
    for (const [end, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(end);
      end.on('error', () => other.destroy());
      end.on('close', () => {
        sockets.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => count,
    cut,
    stop: () => {
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
