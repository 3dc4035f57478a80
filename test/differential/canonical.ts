/**
 * When do two replies count as equal? Byte for byte, except where Redis itself promises less:
 *
 * - `unordered`, `pairs`: replies in the order of a hash table with a random seed (SMEMBERS, HGETALL, KEYS …);
 *   small encodings keep insertion order, and the state comparison checks that order exactly;
 * - `seconds`, `millis`: remaining times, because the two servers run a command at slightly different moments;
 * - `refcount`: shared or not; a queued command still holds its arguments when Redis counts;
 * - `shape`: clocks, sizes in memory, descriptions of clients, random keys: the types on the wire only;
 * - `members`, `popped`: random picks: the shape here, membership by the runner;
 * - `rules`: what a user may do, each command in the order of a hash table with a random seed;
 * - `hello`: everything but the connection's id and the modules; `unsubscribed`: channels leave in any order.
 */
import type { RespNode, RespReply } from '../support/resp-client.js';
import type { Wording } from './opponent.js';
import type { Comparison } from './template.js';

/** Commands of a module that 8.0 has built in. */
const ofModules = /^V(ADD|CARD|DIM|EMB|GETATTR|INFO|ISMEMBER|LINKS|RANDMEMBER|REM|SETATTR|SIM)$/;
/** OBJECT REFCOUNT of what is never freed. */
const SHARED = '2147483647';

/** True if both replies are right answers to the same command . */
export function agree(a: RespReply, b: RespReply, comparison: Comparison): boolean {
  return a.raw === b.raw || agreeNodes(a.node, b.node, comparison);
}

/** True if the replies to EXEC agree; `queued` holds the comparison of every queued command. */
export function agreeExec(a: RespReply, b: RespReply, queued: readonly { comparison: Comparison }[]): boolean {
  if (a.raw === b.raw) return true;
  const left = a.node.items;
  const right = b.node.items;
  if (left === null || right === null || left.length !== right.length || left.length !== queued.length) return false;
  return left.every((item, i) => agreeNodes(item, right[i]!, queued[i]!.comparison));
}

function agreeNodes(a: RespNode, b: RespNode, comparison: Comparison): boolean {
  if (a.type === '-' || b.type === '-') return encode(a) === encode(b);
  switch (comparison) {
    case 'seconds':
      return near(a, b, 2);
    case 'millis':
      return near(a, b, 3000);
    case 'unordered':
      return sorted(a, 1) === sorted(b, 1);
    case 'pairs':
      return sorted(a, 2) === sorted(b, 2);
    case 'refcount':
      return a.type === b.type && (a.text === SHARED) === (b.text === SHARED);
    case 'shape':
    case 'members':
    case 'popped':
      return shape(a) === shape(b);
    case 'rules':
      return encode(sortedWords(a)) === encode(sortedWords(b));
    case 'hello':
      return encode(withoutId(a)) === encode(withoutId(b));
    default:
      return encode(a) === encode(b);
  }
}

/** Every text with its words in alphabetical order. */
function sortedWords(node: RespNode): RespNode {
  const text = node.text?.split(' ').sort().join(' ') ?? null;
  return { ...node, text, items: node.items?.map(sortedWords) ?? null };
}

/** Unsubscribing from everything: the same channels with the same counts, in any order. */
export function agreeUnsubscribed(a: readonly RespReply[], b: readonly RespReply[]): boolean {
  const summary = (replies: readonly RespReply[]) => {
    const names = replies.map((reply) => encode(reply.node.items?.[1] ?? reply.node)).sort();
    const counts = replies.map((reply) => encode(reply.node.items?.[2] ?? reply.node));
    return `${names.join()}|${counts.join()}`;
  };
  return summary(a) === summary(b);
}

/** Messages in order, except that one publication may reach several patterns of a client in any order. */
export function canonicalMessages(replies: readonly RespReply[]): string[] {
  const out: string[] = [];
  let group: string[] = [];
  let groupKey = '';
  const flush = () => {
    out.push(...group.sort());
    group = [];
  };
  for (const { node, raw } of replies) {
    const isPattern = node.items?.[0]?.text === 'pmessage';
    const key = isPattern ? `${node.items![2]!.text}\n${node.items![3]!.text}` : '';
    if (!isPattern || key !== groupKey) flush();
    groupKey = key;
    if (isPattern) group.push(raw);
    else out.push(raw);
  }
  flush();
  return out;
}

/** A reply with one word for what has several. What `raw` has of a list is no longer what came over the wire. */
export function reworded(reply: RespReply, wording: Wording): RespReply {
  if (wording.length === 0) return reply;
  const word = (text: string) => wording.reduce((worded, [said, meant]) => worded.replace(said, meant), text);
  const walk = (node: RespNode): RespNode => {
    const text = node.text === null ? null : word(node.text);
    const items = node.items?.map(walk) ?? null;
    return { ...node, text, items };
  };
  const node = walk(reply.node);
  const { type, text } = node;
  const raw = node.items === null && (type === '-' || type === '+') ? `${type}${text}\r\n` : encode(node);
  return { raw, node };
}

/** A node as text, types kept. */
export function encode(node: RespNode): string {
  if (node.items !== null) return `${node.type}${node.items.length}(${node.items.map(encode).join(',')})`;
  return node.text === null ? `${node.type}null` : `${node.type}${node.text.length}:${node.text}`;
}

function near(a: RespNode, b: RespNode, tolerance: number): boolean {
  const left = Number(a.text);
  const right = Number(b.text);
  if (a.type !== b.type || left < 0 || right < 0) return encode(a) === encode(b);
  return Math.abs(left - right) <= tolerance;
}

function sorted(node: RespNode, step: 1 | 2): string {
  if (node.items === null) return encode(node);
  const nested = node.items.some((item) => item.items !== null && step === 2 && node.type === '*');
  const width = nested ? 1 : step;
  const groups: string[] = [];
  const items = node.items.filter(({ text }) => text === null || !ofModules.test(text));
  for (let i = 0; i < items.length; i += width)
    groups.push(
      items
        .slice(i, i + width)
        .map(encode)
        .join('='),
    );
  return `${node.type}${groups.sort().join(',')}`;
}

function shape(node: RespNode): string {
  if (node.items !== null) return `${node.type}${node.items.length}(${node.items.map(shape).join()})`;
  return node.text === null ? `${node.type}null` : node.type;
}

/** A server's greeting without the connection's id and its modules: 8.0 has some built in. */
function withoutId(node: RespNode): RespNode {
  if (node.items === null) return node;
  const own = ['id', 'modules'].map((name) => node.items!.findIndex((item) => item.text === name) + 1);
  return { ...node, items: node.items.filter((_, i) => i === 0 || !own.includes(i)) };
}
