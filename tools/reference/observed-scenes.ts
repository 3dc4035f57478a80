import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFiles } from '../../src/cli/data-files.js';
import { commandTable } from '../../src/commands/table.js';
import { isOffered, NEWEST_VERSION, type ServerVersion } from '../../src/commands/version.js';
import { ManualClock } from '../../src/core/clock.js';
import { splitArguments } from '../../src/core/quoted-arguments.js';
import { Config } from '../../src/engine/config.js';
import { Engine } from '../../src/engine/engine.js';
import { defaultSettings } from '../../src/engine/settings.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { startServer } from '../../src/server/server.js';
import { plain, RespClient } from '../../test/support/resp-client.js';
import { BASE_VERSION, generalised, type Observed } from './observed-replies.js';
import { type Scene, scenes } from './scenes.js';
import { shapeOf, withoutSpecialCases } from './wire-shape.js';

/** What stands for a reply that is not known before: the question whose answer it is. */
const placeholders: Readonly<Record<string, readonly string[]>> = {
  '{myid}': ['CLUSTER', 'MYID'],
  '{dump}': ['FUNCTION', 'DUMP'],
};

type Where = NonNullable<Scene['on']>;

/** The scenes of one kind of server, by command. */
export function scenesOn(where: Where, isWanted: (name: string) => boolean = () => true): Record<string, Scene> {
  return Object.fromEntries(
    Object.entries(scenes).filter(([name, { on = 'server' }]) => on === where && isWanted(name)),
  );
}

/** Whether a server of Redis 7.0 has the command. */
export function isOfBase(name: string): boolean {
  const spec = commandTable.all.find((one) => one.name === name);
  return spec !== undefined && isOffered(spec.since, BASE_VERSION);
}

/** What the engine answers: as Redis 7.0, and as the newest version to commands that came later. */
export async function observeEngineScenes(): Promise<ReadonlyMap<string, Observed>> {
  return new Map([
    ...(await askEngine(BASE_VERSION, scenesOn('server', isOfBase), false)),
    ...(await askEngine(
      NEWEST_VERSION,
      scenesOn('server', (name) => !isOfBase(name)),
      false,
    )),
    ...(await askEngine(BASE_VERSION, scenesOn('cluster', isOfBase), true)),
    ...(await askEngine(
      NEWEST_VERSION,
      scenesOn('cluster', (name) => !isOfBase(name)),
      true,
    )),
  ]);
}

async function askEngine(
  serverVersion: ServerVersion,
  wanted: Readonly<Record<string, Scene>>,
  isCluster: boolean,
): Promise<Map<string, Observed>> {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-scenes-'));
  const config = new Config({ ...defaultSettings(), serverVersion });
  if (isCluster) config.put('cluster-enabled', 'yes');
  config.put('dbfilename', join(folder, 'dump.rdb'));
  config.put('appenddirname', join(folder, 'appendonlydir'));
  const engine = new Engine({ clock: new ManualClock(1_700_000_000_000), seed: 1, config });
  const files = new DataFiles(engine);
  const server = await startServer(new EngineAdapter(engine), { port: 0, bind: ['127.0.0.1'] });
  try {
    return await observeScenes(server.port!, wanted);
  } finally {
    await server.close();
    await files.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks the server behind a port, each command on connections of its own. */
export async function observeScenes(
  port: number,
  wanted: Readonly<Record<string, Scene>>,
): Promise<Map<string, Observed>> {
  const seen = new Map<string, Observed>();
  for (const [name, scene] of Object.entries(wanted)) {
    const errors = new Set<string>();
    const resp2 = await play(port, 2, name, scene, errors);
    const resp3 = await play(port, 3, name, scene, errors);
    seen.set(name, { resp2, resp3, errors: [...errors].sort() });
  }
  return seen;
}

async function play(port: number, protocol: 2 | 3, name: string, scene: Scene, errors: Set<string>): Promise<string[]> {
  const client = await RespClient.connect(port);
  const shapes = new Set<string>();
  try {
    if (protocol === 3) await client.send('HELLO', '3');
    if (!name.startsWith('SENTINEL')) await client.send('FLUSHALL');
    if (scene.on === 'cluster') await serveAllSlots(client);
    for (const line of scene.before ?? []) await client.send(...wordsOf(line));
    for (const line of scene.ask) {
      if (scene.alone) await calm(client);
      const argv = await filledIn(client, wordsOf(line));
      const { node } = await client.send(...argv);
      if (!isOf(name, argv)) continue;
      if (node.type === '-' || node.type === '!') errors.add(generalised(node.text!, argv));
      else shapes.add(shapeOf(node));
    }
    for (const line of scene.after ?? []) await client.send(...wordsOf(line));
  } finally {
    client.close();
  }
  return withoutSpecialCases([...shapes].sort());
}

/** A node of a cluster that is complete. */
async function serveAllSlots(client: RespClient): Promise<void> {
  await client.send('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  while (!String(await client.value('CLUSTER', 'INFO')).includes('cluster_state:ok')) await pause();
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Waits until the server writes no file in the background. */
async function calm(client: RespClient): Promise<void> {
  const busy = /(?:rdb_bgsave_in_progress|aof_rewrite_in_progress|aof_rewrite_scheduled):1/;
  while (busy.test(String(await client.value('INFO', 'persistence')))) await pause();
}

function isOf(name: string, argv: readonly string[]): boolean {
  return name.split(' ').every((word, i) => argv[i] === word);
}

function wordsOf(line: string): string[] {
  const words = splitArguments(line);
  if (words === null) throw new Error(`unbalanced quotes: ${line}`);
  return words;
}

async function filledIn(client: RespClient, words: readonly string[]): Promise<string[]> {
  const filled: string[] = [];
  for (const word of words) {
    const question = placeholders[word];
    filled.push(question === undefined ? word : String(plain((await client.send(...question)).node)));
  }
  return filled;
}
