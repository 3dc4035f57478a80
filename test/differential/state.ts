/** The whole state of both servers: every key of every database an episode may touch. */
import { plain, type RespReply } from '../support/resp-client.js';
import { agree, reworded } from './canonical.js';
import type { Wording } from './opponent.js';
import type { Side } from './side.js';
import type { Comparison } from './template.js';

const databases = ['0', '1', '2', '15'];

export interface StateDifference {
  what: string;
  a: string;
  b: string;
}

interface Facts {
  type: string;
  encoding: string;
  ttl: RespReply;
  content: RespReply;
}

/** Keys are `database key`. */
interface State {
  digest: string | null;
  facts: Map<string, Facts>;
}

/** The first difference between the two states, or null. */
export async function compareState(a: Side, b: Side, wording?: Wording): Promise<StateDifference | null> {
  const [left, right] = await Promise.all([readState(a, wording), readState(b, wording)]);
  const names = (state: State) => [...state.facts.keys()].join(' ');
  if (names(left) !== names(right)) {
    const only = (one: State, other: State) => [...one.facts.keys()].filter((key) => !other.facts.has(key)).join(', ');
    return { what: 'keys that only one server has', a: only(left, right), b: only(right, left) };
  }
  for (const [key, one] of left.facts) {
    const difference = compareFacts(key, one, right.facts.get(key)!);
    if (difference !== null) return difference;
  }
  if (left.digest !== null && right.digest !== null && left.digest !== right.digest) {
    return { what: 'DEBUG DIGEST, though all contents are equal', a: left.digest, b: right.digest };
  }
  return null;
}

function compareFacts(key: string, a: Facts, b: Facts): StateDifference | null {
  const differ = (what: string, left: string, right: string) => ({ what: `${what} of ${key}`, a: left, b: right });
  if (a.type !== b.type) return differ('TYPE', a.type, b.type);
  if (a.encoding !== b.encoding) return differ(`OBJECT ENCODING of the ${a.type}`, a.encoding, b.encoding);
  if (!agree(a.ttl, b.ttl, 'millis')) return differ('PTTL', a.ttl.raw, b.ttl.raw);
  // Small encodings keep the order of insertion, so it must be the same.
  // What a listpack of a set was made of may have been a table.
  const table =
    a.encoding === 'hashtable' || a.encoding === 'listpackex' || (a.type === 'set' && a.encoding === 'listpack');
  const comparison: Comparison = !table ? 'exact' : a.type === 'hash' ? 'pairs' : 'unordered';
  return agree(a.content, b.content, comparison) ? null : differ(`content (${a.type})`, a.content.raw, b.content.raw);
}

async function readState(side: Side, wording: Wording = []): Promise<State> {
  const { control } = side;
  const listed = await control.pipeline(
    databases.flatMap((db) => [
      ['SELECT', db],
      ['KEYS', '*'],
    ]),
  );
  const keys: { db: string; key: string }[] = [];
  databases.forEach((db, i) => {
    const names = listed[i * 2 + 1]?.node.items ?? [];
    for (const key of names.map((item) => item.text!).sort()) keys.push({ db, key });
  });
  const read = async (commands: (key: string, i: number) => string[][]): Promise<RespReply[][]> => {
    const replies = await control.pipeline(keys.flatMap(({ db, key }, i) => [['SELECT', db], ...commands(key, i)]));
    const width = keys.length === 0 ? 1 : replies.length / keys.length;
    return keys.map((_, i) => replies.slice(i * width + 1, (i + 1) * width));
  };
  const described = await read((key) => [
    ['TYPE', key],
    ['OBJECT', 'ENCODING', key],
    ['PTTL', key],
  ]);
  const types = described.map(([type]) => String(plain(type!.node)));
  const contents = await read((key, i) => [reader(types[i]!, key)]);
  const digest = await control.send('DEBUG', 'DIGEST');
  await control.send('SELECT', '0');
  const facts = new Map<string, Facts>();
  keys.forEach(({ db, key }, i) => {
    const [, encoding, ttl] = described[i]!;
    const content = reworded(contents[i]![0]!, wording);
    facts.set(`${db} ${key}`, {
      type: types[i]!,
      encoding: String(plain(reworded(encoding!, wording).node)),
      ttl: ttl!,
      content,
    });
  });
  const comparable = digest.node.type !== '-' && wording.length === 0;
  return { digest: comparable ? String(digest.node.text) : null, facts };
}

function reader(type: string, key: string): string[] {
  if (type === 'list') return ['LRANGE', key, '0', '-1'];
  if (type === 'set') return ['SMEMBERS', key];
  if (type === 'hash') return ['HGETALL', key];
  if (type === 'zset') return ['ZRANGE', key, '0', '-1', 'WITHSCORES'];
  if (type === 'stream') return ['XINFO', 'STREAM', key];
  return ['GET', key];
}
