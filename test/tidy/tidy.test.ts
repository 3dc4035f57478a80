import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tidy } from '../../tools/tidy.js';

test('the sources follow the rules: rooms, import direction, cycles, sizes, unused exports', () => {
  assert.deepEqual(tidy(process.cwd()), []);
});

test('tidy sees what it is there to see', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'keyspan-tidy-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, 'src', path, '..'), { recursive: true });
    writeFileSync(join(root, 'src', path), text);
  };
  write('core/a.ts', "import { b } from '../engine/b.js';\nimport { readFileSync } from 'node:fs';\n");
  write('engine/b.ts', "import { c } from './c.js';\nconst now = Date.now();\n");
  write('engine/c.ts', `import { b } from './b.js';\n${'// line\n'.repeat(600)}`);
  write('attic/d.ts', '');
  write('core/e.ts', `export const used = 1;\nexport function idle(): void {\n${'  void used;\n'.repeat(80)}}\n`);
  write('core/f.ts', "import { used } from './e.js';\n\nvoid used;\n");
  write(
    '../package.json',
    JSON.stringify({ dependencies: { leftpad: '1', known: '2' }, peerDependencies: { peer: '3' } }),
  );
  write('../docs/decisions/0001-known.md', 'Why there is `known`.');
  const tool = { optionalDependencies: { 'tool-linux': '1', 'tool-mac': '1', outer: '1' } };
  const packages = {
    'node_modules/a/node_modules/tool': tool,
    'node_modules/tool-linux': {},
    'node_modules/a/node_modules/outer': {},
  };
  write('../package-lock.json', JSON.stringify({ packages }));
  const faults = tidy(root).join('\n');
  for (const expected of [
    /core must not import engine/,
    /must not import node:fs/,
    /time and chance/,
    /601 lines/,
    /import cycle/,
    /no room called attic/,
    /no other module imports 'idle'/,
    /core\/e\.ts:2: idle has 82 lines/,
    /why leftpad is a dependency/,
    /why peer is a dependency/,
    /tool-mac, which node_modules\/a\/node_modules\/tool names, is missing/,
  ]) {
    assert.match(faults, expected);
  }
  assert.doesNotMatch(faults, /known|tool-linux|outer|'used'/);
});
