import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ReplyError } from '../../src/core/errors.js';
import { Engine } from '../../src/engine/engine.js';
import { open } from '../../src/index.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { systemDisk } from '../../src/persistence/disk.js';
import { newFolder } from '../support/folder.js';
import { startKeyspan } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink } from '../support/side-by-side.js';
import { until } from '../support/until.js';

const SIZE_BYTES = 1024 * 1024;

/** A disk of one mebibyte, or null, and the test is skipped, where this process may not mount one. */
function smallDisk(t: TestContext): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_BYTES}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    t.skip(
      `no file system can be mounted here: ${String((error as Error).message)
        .split('\n')
        .at(-2)}`,
    );
    return null;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Takes all the room there is, but for `left` bytes. */
function fill(folder: string, left = 0): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

const makeRoom = (folder: string): void => rmSync(join(folder, 'filler'), { force: true });

async function errorOf(call: Promise<unknown>): Promise<ReplyError | null> {
  try {
    await call;
    return null;
  } catch (error) {
    assert.ok(error instanceof ReplyError, String(error));
    return error;
  }
}

for (const policy of ['always', 'everysec'] as const) {
  test(`in the process, appendfsync ${policy}: a full disk refuses writes, memory and disk agree once there is room`, async (t) => {
    const folder = smallDisk(t);
    if (folder === null) return;
    const redis = open(`file:${folder}`);
    t.after(() => redis.close());
    await redis.call('CONFIG', 'SET', 'appendfsync', policy);
    await redis.set('before', '1');
    fill(folder);
    const value = 'x'.repeat(8192);
    let refused: ReplyError | null = null;
    let acknowledged = 0;
    await until(async () => {
      refused = await errorOf(redis.rpush('list', [value]));
      if (refused === null) acknowledged++;
      return refused !== null;
    }, 'writes are refused');
    assert.match(refused!.message, /^MISCONF Errors writing to the AOF file: No space left on device/);
    // The one that met the full disk may be there; those after it are not.
    assert.equal(refused!.applied, policy === 'always' ? 'maybe' : 'no');
    assert.match((await errorOf(redis.set('after', '1')))!.message, /^MISCONF/);
    assert.match((await errorOf(redis.ping()))!.message, /^MISCONF/);
    assert.equal(await redis.get('before'), '1', 'reads go on');
    assert.equal(await redis.get('after'), null, 'what was refused did not happen');
    const held = await redis.llen('list');
    assert.equal(held, acknowledged + (policy === 'always' ? 1 : 0));
    makeRoom(folder);
    await until(async () => (await errorOf(redis.set('again', '1'))) === null, 'writes are taken again');
    const list = await redis.lrange('list', 0, -1);
    await redis.close();
    const reopened = open(`file:${folder}`);
    t.after(() => reopened.close());
    assert.deepEqual(await reopened.lrange('list', 0, -1), list);
    assert.deepEqual(
      [await reopened.get('before'), await reopened.get('after'), await reopened.get('again')],
      ['1', null, '1'],
    );
  });
}

test('a server, appendfsync always: who cannot be told the truth is told nothing, and service resumes', async (t) => {
  const folder = smallDisk(t);
  if (folder === null) return;
  const args = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const server = await startKeyspan({ args });
  t.after(() => server.stop());
  const client = await RespClient.connect(server.port);
  t.after(() => client.close());
  await client.value('SET', 'before', '1');
  fill(folder);
  await assert.rejects(async () => {
    for (let i = 0; i < 100; i++) {
      const reply = await client.value('RPUSH', 'list', 'x'.repeat(8192));
      assert.equal(reply, i + 1);
    }
  }, /clos|end|reset/i);
  const other = await RespClient.connect(server.port);
  t.after(() => other.close());
  assert.match(
    String(await other.value('SET', 'after', '1')),
    /MISCONF Errors writing to the AOF file: No space left on device/,
  );
  assert.equal(await other.value('GET', 'before'), '1');
  assert.equal(await other.value('GET', 'after'), null);
  makeRoom(folder);
  await until(async () => String(await other.value('SET', 'again', '1')) === 'OK', 'writes are taken again');
  assert.ok(server.alive());
});

