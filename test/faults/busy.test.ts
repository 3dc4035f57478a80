/** Scripts that keep the thread: what other clients are told meanwhile, beside a real server. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type RunningServer, requireRedis, startKeyspan, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';

const busyAfter = (ms: number): string[] => ['--busy-reply-threshold', String(ms), '--save', ''];
const args = busyAfter(500);
const library = `#!lua name=lib
redis.register_function('forever', function() while true do end end)`;

/** A client that the server has let in: nobody gets in while a script runs. */
async function greeted(server: RunningServer): Promise<RespClient> {
  const client = await RespClient.connect(server.port);
  await client.send('PING');
  return client;
}

/** Asks until a script is slow enough for the server to say so. */
async function untilBusy(client: RespClient): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await client.send('PING')).raw.startsWith('-BUSY')) {
    assert.ok(Date.now() < deadline, 'the server never said that it is busy');
  }
}

interface Scene {
  /** Given first, by the client whose script goes on and on. */
  script: string[][];
  /** What another client says meanwhile; the last command ends the script. */
  meanwhile: string[][];
}

const scenes: [title: string, scene: Scene][] = [
  [
    'a script',
    {
      script: [['EVAL', 'while true do end', '0'], ['PING']],
      meanwhile: [
        ['GET', 'k'],
        ['MULTI'],
        ['SET', 'k', '1'],
        ['EXEC'],
        ['WATCH', 'k'],
        ['UNWATCH'],
        ['AUTH', 'default', 'x'],
        ['FUNCTION', 'STATS'],
        ['FUNCTION', 'KILL'],
        ['SHUTDOWN'],
        ['NOSUCH'],
        ['EVAL', 'return 1', '0'],
        ['SCRIPT', 'KILL'],
      ],
    },
  ],
  [
    'a script that catches errors, in a transaction',
    {
      script: [
        ['MULTI'],
        ['EVAL', 'while true do pcall(function() while true do end end) end', '0'],
        ['PING'],
        ['EXEC'],
      ],
      meanwhile: [['PING'], ['SCRIPT', 'KILL']],
    },
  ],
  [
    'a script that has read only, deep in calls',
    {
      script: [
        [
          'EVAL',
          'local function f(n) if n > 90 then while true do end end redis.call("get","k") return f(n+1)+1 end f(1)',
          '0',
        ],
      ],
      meanwhile: [['DBSIZE'], ['SCRIPT', 'KILL']],
    },
  ],
  [
    'a function',
    {
      script: [['FCALL', 'forever', '0']],
      meanwhile: [['PING'], ['SCRIPT', 'KILL'], ['FUNCTION', 'KILL']],
    },
  ],
];

async function play(server: RunningServer, { script, meanwhile }: Scene): Promise<string[]> {
  const runner = await greeted(server);
  const other = await greeted(server);
  const leaver = await greeted(server);
  try {
    runner.write(script);
    await untilBusy(other);
    const heard = [(await leaver.send('QUIT')).raw];
    await leaver.read(1);
    assert.equal(leaver.closed, true, 'who leaves is let go');
    for (const argv of meanwhile) heard.push((await other.send(...argv)).raw);
    heard.push(...(await runner.read(script.length)).map(({ raw }) => raw));
    heard.push((await other.send('PING')).raw, (await runner.send('EVAL', 'return 7', '0')).raw);
    return heard;
  } finally {
    for (const client of [runner, other, leaver]) client.close();
  }
}

async function pair(t: TestContext): Promise<[real: RunningServer, ours: RunningServer]> {
  const real = await startRedis({ args });
  t.after(() => real.stop());
  const ours = await startKeyspan({ args });
  t.after(() => ours.stop());
  return [real, ours];
}

test('who is connected hears BUSY while a script goes on and on, and can end it', async (t) => {
  if (!(await requireRedis(t))) return;
  const [real, ours] = await pair(t);
  for (const { port } of [real, ours]) {
    const client = await RespClient.connect(port);
    await client.send('FUNCTION', 'LOAD', library);
    client.close();
  }
  for (const [title, scene] of scenes) {
    await t.test(title, async () => assert.deepEqual(await play(ours, scene), await play(real, scene)));
  }
});

test('FUNCTION STATS tells which function keeps the thread', async (t) => {
  const ours = await startKeyspan({ args });
  t.after(() => ours.stop());
  const runner = await greeted(ours);
  const other = await greeted(ours);
  await runner.send('FUNCTION', 'LOAD', library);
  runner.write([['FCALL', 'forever', '0', 'x']]);
  await untilBusy(other);
  const { raw } = await other.send('FUNCTION', 'STATS');
  assert.match(raw, /running_script\r\n\*6\r\n\$4\r\nname\r\n\$7\r\nforever\r\n\$7\r\ncommand\r\n\*4\r\n\$5\r\nFCALL/);
  await other.send('FUNCTION', 'KILL');
  await runner.read(1);
  runner.close();
  other.close();
});

test('a script that has written cannot be killed, but the server can be shut down', async (t) => {
  if (!(await requireRedis(t))) return;
  const heard: string[][] = [];
  for (const server of await pair(t)) {
    const runner = await greeted(server);
    const other = await greeted(server);
    runner.write([['EVAL', "redis.call('set', KEYS[1], 1) while true do end", '1', 'k']]);
    await untilBusy(other);
    heard.push([(await other.send('SCRIPT', 'KILL')).raw, (await other.send('SHUTDOWN', 'SAVE')).raw]);
    other.write([['SHUTDOWN', 'NOSAVE']]);
    await other.read(1);
    await until(() => !server.alive(), 'the server to end');
    runner.close();
    other.close();
  }
  assert.deepEqual(heard[1], heard[0]);
});

test('a script is stopped after twelve times the threshold though nobody asks for it, and data stay whole', async (t) => {
  const ours = await startKeyspan({ args: busyAfter(100) });
  t.after(() => ours.stop());
  const client = await greeted(ours);
  const script = "redis.call('set', 'a', 1) redis.call('rpush', 'l', 1) while true do redis.call('incr', 'n') end";
  const [reply] = await client.pipeline([['EVAL', script, '0']]);
  assert.match(reply!.raw, /^-ERR Script killed by user with SCRIPT KILL/);
  assert.deepEqual(await client.value('LRANGE', 'l', '0', '-1'), ['1']);
  assert.ok(Number(await client.value('GET', 'n')) > 0);
  assert.equal(await client.value('DBSIZE'), 3);
  client.close();
});
