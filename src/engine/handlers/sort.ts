import type { sortCommands } from '../../commands/sort.js';
import type { Bytes } from '../../core/bytes.js';
import { compareBytes } from '../../core/bytes.js';
import { parseDouble } from '../../core/double.js';
import { type Compare, partialSort } from '../../core/partial-sort.js';
import { ErrorReply, type Reply, replyErrors } from '../../core/reply.js';
import { READ } from '../acl/selector.js';
import type { Database } from '../database.js';
import { TYPE_HASH, TYPE_STRING } from '../entry-meta.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC, NOTIFY_LIST } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { HashValue } from '../values/hash.js';
import { ListValue } from '../values/list.js';
import { SetValue } from '../values/set.js';
import { ZSetValue } from '../values/zset.js';
import { parseDecimal } from '../zset-bounds.js';

const byDenied = new ErrorReply('ERR BY option of SORT denied due to insufficient ACL permissions.');
const getDenied = new ErrorReply('ERR GET option of SORT denied due to insufficient ACL permissions.');
const notDouble = new ErrorReply("ERR One or more scores can't be converted into double");

interface SortRequest {
  key: Bytes;
  by?: Bytes;
  limit?: readonly [offset: number, count: number];
  get?: readonly Bytes[];
  desc?: true;
  alpha?: true;
  store?: Bytes;
}

interface Item {
  element: Bytes;
  score: number;
  /** With BY and ALPHA: what to compare; null if there is no such key. */
  weight: Bytes | null;
}

type Sortable = ListValue | SetValue | ZSetValue;

/** The first and the last place of the result that are wanted; last < first for none. */
interface Window {
  first: number;
  last: number;
}

function open(db: Database, key: Bytes): Sortable | null {
  const slot = db.lookup(key);
  if (slot < 0) return null;
  if (db.keyspace.typeOf(slot) === TYPE_STRING) throw replyErrors.wrongType;
  const value = db.keyspace.collection(slot);
  if (value instanceof ListValue || value instanceof SetValue) return value;
  if (!(value instanceof ZSetValue)) throw replyErrors.wrongType;
  // Redis sorts from the large form and leaves the value in it.
  value.enlarge();
  return value;
}

function windowOf(limit: SortRequest['limit'], size: number): Window {
  if (limit === undefined) return { first: 0, last: size - 1 };
  const first = Math.min(Math.max(limit[0], 0), size);
  const count = Math.min(Math.max(limit[1], -1), size);
  return { first, last: count < 0 ? size - 1 : Math.min(first + count, size) - 1 };
}

/**
 * The value that a pattern means for an element: `#` the element itself; otherwise the key with the element in the
 * place of the first star, or a field of it after `->`. Null if there is none of the right type.
 */
function patternValue(db: Database, pattern: Bytes, element: Bytes): Bytes | null {
  if (pattern === '#') return element;
  const star = pattern.indexOf('*');
  if (star < 0) return null;
  const arrow = pattern.indexOf('->', star + 1);
  const hasField = arrow >= 0 && arrow + 2 < pattern.length;
  const end = hasField ? arrow : pattern.length;
  const slot = db.lookup(pattern.slice(0, star) + element + pattern.slice(star + 1, end));
  if (slot < 0) return null;
  const type = db.keyspace.typeOf(slot);
  if (!hasField) return type === TYPE_STRING ? db.keyspace.stringOf(slot) : null;
  if (type !== TYPE_HASH) return null;
  const hash = db.keyspace.collection(slot) as HashValue;
  const field = pattern.slice(arrow + 2);
  const endsAt = hash.deadlineOf(field);
  return endsAt !== null && endsAt < db.engine.now ? null : hash.get(field);
}

/** As C's strtod reads the whole of a C string. Null where it cannot. */
function scoreOf(text: Bytes): number | null {
  const nul = text.indexOf('\0');
  const digits = nul < 0 ? text : text.slice(0, nul);
  return digits === '' ? 0 : parseDouble(digits.replace(/^[ \t\n\v\f\r]+/, ''));
}

/** The order of two texts as C compares strings: up to the first zero byte. */
function collate(a: Bytes, b: Bytes): number {
  return compareBytes(cString(a), cString(b));
}

function cString(text: Bytes): Bytes {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** Missing weights sort first and are all equal. */
function compareWeights(a: Bytes | null, b: Bytes | null, compare: Compare<Bytes>): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compare(a, b);
}

