import type { Metric } from '../../commands/slot-stats-term.js';
import { keySlot, SLOTS } from '../../core/crc16.js';
import { MapReply, type Reply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { EngineSession } from '../session.js';

/** What the commands on the keys of each slot cost. Kept while `cluster-slot-stats-enabled`. */
export class SlotStats {
  readonly #micros = new Float64Array(SLOTS);
  readonly #received = new Float64Array(SLOTS);
  readonly #sent = new Float64Array(SLOTS);

  /** A request that has come over a connection. */
  received({ slot, sink }: EngineSession, argv: readonly string[]): void {
    if (sink.stats.inputBytes === undefined) return;
    let bytes = 3 + digits(argv.length);
    for (const { length } of argv) bytes += 5 + digits(length) + length;
    this.#received[slot]! += bytes;
  }

  /** A reply that goes out over a connection. */
  sent(slot: number, bytes: number): void {
    this.#sent[slot]! += bytes;
  }

  /** Time that a command took. */
  took(slot: number, micros: number): void {
    this.#micros[slot]! += micros;
  }

  of(slot: number): [metric: Metric, value: number][] {
    return [
      ['cpu-usec', Math.round(this.#micros[slot]!)],
      ['network-bytes-in', this.#received[slot]!],
      ['network-bytes-out', this.#sent[slot]!],
    ];
  }

  reset(): void {
    for (const values of [this.#micros, this.#received, this.#sent]) values.fill(0);
  }
}

function digits(count: number): number {
  return String(count).length;
}

/** How many keys each slot has. No index is kept, which every write would pay for: O(keys). */
function keyCounts(engine: Engine): Int32Array {
  const counts = new Int32Array(SLOTS);
  const { keyspace } = engine.databases[0]!;
  keyspace.table.forEach((at) => {
    counts[keySlot(keyspace.keyOf(at))]!++;
  });
  return counts;
}

/** The figures of some slots, in their order. O(keys + slots). */
export function slotReplies(engine: Engine, stats: SlotStats | null, slots: readonly number[]): Reply[] {
  const counts = keyCounts(engine);
  return slots.map((slot) => [slot, new MapReply(['key-count', counts[slot]!, ...(stats?.of(slot).flat() ?? [])])]);
}

/** Slots by one of their figures, equal ones by their numbers. O(keys + slots · log slots). */
export function slotsBy(
  engine: Engine,
  stats: SlotStats | null,
  slots: readonly number[],
  { metric, ascending }: { metric: Metric; ascending: boolean },
): number[] {
  const counts = keyCounts(engine);
  const value = (slot: number): number =>
    metric === 'key-count' ? counts[slot]! : (stats?.of(slot).find(([name]) => name === metric)?.[1] ?? 0);
  const figures = new Map(slots.map((slot) => [slot, value(slot)]));
  const sign = ascending ? 1 : -1;
  return [...slots].sort((a, b) => sign * (figures.get(a)! - figures.get(b)!) || a - b);
}
