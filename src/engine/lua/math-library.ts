import { argumentError, integerArgument, numberArgument } from './arguments.js';
import type { Random48 } from './random48.js';
import { libraryError } from './stack.js';
import type { LuaFunction, LuaValue } from './value.js';

const RANDOM_MAX = 2 ** 31 - 1;

function unary(name: string, f: (x: number) => number): LuaFunction {
  return (...args) => f(numberArgument(args, 0, name));
}

/** x = mantissa · 2^exponent with ½ ≤ |mantissa| < 1. */
function frexp(x: number): [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let mantissa = x * 2 ** -exponent;
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent++;
  }
  return [mantissa, exponent];
}

function extreme(name: string, better: (a: number, b: number) => boolean): LuaFunction {
  return (...args) => {
    let best = numberArgument(args, 0, name);
    for (let i = 1; i < args.length; i++) {
      const value = numberArgument(args, i, name);
      if (better(value, best)) best = value;
    }
    return best;
  };
}

function random(source: Random48, args: LuaValue[]): LuaValue {
  const r = (source.next() % RANDOM_MAX) / RANDOM_MAX;
  if (args.length === 0) return r;
  if (args.length > 2) throw libraryError('wrong number of arguments');
  const low = args.length === 2 ? integerArgument(args, 0, 'random') : 1;
  const high = integerArgument(args, args.length - 1, 'random');
  if (low > high) throw argumentError(args.length - 1, 'random', 'interval is empty');
  return Math.floor(r * (high - low + 1)) + low;
}

/** `mayRandom` throws where no script runs. */
export function mathLibrary(source: Random48, mayRandom: (name: string) => void): Record<string, LuaValue> {
  return {
    abs: unary('abs', Math.abs),
    acos: unary('acos', Math.acos),
    asin: unary('asin', Math.asin),
    atan: unary('atan', Math.atan),
    atan2: (...args) => Math.atan2(numberArgument(args, 0, 'atan2'), numberArgument(args, 1, 'atan2')),
    ceil: unary('ceil', Math.ceil),
    cos: unary('cos', Math.cos),
    cosh: unary('cosh', Math.cosh),
    deg: unary('deg', (x) => x / (Math.PI / 180)),
    exp: unary('exp', Math.exp),
    floor: unary('floor', Math.floor),
    fmod: (...args) => numberArgument(args, 0, 'fmod') % numberArgument(args, 1, 'fmod'),
    frexp: (...args) => frexp(numberArgument(args, 0, 'frexp')),
    huge: Infinity,
    ldexp: (...args) => numberArgument(args, 0, 'ldexp') * 2 ** integerArgument(args, 1, 'ldexp'),
    log: unary('log', Math.log),
    log10: unary('log10', Math.log10),
    max: extreme('max', (a, b) => a > b),
    min: extreme('min', (a, b) => a < b),
    mod: (...args) => numberArgument(args, 0, 'mod') % numberArgument(args, 1, 'mod'),
    modf(...args) {
      const x = numberArgument(args, 0, 'modf');
      const whole = Math.trunc(x);
      return [whole, Number.isFinite(x) ? x - whole : 0];
    },
    pi: Math.PI,
    pow: (...args) => numberArgument(args, 0, 'pow') ** numberArgument(args, 1, 'pow'),
    rad: unary('rad', (x) => x * (Math.PI / 180)),
    random(...args) {
      mayRandom('random');
      return random(source, args);
    },
    randomseed(...args) {
      mayRandom('randomseed');
      source.seed(integerArgument(args, 0, 'randomseed'));
      return [];
    },
    sin: unary('sin', Math.sin),
    sinh: unary('sinh', Math.sinh),
    sqrt: unary('sqrt', Math.sqrt),
    tan: unary('tan', Math.tan),
    tanh: unary('tanh', Math.tanh),
  };
}
