import assert from 'node:assert/strict';

/** What became of a promise: it must settle within `ms`. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into errors of many classes
export async function outcome(promise: Promise<unknown>, ms = 5000): Promise<{ value?: unknown; error?: any }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `not settled within ${ms} ms` })), ms);
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

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not so within ${ms} ms: ${condition}`);
    await sleep(5);
  }
}
