import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import type { KeyFlag, Option, Term } from './term.js';

/** A key specification as COMMAND INFO shows it: where to begin, and how to find the keys from there. */
export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly notes?: string;
  readonly begin:
    | { readonly type: 'index'; readonly index: number }
    | { readonly type: 'keyword'; readonly keyword: string; readonly startFrom: number }
    | { readonly type: 'unknown' };
  readonly find:
    | { readonly type: 'range'; readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly type: 'keynum'; readonly keyNumIndex: number; readonly firstKey: number; readonly step: number }
    | { readonly type: 'unknown' };
}

/** A specification by hand: the key at `index`, or the keys from there to `lastKey` (counted from `index`). */
export function keyAt(
  index: number,
  flags: readonly KeyFlag[],
  extra: { notes?: string; lastKey?: number } = {},
): KeySpec {
  const { notes, lastKey = 0 } = extra;
  const find = { type: 'range', lastKey, step: 1, limit: 0 } as const;
  return { flags, ...(notes === undefined ? {} : { notes }), begin: { type: 'index', index }, find };
}

/** Derives the key specifications from a command's terms. Keys after a variable term need specs of their own. */
export function keySpecsOf(terms: readonly Term[], words: number): KeySpec[] {
  const specs: KeySpec[] = [];
  let index = words;
  terms.forEach((term, i) => {
    if (term.keys) specs.push(specOf(term, index, terms.slice(i + 1)));
    for (const option of term.options ?? []) if (option.keys) specs.push(specOfOption(option, index));
    index += term.max === Infinity ? 0 : term.max;
  });
  return specs;
}

function specOf(term: Term, index: number, later: readonly Term[]): KeySpec {
  const { flags, how, step } = term.keys!;
  const begin = { type: 'index', index } as const;
  if (how === 'counted') return { flags, begin, find: { type: 'keynum', keyNumIndex: 0, firstKey: 1, step: 1 } };
  const after = later.reduce((sum, next) => sum + next.min, 0);
  const lastKey = how === 'one' ? 0 : -1 - after;
  return { flags, begin, find: { type: 'range', lastKey, step, limit: 0 } };
}

function specOfOption(option: Option, index: number): KeySpec {
  const begin = { type: 'keyword', keyword: option.token, startFrom: index } as const;
  return { flags: option.keys!.flags, begin, find: { type: 'range', lastKey: 0, step: 1, limit: 0 } };
}

export interface KeyPosition {
  index: number;
  flags: readonly KeyFlag[];
}

/** The positions of the keys in `argv`, by the key specifications; null when the arguments do not fit them. */
export function keyPositions(specs: readonly KeySpec[], argv: readonly Bytes[]): KeyPosition[] | null {
  const found: KeyPosition[] = [];
  for (const spec of specs) {
    const start = beginOf(spec, argv);
    if (start === 'unknown') return null;
    if (start === 'absent') continue;
    if (!collect(spec, argv, start, found)) return looselyCounted(specs, argv);
  }
  return found;
}

/**
 * If the number of keys is not a number, Redis takes its leading digits without knowing how those keys are used: the
 * command will be rejected, but routing and permissions depend on them.
 */
function looselyCounted(specs: readonly KeySpec[], argv: readonly Bytes[]): KeyPosition[] | null {
  const found: KeyPosition[] = [];
  let counted = false;
  for (const { begin, find } of specs) {
    if (begin.type !== 'index') return null;
    if (find.type === 'keynum') {
      const count = Number.parseInt(argv[begin.index + find.keyNumIndex] ?? '', 10);
      const first = begin.index + find.firstKey;
      if (!(count >= 1 && count <= argv.length - first)) return null;
      counted = true;
      found.unshift(...Array.from({ length: count }, (_, i) => ({ index: first + i, flags: [] })));
    } else found.push({ index: begin.index, flags: [] });
  }
  return counted ? found : null;
}

function beginOf(spec: KeySpec, argv: readonly Bytes[]): number | 'absent' | 'unknown' {
  const { begin } = spec;
  if (begin.type === 'unknown') return 'unknown';
  if (begin.type === 'index') return begin.index;
  const backwards = begin.startFrom < 0;
  const from = backwards ? argv.length + begin.startFrom : begin.startFrom;
  const step = backwards ? -1 : 1;
  for (let i = from; i > 0 && i < argv.length - 1; i += step) {
    if (argv[i].toUpperCase() === begin.keyword) return i + 1;
  }
  return 'absent';
}

function collect(spec: KeySpec, argv: readonly Bytes[], start: number, found: KeyPosition[]): boolean {
  const { find } = spec;
  let first = start;
  let last: number;
  let step = 1;
  if (find.type === 'unknown') return false;
  if (find.type === 'range') {
    step = find.step;
    last = find.lastKey >= 0 ? start + find.lastKey : lastOf(find, argv.length, start);
  } else {
    step = find.step;
    const at = start + find.keyNumIndex;
    const count = at < argv.length ? parseInteger(argv[at]) : null;
    if (typeof count !== 'number' || count <= 0) return false;
    first = start + find.firstKey;
    last = first + (count - 1) * step;
  }
  if (last < first || last >= argv.length) return false;
  for (let i = first; i <= last; i += step) found.push({ index: i, flags: spec.flags });
  return true;
}

function lastOf(find: { lastKey: number; limit: number }, argc: number, start: number): number {
  if (find.lastKey === -1 && find.limit > 1) return start + Math.floor((argc - start) / find.limit) - 1;
  return argc + find.lastKey;
}
