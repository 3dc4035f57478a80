import type { Bytes } from '../../core/bytes.js';
import { integerArgument, textArgument } from './arguments.js';
import { unpackFloat, unpackInteger } from './byte-packer.js';
import { writeMsgpack } from './msgpack-writer.js';
import { charge, libraryError } from './stack.js';
import { LuaTable } from './table.js';
import type { LuaResult, LuaValue } from './value.js';

/** Reads MessagePack values from a string, one after the other. */
class Reader {
  readonly #text: Bytes;
  at: number;

  constructor(text: Bytes, at: number) {
    this.#text = text;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.#text.length;
  }

  #take(size: number): number {
    const start = this.at;
    if (size > this.#text.length - start) throw libraryError('Missing bytes in input.');
    this.at += size;
    return start;
  }

  #integer(size: number, signed: boolean): number {
    return Number(unpackInteger(this.#text, this.#take(size), size, false, signed));
  }

  #string(length: number): Bytes {
    const start = this.#take(length);
    return this.#text.slice(start, start + length);
  }

  #array(length: number): LuaTable {
    const table = new LuaTable();
    for (let i = 1; i <= length; i++) table.set(i, this.read());
    return table;
  }

  #map(length: number): LuaTable {
    const table = new LuaTable();
    for (let i = 0; i < length; i++) {
      const key = this.read();
      const value = this.read();
      if (key === undefined || Number.isNaN(key))
        throw libraryError(key === undefined ? 'table index is nil' : 'table index is NaN');
      table.set(key, value);
    }
    return table;
  }

  read(): LuaValue {
    const tag = this.#text.charCodeAt(this.#take(1));
    if (tag <= 0x7f) return tag;
    if (tag >= 0xe0) return tag - 256;
    if (tag <= 0x8f) return this.#map(tag & 15);
    if (tag <= 0x9f) return this.#array(tag & 15);
    if (tag <= 0xbf) return this.#string(tag & 31);
    switch (tag) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xd9:
        return this.#string(this.#integer(1, false));
      case 0xc5:
      case 0xda:
        return this.#string(this.#integer(2, false));
      case 0xc6:
      case 0xdb:
        return this.#string(this.#integer(4, false));
      case 0xca:
        return unpackFloat(this.#text, this.#take(4), 4, false);
      case 0xcb:
        return unpackFloat(this.#text, this.#take(8), 8, false);
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#integer(1 << (tag - 0xcc), false);
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#integer(1 << (tag - 0xd0), true);
      case 0xdc:
        return this.#array(this.#integer(2, false));
      case 0xdd:
        return this.#array(this.#integer(4, false));
      case 0xde:
        return this.#map(this.#integer(2, false));
      case 0xdf:
        return this.#map(this.#integer(4, false));
      default:
        throw libraryError('Bad data format in input.');
    }
  }
}

/** `limit` values from `offset`; all of them without a limit. With one, the first result says where it goes on: −1 at the end. */
function unpackFrom(text: Bytes, limit: number, offset: number): LuaResult {
  if (offset < 0 || limit < 0) {
    throw libraryError(`Invalid request to unpack with offset of ${offset} and limit of ${text.length}.`);
  }
  if (offset > text.length) throw libraryError(`Start offset ${offset} greater than input length ${text.length}.`);
  const reader = new Reader(text, offset);
  const values: LuaValue[] = [];
  while (!reader.done && (limit === 0 || values.length < limit)) values.push(reader.read());
  if (limit > 0) values.unshift(reader.done ? -1 : reader.at);
  return values;
}

export const msgpackLibrary: Record<string, LuaValue> = {
  _COPYRIGHT: 'Copyright (C) 2012, Redis Ltd.',
  _DESCRIPTION: 'MessagePack C implementation for Lua',
  _NAME: 'cmsgpack',
  _VERSION: 'lua-cmsgpack 0.4.0',
  pack(...args) {
    if (args.length === 0) throw libraryError("bad argument #0 to 'pack' (MessagePack pack needs input.)");
    const parts: Bytes[] = [];
    for (const arg of args) writeMsgpack(arg, parts);
    const packed = parts.join('');
    charge(packed.length);
    return packed;
  },
  unpack: (...args) => unpackFrom(textArgument(args, 0, 'unpack'), 0, 0),
  unpack_limit: (...args) =>
    unpackFrom(
      textArgument(args, 0, 'unpack_limit'),
      integerArgument(args, 1, 'unpack_limit'),
      integerArgument(args, 2, 'unpack_limit', 0),
    ),
  unpack_one: (...args) =>
    unpackFrom(textArgument(args, 0, 'unpack_one'), 1, integerArgument(args, 1, 'unpack_one', 0)),
};
