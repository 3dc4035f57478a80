import { bytesOf, itemsOf } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { type Bytes, textFromBytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { DoubleReply, ErrorReply, MapReply, PairsReply, type Reply } from '../core/reply.js';
import { checked, requestOf } from './copy-keys.js';
import type { KeyOrder } from './key-order.js';
import type { Node } from './node.js';
import { spell } from './same-reply.js';

/** A key that is not the same at all nodes. */
export interface Difference {
  /** As text; `bytes` has it exactly. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** The nodes that have something else than the first node that is up. */
  readonly nodes: readonly string[];
  readonly what: 'absent' | 'extra' | 'type' | 'value' | 'expiry';
}

export interface Found extends Omit<Difference, 'bytes' | 'key'> {
  readonly key: Bytes;
}

const PAGE_KEYS = 64;
/** Two ends of life that are this near each other are equal: servers before 7.0 tell only what is left. */
const EXPIRY_SLACK_MS = 2;

/**
 * Keys that differ between nodes. What is asked of all nodes is asked at the same place in the order of writes, so that
 * writes that go on meanwhile make no difference. Values are compared as DUMP shows them, and where that differs (sets and
 * hashes keep an order of their own) by content. O(n) of the data.
 */
export async function verify(nodes: readonly Node[], order: KeyOrder): Promise<Found[]> {
  const found: Found[] = [];
  const seen = new Set<Bytes>();
  for (const node of nodes) {
    let cursor = '0';
    do {
      const request = { spec: commands.scan, argv: ['SCAN', cursor, 'COUNT', String(PAGE_KEYS)] };
      const page = itemsOf(checked(await node.answer(node.backend.call(request)), 'SCAN')) ?? [];
      cursor = bytesOf(page[0] ?? '0') ?? '0';
      // What an earlier node has was compared with all nodes then.
      const keys = [...new Set((itemsOf(page[1] ?? []) ?? []).map((key) => bytesOf(key) ?? ''))];
      const fresh = keys.filter((key) => !seen.has(key));
      for (const key of fresh) seen.add(key);
      if (fresh.length > 0) found.push(...(await compare(nodes, order, fresh)));
    } while (cursor !== '0');
  }
  return found;
}

async function compare(nodes: readonly Node[], order: KeyOrder, keys: readonly Bytes[]): Promise<Found[]> {
  const asked = keys.flatMap((key) => [requestOf(['DUMP', key]), requestOf(['PEXPIRETIME', key])]);
  const replies = await askAll(nodes, order, keys, asked);
  const found: Found[] = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const dumps = replies.map((of) => bytesOf(of[2 * i]!));
    const ends = replies.map((of) => (of[2 * i + 1] instanceof ErrorReply ? null : Number(of[2 * i + 1])));
    const isOther = (what: (node: number) => boolean): string[] =>
      nodes.flatMap(({ name }, node) => (node > 0 && what(node) ? [name] : []));
    const absent = isOther((node) => (dumps[node] === null) !== (dumps[0] === null));
    const expiry = isOther((node) => isApart(ends[0]!, ends[node]!));
    if (absent.length > 0) found.push({ key, nodes: absent, what: dumps[0] === null ? 'extra' : 'absent' });
    else if (dumps.some((dump) => dump !== dumps[0])) found.push(...(await byContent(nodes, order, key)));
    else if (expiry.length > 0) found.push({ key, nodes: expiry, what: 'expiry' });
  }
  return found;
}

function isApart(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Math.abs(a - b) > EXPIRY_SLACK_MS;
}

/** How the whole of a value is read. */
const readers: Readonly<Record<string, (key: Bytes) => Bytes[][]>> = {
  string: (key) => [['GET', key]],
  list: (key) => [['LRANGE', key, '0', '-1']],
  set: (key) => [['SMEMBERS', key]],
  hash: (key) => [['HGETALL', key]],
  zset: (key) => [['ZRANGE', key, '0', '-1', 'WITHSCORES']],
  stream: (key) => [
    ['XRANGE', key, '-', '+'],
    ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'],
  ],
};

