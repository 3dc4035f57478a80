import assert from 'node:assert/strict';

/** How much later than it should a promise may settle on a machine that does much else: one that hangs is found all the same. */
const GRACE_MS = 20_000;

/** What became of a promise: it must settle within `ms`, as far as the machine lets it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into errors of many classes
export async function outcome(promise: Promise<unknown>, ms = 5000): Promise<{ value?: unknown; error?: any }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `not settled within ${ms} ms` })),
      ms + GRACE_MS,
    );
  });
  const settled = promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
