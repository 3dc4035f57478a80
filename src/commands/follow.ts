import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { DoubleReply, MapReply, type Reply } from '../core/reply.js';
import { bytesOf, itemsOf } from './shape.js';

/**
 * How other copies of the data follow a command that one of them carries out, where the command's own words at each of
 * them would not do: what is relative to the time, made up or drawn at random comes out differently everywhere. This is
 * told from the request and the reply alone, so that it holds for any server.
 *
 * A command without a rule means the same at every copy that is in the same state. One that has waited is followed by
 * `served`, or by copying its keys.
 */
export interface Follow {
  /** The same request, reworded to mean the same at any copy and time. `now` is Unix time in milliseconds. */
  readonly rewrite?: (argv: readonly Bytes[], now: number) => readonly Bytes[];
  /** With fewer words than this, `rewrite` changes nothing and need not be called. */
  readonly rewritesFrom?: number;
  /** What other copies carry out, after the first has replied. */
  readonly effects?: (argv: readonly Bytes[], reply: Reply) => Bytes[][];
  /** Its effect on its keys cannot be told: keys that it may have changed are copied. */
  readonly keys?: true;
  /** What other copies carry out if it was served after a wait. */
  readonly served?: (argv: readonly Bytes[], reply: Reply, now: number) => Bytes[][];
}

/** A TTL in an argument, as a time; null where it is none, or one that the server will complain of. */
function deadline(text: Bytes | undefined, unitMs: number, now: number): Bytes | null {
  const value = text === undefined ? null : parseInteger(text);
  return typeof value === 'number' ? String(value * unitMs + Math.floor(now)) : null;
}

/** As `deadline`, where a TTL must be above 0. */
function positiveDeadline(text: Bytes | undefined, unitMs: number, now: number): Bytes | null {
  return Number(text) > 0 ? deadline(text, unitMs, now) : null;
}

const units: Readonly<Record<string, number>> = { EX: 1000, PX: 1, EXPIRE: 1000, PEXPIRE: 1, SETEX: 1000, PSETEX: 1 };
const unitOf = (word: Bytes): number | undefined => units[word.toUpperCase()];

/** EXPIRE, PEXPIRE: PEXPIREAT. */
export const expireAt: Follow = {
  rewrite(argv, now) {
    const unit = unitOf(argv[0]);
    const at = unit === undefined ? null : deadline(argv[2], unit, now);
    return at === null ? argv : ['PEXPIREAT', argv[1], at, ...argv.slice(3)];
  },
};

/** SETEX, PSETEX: SET with PXAT. */
export const setAt: Follow = {
  rewrite(argv, now) {
    const at = argv.length === 4 ? positiveDeadline(argv[2], unitOf(argv[0])!, now) : null;
    return at === null ? argv : ['SET', argv[1], argv[3], 'PXAT', at];
  },
};

/** EX and PX among the options, which begin at an index: PXAT. */
export function optionsAt(first: number): Follow {
  return {
    rewritesFrom: first + 2,
    rewrite(argv, now) {
      for (let i = first; i + 1 < argv.length; i++) {
        const unit = /^[ep]x$/i.test(argv[i]) ? unitOf(argv[i])! : null;
        const at = unit === null ? null : positiveDeadline(argv[i + 1], unit, now);
        if (at !== null) return [...argv.slice(0, i), 'PXAT', at, ...argv.slice(i + 2)];
      }
      return argv;
    },
  };
}

/** As `optionsAt`, behind pairs that are counted in front (MSETEX). */
export const optionsBehindPairs: Follow = {
  rewrite: (argv, now) => optionsAt(2 + 2 * Number(argv[1])).rewrite!(argv, now),
};

/** RESTORE: with ABSTTL. */
export const restoreAt: Follow = {
  rewrite(argv, now) {
    const at = positiveDeadline(argv[2], 1, now);
    if (at === null || argv.some((word, i) => i > 3 && word.toUpperCase() === 'ABSTTL')) return argv;
    return [argv[0], argv[1], at, ...argv.slice(3), 'ABSTTL'];
  },
};

/** The digits of a sum as they came. */
function digitsOf(reply: Reply): Bytes | null {
  return reply instanceof DoubleReply ? (reply.digits ?? String(reply.value)) : bytesOf(reply);
}

/** INCRBYFLOAT: not every processor rounds alike, so the sum itself is set. */
export const setSum: Follow = {
  effects(argv, reply) {
    const digits = digitsOf(reply);
    return digits === null ? [] : [['SET', argv[1], digits, 'KEEPTTL']];
  },
};

export const hsetSum: Follow = {
  effects(argv, reply) {
    const digits = digitsOf(reply);
    return digits === null ? [] : [['HSET', argv[1], argv[2], digits]];
  },
};

/** SPOP: SREM of what was drawn. */
export const removeDrawn: Follow = {
  effects(argv, reply) {
    const members = itemsOf(reply)?.map((item) => bytesOf(item)!) ?? [bytesOf(reply)];
    const drawn = members.filter((member) => member !== null);
    return drawn.length === 0 ? [] : [['SREM', argv[1], ...drawn]];
  },
};

/** Trimming by whole nodes depends on how a stream lies in memory: exact trimming does not. */
function exactTrim(argv: readonly Bytes[], at: number): { words: Bytes[]; end: number } {
  const words = [argv[at]];
  let next = at + 1;
  if (argv[next] === '~' || argv[next] === '=') next++;
  words.push('=', argv[next++]);
  if (argv[next]?.toUpperCase() === 'LIMIT') next += 2;
  return { words, end: next };
}

