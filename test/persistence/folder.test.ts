import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { open } from '../../src/index.js';
import { PersistenceError } from '../../src/persistence/persistence-error.js';
import { newFolder } from '../support/folder.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';

test('data outlive the process that has them open', async (t) => {
  const folder = newFolder(t, 'folder');
  for (const url of [`file:${folder}`, pathToFileURL(folder).href]) {
    const redis = open(url);
    await redis.incr('opened');
    await redis.rpush('list', ['a', 'é\0']);
    await redis.close();
  }
  const redis = open(`file:${folder}`);
  assert.equal(await redis.get('opened'), '2');
  assert.deepEqual(await redis.lrange('list', 0, -1), ['a', 'é\0', 'a', 'é\0']);
  await redis.close();
  assert.ok(!existsSync(join(folder, 'keyspan.lock')));
});

test('ends of fields outlive the process, from the log and from its base, and WAITAOF waits for the disk', async (t) => {
  const folder = newFolder(t, 'folder');
  const far = 4_102_444_800_000;
  const first = open(`file:${folder}`);
  await first.hset('h', { a: '1', b: '2' });
  await first.hpexpireat('h', far, 'a');
  assert.deepEqual(await first.waitaof(1, 0, 0), [1, 0]);
  await first.close();
  const second = open(`file:${folder}`);
  assert.deepEqual(await second.hpexpiretime('h', 'a', 'b'), [far, -1]);
  await second.bgrewriteaof();
  await second.close();
  const third = open(`file:${folder}`);
  assert.deepEqual(await third.hpexpiretime('h', 'a', 'b'), [far, -1]);
  await third.close();
});

test('a second opener is told who has the folder; a lock that was left behind is taken over', async (t) => {
  const folder = newFolder(t, 'folder');
  const first = open(`file:${folder}`);
  await first.set('a', '1');
  await assert.rejects(
    open(`file:${folder}`).get('a'),
    (error: unknown) => error instanceof PersistenceError && /in this process already/.test(error.message),
  );
  await first.close();
  writeFileSync(join(folder, 'keyspan.lock'), '1\n');
  await assert.rejects(open(`file:${folder}`).get('a'), /open in process 1/);
  writeFileSync(join(folder, 'keyspan.lock'), '999999999\n');
  const second = open(`file:${folder}`);
  assert.equal(await second.get('a'), '1');
  await second.close();
});

test('a redis-server can go on with the folder', async (t) => {
  if (!(await requireRedis(t))) return;
  const folder = newFolder(t, 'folder');
  const redis = open(`file:${folder}`);
  await redis.set('a', '1');
  await redis.hset('h', { f: 'v' });
  await redis.close();
  const server = await startRedis({ args: ['--dir', folder, '--appendonly', 'yes'] });
  const client = await RespClient.connect(server.port);
  assert.equal(await client.value('GET', 'a'), '1');
  await client.value('INCR', 'a');
  client.close();
  await server.stop();
  const again = open(`file:${folder}`);
  assert.equal(await again.get('a'), '2');
  assert.equal(await again.hget('h', 'f'), 'v');
  await again.close();
});

/** Counts in a folder and prints each number once it is acknowledged; sometimes rewrites the log. */
const counter = `
  const { open } = await import(process.argv[1]);
  const redis = open('file:' + process.argv[2]);
  await redis.call('CONFIG', 'SET', 'appendfsync', 'always');
  for (let i = 0; ; i++) {
    const n = await redis.incr('n');
    process.stdout.write(n + '\\n');
    if (i % 40 === 20) await redis.call('BGREWRITEAOF');
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
`;

test('a process killed at any moment loses nothing that it acknowledged', { timeout: 60_000 }, async (t) => {
  const folder = newFolder(t, 'folder');
  const library = new URL('../../src/index.js', import.meta.url).href;
  let before = 0;
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', counter, library, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    t.after(() => child.kill('SIGKILL'));
    let output = '';
    let killAfter = 30 + round * 37;
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
      if (killAfter > 0 && output.split('\n').length > killAfter) {
        killAfter = 0;
        child.kill('SIGKILL');
      }
    });
    await new Promise((resolve) => child.once('close', resolve));
    const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
    assert.ok(acknowledged > before, `round ${round}`);
    const redis = open(`file:${folder}`);
    const found = Number(await redis.get('n'));
    await redis.close();
    assert.ok(found === acknowledged || found === acknowledged + 1, `${acknowledged} acknowledged, ${found} found`);
    before = found;
  }
});
