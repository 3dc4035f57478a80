/**
 * `streaming.js save|load <path> [MiB]`, a process of its own: saves data of about so many MiB to a snapshot, or loads one, and
 * prints as JSON how much memory the process took at most, and how much of it were the data. Linux only.
 *
 * The data are one string of a quarter of all, strings of 1 MiB for another half, and for the rest small keys, a list, a
 * set and hashes.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { Random } from '../../src/core/random.js';
import { Engine } from '../../src/engine/engine.js';
import { SnapshotFile } from '../../src/persistence/snapshot-file.js';
import { collectingSink } from '../../test/support/side-by-side.js';

export interface StreamingFigures {
  file_mb: number;
  /** As `used_memory` tells. */
  data_mb: number;
  /** Of the process: before, and the most since. */
  before_mb: number;
  peak_mb: number;
  seconds: number;
}

const MB = 1e6;
const MIB = 1024 * 1024;
const NOISE_BYTES = 64 * 1024;

function memoryOf(line: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'latin1'));
  return (Number(found![1]) * 1024) / MB;
}

/** From now on the highest mark is what the process takes now. */
function resetPeak(): void {
  (globalThis as { gc?: () => void }).gc?.();
  writeFileSync('/proc/self/clear_refs', '5');
}

function fill(engine: Engine, mib: number): void {
  const session = engine.connect(collectingSink([]));
  const random = new Random(1);
  const noise = Array.from({ length: NOISE_BYTES }, () => String.fromCharCode(random.below(256))).join('');
  // Parts that are moved against each other: no two strings are alike, and none can be compressed.
  const text = (length: number, i: number): string =>
    noise.slice(i % NOISE_BYTES) + noise.repeat(length / NOISE_BYTES - 1) + noise.slice(0, i % NOISE_BYTES);
  session.call(['SET', 'huge', text((mib / 4) * MIB, 1)]);
  for (let i = 0; i < mib / 2; i++) session.call(['SET', `string:${i}`, text(MIB, i * 61)]);
  const names = (i: number): string[] => Array.from({ length: 100 }, (_, j) => `name:${i * 100 + j}`);
  for (let i = 0; i < mib * 10; i++) {
    session.call(['MSET', ...names(i).flatMap((name) => [name, `value of ${name}`])]);
    session.call(['RPUSH', 'list', ...names(i)]);
    session.call(['SADD', 'set', ...names(i)]);
    session.call(['HSET', `hash:${i}`, ...names(0).flatMap((name, j) => [name, String(i + j)])]);
  }
}

const [, , mode, path, size = '1024'] = process.argv as [string, string, string, string, string?];
const engine = new Engine({ seed: 1 });
engine.saver.storage = new SnapshotFile(() => path);
if (mode === 'save') fill(engine, Number(size));
resetPeak();
const before_mb = memoryOf('VmRSS');
const start = performance.now();
const done = mode === 'save' ? engine.saver.save() : engine.saver.load();
if (!done) throw new Error(`cannot ${mode} ${path}`);
const figures: StreamingFigures = {
  file_mb: statSync(path).size / MB,
  data_mb: engine.meter.used / MB,
  before_mb,
  peak_mb: memoryOf('VmHWM'),
  seconds: (performance.now() - start) / 1000,
};
console.log(JSON.stringify(figures));
