import type { dumpCommands } from '../../commands/dump.js';
import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, OK, type Reply, replyErrors } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC } from '../notify.js';
import { dumpValue, isDumpPayload, restoreValue } from '../rdb/dump-payload.js';
import type { LoadedValue } from '../rdb/load-value.js';
import { RdbError } from '../rdb/rdb-error.js';
import * as rdb from '../rdb/rdb-type.js';
import type { EngineSession } from '../session.js';

const busyKey = new ErrorReply('BUSYKEY Target key name already exists.');
const wrongTtl = new ErrorReply('ERR Invalid TTL value, must be >= 0');
const wrongPayload = new ErrorReply('ERR DUMP payload version or checksum are wrong');
const badData = new ErrorReply('ERR Bad data format');

interface RestoreParams {
  key: Bytes;
  ttl: Bytes;
  payload: Bytes;
  replace?: true;
  absTtl?: true;
  idleTime?: number;
  frequency?: number;
}

function readTtl(text: Bytes): number {
  const ttl = parseInteger(text);
  if (ttl === null) throw replyErrors.notInteger;
  if (ttl < 0) throw wrongTtl;
  return Number(ttl);
}

function readPayload({ engine }: EngineSession, payload: Bytes): LoadedValue {
  if (!isDumpPayload(payload, !engine.skipChecksums, engine.settings.serverVersion)) throw wrongPayload;
  try {
    const value = restoreValue(payload, engine.valueContext);
    if (value !== null) return value;
  } catch (thrown) {
    if (!(thrown instanceof RdbError)) throw thrown;
    engine.surroundings.log('warning', `RESTORE: ${thrown.message}: ${kindOfPayload(payload)}integrity check failed.`);
  }
  throw badData;
}

/** What the log calls an encoding that several values have in common, as Redis does. */
const payloadKinds: Readonly<Record<number, string>> = {
  [rdb.HASH_ZIPMAP]: 'Zipmap ',
  [rdb.LIST_ZIPLIST]: 'List ziplist ',
  [rdb.SET_INTSET]: 'Intset ',
  [rdb.ZSET_ZIPLIST]: 'Zset ziplist ',
  [rdb.HASH_ZIPLIST]: 'Hash ziplist ',
  [rdb.STREAM_LISTPACKS]: 'Stream listpack ',
  [rdb.HASH_LISTPACK]: 'Hash listpack ',
  [rdb.ZSET_LISTPACK]: 'Zset listpack ',
  [rdb.STREAM_LISTPACKS_2]: 'Stream listpack ',
  [rdb.STREAM_LISTPACKS_3]: 'Stream listpack ',
};

function kindOfPayload(payload: Bytes): string {
  return payloadKinds[payload.charCodeAt(0)] ?? '';
}

function restore(call: EngineSession, params: RestoreParams): Reply {
  const { db, engine } = call;
  const { key } = params;
  if (!params.replace && db.lookupWrite(key) >= 0) throw busyKey;
  const ttl = readTtl(params.ttl);
  const value = readPayload(call, params.payload);
  const existed = params.replace === true && db.remove(key);
  const deadline = ttl === 0 ? null : params.absTtl ? ttl : ttl + Math.floor(engine.now);
  if (deadline !== null && db.isPast(deadline)) {
    // It has already expired: nothing is created.
    if (typeof value !== 'string') value.dispose();
    if (existed) {
      db.changed(key, NOTIFY_GENERIC, 'del');
      const lazy = engine.commands.since.v72 && engine.config.flag('lazyfree-lazy-server-del');
      engine.propagate(db.index, [lazy ? 'UNLINK' : 'DEL', key]);
    }
    return OK;
  }
  if (typeof value === 'string') db.putString(key, value);
  else db.putCollection(key, value);
  const slot = db.keyspace.find(key);
  if (deadline !== null) db.keyspace.setDeadline(slot, deadline);
  stamp(call, slot, params);
  db.changed(key, NOTIFY_GENERIC, 'restore');
  engine.propagate(db.index, absolute(call.argv, deadline, params.absTtl));
  return OK;
}

/** How long ago or how often the key was used, where that is what the eviction policy goes by. */
function stamp(
  { db, engine: { useClock } }: EngineSession,
  slot: number,
  { idleTime, frequency }: RestoreParams,
): void {
  if (useClock.lfu) {
    if (frequency !== undefined) db.keyspace.setStamp(slot, useClock.stampWithCounter(frequency));
  } else if (idleTime !== undefined) {
    db.keyspace.setStamp(slot, useClock.stampIdleFor(idleTime * 1000));
  }
}

/** The command with its deadline instead of a TTL. */
function absolute(argv: readonly Bytes[], deadline: number | null, isAbsolute: true | undefined): readonly Bytes[] {
  if (deadline === null || isAbsolute) return [...argv];
  return [...argv.slice(0, 2), String(deadline), ...argv.slice(3), 'ABSTTL'];
}

/** Handlers of DUMP and RESTORE. */
export const dumpHandlers: HandlersOf<typeof dumpCommands> = {
  dump({ db, engine }, { key }) {
    const slot = db.lookup(key);
    if (slot < 0) return null;
    return dumpValue(db.keyspace, slot, engine.settings.limits, engine.config.flag('rdbcompression'));
  },

  restore,

  restoreAsking: restore,
};
