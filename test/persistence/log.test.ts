import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorReply } from '../../src/core/reply.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { formatManifest, parseManifest } from '../../src/persistence/aof/manifest.js';
import { PersistenceError } from '../../src/persistence/persistence-error.js';
import { EngineAdapter, startServer } from '../../src/server/index.js';
import { newFolder } from '../support/folder.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink } from '../support/side-by-side.js';
import { until } from '../support/until.js';
import { encodingCommands, randomCommands } from './dataset.js';

const FOLDER = 'appendonlydir';
const NAME = 'appendonly.aof';

interface Opened {
  engine: Engine;
  session: EngineSession;
  log: AppendLog;
}

function opened(folder: string, settings: readonly string[] = []): Opened {
  const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
  const session = engine.connect(collectingSink([]));
  if (settings.length > 0) assert.ok(!(session.call(['CONFIG', 'SET', ...settings]) instanceof ErrorReply));
  const log = new AppendLog(engine, join(folder, FOLDER), NAME);
  log.open();
  return { engine, session, log };
}

/** Commands whose effects are not their own words. */
const unlikeTheirEffects: string[][] = [
  ['SET', 'e1', 'v', 'EX', '1000'],
  ['EXPIRE', 'e1', '2000'],
  ['SETEX', 'e2', '500', 'v'],
  ['GETEX', 'e2', 'PERSIST'],
  ['SADD', 'e3', 'a', 'b', 'c', 'd', 'e', 'f'],
  ['SPOP', 'e3', '2'],
  ['SPOP', 'e3'],
  ['INCRBYFLOAT', 'e4', '0.1'],
  ['INCRBYFLOAT', 'e4', '0.2'],
  ['HINCRBYFLOAT', 'e5', 'f', '1.5'],
  ['XADD', 'e6', '*', 'f', 'v'],
  ['XADD', 'e6', 'MAXLEN', '~', '1000', '*', 'f', 'w'],
  ['RPUSH', 'e7', 'a', 'b', 'c'],
  ['LMPOP', '2', 'nothing', 'e7', 'LEFT', 'COUNT', '2'],
  ['MULTI'],
  ['INCR', 'e8'],
  ['SELECT', '2'],
  ['INCR', 'e8'],
  ['EXEC'],
  ['SELECT', '0'],
  ['COPY', 'e4', 'e9'],
  ['RENAME', 'e9', 'e10'],
  ['SWAPDB', '0', '5'],
  ['SET', 'after the swap', '1'],
  ['DEL', 'e1'],
  ['BLPOP', 'e7', '0'],
];

function write(session: EngineSession, commands: readonly string[][]): void {
  for (const command of commands) session.call([...command]);
}

test('what was written is there when the log is opened again', async (t) => {
  const folder = newFolder(t, 'aof');
  const first = opened(folder);
  write(first.session, [...encodingCommands(), ...randomCommands(11, 300), ...unlikeTheirEffects]);
  await first.log.stop();
  const second = opened(folder);
  assert.equal(digestOfAll(second.engine.databases), digestOfAll(first.engine.databases));
  write(second.session, [['SET', 'more', '1']]);
  await second.log.stop();
  const third = opened(folder);
  assert.equal(third.session.call(['GET', 'more']), '1');
  await third.log.stop();
});

test('a rewrite keeps the data, shortens the log and goes on beside the commands', async (t) => {
  const folder = newFolder(t, 'aof');
  const { engine, session, log } = opened(folder);
  for (let i = 0; i < 200; i++) write(session, randomCommands(20, 50));
  const before = log.bytes;
  assert.ok(!(session.call(['BGREWRITEAOF']) instanceof ErrorReply));
  assert.equal(log.rewriting, true);
  // A snapshot for itself in the midst of it does no harm.
  session.call(['DEBUG', 'RELOAD']);
  for (let i = 0; log.rewriting && i < 10_000; i++) {
    if (i < 500)
      write(session, [
        ['SET', `during ${i}`, 'v'],
        ['RPUSH', 'l:1', `${i}`],
      ]);
    await sleep(1);
  }
  assert.equal(log.rewriting, false);
  assert.ok(log.bytes < before / 5, `${log.bytes} of ${before}`);
  await log.stop();
  assert.deepEqual(readdirSync(join(folder, FOLDER)).sort(), [
    `${NAME}.2.base.rdb`,
    `${NAME}.2.incr.aof`,
    `${NAME}.manifest`,
  ]);
  const again = opened(folder);
  assert.equal(digestOfAll(again.engine.databases), digestOfAll(engine.databases));
  await again.log.stop();
});

