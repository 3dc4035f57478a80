/** Roles change hands: FAILOVER, promotion, chains of replicas, and copies that are kept on disk. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Redis as IoRedis } from 'ioredis';
import { requireRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { load } from './load.js';
import { converged, type Kind, Node, stopAll } from './servers.js';

const pairs: readonly (readonly [primary: Kind, replica: Kind])[] = [
  ['keyspan', 'keyspan'],
  ['keyspan', 'redis'],
  ['redis', 'keyspan'],
];

const nodes: Node[] = [];
after(() => stopAll(nodes));

async function start(kind: Kind, args: readonly string[] = []): Promise<Node> {
  const node = await Node.start(kind, args);
  nodes.push(node);
  return node;
}

async function pairOf(primaryKind: Kind, replicaKind: Kind): Promise<[primary: Node, replica: Node]> {
  const primary = await start(primaryKind);
  const replica = await start(replicaKind);
  await replica.follow(primary.port);
  await converged(primary, replica);
  return [primary, replica];
}

describe('FAILOVER', () => {
  for (const [primaryKind, replicaKind] of pairs) {
    test(`from ${primaryKind} to ${replicaKind} and back, without a full sync and without losing a write`, async (t) => {
      if (!(await requireRedis(t))) return;
      const [first, second] = await pairOf(primaryKind, replicaKind);
      await load(first.client, first.other, 41);
      await until(async () => {
        const [, , replicas] = (await first.client.value('ROLE')) as [string, number, string[][]];
        return replicas.length === 1;
      }, 'the replica is online');
      assert.equal(await first.client.value('FAILOVER', 'TO', '127.0.0.1', second.port), 'OK');
      const late = first.other.value('SET', 'during', 'the failover');
      await until(async () => (await second.info('role')) === 'master', 'the replica takes over');
      await until(async () => (await first.info('role')) === 'slave', 'the primary follows');
      const answer = await late;
      const arrived = await second.client.value('GET', 'during');
      if (answer === 'OK') assert.equal(arrived, 'the failover');
      else assert.match(String(answer), /READONLY/);
      await converged(second, first);
      assert.equal(await first.info('master_failover_state'), 'no-failover');
      assert.equal(await second.client.value('SET', 'back', 'again'), 'OK');
      assert.equal(await second.client.value('FAILOVER'), 'OK');
      await until(async () => (await first.info('role')) === 'master', 'the first takes over again');
      await converged(first, second);
      assert.equal(await first.client.value('GET', 'back'), 'again');
      assert.equal(await first.info('sync_full'), '1');
      assert.equal(await second.info('sync_full'), '0');
    });
  }

  test('gives up after its time, or when it is told to, and writes go on', async (t) => {
    if (!(await requireRedis(t))) return;
    const [primary, replica] = await pairOf('keyspan', 'redis');
    process.kill(replica.server.pid, 'SIGSTOP');
    try {
      await primary.client.value('SET', 'a', '1');
      assert.equal(await primary.client.value('FAILOVER', 'TIMEOUT', 50), 'OK');
      assert.equal(await primary.info('master_failover_state'), 'waiting-for-sync');
      assert.equal(await primary.other.value('SET', 'held', 'back'), 'OK');
      assert.equal(await primary.info('master_failover_state'), 'no-failover');
      assert.equal(await primary.client.value('FAILOVER', 'TO', '127.0.0.1', replica.port), 'OK');
      assert.match(String(await primary.client.value('FAILOVER')), /FAILOVER already in progress/);
      assert.equal(await primary.client.value('FAILOVER', 'ABORT'), 'OK');
      assert.equal(await primary.info('role'), 'master');
    } finally {
      process.kill(replica.server.pid, 'SIGCONT');
    }
    await converged(primary, replica);
  });

  test('what cannot be is refused as a real server does', async (t) => {
    if (!(await requireRedis(t))) return;
    const [ours, theirs] = [await start('keyspan'), await start('redis')];
    const requests = [
      ['FAILOVER'],
      ['FAILOVER', 'ABORT'],
      ['FAILOVER', 'TO', '127.0.0.1', 'x'],
      ['FAILOVER', 'FORCE'],
      ['FAILOVER', 'TIMEOUT', '0'],
      ['FAILOVER', 'what'],
      ['REPLICAOF', 'localhost', '99999'],
      ['REPLICAOF', 'localhost', 'x'],
      ['REPLICAOF', 'no', 'one'],
      ['REPLCONF', 'listening-port'],
      ['REPLCONF', 'what', 'x'],
      ['REPLCONF', 'rdb-filter-only', 'keys'],
      ['PSYNC', '?', 'x'],
      ['PSYNC', '?', '-1', 'FAILOVER'],
      ['WAIT', '0', '0'],
      ['WAIT', 'x', '0'],
      ['WAIT', '1', '-1'],
      ['ROLE'],
    ];
    for (const request of requests) {
      assert.equal((await ours.client.send(...request)).raw, (await theirs.client.send(...request)).raw, `${request}`);
    }
  });
});

describe('chains', () => {
  test('redis → keyspan → redis → keyspan: all have the same stream, and a promotion in the middle needs no full sync', async (t) => {
    if (!(await requireRedis(t))) return;
    const top = await start('redis');
    const chain = [top, await start('keyspan'), await start('redis'), await start('keyspan')];
    for (let i = 1; i < chain.length; i++) {
      await chain[i]!.follow(chain[i - 1]!.port);
      await chain[i]!.linked();
    }
    const client = new IoRedis(top.port);
    try {
      await client
        .pipeline([
          ['set', 'by', 'ioredis'],
          ['hset', 'h', 'f', 'v'],
          ['xadd', 's', '*', 'a', 'b'],
        ])
        .exec();
      for (let seed = 51; seed < 55; seed++) await load(top.client, top.other, seed);
    } finally {
      client.disconnect();
    }
    for (const node of chain.slice(1)) await converged(top, node);
    const ids = await Promise.all(chain.map((node) => node.info('master_replid')));
    assert.equal(new Set(ids).size, 1);
    const [, second, third, fourth] = chain as [Node, Node, Node, Node];
    assert.equal(await second.client.value('REPLICAOF', 'NO', 'ONE'), 'OK');
    await load(second.client, second.other, 56);
    await converged(second, third);
    await converged(third, fourth);
    assert.equal(await second.info('master_replid2'), ids[0]);
    assert.deepEqual(await Promise.all([second, third].map((node) => node.info('sync_full'))), ['1', '1']);
  });
});

describe('another primary of the same history', () => {
  for (const kind of ['redis', 'keyspan'] as const) {
    test(`a ${kind} replica goes on in the database that was selected, and keeps its own replicas`, async (t) => {
      if (!(await requireRedis(t))) return;
      const [top, middle, moved, below] = [
        await start('redis'),
        await start('redis'),
        await start(kind),
        await start('redis'),
      ];
      await middle.follow(top.port);
      await moved.follow(top.port);
      await converged(top, middle);
      await converged(top, moved);
      await below.follow(moved.port);
      await top.client.pipeline([
        ['SELECT', 3],
        ['SET', 'a', '1'],
      ]);
      await converged(top, moved);
      await converged(moved, below);
      // A replica that is behind the one that asks it for the rest cannot give it.
      await converged(top, middle);
      // The stream goes on without another SELECT.
      await moved.follow(middle.port);
      await top.client.value('SET', 'b', '2');
      await converged(top, moved);
      await converged(top, below);
      await moved.client.value('SELECT', 3);
      assert.deepEqual(await moved.client.value('MGET', 'a', 'b'), ['1', '2']);
      assert.equal(await middle.info('sync_partial_ok'), '1');
      assert.deepEqual([await moved.info('sync_full'), await moved.info('sync_partial_ok')], ['1', '0']);
    });
  }
});

describe('CLIENT KILL of the link to the primary', () => {
  for (const how of ['by its address', 'by its type'] as const) {
    test(how, async (t) => {
      if (!(await requireRedis(t))) return;
      const [primary, replica] = await pairOf('redis', 'keyspan');
      const line = String(await replica.client.value('CLIENT', 'LIST', 'TYPE', 'MASTER'));
      assert.match(
        line,
        new RegExp(
          ` addr=127\\.0\\.0\\.1:${primary.port} laddr=127\\.0\\.0\\.1:\\d+ fd=\\d+ .*flags=M .*user=\\(superuser\\)`,
        ),
      );
      await primary.client.value('SELECT', 2);
      await load(primary.client, primary.other, 71, 50);
      if (how === 'by its address') {
        assert.equal(await replica.client.value('CLIENT', 'KILL', `127.0.0.1:${primary.port}`), 'OK');
      } else assert.equal(await replica.client.value('CLIENT', 'KILL', 'TYPE', 'MASTER'), 1);
      await load(primary.client, primary.other, 72, 50);
      await until(async () => (await primary.info('sync_partial_ok')) === '1', 'it goes on');
      await converged(primary, replica);
      assert.equal(await primary.info('sync_full'), '1');
    });
  }
});

describe('a replica keeps its data', () => {
  for (const [title, args] of [
    ['in a log', ['--appendonly', 'yes']],
    ['in a snapshot', ['--save', '3600 1']],
  ] as const) {
    test(title, async (t) => {
      if (!(await requireRedis(t))) return;
      const primary = await start('redis');
      await load(primary.client, primary.other, 61);
      const replica = await start('keyspan', args);
      await replica.follow(primary.port);
      await load(primary.client, primary.other, 62);
      await converged(primary, replica);
      assert.equal(await replica.client.value('DEBUG', args[0] === '--save' ? 'RELOAD' : 'LOADAOF'), 'OK');
      await converged(primary, replica);
      await load(primary.client, primary.other, 63);
      await converged(primary, replica);
    });
  }
});

describe('min-replicas-to-write', () => {
  test('refuses writes while too few replicas are there', async (t) => {
    if (!(await requireRedis(t))) return;
    const [primary, replica] = await pairOf('keyspan', 'redis');
    await primary.client.value('CONFIG', 'SET', 'min-replicas-to-write', 1);
    await until(async () => (await primary.client.value('SET', 'a', '1')) === 'OK', 'there is a good replica');
    await replica.client.value('REPLICAOF', 'NO', 'ONE');
    await until(async () => (await primary.info('connected_slaves')) === '0', 'it has left');
    assert.match(String(await primary.client.value('SET', 'a', '2')), /NOREPLICAS Not enough good replicas to write\./);
    assert.match(
      String(await primary.client.value('EVAL', "return redis.call('set', 'a', 3)", 0)),
      /NOREPLICAS Not enough good replicas to write\./,
    );
    assert.equal(await primary.client.value('GET', 'a'), '1');
  });
});

describe('replica-serve-stale-data no', () => {
  test('only what needs no data is answered while the link is down', async (t) => {
    if (!(await requireRedis(t))) return;
    const [ours, theirs] = [await start('keyspan'), await start('redis')];
    for (const node of [ours, theirs]) {
      await node.client.value('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
      await node.follow(1);
    }
    const requests = [
      ['GET', 'a'],
      ['SET', 'a', 'b'],
      ['PING'],
      ['EVAL', 'return 1', '0'],
      ['WAIT', '0', '0'],
      ['KEYS', '*'],
    ];
    for (const request of requests) {
      assert.equal((await ours.client.send(...request)).raw, (await theirs.client.send(...request)).raw, `${request}`);
    }
  });
});
