import type { Bytes } from '../../core/bytes.js';
import type { Database } from '../database.js';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from '../notify.js';
import type { ZSetValue } from '../values/zset.js';

/**
 * Fills a new sorted set as Redis does where it builds a skiplist and packs it at the end if it is small: a score of −0
 * is lost in a listpack, but not on the way to a skiplist.
 */
export function fillZset(result: ZSetValue, members: Iterable<readonly [Bytes, number]>): ZSetValue {
  const negativeZeros: Bytes[] = [];
  for (const [member, score] of members) {
    result.add(member, score);
    if (Object.is(score, -0)) negativeZeros.push(member);
  }
  if (negativeZeros.length === 0 || result.encoding === 'listpack') return result;
  for (const member of negativeZeros) {
    result.delete(member);
    result.add(member, -0);
  }
  return result;
}

/**
 * Makes `result` the value of `destination`, whatever that held, or removes the key if the result is empty.
 * Returns the number of members. `changes` counts the whole store as one change unless said otherwise.
 */
export function storeZset(db: Database, destination: Bytes, result: ZSetValue, event: string, changes = 1): number {
  const { size } = result;
  if (size > 0) {
    db.putCollection(destination, result);
    db.changed(destination, NOTIFY_ZSET, event, changes);
  } else {
    result.dispose();
    if (db.remove(destination)) db.changed(destination, NOTIFY_GENERIC, 'del');
  }
  return size;
}
