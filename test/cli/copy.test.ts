import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { copyKeys } from '../../src/cli/copy.js';
import { progressLine, sizeText } from '../../src/cli/progress-line.js';
import { inspectRdb } from '../../src/cli/rdb-inspect.js';
import { embedded } from '../../src/embedded.js';
import { open } from '../../src/index.js';
import { readFileChunks } from '../../src/persistence/durable-file.js';
import { type RunningServer, requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';

const KEYS = 1500;
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

async function number(client: RespClient, ...words: string[]): Promise<number> {
  return Number((await client.send(...words)).node.text);
}

async function fill(client: RespClient): Promise<void> {
  await client.send('FLUSHALL');
  await client.pipeline(
    Array.from({ length: KEYS }, (_, i) => ['SET', `key:${i}`, `value ${i} `.repeat(1 + (i % 40))]),
  );
  await client.pipeline([
    ['PEXPIRE', 'key:1', '500000'],
    ['RPUSH', 'list', 'a', 'b'],
    ['SADD', 'set', '1', 'x', '\xff'],
    ['HSET', 'hash', 'f', 'v'],
    ['ZADD', 'zset', '1.5', 'm', '-inf', 'n'],
    ['XADD', 'stream', '5-1', 'f', 'v'],
    ['XGROUP', 'CREATE', 'stream', 'g', '0'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'stream', '>'],
  ]);
}

describe('keyspan copy', () => {
  let one: RunningServer;
  let two: RunningServer;
  let a: RespClient;
  let b: RespClient;
  let skip = false;
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-copy-'));

  before(async (t) => {
    if (!(await requireRedis(t as never))) {
      skip = true;
      return;
    }
    [one, two] = await Promise.all([startRedis(), startRedis()]);
    [a, b] = await Promise.all([RespClient.connect(one.port), RespClient.connect(two.port)]);
    await fill(a);
  });
  after(async () => {
    a?.close();
    b?.close();
    await one?.stop();
    await two?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('copies all keys from server to server, and tells that they are equal', async (t) => {
    if (skip) return t.skip();
    await b.send('FLUSHALL');
    const outcome = await copyKeys(one.url, two.url, { verify: true });
    assert.deepEqual([outcome.copied, outcome.kept, outcome.different], [KEYS + 5, 0, []]);
    assert.equal(outcome.checksum!.from, outcome.checksum!.to);
    assert.match(outcome.checksum!.from, /[1-9a-f]/);
    assert.deepEqual(await b.send('DEBUG', 'DIGEST'), await a.send('DEBUG', 'DIGEST'));
    const ttl = await number(b, 'PTTL', 'key:1');
    assert.ok(ttl > 400_000 && ttl <= 500_000, String(ttl));
  });

  it('keeps what is there, replaces it if told to, and sees what differs', async (t) => {
    if (skip) return t.skip();
    await b.pipeline([['FLUSHALL'], ['SET', 'key:7', 'another value']]);
    const kept = await copyKeys(one.url, two.url, { verify: true });
    assert.deepEqual([kept.copied, kept.kept, kept.different], [KEYS + 4, 1, ['key:7']]);
    assert.notEqual(kept.checksum!.from, kept.checksum!.to);
    const replaced = await copyKeys(one.url, two.url, { replace: true, verify: true });
    assert.deepEqual([replaced.copied, replaced.kept, replaced.different], [KEYS + 5, 0, []]);
  });

  it('copies what matches', async (t) => {
    if (skip) return t.skip();
    await b.send('FLUSHALL');
    const outcome = await copyKeys(one.url, two.url, { match: 'key:1?' });
    assert.equal(outcome.copied, 10);
    assert.equal(await number(b, 'DBSIZE'), 10);
  });

  it('goes on where it was interrupted', async (t) => {
    if (skip) return t.skip();
    await b.send('FLUSHALL');
    const resume = join(folder, 'progress');
    const stop = new AbortController();
    let batches = 0;
    const interrupted = copyKeys(one.url, two.url, {
      resume,
      signal: stop.signal,
      progress: () => {
        if (++batches === 3) stop.abort();
      },
    });
    await assert.rejects(interrupted, { name: 'AbortError' });
    const before = await number(b, 'DBSIZE');
    assert.ok(before > 0 && before < KEYS, String(before));
    await assert.rejects(copyKeys(two.url, one.url, { resume }), /about another copy/);
    const outcome = await copyKeys(one.url, two.url, { resume });
    assert.ok(outcome.copied + before >= KEYS + 5 && outcome.copied < KEYS, String(outcome.copied));
    assert.equal(existsSync(resume), false);
    assert.deepEqual(await b.send('DEBUG', 'DIGEST'), await a.send('DEBUG', 'DIGEST'));
  });

  it('goes on with a file where it was interrupted, and leaves the file alone until it is whole', async (t) => {
    if (skip) return t.skip();
    const file = join(folder, 'part.rdb');
    const resume = join(folder, 'progress of a file');
    writeFileSync(file, 'what was there before');
    await assert.rejects(copyKeys(one.url, file, { resume }), /no RDB file/);
    rmSync(file);
    const stop = new AbortController();
    let batches = 0;
    const progress = (): void => {
      if (++batches === 3) stop.abort();
    };
    await assert.rejects(copyKeys(one.url, file, { resume, signal: stop.signal, progress }), { name: 'AbortError' });
    assert.equal(existsSync(file), false);
    assert.ok(existsSync(resume) && existsSync(`${resume}.rdb`));
    await assert.rejects(copyKeys(one.url, `${file}2`, { resume }), /about another copy/);
    const outcome = await copyKeys(one.url, file, { resume });
    assert.ok(outcome.copied < KEYS, String(outcome.copied));
    assert.ok(!existsSync(resume) && !existsSync(`${resume}.rdb`));
    await b.send('FLUSHALL');
    assert.deepEqual((await copyKeys(file, two.url, { verify: true })).different, []);
    assert.deepEqual(await b.send('DEBUG', 'DIGEST'), await a.send('DEBUG', 'DIGEST'));
  });

  it('writes and reads RDB files and folders', async (t) => {
    if (skip) return t.skip();
    const file = join(folder, 'all.rdb');
    assert.equal((await copyKeys(one.url, file)).copied, KEYS + 5);
    await b.send('FLUSHALL');
    assert.deepEqual((await copyKeys(file, two.url, { verify: true })).different, []);
    assert.deepEqual(await b.send('DEBUG', 'DIGEST'), await a.send('DEBUG', 'DIGEST'));
    const url = `file:${join(folder, 'data')}`;
    assert.equal((await copyKeys(two.url, url)).copied, KEYS + 5);
    const db = open(url);
    assert.equal(await db.dbsize(), KEYS + 5);
    assert.deepEqual(await db.lrange('list', 0, -1), ['a', 'b']);
    await db.close();
  });

  it('is a command', async (t) => {
    if (skip) return t.skip();
    await b.send('FLUSHALL');
    const told = execFileSync(process.execPath, [main, 'copy', one.url, two.url, '--match', 'key:*', '--verify'], {
      encoding: 'utf8',
    });
    assert.match(told, new RegExp(`copied ${KEYS} keys`));
    assert.match(told, /checksum from {2}([0-9a-f]{40})\nchecksum to {4}\1\n/);
    const failed = spawnSync(process.execPath, [main, 'copy', join(folder, 'absent.rdb'), two.url], {
      encoding: 'utf8',
    });
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /absent\.rdb: no such file/);
    assert.equal(spawnSync(process.execPath, [main, 'copy', 'one']).status, 1);
  });

  it('shows how far it is', () => {
    assert.equal(progressLine(500, 1000, 2), '[############------------] 50 %  500 of 1000 keys, 250/s, 2 s left');
    assert.equal(progressLine(0, 0, 0), '[########################] 100 %  0 of 0 keys, 0/s');
    assert.deepEqual([sizeText(5), sizeText(1536), sizeText(3 * 2 ** 30)], ['5 B', '1.5 KiB', '3.0 GiB']);
  });
});

describe('keyspan rdb inspect', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-inspect-'));
  const path = join(folder, 'dump.rdb');
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('counts without keeping', async () => {
    const { sync, dataset, engine } = embedded({ seed: 1 });
    for (let i = 0; i < 100; i++) sync.set(`k${i}`, 'v');
    sync.expire('k1', 30);
    sync.expire('k2', 7200);
    sync.set('big', 'x'.repeat(50_000));
    sync.rpush('list', ['a', 'b', 'c']);
    await dataset.save(path);
    const summary = inspectRdb(readFileChunks(path), engine.now);
    assert.equal(summary.keys, 102);
    assert.deepEqual([...summary.types].map(([type, { keys, elements }]) => [type, keys, elements]).sort(), [
      ['list', 1, 3],
      ['string', 101, 101],
    ]);
    assert.deepEqual([...summary.ttl].sort(), [
      ['none', 100],
      ['under a day', 1],
      ['under a minute', 1],
    ]);
    assert.equal(summary.biggest[0]!.key, 'big');
    assert.equal(summary.biggest.length, 10);
    const told = execFileSync(process.execPath, [main, 'rdb', 'inspect', path], { encoding: 'utf8' });
    assert.match(told, /keys {11}102\n/);
    assert.match(told, /string {10}101 {2}101/);
  });

  it('says where a broken file is broken', () => {
    const bytes = readFileSync(path);
    const broken = join(folder, 'broken.rdb');
    writeFileSync(broken, bytes);
    truncateSync(broken, 300);
    const failed = spawnSync(process.execPath, [main, 'rdb', 'inspect', broken], { encoding: 'utf8' });
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /broken\.rdb: .*offset \d+|broken\.rdb: .*\d+/);
  });
});
