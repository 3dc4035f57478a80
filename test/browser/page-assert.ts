/** What the suites use of `node:assert/strict`, for a page: served under that name by its import map. */

type Raised = (new (...args: never[]) => unknown) | RegExp | ((error: unknown) => boolean) | Record<string, unknown>;

export class AssertionError extends Error {
  override name = 'AssertionError';

  constructor({ message = 'failed' }: { message?: string } = {}) {
    super(message);
  }
}

function failWith(message: unknown, otherwise: string): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message: message === undefined ? otherwise : String(message) });
}

export function ok(value: unknown, message?: unknown): void {
  if (!value) failWith(message, `expected a truthy value, got ${show(value)}`);
}

export function fail(message?: unknown): never {
  failWith(message, 'failed');
}

export function equal(actual: unknown, expected: unknown, message?: unknown): void {
  if (!Object.is(actual, expected)) failWith(message, `expected ${show(expected)}, got ${show(actual)}`);
}

export function notEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (Object.is(actual, expected)) failWith(message, `expected anything but ${show(expected)}`);
}

export function deepEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (!same(actual, expected)) failWith(message, `expected ${show(expected)}, got ${show(actual)}`);
}

export function notDeepEqual(actual: unknown, expected: unknown, message?: unknown): void {
  if (same(actual, expected)) failWith(message, `expected anything but ${show(expected)}`);
}

export function match(text: string, pattern: RegExp, message?: unknown): void {
  if (!pattern.test(text)) failWith(message, `${show(text)} does not match ${pattern}`);
}

export function doesNotMatch(text: string, pattern: RegExp, message?: unknown): void {
  if (pattern.test(text)) failWith(message, `${show(text)} matches ${pattern}`);
}

export function throws(run: () => unknown, expected?: Raised, message?: unknown): void {
  try {
    run();
  } catch (error) {
    checkRaised(error, expected);
    return;
  }
  failWith(message, 'expected an exception');
}

export function doesNotThrow(run: () => unknown): void {
  run();
}

export async function rejects(
  promise: Promise<unknown> | (() => Promise<unknown>),
  expected?: Raised,
  message?: unknown,
): Promise<void> {
  try {
    await (typeof promise === 'function' ? promise() : promise);
  } catch (error) {
    checkRaised(error, expected);
    return;
  }
  failWith(message, 'expected a rejection');
}

function checkRaised(error: unknown, expected: Raised | undefined): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) {
    match(String(error), expected);
    return;
  }
  if (typeof expected === 'function') {
    if ('prototype' in expected && error instanceof expected) return;
    if (!('prototype' in expected) && (expected as (error: unknown) => boolean)(error) === true) return;
    throw error;
  }
  for (const [name, value] of Object.entries(expected)) {
    const actual = (error as Record<string, unknown>)[name];
    if (value instanceof RegExp) match(String(actual), value);
    else deepEqual(actual, value);
  }
}

/** Strictly: the same kind, the same own properties, the same items. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  if (a instanceof Set) return sameSets(a, b as Set<unknown>);
  if (a instanceof Map) return sameMaps(a, b as Map<unknown, unknown>);
  if (a instanceof Error && a.message !== (b as Error).message) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) =>
        Object.hasOwn(b, name) && same((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
    )
  );
}

function sameSets(a: Set<unknown>, b: Set<unknown>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item) || [...b].some((other) => same(item, other)));
}

function sameMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)));
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => {
    if (typeof item === 'bigint') return `${item}n`;
    if (item instanceof Map || item instanceof Set) return [...item];
    return item instanceof Error ? String(item) : item;
  });
  return (text ?? String(value)).slice(0, 500);
}

export default Object.assign(ok, {
  AssertionError,
  ok,
  fail,
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  strictEqual: equal,
  deepStrictEqual: deepEqual,
  match,
  doesNotMatch,
  throws,
  doesNotThrow,
  rejects,
});
