import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientTable } from '../../src/commands/table.js';
import { clientVerdicts } from '../../tools/compatibility/client-verdicts.js';
import { engineVerdicts } from '../../tools/compatibility/engine-verdicts.js';
import { groupVerdicts } from '../../tools/compatibility/group-verdicts.js';

/** Pages that are made from the source are as the source is now, and say what is so. */
const run = promisify(execFile);
const build = fileURLToPath(new URL('../..', import.meta.url));
/** The declarations of the package: beside the compiled tests if they are there, else where the build puts them. */
const declarations = existsSync(join(build, 'dist')) ? join(build, 'dist') : 'dist';

describe('generated pages', () => {
  for (const [tool, ...args] of [
    ['generate-configuration'],
    ['generate-compatibility'],
    ['generate-reference', '--declarations', declarations],
    ['generate-coming-from'],
  ]) {
    test(`${tool}: what it writes is fresh`, async () => {
      const program = join(build, 'tools', `${tool}.js`);
      const outcome = run(process.execPath, [program, '--check', ...args]).catch((error: { stderr: string }) => error);
      assert.equal((await outcome).stderr, '');
    });
  }

  test('every command has a row on the page of compatibility, and a section in the reference', () => {
    const page = readFileSync('docs/compatibility.md', 'utf8');
    const missing = clientTable.all.filter((spec) => {
      if (spec.container && spec.arity === -2) return false;
      const section = readFileSync(`docs/reference/${spec.group}.md`, 'utf8');
      return !page.includes(`\n| ${spec.name} |`) || !section.includes(`\n## ${spec.name}\n`);
    });
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    );
  });
});

describe('compatibility', () => {
  const specOf = (name: string) => clientTable.all.find((spec) => spec.name === name)!;

  for (const [name, server, cluster, ring, mirror] of [
    ['GET', '✓', '✓', '✓', 'one'],
    ['SET', '✓', '✓', '✓', 'all'],
    ['MGET', '✓', 'split', 'split', 'one'],
    ['DEL', '✓', 'split', 'split', 'all'],
    ['MSETNX', '✓', 'together', 'together', 'all'],
    ['RENAME', '✓', 'together', 'together', 'all'],
    ['SPOP', '✓', '✓', '✓', 'follow'],
    ['EVAL', '✓', 'together', 'together', 'follow'],
    ['BLPOP', 'own', 'own', 'together', 'follow'],
    ['KEYS', '✓', 'all', 'all', 'one'],
    ['SCAN', '✓', 'in turn', 'in turn', 'in turn'],
    ['FLUSHALL', '✓', 'all', 'all', 'all'],
    ['INFO', '✓', '✗', 'all', 'one'],
    ['SWAPDB', '✓', '✗', 'all', '✗'],
    ['SUBSCRIBE', '✗', '✗', '✗', '✗'],
    ['SENTINEL MASTERS', '✗', '✗', '✗', '✗'],
  ] as const) {
    test(`${name}: server ${server}, cluster ${cluster}, ring ${ring}, mirror ${mirror}`, async () => {
      const spec = specOf(name);
      const clients = clientVerdicts(spec);
      const groups = await groupVerdicts(spec);
      const said = [clients.server.word, clients.cluster.word, groups.ring.word, groups.mirror.word];
      assert.deepEqual(said, [server, cluster, ring, mirror]);
    });
  }

  test('what an engine by itself cannot do is told with its reason', () => {
    assert.deepEqual(engineVerdicts(specOf('GET')), {
      embedded: { word: '✓' },
      sync: { word: '✓' },
      serve: { word: '✓' },
    });
    assert.equal(engineVerdicts(specOf('BLPOP')).sync.word, '✗');
    assert.match(engineVerdicts(specOf('CLUSTER INFO')).serve.reason!, /cluster support disabled/);
    assert.match(engineVerdicts(specOf('HEXPIRE')).serve.reason!, /--server-version 7\.4/);
  });
});
