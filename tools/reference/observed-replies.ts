import { type Group, keysOf, type Spec } from '../../src/commands/spec.js';
import { commandTable } from '../../src/commands/table.js';
import { isOffered, NEWEST_VERSION, type ServerVersion } from '../../src/commands/version.js';
import type { Bytes } from '../../src/core/bytes.js';
import { ManualClock } from '../../src/core/clock.js';
import { Random } from '../../src/core/random.js';
import { Engine } from '../../src/engine/engine.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { startServer } from '../../src/server/server.js';
import { argvFor } from '../../test/laws/words.js';
import { RespClient, type RespNode } from '../../test/support/resp-client.js';
import { shapeOf, withoutSpecialCases } from './wire-shape.js';

/** What a command was seen to answer on the wire, and with which errors. */
export interface Observed {
  readonly resp2: readonly string[];
  readonly resp3: readonly string[];
  readonly errors: readonly string[];
}

/** Argument lists tried per command and protocol; they follow from the grammar in the table. */
const ROUNDS = 64;
/** Fields, members and groups that argument lists name as well. */
const WORDS = ['a', 'b', 'key1', 'key2', 'value', '5', '-1'];

/** Whether it can be tried without harm to the server or the connection, which its flags and categories say. */
export function isObservable(spec: Spec): boolean {
  const elsewhere = spec.args.some(({ name }) => name === 'host') || spec.connection !== undefined;
  const harm = spec.aclCategories.some((category) => category === 'admin' || category === 'scripting');
  if (elsewhere || harm || spec.container) return false;
  if (spec.keySpecs.length > 0 || spec.aclCategories.includes('keyspace')) return true;
  return spec.isFast && !spec.hidden && spec.group !== 'cluster' && spec.group !== 'sentinel';
}

/** Data of the kind that a group of commands works on. */
const fillings: Partial<Record<Group, (key: string) => string[][]>> = {
  string: (key) => [['SET', key, '10']],
  list: (key) => [['RPUSH', key, ...WORDS]],
  hash: (key) => [['HSET', key, ...WORDS.flatMap((word, i) => [word, String(i)])]],
  set: (key) => [['SADD', key, ...WORDS]],
  'sorted-set': (key) => [['ZADD', key, ...WORDS.flatMap((word, i) => [String(i / 2), word])]],
  geo: (key) => [['GEOADD', key, ...WORDS.flatMap((word, i) => [String(i), String(i), word])]],
  hyperloglog: (key) => [['PFADD', key, ...WORDS]],
  stream: (key) => [
    ['XADD', key, '5-1', 'a', 'b'],
    ['XADD', key, '6-1', 'a', 'b'],
    ...WORDS.map((word) => ['XGROUP', 'CREATE', key, word, '0']),
    ['XGROUP', 'CREATE', key, 'g', '0'],
    ['XREADGROUP', 'GROUP', 'g', 'alice', 'COUNT', '1', 'STREAMS', key, '>'],
    ['XREADGROUP', 'GROUP', 'a', 'a', 'COUNT', '1', 'STREAMS', key, '>'],
  ],
};

function filling(group: Group, round: number): (key: string) => string[][] {
  const own = fillings[group] ?? fillings[group === 'bitmap' ? 'string' : (Object.keys(fillings)[round % 8] as Group)]!;
  // Every sixth round finds values of another type.
  return round % 6 === 5 ? (group === 'list' ? fillings.set! : fillings.list!) : own;
}

/** The version that most commands are shown as. */
export const BASE_VERSION: ServerVersion = '7.0';

/** What the engine answers: as Redis 7.0, and as the newest version to commands that came later. */
export async function observeEngine(): Promise<ReadonlyMap<string, Observed>> {
  const specs = commandTable.all.filter(isObservable);
  const old = specs.filter(({ since }) => isOffered(since, BASE_VERSION));
  const later = specs.filter((spec) => !old.includes(spec));
  return new Map([...(await asked(BASE_VERSION, old)), ...(await asked(NEWEST_VERSION, later))]);
}

async function asked(serverVersion: ServerVersion, specs: readonly Spec[]): Promise<Map<string, Observed>> {
  const engine = new Engine({ clock: new ManualClock(1_700_000_000_000), seed: 1, serverVersion });
  const server = await startServer(new EngineAdapter(engine), { port: 0, bind: ['127.0.0.1'] });
  try {
    return await observe(server.port!, specs);
  } finally {
    await server.close();
  }
}

/** Asks the server behind a port. The same port, data and random seed give the same answer. */
export async function observe(port: number, specs: readonly Spec[]): Promise<Map<string, Observed>> {
  const seen = new Map<string, Observed>();
  const clients = [await RespClient.connect(port), await RespClient.connect(port)] as const;
  try {
    await clients[1].send('HELLO', '3');
    for (const spec of specs) {
      const errors = new Set<string>();
      const [resp2, resp3] = [await ask(clients[0], spec, errors), await ask(clients[1], spec, errors)];
      if (resp2.length > 0) seen.set(spec.name, { resp2, resp3, errors: [...errors].sort() });
    }
  } finally {
    for (const client of clients) client.close();
  }
  return seen;
}

async function ask(client: RespClient, spec: Spec, errors: Set<string>): Promise<string[]> {
  const random = new Random(11);
  const shapes = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    // Every eighth round finds nothing.
    const argv = argvFor(spec, random);
    const keys = round % 8 === 7 ? [] : keysIn(spec, argv);
    const data = keys.flatMap(filling(spec.group, round));
    // In a transaction nothing waits.
    const commands = [['FLUSHALL'], ...data, ['MULTI'], argv, ['EXEC']];
    const replies = await client.pipeline(commands);
    note(replies.at(-2)!.node, replies.at(-1)!.node, shapes, (text) => errors.add(generalised(text, argv)));
  }
  return withoutSpecialCases([...shapes].sort());
}

/** A command that is refused when it is queued says so at once; the others in the transaction's reply. */
function note(queued: RespNode, executed: RespNode, shapes: Set<string>, failed: (text: string) => void): void {
  const reply = queued.text === 'QUEUED' ? executed.items?.[0] : queued;
  if (reply === undefined) return;
  if (reply.type === '-' || reply.type === '!') failed(reply.text!);
  else shapes.add(shapeOf(reply));
}

/** The keys that the arguments name; one to find by those which look for any. */
function keysIn(spec: Spec, argv: readonly string[]): string[] {
  const keys = (keysOf(spec, argv as Bytes[]) ?? []).map(({ index }) => argv[index]).filter((key) => key !== undefined);
  return keys.length > 0 ? [...new Set(keys)] : ['key1'];
}

/** An error without what it repeats of the arguments. */
export function generalised(text: string, argv: readonly string[]): string {
  if (text.startsWith('WRONGTYPE')) return text;
  const numbers = text.replace(/-?(?:inf|\d+\.\d{6})(?:,-?(?:inf|\d+\.\d{6}))?/g, '…');
  return argv
    .filter((word) => word !== '' && word !== '0')
    .map((word) => word.replaceAll(/[\r\n]/g, ' '))
    .reduce((said, word) => {
      if (said.endsWith(` ${word}`)) return `${said.slice(0, -word.length)}…`;
      return said.replace(`unknown subcommand '${word}'`, "unknown subcommand '…'");
    }, numbers);
}
