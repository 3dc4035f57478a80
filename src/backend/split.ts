import { keysOf as keyPositionsOf, type Spec } from '../commands/spec.js';
import type { Bytes } from '../core/bytes.js';
import { textFromBytes } from '../core/bytes.js';
import { CrossSlotError } from '../core/errors.js';
import type { Request } from './backend.js';

/**
 * Where the parts of a request belong, by the command table alone: clusters, rings and mirrors all route with this.
 * What a *place* is (a slot, a node) they decide. How the replies of the parts become one is in merge.ts.
 */

/** The part of a request whose keys all live at one place. */
export interface Part<P> {
  readonly place: P;
  readonly request: Request;
  /** Which of the request's keys these are: 0 is its first. */
  readonly keys: readonly number[];
}

const none: readonly number[] = [];

/** Where the keys stand in `argv`; none where the command has no keys, or its arguments do not allow to tell. */
export function keyIndexesOf({ spec, argv }: Request): readonly number[] {
  if (spec.keySpecs.length === 0 && spec.findKeys === undefined) return none;
  const found = keyPositionsOf(spec, argv)?.map(({ index }) => index) ?? none;
  return found.filter((index) => index < argv.length);
}

/** The keys of a request, in the order of its arguments. Shard channels count as keys. */
export function keysOf(request: Request): readonly Bytes[] {
  return keyIndexesOf(request).map((index) => request.argv[index]!);
}

const ANY = -1;
const soleIndexes = new Map<Spec, number>();

/**
 * Where a command's one key stands: a number above 0 if every request of the command has exactly one key, and there;
 * 0 if none has a key; −1 if it depends on the arguments. O(1): the answers are kept.
 */
export function soleKeyIndex(spec: Spec): number {
  let index = soleIndexes.get(spec);
  if (index === undefined) {
    index = findSoleIndex(spec);
    if (spec.id >= 0) soleIndexes.set(spec, index);
  }
  return index;
}

function findSoleIndex({ keySpecs, findKeys }: Spec): number {
  if (keySpecs.length === 0) return findKeys === undefined ? 0 : ANY;
  const [{ begin, find }] = keySpecs as [Spec['keySpecs'][number]];
  const single = keySpecs.length === 1 && begin.type === 'index' && find.type === 'range' && find.lastKey === 0;
  return single ? begin.index : ANY;
}

/** Whether what the command gives back means something only to the node that gave it: a cursor. */
export function isBoundToNode(spec: Spec): boolean {
  return spec.args.some(({ name }) => name === 'cursor');
}

/**
 * Whether the command may be carried out in parts at several places. A reply that is the least of all parts' (MSETNX)
 * promises all or nothing, which several places together cannot.
 */
export function isSplittable(spec: Spec): boolean {
  return spec.request === 'multi_shard' && spec.response !== 'agg_min' && groupOf(spec) !== null;
}

/** Keys from an index to the end, each followed by `step` − 1 arguments of its own. */
function groupOf({ keySpecs }: Spec): { from: number; step: number } | null {
  const [keySpec, ...more] = keySpecs;
  if (keySpec === undefined || more.length > 0) return null;
  const { begin, find } = keySpec;
  if (begin.type !== 'index' || find.type !== 'range' || find.lastKey !== -1) return null;
  return { from: begin.index, step: find.step };
}

/**
 * The parts of a request by place, in the order in which the places first occur; none if it has no keys. Keys at
 * different places make several parts where the command's policy allows it (MGET, MSET, DEL, UNLINK, EXISTS, TOUCH);
 * otherwise throws CrossSlotError. `placeOf` is asked once per key; places are compared as a Map compares its keys.
 */
export function splitByPlace<P>(request: Request, placeOf: (key: Bytes) => P): Part<P>[] {
  const { spec, argv } = request;
  const indexes = keyIndexesOf(request);
  if (indexes.length === 0) return [];
  const places = new Map<P, number[]>();
  indexes.forEach((index, i) => {
    const place = placeOf(argv[index]!);
    const members = places.get(place);
    if (members === undefined) places.set(place, [i]);
    else members.push(i);
  });
  if (places.size === 1) return [{ place: places.keys().next().value as P, request, keys: [...indexes.keys()] }];
  const group = isSplittable(spec) ? groupOf(spec) : null;
  if (group === null) throw crossSlot(request, indexes, [...places.values()]);
  return [...places].map(([place, keys]) => ({ place, keys, request: partOf(request, keys, group) }));
}

function partOf({ spec, argv }: Request, keys: readonly number[], { from, step }: { from: number; step: number }) {
  const part = argv.slice(0, from);
  for (const key of keys) {
    const at = from + key * step;
    for (let i = at; i < at + step; i++) part.push(argv[i]!);
  }
  return { spec, argv: part };
}

function crossSlot({ spec, argv }: Request, indexes: readonly number[], places: readonly number[][]): CrossSlotError {
  const [first, second] = places.map(([key]) => nameOfKey(argv[indexes[key!]!]!));
  const why = isSplittable(spec) || spec.request !== 'multi_shard' ? 'must live together' : 'are set all or none';
  return crossSlotOf(spec.name, first!, second!, why);
}

/** The error for two keys at different places, where `command` needs one place. */
export function crossSlotError(command: string, first: Bytes, second: Bytes): CrossSlotError {
  return crossSlotOf(command, nameOfKey(first), nameOfKey(second), 'must live together');
}

function crossSlotOf(command: string, first: string, second: string, why: string): CrossSlotError {
  return new CrossSlotError(
    `the keys of ${command} ${why}, but ${first} and ${second} live apart: a hash tag as in {tag}key keeps keys together`,
    { command },
  );
}

const KEY_SHOWN_MAX = 64;

function nameOfKey(key: Bytes): string {
  const text = textFromBytes(key);
  return `'${text.length > KEY_SHOWN_MAX ? `${text.slice(0, KEY_SHOWN_MAX)}…` : text}'`;
}
