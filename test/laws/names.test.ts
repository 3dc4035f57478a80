import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lens } from '../../src/backend/lens.js';
import { parseArgs, printArgs } from '../../src/commands/grammar.js';
import { arityFits, keysOf, nameWords, type Spec } from '../../src/commands/spec.js';
import { commandTable } from '../../src/commands/table.js';
import type { Encode } from '../../src/commands/term.js';
import { DataError } from '../../src/core/errors.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply } from '../../src/core/reply.js';
import { argvFor } from './words.js';

const ROUNDS = 60;
const PREFIX = 'prefix:';

/** Marks keys as a view with a prefix does. */
const marking: Encode = Object.assign(
  (value: unknown, role?: string) => (role === 'key' ? PREFIX + (value as string) : (value as string)),
  { asParsed: true },
);

/** The request with its keys marked by its terms; null for one that is not valid. */
function marked(spec: Spec, argv: readonly string[]): string[] | null {
  if (!arityFits(spec, argv.length)) return null;
  // A server refuses KEYS beside a key; it looks for keys at one of the two places.
  if (spec.name === 'MIGRATE' && argv[3] !== '' && argv.some((word) => word.toUpperCase() === 'KEYS')) return null;
  try {
    const params = parseArgs(spec.args, argv, spec.words, spec.fullName) as Record<string, unknown>;
    if (params.late !== undefined) return null;
    return printArgs(spec.args, params, nameWords(spec), marking);
  } catch (thrown) {
    if (thrown instanceof ErrorReply || thrown instanceof DataError) return null;
    throw thrown;
  }
}

/** Where a request has keys or shard channels. */
function placesOf(spec: Spec, argv: readonly string[]): number[] {
  return (keysOf(spec, argv) ?? []).map(({ index }) => index);
}

/** Two ways to say which arguments are keys: the roles of the terms, and the key specifications. */
describe('what the terms call a key is what the key specifications find', () => {
  const specs = commandTable.all.filter(({ container, keySpecs }) => !container && keySpecs.length > 0);
  for (const spec of specs) {
    it(spec.name, () => {
      const random = new Random(5);
      const lens = new Lens({ prefix: PREFIX });
      let valid = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const argv = argvFor(spec, random);
        const printed = marked(spec, argv);
        if (printed === null) continue;
        valid++;
        const places = new Set(placesOf(spec, printed));
        printed.forEach((word, i) => {
          assert.equal(word.startsWith(PREFIX), places.has(i), `argument ${i} of ${printed.join(' ')}`);
        });
        const raw = lens.raw(spec.name, argv.slice(spec.words)).argv;
        const keys = (list: readonly string[]): string[] => placesOf(spec, list).map((at) => list[at]!);
        assert.deepEqual(
          keys(raw),
          keys(argv).map((key) => PREFIX + encoded(key)),
        );
      }
      assert.ok(valid > 0, 'no argument list was valid');
    });
  }
});

/** Arguments of `raw` are text. */
function encoded(word: string): string {
  return Buffer.from(word, 'utf8').toString('latin1');
}
