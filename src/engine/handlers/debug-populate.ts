import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, OK, type Reply } from '../../core/reply.js';
import type { EngineSession } from '../session.js';

const notPositive = new ErrorReply('ERR value is out of range, must be positive');
/** Of a key's name at most this much is kept. */
const NAME_BYTES_MAX = 127;

function positive(text: Bytes): number {
  const value = parseInteger(text);
  if (value === null || value < 0) throw notPositive;
  return Number(value);
}

/** DEBUG POPULATE: `value:0`, `value:1` …, cut or filled with zero bytes to a size if one is given. */
export function populate({ db }: EngineSession, [count, prefix = 'key', size]: readonly Bytes[]): Reply {
  const keys = positive(count);
  const length = size === undefined ? 0 : positive(size);
  if (db.size === 0) db.keyspace.table.reserve(Math.min(keys, 2 ** 26));
  for (let i = 0; i < keys; i++) {
    const key = `${prefix}:${i}`.slice(0, NAME_BYTES_MAX);
    if (db.lookupWrite(key) >= 0) continue;
    const value = `value:${i}`;
    db.putString(key, length === 0 ? value : value.slice(0, length).padEnd(length, '\0'));
    db.modified(key);
  }
  return OK;
}