test('a log that has grown enough is rewritten by itself', async (t) => {
  const { engine, session, log } = opened(newFolder(t, 'aof'), ['auto-aof-rewrite-min-size', '2000']);
  const grow = (bytes: number): void => {
    while (log.bytes < bytes) write(session, [['SET', 'k', 'x'.repeat(100)]]);
  };
  const isRewritten = (): boolean => {
    engine.cron();
    return log.rewriting;
  };
  grow(1500);
  assert.equal(isRewritten(), false, 'below auto-aof-rewrite-min-size');
  session.call(['CONFIG', 'SET', 'auto-aof-rewrite-percentage', '0']);
  grow(4000);
  assert.equal(isRewritten(), false, 'switched off');
  session.call(['CONFIG', 'SET', 'auto-aof-rewrite-percentage', '100']);
  assert.equal(isRewritten(), true);
  await until(() => !log.rewriting, 'the rewrite to end');
  const short = log.bytes;
  assert.ok(short < 1000, `${short} bytes`);
  session.call(['CONFIG', 'SET', 'auto-aof-rewrite-min-size', '1']);
  assert.equal(isRewritten(), false, 'not grown since the last one');
  grow(short * 2);
  assert.equal(isRewritten(), true, 'twice as long as after the last one');
  await until(() => !log.rewriting, 'the rewrite to end');
  await log.stop();
});

/** DEBUG DIGEST of a real server that has loaded the log of a folder. */
async function digestInRedis(folder: string): Promise<unknown> {
  const server = await startRedis({ args: ['--dir', folder, '--appendonly', 'yes'] });
  const client = await RespClient.connect(server.port);
  const digest = await client.value('DEBUG', 'DIGEST');
  client.close();
  await server.stop();
  return digest;
}

