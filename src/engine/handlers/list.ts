import type { listCommands } from '../../commands/list.js';
import { allocBytes, type Bytes, writeBytes } from '../../core/bytes.js';
import { ErrorReply, NULL_ARRAY, OK, type Reply, replyErrors } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_LIST } from '../notify.js';
import type { ListValue } from '../values/list.js';
import { readClamped } from './late-integer.js';
import { listBlockingHandlers } from './list-blocking.js';
import { listMoveHandlers } from './list-move.js';
import { elementsPopped, takeElements } from './list-pop.js';

/** Invalid since 7.2: its magnitude is not a 64-bit integer. */
const INT64_MIN_TEXT = '-9223372036854775808';
const countOutOfRange = new ErrorReply(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);

/** Handlers of the list group. */
export const listHandlers: HandlersOf<typeof listCommands> = {
  ...listBlockingHandlers,
  ...listMoveHandlers,

  lindex({ db }, { key, index }) {
    const list = db.list(key);
    return list === null ? null : list.at(readClamped(index));
  },

  linsert({ db }, { key, where, pivot, element }) {
    const list = db.listForWrite(key);
    if (list === null) return 0;
    list.growing(1, element.length);
    if (!list.insertAtPivot(pivot, element, where === 'before')) return -1;
    db.changed(key, NOTIFY_LIST, 'linsert');
    return list.size;
  },

  llen: ({ db }, { key }) => db.list(key)?.size ?? 0,

  lpop: ({ db }, { key, count }) => pop(db, key, count, true),
  rpop: ({ db }, { key, count }) => pop(db, key, count, false),

  lpos({ db, engine, argv }, { key, element, rank, count, maxLen }) {
    if (engine.commands.since.v72 && rank === -1 && argv.includes(INT64_MIN_TEXT)) throw countOutOfRange;
    const list = db.list(key);
    if (list === null) return count === undefined ? null : [];
    const found = positions(list, element, { rank: rank ?? 1, count: count ?? 1, maxLen: maxLen ?? 0 });
    return count === undefined ? (found[0] ?? null) : found;
  },

  lpush: ({ db }, { key, elements }) => push(db, key, elements, true),
  rpush: ({ db }, { key, elements }) => push(db, key, elements, false),
  lpushx: ({ db }, { key, elements }) => (db.listForWrite(key) === null ? 0 : push(db, key, elements, true)),
  rpushx: ({ db }, { key, elements }) => (db.listForWrite(key) === null ? 0 : push(db, key, elements, false)),

  lrange({ db }, { key, start, stop }) {
    const elements: Bytes[] = [];
    db.list(key)?.forEachInRange(start, stop, (element) => {
      elements.push(element);
    });
    return elements;
  },

  lrem({ db, engine, argv }, { key, count, element }) {
    if (engine.commands.since.v72 && argv[2] === INT64_MIN_TEXT) throw countOutOfRange;
    const list = db.listForWrite(key);
    const removed = list === null ? 0 : list.removeMatching(element, count);
    if (removed === 0) return 0;
    list!.shrunk();
    db.changed(key, NOTIFY_LIST, 'lrem', removed);
    db.removeIfEmpty(key, list!);
    return removed;
  },

  lset({ db, engine }, { key, index, element }) {
    const list = db.listForWrite(key);
    if (list === null) throw replyErrors.noSuchKey;
    list.growing(1, element.length);
    const at = readClamped(index);
    // Since 7.2 an index is cut to 32 bits on its way.
    const cut = engine.commands.since.v72 ? Number(BigInt.asIntN(32, BigInt(index))) : at;
    if (!list.set(cut, element)) throw replyErrors.outOfRange;
    list.shrunk();
    db.changed(key, NOTIFY_LIST, 'lset');
    return OK;
  },

  ltrim({ db }, { key, start, stop }) {
    const list = db.listForWrite(key);
    if (list === null) return OK;
    const { size } = list;
    list.trim(start, stop);
    list.shrunk();
    db.changed(key, NOTIFY_LIST, 'ltrim', size - list.size);
    db.removeIfEmpty(key, list);
    return OK;
  },
};

function push(db: Database, key: Bytes, elements: readonly Bytes[], atHead: boolean): number {
  const list = db.listForWrite(key) ?? db.addList(key);
  list.growing(elements.length, totalBytes(elements));
  for (let i = 0; i < elements.length; i++) list.push(elements[i], atHead);
  db.changed(key, NOTIFY_LIST, atHead ? 'lpush' : 'rpush', elements.length);
  return list.size;
}

function totalBytes(elements: readonly Bytes[]): number {
  let sum = 0;
  for (let i = 0; i < elements.length; i++) sum += elements[i].length;
  return sum;
}

/** Without a count one element, with one a list, even of none or one. */
function pop(db: Database, key: Bytes, count: number | undefined, fromHead: boolean): Reply {
  const list = db.listForWrite(key);
  if (list === null) return count === undefined ? null : NULL_ARRAY;
  if (count === 0) return [];
  const taken = count === undefined ? list.pop(fromHead) : takeElements(list, fromHead, count);
  elementsPopped(db, key, list, fromHead, count === undefined ? 1 : (taken as Bytes[]).length);
  return taken;
}

/** What LPOS looks for: match number `rank` (from the tail if negative) and the next ones, among `maxLen` elements. 0: all. */
interface Wanted {
  readonly rank: number;
  readonly count: number;
  readonly maxLen: number;
}

/** The indices of elements equal to `element`. */
function positions(list: ListValue, element: Bytes, { rank, count, maxLen }: Wanted): number[] {
  const fromHead = rank > 0;
  const { size } = list;
  const needle = allocBytes(element.length);
  writeBytes(needle, element, 0);
  const end = maxLen === 0 ? size : Math.min(maxLen, size);
  const cursor = list.cursor(fromHead);
  const found: number[] = [];
  let matches = 0;
  for (let index = 0; index < end && cursor.next(); index++) {
    if (!isAt(needle, cursor) || ++matches < Math.abs(rank)) continue;
    found.push(fromHead ? index : size - 1 - index);
    if (count > 0 && found.length >= count) break;
  }
  return found;
}

function isAt(
  needle: Uint8Array,
  { buffer, start, length }: { buffer: Uint8Array; start: number; length: number },
): boolean {
  if (length !== needle.length) return false;
  for (let i = 0; i < length; i++) if (buffer[start + i] !== needle[i]) return false;
  return true;
}
