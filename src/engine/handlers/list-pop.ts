import type { Bytes } from '../../core/bytes.js';
import type { Database } from '../database.js';
import { NOTIFY_LIST } from '../notify.js';
import type { ListValue } from '../values/list.js';

/** Takes up to `count` elements from one end, in the order in which single pops would return them. */
export function takeElements(list: ListValue, fromHead: boolean, count: number): Bytes[] {
  const taken: Bytes[] = [];
  const wanted = Math.min(count, list.size);
  const cursor = list.cursor(fromHead);
  while (taken.length < wanted && cursor.next()) taken.push(cursor.value());
  list.drop(fromHead, wanted);
  return taken;
}

/**
 * Completes a pop: watchers, the event, and the removal of an empty list. `changes` is 0 when the pop served a waiting
 * session.
 */
export function elementsPopped(db: Database, key: Bytes, list: ListValue, fromHead: boolean, changes: number): void {
  list.shrunk();
  db.changed(key, NOTIFY_LIST, fromHead ? 'lpop' : 'rpop', changes);
  db.removeIfEmpty(key, list);
}

/** LPOP or RPOP, with a count if given: what a copy repeats for pops by other commands. */
export function popEffect(key: Bytes, fromHead: boolean, count: number | null): Bytes[] {
  const name = fromHead ? 'LPOP' : 'RPOP';
  return count === null ? [name, key] : [name, key, String(count)];
}

/**
 * Moves an element from one end of a list to one end of another or the same; null if the source is absent.
 * Checks both types first. `changes` 0 when the move serves a waiting session.
 */
export function moveElement(
  db: Database,
  source: Bytes,
  destination: Bytes,
  ends: { fromHead: boolean; toHead: boolean; changes: number },
): Bytes | null {
  const from = db.listForWrite(source);
  if (from === null) return null;
  const existing = db.listForWrite(destination);
  const element = from.pop(ends.fromHead)!;
  const to = existing ?? db.addList(destination);
  to.growing(1, element.length);
  to.push(element, ends.toHead);
  db.changed(destination, NOTIFY_LIST, ends.toHead ? 'lpush' : 'rpush', 0);
  elementsPopped(db, source, from, ends.fromHead, ends.changes);
  return element;
}
