/**
 * Processes that write are killed at random instants, round after round over the same folder. What they acknowledged is
 * noted outside of them; after every kill the folder is loaded and compared with the notes.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/core/random.js';
import { Engine } from '../../src/engine/engine.js';
import { AppendLog } from '../../src/persistence/aof/append-log.js';
import { SnapshotFile } from '../../src/persistence/snapshot-file.js';
import { keyspanCommand, startServer } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink } from '../support/side-by-side.js';

export type KillMode = `${'file' | 'serve'} ${'always' | 'everysec'}`;
export const killModes: readonly KillMode[] = ['file always', 'file everysec', 'serve always', 'serve everysec'];

const WRITERS = 8;
const GRACE_MS = 1000;

/** What one writer was told: its numbers are 1, 2, 3 … in a list of its own. */
interface Account {
  acknowledged: number;
  /** The last number that may have been carried out. */
  sent: number;
  /** When each number was acknowledged, for those of this round. */
  readonly times: { n: number; at: number }[];
}

export interface RoundReport {
  acknowledged: number;
  /** Acknowledged and not there. */
  lost: number;
  /** A rewrite or a save was going on when the process was killed. */
  busy: boolean;
}

/** Rounds of one kind over one folder. */
export class KillRounds {
  readonly #mode: KillMode;
  readonly #folder: string;
  readonly #random: Random;
  readonly #accounts: Account[] = Array.from({ length: WRITERS }, () => ({ acknowledged: 0, sent: 0, times: [] }));

  constructor(mode: KillMode, folder: string, random: Random) {
    this.#mode = mode;
    this.#folder = folder;
    this.#random = random;
  }

  /** One life, one kill, one look at what is left. Throws an AssertionError where a promise was broken. */
  async round(): Promise<RoundReport> {
    const before = this.#sum();
    for (const account of this.#accounts) account.times.length = 0;
    const delay_ms = 20 + this.#random.below(this.#random.below(4) === 0 ? 1500 : 250);
    const killedAt = this.#mode.startsWith('file') ? await this.#inProcess(delay_ms) : await this.#served(delay_ms);
    const acknowledged = this.#sum() - before;
    const { lost, busy } = await this.#look(killedAt);
    return { acknowledged, lost, busy };
  }

  get #policy(): string {
    return this.#mode.split(' ')[1]!;
  }

