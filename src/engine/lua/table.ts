import { LuaError } from './error.js';
import { charge } from './stack.js';
import type { LuaValue } from './value.js';

/** Most elements of one table's array part or hash part. */
const ELEMENTS_MAX = 2 ** 24;

/**
 * A Lua table. Keys 1…n live in an array, all others in a Map; an entry that is set to nil while it may be
 * under traversal stays as a tombstone, so that `next` finds its way.
 */
export class LuaTable {
  readonly typeName: 'table' | 'userdata' = 'table';
  list: LuaValue[] = [];
  map: Map<LuaValue, LuaValue> | null = null;
  meta: LuaTable | null = null;
  /** Scripts cannot change it. */
  readonly = false;
  #tombstones = 0;
  /** Where the last traversal stands: the key it gave, and what comes after it. */
  #walkKey: LuaValue = undefined;
  #walk: Iterator<[LuaValue, LuaValue]> | null = null;

  static from(entries: Readonly<Record<string, LuaValue>>): LuaTable {
    const table = new LuaTable();
    for (const [key, value] of Object.entries(entries)) table.set(key, value);
    return table;
  }

  static ofList(list: LuaValue[]): LuaTable {
    const table = new LuaTable();
    table.list = list;
    table.#trim();
    return table;
  }

  /** Without metamethods. O(1). */
  get(key: LuaValue): LuaValue {
    if (typeof key === 'number') {
      const value = this.list[key - 1];
      if (value !== undefined) return value;
    }
    return this.map === null ? undefined : this.map.get(key);
  }

  getText(key: string): LuaValue {
    return this.map === null ? undefined : this.map.get(key);
  }

  /** Without metamethods; the key must be neither nil nor NaN. O(1). */
  set(key: LuaValue, value: LuaValue): void {
    if (typeof key === 'number') {
      const { list } = this;
      if (key > 0 && key <= list.length && Number.isInteger(key)) {
        list[key - 1] = value;
        if (value === undefined && key === list.length) this.#trim();
        return;
      }
      if (key === list.length + 1) {
        if (value !== undefined) this.#append(value);
        else this.#setMap(key, value);
        return;
      }
    }
    this.#setMap(key, value);
  }

  #append(value: LuaValue): void {
    const { list, map } = this;
    if (list.length >= ELEMENTS_MAX) throw new LuaError('table overflow');
    charge(16);
    list.push(value);
    if (map === null || map.size === 0) return;
    // What follows may have been waiting in the map.
    map.delete(list.length);
    for (let next = map.get(list.length + 1); next !== undefined; next = map.get(list.length + 1)) {
      map.delete(list.length + 1);
      list.push(next);
    }
  }

  #setMap(key: LuaValue, value: LuaValue): void {
    this.map ??= new Map();
    const { map } = this;
    if (value === undefined) {
      if (map.get(key) === undefined) return;
      map.set(key, undefined);
      this.#tombstones++;
      return;
    }
    const size = map.size;
    map.set(key, value);
    if (map.size === size) return;
    charge(64);
    if (size >= ELEMENTS_MAX) throw new LuaError('table overflow');
    if (this.#tombstones > 8 && this.#tombstones > size / 2) this.#bury();
  }

  #bury(): void {
    for (const [key, value] of this.map!) if (value === undefined) this.map!.delete(key);
    this.#tombstones = 0;
    this.#walk = null;
  }

  #trim(): void {
    const { list } = this;
    while (list.length > 0 && list[list.length - 1] === undefined) list.pop();
  }

  /** A border: n such that n is set and n + 1 is not. */
  get length(): number {
    return this.list.length;
  }

  /** The entry after `key`, in an order that lasts while no key is added; null at the end. O(1) in traversals. */
  next(key: LuaValue): [LuaValue, LuaValue] | null {
    const { list, map } = this;
    let at = 0;
    if (key !== undefined) {
      if (typeof key === 'number' && Number.isInteger(key) && key > 0 && key <= list.length) at = key;
      else if (typeof key === 'number' && key === list.length + 1 && map?.has(key) !== true) at = list.length;
      else return this.#nextInMap(key);
    }
    for (; at < list.length; at++) if (list[at] !== undefined) return [at + 1, list[at]];
    if (map === null) return null;
    this.#walk = map.entries();
    return this.#advance();
  }

  #nextInMap(key: LuaValue): [LuaValue, LuaValue] | null {
    const { map } = this;
    if (map === null) {
      if (typeof key === 'number') return null;
      throw new LuaError("invalid key to 'next'");
    }
    if (this.#walk === null || this.#walkKey !== key) {
      if (!map.has(key)) throw new LuaError("invalid key to 'next'");
      this.#walk = map.entries();
      for (let step = this.#walk.next(); !step.done && step.value[0] !== key; ) step = this.#walk.next();
    }
    return this.#advance();
  }

  #advance(): [LuaValue, LuaValue] | null {
    for (let step = this.#walk!.next(); !step.done; step = this.#walk!.next()) {
      if (step.value[1] === undefined) continue;
      this.#walkKey = step.value[0];
      return step.value;
    }
    this.#walk = null;
    return null;
  }

  /** All entries, for the libraries. */
  *entries(): Generator<[LuaValue, LuaValue]> {
    for (let i = 0; i < this.list.length; i++) if (this.list[i] !== undefined) yield [i + 1, this.list[i]];
    if (this.map !== null) for (const entry of this.map) if (entry[1] !== undefined) yield entry;
  }
}
