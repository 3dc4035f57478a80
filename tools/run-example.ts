/** `npm run example [name]`: runs a program of examples/, compiled against the built package; without a name, lists them. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.cwd();
const [name] = process.argv.slice(2);
const sources = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'));

if (name !== undefined && existsSync(join(root, 'examples', `${name}.ts`))) {
  const inherit = { stdio: 'inherit' } as const;
  const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'examples')], inherit);
  const ran =
    compiled.status === 0
      ? spawnSync(process.execPath, [join(root, 'build/examples', `${name}.js`)], inherit)
      : compiled;
  process.exitCode = ran.status ?? 1;
} else {
  if (name !== undefined) console.error(`there is no example '${name}'`);
  process.exitCode = name === undefined ? 0 : 1;
  for (const file of sources) {
    const about = /\/\*\* (.+?) `npm run/.exec(readFileSync(join(root, 'examples', file), 'utf8'))?.[1] ?? '';
    console.log(`npm run example ${file.slice(0, -3).padEnd(16)} ${about}`);
  }
}
