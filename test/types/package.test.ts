import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build as bundle } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type Packed, packPackage, tsc } from '../support/packed.js';

/** The package as users get it: built, packed, unpacked into another project, and used from there. */
const run = promisify(execFile);
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

/** Of each subpath, bundled, minified and compressed. */
const budgets_kb: Record<string, number> = {
  '.': 340,
  './adapters': 3,
  './client': 150,
  './embedded': 270,
  './instances': 270,
  './persistence': 270,
  './recipes': 10,
  './resp': 10,
  './server': 100,
  './sharding': 340,
  './testing': 300,
};

describe('the packed package', () => {
  let project: string;
  let installed: string;

  let packed: Packed;
  before(async () => {
    packed = await packPackage();
    ({ project, installed } = packed);
    writeFileSync(join(project, 'consumer.ts'), consumer);
  });
  after(() => packed?.remove());

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

  it('holds what it should and nothing else', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !statSync(join(installed, file)).isDirectory(),
    );
    const strange = files.filter(
      (file) => !/^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+\.(?:js|d\.ts|map))$/.test(file),
    );
    assert.deepEqual(strange, []);
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies?: object };
    assert.deepEqual(manifest.dependencies ?? {}, {});
  });

  it('satisfies publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, level: 'suggestion', strict: true, pack: false });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });

  it('has types that resolve for every way of importing it', async () => {
    const attw = join(process.cwd(), 'node_modules/.bin/attw');
    const { stdout } = await run(attw, [packed.tarball, '--profile', 'esm-only', '--format', 'json']);
    const { analysis } = JSON.parse(stdout) as { analysis: { problems: { kind: string; resolutionKind?: string }[] } };
    // CommonJS loads ES modules since Node 20.19; the old resolution of Node 10 knows no subpaths.
    const known = new Set(['CJSResolvesToESM', 'NoResolution']);
    const problems = analysis.problems.filter(
      ({ kind, resolutionKind }) => !known.has(kind) || (kind === 'NoResolution' && resolutionKind !== 'node10'),
    );
    assert.deepEqual(problems, []);
  });

  it('keeps its subpaths within their budgets', async () => {
    const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { default: string }>;
    };
    const over: string[] = [];
    for (const [subpath, entry] of Object.entries(exports)) {
      if (typeof entry === 'string') continue;
      const { outputFiles } = await bundle({
        entryPoints: [join(installed, entry.default)],
        bundle: true,
        minify: true,
        format: 'esm',
        platform: 'node',
        write: false,
      });
      const size_kb = gzipSync(outputFiles[0]!.contents).length / 1000;
      const budget_kb = budgets_kb[subpath];
      if (budget_kb === undefined) over.push(`${subpath} has no budget (it takes ${size_kb.toFixed(1)} kB)`);
      else if (size_kb > budget_kb)
        over.push(`${subpath} takes ${size_kb.toFixed(1)} kB, its budget is ${budget_kb} kB`);
    }
    assert.deepEqual(over, []);
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
