import type { Request } from '../backend/backend.js';
import { mergeNodes } from '../backend/merge.js';
import { keyIndexesOf, keysOf } from '../backend/split.js';
import { bytesOf, itemsOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { bytesFromText } from '../core/bytes.js';
import { UnsupportedError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { ErrorReply, MapReply, type Reply } from '../core/reply.js';

/**
 * Commands without a key, over several nodes. Where the command table has a policy it decides (`mergeNodes`); what it
 * leaves open is decided here.
 *
 * | commands | reply |
 * |---|---|
 * | INFO | the first node's sections, and each node's again, named `node:section` |
 * | CLIENT LIST, MEMORY DOCTOR and other texts of several nodes | one after the other |
 * | PUBSUB CHANNELS, SHARDCHANNELS | each channel once |
 * | PUBSUB NUMSUB, SHARDNUMSUB, CLIENT KILL | sums |
 * | PUBSUB NUMPAT | the greatest: a pattern is subscribed at each node |
 * | MEMORY STATS, LATENCY and other maps | field by field: integers are sums, the rest is the first node's that has it |
 * | what else is given to all | the first node's, or the first error |
 */

/** `none`: some node must be asked. `all`: each, and the replies become one. `first`: any will do. */
export type Audience = 'all' | 'first';

/** Who is to carry out a command that has no key. */
export function audienceOf({ spec }: Request): Audience {
  if (spec.request === 'all_nodes' || spec.request === 'all_shards' || spec.isWrite) return 'all';
  if (spec.container || /^(PING|ECHO|.* HELP)$/.test(spec.name)) return 'first';
  if (spec.name.startsWith('PUBSUB ')) return 'all';
  return spec.group === 'connection' || spec.flags.includes('admin') ? 'all' : 'first';
}

/** What decides on the node of a request: its keys, or the channel of what is published. */
export function placesIn(request: Request): readonly Bytes[] {
  return request.spec.name === 'PUBLISH' ? request.argv.slice(1, 2) : keysOf(request);
}

/** Whether it is a script or function, which may use any key, and names none. */
export function isKeylessScript(request: Request): boolean {
  const { group, keySpecs } = request.spec;
  return group === 'scripting' && keySpecs.length > 0 && keyIndexesOf(request).length === 0;
}

/** Whether a request without keys is one for all nodes: one of them alone would do it by halves. */
export function concernsAll(request: Request): boolean {
  const { spec } = request;
  if (placesIn(request).length > 0 || spec.group === 'connection' || spec.group === 'transactions') return false;
  return !isKeylessScript(request) && (spec.name === 'SCAN' || audienceOf(request) === 'all');
}

/** Throws UnsupportedError for what one of several nodes cannot carry out alone, or may not be the one for. */
export function refuseAtOne(request: Request): void {
  if (isKeylessScript(request)) throw unknowable(request);
  const { name } = request.spec;
  if (!concernsAll(request)) return;
  throw new UnsupportedError(`${name} concerns all nodes, and a transaction is at one of them: give it by itself`, {
    command: name,
  });
}

/** The error for a script that does not say where it belongs. */
export function unknowable({ spec }: Request): UnsupportedError {
  return new UnsupportedError(
    `${spec.name} names no key, so it cannot be told which node it is for: name one, or give it to one of \`nodes\``,
    { command: spec.name },
  );
}

type Merge = (replies: readonly Reply[], names: readonly string[]) => Reply;

const distinct: Merge = (replies) => [...new Set(replies.flatMap((reply) => itemsOf(reply) ?? []))];
const numbers = (replies: readonly Reply[]): number[] =>
  replies.map((reply) => (typeof reply === 'number' ? reply : 0));
const joined: Merge = (replies) => replies.map((reply) => bytesOf(reply) ?? '').join('');

const merges: Readonly<Record<string, Merge>> = {
  INFO: infos,
  'CLIENT LIST': joined,
  'CLIENT KILL': (replies) =>
    replies.every((reply) => typeof reply === 'number') ? numbers(replies).reduce((a, b) => a + b) : replies[0]!,
  'PUBSUB CHANNELS': distinct,
  'PUBSUB SHARDCHANNELS': distinct,
  'PUBSUB NUMSUB': counts,
  'PUBSUB SHARDNUMSUB': counts,
  'PUBSUB NUMPAT': (replies) => Math.max(...numbers(replies)),
};

/** One reply to a command that all nodes of `names` carried out. */
export function mergeKeyless(
  request: Request,
  replies: readonly Reply[],
  names: readonly string[],
  random?: Random,
): Reply {
  const { spec } = request;
  const error = replies.find((reply) => reply instanceof ErrorReply);
  const own = merges[spec.name];
  if (own !== undefined) return error ?? own(replies, names);
  if (spec.response === 'special') return error ?? combined(replies);
  const isShared = spec.request === 'all_nodes' || spec.request === 'all_shards';
  if (isShared && (spec.response !== undefined || spec.name !== 'SCAN')) return mergeNodes(request, replies, random);
  return error ?? replies[0]!;
}

/** The text of INFO: the first node's, then every node's with its name in front of the sections. */
function infos(replies: readonly Reply[], names: readonly string[]): Reply {
  const texts = replies.map((reply) => bytesOf(reply) ?? '');
  const named = texts.map((text, i) => text.replace(/^# /gm, `# ${bytesFromText(names[i]!)}:`));
  return [texts[0]!, ...named].join('\r\n');
}

/** Names and numbers in turn: the numbers of equal names are added. */
function counts(replies: readonly Reply[]): Reply {
  const totals = new Map<Bytes, number>();
  for (const reply of replies) {
    const flat = reply instanceof MapReply ? reply.flat : (itemsOf(reply) ?? []).flat();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const name = bytesOf(flat[i] as Reply) ?? '';
      totals.set(name, (totals.get(name) ?? 0) + Number(flat[i + 1]));
    }
  }
  return [...totals].flat();
}

function combined(replies: readonly Reply[]): Reply {
  const [first] = replies;
  if (replies.every((reply) => reply instanceof MapReply)) return maps(replies as readonly MapReply[]);
  if (replies.every((reply) => Array.isArray(reply))) return (replies as readonly Reply[][]).flat();
  if (replies.every((reply) => typeof reply === 'number')) return numbers(replies).reduce((a, b) => a + b);
  return replies.length > 1 && bytesOf(first!) !== null ? joined(replies, []) : first!;
}

function maps(replies: readonly MapReply[]): Reply {
  const fields = new Map<Bytes, Reply[]>();
  for (const { flat } of replies) {
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const name = bytesOf(flat[i]!) ?? '';
      const values = fields.get(name);
      if (values === undefined) fields.set(name, [flat[i + 1]!]);
      else values.push(flat[i + 1]!);
    }
  }
  const isCombined = (values: readonly Reply[]): boolean =>
    values.every((value) => typeof value === 'number' || value instanceof MapReply);
  return new MapReply(
    [...fields].flatMap(([name, values]) => [name, isCombined(values) ? combined(values) : values[0]!]),
  );
}
