import { DataError } from '../core/errors.js';
import type { Arg, IntArg } from './view.js';

export interface SortGroupsOptions {
  /**
   * What to return for each element: `#` is the element itself, any other pattern names a key or, with `->`, a field.
   */
  readonly get: readonly Arg[];
  readonly by?: Arg;
  readonly limit?: readonly [offset: IntArg, count: IntArg];
  readonly asc?: boolean;
  readonly desc?: boolean;
  readonly alpha?: boolean;
}

/** The flat reply of SORT, cut into one list per element. */
export function grouped<T>(flat: readonly T[], { get }: SortGroupsOptions): T[][] {
  if (get.length === 0) throw new DataError('sortGroups needs patterns to get');
  const groups: T[][] = [];
  for (let i = 0; i < flat.length; i += get.length) groups.push(flat.slice(i, i + get.length));
  return groups;
}
