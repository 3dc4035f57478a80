/** Told of what happens to a keyspace's slots, before it does: a snapshot that is being written. */
export interface SlotWatch {
  /** The key, value or TTL of a slot may be about to change. */
  beforeChange(slot: number): void;
  /** A slot holds a new key. */
  added(slot: number): void;
  beforeClear(): void;
}
