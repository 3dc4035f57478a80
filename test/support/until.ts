import { setTimeout as sleep } from 'node:timers/promises';

/** Generous, for loaded machines: a condition that holds sooner ends the wait sooner. */
const TIMEOUT_MS = 40_000;

/**
 * Waits until `condition` holds. An error in it counts as "not yet". Throws after `timeout_ms`, naming `what` was
 * awaited (by default the condition's own text) and with the last error as its cause.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
  timeout_ms = TIMEOUT_MS,
): Promise<void> {
  const deadline = performance.now() + timeout_ms;
  for (;;) {
    let cause: unknown;
    try {
      if (await condition()) return;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeout_ms} ms in vain: ${what}`, { cause });
    await sleep(10);
  }
}
