import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { findRedis } from '../../tools/redis-binary.js';
import { requireRedis, startKeyspan } from '../support/redis.js';

const run = promisify(execFile);

describe('the tools of Redis against keyspan serve', () => {
  test('a redis-cli session, RESP2 and RESP3', async (t) => {
    if (!(await requireRedis(t))) return;
    const { cli, env } = (await findRedis())!;
    const server = await startKeyspan();
    t.after(() => server.stop());
    const ask = async (...args: string[]): Promise<string> =>
      (await run(cli, ['-p', `${server.port}`, ...args], { env })).stdout;
    assert.equal(await ask('set', 'greeting', 'hello'), 'OK\n');
    assert.equal(await ask('get', 'greeting'), 'hello\n');
    assert.equal(await ask('hset', 'h', 'f', 'v', 'g', 'w'), '2\n');
    assert.equal(await ask('hgetall', 'h'), 'f\nv\ng\nw\n');
    assert.equal(await ask('-3', 'hgetall', 'h'), 'f v\ng w\n');
    assert.equal(await ask('zadd', 'z', '0.1', 'm'), '1\n');
    assert.equal(await ask('-3', 'zscore', 'z', 'm'), '0.10000000000000001\n');
    assert.match(await ask('nosuch', 'x'), /^ERR unknown command 'nosuch', with args beginning with: 'x'/);
    assert.match(await ask('get'), /^ERR wrong number of arguments for 'get' command/);
    assert.match(await ask('lpush', 'greeting', 'x'), /^WRONGTYPE/);
    assert.match(await ask('info', 'keyspace'), /db0:keys=3,expires=0/);
    assert.match(await ask('--scan'), /greeting/);
    assert.match(await ask('--bigkeys'), /Biggest\s+hash found '"h"' has 2 fields/);
  });

  test('the full default run of redis-benchmark', async (t) => {
    if (!(await requireRedis(t))) return;
    const { benchmark, env } = (await findRedis())!;
    const server = await startKeyspan();
    t.after(() => server.stop());
    const { stdout } = await run(benchmark, ['-p', `${server.port}`, '-n', '2000', '-q'], { env, timeout: 60_000 });
    const lines = stdout.split(/[\r\n]+/).filter((line) => line.includes('requests per second'));
    const names = lines.map((line) => line.split(':')[0].trim());
    for (const name of [
      'PING_INLINE',
      'PING_MBULK',
      'SET',
      'GET',
      'INCR',
      'LPUSH',
      'RPUSH',
      'LPOP',
      'RPOP',
      'SADD',
      'HSET',
      'SPOP',
      'ZADD',
      'ZPOPMIN',
    ]) {
      assert.ok(names.includes(name), `${name} has a result in ${stdout}`);
    }
    assert.ok(
      names.some((name) => name.startsWith('MSET')),
      stdout,
    );
    assert.ok(!/error/i.test(stdout), stdout);
  });
});
