import { throwLate } from '../../commands/precedence.js';
import type { setCommands } from '../../commands/set.js';
import type { Bytes } from '../../core/bytes.js';
import { compileGlob } from '../../core/glob.js';
import { type Reply, SetReply } from '../../core/reply.js';
import type { Database } from '../database.js';
import { TYPE_SET } from '../entry-meta.js';
import type { HandlersOf } from '../handler.js';
import { NOTIFY_GENERIC, NOTIFY_SET } from '../notify.js';
import type { EngineSession } from '../session.js';
import type { SetValue } from '../values/set.js';
import { drawsOf } from './random-count.js';
import { difference, intersect, openSets, smallestOf, storeSet, union } from './set-algebra.js';

const SCAN_COUNT = 10;
/** SPOP that leaves fewer than a fifth of what it takes builds the rest anew. */
const REBUILD_FACTOR = 5;

/** Handlers of the set group. */
export const setHandlers: HandlersOf<typeof setCommands> = {
  sadd({ db }, { key, members }) {
    const set = db.setForWrite(key) ?? db.addSet(key);
    set.expect(members.length, members[0]);
    let added = 0;
    for (const member of members) if (set.add(member)) added++;
    if (added > 0) db.changed(key, NOTIFY_SET, 'sadd', added);
    return added;
  },

  scard: ({ db }, { key }) => db.set(key)?.size ?? 0,

  sdiff: ({ db }, { keys }) => spend(difference(db, openSets(db, keys))),

  sdiffstore({ db }, { destination, keys }) {
    return storeSet(db, destination, difference(db, openSets(db, keys)), 'sdiffstore');
  },

  sinter({ db }, { keys }) {
    const members: Bytes[] = [];
    intersect(openSets(db, keys), (member) => {
      members.push(member);
      return false;
    });
    return new SetReply(members);
  },

  sintercard({ db }, { keys, limit = 0 }) {
    let count = 0;
    intersect(openSets(db, keys), () => ++count === limit);
    return count;
  },

  sinterstore({ db }, { destination, keys }) {
    const sets = openSets(db, keys);
    const result = db.newSet();
    if (smallestOf(sets)?.encoding !== 'intset') result.expectTexts();
    intersect(sets, (member) => {
      result.add(member);
      return false;
    });
    result.compactIntegers();
    return storeSet(db, destination, result, 'sinterstore');
  },

  sismember: ({ db }, { key, member }) => (db.set(key)?.has(member) ? 1 : 0),

  smembers: ({ db }, { key }) => new SetReply(db.set(key)?.members() ?? []),

  smismember({ db }, { key, members }) {
    const set = db.set(key);
    return members.map((member) => (set?.has(member) ? 1 : 0));
  },

  smove({ db }, { source, destination, member }) {
    const from = openSource(db, source, destination);
    if (from === null) return 0;
    const to = db.setForWrite(destination);
    if (from === to) return from.has(member) ? 1 : 0;
    if (!from.delete(member)) return 0;
    db.changed(source, NOTIFY_SET, 'srem');
    db.removeIfEmpty(source, from);
    const target = to ?? db.addSet(destination);
    if (to === null) target.expect(1, member);
    if (target.add(member)) db.changed(destination, NOTIFY_SET, 'sadd');
    return 1;
  },

  spop(call, { key, count }) {
    const { db, engine } = call;
    const set = db.setForWrite(key);
    if (count !== undefined) return set === null || count === 0 ? new SetReply([]) : popSome(call, key, set, count);
    if (set === null) return null;
    const member = set.pop(engine.random);
    db.changed(key, NOTIFY_SET, 'spop');
    engine.propagate(db.index, ['SREM', key, member]);
    db.removeIfEmpty(key, set);
    return member;
  },

  srandmember({ db, engine }, { key, count }) {
    const set = db.set(key);
    if (count === undefined) return set === null ? null : set.random(engine.random);
    if (set === null || count === 0) return [];
    if (count > 0) return set.sample(count, engine.random);
    return Array.from({ length: drawsOf(count) }, () => set.random(engine.random));
  },

  srem({ db }, { key, members }) {
    const set = db.setForWrite(key);
    if (set === null) return 0;
    let removed = 0;
    for (const member of members) if (set.delete(member)) removed++;
    if (removed > 0) {
      db.changed(key, NOTIFY_SET, 'srem', removed);
      db.removeIfEmpty(key, set);
    }
    return removed;
  },

  sscan({ db }, params) {
    const set = db.set(params.key);
    if (set === null) return ['0', []];
    throwLate(params);
    const { match, count = SCAN_COUNT } = params;
    const matches = match === undefined || match === '*' ? null : compileGlob(match);
    const members: Reply[] = [];
    const cursor = set.scan(params.cursor, count, (member) => {
      if (matches === null || matches(member)) members.push(member);
    });
    return [String(cursor), members];
  },

  sunion: ({ db }, { keys }) => spend(union(db, openSets(db, keys))),

  sunionstore({ db }, { destination, keys }) {
    return storeSet(db, destination, union(db, openSets(db, keys)), 'sunionstore');
  },
};

/** The members of a set that is no longer needed. */
function spend(set: SetValue): Reply {
  const members = set.members();
  set.dispose();
  return new SetReply(members);
}

/** SMOVE's source; while it is absent the type of the destination does not matter. */
function openSource(db: Database, source: Bytes, destination: Bytes): SetValue | null {
  if (db.peek(source) < 0) {
    db.lookupWrite(destination);
    return null;
  }
  return db.setForWrite(source);
}

/** SPOP with a count: 1 or more, from a set that is there. */
function popSome(call: EngineSession, key: Bytes, set: SetValue, count: number): Reply {
  const { db, engine } = call;
  const { size } = set;
  if (count >= size) {
    const members = set.sample(size, engine.random);
    db.remove(key);
    db.changed(key, NOTIFY_SET, 'spop', size);
    db.notify(NOTIFY_GENERIC, 'del', key);
    const lazy = engine.commands.since.v72 && engine.config.flag('lazyfree-lazy-server-del');
    engine.propagate(db.index, [lazy ? 'UNLINK' : 'DEL', key]);
    return new SetReply(members);
  }
  const remaining = size - count;
  const members = remaining * REBUILD_FACTOR > count ? popEach(call, set, count) : popMost(call, key, set, remaining);
  db.changed(key, NOTIFY_SET, 'spop', count);
  for (const member of members) engine.propagate(db.index, ['SREM', key, member]);
  return new SetReply(members);
}

function popEach({ engine }: EngineSession, set: SetValue, count: number): Bytes[] {
  return Array.from({ length: count }, () => set.pop(engine.random));
}

/** Replaces the set by a new one, in the encoding that fits what remains. */
function popMost({ db, engine }: EngineSession, key: Bytes, set: SetValue, remaining: number): Bytes[] {
  const kept = db.newSet();
  if (set.encoding !== 'intset') kept.expectTexts();
  for (const member of set.sample(remaining, engine.random)) {
    kept.add(member);
    set.delete(member);
  }
  const members = set.members();
  db.keyspace.putCollection(key, TYPE_SET, kept);
  return members;
}