/** The index of XADD's id. */
function entryIdAt(argv: readonly Bytes[]): number {
  let at = 2;
  for (;;) {
    const word = argv[at]?.toUpperCase();
    if (word === 'NOMKSTREAM') at++;
    else if (word === 'MAXLEN' || word === 'MINID') at = exactTrim(argv, at).end;
    else return at;
  }
}

/** XADD: with the id that was made up. */
export const addWithId: Follow = {
  rewrite(argv) {
    const id = entryIdAt(argv);
    const trim = argv.findIndex((word, i) => i > 1 && i < id && /^(maxlen|minid)$/i.test(word));
    if (trim < 0 || id >= argv.length) return argv;
    const { words, end } = exactTrim(argv, trim);
    return [...argv.slice(0, trim), ...words, ...argv.slice(end)];
  },
  effects(argv, reply) {
    const id = bytesOf(reply);
    if (id === null) return [];
    const at = entryIdAt(argv);
    return [[...argv.slice(0, at), id, ...argv.slice(at + 1)]];
  },
};

export const trimExactly: Follow = {
  rewrite(argv) {
    if (argv.length < 4 || argv[3] !== '~') return argv;
    const { words, end } = exactTrim(argv, 2);
    return end >= argv.length ? [...argv.slice(0, 2), ...words] : argv;
  },
};

/** The ids in a list of entries, or of ids. */
function idsOf(reply: Reply): Bytes[] {
  const ids = (itemsOf(reply) ?? []).map((item) => (Array.isArray(item) ? bytesOf(item[0]) : bytesOf(item)));
  return ids.filter((id) => id !== null);
}

const NEVER_IDLE = '9223372036854775807';
const isId = (word: Bytes): boolean => /^\d+(-\d+)?$/.test(word);

/** XCLAIM: what was claimed is claimed however idle it is; what was not is only forgotten if it was deleted. */
export const claimSame: Follow = {
  rewrite(argv, now) {
    const at = argv.findIndex((word, i) => i > 5 && word.toUpperCase() === 'IDLE');
    const idle = at < 0 ? null : parseInteger(argv[at + 1] ?? '');
    if (typeof idle !== 'number' || idle < 0) return argv;
    return [...argv.slice(0, at), 'TIME', String(Math.floor(now) - idle), ...argv.slice(at + 2)];
  },
  effects(argv, reply) {
    let end = 5;
    while (end < argv.length && isId(argv[end])) end++;
    const claimed = new Set(idsOf(reply));
    const asked = argv.slice(5, end).map((id) => (id.includes('-') ? id : `${id}-0`));
    const others = asked.filter((id) => !claimed.has(id));
    const options = argv.slice(end);
    const unforced = options.filter((word) => word.toUpperCase() !== 'FORCE');
    const claim = (idle: Bytes, ids: Bytes[], more: Bytes[]): Bytes[][] =>
      ids.length === 0 ? [] : [['XCLAIM', ...argv.slice(1, 4), idle, ...ids, ...more]];
    return [...claim('0', [...claimed], options), ...claim(NEVER_IDLE, others, unforced)];
  },
};

/**
 * XAUTOCLAIM: XCLAIM of what it found, deleted entries among it. Where it claimed nothing it may have made the consumer, as
 * servers since 7.2 do, and have forgotten deleted entries: the same words do that again, if nothing is idle for so long.
 */
export const claimFound: Follow = {
  effects(argv, reply) {
    const [, entries = [], deleted = []] = itemsOf(reply) ?? [];
    if (idsOf(entries).length === 0) return [[...argv.slice(0, 4), NEVER_IDLE, ...argv.slice(5)]];
    const ids = [...idsOf(entries), ...idsOf(deleted)];
    const justId = argv.some((word, i) => i > 5 && word.toUpperCase() === 'JUSTID') ? ['JUSTID'] : [];
    return [['XCLAIM', ...argv.slice(1, 4), '0', ...ids, ...justId]];
  },
};

/** Streams and their entries, of either protocol. */
function streamsOf(reply: Reply): [Bytes, Reply][] {
  const flat = reply instanceof MapReply ? reply.flat : (itemsOf(reply) ?? []).flat();
  const streams: [Bytes, Reply][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) streams.push([bytesOf(flat[i] as Reply) ?? '', flat[i + 1] as Reply]);
  return streams;
}

/** XREADGROUP means the same everywhere; served after a wait, its entries are claimed, by whom it was that they came to. */
export const claimRead: Follow = {
  served(argv, reply, now) {
    const [group, consumer] = [argv[2], argv[3]];
    const streams = argv.findIndex((word) => word.toUpperCase() === 'STREAMS');
    const noAck = argv.some((word, i) => i > 3 && i < streams && word.toUpperCase() === 'NOACK');
    return streamsOf(reply).flatMap(([key, entries]) => {
      const ids = idsOf(entries);
      if (ids.length === 0) return [];
      const last = ids[ids.length - 1];
      if (noAck) return [['XGROUP', 'SETID', key, group, last]];
      const how = ['TIME', String(Math.floor(now)), 'RETRYCOUNT', '1', 'FORCE', 'JUSTID', 'LASTID', last];
      return [['XCLAIM', key, group, consumer, '0', ...ids, ...how]];
    });
  },
};

/** Scripts; MIGRATE; and SORT with STORE: a set that is not sorted has an order of its own at each copy. */
export const copyKeys: Follow = { keys: true };
