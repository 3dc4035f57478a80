/**
 * Finds a real Redis for tests and benchmarks: named by the environment, on the PATH, already unpacked in
 * the cache, installed by apt (as root), or unpacked there from Debian's packages (no root needed).
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of the real programs; `env` is what they must be started with (a library path if unpacked). */
export interface RedisBinaries {
  server: string;
  cli: string;
  benchmark: string;
  sentinel: string;
  version: string;
  env: NodeJS.ProcessEnv;
}

const packages_debian = ['redis-server', 'redis-tools', 'redis-sentinel'];

/** Packages which may hold the shared objects a bare machine lacks, by the library's name. */
const packageOf: Record<string, string> = {
  'libatomic.so.1': 'libatomic1',
  'liblzf.so.1': 'liblzf1',
  'libjemalloc.so.2': 'libjemalloc2',
  'libsystemd.so.0': 'libsystemd0',
  'libssl.so.3': 'libssl3',
  'libcrypto.so.3': 'libssl3',
  'libcap.so.2': 'libcap2',
  'libgcrypt.so.20': 'libgcrypt20',
  'libgpg-error.so.0': 'libgpg-error0',
  'liblzma.so.5': 'liblzma5',
  'libzstd.so.1': 'libzstd1',
  'liblz4.so.1': 'liblz4-1',
  'libstdc++.so.6': 'libstdc++6',
  'liblua5.1.so.0': 'liblua5.1-0',
  'liblua5.1-cjson.so.0': 'lua-cjson',
  'liblua5.1-bitop.so.0': 'lua-bitop',
  'libhiredis.so.0.14': 'libhiredis0.14',
};

let found: Promise<RedisBinaries | null> | undefined;
let reason = 'not searched yet';

