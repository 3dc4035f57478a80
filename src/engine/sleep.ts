import { microsNow } from '../core/clock.js';

/** Blocks the whole thread for `micros`: sleeping where the runtime allows it, else busily (a browser's main thread). */
export function sleepBlocking(micros: number): void {
  if (!(micros > 0)) return;
  const end = microsNow() + micros;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, micros / 1000);
  } catch {
    // No SharedArrayBuffer, or waiting is forbidden here.
  }
  while (microsNow() < end);
}
