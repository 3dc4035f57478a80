import type { Bytes } from '../core/bytes.js';
import { arrayFromBytes, textFromBytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { KeyspanError } from '../core/errors.js';
import {
  AttributedReply,
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  NullArray,
  PairsReply,
  PinnedReply,
  PushReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../core/reply.js';
import { RecordObjects } from './record-object.js';

/** How a view represents bulk strings, stored values, and integers. */
export interface ReplyView {
  bytes(bytes: Bytes): unknown;
  value(bytes: Bytes): unknown;
  integer(value: number | bigint): unknown;
  /** The same view for replies known to be ASCII, whose bytes are their text. Absent where that makes no difference. */
  readonly plain?: ReplyView;
  /** Whether this is such a view. */
  readonly isPlain?: true;
}

/** A reply as the façade sees it: its TypeScript type as text, and the decoder of the wire value. */
export interface Shape {
  /** In terms of `V['bytes']`, `V['value']` and `V['integer']` of the view `V`. */
  readonly type: string;
  decode(reply: Reply, view: ReplyView): unknown;
  /** Renames every key or channel in a reply; absent if it holds none. */
  rename?(reply: Reply, rename: Rename): Reply;
}

/** Maps a key or channel to its name in a view. */
export type Rename = (name: Bytes) => Bytes;

/** The reply does not have the shape that the table declares: a foreign server, or a bug in this library. */
function mismatch(expected: string, reply: Reply): never {
  const got = reply === null ? 'null' : typeof reply === 'object' ? reply.constructor.name : typeof reply;
  throw new KeyspanError(`unexpected reply: wanted ${expected}, got ${got}`);
}

export function isAbsent(reply: Reply): boolean {
  return reply === null || reply instanceof NullArray;
}

/** A string of any kind as bytes; null if the reply is not a string. */
export function bytesOf(reply: Reply): Bytes | null {
  if (typeof reply === 'string') return reply;
  if (reply instanceof Status) return reply.text;
  if (reply instanceof VerbatimReply) return reply.text;
  if (reply instanceof BigNumberReply) return reply.digits;
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply);
  return null;
}

/** The items of any aggregate, flattened; null if the reply is not one. */
export function itemsOf(reply: Reply): Reply[] | null {
  if (Array.isArray(reply)) return reply;
  if (reply instanceof SetReply || reply instanceof PushReply) return reply.items;
  if (reply instanceof MapReply || reply instanceof PairsReply) return reply.flat;
  return null;
}

/** `+OK` and other fixed words, always text. */
export const text: Shape = {
  type: 'string',
  decode: (reply) => textFromBytes(bytesOf(reply) ?? mismatch('a string', reply)),
};

export const ok: Shape = { ...text, type: "'OK'" };

/** A bulk string in the view's form. */
export const bulk: Shape = {
  type: "V['bytes']",
  decode: (reply, view) => view.bytes(bytesOf(reply) ?? mismatch('a string', reply)),
};

/** Bytes in every view: a payload is not text. */
export const payload: Shape = {
  type: 'Uint8Array',
  decode: (reply) => arrayFromBytes(bytesOf(reply) ?? mismatch('a string', reply)),
};

/** Stored data: a string, an element, a member, a field's value. A codec decodes it. */
export const value: Shape = {
  type: "V['value']",
  decode: (reply, view) => view.value(bytesOf(reply) ?? mismatch('a string', reply)),
};

/** The name of a key or a channel. */
export const keyName: Shape = {
  ...bulk,
  rename: (reply, rename) => rename(bytesOf(reply) ?? mismatch('a name', reply)),
};

export const int: Shape = {
  type: "V['integer']",
  decode: (reply, view) =>
    typeof reply === 'number' || typeof reply === 'bigint' ? view.integer(reply) : mismatch('an integer', reply),
};

/** 1 or 0; for SET and the like also OK or nil. */
export const bool: Shape = {
  type: 'boolean',
  decode(reply) {
    if (typeof reply === 'boolean') return reply;
    if (reply === 1 || reply === 0) return reply === 1;
    if (reply instanceof Status) return true;
    if (isAbsent(reply)) return false;
    return mismatch('yes or no', reply);
  },
};

export const double: Shape = {
  type: 'number',
  decode(reply) {
    if (reply instanceof DoubleReply) return reply.value;
    if (typeof reply === 'number') return reply;
    const value = typeof reply === 'string' ? parseDouble(reply) : null;
    return value ?? mismatch('a double', reply);
  },
};

export function nullable(shape: Shape): Shape {
  return {
    type: `${shape.type} | null`,
    decode: (reply, view) => (isAbsent(reply) ? null : shape.decode(reply, view)),
    ...renaming([shape], (reply, rename) => (isAbsent(reply) ? reply : shape.rename!(reply, rename))),
  };
}

export function list(shape: Shape): Shape {
  return {
    type: arrayType(shape.type),
    decode: (reply, view) =>
      (itemsOf(reply) ?? mismatch('an array', reply)).map((item) =>
        item instanceof ErrorReply ? item : shape.decode(item, view),
      ),
    ...renaming([shape], (reply, rename) => {
      const items = itemsOf(reply) ?? mismatch('an array', reply);
      return items.map((item) => (item instanceof ErrorReply ? item : shape.rename!(item, rename)));
    }),
  };
}

/** A fixed sequence of shapes. */
export function tuple(...shapes: Shape[]): Shape {
  return {
    type: `[${shapes.map((shape) => shape.type).join(', ')}]`,
    decode(reply, view) {
      const items = itemsOf(reply) ?? mismatch('an array', reply);
      return shapes.map((shape, i) => shape.decode(items[i] ?? null, view));
    },
    ...renaming(shapes, (reply, rename) => {
      const items = itemsOf(reply) ?? mismatch('an array', reply);
      return items.map((item, i) => shapes[i]?.rename?.(item, rename) ?? item);
    }),
  };
}

/** Field → value as a plain object, safe for `__proto__`; field names are always text, those of keys `keyName`. */
export function record(content: Shape, field: Shape = text): Shape {
  const objects = new RecordObjects();
  return {
    type: `Record<string, ${content.type}>`,
    decode(reply, view) {
      const flat = flatPairs(reply) ?? mismatch('a map', reply);
      // Names that are not ASCII decode to different text.
      const object = view.isPlain ? objects.make(flat) : {};
      for (let i = 0; i + 1 < flat.length; i += 2) {
        const name = bytesOf(flat[i]!) ?? '';
        defineField(object, view.isPlain ? name : textFromBytes(name), content.decode(flat[i + 1]!, view));
      }
      return object;
    },
    ...renaming([field, content], (reply, rename) => renamePairs(reply, [field, content], rename)),
  };
}

/** The `rename` of an aggregate, if one of its parts has any. */
function renaming(parts: readonly Shape[], rename: NonNullable<Shape['rename']>): Pick<Shape, 'rename'> {
  return parts.some((part) => part.rename !== undefined) ? { rename } : {};
}

/** Pairs stay as they are written: nested, flat, or a map. */
function renamePairs(reply: Reply, shapes: readonly [Shape, Shape], rename: Rename): Reply {
  const each = (item: Reply, i: number): Reply => shapes[i % 2]!.rename?.(item, rename) ?? item;
  const items = itemsOf(reply) ?? mismatch('pairs', reply);
  if (items.every((item) => Array.isArray(item) && item.length === 2))
    return items.map((item) => (item as Reply[]).map(each));
  const renamed = items.map(each);
  return reply instanceof MapReply ? new MapReply(renamed) : renamed;
}

/** `[first, second]` pairs, from a RESP2 flat list, a RESP3 list of lists or a map. */
export function pairList(first: Shape, second: Shape): Shape {
  return {
    type: `[${first.type}, ${second.type}][]`,
    decode(reply, view) {
      const flat = flatPairs(reply) ?? mismatch('pairs', reply);
      const result: [unknown, unknown][] = [];
      for (let i = 0; i + 1 < flat.length; i += 2) {
        result.push([first.decode(flat[i], view), second.decode(flat[i + 1], view)]);
      }
      return result;
    },
    ...renaming([first, second], (reply, rename) => renamePairs(reply, [first, second], rename)),
  };
}

/** Anything, decoded by its wire type: for `call()` and commands without a fixed shape. */
export const anyReply: Shape = { type: 'ReplyValue<V>', decode: decodeAny };

/** A shape with a decoder of its own. */
export function custom(type: string, decode: Shape['decode']): Shape {
  return { type, decode };
}

export function decodeAny(reply: Reply, view: ReplyView): unknown {
  if (reply === null || reply instanceof NullArray) return null;
  if (typeof reply === 'string') return view.bytes(reply);
  if (typeof reply === 'number' || typeof reply === 'bigint') return view.integer(reply);
  if (typeof reply === 'boolean') return reply;
  if (reply instanceof Status) return textFromBytes(reply.text);
  if (reply instanceof DoubleReply) return reply.value;
  if (reply instanceof VerbatimReply) return view.bytes(reply.text);
  if (reply instanceof BigNumberReply) return BigInt(reply.digits);
  if (reply instanceof ErrorReply) return reply;
  if (reply instanceof AttributedReply || reply instanceof PinnedReply) return decodeAny(reply.reply, view);
  if (reply instanceof MapReply) return record(anyReply).decode(reply, view);
  if (reply instanceof PairsReply) return pairList(anyReply, anyReply).decode(reply, view);
  const items = itemsOf(reply);
  return items ? items.map((item) => decodeAny(item, view)) : mismatch('a reply', reply);
}

function flatPairs(reply: Reply): Reply[] | null {
  const items = itemsOf(reply);
  if (items !== null && items.length > 0 && items.every((item) => Array.isArray(item) && item.length === 2)) {
    return (items as Reply[][]).flat();
  }
  return items;
}

/** `__proto__` must become a field like any other. */
export function defineField(object: Record<string, unknown>, field: string, value: unknown): void {
  if (field === '__proto__')
    Object.defineProperty(object, field, { value, writable: true, enumerable: true, configurable: true });
  else object[field] = value;
}

function arrayType(type: string): string {
  return hasOuterUnion(type) ? `(${type})[]` : `${type}[]`;
}

/** Whether a `|` stands outside all brackets. */
function hasOuterUnion(type: string): boolean {
  let depth = 0;
  for (const char of type) {
    if ('[{(<'.includes(char)) depth++;
    else if (']})>'.includes(char)) depth--;
    else if (char === '|' && depth === 0) return true;
  }
  return false;
}
