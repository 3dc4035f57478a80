import type { Clock } from '../core/clock.js';
import type { Engine } from './engine.js';

/** Options for changing the clock. */
export interface TimeSourceOptions {
  /**
   * What happens to TTLs. `remaining`, the default: a key that had five seconds left has five seconds left, whatever
   * the new clock shows. `absolute`: deadlines are times of day and stay; those that the new clock has passed expire.
   */
  deadlines?: 'remaining' | 'absolute';
}

/**
 * Changes the clock of a running engine. Waits and pauses always continue for their remaining time, and use stamps keep
 * their age. O(keys with a TTL) for `remaining`.
 */
export function changeClock(engine: Engine, clock: Clock, { deadlines = 'remaining' }: TimeSourceOptions = {}): void {
  const ms = clock.now() - engine.now;
  engine.clock = clock;
  if (deadlines === 'remaining') for (const db of engine.databases) shiftDeadlines(engine, db.index, ms);
  engine.useClock.shift(-ms);
  engine.timers.shift(ms);
  engine.blocking.clockChanged();
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
