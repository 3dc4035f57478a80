import type { KeyspanError } from '../core/errors.js';
import type { Pipeline } from './batch.js';
import type { View } from './view.js';

/** Methods return promises. */
export interface AsyncMode {
  readonly mode: 'async';
}

/** Methods return values; commands that block are not offered. */
export interface SyncMode {
  readonly mode: 'sync';
}

/** Methods queue and return the batch, whose type remembers the replies `R` to come. */
export interface BatchMode<R extends readonly unknown[], S extends AsyncMode | SyncMode> {
  readonly mode: 'batch';
  readonly replies: R;
  readonly outer: S;
}

/**
 * Methods are carried out by each of several nodes and return a reply, or error, from each, in the order of the nodes.
 */
export interface EachMode {
  readonly mode: 'each';
}

export type Mode = AsyncMode | SyncMode | EachMode | BatchMode<readonly unknown[], AsyncMode | SyncMode>;

/** Like `Out`, for blocking commands, which the synchronous façade cannot carry out. */
export type OutBlocking<V extends View, M, T> = M extends SyncMode | BatchMode<readonly unknown[], SyncMode>
  ? never
  : Out<V, M, T>;

/** What a method returns if its command replies `T`. */
export type Out<V extends View, M, T> = M extends AsyncMode
  ? Promise<T>
  : M extends SyncMode
    ? T
    : M extends EachMode
      ? Promise<(T | KeyspanError)[]>
      : M extends BatchMode<infer R, infer S>
        ? Pipeline<V, [...R, T], S>
        : never;
