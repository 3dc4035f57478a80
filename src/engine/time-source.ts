import type { Clock } from '../core/clock.js';
import type { Engine } from './engine.js';

/** How an engine changes over to another clock. */
export interface TimeSourceOptions {
  /**
   * What becomes of the TTLs. `remaining`, the default: a key that had five seconds left has five seconds left, whatever
   * the new clock shows. `absolute`: deadlines are times of day that stay, and whatever the new clock has passed expires.
   */
  deadlines?: 'remaining' | 'absolute';
}

/**
 * Gives an engine another clock while it runs. Waits and pauses go on for the rest of their time in any case, and use
 * stamps keep their age. O(keys with a TTL) for `remaining`.
 */
export function changeClock(engine: Engine, clock: Clock, { deadlines = 'remaining' }: TimeSourceOptions = {}): void {
  const ms = clock.now() - engine.now;
  engine.clock = clock;
  if (deadlines === 'remaining') for (const db of engine.databases) shiftDeadlines(engine, db.index, ms);
  engine.useClock.shift(-ms);
  engine.timers.shift(ms);
  engine.pauses.shift(ms);
  engine.startedAt += ms;
  engine.lastSaveAt += ms;
  engine.heartbeat.restart();
  engine.plainChanged();
}

function shiftDeadlines(engine: Engine, index: number, ms: number): void {
  const { keyspace } = engine.databases[index];
  const { expiries, watch } = keyspace;
  if (ms === 0 || expiries.size === 0) return;
  if (watch !== null) for (let i = 0; i < expiries.size; i++) watch.beforeChange(expiries.slot(i));
  expiries.shift(ms);
  if (!engine.propagates) return;
  for (let i = 0; i < expiries.size; i++) {
    const at = String(Math.trunc(expiries.deadline(i)));
    engine.propagate(index, ['PEXPIREAT', keyspace.keyOf(expiries.slot(i)), at]);
  }
}