  #sum(): number {
    return this.#accounts.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  #acknowledge(account: Account, n: number): void {
    account.acknowledged = n;
    account.times.push({ n, at: performance.now() });
  }

  /** `file:` in a process of its own, which writes its acknowledgements to a pipe as they come. */
  async #inProcess(delay_ms: number): Promise<number> {
    const library = new URL('../../src/index.js', import.meta.url).href;
    const words = [library, this.#folder, this.#policy, this.#accounts.map(({ sent }) => sent).join()];
    const child = spawn(process.execPath, ['--input-type=module', '-e', writerProgram, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Numbers that were sent but not acknowledged are not known here: whatever follows the last one known may be there.
    let rest = '';
    const began = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [writer, n] = line.split(' ').map(Number);
        const account = this.#accounts[writer!]!;
        this.#acknowledge(account, n!);
        account.sent = Math.max(account.sent, n! + 1);
      }
    });
    return await this.#killed(child, began, delay_ms);
  }

  async #killed(child: ChildProcess, began: Promise<void>, delay_ms: number): Promise<number> {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    try {
      await Promise.race([began, closed]);
      await sleep(delay_ms);
      assert.equal(child.exitCode, null, 'the process ended by itself');
    } finally {
      child.kill('SIGKILL');
    }
    const killedAt = performance.now();
    await closed;
    return killedAt;
  }

  async #served(delay_ms: number): Promise<number> {
    const args = ['--dir', this.#folder, '--appendonly', 'yes', '--appendfsync', this.#policy, '--save', ''];
    const server = await startServer(keyspanCommand(), [...args, '--loglevel', 'warning'], {});
    const clients = await Promise.all([...this.#accounts, null].map(() => RespClient.connect(server.port)));
    const writers = this.#accounts.map((account, i) => this.#write(clients[i]!, `list:${i}`, account));
    const disturbing = this.#disturb(clients[WRITERS]!);
    try {
      await sleep(delay_ms);
      assert.ok(server.alive(), `the server ended by itself: ${server.output()}`);
    } finally {
      process.kill(server.pid, 'SIGKILL');
    }
    const killedAt = performance.now();
    await Promise.all([...writers, disturbing]);
    for (const client of clients) client.close();
    await server.stop();
    return killedAt;
  }

  async #write(client: RespClient, key: string, account: Account): Promise<void> {
    try {
      for (;;) {
        const first = account.sent + 1;
        const count = 1 + this.#random.below(20);
        account.sent += count;
        const commands = Array.from({ length: count }, (_, i) => ['RPUSH', key, String(first + i)]);
        const replies = await Promise.all(commands.map((command) => client.value(...command)));
        assert.ok(
          replies.every((reply) => typeof reply === 'number'),
          `refused: ${String(replies[0])}`,
        );
        this.#acknowledge(account, account.sent);
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
  }

  async #disturb(client: RespClient): Promise<void> {
    try {
      for (;;) {
        await client.value('BGREWRITEAOF');
        await sleep(this.#random.below(30));
        await client.value('BGSAVE', 'SCHEDULE');
        await sleep(this.#random.below(30));
      }
    } catch {
      // The server was killed.
    }
  }

  /** Loads what is left, which must always load, and compares. */
  async #look(killedAt: number): Promise<{ lost: number; busy: boolean }> {
    const engine = new Engine({ seed: 1 });
    const folder = join(this.#folder, 'appendonlydir');
    const log = new AppendLog(engine, folder, 'appendonly.aof');
    log.load();
    const session = engine.connect(collectingSink([]));
    let lost = 0;
    this.#accounts.forEach((account, i) => {
      const list = session.call(['LRANGE', `list:${i}`, '0', '-1']) as string[];
      const what = `${this.#mode}: writer ${i}: ${account.acknowledged} acknowledged, ${account.sent} sent`;
      assert.deepEqual(
        list,
        Array.from(list, (_, n) => String(n + 1)),
        `${what}: every number once, in order`,
      );
      if (this.#mode.startsWith('serve')) assert.ok(list.length <= account.sent, `${what}, ${list.length} found`);
      assert.ok(list.length >= this.#least(account, killedAt), `${what}, ${list.length} found`);
      lost += Math.max(0, account.acknowledged - list.length);
      account.acknowledged = account.sent = list.length;
    });
    const dump = join(this.#folder, 'dump.rdb');
    if (existsSync(dump)) {
      const saved = new Engine({ seed: 1 });
      saved.saver.storage = new SnapshotFile(() => dump);
      assert.ok(saved.saver.load(), 'the snapshot loads');
    }
    return { lost, busy: this.#isUnfinished(folder) };
  }

  /**
   * A server hands every change to the system before its reply goes out, so a killed one loses nothing, whatever the
   * policy. In the process, with `everysec`, a promise is settled before that, and the last second is not promised.
   */
  #least(account: Account, killedAt: number): number {
    if (this.#mode !== 'file everysec') return account.acknowledged;
    return account.times.findLast(({ at }) => at < killedAt - GRACE_MS)?.n ?? 0;
  }

  #isUnfinished(folder: string): boolean {
    return (
      readdirSync(folder).some((name) => name.startsWith('temp-')) ||
      readdirSync(folder).filter((name) => name.endsWith('.aof')).length > 1
    );
  }
}

/** Writes to lists by several writers at once, rewrites the log now and then, and says what was acknowledged. */
const writerProgram = `
  import { writeSync } from 'node:fs';
  const [library, folder, policy, sent] = process.argv.slice(1);
  const { open } = await import(library);
  const redis = open('file:' + folder);
  await redis.call('CONFIG', 'SET', 'appendfsync', policy);
  const write = async (writer, n) => {
    for (;;) {
      await redis.rpush('list:' + writer, [String(++n)]);
      writeSync(1, writer + ' ' + n + '\\n');
      if (n % 7 === writer) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const lengths = await Promise.all(sent.split(',').map((_, i) => redis.llen('list:' + i)));
  lengths.forEach((n, writer) => void write(writer, n));
  for (;;) {
    await redis.call('BGREWRITEAOF').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
`;
