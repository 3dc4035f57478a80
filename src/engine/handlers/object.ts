import { helpReply } from '../../commands/help.js';
import type { objectCommands } from '../../commands/object.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import type { Database } from '../database.js';
import { FORM_OWN, META, TYPE_STRING } from '../entry-meta.js';
import type { HandlersOf } from '../handler.js';
import type { EngineSession } from '../session.js';

const afterSwitch =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';
const idleUntracked = new ErrorReply(`ERR An LFU maxmemory policy is selected, idle time not tracked. ${afterSwitch}`);
const frequencyUntracked = new ErrorReply(
  `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${afterSwitch}`,
);

/** Redis shares one object for each of the integers below this. */
const SHARED_INTS = 10_000;
/** The reference count that Redis reports for shared objects. */
const SHARED_REFERENCES = 2 ** 31 - 1;

/** Looks a key up without stamping its use or notifying of a miss; null if absent. */
function ask({ db, engine }: EngineSession, key: Bytes, answer: (slot: number) => Reply): Reply {
  const slot = db.peek(key);
  if (slot < 0) {
    engine.stats.keyspaceMisses++;
    return null;
  }
  engine.stats.keyspaceHits++;
  return answer(slot);
}

function encodingOf({ keyspace }: Database, slot: number): string {
  return keyspace.typeOf(slot) === TYPE_STRING ? keyspace.stringEncoding(slot) : keyspace.collection(slot).encoding;
}

/** Handlers of OBJECT. */
export const objectHandlers: HandlersOf<typeof objectCommands> = {
  objectEncoding: (call, { key }) => ask(call, key, (slot) => encodingOf(call.db, slot)),

  objectFreq(call, { key }) {
    const { useClock } = call.engine;
    return ask(call, key, (slot) => {
      if (!useClock.lfu) throw frequencyUntracked;
      useClock.refresh();
      return useClock.counter(call.db.keyspace.stamp(slot));
    });
  },

  objectHelp: () => helpReply('object'),

  objectIdletime(call, { key }) {
    const { useClock } = call.engine;
    return ask(call, key, (slot) => {
      if (useClock.lfu) throw idleUntracked;
      return Math.floor(useClock.idleMs(call.db.keyspace.stamp(slot)) / 1000);
    });
  },

  objectRefcount(call, { key }) {
    const { maxmemory, maxmemoryPolicy } = call.engine.settings;
    // A policy that looks at the use of each value cannot share them.
    const sharing = maxmemory === 0 || !/l[rf]u$/.test(maxmemoryPolicy);
    return ask(call, key, (slot) => (sharing && isShared(call.db, slot) ? SHARED_REFERENCES : 1));
  },
};

function isShared({ keyspace }: Database, slot: number): boolean {
  if (keyspace.typeOf(slot) !== TYPE_STRING || !keyspace.isInt(slot)) return false;
  const value = keyspace.intOf(slot);
  return (keyspace.table.word(slot, META) & FORM_OWN) === 0 && value >= 0 && value < SHARED_INTS;
}