async function byContent(nodes: readonly Node[], order: KeyOrder, key: Bytes): Promise<Found[]> {
  const types = await askAll(nodes, order, [key], [requestOf(['TYPE', key])]);
  const names = types.map(([type]) => bytesOf(type!) ?? '');
  const others = (what: (node: number) => boolean): string[] =>
    nodes.flatMap(({ name }, node) => (node > 0 && what(node) ? [name] : []));
  const type = others((node) => names[node] !== names[0]);
  if (type.length > 0) return [{ key, nodes: type, what: 'type' }];
  const words = readers[names[0]!]?.(key);
  if (words === undefined) return [];
  const replies = await askAll(nodes, order, [key], words.map(requestOf));
  const texts = replies.map((reply) => contentOf(names[0]!, reply));
  const value = others((node) => texts[node] !== texts[0]);
  return value.length === 0 ? [] : [{ key, nodes: value, what: 'value' }];
}

/** The same questions to all nodes, between the same two writes. */
async function askAll(
  nodes: readonly Node[],
  order: KeyOrder,
  keys: readonly Bytes[],
  asked: readonly ReturnType<typeof requestOf>[],
): Promise<Reply[][]> {
  const turn = order.enter(keys);
  try {
    const wait = turn.begin();
    if (wait !== null) await wait;
    const replies = nodes.map((node) => node.guard(node.backend.batch(asked)));
    turn.end();
    return await Promise.all(replies);
  } finally {
    turn.end();
  }
}

/** Bytes of a HyperLogLog's header that hold its last count, which a read may refresh at one node. */
const HLL_CACHE = [8, 16] as const;

function contentOf(type: string, replies: readonly Reply[]): string {
  const [first] = replies;
  if (type === 'string') {
    const text = bytesOf(first!) ?? '';
    return text.startsWith('HYLL') ? text.slice(0, HLL_CACHE[0]) + text.slice(HLL_CACHE[1]) : text;
  }
  if (type === 'set') return sorted(itemsOf(first!) ?? []);
  if (type === 'hash') return pairs(first!);
  if (type === 'stream') return spell(first!) + spell(stable(replies[1]!));
  return type === 'zset' ? scores(first!) : spell(first!);
}

/** Members and scores: pairs or flat, doubles or their digits. */
function scores(reply: Reply): string {
  const flat = reply instanceof PairsReply ? reply.flat : (itemsOf(reply) ?? []).flat();
  return flat.map((item, i) => (i % 2 === 0 ? spell(item as Reply) : numberOf(item as Reply))).join();
}

function numberOf(reply: Reply): number {
  return reply instanceof DoubleReply ? reply.value : (parseDouble(bytesOf(reply) ?? '') ?? Number(reply));
}

function sorted(items: readonly Reply[]): string {
  return items.map(spell).sort().join();
}

function pairs(reply: Reply): string {
  const flat = reply instanceof MapReply ? reply.flat : (itemsOf(reply) ?? []);
  return flat
    .flatMap((field, i) => (i % 2 === 0 ? [`${spell(field)}:${spell(flat[i + 1]!)}`] : []))
    .sort()
    .join();
}

/** Of XINFO STREAM: what a node knows of times and of its own memory is left out. */
const ownFacts = new Set([
  'radix-tree-keys',
  'radix-tree-nodes',
  'seen-time',
  'active-time',
  'entries-read',
  'lag',
  'entries',
]);

function stable(reply: Reply): Reply {
  const flat = reply instanceof MapReply ? reply.flat : itemsOf(reply);
  if (flat === null) return reply;
  if (flat.length % 2 === 1 || typeof flat[0] !== 'string' || /^\d+-\d+$/.test(flat[0])) {
    // A pending entry: id, consumer, time, deliveries; or id, time, deliveries.
    const isPending = flat.length > 2 && typeof flat[0] === 'string';
    return flat.flatMap((item, i) => (isPending && i === flat.length - 2 ? [] : [stable(item)]));
  }
  return flat.flatMap((name, i) => {
    if (i % 2 === 1 || ownFacts.has(bytesOf(name) ?? '')) return [];
    return [[name, stable(flat[i + 1]!)]];
  });
}

export function differenceOf({ key, nodes, what }: Found, bytes: Uint8Array): Difference {
  return { key: textFromBytes(key), bytes, nodes, what };
}
