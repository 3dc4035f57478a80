/**
 * Newer servers than the 7.0 that most tests compare with: Redis 8.0 and Valkey 8.1, built from the sources of Debian
 * trixie into the cache folder. `npm run newer-servers` does that, in some minutes; tests use what it has left there.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './redis-binary.js';

const run = promisify(execFile);

export type NewerServer = 'redis' | 'valkey';

/** The folder in the cache and the program in it. */
const programs: Readonly<Record<NewerServer, readonly [folder: string, program: string, version: RegExp]>> = {
  redis: ['redis-8.0', 'redis-server', /v=8\.0\./],
  valkey: ['valkey-8.1', 'valkey-server', /v=8\.1\./],
};

const sourceLine =
  'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main\n';

/** The path of a newer server that is in the cache and runs; null ({@link whyNoNewer} says what to do) otherwise. */
export async function findNewerRedis(kind: NewerServer = 'redis'): Promise<string | null> {
  const [folder, program, version] = programs[kind];
  const path = join(cacheFolder(), folder, program);
  if (!existsSync(path)) return null;
  const { stdout } = await run(path, ['--version']);
  return version.test(stdout) ? path : null;
}

/** The folder with the Tcl suite of that Redis, as far as it is in the cache; null otherwise. */
export function findNewerSuite(): string | null {
  const folder = join(cacheFolder(), programs.redis[0]);
  return existsSync(join(folder, 'tests/test_helper.tcl')) ? folder : null;
}

/** Why {@link findNewerRedis} gave null. */
export function whyNoNewer(kind: NewerServer = 'redis'): string {
  return `no ${programs[kind][0]} in ${cacheFolder()}: npm run newer-servers builds it`;
}

/** Fetches the sources with apt's own checks, in lists and caches of its own, and builds what is not there yet. */
async function build(): Promise<void> {
  const wanted: NewerServer[] = [];
  for (const kind of ['redis', 'valkey'] as const) if ((await findNewerRedis(kind)) === null) wanted.push(kind);
  if (wanted.length === 0) return;
  const work = mkdtempSync(join(cacheFolder(), 'sources-'));
  try {
    const options = aptOptions(work);
    await run('apt-get', [...options, 'update'], { timeout: 180_000 });
    await run('apt-get', [...options, 'source', '--download-only', ...wanted], { cwd: work, timeout: 300_000 });
    for (const kind of wanted) await buildOne(kind, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function aptOptions(work: string): string[] {
  const list = join(work, 'src.list');
  writeFileSync(list, sourceLine);
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, folder), { recursive: true });
  const settings = {
    'Dir::Etc::SourceList': list,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

async function buildOne(kind: NewerServer, work: string): Promise<void> {
  const [folder, program] = programs[kind];
  const archive = readdirSync(work).find((name) => name.startsWith(`${kind}_`) && name.includes('.orig.tar'));
  if (archive === undefined) throw new Error(`apt-get has left no archive of ${kind} in ${work}`);
  const sources = join(work, kind);
  mkdirSync(sources);
  await run('tar', ['-xf', join(work, archive), '-C', sources, '--strip-components=1']);
  const jobs = `-j${cpus().length}`;
  console.log(`building ${folder} …`);
  const make = ['MALLOC=libc', 'OPTIMIZATION=-O1', '-C', join(sources, 'src'), jobs, program];
  await run('make', make, { timeout: 1_800_000, maxBuffer: 64 * 1024 * 1024 });
  const target = join(cacheFolder(), folder);
  mkdirSync(target, { recursive: true });
  copyFileSync(join(sources, 'src', program), join(target, program));
  cpSync(join(sources, 'tests'), join(target, 'tests'), { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  for (const kind of ['redis', 'valkey'] as const) console.log((await findNewerRedis(kind)) ?? whyNoNewer(kind));
}
