import type { Request } from '../backend/backend.js';
import { keyIndexesOf } from '../backend/split.js';
import type { Bytes } from '../core/bytes.js';
import { UnsupportedError } from '../core/errors.js';
import { audienceOf } from './keyless.js';

/** A mirror is one database: what is in others would not be repaired. */
export function refuseDatabases({ spec, argv }: Request): void {
  const others = /^(SELECT|MOVE|SWAPDB)$/.test(spec.name) || (spec.name === 'COPY' && argv.some(isDb));
  if (!others) return;
  throw new UnsupportedError(`${spec.name}: a mirror keeps one database equal, which its nodes name in their URLs`, {
    command: spec.name,
  });
}

function isDb(word: Bytes, index: number): boolean {
  return index > 2 && word.toUpperCase() === 'DB';
}

/** Whether a request must reach more than one node: it changes data, or something else that every node has. */
export function changes(request: Request): boolean {
  const { spec } = request;
  if (spec.isReadonly) return false;
  if (spec.isWrite || spec.follow !== undefined) return true;
  if (keyIndexesOf(request).length > 0) return spec.name === 'SPUBLISH';
  if (spec.name === 'PUBLISH' || spec.name === 'SPUBLISH') return true;
  if (spec.name === 'SCRIPT EXISTS') return true;
  const { response } = spec;
  // Facts of one node stand for those of its copies; what all must have done concerns all.
  const isFact = response === 'agg_sum' || response === 'agg_min' || response === 'agg_max' || response === 'special';
  if (isFact && !spec.flags.includes('admin')) return false;
  return audienceOf(request) === 'all';
}