function orderOf({ by, alpha, desc, store }: SortRequest): Compare<Item> {
  // A stored result must be the same everywhere: it is compared byte by byte.
  const text = store === undefined ? collate : compareBytes;
  let compare: Compare<Item>;
  if (!alpha) {
    compare = (a, b) => {
      if (a.score !== b.score) return a.score < b.score ? -1 : 1;
      return compareBytes(a.element, b.element);
    };
  } else if (by !== undefined) compare = (a, b) => compareWeights(a.weight, b.weight, text);
  else compare = (a, b) => text(a.element, b.element);
  return desc ? (a, b) => compare(b, a) : compare;
}

function itemsOf(db: Database, value: Sortable, { by, alpha }: SortRequest): Item[] {
  const items: Item[] = [];
  const visit = (element: Bytes): void => {
    items.push({ element, score: 0, weight: null });
  };
  if (value instanceof ListValue) value.forEachInRange(0, -1, visit);
  else value.forEach(visit);
  let sound = true;
  for (const item of items) {
    const text = by === undefined ? item.element : patternValue(db, by, item.element);
    if (text === null) continue;
    if (alpha) item.weight = text;
    else {
      const score = db.engine.commands.since.v80 ? parseDecimal(text) : scoreOf(text);
      if (score === null) sound = false;
      else item.score = score;
    }
  }
  if (!sound) throw notDouble;
  return items;
}

function sorted(db: Database, value: Sortable, request: SortRequest, { first, last }: Window): Bytes[] {
  const items = itemsOf(db, value, request);
  const compare = orderOf(request);
  if (request.by !== undefined && (first !== 0 || last !== items.length - 1)) partialSort(items, compare, first, last);
  else items.sort(compare);
  return items.slice(first, last + 1).map(({ element }) => element);
}

/** BY a pattern without a star: the elements as they stand, from the end with DESC. A set's stand in no order. */
function unsorted(value: Sortable, desc: boolean, { first, last }: Window): Bytes[] {
  const elements: Bytes[] = [];
  if (last < first) return elements;
  const visit = (element: Bytes): void => {
    elements.push(element);
  };
  if (value instanceof SetValue) {
    value.forEach(visit);
    return elements.slice(first, last + 1);
  }
  const end = value.size - 1;
  const [start, stop] = desc ? [end - last, end - first] : [first, last];
  if (value instanceof ListValue) value.forEachInRange(start, stop, visit);
  else value.forEachByRank(start, stop, false, visit);
  return desc ? elements.reverse() : elements;
}

function select({ db, inScript }: EngineSession, request: SortRequest): Bytes[] {
  const value = open(db, request.key);
  if (value === null) return [];
  const window = windowOf(request.limit, value.size);
  if (request.by === undefined || request.by.includes('*')) return sorted(db, value, request, window);
  if (value instanceof SetValue && (request.store !== undefined || inScript)) {
    // What is stored, and what a script does, must not depend on how the set happens to be kept.
    return sorted(db, value, { ...request, by: undefined, alpha: true }, window);
  }
  return unsorted(value, request.desc === true, window);
}

/** BY and GET reach keys that are not named: who uses them must be allowed to read all keys. */
function checkPatterns({ user, spec, argv }: EngineSession, { by, get }: SortRequest): void {
  const reaches = by?.includes('*') || get !== undefined;
  if (!reaches || user.allowsWithAllKeys(spec, argv, READ)) return;
  throw by?.includes('*') ? byDenied : getDenied;
}

function sort(call: EngineSession, request: SortRequest): Reply {
  const { db } = call;
  checkPatterns(call, request);
  const elements = select(call, request);
  const { get } = request;
  if (get === undefined) return elements;
  return elements.flatMap((element) => get.map((pattern) => patternValue(db, pattern, element)));
}

function sortStore(call: EngineSession, request: SortRequest, destination: Bytes): Reply {
  const { db } = call;
  const values = sort(call, request) as (Bytes | null)[];
  if (values.length > 0) {
    const list = db.newList();
    for (const value of values) list.push(value ?? '', false);
    list.settle();
    db.putCollection(destination, list);
    db.changed(destination, NOTIFY_LIST, 'sortstore', values.length);
  } else if (db.exists(destination)) {
    db.remove(destination);
    db.changed(destination, NOTIFY_GENERIC, 'del');
  }
  return values.length;
}

/** Handlers of SORT. */
export const sortHandlers: HandlersOf<typeof sortCommands> = {
  sort: (call, request) =>
    request.store === undefined ? sort(call, request) : sortStore(call, request, request.store),
  sortRo: (call, request) => sort(call, request),
};
