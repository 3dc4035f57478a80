import { SLOTS } from '../../core/crc16.js';
import type { Random } from '../../core/random.js';
import type { ClusterNode } from './cluster-node.js';
import type { ClusterReadFrom } from './cluster-options.js';

/** A primary and its replicas. */
export interface Shard {
  readonly primary: ClusterNode;
  readonly replicas: readonly ClusterNode[];
}

/** Which shard serves which slot, as far as is known. */
export class SlotMap {
  readonly #owners: (Shard | null)[] = new Array<Shard | null>(SLOTS).fill(null);
  #shards: readonly Shard[] = [];
  /** Grows with each change of who serves what. */
  version = 0;

  /** The shards that serve slots, in the order of their first slots. */
  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** How many slots somebody serves. */
  get covered(): number {
    return this.#owners.reduce((count, owner) => count + (owner === null ? 0 : 1), 0);
  }

  shardOf(slot: number): Shard | null {
    return this.#owners[slot]!;
  }

  /** The first slot that a shard serves; −1 if it serves none. */
  firstSlotOf(shard: Shard): number {
    return this.#owners.indexOf(shard);
  }

  /** Takes over a new map. Returns whether anything changed. */
  replace(owners: readonly (Shard | null)[]): boolean {
    let changed = false;
    for (let slot = 0; slot < SLOTS; slot++) {
      const owner = owners[slot] ?? null;
      changed ||= this.#owners[slot]?.primary !== owner?.primary;
      this.#owners[slot] = owner;
    }
    this.#index();
    if (changed) this.version++;
    return changed;
  }

  /** A node said that another one serves a slot. */
  move(slot: number, node: ClusterNode): void {
    if (this.#owners[slot]?.primary === node) return;
    this.#owners[slot] = this.#shards.find(({ primary }) => primary === node) ?? { primary: node, replicas: [] };
    this.#index();
    this.version++;
  }

  #index(): void {
    this.#shards = [...new Set(this.#owners)].filter((shard) => shard !== null);
  }
}

/** Whom to ask for a read in a shard. */
export function readerOf(shard: Shard, readFrom: ClusterReadFrom, random: Random): ClusterNode {
  if (readFrom === 'primary' || shard.replicas.length === 0) return shard.primary;
  const up = shard.replicas.filter((replica) => !replica.isDown);
  if (readFrom === 'nearest') {
    const candidates = shard.primary.isDown ? up : [shard.primary, ...up];
    return candidates.reduce(
      (best, node) => (node.latency < best.latency ? node : best),
      candidates[0] ?? shard.primary,
    );
  }
  if (up.length === 0) return readFrom === 'replica' ? shard.replicas[0]! : shard.primary;
  return up[up.length === 1 ? 0 : random.below(up.length)]!;
}
