/** Notified of changes to a keyspace's slots, before they happen: a snapshot that is being written. */
export interface SlotWatch {
  /** The key, value or TTL of a slot may be about to change. */
  beforeChange(slot: number): void;
  /** A slot holds a new key. */
  added(slot: number): void;
  beforeClear(): void;
}

/** Several watchers of one keyspace: two snapshots at a time. */
class SlotWatchers implements SlotWatch {
  readonly all: readonly SlotWatch[];

  constructor(all: readonly SlotWatch[]) {
    this.all = all;
  }
  beforeChange(slot: number): void {
    for (const watch of this.all) watch.beforeChange(slot);
  }
  added(slot: number): void {
    for (const watch of this.all) watch.added(slot);
  }
  beforeClear(): void {
    for (const watch of this.all) watch.beforeClear();
  }
}

const listOf = (watch: SlotWatch | null): readonly SlotWatch[] =>
  watch === null ? [] : watch instanceof SlotWatchers ? watch.all : [watch];

const oneOf = (all: readonly SlotWatch[]): SlotWatch | null =>
  all.length > 1 ? new SlotWatchers(all) : (all[0] ?? null);

/** The watchers with one more. */
export function withWatch(watch: SlotWatch | null, another: SlotWatch): SlotWatch | null {
  return oneOf([...listOf(watch), another]);
}

/** The watchers without one. */
export function withoutWatch(watch: SlotWatch | null, one: SlotWatch): SlotWatch | null {
  return oneOf(listOf(watch).filter((other) => other !== one));
}
