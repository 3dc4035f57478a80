import { arrayFromBytes, type Bytes, bytesFromArray, bytesFromText, textFromBytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';

/** Stores values of type `T` as text. `encode` and `decode` must be inverse to each other; either may throw. */
export interface TextCodec<T> {
  readonly as?: 'text';
  encode(value: T): string;
  decode(text: string): T;
}

/** Like `TextCodec`, for values stored as bytes. */
export interface BytesCodec<T> {
  readonly as: 'bytes';
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** How values of a type are stored and restored: see `with({ codec })`. An error it throws rejects the call. */
export type Codec<T> = TextCodec<T> | BytesCodec<T>;

/** A codec of any type. */
export interface AnyCodec {
  readonly as?: 'text' | 'bytes';
  encode(value: never): string | Uint8Array;
  decode(kept: never): unknown;
}

/** The type of a codec's values. */
export type Decoded<C extends AnyCodec> = ReturnType<C['decode']>;

/**
 * A codec that stores values as JSON. `check` may validate a value that was read and determine its type, like the
 * `parse` of a schema; without it the type is trusted. Values that JSON cannot represent (`undefined`, functions,
 * bigints) are rejected with DataError.
 */
export function jsonCodec<T = unknown>(check?: (value: unknown) => T): TextCodec<T> {
  return {
    encode(value) {
      const text: string | undefined = JSON.stringify(value);
      if (text === undefined) throw new DataError(`a ${typeof value} cannot be said in JSON`);
      return text;
    },
    decode(text) {
      const value: unknown = JSON.parse(text);
      return check === undefined ? (value as T) : check(value);
    },
  };
}

/** A value as its codec stores it. Throws DataError when the codec throws. */
export function encodeWith(codec: AnyCodec, value: unknown): Bytes {
  if (value === undefined || value === null) throw new DataError(`${value} cannot be kept: absent values are null`);
  let kept: string | Uint8Array;
  try {
    kept = codec.encode(value as never);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('the codec could not encode a value', { cause: error });
  }
  if (typeof kept === 'string') return bytesFromText(kept);
  if (kept instanceof Uint8Array) return bytesFromArray(kept);
  throw new DataError(`a codec encodes to a string or Uint8Array, not to ${typeof kept}`);
}

/** A reader of stored values, which throws DataError when the codec throws. */
export function decoderOf(codec: AnyCodec): (bytes: Bytes) => unknown {
  const open: (bytes: Bytes) => string | Uint8Array = codec.as === 'bytes' ? arrayFromBytes : textFromBytes;
  return (bytes) => {
    const kept = open(bytes);
    try {
      return codec.decode(kept as never);
    } catch (error) {
      throw new DataError('the codec could not decode a value', { cause: error });
    }
  };
}
