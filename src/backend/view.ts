import type { ReplyView } from '../commands/shape.js';
import { arrayFromBytes, type Bytes, bytesFromArray, bytesFromText, textFromBytes } from '../core/bytes.js';
import { DataError, KeyspanError, type ReplyError } from '../core/errors.js';
import type { CallOptions } from './backend.js';
import { type AnyCodec, type Decoded, decoderOf } from './codec.js';

/** What a user may pass where Redis takes a string: text is sent as UTF-8, numbers as their decimal digits. */
export type Arg = string | number | bigint | Uint8Array;

/** An integer; a bigint where it may lie beyond ±2^53. */
export type IntArg = number | bigint;

/** Metres, kilometres, feet or miles. */
export type GeoUnit = 'm' | 'km' | 'ft' | 'mi';

/** A number, or its exact decimal text where a double would not do. */
export type NumberArg = number | bigint | `${number}` | 'inf' | '+inf' | '-inf';

/** `{ field: value }`, a Map, or pairs. */
export type Pairs<T = Arg> = Readonly<Record<string, T>> | ReadonlyMap<Arg, T> | Iterable<readonly [Arg, T]>;

/** `{ member: score }` (where members are text), a Map, or `[member, score]` pairs. */
export type ScorePairs<T = Arg> =
  | (string extends T ? Readonly<Record<string, NumberArg>> : never)
  | ReadonlyMap<T, NumberArg>
  | Iterable<readonly [T, NumberArg]>;

/** `{ member: [longitude, latitude] }` (where members are text), a Map, or pairs. */
export type Places<T = Arg> =
  | (string extends T ? Readonly<Record<string, readonly [NumberArg, NumberArg]>> : never)
  | Iterable<readonly [T, readonly [NumberArg, NumberArg]]>;

/** The types in which a view returns replies. */
export interface View {
  bytes: string | Uint8Array;
  integer: number | bigint;
  /**
   * Stored data: strings, elements, members, field values, messages. The same as `bytes`, unless a codec produces them.
   */
  value: unknown;
  /** What may be passed to be stored. */
  input: unknown;
  /** Whether a codec produces the values. */
  coded: boolean;
}

/** The view that `open` returns: strings are text, integers are numbers. */
export interface TextView extends View {
  bytes: string;
  integer: number;
  value: string;
  input: Arg;
  coded: false;
}

/** A reply of no fixed shape. */
export type ReplyValue<V extends View> =
  | V['bytes']
  | V['integer']
  | string
  | number
  | boolean
  | null
  | ReplyError
  | ReplyValue<V>[]
  | { [field: string]: ReplyValue<V> };

/** Options of a view: see `with`. Omitted options stay as they are. */
export interface ViewOptions extends CallOptions {
  /** `'bytes'`: bulk strings come back as Uint8Array. */
  as?: 'text' | 'bytes';
  /** `'bigint'`: every integer reply is a bigint, exact in 64 bits. */
  integers?: 'number' | 'bigint';
  /**
   * Prepended to every key, channel and pattern sent, and removed from those returned. Prefixes of nested views
   * concatenate.
   */
  prefix?: string | Uint8Array;
  /** Encodes and decodes stored values; null for none. */
  codec?: AnyCodec | null;
}

/** The view that `with(options)` creates on top of `V`. */
export type ViewWith<V extends View, O extends ViewOptions> = {
  bytes: BytesWith<V, O>;
  integer: O['integers'] extends 'bigint' ? bigint : O['integers'] extends 'number' ? number : V['integer'];
  value: O['codec'] extends AnyCodec
    ? Decoded<O['codec']>
    : O['codec'] extends null
      ? BytesWith<V, O>
      : V['coded'] extends true
        ? V['value']
        : BytesWith<V, O>;
  input: O['codec'] extends AnyCodec ? Decoded<O['codec']> : O['codec'] extends null ? Arg : V['input'];
  coded: O['codec'] extends AnyCodec ? true : O['codec'] extends null ? false : V['coded'];
};

type BytesWith<V extends View, O extends ViewOptions> = O['as'] extends 'bytes'
  ? Uint8Array
  : O['as'] extends 'text'
    ? string
    : V['bytes'];

function exactNumber(value: number | bigint): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new KeyspanError(`integer reply ${value} is beyond 2^53: use with({ integers: 'bigint' }) for exact values`);
}

/** The decoders of a view. */
export function replyViewOf(options: ViewOptions): ReplyView {
  const integer = options.integers === 'bigint' ? (value: number | bigint) => BigInt(value) : exactNumber;
  const bytes = options.as === 'bytes' ? arrayFromBytes : textFromBytes;
  const { codec } = options;
  const value = codec ? decoderOf(codec) : bytes;
  const plainOf = (decode: (bytes: Bytes) => unknown) => (decode === textFromBytes ? asTheyAre : decode);
  const plain: ReplyView = { bytes: plainOf(bytes), value: plainOf(value), integer, isPlain: true };
  return { bytes, value, integer, plain };
}

function asTheyAre(bytes: Bytes): string {
  return bytes;
}

/** A user's value as bytes. Throws DataError for anything that is no `Arg`. */
export function encodeArg(value: unknown): Bytes {
  switch (typeof value) {
    case 'string':
      return bytesFromText(value);
    case 'number':
      if (Number.isNaN(value)) throw new DataError('NaN cannot be an argument');
      return value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value);
    case 'bigint':
      return value.toString();
    default:
      if (value instanceof Uint8Array) return bytesFromArray(value);
      throw new DataError(`expected a string, number, bigint or Uint8Array, not ${describe(value)}`);
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object') return typeof value;
  const name = value.constructor?.name ?? 'object';
  return `${/^[AEIOUaeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
