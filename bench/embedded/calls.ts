import { embedded } from '../../src/embedded.js';

/** One operation on keyspan, and the same on what it is compared with. Each is given a running number. */
export interface Call {
  name: string;
  keyspan(i: number): unknown;
  map?: (i: number) => unknown;
  mock?: (mock: Mock, i: number) => Promise<unknown>;
  /** At most so many times what a bare Map takes. */
  gate?: number;
}

export type Mock = Readonly<Record<string, (...args: (string | number)[]) => Promise<unknown>>>;

export interface Timing {
  name: string;
  keyspan_ns: number;
  map_ns: number | null;
  mock_ns: number | null;
  gate: number | null;
}

const KEYS = 1000;
const FIELDS = 16;

/** The calls over 1000 keys of 16 bytes. */
export function calls(): Call[] {
  const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(12, '0')}`);
  const values = Array.from({ length: KEYS }, (_, i) => `v${i % 100}`);
  const fields = Array.from({ length: FIELDS }, (_, i) => `field:${i}`);
  const { sync } = embedded({ seed: 1 });
  const map = new Map<string, string>(keys.map((key, i) => [key, values[i]!]));
  const numbers = new Map<string, number>(keys.map((key, i) => [key, i]));
  const hash = new Map([['h', new Map<string, string>()]]);
  const scores = new Map([['z', new Map<string, number>()]]);
  keys.forEach((key, i) => {
    sync.set(key, values[i]!);
    sync.set(`n${key}`, i);
    sync.zadd('z', key, i);
    scores.get('z')!.set(key, i);
  });
  const counters = keys.map((key) => `n${key}`);
  for (const field of fields) sync.hset('h', field, 'v');
  return [
    {
      name: 'GET',
      keyspan: (i) => sync.get(keys[i % KEYS]!),
      map: (i) => map.get(keys[i % KEYS]!),
      mock: (mock, i) => mock.get!(keys[i % KEYS]!),
      gate: 3,
    },
    {
      name: 'SET',
      keyspan: (i) => sync.set(keys[i % KEYS]!, values[i % KEYS]!),
      map: (i) => map.set(keys[i % KEYS]!, values[i % KEYS]!),
      mock: (mock, i) => mock.set!(keys[i % KEYS]!, values[i % KEYS]!),
      gate: 3,
    },
    {
      name: 'INCR',
      keyspan: (i) => sync.incr(counters[i % KEYS]!),
      map: (i) => numbers.set(keys[i % KEYS]!, numbers.get(keys[i % KEYS]!)! + 1),
      mock: (mock, i) => mock.incr!(counters[i % KEYS]!),
      gate: 3,
    },
    {
      name: 'HSET, 16 fields',
      keyspan: (i) => sync.hset('h', fields[i % FIELDS]!, values[i % KEYS]!),
      map: (i) => hash.get('h')!.set(fields[i % FIELDS]!, values[i % KEYS]!),
      mock: (mock, i) => mock.hset!('h', fields[i % FIELDS]!, values[i % KEYS]!),
    },
    {
      name: 'HGET, 16 fields',
      keyspan: (i) => sync.hget('h', fields[i % FIELDS]!),
      map: (i) => hash.get('h')!.get(fields[i % FIELDS]!),
      mock: (mock, i) => mock.hget!('h', fields[i % FIELDS]!),
    },
    {
      name: 'ZADD, 1000 members',
      keyspan: (i) => sync.zadd('z', keys[i % KEYS]!, (i * 7919) % 977),
      map: (i) => scores.get('z')!.set(keys[i % KEYS]!, (i * 7919) % 977),
      mock: (mock, i) => mock.zadd!('z', (i * 7919) % 977, keys[i % KEYS]!),
    },
    {
      name: 'ZRANGE 0 9, 1000 members',
      keyspan: () => sync.zrange('z', 0, 9),
      mock: (mock) => mock.zrange!('z', 0, 9),
    },
  ];
}

/** The best of several rounds, the ways taking turns: what else the machine does only ever adds. */
export async function timed(call: Call, rounds: number, mock: Mock | null): Promise<Timing> {
  let keyspan_ns = Number.POSITIVE_INFINITY;
  let map_ns = Number.POSITIVE_INFINITY;
  let mock_ns = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    keyspan_ns = Math.min(keyspan_ns, nanosOf(call.keyspan));
    if (call.map) map_ns = Math.min(map_ns, nanosOf(call.map));
    if (call.mock && mock && round < MOCK_ROUNDS)
      mock_ns = Math.min(mock_ns, await awaitedNanosOf((i) => call.mock!(mock, i)));
  }
  const shown = (nanos: number): number | null => (Number.isFinite(nanos) ? nanos : null);
  return { name: call.name, keyspan_ns, map_ns: shown(map_ns), mock_ns: shown(mock_ns), gate: call.gate ?? null };
}

const MOCK_ROUNDS = 3;
/** Short enough to be over before another program gets its turn. */
const CALLS = 20_000;
const AWAITED_CALLS = 500;

function nanosOf(call: (i: number) => unknown): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < CALLS; i++) call(i);
  return Number(process.hrtime.bigint() - start) / CALLS;
}

async function awaitedNanosOf(call: (i: number) => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < AWAITED_CALLS; i++) await call(i);
  return Number(process.hrtime.bigint() - start) / AWAITED_CALLS;
}
