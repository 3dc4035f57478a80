import type { Bytes } from '../../core/bytes.js';
import type { Database } from '../database.js';
import { NOTIFY_GENERIC, NOTIFY_SET } from '../notify.js';
import type { SetValue } from '../values/set.js';

/** Opens all the keys: every type is checked, even when an earlier key is absent. */
export function openSets(db: Database, keys: readonly Bytes[]): (SetValue | null)[] {
  return keys.map((key) => db.set(key));
}

/**
 * Visits the members that are in all sets, of which an absent one has none, until `visit` returns true.
 * O(members of the smallest × sets).
 */
export function intersect(sets: readonly (SetValue | null)[], visit: (member: Bytes) => boolean): void {
  const present = sets.filter((set) => set !== null);
  if (present.length < sets.length) return;
  present.sort((a, b) => a.size - b.size);
  const [smallest, ...others] = present.filter((set, i) => present.indexOf(set) === i);
  smallest.some((member) => others.every((set) => set.has(member)) && visit(member));
}

/** The set through whose members an intersection goes; null if one is absent. */
export function smallestOf(sets: readonly (SetValue | null)[]): SetValue | null {
  return sets.reduce((least, set) => (least === null || set === null || set.size < least.size ? set : least), sets[0]);
}

/** A new set of the members of all the sets. O(all members). */
export function union(db: Database, sets: readonly (SetValue | null)[]): SetValue {
  const result = db.newSet();
  for (const set of sets) {
    set?.forEach((member) => {
      result.add(member);
    });
  }
  return result;
}

/**
 * A new set of the first set's members that are in no other. The two ways to find them differ in the encoding that is
 * left, so the choice between them is Redis': members are looked up in the others while that costs no more than
 * half of what it would to add the first set and take the others away.
 */
export function difference(db: Database, sets: readonly (SetValue | null)[]): SetValue {
  const [first, ...rest] = sets;
  const others = rest.filter((set) => set !== null);
  const result = db.newSet();
  if (first === null || others.includes(first)) return result;
  const lookups = Math.floor((first.size * (others.length + 1)) / 2);
  const members = others.reduce((sum, set) => sum + set.size, first.size);
  if (lookups <= members) {
    others.sort((a, b) => b.size - a.size);
    first.forEach((member) => {
      if (!others.some((set) => set.has(member))) result.add(member);
    });
    return result;
  }
  first.forEach((member) => {
    result.add(member);
  });
  for (const set of others) {
    set.forEach((member) => {
      result.delete(member);
    });
    if (result.size === 0) break;
  }
  return result;
}

/** Puts a result at `destination`, which an empty one removes. Returns its size. */
export function storeSet(db: Database, destination: Bytes, result: SetValue, event: string): number {
  const { size } = result;
  db.peek(destination);
  if (size > 0) {
    db.putCollection(destination, result);
    db.changed(destination, NOTIFY_SET, event);
    return size;
  }
  result.dispose();
  if (db.remove(destination)) db.changed(destination, NOTIFY_GENERIC, 'del');
  return 0;
}
