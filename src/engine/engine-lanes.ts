import type { Lanes } from '../backend/lanes.js';
import { commands } from '../commands/table.js';
import { bytesFromText } from '../core/bytes.js';
import { CollectionLanes } from './collection-lanes.js';
import * as meta from './entry-meta.js';
import * as gate from './lane-gate.js';

// See lane-gate.ts for why these are constants of this module.
const { EXPIRY, TYPE_STRING } = meta;
const { ABSENT, OTHER, LaneCommand } = gate;
const GET = new LaneCommand(commands.get);
const SET = new LaneCommand(commands.set);
const INCR = new LaneCommand(commands.incr);
const DEL = new LaneCommand(commands.del);
const EXISTS = new LaneCommand(commands.exists);
const EXPIRE = new LaneCommand(commands.expire);
const TTL = new LaneCommand(commands.ttl);

/**
 * The lanes of one session of an engine. They are open while `engine.plain` holds and the session is in no special
 * state; what they leave out is then not needed: admission, the parser, frozen time (a key with a TTL asks the clock),
 * events, effects and those who block.
 */
export class EngineLanes extends CollectionLanes implements Lanes {
  getText(key: string): string | null | undefined {
    if (!this.open()) return undefined;
    const slot = this.lookup(key, TYPE_STRING);
    if (slot === OTHER) return undefined;
    this.count(GET);
    return slot < 0 ? null : this.session.db.keyspace.textOf(slot);
  }

  set(key: string, value: string): true | undefined {
    if (!this.openForWrite()) return undefined;
    const { db } = this.session;
    const { keyspace } = db;
    const slot = this.slotOf(key);
    if (slot < 0) {
      db.putString(bytesFromText(key), bytesFromText(value));
    } else if (!keyspace.overwriteText(slot, value)) {
      if (keyspace.table.word(slot, EXPIRY) !== 0 && !this.#clearDeadline(slot)) return undefined;
      keyspace.useForText(slot, value);
    }
    this.countWrite(SET);
    return true;
  }

  setFor(key: string, value: string, ms: number): true | undefined {
    if (!this.openForWrite()) return undefined;
    const { db } = this.session;
    const { keyspace } = db;
    let slot = this.slotOf(key);
    const { now } = this.engine;
    if (slot < 0) {
      slot = db.putString(bytesFromText(key), bytesFromText(value));
    } else {
      const old = keyspace.deadline(slot);
      if (old !== null && now > old) return undefined;
      if (!keyspace.overwriteText(slot, value, true)) keyspace.useForText(slot, value);
    }
    keyspace.setDeadline(slot, Math.floor(now) + ms);
    this.countWrite(SET);
    return true;
  }

  incr(key: string): number | undefined {
    if (!this.openForWrite()) return undefined;
    const { keyspace } = this.session.db;
    const slot = this.lookupWrite(key, TYPE_STRING);
    if (slot < 0 || !keyspace.isInt(slot)) return undefined;
    const value = keyspace.intOf(slot);
    if (typeof value === 'bigint' || value === Number.MAX_SAFE_INTEGER) return undefined;
    keyspace.setInt(slot, value + 1);
    this.countWrite(INCR);
    return value + 1;
  }

  del(key: string): 0 | 1 | undefined {
    if (!this.openForWrite()) return undefined;
    const { db } = this.session;
    const slot = this.slotOf(key);
    if (slot < 0) {
      this.count(DEL);
      return 0;
    }
    if (db.isDue(slot)) return undefined;
    db.keyspace.remove(slot);
    this.countWrite(DEL);
    return 1;
  }

  exists(key: string): 0 | 1 | undefined {
    if (!this.open()) return undefined;
    const slot = this.#peek(key);
    if (slot === OTHER) return undefined;
    this.count(EXISTS);
    return slot < 0 ? 0 : 1;
  }

  expire(key: string, seconds: number): 0 | 1 | undefined {
    if (!this.openForWrite()) return undefined;
    const { db } = this.session;
    const { keyspace } = db;
    const slot = this.slotOf(key);
    if (slot >= 0) {
      const { now } = this.engine;
      const old = keyspace.deadline(slot);
      if (old !== null && now > old) return undefined;
      keyspace.touch(slot);
      keyspace.setDeadline(slot, Math.floor(now) + seconds * 1000);
      this.countWrite(EXPIRE);
      return 1;
    }
    this.count(EXPIRE);
    return 0;
  }

  ttl(key: string): number | undefined {
    if (!this.open()) return undefined;
    const slot = this.#peek(key);
    if (slot === OTHER) return undefined;
    this.count(TTL);
    if (slot < 0) return -2;
    const at = this.session.db.keyspace.deadline(slot);
    return at === null ? -1 : Math.floor((Math.max(0, Math.floor(at - this.engine.now)) + 500) / 1000);
  }

  /** As `db.lookupUntouched`; OTHER, and nothing counted, if the key has expired. */
  #peek(key: string): number {
    const { db } = this.session;
    const slot = this.slotOf(key);
    const { stats } = this.engine;
    if (slot < 0) {
      stats.keyspaceMisses++;
      return ABSENT;
    }
    if (db.isDue(slot)) return OTHER;
    stats.keyspaceHits++;
    return slot;
  }

  /** False, and nothing done, if the key has expired. */
  #clearDeadline(slot: number): boolean {
    const { db } = this.session;
    if (db.isDue(slot)) return false;
    db.keyspace.clearDeadline(slot);
    return true;
  }
}
