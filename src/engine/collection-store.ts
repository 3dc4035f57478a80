import type { KeyspaceHost } from './keyspace-host.js';
import type { Collection } from './value.js';
import type { Lineage } from './values/lineage.js';
import { ListValue } from './values/list.js';
import { StreamValue } from './values/stream.js';

const ALL_OWNED = new Uint8Array(0);

/**
 * The collections of a keyspace, by number. After a fork both sides have the same objects: whoever is the first to
 * change one makes a copy of it with his own meter, and what he deletes he only forgets. The copy of a large hash or set
 * shares its table again; of sorted sets 12 bytes a member are copied, of lists and streams all bytes.
 */
export class CollectionStore {
  readonly #host: KeyspaceHost;
  #values: (Collection | undefined)[] = [];
  #free: number[] = [];
  /** 1 for a number whose object is not shared. Numbers beyond the end were created after the last fork. */
  #owned: Uint8Array = ALL_OWNED;
  /** Whether both arrays may be shared with a fork. */
  #shared = false;
  #lineage: Lineage | null = null;
  /** Objects that came with a fork account to another engine's meter and are never changed in place. */
  #foreign = false;

  constructor(host: KeyspaceHost) {
    this.#host = host;
  }

  /** The collection for reading. O(1). */
  get(index: number): Collection {
    return this.#values[index]!;
  }

  /** The collection for writing. O(1), or O(size) the first time after a fork. */
  getToChange(index: number): Collection {
    if (this.#owned !== ALL_OWNED) this.#own(index);
    return this.#values[index]!;
  }

  add(value: Collection): number {
    if (this.#shared) this.#part();
    const index = this.#free.pop() ?? this.#values.length;
    this.#values[index] = value;
    if (index < this.#owned.length) this.#owned[index] = 1;
    return index;
  }

  /** Removes a collection in order to move it to another keyspace of the same engine. */
  take(index: number): Collection {
    const value = this.getToChange(index);
    this.#forget(index);
    return value;
  }

  drop(index: number): void {
    this.#release(index);
    this.#forget(index);
  }

  /** Returns all memory to the meter; the store must not be used afterwards. O(collections). */
  dispose(): void {
    for (let index = 0; index < this.#values.length; index++) if (this.#values[index]) this.#release(index);
    this.#values = [];
    this.#free = [];
    this.#keepAll();
  }

  /** A store with the same collections. O(collections / 8192): eight bytes to clear per thousand, no object is looked at. */
  fork(host: KeyspaceHost, lineage: Lineage, parents: Lineage): CollectionStore {
    const twin = new CollectionStore(host);
    twin.#values = this.#values;
    twin.#free = this.#free;
    twin.#lineage = lineage;
    twin.#foreign = true;
    this.#lineage = parents;
    for (const store of [this, twin]) {
      store.#shared = true;
      store.#owned = new Uint8Array(this.#values.length);
    }
    return twin;
  }

  #own(index: number): void {
    if (index >= this.#owned.length || this.#owned[index] !== 0) return;
    if (this.#isAlone()) {
      this.#keepAll();
      return;
    }
    if (this.#shared) this.#part();
    const { meter } = this.#host;
    const shared = this.#values[index]!;
    meter.sub(shared.memoryBytes);
    this.#values[index] = forkOf(shared, this.#host);
    this.#owned[index] = 1;
    this.#lineage!.parted();
  }

  /** Shared objects are not this store's to dispose of: only the meter is updated. */
  #release(index: number): void {
    const value = this.#values[index]!;
    const shared = index < this.#owned.length && this.#owned[index] === 0 && !this.#isAlone();
    if (shared) this.#host.meter.sub(value.memoryBytes);
    else value.dispose();
  }

  #forget(index: number): void {
    if (this.#shared) this.#part();
    this.#values[index] = undefined;
    this.#free.push(index);
    if (index < this.#owned.length) this.#owned[index] = 1;
  }

  #isAlone(): boolean {
    return !this.#foreign && this.#lineage!.alone;
  }

  /** Makes the arrays this store's own. O(collections). */
  #part(): void {
    this.#values = this.#values.slice();
    this.#free = this.#free.slice();
    this.#shared = false;
    this.#lineage!.parted();
  }

  #keepAll(): void {
    this.#shared = false;
    this.#owned = ALL_OWNED;
  }
}

/** As `copyOf`, with all elements in the same places, so that what is drawn at random is the same. */
function forkOf(value: Collection, host: KeyspaceHost): Collection {
  if (value instanceof ListValue || value instanceof StreamValue) return copyOf(value, host);
  return value.fork(host.valueContext);
}

/** A collection of its own that belongs to `host`. O(size). */
export function copyOf(value: Collection, host: KeyspaceHost): Collection {
  return value.clone(host.valueContext);
}
