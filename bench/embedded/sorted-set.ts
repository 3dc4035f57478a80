import { Random } from '../../src/core/random.js';
import { embedded } from '../../src/embedded.js';

export interface SortedSetTiming {
  name: string;
  micros: number;
}

const CALLS = 100_000;
/** Batches of so many calls; the time is that of the fastest tenth, which other programs disturbed least. */
const BATCH = 1000;

/** Whole calls of the synchronous face on one sorted set of so many members. */
export function sortedSetTimings(members: number): SortedSetTiming[] {
  const { sync } = embedded({ seed: 1 });
  const random = new Random(2);
  const name = (i: number): string => `member:${String(i).padStart(9, '0')}`;
  const timings: SortedSetTiming[] = [];
  const time = (title: string, calls: number, call: (i: number) => unknown): void => {
    const batches: number[] = [];
    for (let i = 0; i < calls; ) {
      const start = process.hrtime.bigint();
      for (const end = Math.min(calls, i + BATCH); i < end; i++) call(i);
      batches.push(Number(process.hrtime.bigint() - start) / 1000 / BATCH);
    }
    batches.sort((a, b) => a - b);
    timings.push({ name: title, micros: batches[Math.floor(batches.length / 10)]! });
  };
  // Any member, whatever was dealt with before.
  const any = (): string => name(random.below(members));
  time('insert', members, (i) => sync.zadd('z', name(i), random.unit()));
  time('rank', CALLS, () => sync.zrank('z', any()));
  time('range of 10', CALLS, () => {
    const start = random.below(members - 10);
    return sync.zrange('z', start, start + 9);
  });
  time('score', CALLS, () => sync.zscore('z', any()));
  time('update', CALLS, () => sync.zadd('z', any(), random.unit()));
  time('delete', CALLS, (i) => sync.zrem('z', name(i)));
  return timings;
}
