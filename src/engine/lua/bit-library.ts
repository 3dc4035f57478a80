import { integerArgument, numberArgument } from './arguments.js';
import type { LuaFunction, LuaValue } from './value.js';

/** Adding this to a double leaves its integer part in the low bits, rounded half to even. */
const ROUNDING = 2 ** 52 + 2 ** 51;
const double = new DataView(new ArrayBuffer(8));

function bits(args: readonly LuaValue[], at: number, name: string): number {
  const value = numberArgument(args, at, name);
  if (Math.abs(value) < 2 ** 51) return (value + ROUNDING - ROUNDING) | 0;
  // Beyond that the low bits of the sum mean something else, and are taken all the same.
  double.setFloat64(0, value + ROUNDING, true);
  return double.getInt32(0, true);
}

function fold(name: string, f: (a: number, b: number) => number): LuaFunction {
  return (...args) => {
    let value = bits(args, 0, name);
    for (let i = 1; i < args.length; i++) value = f(value, bits(args, i, name));
    return value;
  };
}

function shift(name: string, f: (a: number, n: number) => number): LuaFunction {
  return (...args) => f(bits(args, 0, name), bits(args, 1, name) & 31) | 0;
}

function tohex(...args: LuaValue[]): LuaValue {
  const value = bits(args, 0, 'tohex') >>> 0;
  const width = args.length < 2 ? 8 : integerArgument(args, 1, 'tohex');
  const digits = Math.min(Math.abs(width), 8);
  const text = value
    .toString(16)
    .padStart(8, '0')
    .slice(8 - digits);
  return width < 0 ? text.toUpperCase() : text;
}

/** Operations on numbers as 32 bits with a sign. */
export const bitLibrary: Record<string, LuaValue> = {
  arshift: shift('arshift', (a, n) => a >> n),
  band: fold('band', (a, b) => a & b),
  bnot: (...args) => ~bits(args, 0, 'bnot'),
  bor: fold('bor', (a, b) => a | b),
  bswap(...args) {
    const a = bits(args, 0, 'bswap');
    return (a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24);
  },
  bxor: fold('bxor', (a, b) => a ^ b),
  lshift: shift('lshift', (a, n) => a << n),
  rol: shift('rol', (a, n) => (a << n) | (n === 0 ? 0 : a >>> (32 - n))),
  ror: shift('ror', (a, n) => (a >>> n) | (n === 0 ? 0 : a << (32 - n))),
  rshift: shift('rshift', (a, n) => a >>> n),
  tobit: (...args) => bits(args, 0, 'tobit'),
  tohex,
};
