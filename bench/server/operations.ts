/** What the server benchmark sends: redis-benchmark's own tests by name, the others spelt out. */

export interface Operation {
  name: string;
  /** Arguments for redis-benchmark; `size_bytes` is the size of values. */
  args(size_bytes: number): string[];
  /** Commands to run once before measuring (data that the reads need). */
  prepare(size_bytes: number, keyspace: number): string[][];
}

const test =
  (name: string) =>
  (size_bytes: number): string[] => ['-t', name, '-d', String(size_bytes)];
const nothing = (): string[][] => [];
const value = (size_bytes: number): string => 'x'.repeat(size_bytes);

/** Keys as redis-benchmark draws them, all with values: else GET measures misses. */
function keysOf(size_bytes: number, keyspace: number): string[][] {
  const commands: string[][] = [];
  for (let key = 0; key < keyspace; key++) {
    if (key % 500 === 0) commands.push(['MSET']);
    commands.at(-1)!.push(`key:${String(key).padStart(12, '0')}`, value(size_bytes));
  }
  return commands;
}

function listOf(length: number): (size_bytes: number) => string[][] {
  return (size_bytes) => [
    ['DEL', 'mylist'],
    ['RPUSH', 'mylist', ...Array.from({ length }, () => value(size_bytes))],
  ];
}

/** The operations in the order of the table. */
const operations: Operation[] = [
  { name: 'PING_INLINE', args: test('ping_inline'), prepare: nothing },
  { name: 'PING_MBULK', args: test('ping_mbulk'), prepare: nothing },
  { name: 'SET', args: test('set'), prepare: nothing },
  { name: 'GET', args: test('get'), prepare: keysOf },
  { name: 'INCR', args: test('incr'), prepare: nothing },
  { name: 'LPUSH', args: test('lpush'), prepare: nothing },
  // Every measured command must find an element, else it measures an empty list.
  { name: 'LPOP', args: test('lpop'), prepare: nothing },
  { name: 'SADD', args: test('sadd'), prepare: nothing },
  { name: 'HSET', args: test('hset'), prepare: nothing },
  { name: 'ZADD', args: test('zadd'), prepare: nothing },
  { name: 'LRANGE_100', args: () => ['LRANGE', 'mylist', '0', '99'], prepare: listOf(600) },
  { name: 'MSET', args: test('mset'), prepare: nothing },
];

/** The operations with these names (any case; PING means PING_MBULK); throws for an unknown one. */
export function chosen(names: string | undefined): Operation[] {
  if (names === undefined) return operations.filter((operation) => operation.name !== 'PING_INLINE');
  return names.split(',').map((name) => {
    const wanted = name.trim().toUpperCase() === 'PING' ? 'PING_MBULK' : name.trim().toUpperCase();
    const operation = operations.find((candidate) => candidate.name === wanted);
    if (operation === undefined)
      throw new Error(`no test ${name}; there are ${operations.map((o) => o.name).join(', ')}`);
    return operation;
  });
}