test('snapshots: a failed one refuses writes until one succeeds; a failed rewrite leaves the log as it was', async (t) => {
  const folder = smallDisk(t);
  if (folder === null) return;
  const server = await startKeyspan({ args: ['--dir', folder, '--appendonly', 'no', '--save', '3600', '1'] });
  t.after(() => server.stop());
  const client = await RespClient.connect(server.port);
  t.after(() => client.close());
  for (let i = 0; i < 40; i++) await client.value('SET', `key:${i}`, String(i).repeat(4000) + Math.sqrt(i));
  await client.value('CONFIG', 'SET', 'rdbcompression', 'no');
  fill(folder, 16_384);
  await client.value('BGSAVE');
  await until(
    async () => /rdb_last_bgsave_status:err/.test(String(await client.value('INFO', 'persistence'))),
    'the save fails',
  );
  assert.match(String(await client.value('SET', 'a', '1')), /MISCONF Redis is configured to save RDB snapshots/);
  assert.equal(await client.value('EXISTS', 'a'), 0);
  await client.value('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
  assert.equal(await client.value('SET', 'a', '1'), 'OK');
  await client.value('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes');
  makeRoom(folder);
  await until(async () => String(await client.value('SAVE')) === 'OK', 'a save succeeds');
  assert.equal(await client.value('SET', 'b', '1'), 'OK');
  assert.equal(await client.value('CONFIG', 'SET', 'appendonly', 'yes'), 'OK');
  fill(folder, 16_384);
  await client.value('BGREWRITEAOF');
  await until(
    async () => /aof_rewrite_in_progress:0/.test(String(await client.value('INFO', 'persistence'))),
    'the rewrite ends',
  );
  makeRoom(folder);
  await until(async () => String(await client.value('SET', 'c', '1')) === 'OK', 'writes are taken');
  const engine = new Engine({ seed: 1 });
  new AppendLog(engine, join(folder, 'appendonlydir'), 'appendonly.aof').load();
  const session = engine.connect(collectingSink([]));
  assert.equal(session.call(['DBSIZE']), await client.value('DBSIZE'));
});

test('a sync that fails: nothing after it is believed until all data are in new files', async (t) => {
  const folder = newFolder(t, 'sync');
  let broken = false;
  const engine = new Engine({ seed: 1 });
  const session = engine.connect(collectingSink([]));
  session.call(['CONFIG', 'SET', 'appendfsync', 'always']);
  const fail = (): void => {
    if (broken) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  };
  const log = new AppendLog(engine, folder, 'appendonly.aof', {
    ...systemDisk,
    sync: (file) => {
      fail();
      systemDisk.sync(file);
    },
  });
  log.open();
  session.call(['SET', 'a', '1']);
  assert.ok(log.commit(0));
  broken = true;
  const since = log.changes;
  session.call(['SET', 'a', '2']);
  assert.equal(log.commit(since), false);
  assert.match(String((session.call(['SET', 'a', '3']) as { text?: string }).text), /^MISCONF .*Input\/output error/);
  engine.cron();
  assert.ok(log.problem !== null, 'the disk is still broken');
  // The system would say that all is well now; what was lost stays lost.
  broken = false;
  const files = log.bytes;
  assert.ok(log.problem !== null && files > 0);
  await until(async () => {
    engine.cron();
    return log.problem === null;
  }, 'the log is begun anew');
  session.call(['INCR', 'a']);
  assert.ok(log.commit(since));
  await log.stop();
  const again = new Engine({ seed: 1 });
  new AppendLog(again, folder, 'appendonly.aof').load();
  assert.equal(again.connect(collectingSink([])).call(['GET', 'a']), '3');
});
