/** A replica that takes nothing costs its primary no more than the limits allow, and comes back. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { requireRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { converged, type Kind, Node, stopAll } from './servers.js';

const MB = 1_000_000;
const nodes: Node[] = [];
const sockets: Socket[] = [];

after(async () => {
  for (const socket of sockets) socket.destroy();
  await stopAll(nodes);
});

async function start(kind: Kind, args: readonly string[] = []): Promise<Node> {
  const node = await Node.start(kind, args);
  nodes.push(node);
  return node;
}

const limited = ['--client-output-buffer-limit', 'replica 4mb 0 0', '--repl-backlog-size', '64kb'];

/** Values that cannot be compressed, one megabyte per round. */
async function fill(node: Node, rounds: number, prefix: string): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await node.client.pipeline(
      Array.from({ length: 100 }, (_, i) => [
        'EVAL',
        "math.randomseed(ARGV[1]) local t = {} for i = 1, 1250 do t[i] = struct.pack('d', math.random()) end redis.call('SET', KEYS[1], table.concat(t))",
        1,
        `${prefix}:${round}:${i}`,
        round * 100 + i,
      ]),
    );
  }
}

/** A connection that asks for all data and reads none of them. */
async function deafReplica(node: Node, request: string): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(request);
  return socket;
}

/** The sizes of the files of full syncs that a process has open. */
function spooled(node: Node): number[] {
  const folder = `/proc/${node.server.pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      if (!readlinkSync(`${folder}/${name}`).includes('temp-sync-')) return [];
      return [statSync(`${folder}/${name}`).size];
    } catch {
      return [];
    }
  });
}

for (const replicaKind of ['redis', 'keyspan'] as const satisfies readonly Kind[]) {
  test(`a ${replicaKind} replica that is stopped is let go at the limit, and converges when it goes on`, async (t) => {
    if (!(await requireRedis(t))) return;
    const primary = await start('keyspan', limited);
    const replica = await start(replicaKind);
    await replica.follow(primary.port);
    await converged(primary, replica);
    process.kill(replica.server.pid, 'SIGSTOP');
    let most = 0;
    try {
      for (let round = 0; (await primary.info('connected_slaves')) === '1'; round++) {
        assert.ok(round < 200, 'the limit is never reached');
        await primary.client.pipeline(
          Array.from({ length: 10 }, (_, i) => ['SET', `k:${round % 20}:${i}`, 'x'.repeat(20_000)]),
        );
        most = Math.max(most, Number(await primary.info('mem_clients_slaves')));
      }
    } finally {
      process.kill(replica.server.pid, 'SIGCONT');
    }
    assert.ok(most < 5 * MB, `${most} bytes waited`);
    await converged(primary, replica);
    assert.equal(await primary.info('mem_clients_slaves'), '0');
  });
}

describe('a full sync that nobody reads', () => {
  for (const [how, request, byLength] of [
    ['by mark', 'REPLCONF capa eof\r\nPSYNC ? -1\r\n', false],
    ['by length', 'SYNC\r\n', true],
  ] as const) {
    test(`${how}: what changes meanwhile is held until the limit, then the replica goes`, async (t) => {
      if (!(await requireRedis(t))) return;
      const primary = await start('keyspan', limited);
      await fill(primary, 16, 'first');
      const socket = await deafReplica(primary, request);
      await until(
        async () => /state=(wait_bgsave|send_bulk)/.test((await primary.info('slave0')) ?? ''),
        'the data are on their way',
      );
      if (byLength && process.platform === 'linux') {
        await until(async () => (spooled(primary)[0] ?? 0) > 16 * MB, 'the data are on the disk');
      }
      let most = 0;
      for (let round = 0; (await primary.info('connected_slaves')) === '1'; round++) {
        assert.ok(round < 100, 'the limit is never reached');
        await fill(primary, 1, 'second');
        most = Math.max(most, Number(await primary.info('mem_clients_slaves')));
      }
      assert.ok(most < 6 * MB, `${most} bytes waited`);
      if (process.platform === 'linux') assert.deepEqual(spooled(primary), []);
      socket.destroy();
      const replica = await start('redis');
      await replica.follow(primary.port);
      await converged(primary, replica);
    });
  }

  test('by length: a real replica gets the same, while commands go on', async (t) => {
    if (!(await requireRedis(t))) return;
    const primary = await start('keyspan', ['--repl-diskless-sync', 'no']);
    await fill(primary, 8, 'first');
    const [one, two] = [await start('redis'), await start('keyspan')];
    await Promise.all([one.follow(primary.port), two.follow(primary.port)]);
    await fill(primary, 4, 'first');
    await fill(primary, 2, 'third');
    await converged(primary, one);
    await converged(primary, two);
  });

  test('a folder that cannot be written leaves the replica without data, and the primary well', async (t) => {
    if (!(await requireRedis(t))) return;
    const primary = await start('keyspan', ['--repl-diskless-sync', 'no']);
    const folder = ((await primary.client.value('CONFIG', 'GET', 'dir')) as string[])[1]!;
    rmSync(folder, { recursive: true });
    const replica = await start('redis');
    await replica.follow(primary.port);
    await until(async () => primary.server.output().includes('Synchronization failed'), 'the log says so');
    assert.equal(await primary.client.value('PING'), 'PONG');
    assert.equal(await replica.info('master_link_status'), 'down');
    assert.equal(await primary.client.value('CONFIG', 'SET', 'repl-diskless-sync', 'yes'), 'OK');
    await converged(primary, replica);
  });
});
