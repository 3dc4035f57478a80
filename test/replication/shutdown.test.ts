/** A server that ends, or begins: its replicas get everything, and nobody is shown data that are not there yet. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort, keyspanCommand, startServer } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';
import { Node, stopAll } from './servers.js';

const nodes: Node[] = [];

after(async () => {
  await stopAll(nodes);
});

async function start(args: readonly string[] = []): Promise<Node> {
  const node = await Node.start('keyspan', args);
  nodes.push(node);
  return node;
}

async function pair(args: readonly string[] = []): Promise<{ primary: Node; replica: Node }> {
  const primary = await start(args);
  const replica = await start();
  await replica.follow(primary.port);
  await until(async () => (await replica.info('master_link_status')) === 'up', 'the link is up');
  return { primary, replica };
}

/** More than the sockets take while the replica stands still. */
async function fill(primary: Node): Promise<void> {
  for (let i = 0; i < 20; i++) await primary.client.value('SET', `fill:${i}`, 'x'.repeat(500_000));
}

test('a server that ends waits for its replica, and takes no writes meanwhile', async () => {
  const { primary, replica } = await pair(['--shutdown-timeout', '300']);
  process.kill(replica.server.pid, 'SIGSTOP');
  try {
    await fill(primary);
    await primary.client.value('INCR', 'k');
    process.kill(primary.server.pid, 'SIGTERM');
    await until(async () => Number(await primary.info('shutdown_in_milliseconds')) > 0, 'it is about to end');
    assert.equal(primary.server.alive(), true);
  } finally {
    process.kill(replica.server.pid, 'SIGCONT');
  }
  await until(() => !primary.server.alive(), 'it has ended');
  assert.equal(await replica.client.value('GET', 'k'), '1');
  assert.equal(await replica.client.value('EXISTS', 'fill:19'), 1);
});

test('SHUTDOWN ABORT calls it off', async () => {
  const { primary, replica } = await pair(['--shutdown-timeout', '300']);
  process.kill(replica.server.pid, 'SIGSTOP');
  try {
    await fill(primary);
    process.kill(primary.server.pid, 'SIGTERM');
    await until(async () => (await primary.info('shutdown_in_milliseconds')) !== undefined, 'it is about to end');
    assert.equal(await primary.client.value('SHUTDOWN', 'ABORT'), 'OK');
    assert.equal(await primary.client.value('SET', 'after', '1'), 'OK');
    assert.match(String(await primary.client.value('SHUTDOWN', 'ABORT')), /No shutdown in progress/);
  } finally {
    process.kill(replica.server.pid, 'SIGCONT');
  }
  assert.equal(primary.server.alive(), true);
});

test('a replica whose writes are held back takes the stream, and carries it out later', async () => {
  const { primary, replica } = await pair();
  await replica.client.value('CLIENT', 'PAUSE', 100_000, 'WRITE');
  await primary.client.value('SET', 'k', 'v');
  const offset = await primary.info('master_repl_offset');
  await until(async () => (await replica.info('slave_read_repl_offset')) === offset, 'the stream is there');
  assert.equal(await replica.client.value('GET', 'k'), null);
  await replica.client.value('CLIENT', 'UNPAUSE');
  await until(async () => (await replica.client.value('GET', 'k')) === 'v', 'it is carried out');
});

test('while a snapshot is loaded clients are told so, and a file that is broken is not served', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-loading-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const writer = await start(['--enable-protected-configs', 'yes']);
  for (let i = 0; i < 40; i++) await writer.client.value('SET', `k:${i}`, `${i}`.repeat(50_000));
  await writer.client.value('CONFIG', 'SET', 'rdbcompression', 'no');
  assert.equal(await writer.client.value('CONFIG', 'SET', 'dir', folder), 'OK');
  assert.equal(await writer.client.value('SAVE'), 'OK');
  // A tenth of a second for each key: the state is there to be seen, whatever the machine.
  const port = await freePort();
  const [program, ...words] = keyspanCommand();
  const options = ['--port', `${port}`, '--dir', folder, '--key-load-delay', '100000', '--loglevel', 'warning'];
  const child = spawn(program!, [...words, ...options], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  let client: RespClient | null = null;
  await until(async () => {
    client = await RespClient.connect(port);
    return true;
  }, 'it listens');
  const reader = client! as RespClient;
  t.after(() => reader.close());
  const loading = async (): Promise<boolean> =>
    /^loading:1\r$/m.test(String(await reader.value('INFO', 'persistence')));
  assert.equal(await loading(), true);
  assert.match(String(await reader.value('GET', 'k:1')), /LOADING Redis is loading the dataset in memory/);
  assert.match(String(await reader.value('CONFIG', 'SET', 'dir', '/')), /LOADING/);
  await until(async () => !(await loading()), 'the data are there');
  assert.equal(await reader.value('DBSIZE'), 40);

  const path = join(folder, 'dump.rdb');
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  await assert.rejects(startServer(keyspanCommand(), ['--dir', folder]), /RDB CRC error/);
});
