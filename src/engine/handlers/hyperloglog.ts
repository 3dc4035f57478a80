import type { hyperloglogCommands } from '../../commands/hyperloglog.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { ErrorReply, OK, type Reply, Status } from '../../core/reply.js';
import type { Database } from '../database.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_STRING } from '../notify.js';
import type { EngineSession } from '../session.js';
import { CorruptedHllError, estimateRegisters, HyperLogLog } from '../values/hyperloglog.js';
import { REGISTERS } from '../values/hyperloglog-hash.js';
import { selfTestHyperLogLog } from '../values/hyperloglog-selftest.js';

const notHyperLogLog = new ErrorReply('WRONGTYPE Key is not a valid HyperLogLog string value.');
const corrupted = new ErrorReply('INVALIDOBJ Corrupted HLL object detected');
const noKey = new ErrorReply('ERR The specified key does not exist');
const notSparse = new ErrorReply('ERR HLL encoding is not sparse');

/** Handlers of the HyperLogLog group. */
export const hyperloglogHandlers: HandlersOf<typeof hyperloglogCommands> = {
  pfadd({ db, engine }, { key, elements }) {
    let slot = db.stringSlotForWrite(key);
    let updated = 0;
    if (slot < 0) {
      slot = addEmpty(db, key);
      updated++;
    }
    change(db, slot, (hll) => {
      for (const element of elements) if (hll.add(element, engine.settings.hllSparseMaxBytes)) updated++;
      if (updated > 0) hll.invalidate();
    });
    if (updated > 0) db.changed(key, NOTIFY_STRING, 'pfadd', updated);
    return updated > 0 ? 1 : 0;
  },

  pfcount(call, { keys }) {
    if (keys.length === 1) return countOne(call, keys[0]);
    const registers = new Uint8Array(REGISTERS);
    mergeKeys(call.db, keys, registers);
    return estimateRegisters(registers);
  },

  pfdebug(call, { subcommand, key }) {
    const { db } = call;
    const slot = db.stringSlotForWrite(key);
    if (slot < 0) throw noKey;
    return change(db, slot, (hll) => inspect(call, hll, subcommand));
  },

  pfmerge({ db, engine }, { destination, sources }) {
    const registers = new Uint8Array(REGISTERS);
    const dense = mergeKeys(db, [destination, ...sources], registers);
    let slot = db.lookupWrite(destination);
    if (slot < 0) slot = addEmpty(db, destination);
    change(db, slot, (hll) => {
      if (dense) hll.toDense();
      for (let i = 0; i < REGISTERS; i++) {
        if (registers[i] > 0) hll.raise(i, registers[i], engine.settings.hllSparseMaxBytes);
      }
      hll.invalidate();
    });
    db.changed(destination, NOTIFY_STRING, 'pfadd');
    return OK;
  },

  pfselftest({ engine }) {
    const failure = selfTestHyperLogLog(engine.random, engine.settings.hllSparseMaxBytes);
    if (failure !== null) throw new ErrorReply(`ERR ${failure}`);
    return OK;
  },
};

function addEmpty(db: Database, key: Bytes): number {
  const slot = db.putString(key, '');
  const { bytes } = HyperLogLog.empty();
  db.keyspace.resizeString(slot, bytes.length).set(bytes);
  return slot;
}

/** The HyperLogLog in a slot that holds a string, to be read. */
function open({ keyspace }: Database, slot: number): HyperLogLog {
  const hll = keyspace.isInt(slot) ? null : HyperLogLog.open(keyspace.viewString(slot));
  if (hll === null) throw notHyperLogLog;
  return hll;
}

/** Lets `work` change the HyperLogLog in a slot, in place where it can; what it did stays even if it throws. */
function change<T>(db: Database, slot: number, work: (hll: HyperLogLog) => T): T {
  open(db, slot);
  const { keyspace } = db;
  const view = keyspace.resizeString(slot, keyspace.stringLength(slot));
  const hll = HyperLogLog.open(view)!;
  try {
    return guarded(() => work(hll));
  } finally {
    const { bytes } = hll;
    if (bytes.buffer !== view.buffer || bytes.byteOffset !== view.byteOffset) {
      keyspace.resizeString(slot, bytes.length).set(bytes);
    } else if (bytes.length !== view.length) {
      const copy = bytes.slice();
      keyspace.resizeString(slot, copy.length).set(copy);
    }
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof CorruptedHllError ? corrupted : thrown;
  }
}

/** Raises `registers` to those of all the keys, absent ones skipped; true if one of them is dense. */
function mergeKeys(db: Database, keys: readonly Bytes[], registers: Uint8Array): boolean {
  let dense = false;
  for (const key of keys) {
    const slot = db.stringSlot(key);
    if (slot < 0) continue;
    const hll = open(db, slot);
    dense ||= hll.encoding === 'dense';
    guarded(() => hll.mergeInto(registers));
  }
  return dense;
}

/** A read that stores its result: watchers and copies must learn of it. */
function countOne({ db, engine, argv }: EngineSession, key: Bytes): Reply {
  const slot = db.stringSlot(key);
  if (slot < 0) return 0;
  return change(db, slot, (hll) => {
    const { cached } = hll;
    if (cached !== null) return cached;
    const count = hll.refresh();
    db.modified(key);
    engine.dirty++;
    engine.propagate(db.index, argv);
    return count;
  });
}

function inspect({ engine }: EngineSession, hll: HyperLogLog, subcommand: Bytes): Reply {
  switch (subcommand.toLowerCase()) {
    case 'getreg':
      if (hll.toDense()) engine.dirty++;
      return Array.from(hll.registers());
    case 'decode':
      if (hll.encoding !== 'sparse') throw notSparse;
      return hll.describe();
    case 'encoding':
      return new Status(hll.encoding);
    case 'todense': {
      const converted = hll.toDense();
      if (converted) engine.dirty++;
      return converted ? 1 : 0;
    }
    default:
      throw new ErrorReply(`ERR Unknown PFDEBUG subcommand '${asCString(subcommand)}'`);
  }
}
