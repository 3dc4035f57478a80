import type { Bytes } from '../../core/bytes.js';
import { argumentError, integerArgument, numberArgument, textArgument } from './arguments.js';
import { packFloat, packInteger, unpackFloat, unpackInteger } from './byte-packer.js';
import { libraryError } from './stack.js';
import { toInt64 } from './text-format.js';
import type { LuaResult, LuaValue } from './value.js';

const INTEGER_BYTES_MAX = 32;
const NATIVE_ALIGNMENT = 8;
const nativeSizes: Record<string, number> = { b: 1, B: 1, h: 2, H: 2, l: 8, L: 8, T: 8, f: 4, d: 8, x: 1 };

interface Item {
  option: string;
  size: number;
  /** Bytes to skip before the item. */
  padding: number;
  little: boolean;
}

/** Goes through a format, item by item; directives for order and alignment are its state. */
class Layout {
  readonly #format: Bytes;
  readonly #name: string;
  #at = 0;
  #little = true;
  #align = 1;

  constructor(format: Bytes, name: string) {
    this.#format = format;
    this.#name = name;
  }

  #number(fallback: number): number {
    let digits = '';
    while (/[0-9]/.test(this.#format[this.#at] ?? '')) digits += this.#format[this.#at++];
    if (digits === '') return fallback;
    const value = Number(digits);
    if (value > 2 ** 31 - 1) throw libraryError('integral size overflow');
    return value;
  }

  /** The next item, `total` bytes from the start; null at the end. */
  next(total: number): Item | null {
    while (this.#at < this.#format.length) {
      const option = this.#format[this.#at++];
      const size = this.#sizeOf(option);
      const item = { option, size, padding: 0, little: this.#little };
      switch (option) {
        case ' ':
          continue;
        case '>':
          this.#little = false;
          continue;
        case '<':
          this.#little = true;
          continue;
        case '!': {
          const align = this.#number(NATIVE_ALIGNMENT);
          if (align === 0 || (align & (align - 1)) !== 0) throw libraryError(`alignment ${align} is not a power of 2`);
          this.#align = align;
          continue;
        }
        default:
          if ('bBhHlLTfdxiIsc'.includes(option)) return this.#aligned(item, total);
          throw argumentError(0, this.#name, `invalid format option '${option}'`);
      }
    }
    return null;
  }

  #sizeOf(option: string): number {
    if (option === 'c') return this.#number(1);
    if (option !== 'i' && option !== 'I') return nativeSizes[option] ?? 0;
    const size = this.#number(4);
    if (size > INTEGER_BYTES_MAX)
      throw libraryError(`integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`);
    return size;
  }

  #aligned(item: Item, total: number): Item {
    const align = Math.min(item.size, this.#align);
    if (align > 1 && item.option !== 'c') item.padding = (align - (total & (align - 1))) & (align - 1);
    return item;
  }
}

function pack(...args: LuaValue[]): LuaValue {
  const layout = new Layout(textArgument(args, 0, 'pack'), 'pack');
  let out = '';
  let at = 1;
  for (let item = layout.next(0); item !== null; item = layout.next(out.length)) {
    const { option, size, little } = item;
    out += '\0'.repeat(item.padding);
    if (option === 'x') {
      out += '\0';
    } else if (option === 'f' || option === 'd') {
      out += packFloat(numberArgument(args, at++, 'pack'), size as 4 | 8, little);
    } else if (option === 's') {
      out += `${textArgument(args, at++, 'pack')}\0`;
    } else if (option === 'c') {
      const text = textArgument(args, at, 'pack');
      const length = size === 0 ? text.length : size;
      if (text.length < length) throw argumentError(at + 1, 'pack', 'string too short');
      at++;
      out += text.slice(0, length);
    } else out += packInteger(toInt64(numberArgument(args, at++, 'pack')), size, little);
  }
  return out;
}

/** The length of a `c0` string, which the value unpacked before it gives. */
function lengthFrom(previous: LuaValue): number {
  if (typeof previous !== 'number') throw libraryError("format 'c0' needs a previous size");
  if (previous < 0) throw argumentError(1, 'unpack', 'data string too short');
  return Math.trunc(previous);
}

function unpack(...args: LuaValue[]): LuaResult {
  const layout = new Layout(textArgument(args, 0, 'unpack'), 'unpack');
  const text = textArgument(args, 1, 'unpack');
  let at = integerArgument(args, 2, 'unpack', 1) - 1;
  if (at < 0) throw argumentError(2, 'unpack', 'offset must be 1 or greater');
  const values: LuaValue[] = [];
  const need = (size: number): void => {
    if (size > text.length || at > text.length - size) throw argumentError(1, 'unpack', 'data string too short');
  };
  for (let item = layout.next(at); item !== null; item = layout.next(at)) {
    const { option, little } = item;
    let { size } = item;
    at += item.padding;
    need(size);
    if (option === 'f' || option === 'd') values.push(unpackFloat(text, at, size as 4 | 8, little));
    else if (option === 's') {
      const end = text.indexOf('\0', at);
      if (end < 0) throw libraryError('unfinished string in data');
      values.push(text.slice(at, end));
      size = end - at + 1;
    } else if (option === 'c') {
      if (size === 0) {
        size = lengthFrom(values.pop());
        need(size);
      }
      values.push(text.slice(at, at + size));
    } else if (option !== 'x') {
      const signed = option === option.toLowerCase();
      values.push(Number(unpackInteger(text, at, size, little, signed)));
    }
    at += size;
  }
  values.push(at + 1);
  return values;
}

function size(...args: LuaValue[]): LuaValue {
  const layout = new Layout(textArgument(args, 0, 'size'), 'size');
  let total = 0;
  for (let item = layout.next(0); item !== null; item = layout.next(total)) {
    const { option } = item;
    if (option === 's' || (option === 'c' && item.size === 0))
      throw argumentError(0, 'size', `option '${option}' has no fixed size`);
    total += item.padding + item.size;
  }
  return total;
}

export const structLibrary: Record<string, LuaValue> = { pack, size, unpack };
