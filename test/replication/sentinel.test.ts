/** Redis Sentinel watches over servers of this project: it finds the replicas, and promotes one when the primary dies. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findRedis } from '../../tools/redis-binary.js';
import { freePort, requireRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';
import { converged, Node, stopAll } from './servers.js';

const nodes: Node[] = [];
let stopSentinel = async (): Promise<void> => {};
after(async () => {
  await stopSentinel();
  await stopAll(nodes);
});

async function startSentinel(primaryPort: number): Promise<RespClient> {
  const redis = await findRedis();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-sentinel-'));
  const config = join(folder, 'sentinel.conf');
  writeFileSync(
    config,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${primaryPort} 1`,
      'sentinel down-after-milliseconds main 700',
      'sentinel failover-timeout main 5000',
    ].join('\n'),
  );
  const child = spawn(redis!.server, [config, '--sentinel'], { env: redis!.env, stdio: 'ignore' });
  let client: RespClient | null = null;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  stopSentinel = async () => {
    client?.close();
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  await until(async () => {
    client = await RespClient.connect(port).catch(() => null);
    return client !== null;
  }, 'the sentinel listens');
  return client!;
}

/** Sentinel closes all connections of a server whose role it changes. */
async function infoOf(node: Node, field: string): Promise<string | undefined> {
  await node.reconnect();
  return await node.info(field).catch(() => undefined);
}

test('a primary that dies is replaced, and the other replica follows the new one', async (t) => {
  if (!(await requireRedis(t))) return;
  const primary = await Node.start('keyspan');
  nodes.push(primary);
  for (let i = 0; i < 2; i++) {
    const replica = await Node.start('keyspan');
    nodes.push(replica);
    await replica.follow(primary.port);
    await converged(primary, replica);
  }
  const sentinel = await startSentinel(primary.port);
  await until(async () => {
    const replicas = (await sentinel.value('SENTINEL', 'REPLICAS', 'main')) as string[][];
    return replicas.length === 2;
  }, 'the sentinel knows both replicas');
  assert.equal(await primary.client.value('SET', 'before', 'death'), 'OK');
  assert.equal(await primary.client.value('WAIT', 2, 5000), 2);
  process.kill(primary.server.pid, 'SIGKILL');
  let port = 0;
  await until(
    async () => {
      const address = (await sentinel.value('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) as string[];
      port = Number(address[1]);
      return port !== primary.port;
    },
    'another primary is chosen',
    25_000,
  );
  const promoted = nodes.find((node) => node.port === port)!;
  const other = nodes.find((node) => node !== primary && node !== promoted)!;
  await until(async () => (await infoOf(promoted, 'role')) === 'master', 'it is one');
  await promoted.reconnect();
  assert.equal(await promoted.client.value('GET', 'before'), 'death');
  await until(async () => (await infoOf(other, 'master_port')) === String(port), 'the other one follows it');
  await until(async () => (await infoOf(other, 'master_link_status')) === 'up', 'and is linked to it');
  await promoted.reconnect();
  assert.equal(await promoted.client.value('SET', 'after', 'life'), 'OK');
  await converged(promoted, other);
  assert.equal(await promoted.info('sync_full'), '0');
});
