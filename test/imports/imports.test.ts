import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * What an import loads, counted in a process of its own: the time that it takes is that of its modules and of the imports
 * between them, and neither depends on the machine.
 */

const run = promisify(execFile);
const hooks = new URL('module-hooks.js', import.meta.url).href;
const source = new URL('../../src/', import.meta.url).href;

/** The modules that a program loads, and how many imports name them. */
interface Loaded {
  /** Paths from `src`; modules of Node by their names. */
  readonly modules: readonly string[];
  readonly imports: number;
  /** How many commands were looked at. */
  readonly specs: number;
}

/** Runs a program with the door `door` in `m`, and tells what it has loaded. */
async function loadedBy(door: string, program = ''): Promise<Loaded> {
  const code = `
    import { register } from 'node:module';
    import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
    const { port1, port2 } = new MessageChannel();
    register(${JSON.stringify(hooks)}, { data: port2, transferList: [port2] });
    const m = await import(${JSON.stringify(`${source}${door}.js`)});
    ${program};
    const resolved = [];
    for (let message = receiveMessageOnPort(port1); message; message = receiveMessageOnPort(port1)) resolved.push(message.message);
    const { commands } = await import(${JSON.stringify(`${source}commands/table.js`)});
    const isMade = (key) => 'value' in Object.getOwnPropertyDescriptor(commands, key);
    console.log(JSON.stringify({ resolved, specs: Object.keys(commands).filter(isMade).length }));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', code]);
  const { resolved, specs } = JSON.parse(stdout) as { resolved: string[]; specs: number };
  const names = resolved.map((url) => (url.startsWith(source) ? url.slice(source.length) : url));
  return { modules: [...new Set(names)], imports: names.length, specs };
}

/** Those that no program needs that speaks to one server at one place. */
const rare = [
  /^engine\/(?!engine-options|engine-stats)/,
  /^sharding\/(?!node-names)/,
  /^persistence\//,
  /^server\//,
  /^client\/cluster\/(?!cluster-options|cluster-stats|cluster-url|late-cluster)/,
  /^client\/(sentinel|failover)/,
  /^backend\/(lane-methods|collection-lane-methods|async-lanes|sync-facade)/,
  /^node:(tls|http|crypto|worker_threads|child_process)/,
];

function rareOnes({ modules }: Loaded): string[] {
  return modules.filter((name) => rare.some((pattern) => pattern.test(name)));
}

const cases = [
  ['client/index', 150, 430],
  ['index', 150, 430],
  ['recipes/index', 30, 60],
] as const;

describe('what an import loads', () => {
  for (const [door, modulesMax, importsMax] of cases) {
    it(`src/${door} loads few modules, and looks at no command`, async () => {
      const loaded = await loadedBy(door);
      assert.deepEqual(rareOnes(loaded), []);
      assert.deepEqual(
        loaded.modules.filter((name) => name === 'node:net' || /^client\/(client-backend|connection)/.test(name)),
        [],
        'what only a connection needs',
      );
      assert.ok(loaded.modules.length <= modulesMax, `${loaded.modules.length} modules, at most ${modulesMax}`);
      assert.ok(loaded.imports <= importsMax, `${loaded.imports} imports, at most ${importsMax}`);
      assert.equal(loaded.specs, 0);
    });
  }

  it('a client is loaded by its first command, without what it does not use', async () => {
    const program = "await m.createClient('redis://127.0.0.1:1', { timeout: 50 }).redis.get('k').catch(() => {})";
    const loaded = await loadedBy('client/index', program);
    assert.ok(loaded.modules.includes('client/client-backend.js'), fileURLToPath(source));
    assert.deepEqual(rareOnes(loaded), []);
    assert.ok(loaded.modules.length <= 205, `${loaded.modules.length} modules`);
    assert.ok(loaded.specs < 20, `${loaded.specs} commands were looked at`);
  });

  it('an engine is loaded by the first use of memory:', async () => {
    const loaded = await loadedBy('index', "await m.open('memory:').set('k', 'v')");
    assert.ok(loaded.modules.includes('engine/engine.js'));
    assert.deepEqual(
      loaded.modules.filter((name) => /^(sharding\/(?!node-names)|client\/connection|server|persistence)/.test(name)),
      [],
    );
  });
});
