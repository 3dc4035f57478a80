/** Real servers for tests: started on a free port in a folder of their own, stopped whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findNewerRedis, type NewerServer, whyNoNewer } from '../../tools/newer-server.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';

export interface ServerOptions {
  /** More directives, as on the command line: `['--maxmemory', '10mb']`. */
  args?: string[];
  port?: number;
  /** The address that it listens at; 127.0.0.1 unless given. */
  host?: string;
  /** Put before the command, for example `['taskset', '-c', '0']`. */
  wrap?: string[];
  startTimeout_ms?: number;
}

export interface RunningServer {
  port: number;
  url: string;
  pid: number;
  /** True until the process has ended, by itself or by `stop`. */
  alive(): boolean;
  /** What it wrote to its standard outputs (the last 64 KiB). */
  output(): string;
  /** Ends the process and removes its folder. Idempotent. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
let hooked = false;

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Starts the real redis-server. Throws if there is none ({@link requireRedis} asks first). */
export async function startRedis(options: ServerOptions = {}): Promise<RunningServer> {
  const redis = await findRedis();
  if (redis === null) throw new Error(whyNoRedis());
  const args = ['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes', '--loglevel', 'warning'];
  return await startServer([redis.server], [...args, ...(options.args ?? [])], { ...options, env: redis.env });
}

/** Starts a newer server from the cache. Throws if it is not there ({@link requireNewer} asks first). */
export async function startNewer(kind: NewerServer = 'redis', options: ServerOptions = {}): Promise<RunningServer> {
  const program = await findNewerRedis(kind);
  if (program === null) throw new Error(whyNoNewer(kind));
  const args = ['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes', '--loglevel', 'warning'];
  return await startServer([program], [...args, ...(options.args ?? [])], options);
}

/** Skips the test, with the reason, if that newer server is not in the cache; true if it is. */
export async function requireNewer(t: TestContext, kind: NewerServer = 'redis'): Promise<boolean> {
  if ((await findNewerRedis(kind)) !== null) return true;
  t.skip(whyNoNewer(kind));
  return false;
}

/** The command that runs this project's own server: `$KEYSPAN_SERVE`, else the built command line. */
export function keyspanCommand(): string[] {
  const named = process.env.KEYSPAN_SERVE;
  if (named !== undefined && named !== '') return named.split(' ');
  // Tests run from build/test/support or from a copy of build elsewhere; the built program is in the working folder.
  const near = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
  const main = [near, join(process.cwd(), 'dist/cli/main.js')].find((path) => existsSync(path));
  if (main === undefined) throw new Error('dist/cli/main.js is not built: run `npm run build` first');
  return [process.execPath, main, 'serve'];
}

/** Starts keyspan's own server as a process of its own, as a user would. */
export async function startKeyspan(options: ServerOptions = {}): Promise<RunningServer> {
  // As the server that most tests compare it with; others name another one in their own arguments.
  const args = ['--server-version', '7.0', '--enable-debug-command', 'yes', '--loglevel', 'warning'];
  return await startServer(keyspanCommand(), [...args, ...(options.args ?? [])], options);
}

/** Skips the test, with the reason, if no real server can be had; true if there is one. */
export async function requireRedis(t: TestContext): Promise<boolean> {
  if ((await findRedis()) !== null) return true;
  t.skip(whyNoRedis());
  return false;
}

/** Starts any server that takes `--port`, `--bind` and `--dir`, and waits until it answers PING, be it that it wants a password. */
export async function startServer(
  command: string[],
  args: string[],
  options: ServerOptions & { env?: NodeJS.ProcessEnv } = {},
): Promise<RunningServer> {
  hookExit();
  const port = options.port ?? (await freePort());
  const { host = '127.0.0.1' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-server-'));
  folders.add(folder);
  const line = [...(options.wrap ?? []), ...command];
  const all = [...line.slice(1), '--port', `${port}`, '--bind', host, '--dir', folder, ...args];
  const child = spawn(line[0]!, all, { env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('latin1')).slice(-65_536);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += String(error);
      resolve();
    });
  });
  let over = false;
  void ended.then(() => {
    over = true;
    running.delete(child);
  });
  const stop = async (): Promise<void> => {
    if (!over) child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(killer);
    rmSync(folder, { recursive: true, force: true });
    folders.delete(folder);
  };
  const deadline = Date.now() + (options.startTimeout_ms ?? 20_000);
  while (!(await answers(port, host))) {
    if (over || Date.now() > deadline) {
      await stop();
      throw new Error(`${line.join(' ')} did not start on port ${port}: ${output.trim() || 'no output'}`);
    }
    await sleep(20);
  }
  return { port, url: `redis://${host}:${port}`, pid: child.pid!, alive: () => !over, output: () => output, stop };
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write('PING\r\n'));
    socket.setTimeout(2000, () => socket.destroy());
    socket.once('data', (chunk) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(chunk.toString('latin1')));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** A test process that dies must not leave servers behind. */
function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + (signal === 'SIGINT' ? 2 : signal === 'SIGTERM' ? 15 : 1)));
  }
}
