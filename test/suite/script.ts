import assert from 'node:assert/strict';
import type { Redis } from '../../src/index.js';

/**
 * What some calls need of a backend, beyond commands on keys.
 *
 * - `databases`: several of them (SELECT, MOVE, SWAPDB).
 * - `together`: keys of one command may be any (a cluster or ring needs them at one place).
 * - `atomicMany`: MSETNX, WATCH and MULTI over any keys.
 * - `oneServer`: there is one server to tell its facts (INFO, MEMORY STATS, LATENCY …).
 * - `patterns`: SORT's BY and GET may name keys by a pattern.
 * - `keysUndeclared`: DEBUG OBJECT and the like, whose key the table does not know as one.
 * - `newer`: commands that Redis 7.0 lacks;
 * - `clients`: facts about, and settings of, the one connection (CLIENT …).
 */
export type Need =
  | 'databases'
  | 'together'
  | 'atomicMany'
  | 'oneServer'
  | 'patterns'
  | 'keysUndeclared'
  | 'clients'
  | 'newer';

/** One call of a method and what it must give: a value, or a check; and what it needs of the backend. */
export type Step = readonly [call: (db: Redis) => unknown, expected: unknown, need?: Need];

/** A title and calls, one after the other on an empty database. */
export type Script = readonly [title: string, ...steps: Step[]];

/** An expectation that is no plain value. */
export class Check {
  readonly verify: (actual: unknown) => void;

  constructor(verify: (actual: unknown) => void) {
    this.verify = verify;
  }
}

/** The same items in any order. */
export function anyOrder(...items: unknown[]): Check {
  const sorted = (list: unknown[]): string[] => list.map((item) => JSON.stringify(item)).sort();
  return new Check((actual) => {
    assert.ok(Array.isArray(actual), `expected an array, not ${typeof actual}`);
    assert.deepEqual(sorted(actual), sorted(items));
  });
}

/** Some of these items, `count` of them; without repetition unless there are more than items. */
export function someOf(items: readonly unknown[], count: number): Check {
  return new Check((actual) => {
    assert.ok(
      Array.isArray(actual) && actual.length === count,
      `expected ${count} items, got ${JSON.stringify(actual)}`,
    );
    const known = items.map((item) => JSON.stringify(item));
    for (const item of actual) assert.ok(known.includes(JSON.stringify(item)), JSON.stringify(item));
    if (count <= items.length) assert.equal(new Set(actual.map((item) => JSON.stringify(item))).size, count);
  });
}

export function oneOf(...items: unknown[]): Check {
  return new Check((actual) => assert.ok(items.includes(actual), `${String(actual)} is none of ${items.join(', ')}`));
}

/** A number between two others, both included. */
export function between(min: number, max: number): Check {
  return new Check((actual) => {
    assert.ok(
      typeof actual === 'number' && actual >= min && actual <= max,
      `${String(actual)} is not in ${min}…${max}`,
    );
  });
}

export function matching(pattern: RegExp): Check {
  return new Check((actual) => assert.match(String(actual), pattern));
}

/** At least these properties. */
export function including(part: Readonly<Record<string, unknown>>): Check {
  return new Check((actual) => {
    for (const [name, value] of Object.entries(part)) {
      expectValue((actual as Record<string, unknown>)[name], value);
    }
  });
}

export const anything = new Check(() => undefined);
export const aList = new Check((actual) => assert.ok(Array.isArray(actual) && actual.length > 0));
export const aText = new Check((actual) => assert.ok(typeof actual === 'string' && actual.length > 0));

/** Numbers that only nearly are what they should be. */
export function near(expected: number, tolerance = 1e-6): Check {
  return new Check((actual) => {
    assert.ok(
      typeof actual === 'number' && Math.abs(actual - expected) <= tolerance,
      `${String(actual)} is not about ${expected}`,
    );
  });
}

/** The call is refused with an error of this code. */
export function refused(code: string): Check {
  return new Check((actual) => {
    assert.ok(actual instanceof Error, `expected an error, got ${JSON.stringify(actual)}`);
    assert.equal((actual as Error & { code?: string }).code ?? actual.name, code, actual.message);
  });
}

export function expectValue(actual: unknown, expected: unknown): void {
  if (expected instanceof Check) {
    expected.verify(actual);
    return;
  }
  if (actual instanceof Error) throw actual;
  if (Array.isArray(expected) && Array.isArray(actual) && expected.some((item) => item instanceof Check)) {
    assert.equal(actual.length, expected.length);
    expected.forEach((item, i) => {
      expectValue(actual[i], item);
    });
    return;
  }
  assert.deepEqual(actual, expected);
}
