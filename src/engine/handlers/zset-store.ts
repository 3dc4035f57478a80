import type { Bytes } from '../../core/bytes.js';
import type { Database } from '../database.js';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from '../notify.js';
import type { ZSetValue } from '../values/zset.js';

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
