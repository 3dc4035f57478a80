import { embedded } from '../../src/embedded.js';
import { SortedMap } from './sorted-map.js';

/** One operation on keyspan, and the same on what it is compared with. Each is given a running number. */
export interface Call {
  name: string;
  keyspan(i: number): unknown;
  /** What a program without Redis would write. */
  peer?: (i: number) => unknown;
  /** What the peer is made of. */
  peerName?: string;
  mock?: (mock: Mock, i: number) => Promise<unknown>;
  /** At most so many times what the peer takes. */
  gate?: number;
}

export type Mock = Readonly<Record<string, (...args: (string | number)[]) => Promise<unknown>>>;

export interface Timing {
  name: string;
  peerName: string;
  keyspan_ns: number;
  peer_ns: number | null;
  mock_ns: number | null;
  gate: number | null;
}

type Sync = ReturnType<typeof embedded>['sync'];

const KEYS = 1000;
const HASHES = 64;
const FIELDS = 16;
const BOARDS = 8;
const MEMBERS = 1000;
const MANY_KEYS = 100_000;
const gate = 3;

const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(12, '0')}`);
const values = Array.from({ length: KEYS }, (_, i) => `v${i % 100}`);

/** All calls, on one engine. */
export function calls(): Call[] {
  const { sync } = embedded({ seed: 1 });
  return [...stringCalls(sync), ...hashCalls(sync), ...sortedSetCalls(sync), ...listCalls(sync), ...manyKeyCalls()];
}

function stringCalls(sync: Sync): Call[] {
  const map = new Map<string, string>(keys.map((key, i) => [key, values[i]!]));
  const numbers = new Map<string, number>(keys.map((key, i) => [key, i]));
  const counters = keys.map((key) => `n${key}`);
  const mortal = keys.map((key) => `t${key}`);
  const ends = new Map<string, { value: string; until: number }>();
  keys.forEach((key, i) => {
    sync.set(key, values[i]!);
    sync.set(counters[i]!, i);
  });
  return [
    {
      name: 'GET',
      keyspan: (i) => sync.get(keys[i % KEYS]!),
      peer: (i) => map.get(keys[i % KEYS]!),
      peerName: 'Map',
      mock: (mock, i) => mock.get!(keys[i % KEYS]!),
      gate,
    },
    {
      name: 'SET',
      keyspan: (i) => sync.set(keys[i % KEYS]!, values[i % KEYS]!),
      peer: (i) => map.set(keys[i % KEYS]!, values[i % KEYS]!),
      peerName: 'Map',
      mock: (mock, i) => mock.set!(keys[i % KEYS]!, values[i % KEYS]!),
      gate,
    },
    {
      name: 'SET … EX 60',
      keyspan: (i) => sync.set(mortal[i % KEYS]!, values[i % KEYS]!, { ex: 60 }),
      peer: (i) => ends.set(mortal[i % KEYS]!, { value: values[i % KEYS]!, until: Date.now() + 60_000 }),
      peerName: 'Map of { value, until }',
      mock: (mock, i) => mock.set!(mortal[i % KEYS]!, values[i % KEYS]!, 'EX', 60),
      gate,
    },
    {
      name: 'INCR',
      keyspan: (i) => sync.incr(counters[i % KEYS]!),
      peer: (i) => numbers.set(keys[i % KEYS]!, numbers.get(keys[i % KEYS]!)! + 1),
      peerName: 'Map',
      mock: (mock, i) => mock.incr!(counters[i % KEYS]!),
      gate,
    },
  ];
}

/** 64 hashes of 16 fields: one hash alone would let V8 keep it in a register. */
function hashCalls(sync: Sync): Call[] {
  const names = Array.from({ length: HASHES }, (_, i) => `user:${i}`);
  const fields = Array.from({ length: FIELDS }, (_, i) => `field:${i}`);
  const hashes = new Map(names.map((name) => [name, new Map(fields.map((field) => [field, 'v']))]));
  for (const name of names) for (const field of fields) sync.hset(name, field, 'v');
  const nameOf = (i: number): string => names[i % HASHES]!;
  const fieldOf = (i: number): string => fields[(i >> 6) % FIELDS]!;
  return [
    {
      name: 'HSET, 64 hashes of 16 fields',
      keyspan: (i) => sync.hset(nameOf(i), fieldOf(i), values[i % KEYS]!),
      peer: (i) => hashes.get(nameOf(i))!.set(fieldOf(i), values[i % KEYS]!),
      peerName: 'Map of Maps',
      mock: (mock, i) => mock.hset!(nameOf(i), fieldOf(i), values[i % KEYS]!),
      gate,
    },
    {
      name: 'HGET, 64 hashes of 16 fields',
      keyspan: (i) => sync.hget(nameOf(i), fieldOf(i)),
      peer: (i) => hashes.get(nameOf(i))!.get(fieldOf(i)),
      peerName: 'Map of Maps',
      mock: (mock, i) => mock.hget!(nameOf(i), fieldOf(i)),
      gate,
    },
    {
      name: 'HGETALL of 16 fields',
      keyspan: (i) => sync.hgetall(names[i % HASHES]!),
      peer: (i) => Object.fromEntries(hashes.get(names[i % HASHES]!)!),
      peerName: 'Map of Maps, Object.fromEntries',
      mock: (mock, i) => mock.hgetall!(names[i % HASHES]!),
      gate,
    },
  ];
}

/** 8 sorted sets of 1000 members. Every ZADD gives a member another score. */
function sortedSetCalls(sync: Sync): Call[] {
  const names = Array.from({ length: BOARDS }, (_, i) => `board:${i}`);
  const boards = new Map(names.map((name) => [name, new SortedMap()]));
  for (const name of names) {
    const board = boards.get(name)!;
    keys.forEach((key, i) => {
      sync.zadd(name, key, i);
      board.set(key, i);
    });
  }
  const nameOf = (i: number): string => names[i % BOARDS]!;
  const scoreOf = (i: number): number => (i * 7919) % 977;
  const peerName = 'Map and sorted array';
  return [
    {
      name: 'ZADD, 1000 members',
      keyspan: (i) => sync.zadd(nameOf(i), keys[i % MEMBERS]!, scoreOf(i)),
      peer: (i) => boards.get(nameOf(i))!.set(keys[i % MEMBERS]!, scoreOf(i)),
      peerName,
      mock: (mock, i) => mock.zadd!(nameOf(i), scoreOf(i), keys[i % MEMBERS]!),
      gate,
    },
    {
      name: 'ZRANGE 0 9, 1000 members',
      keyspan: (i) => sync.zrange(nameOf(i), 0, 9),
      peer: (i) => boards.get(nameOf(i))!.range(0, 9),
      peerName,
      mock: (mock, i) => mock.zrange!(nameOf(i), 0, 9),
      gate,
    },
    {
      name: 'ZSCORE, 1000 members',
      keyspan: (i) => sync.zscore(nameOf(i), keys[i % MEMBERS]!),
      peer: (i) => boards.get(nameOf(i))!.score(keys[i % MEMBERS]!),
      peerName,
      mock: (mock, i) => mock.zscore!(nameOf(i), keys[i % MEMBERS]!),
      gate,
    },
    {
      name: 'ZRANK, 1000 members',
      keyspan: (i) => sync.zrank(nameOf(i), keys[i % MEMBERS]!),
      peer: (i) => boards.get(nameOf(i))!.rank(keys[i % MEMBERS]!),
      peerName,
      mock: (mock, i) => mock.zrank!(nameOf(i), keys[i % MEMBERS]!),
      gate,
    },
  ];
}

/** 16 lists used as queues, and one of 100 elements to be read. */
function listCalls(sync: Sync): Call[] {
  const names = Array.from({ length: 16 }, (_, i) => `queue:${i}`);
  const lists = new Map(names.map((name) => [name, values.slice(0, 100)]));
  for (const name of names) sync.rpush(name, ...values.slice(0, 100));
  const nameOf = (i: number): string => names[i % 16]!;
  const taken = names.map((name) => `${name}:${name}`);
  const queues = new Map(taken.map((name) => [name, [] as string[]]));
  for (const name of taken) sync.rpush(name, 'stays');
  return [
    {
      name: 'RPUSH and LPOP',
      keyspan: (i) => {
        sync.rpush(taken[i % 16]!, values[i % KEYS]!);
        return sync.lpop(taken[i % 16]!);
      },
      peer: (i) => {
        queues.get(taken[i % 16]!)!.push(values[i % KEYS]!);
        return queues.get(taken[i % 16]!)!.shift();
      },
      peerName: 'Map of arrays, push and shift',
    },
    {
      name: 'LRANGE 0 9',
      keyspan: (i) => sync.lrange(nameOf(i), 0, 9),
      peer: (i) => lists.get(nameOf(i))!.slice(0, 10),
      peerName: 'Map of arrays, slice',
    },
  ];
}

/** Keys drawn evenly from 100,000: mostly cache misses. */
function manyKeyCalls(): Call[] {
  const { sync } = embedded({ seed: 1 });
  const many = Array.from({ length: MANY_KEYS }, (_, i) => `key:${String(i).padStart(12, '0')}`);
  const map = new Map(many.map((key, i) => [key, values[i % KEYS]!]));
  for (const [key, value] of map) sync.set(key, value);
  // Another order than the one in which they were made, the same at each run.
  const order = Uint32Array.from(many, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 0) % MANY_KEYS);
  let at = 0;
  const next = (): string => {
    at = at + 1 === MANY_KEYS ? 0 : at + 1;
    return many[order[at]!]!;
  };
  return [
    {
      name: 'GET, 100,000 keys evenly',
      keyspan: () => sync.get(next()),
      peer: () => map.get(next()),
      peerName: 'Map',
    },
    {
      name: 'SET, 100,000 keys evenly',
      keyspan: (i) => sync.set(next(), values[i % KEYS]!),
      peer: (i) => map.set(next(), values[i % KEYS]!),
      peerName: 'Map',
    },
  ];
}

/** The best of several rounds, the ways taking turns: what else the machine does only ever adds. */
export async function timed(call: Call, rounds: number, mock: Mock | null): Promise<Timing> {
  let keyspan_ns = Number.POSITIVE_INFINITY;
  let peer_ns = Number.POSITIVE_INFINITY;
  let mock_ns = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    keyspan_ns = Math.min(keyspan_ns, nanosOf(call.keyspan));
    if (call.peer) peer_ns = Math.min(peer_ns, nanosOf(call.peer));
    if (call.mock && mock && round < MOCK_ROUNDS)
      mock_ns = Math.min(mock_ns, await awaitedNanosOf((i) => call.mock!(mock, i)));
  }
  const shown = (nanos: number): number | null => (Number.isFinite(nanos) ? nanos : null);
  return {
    name: call.name,
    peerName: call.peerName ?? '',
    keyspan_ns,
    peer_ns: shown(peer_ns),
    mock_ns: shown(mock_ns),
    gate: call.gate ?? null,
  };
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
