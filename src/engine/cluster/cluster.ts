import type { Bytes } from '../../core/bytes.js';
import { keySlot, SLOTS } from '../../core/crc16.js';
import { sha1Hex } from '../../core/sha1.js';
import type { Engine } from '../engine.js';
import { SlotStats } from './slot-stats.js';

/** A node that this one knows. */
export interface ClusterNode {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/**
 * What a node of a cluster knows: which node serves which slot, and which slots are on their way. There is no bus
 * between nodes: others are known only if they were told (`know`).
 *
 * A new node serves every slot, so that cluster clients can use it at once. The first CLUSTER ADDSLOTS takes that back:
 * from then on it serves what it was told to.
 */
export class Cluster {
  id: string;
  /** Who serves a slot; null: nobody. */
  readonly owners: (string | null)[] = new Array(SLOTS).fill(null);
  /** Where slots of this node are moved to, and where slots on their way to it come from. */
  readonly migrating = new Map<number, string>();
  readonly importing = new Map<number, string>();
  readonly nodes = new Map<string, ClusterNode>();
  epoch = 1;
  currentEpoch = 1;
  #slotStats: SlotStats | null = null;
  #byDefault = true;
  #served = 0;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.id = engine.random.hex(40);
    this.serveAll();
  }

  /** What is measured by slot; null unless `cluster-slot-stats-enabled`, and forgotten when that is switched off. */
  get slotStats(): SlotStats | null {
    if (!this.#engine.settings.slotStats) this.#slotStats = null;
    else this.#slotStats ??= new SlotStats();
    return this.#slotStats;
  }

  /** Of the shard that the node makes up, since there are no replicas of it that would share it. */
  get shardId(): string {
    return sha1Hex(`shard of ${this.id}`);
  }

  serveAll(): void {
    this.owners.fill(this.id);
    this.#served = SLOTS;
    this.#byDefault = true;
  }

  /** How many slots are served by some node. */
  get assigned(): number {
    return this.#served;
  }

  /** Whether commands with keys are carried out. */
  get ok(): boolean {
    return this.#served === SLOTS || !this.#engine.config.flag('cluster-require-full-coverage');
  }

  /** Nodes that serve slots. */
  get size(): number {
    return new Set(this.owners.filter((owner) => owner !== null)).size;
  }

  owns(slot: number): boolean {
    return this.owners[slot] === this.id;
  }

  /** Slots are about to be told by hand: those served by default are served no more. */
  beginByHand(): void {
    if (this.#byDefault) this.clear();
  }

  get byDefault(): boolean {
    return this.#byDefault;
  }

  setOwner(slot: number, owner: string | null): void {
    this.#byDefault = false;
    this.#served += (owner === null ? 0 : 1) - (this.owners[slot] === null ? 0 : 1);
    this.owners[slot] = owner;
    if (owner !== this.id) this.migrating.delete(slot);
    else this.importing.delete(slot);
  }

  /** Nobody serves any slot. */
  clear(): void {
    this.#byDefault = false;
    this.owners.fill(null);
    this.#served = 0;
    this.migrating.clear();
    this.importing.clear();
  }

  /** CLUSTER RESET: as new. `hard`: under another id. */
  reset(hard: boolean): void {
    this.nodes.clear();
    this.clear();
    if (hard) {
      this.id = this.#engine.random.hex(40);
      this.epoch = 0;
      this.currentEpoch = 0;
    }
    this.serveAll();
  }

  /** Lets this node know another one, to which it may redirect clients. */
  know(node: ClusterNode): void {
    this.nodes.set(node.id, node);
  }

  knows(id: string): boolean {
    return id === this.id || this.nodes.has(id);
  }

  /** Runs of slots that a node serves. O(slots). */
  rangesOf(id: string): [start: number, end: number][] {
    const ranges: [number, number][] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.owners[slot] !== id) continue;
      const last = ranges[ranges.length - 1];
      if (last !== undefined && last[1] === slot - 1) last[1] = slot;
      else ranges.push([slot, slot]);
    }
    return ranges;
  }

  /** The keys of a slot, at most `limit`. No index is kept, which every write would pay for: O(keys of the database). */
  keysIn(slot: number, limit = Infinity): Bytes[] {
    const { keyspace } = this.#engine.databases[0];
    const found: Bytes[] = [];
    if (limit <= 0) return found;
    keyspace.table.some((at) => {
      const key = keyspace.keyOf(at);
      if (keySlot(key) === slot) found.push(key);
      return found.length >= limit;
    });
    return found;
  }
}
