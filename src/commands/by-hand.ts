import type { ArgCursor, Term } from './term.js';

/**
 * Words for commands whose arguments only make sense together, or are judged in another order than they stand in: one
 * term reads for all, the others are there for the façade and the documentation.
 */

/** A term with its own parser, which may read on beyond the term. */
export function parsedBy<Q extends object>(
  term: Term,
  parse: (cursor: ArgCursor, params: Record<string, unknown>) => void,
): Term<Q> {
  return { ...term, min: 0, max: Infinity, parse } as Term<Q>;
}

/** A term that another one has already parsed. */
export function parsedElsewhere(term: Term): Term<Record<never, never>> {
  return { ...term, min: 0, max: Infinity, parse: () => {} } as Term<Record<never, never>>;
}
