import type { Request } from '../../src/backend/backend.js';
import { keysOf } from '../../src/backend/split.js';
import type { KeySpec } from '../../src/commands/key-spec.js';
import { nameWords, type Spec } from '../../src/commands/spec.js';

/** Fills places whose value does not matter. */
const FILLER = '1';

/** Gives the keys of a sample in turn. */
export type DrawKey = () => string;

/**
 * A request of a command with as many different keys as show what becomes of keys that live apart: two where the command
 * takes several, all of them where each has its place. `draw` names the keys. Throws if a command with keys gets none.
 */
export function sampleOf(spec: Spec, draw: DrawKey): Request {
  const argv = nameWords(spec);
  for (const keySpec of spec.keySpecs) place(argv, keySpec, draw);
  while (argv.length < Math.abs(spec.arity)) argv.push(FILLER);
  const request = { spec, argv };
  const hasOwnKeys = spec.keySpecs.some(({ begin, flags }) => begin.type === 'index' && !flags.includes('not_key'));
  if (hasOwnKeys && keysOf(request).length === 0) throw new Error(`no sample was found for ${spec.name}`);
  return request;
}

/** The arguments of one key specification, behind those that are there. */
function place(argv: string[], { begin, find }: KeySpec, draw: DrawKey): void {
  if (begin.type === 'unknown' || find.type === 'unknown') return;
  if (begin.type === 'keyword') {
    // STORE and the like are left out: what they add is one more key that must live with the others.
    if (find.type !== 'range' || find.limit < 2) return;
    while (argv.length < begin.startFrom) argv.push(FILLER);
    argv.push(begin.keyword, draw(), draw(), FILLER, FILLER);
    return;
  }
  while (argv.length < begin.index) argv.push(FILLER);
  if (find.type === 'keynum') {
    argv.push('2', draw(), draw());
    return;
  }
  const groups = find.lastKey >= 0 ? 1 + Math.floor(find.lastKey / find.step) : 2;
  for (let i = 0; i < groups; i++) {
    argv.push(draw());
    for (let k = 1; k < find.step; k++) argv.push(FILLER);
  }
  for (let after = find.lastKey; after < -1; after++) argv.push(FILLER);
}
