/**
 * WATCH and keys whose time is over: Redis tells keys that were over when they were watched from those that ended
 * later, through reads, deletions, FLUSHALL and SWAPDB. What EXEC replies comes from a live redis-server.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireRedis, startKeyspan, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';

/** `w` watches, `o` is another client; `sleep` waits until short times to live are over. */
type Line = 'sleep' | `w ${string}` | `o ${string}`;

const over: Line[] = ['w PSETEX k 1 v', 'sleep'];
const overInTheOther: Line[] = ['o SELECT 1', 'o PSETEX k 1 v', 'sleep'];

const scenes: [title: string, lines: Line[]][] = [
  ['over when watched', [...over, 'w WATCH k']],
  ['over when watched, then read', [...over, 'w WATCH k', 'o GET k']],
  ['over when watched, then deleted', [...over, 'w WATCH k', 'o DEL k']],
  ['over when watched, then set', [...over, 'w WATCH k', 'o SET k x']],
  ['over when watched, then given time', [...over, 'w WATCH k', 'o EXPIRE k 10']],
  ['over when watched, then another renamed to it', ['w SET o 1', ...over, 'w WATCH k', 'o RENAME o k']],
  ['over when watched, then FLUSHALL', [...over, 'w WATCH k', 'o FLUSHALL']],
  ['over when watched, then SWAPDB', [...over, 'w WATCH k', 'o SWAPDB 0 1']],
  ['ends while watched', ['w PSETEX k 30 v', 'w WATCH k', 'sleep']],
  ['ends while watched, then read', ['w PSETEX k 30 v', 'w WATCH k', 'sleep', 'o GET k']],
  ['ends while watched, watched again', ['w PSETEX k 30 v', 'w WATCH k', 'sleep', 'w WATCH k']],
  ['ends while watched, then UNWATCH', ['w PSETEX k 30 v', 'w WATCH k', 'sleep', 'w UNWATCH']],
  ['ends after another client shortened it', ['w SET k v', 'w WATCH k', 'o PEXPIRE k 1', 'sleep']],
  ['SWAPDB puts one that is over in its place', ['w SET k v', ...overInTheOther, 'w WATCH k', 'o SWAPDB 0 1']],
  ['SWAPDB of one that is over for another', [...over, ...overInTheOther, 'w WATCH k', 'o SWAPDB 0 1']],
  ['SWAPDB brings one that is over for none', [...overInTheOther, 'w WATCH k', 'o SWAPDB 0 1']],
  ['SWAPDB without any', ['w WATCH k', 'o SWAPDB 0 1']],
  ['FLUSHDB without any', ['w WATCH k', 'o FLUSHDB']],
];

/** The reply to EXEC of a transaction after the scene. `active`: whether the server looks for keys that are over. */
async function outcome(port: number, lines: readonly Line[], active: string): Promise<string> {
  const [watcher, other] = [await RespClient.connect(port), await RespClient.connect(port)];
  try {
    await watcher.pipeline([['FLUSHALL'], ['DEBUG', 'SET-ACTIVE-EXPIRE', active]]);
    for (const line of lines) {
      const [who, ...argv] = line.split(' ');
      if (who === 'sleep') await sleep(50);
      else await (who === 'w' ? watcher : other).send(...argv);
    }
    const replies = await watcher.pipeline([['MULTI'], ['PING'], ['EXEC']]);
    return replies[2]!.raw;
  } finally {
    watcher.close();
    other.close();
  }
}

test('EXEC after WATCH of keys whose time is over', async (t) => {
  if (!(await requireRedis(t))) return;
  const servers = [await startRedis(), await startKeyspan()] as const;
  try {
    for (const [title, lines] of scenes) {
      for (const active of ['0', '1']) {
        await t.test(`${title}${active === '1' ? ', active expiry' : ''}`, async () => {
          const [real, own] = await Promise.all(servers.map(({ port }) => outcome(port, lines, active)));
          assert.equal(own, real);
        });
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
});
