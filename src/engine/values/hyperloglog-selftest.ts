import type { Random } from '../../core/random.js';
import { HyperLogLog } from './hyperloglog.js';
import { observe, REGISTERS, RUN_BITS } from './hyperloglog-hash.js';

/** As the real server: this many rounds over all registers, so many elements. */
const ROUNDS = 1000;
const ELEMENTS = 10_000_000;

/**
 * PFSELFTEST's work: registers keep their values apart, both encodings agree, and estimates stay within six standard errors.
 * `null` if all is well, else the text of the TESTFAILED error. Takes seconds with the default counts.
 */
export function selfTestHyperLogLog(
  random: Random,
  sparseBytesMax: number,
  { rounds = ROUNDS, elements = ELEMENTS } = {},
): string | null {
  return testRegisters(random, rounds) ?? testEstimates(random, sparseBytesMax, elements);
}

function testRegisters(random: Random, rounds: number): string | null {
  const expected = new Uint8Array(REGISTERS);
  for (let round = 0; round < rounds; round++) {
    const hll = HyperLogLog.empty();
    hll.toDense();
    for (let i = 0; i < REGISTERS; i++) {
      expected[i] = random.below(64);
      hll.raise(i, expected[i], 0);
    }
    const registers = hll.registers();
    for (let i = 0; i < REGISTERS; i++) {
      if (registers[i] !== expected[i]) {
        return `TESTFAILED Register ${i} should be ${expected[i]} but is ${registers[i]}`;
      }
    }
  }
  return null;
}

function testEstimates(random: Random, sparseBytesMax: number, elements: number): string | null {
  const dense = HyperLogLog.empty();
  dense.toDense();
  const sparse = HyperLogLog.empty();
  const seedLow = random.u32();
  const seedHigh = random.u32();
  const upper = littleEndian(seedHigh);
  const relativeError = 1.04 / Math.sqrt(REGISTERS);
  let checkpoint = 1;
  for (let n = 1; n <= elements; n++) {
    const seen = observe(littleEndian(n ^ seedLow) + upper);
    dense.raise(seen >> RUN_BITS, seen & 63, sparseBytesMax);
    sparse.raise(seen >> RUN_BITS, seen & 63, sparseBytesMax);
    if (n !== checkpoint) continue;
    if (n < Math.floor(sparseBytesMax / 2) && sparse.encoding !== 'sparse') {
      return 'TESTFAILED sparse encoding not used';
    }
    const estimate = Number(dense.refresh());
    if (estimate !== sparse.refresh()) return 'TESTFAILED dense/sparse disagree';
    const error = Math.abs(checkpoint - estimate);
    // Among ten elements a collision is likely now and then.
    const errorMax = n === 10 ? 1 : Math.ceil(relativeError * 6 * checkpoint);
    if (error > errorMax) return `TESTFAILED Too big error. card:${checkpoint} abserr:${error}`;
    checkpoint *= 10;
  }
  return null;
}

function littleEndian(word: number): string {
  return String.fromCharCode(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24);
}
