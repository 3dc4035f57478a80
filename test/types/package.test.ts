import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

/** The package as users get it: built, packed, unpacked into another project, and used from there. */
const run = promisify(execFile);
const root = process.cwd();
const tsc = join(root, 'node_modules/.bin/tsc');

const consumer = `
import { open, type Redis } from 'keyspan';
import { embedded } from 'keyspan/embedded';

export async function tour(): Promise<[string | null, number]> {
  await using db: Redis = open('memory:');
  await db.set('greeting', 'hello', { ex: 60 });
  const [name, count] = await db.pipeline().get('greeting').incr('hits').exec();
  const { sync, close } = embedded({ seed: 1 });
  const bytes: Uint8Array | null = sync.with({ as: 'bytes' }).get('nothing');
  await close();
  return bytes === null ? [name, count] : [null, 0];
}
`;

const resolutions = {
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
};

describe('the packed package', () => {
  let project: string;
  let installed: string;

  before(async () => {
    project = mkdtempSync(join(tmpdir(), 'keyspan-package-'));
    const stage = join(project, 'stage');
    await run(tsc, ['-p', join(root, 'tsconfig.json'), '--outDir', join(stage, 'dist')]);
    for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
      if (existsSync(join(root, file))) cpSync(join(root, file), join(stage, file));
    }
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: stage });
    const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
    installed = join(project, 'node_modules/keyspan');
    mkdirSync(installed, { recursive: true });
    await run('tar', ['-xzf', join(project, tarball), '-C', installed, '--strip-components=1']);
    symlinkSync(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'));
    if (existsSync(join(root, 'node_modules/undici-types'))) {
      symlinkSync(join(root, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'));
    }
    writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(join(project, 'consumer.ts'), consumer);
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  for (const [name, options] of Object.entries(resolutions)) {
    it(`type-checks a consumer under ${name} resolution, declarations included`, async () => {
      const config = join(project, `tsconfig.${name}.json`);
      const compilerOptions = {
        ...options,
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable'],
        types: ['node'],
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      };
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
      const { stdout } = await run(tsc, ['-p', config]).catch((error) => error as { stdout: string });
      assert.equal(stdout, '');
    });
  }

  it('loads through require() and import', async () => {
    const required = `const { open } = require('keyspan'); const { embedded } = require('keyspan/embedded');
      const { sync } = embedded({ seed: 1 }); sync.set('a', 'b');
      open('memory:').set('a', 1).then((done) => console.log(done, sync.get('a')));`;
    const imported = `import { open } from 'keyspan'; const db = open(); await db.set('a', 'b'); console.log(await db.get('a'));`;
    writeFileSync(join(project, 'required.cjs'), required);
    writeFileSync(join(project, 'imported.mjs'), imported);
    assert.equal((await run(process.execPath, [join(project, 'required.cjs')])).stdout, 'true b\n');
    assert.equal((await run(process.execPath, [join(project, 'imported.mjs')])).stdout, 'b\n');
  });

  it('has no `any` in what its declarations say to users', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string }>;
    };
    const entries = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [] : [entry.types],
    );
    const seen = new Set<string>();
    for (const entry of entries) follow(resolve(installed, entry), seen);
    assert.ok(seen.size > entries.length);
    const found = [...seen].flatMap((path) =>
      anyIn(path).map((line) => `${path.slice(installed.length + 1)}: ${line}`),
    );
    assert.deepEqual(found, []);
  });
});

/** A declaration file and all that it imports. */
function follow(path: string, seen: Set<string>): void {
  if (seen.has(path)) return;
  seen.add(path);
  for (const [, target] of readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)['"]/g)) {
    follow(resolve(dirname(path), target!.replace(/\.js$/, '.d.ts')), seen);
  }
}

function anyIn(path: string): string[] {
  const code = readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '');
  // An option of GEOSEARCH has this name; a type of this name stands after punctuation.
  return code.split('\n').filter((line) => /(?:[:<|&,(=[]|=>|\bas|\bextends)\s*any\b(?!\?)/.test(line));
}
