/** `keyspan copy` that is ended in the middle: by Ctrl-C, by a supervisor, by a kill. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { copyKeys } from '../../src/cli/copy.js';
import { open } from '../../src/index.js';
import { FaultyLink } from '../support/proxy.js';
import { type RunningServer, startKeyspan } from '../support/redis.js';
import { until } from '../support/until.js';

const KEYS = 4000;
const VALUE = 'v'.repeat(100);
/** Replies for some of the keys, not for all: the copy waits in the middle of a batch. */
const HELD_AFTER_BYTES = 150_000;
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

interface Run {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function copy(...words: string[]): Run {
  const child = spawn(process.execPath, [main, 'copy', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return { kill: (signal) => void child.kill(signal), ended };
}

describe('keyspan copy, ended in the middle', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-copy-signals-'));
  let source: RunningServer;
  let target: RunningServer;
  let link: FaultyLink;
  before(async () => {
    [source, target] = await Promise.all([startKeyspan(), startKeyspan()]);
    link = await FaultyLink.start(source.port);
    await using db = open(source.url);
    for (let i = 0; i < KEYS; i += 100) {
      const batch = db.pipeline();
      for (let n = i; n < i + 100; n++) batch.set(`key:${n}`, `${n} ${VALUE}`);
      await batch.exec();
    }
  });
  after(async () => {
    await link?.stop();
    await source?.stop();
    await target?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function emptied(): Promise<void> {
    await using db = open(target.url);
    await db.flushall();
  }

  async function size(url: string): Promise<number> {
    await using db = open(url);
    return await db.dbsize();
  }

  /** Starts a copy and comes back when it waits in its middle. */
  async function halfway(...words: string[]): Promise<Run> {
    link.holdAfterBytes = HELD_AFTER_BYTES;
    const run = copy(link.url, ...words);
    await until(() => link.holding, 'a reply that is held');
    return run;
  }

  const endings = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const;
  for (const [signal, exitCode] of endings) {
    it(`${signal}: says that it can go on, and the same command does`, async () => {
      await emptied();
      const note = join(folder, signal);
      const run = await halfway(target.url, '--resume', note);
      await until(() => existsSync(note), 'a note');
      run.kill(signal);
      link.release();
      const { code, out, err } = await run.ended;
      assert.deepEqual([code, out, err], [exitCode, '', 'keyspan: interrupted: the same command goes on from here\n']);
      const before = await size(target.url);
      assert.ok(before > 0 && before < KEYS, `${before} keys`);
      const again = await copy(link.url, target.url, '--resume', note, '--verify').ended;
      assert.equal(again.code, 0, again.err);
      const copied = Number(/^copied (\d+) keys/.exec(again.out)?.[1]);
      assert.ok(copied < KEYS, `${copied} copied again`);
      assert.equal(await size(target.url), KEYS);
      assert.equal(existsSync(note), false);
    });

    it(`${signal}: an RDB file is not half written, and the same command makes it whole`, async () => {
      const [note, file] = [join(folder, `${signal} of a file`), join(folder, `${signal}.rdb`)];
      const run = await halfway(file, '--resume', note);
      run.kill(signal);
      link.release();
      assert.equal((await run.ended).code, exitCode);
      assert.deepEqual([existsSync(file), existsSync(note), existsSync(`${note}.rdb`)], [false, true, true]);
      const again = await copy(link.url, file, '--resume', note).ended;
      assert.equal(again.code, 0, again.err);
      assert.deepEqual([existsSync(note), existsSync(`${note}.rdb`)], [false, false]);
      await emptied();
      assert.equal((await copyKeys(file, target.url)).copied, KEYS);
    });
  }

  it('without a note it says what has become of the target', async () => {
    await emptied();
    const file = join(folder, 'never.rdb');
    const places = [
      [target.url, `what was copied so far stays in ${target.url}`],
      [file, `${file} is as it was before`],
    ] as const;
    for (const [place, said] of places) {
      const run = await halfway(place);
      run.kill('SIGINT');
      link.release();
      assert.deepEqual(await run.ended, { code: 130, out: '', err: `keyspan: interrupted: ${said}\n` });
    }
    assert.equal(existsSync(file), false);
  });

  it('a second signal ends it at once, whatever it waits for', async () => {
    const run = await halfway(target.url);
    run.kill('SIGINT');
    // Another signal than the first: two of one kind may arrive as one.
    run.kill('SIGTERM');
    const { code } = await run.ended;
    assert.ok(code === 130 || code === 143, String(code));
    link.release();
  });

  it('a kill leaves a note from which it goes on', async () => {
    await emptied();
    const note = join(folder, 'killed');
    const run = await halfway(target.url, '--resume', note);
    await until(() => existsSync(note), 'a note');
    run.kill('SIGKILL');
    await run.ended;
    link.release();
    const { done } = JSON.parse(readFileSync(note, 'utf8')) as { done: number };
    assert.ok(done > 0 && done < KEYS, `${done} noted`);
    const again = await copy(link.url, target.url, '--resume', note).ended;
    assert.equal(again.code, 0, again.err);
    assert.equal(await size(target.url), KEYS);
  });

  it('a folder goes on where it was: its keys are in the same order in each process', async () => {
    const [from, to] = ['from', 'to'].map((name) => `file:${join(folder, name)}`) as [string, string];
    await copyKeys(source.url, from);
    const note = join(folder, 'of a folder');
    const stop = new AbortController();
    let batches = 0;
    const progress = (): void => {
      if (++batches === 7) stop.abort();
    };
    await assert.rejects(copyKeys(from, to, { resume: note, signal: stop.signal, progress }), { name: 'AbortError' });
    const outcome = await copyKeys(from, to, { resume: note });
    assert.ok(outcome.copied < KEYS, `${outcome.copied} copied again`);
    assert.equal(await size(to), KEYS);
  });

  it('a server that was restarted meanwhile is copied from the start: its cursors mean other keys now', async () => {
    await emptied();
    const note = join(folder, 'restarted');
    const run = await halfway(target.url, '--resume', note);
    await until(() => existsSync(note), 'a note');
    run.kill('SIGINT');
    link.release();
    await run.ended;
    const noted = JSON.parse(readFileSync(note, 'utf8')) as { source: string };
    assert.match(noted.source, /^[0-9a-f]{40}$/);
    writeFileSync(note, JSON.stringify({ ...noted, source: '0'.repeat(40) }));
    const before = await size(target.url);
    const outcome = await copyKeys(link.url, target.url, { resume: note });
    assert.deepEqual([outcome.copied, outcome.kept], [KEYS - before, before]);
  });

  const faults: [
    title: string,
    from: () => string,
    to: () => string,
    resume: () => string | undefined,
    said: RegExp,
  ][] = [
    [
      'a folder that is not there',
      () => 'file:./no-such',
      () => target.url,
      () => undefined,
      /^file:\.\/no-such: no such folder$/,
    ],
    [
      'a file that cannot be written',
      () => source.url,
      () => join(folder, 'none', 'x.rdb'),
      () => undefined,
      /x\.rdb cannot be written: No such file or directory$/,
    ],
    [
      'a note that cannot be written',
      () => source.url,
      () => target.url,
      () => join(folder, 'none', 'note'),
      /note cannot be written: No such file or directory$/,
    ],
    [
      'a note that is none',
      () => source.url,
      () => target.url,
      () => {
        writeFileSync(join(folder, 'broken'), '{');
        return join(folder, 'broken');
      },
      /broken is no note of an earlier copy$/,
    ],
  ];
  for (const [title, from, to, resume, said] of faults) {
    it(`refuses ${title}`, async () => {
      const note = resume();
      await assert.rejects(copyKeys(from(), to(), note === undefined ? {} : { resume: note }), { message: said });
    });
  }
});
