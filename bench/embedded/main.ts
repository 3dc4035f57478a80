/**
 * `npm run bench:embedded -- [--rounds 300] [--members 1000000] [--keys 1000000] [--big] [--only calls,sorted-set,memory]`
 *
 * The engine in the process: calls of the synchronous face against what a program would write
 * without Redis (the column `peer`) and ioredis-mock, a large sorted set,
 * memory per key against redis-server; with `--big` 20 million keys and the longest pause while they are added.
 * Prints markdown tables; the exit code is 1 if a gate is broken.
 */
import { parseArgs } from 'node:util';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { calls, type Mock, type Timing, timed } from './calls.js';
import { growth, ownBytesPerKey, realBytesPerKey } from './memory.js';
import { sortedSetTimings } from './sorted-set.js';

const sorted_set_us_max = 5;
const memory_ratio_max = 1.2;
const pause_ms_max = 100;
const big_keys = 20_000_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    members: { type: 'string', default: '1000000' },
    keys: { type: 'string', default: '1000000' },
    big: { type: 'boolean', default: false },
    only: { type: 'string', default: 'calls,sorted-set,memory' },
  },
});

let broken = 0;

function verdict(fits: boolean): string {
  if (!fits) broken++;
  return fits ? 'kept' : 'BROKEN';
}

/** The mock of ioredis, if it is installed: it is no dependency of the package. */
async function openMock(): Promise<Mock | null> {
  try {
    const name = 'ioredis-mock';
    const { default: RedisMock } = (await import(name)) as { default: new () => Mock };
    return new RedisMock();
  } catch {
    return null;
  }
}

function printCalls(timings: readonly Timing[]): void {
  console.log('\n| call | keyspan ns | peer ns | peer | ratio | gate | ioredis-mock ns |');
  console.log('|---|--:|--:|---|--:|--:|--:|');
  for (const { name, peerName, keyspan_ns, peer_ns, mock_ns, gate } of timings) {
    const ratio = peer_ns === null ? null : keyspan_ns / peer_ns;
    const shownGate = gate === null || ratio === null ? '' : `≤ ${gate} ${verdict(ratio <= gate)}`;
    const cells = [
      name,
      keyspan_ns.toFixed(0),
      peer_ns?.toFixed(0) ?? '',
      peerName,
      ratio?.toFixed(1) ?? '',
      shownGate,
      mock_ns?.toFixed(0) ?? '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

async function benchCalls(): Promise<void> {
  const mock = await openMock();
  const timings: Timing[] = [];
  for (const call of calls()) timings.push(await timed(call, Number(values.rounds), mock));
  printCalls(timings);
}

function benchSortedSet(): void {
  console.log(`\n| sorted set of ${Number(values.members).toLocaleString('en')} members | µs | gate |`);
  console.log('|---|--:|--:|');
  for (const { name, micros } of sortedSetTimings(Number(values.members))) {
    const gate =
      name === 'insert' || name === 'score' ? '' : `≤ ${sorted_set_us_max} ${verdict(micros <= sorted_set_us_max)}`;
    console.log(`| ${name} | ${micros.toFixed(2)} | ${gate} |`);
  }
}

async function benchMemory(): Promise<void> {
  const count = Number(values.keys);
  const own = ownBytesPerKey(count);
  console.log(`\n| ${count.toLocaleString('en')} keys of 16 bytes, values of 3 | bytes per key |`);
  console.log('|---|--:|');
  console.log(`| keyspan | ${own.toFixed(1)} |`);
  if ((await findRedis()) === null) {
    console.log(`| redis-server | ${whyNoRedis()} |`);
    return;
  }
  const real = await realBytesPerKey(count);
  console.log(`| redis-server | ${real.toFixed(1)} |`);
  console.log(
    `| ratio, gate ≤ ${memory_ratio_max} | ${(own / real).toFixed(2)} ${verdict(own / real <= memory_ratio_max)} |`,
  );
}

function benchGrowth(): void {
  const { seconds, pause_ms, bytesPerKey } = growth(big_keys, (done) => process.stderr.write(`\r${done / 1e6} M `));
  process.stderr.write('\r');
  console.log(`\n| ${big_keys.toLocaleString('en')} keys added one by one | |`);
  console.log('|---|--:|');
  console.log(`| seconds | ${seconds.toFixed(1)} |`);
  console.log(
    `| longest pause ms, gate ≤ ${pause_ms_max} | ${pause_ms.toFixed(1)} ${verdict(pause_ms <= pause_ms_max)} |`,
  );
  console.log(`| bytes per key | ${bytesPerKey.toFixed(1)} |`);
}

const wanted = values.only.split(',');
// Memory first: afterwards the heap is full of what the others left.
if (wanted.includes('memory')) await benchMemory();
if (wanted.includes('calls')) await benchCalls();
if (wanted.includes('sorted-set')) benchSortedSet();
if (values.big) benchGrowth();
if (broken > 0) {
  console.log(`\n${broken} gate${broken === 1 ? '' : 's'} broken`);
  process.exitCode = 1;
}
process.exit();
