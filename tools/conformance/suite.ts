/** Obtains Redis' own test suite (Debian's source package) and the Tcl interpreter that runs it. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, findRedis } from '../redis-binary.js';

const run = promisify(execFile);
const version = '7.0.15';

/** The folder of the suite, fetched on first use. Throws with the reason if that is impossible. */
export async function findSuite(): Promise<string> {
  const named = process.env.KEYSPAN_REDIS_SOURCE;
  const folder = named ?? join(cacheFolder(), `redis-suite-${version}`);
  if (!existsSync(join(folder, 'tests/test_helper.tcl'))) {
    if (named !== undefined) throw new Error(`no tests/test_helper.tcl in ${named}`);
    await fetchSuite(folder);
  }
  if (named === undefined) await linkPrograms(folder);
  return folder;
}

/** The Tcl interpreter; as root it is installed if missing. */
export async function findTclsh(): Promise<string> {
  for (const name of ['tclsh8.6', 'tclsh']) if (await works(name)) return name;
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'tcl'], { env }).catch(async () => {
      await run('apt-get', ['update']);
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'tcl'], { env });
    });
    if (await works('tclsh')) return 'tclsh';
  }
  throw new Error('no tclsh on this machine (Debian: apt install tcl)');
}

async function works(name: string): Promise<boolean> {
  const child = run(name, []);
  child.child.stdin?.end('exit 0\n');
  return await child.then(
    () => true,
    () => false,
  );
}

/** apt keeps its lists for this inside a folder of ours, so neither root nor the machine's own lists are needed. */
async function fetchSuite(folder: string): Promise<void> {
  const work = mkdtempSync(join(cacheFolder(), 'source-'));
  try {
    for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, name), { recursive: true });
    const sources = debianSources().map(({ uri, suite, options }) => `deb-src ${options}${uri} ${suite} main`);
    writeFileSync(join(work, 'sources.list'), `${sources.join('\n')}\n`);
    const options = [
      `Dir::Etc::SourceList=${work}/sources.list`,
      'Dir::Etc::SourceParts=/dev/null',
      `Dir::State::Lists=${work}/lists`,
      `Dir::Cache=${work}/cache`,
      ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
    ].flatMap((option) => ['-o', option]);
    await run('apt-get', [...options, 'update'], { cwd: work, timeout: 180_000 });
    await run('apt-get', [...options, 'source', '--download-only', 'redis'], { cwd: work, timeout: 180_000 });
    await unpack(work);
    const tree = join(work, 'redis');
    if (!existsSync(join(tree, 'tests/test_helper.tcl'))) throw new Error('the source package holds no test suite');
    rmSync(folder, { recursive: true, force: true });
    renameSync(tree, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** With Debian's patches if dpkg-source is there, else the original archive alone. */
async function unpack(work: string): Promise<void> {
  const files = readdirSync(work);
  const described = files.find((name) => name.startsWith(`redis_${version}`) && name.endsWith('.dsc'));
  const archive = files.find((name) => name.startsWith(`redis_${version}.orig.tar.`));
  if (archive === undefined) throw new Error(`apt has no source of redis ${version}, only ${files.join(' ')}`);
  const tree = join(work, 'redis');
  try {
    await run('dpkg-source', ['--no-check', '-x', join(work, described ?? ''), tree]);
  } catch {
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree);
    await run('tar', ['xf', join(work, archive), '-C', tree, '--strip-components=1']);
  }
}

interface DebianSource {
  uri: string;
  suite: string;
  options: string;
}

/** The machine's own Debian mirrors, in either of apt's two formats. */
function debianSources(): DebianSource[] {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const blocks = files
    .filter((name) => name.endsWith('.sources'))
    .flatMap((file) => readFileSync(file, 'utf8').split(/\n\s*\n/));
  const lists = ['/etc/apt/sources.list', ...files.filter((name) => name.endsWith('.list'))].filter(existsSync);
  const found = [...blocks.flatMap(sourcesInBlock), ...lists.flatMap(sourcesInList)];
  const unique = new Map(found.map((source) => [`${source.uri} ${source.suite}`, source]));
  if (unique.size === 0) throw new Error('apt on this machine names no Debian mirror');
  return [...unique.values()];
}

/** A paragraph of `Name: value` lines, as files called `.sources` have them. */
function sourcesInBlock(block: string): DebianSource[] {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.+)$`, 'mi').exec(block)?.[1]?.trim() ?? '';
  const key = field('Signed-By');
  if (!/\bmain\b/.test(field('Components')) || !/debian/.test(field('URIs') + key)) return [];
  const options = key.startsWith('/') ? `[signed-by=${key}] ` : '';
  const suites = field('Suites').split(/\s+/);
  return field('URIs')
    .split(/\s+/)
    .flatMap((uri) => suites.map((suite) => ({ uri, suite, options })));
}

/** The `deb …` lines of a file. */
function sourcesInList(file: string): DebianSource[] {
  const lines = readFileSync(file, 'utf8').matchAll(
    /^deb(?:-src)?\s+(\[[^\]]*\]\s+)?(\S*debian\S*)\s+(\S+)\s.*\bmain\b/gm,
  );
  return [...lines].map(([, options, uri, suite]) => ({ uri: uri!, suite: suite!, options: options ?? '' }));
}

/** A few tests call the programs where a build would have left them. */
async function linkPrograms(folder: string): Promise<void> {
  mkdirSync(join(folder, 'tests/tmp'), { recursive: true });
  const redis = await findRedis();
  if (redis === null) return;
  for (const [name, path] of Object.entries({ 'redis-cli': redis.cli, 'redis-benchmark': redis.benchmark })) {
    if (!existsSync(join(folder, 'src', name))) symlinkSync(path, join(folder, 'src', name));
  }
}
