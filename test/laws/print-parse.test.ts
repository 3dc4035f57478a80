import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseArgs, printArgs, printedAsParsed } from '../../src/commands/grammar.js';
import { arityFits, nameWords, type Spec } from '../../src/commands/spec.js';
import { commandTable } from '../../src/commands/table.js';
import { DataError } from '../../src/core/errors.js';
import { Random } from '../../src/core/random.js';
import { ErrorReply } from '../../src/core/reply.js';
import { argvFor } from './words.js';

const ROUNDS = 120;
/** In this param HELLO keeps the word that it will complain of. */
const WRONG = 'wrong';
/** At least so many argument lists must be valid: a law about nothing would hold always. */
const VALID_MIN = 10;

/** The params of an argument list; null if the grammar refuses it, at once or for the handler to say later. */
function paramsOf(spec: Spec, argv: string[]): Record<string, unknown> | null {
  if (!arityFits(spec, argv.length)) return null;
  try {
    const params = parseArgs(spec.args, argv, spec.words, spec.fullName) as Record<string, unknown>;
    return holdsError(params) || WRONG in params ? null : params;
  } catch (thrown) {
    if (thrown instanceof ErrorReply) return null;
    throw thrown;
  }
}

function holdsError(value: unknown): boolean {
  if (value instanceof ErrorReply) return true;
  return value !== null && typeof value === 'object' && Object.values(value).some(holdsError);
}

/** The params as words; null for those that the façade refuses: no valid request has them. */
function printedOf(spec: Spec, params: Record<string, unknown>): string[] | null {
  try {
    return printArgs(spec.args, params, nameWords(spec), printedAsParsed);
  } catch (thrown) {
    if (thrown instanceof DataError) return null;
    throw thrown;
  }
}

/** An option given as `undefined` is an option not given. */
function given(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

describe('parse(print(params)) = params', () => {
  for (const spec of commandTable.all) {
    if (spec.container) continue;
    it(spec.name, () => {
      const random = new Random(7);
      let valid = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const argv = argvFor(spec, random);
        const params = paramsOf(spec, argv);
        if (params === null) continue;
        const printed = printedOf(spec, params);
        if (printed === null) continue;
        valid++;
        const again = paramsOf(spec, printed);
        assert.ok(again, `${argv.join(' ')} was printed as ${printed.join(' ')}, which does not parse`);
        assert.deepEqual(given(again), given(params), `${argv.join(' ')} was printed as ${printed.join(' ')}`);
      }
      assert.ok(valid >= VALID_MIN, `only ${valid} of ${ROUNDS} argument lists were valid`);
    });
  }
});
