import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeBytes } from '../../src/core/bytes.js';
import { ManualClock } from '../../src/core/clock.js';
import { formatCommand } from '../../src/core/command-text.js';
import { ErrorReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { SnapshotFile } from '../../src/persistence/snapshot-file.js';
import { ReplyArena } from '../../src/resp/reply-arena.js';
import { READ_SLACK_BYTES, RequestParser } from '../../src/resp/request-parser.js';
import { Lanes } from '../../src/server/lanes.js';
import { newFolder } from '../support/folder.js';
import { RecordingDisk, type Unsynced } from '../support/recording-disk.js';
import { collectingSink } from '../support/side-by-side.js';

const FOLDER = 'appendonlydir';
const NAME = 'appendonly.aof';
const unsyncedWays: readonly Unsynced[] = ['all', 'half', 'none'];

/** A program that writes the numbers 1, 2, 3 … to a list, and what it was promised of them. */
class Program {
  readonly disk: RecordingDisk;
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly engine: Engine;
  readonly session: EngineSession;
  log: AppendLog;
  written = 0;
  /** By the number of steps at that time: how many numbers were handed to the system, and how many are on the disk. */
  readonly promises: { at: number; handed: number; safe: number }[] = [];
  #safe = 0;
  readonly #lanes: Lanes;
  readonly #parser = new RequestParser();
  readonly #replies = new ReplyArena();
  byLane = 0;

  constructor(folder: string, policy: 'always' | 'everysec') {
    this.disk = new RecordingDisk(folder);
    this.engine = new Engine({ seed: 1, databases: 1, clock: this.clock });
    this.session = this.engine.connect(collectingSink([]));
    this.session.call(['CONFIG', 'SET', 'appendfsync', policy]);
    this.#lanes = new Lanes(this.engine);
    this.log = new AppendLog(this.engine, join(folder, FOLDER), NAME, this.disk);
  }

  /** Writes some numbers as one turn of the event loop does, of which the last two are one transaction. */
  turn(): void {
    const since = this.log.changes;
    this.#push(3);
    this.session.call(['MULTI']);
    this.#push(2);
    this.session.call(['EXEC']);
    assert.ok(this.log.commit(since));
    if (this.engine.config.get('appendfsync') === 'always') this.#safe = this.written;
    this.promise();
  }

  promise(): void {
    this.promises.push({ at: this.disk.steps.length, handed: this.written, safe: this.#safe });
  }

  /** A second passes, and with `everysec` what was written before it is on the disk. */
  async second(): Promise<void> {
    const before = this.written;
    this.clock.advance(1000);
    this.engine.cron();
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    this.#safe = before;
    this.promise();
  }

  async rewrite(): Promise<void> {
    assert.ok(!(this.session.call(['BGREWRITEAOF']) instanceof ErrorReply));
    while (this.log.rewriting) {
      this.turn();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.turn();
  }

  /** Every other number comes as a server reads it, and goes by a lane where that is open. */
  #push(count: number): void {
    for (let i = 0; i < count; i++) {
      const argv = ['RPUSH', 'list', String(++this.written)];
      if (this.written % 2 === 0 || !this.#byLane(argv)) this.session.call(argv);
    }
  }

  #byLane(argv: string[]): boolean {
    const text = formatCommand(argv);
    const bytes = new Uint8Array(text.length + READ_SLACK_BYTES);
    writeBytes(bytes, text, 0);
    this.#parser.parse(bytes, 0, text.length);
    this.#replies.reset();
    const taken = this.#lanes.take(this.session, bytes, this.#parser, this.#replies);
    if (taken) this.byLane++;
    return taken;
  }

  /** What had been promised after so many steps. */
  promisedAt(count: number): { handed: number; safe: number } {
    return this.promises.findLast(({ at }) => at <= count) ?? { handed: 0, safe: 0 };
  }
}

/** Opens what is left, reads the list, and, if told to, goes on with it and opens it once more. */
async function check(folder: string, what: string, least: number, most: number, goOn: boolean): Promise<void> {
  let held = 0;
  for (const more of goOn ? [true, false] : [true]) {
    const engine = new Engine({ seed: 1, databases: 1 });
    const session = engine.connect(collectingSink([]));
    const log = new AppendLog(engine, join(folder, FOLDER), NAME);
    try {
      log.open();
    } catch (error) {
      assert.fail(`${what}: it does not load: ${String(error)}`);
    }
    const list = session.call(['LRANGE', 'list', '0', '-1']) as string[];
    assert.deepEqual(
      list,
      Array.from(list, (_, i) => String(i + 1)),
      `${what}: every number once, in order`,
    );
    if (more) {
      assert.ok(list.length >= least && list.length <= most, `${what}: ${list.length} not in ${least}…${most}`);
      session.call(['RPUSH', 'list', String(list.length + 1)]);
      held = list.length + 1;
    } else {
      assert.equal(list.length, held, `${what}: what was written afterwards`);
    }
    await log.stop();
  }
}

/** Stops the world after every step, in every way. Returns how many worlds were looked at. */
async function stopEverywhere(t: TestContext, program: Program): Promise<number> {
  const { disk } = program;
  let worlds = 0;
  for (let count = 0; count <= disk.steps.length; count++) {
    const { handed, safe } = program.promisedAt(count);
    const last = disk.steps[count - 1]?.kind ?? 'nothing';
    const found = disk.after(count);
    for (let names = 0; names <= found.uncertainNames; names++) {
      for (const unsynced of found.uncertainContent ? unsyncedWays : (['all'] as const)) {
        const folder = newFolder(t, 'crash');
        found.write(folder, names, unsynced);
        // A process that is killed leaves all that the system was given; a machine without power what was synced.
        const least = names === found.uncertainNames && unsynced === 'all' ? handed : safe;
        const what = `step ${count} of ${disk.steps.length} (${last}), ${names} names, ${unsynced} of what is not synced`;
        await check(folder, what, least, program.written, worlds % 3 === 0);
        rmSync(folder, { recursive: true, force: true });
        worlds++;
      }
    }
  }
  return worlds;
}

for (const policy of ['always', 'everysec'] as const) {
  test(`a log can be stopped between any two steps: appendfsync ${policy}`, { timeout: 60_000 }, async (t) => {
    const program = new Program(newFolder(t, 'crash'), policy);
    program.log.open();
    program.promise();
    program.turn();
    await program.second();
    program.turn();
    await program.rewrite();
    await program.second();
    await program.rewrite();
    program.log.replaced();
    program.promise();
    program.turn();
    await program.log.stop();
    const worlds = await stopEverywhere(t, program);
    const { disk, written, byLane } = program;
    t.diagnostic(`${disk.steps.length} steps, ${worlds} worlds, ${written} numbers, ${byLane} by a lane`);
    assert.ok(byLane > 5, `only ${byLane} took a lane`);
    assert.ok(worlds > 300, `only ${worlds} worlds`);
  });
}

test('opening a log again can be stopped between any two steps: an unfinished end, files left over', async (t) => {
  const folder = newFolder(t, 'crash');
  const first = new Program(folder, 'always');
  first.log.open();
  first.turn();
  await first.rewrite();
  await first.log.stop();
  // A transaction without its end, and history that is not gone yet.
  const log = join(folder, FOLDER);
  const incr = `${NAME}.2.incr.aof`;
  writeFileSync(join(log, incr), formatCommand(['MULTI']) + formatCommand(['RPUSH', 'list', 'x']), { flag: 'a' });
  writeFileSync(join(log, `${NAME}.manifest`), `file ${NAME}.1.incr.aof seq 1 type h\n`, { flag: 'a' });
  const second = new Program(folder, 'always');
  second.written = first.written;
  second.log.open();
  second.promise();
  for (const entry of second.promises) entry.safe = entry.handed = first.written;
  second.turn();
  await second.log.stop();
  assert.ok((await stopEverywhere(t, second)) > 30);
});

test('the one file of an older Redis can be adopted with a stop between any two steps', async (t) => {
  const folder = newFolder(t, 'crash');
  const old = ['1', '2', '3'].map((n) => formatCommand(['RPUSH', 'list', n])).join('');
  writeFileSync(join(folder, NAME), old);
  const program = new Program(folder, 'always');
  program.log.open();
  program.written = 3;
  for (let at = 0; at <= program.disk.steps.length; at++) program.promises.push({ at, handed: 3, safe: 3 });
  program.turn();
  await program.log.stop();
  assert.ok((await stopEverywhere(t, program)) > 20);
});

test('a snapshot is the old one or the new one, wherever it is stopped', async (t) => {
  const folder = newFolder(t, 'crash');
  const disk = new RecordingDisk(folder);
  const engine = new Engine({ seed: 1, databases: 1 });
  const session = engine.connect(collectingSink([]));
  engine.saver.storage = new SnapshotFile(() => join(folder, 'dump.rdb'), disk);
  const saved = [{ at: 0, n: 0 }];
  for (let n = 1; n <= 4; n++) {
    session.call(['SET', 'n', String(n)]);
    session.call(['SET', 'filler', 'x'.repeat(n * 1000)]);
    if (n % 2 === 1) session.call(['SAVE']);
    else {
      session.call(['BGSAVE']);
      while (engine.saver.background !== null) await new Promise((resolve) => setImmediate(resolve));
    }
    saved.push({ at: disk.steps.length, n });
  }
  for (let count = 0; count <= disk.steps.length; count++) {
    const found = disk.after(count);
    const certain = saved.findLast(({ at }) => at <= count)!.n;
    for (let names = 0; names <= found.uncertainNames; names++) {
      for (const unsynced of unsyncedWays) {
        const into = newFolder(t, 'crash');
        found.write(into, names, unsynced);
        const again = new Engine({ seed: 1, databases: 1 });
        again.saver.storage = new SnapshotFile(() => join(into, 'dump.rdb'));
        again.saver.load();
        const n = Number(again.connect(collectingSink([])).call(['GET', 'n']));
        assert.ok(n === certain || n === certain + 1, `step ${count}: ${n} loaded, ${certain} saved`);
        rmSync(into, { recursive: true, force: true });
      }
    }
  }
});