describe('a real server', () => {
  test('loads our log, before and after a rewrite', async (t) => {
    if (!(await requireRedis(t))) return;
    for (const rewritten of [false, true]) {
      const folder = newFolder(t, 'aof');
      const { engine, session, log } = opened(folder, ['aof-timestamp-enabled', 'yes']);
      write(session, [...encodingCommands(), ...randomCommands(12, 200)]);
      if (rewritten) session.call(['BGREWRITEAOF']);
      write(session, unlikeTheirEffects);
      await log.stop();
      assert.equal(
        await digestInRedis(folder),
        digestOfAll(engine.databases),
        rewritten ? 'rewritten' : 'as it was written',
      );
    }
  });

  test('loads the log of a server, whose lanes pass requests on as they came', async (t) => {
    if (!(await requireRedis(t))) return;
    const folder = newFolder(t, 'aof');
    const { engine, session, log } = opened(folder);
    const port = new EngineAdapter(engine);
    const ours = await startServer(port, { port: 0 });
    t.after(() => ours.close());
    const clients = await Promise.all([RespClient.connect(ours.port!), RespClient.connect(ours.port!)]);
    t.after(() => {
      for (const client of clients) client.close();
    });
    const [one, two] = clients;
    await two!.value('SELECT', '1');
    const taken = (): number => port.lanes.taken.reduce((a, b) => a + b);
    for (const round of [0, 1]) {
      // Two databases by turns, with what takes no lane among it, and a rewrite during the second round.
      const commands = [...encodingCommands(), ...randomCommands(20 + round, 150)];
      const before = taken();
      if (round === 1) assert.ok(!(session.call(['BGREWRITEAOF']) instanceof ErrorReply));
      for (let i = 0; i < commands.length; i += 5) {
        await Promise.all(clients.map((client) => client.pipeline(commands.slice(i, i + 5))));
      }
      if (round === 0) assert.ok(taken() - before > 100, `only ${taken() - before} requests took a lane`);
    }
    await one!.pipeline(unlikeTheirEffects.filter(([name]) => name !== 'BLPOP'));
    await until(() => !log.rewriting, 'the rewrite to end');
    const before = taken();
    assert.equal(await one!.value('RPUSH', 'after the rewrite', 'x'), 1);
    assert.equal(taken(), before + 1);
    await log.stop();
    assert.equal(await digestInRedis(folder), digestOfAll(engine.databases));
  });

  test('has its log loaded here, before and after a rewrite', async (t) => {
    if (!(await requireRedis(t))) return;
    const folder = newFolder(t, 'aof');
    const server = await startRedis({ args: ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'] });
    const client = await RespClient.connect(server.port);
    t.after(async () => {
      client.close();
      await server.stop();
    });
    await client.pipeline([
      ...encodingCommands(),
      ...randomCommands(13, 200),
      ...unlikeTheirEffects.filter(([name]) => name !== 'BLPOP'),
    ]);
    const compare = async (title: string): Promise<void> => {
      const copy = newFolder(t, 'aof');
      cpSync(join(folder, FOLDER), join(copy, FOLDER), { recursive: true });
      const { engine, log } = opened(copy);
      assert.equal(digestOfAll(engine.databases), await client.value('DEBUG', 'DIGEST'), title);
      await log.stop();
    };
    await compare('as it was written');
    await client.value('BGREWRITEAOF');
    await until(
      async () => !/aof_rewrite_in_progress:1/.test(String(await client.value('INFO', 'persistence'))),
      "the server's rewrite to end",
    );
    await client.pipeline(randomCommands(14, 50));
    await compare('rewritten');
  });
});

describe('a log with an unfinished end', () => {
  /** A small log: its folder, the path of its increment, and how many commands end before which byte. */
  async function small(t: TestContext): Promise<{ folder: string; path: string }> {
    const folder = newFolder(t, 'aof');
    const { session, log } = opened(folder);
    write(session, [
      ['SET', 'a', '1'],
      ['INCR', 'a'],
      ['MULTI'],
      ['INCR', 'a'],
      ['INCR', 'b'],
      ['EXEC'],
      ['INCR', 'a'],
    ]);
    await log.stop();
    return { folder, path: join(folder, FOLDER, `${NAME}.1.incr.aof`) };
  }

  test('cut at every byte: what is whole is loaded, transactions as a whole', async (t) => {
    const { folder, path } = await small(t);
    const whole = readFileSync(path);
    const seen = new Set<string>();
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const { session, log } = opened(folder);
      const state = JSON.stringify(session.call(['MGET', 'a', 'b']));
      seen.add(state);
      write(session, [['SET', 'c', 'x']]);
      await log.stop();
      const again = opened(folder);
      assert.equal(JSON.stringify(again.session.call(['MGET', 'a', 'b'])), state, `${length} bytes`);
      assert.equal(again.session.call(['GET', 'c']), 'x');
      await again.log.stop();
    }
    assert.deepEqual([...seen], ['[null,null]', '["1",null]', '["2",null]', '["3","1"]', '["4","1"]']);
  });

  test('is refused where the configuration wants that, with file and offset', async (t) => {
    const { folder, path } = await small(t);
    truncateSync(path, statSync(path).size - 3);
    assert.throws(
      () => opened(folder, ['aof-load-truncated', 'no']),
      (error: unknown) =>
        error instanceof PersistenceError &&
        error.path === path &&
        (error.offset ?? -1) > 0 &&
        /^Unexpected end of file/.test(error.reason),
    );
  });

  test('bytes that are no commands are refused wherever they stand, and the data stay', async (t) => {
    const { folder, path } = await small(t);
    const whole = readFileSync(path);
    const { session, log } = opened(folder);
    session.call(['SET', 'kept', 'v']);
    await log.stop();
    for (const [rubbish, reason] of [
      ['*1\r\n$4\r\nPINGxx', /without an end/],
      ['hello\r\n', /\* and a number/],
      ['*1\r\n$7\r\nNOTHING\r\n', /Unknown command 'NOTHING'/],
      ['*0\r\n', /without words/],
    ] as const) {
      writeFileSync(path, Buffer.concat([whole, Buffer.from(rubbish), whole]));
      const engine = new Engine();
      const own = engine.connect(collectingSink([]));
      own.call(['SET', 'own', '1']);
      const other = new AppendLog(engine, join(folder, FOLDER), NAME);
      assert.throws(
        () => other.open(),
        (error: unknown) => error instanceof PersistenceError && reason.test(error.reason),
        rubbish,
      );
      assert.deepEqual(own.call(['KEYS', '*']), ['own']);
    }
  });

  test('a file that the manifest names and is not there', async (t) => {
    const { folder, path } = await small(t);
    rmSync(path);
    assert.throws(() => opened(folder), /incr\.aof can't be opened: No such file/);
  });
});

test('the one file of an older Redis becomes the base of a log', async (t) => {
  const folder = newFolder(t, 'aof');
  writeFileSync(join(folder, NAME), '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n');
  const { session, log } = opened(folder);
  assert.equal(session.call(['GET', 'k']), 'v');
  assert.ok(!existsSync(join(folder, NAME)));
  await log.stop();
  const again = opened(folder);
  assert.equal(again.session.call(['GET', 'k']), 'v');
  await again.log.stop();
});

test('a disk that takes nothing: writes are refused, reads are not, and service resumes', async (t) => {
  if (!existsSync('/dev/full')) {
    t.skip('no /dev/full here');
    return;
  }
  const { LogWriter } = await import('../../src/persistence/aof/log-writer.js');
  let told = 0;
  const writer = new LogWriter('/dev/full', {
    policy: () => 'always',
    troubled: () => {
      told++;
    },
  });
  writer.append(0, ['SET', 'k', 'v'], null);
  assert.equal(writer.commit(), false);
  assert.equal(writer.problem, 'No space left on device');
  assert.equal(told, 1);
  writer.close();
  const folder = newFolder(t, 'aof');
  const { engine, session, log } = opened(folder);
  const journal = engine.saver.journal!;
  engine.saver.journal = {
    ...journal,
    problem: 'No space left on device',
    rewriting: false,
    cron: () => {},
  } as typeof journal;
  engine.plainChanged();
  const refused = session.call(['SET', 'k', 'v']);
  assert.ok(
    refused instanceof ErrorReply && refused.text === 'MISCONF Errors writing to the AOF file: No space left on device',
  );
  assert.equal(session.call(['GET', 'k']), null);
  engine.saver.journal = journal;
  engine.plainChanged();
  assert.ok(!(session.call(['SET', 'k', 'v']) instanceof ErrorReply));
  await log.stop();
});

test('manifests: what is printed is read, what is wrong is said', () => {
  const text =
    'file "with space.1.base.rdb" seq 1 type b\nfile x.1.incr.aof seq 1 type i\nfile x.2.incr.aof seq 2 type i\n';
  assert.equal(formatManifest(parseManifest(text, 'm')), text);
  for (const [line, reason] of [
    ['', /empty/],
    ['file ../x seq 1 type b', /just a filename/],
    ['file x seq 0 type b', /line 1: Invalid/],
    ['file x seq 1 type q', /Unknown AOF file type/],
    ['filx x seq 1 type b', /line 1: Invalid/],
    ['seq 1 type b', /line 1: Invalid/],
    ['file x seq 1 type b more', /line 1: Invalid/],
    ['file x seq 1 type b\n\nfile y seq 2 type i\n', /line 2: Invalid/],
    [`file ${'x'.repeat(1100)} seq 1 type b`, /too long line/],
    ['file x seq 1 type b\nfile y seq 2 type b', /duplicate base/],
    ['file x seq 2 type i\nfile y seq 2 type i', /non-monotonic/],
  ] as const) {
    assert.throws(() => parseManifest(line, 'm'), reason, line);
  }
});