/** The folder for things obtained at test time: `$KEYSPAN_CACHE` or `~/.cache/keyspan`. */
export function cacheFolder(): string {
  const folder = process.env.KEYSPAN_CACHE ?? join(homedir() || tmpdir(), '.cache', 'keyspan');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The real Redis of this machine, or null ({@link whyNoRedis} then says why). Searched once per process. */
export function findRedis(): Promise<RedisBinaries | null> {
  found ??= search();
  return found;
}

/** Why {@link findRedis} gave null. */
export function whyNoRedis(): string {
  return reason;
}

async function search(): Promise<RedisBinaries | null> {
  const failures: string[] = [];
  const sources: [name: string, find: () => Promise<RedisBinaries | null>][] = [
    ['KEYSPAN_REDIS_SERVER', fromEnvironment],
    ['PATH', fromPath],
    ['cache', fromCache],
    ['apt-get install', installed],
    ['apt-get download', downloaded],
  ];
  for (const [name, find] of sources) {
    try {
      const binaries = await find();
      if (binaries !== null) return binaries;
    } catch (error) {
      failures.push(`${name}: ${lastLine(error)}`);
    }
  }
  reason = `no redis-server 7.0 (${failures.join('; ') || 'not in KEYSPAN_REDIS_SERVER, not on the PATH'})`;
  return null;
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const text = stderr?.trim() || message || String(error);
  return text.trim().split('\n').at(-1)!.slice(0, 200);
}

async function fromEnvironment(): Promise<RedisBinaries | null> {
  const server = process.env.KEYSPAN_REDIS_SERVER;
  if (server === undefined || server === '') return null;
  return await checked(dirname(server), process.env, server);
}

async function fromPath(): Promise<RedisBinaries | null> {
  const server = onPath('redis-server');
  return server === null ? null : await checked(dirname(server), process.env, server);
}

async function fromCache(): Promise<RedisBinaries | null> {
  const root = join(cacheFolder(), 'redis');
  return existsSync(join(root, 'usr/bin/redis-server')) ? await unpacked(root) : null;
}

async function installed(): Promise<RedisBinaries | null> {
  if (process.getuid?.() !== 0) return null;
  if (onPath('apt-get') === null) throw new Error('no apt-get on this machine');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', ...packages_debian], { env, timeout: 180_000 });
  try {
    await install();
  } catch {
    await run('apt-get', ['update'], { timeout: 120_000 });
    await install();
  }
  return await fromPath();
}

/** Unpacks Debian's packages into the cache; works without root, with apt's lists kept in the cache if need be. */
async function downloaded(): Promise<RedisBinaries | null> {
  if (onPath('apt-get') === null || onPath('dpkg-deb') === null) throw new Error('no apt-get and dpkg-deb here');
  const root = join(cacheFolder(), 'redis');
  const work = mkdtempSync(join(cacheFolder(), 'download-'));
  try {
    const options = await aptOptions(work);
    await unpack(packages_debian, options, work, root);
    const wanted = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const missing = (await missingLibraries(root)).filter((name) => !wanted.has(name));
      if (missing.length === 0) break;
      for (const name of missing) wanted.add(name);
      const packages = missing.map((name) => packageOf[name] ?? fail(`no package is known to hold ${name}`));
      await unpack([...new Set(packages)], options, work, root);
    }
    return await unpacked(root);
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function fail(message: string): never {
  throw new Error(message);
}

/** Options for apt-get: none if its lists know the package, else own lists inside `work`, freshly updated. */
async function aptOptions(work: string): Promise<string[]> {
  try {
    const { stdout } = await run('apt-cache', ['show', 'redis-server']);
    if (stdout.includes('Package: redis-server')) return [];
  } catch {
    // no lists yet
  }
  mkdirSync(join(work, 'lists/partial'), { recursive: true });
  mkdirSync(join(work, 'cache/archives/partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${work}/lists`, '-o', `Dir::Cache=${work}/cache`];
  await run('apt-get', [...options, 'update'], { timeout: 120_000 });
  return options;
}

async function unpack(packages: string[], options: string[], work: string, root: string): Promise<void> {
  const folder = mkdtempSync(join(work, 'debs-'));
  await run('apt-get', [...options, 'download', ...packages], { cwd: folder, timeout: 120_000 });
  mkdirSync(root, { recursive: true });
  for (const file of readdirSync(folder)) await run('dpkg-deb', ['-x', join(folder, file), root]);
}

async function missingLibraries(root: string): Promise<string[]> {
  const { stdout } = await run('ldd', [join(root, 'usr/bin/redis-check-rdb')], { env: libraryEnv(root) });
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]!);
}

function libraryEnv(root: string): NodeJS.ProcessEnv {
  const folders: string[] = [];
  for (const parent of ['lib', 'usr/lib'].map((name) => join(root, name))) {
    if (!existsSync(parent)) continue;
    folders.push(parent);
    for (const name of readdirSync(parent)) {
      if (statSync(join(parent, name)).isDirectory()) folders.push(join(parent, name));
    }
  }
  const inherited = process.env.LD_LIBRARY_PATH;
  return { ...process.env, LD_LIBRARY_PATH: [...folders, ...(inherited ? [inherited] : [])].join(delimiter) };
}

async function unpacked(root: string): Promise<RedisBinaries> {
  const folder = join(root, 'usr/bin');
  return await checked(folder, libraryEnv(root), join(folder, 'redis-server'));
}

/** The programs beside `server` (or on the PATH), after asking it for its version: only 7.0 is the oracle. */
async function checked(folder: string, env: NodeJS.ProcessEnv, server: string): Promise<RedisBinaries> {
  const { stdout } = await run(server, ['--version'], { env });
  const version = /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
  if (!version.startsWith('7.0.')) throw new Error(`${server} is version ${version}, not 7.0`);
  const beside = (name: string): string => {
    const path = join(folder, name);
    return existsSync(path) ? path : (onPath(name) ?? path);
  };
  return {
    server,
    cli: beside('redis-cli'),
    benchmark: beside('redis-benchmark'),
    sentinel: beside('redis-sentinel'),
    version,
    env,
  };
}

function onPath(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // not here
    }
  }
  return null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const binaries = await findRedis();
  if (binaries === null) {
    console.error(whyNoRedis());
    process.exitCode = 1;
  } else {
    const { env, ...paths } = binaries;
    console.log(JSON.stringify({ ...paths, LD_LIBRARY_PATH: env.LD_LIBRARY_PATH }, null, 2));
  }
}
