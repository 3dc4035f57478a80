import { parseDouble } from '../../core/double.js';

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const word = /^([+-]?)(?:(inf|infinity)|nan(?:\([0-9A-Za-z_]*\))?)$/i;

/** The number that a text spells, blanks around it allowed, as `tonumber` reads it; undefined if none. */
export function numberFromText(text: string): number | undefined {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  if (decimal.test(trimmed)) return Number(trimmed);
  const special = word.exec(trimmed);
  if (special) return special[2] ? (special[1] === '-' ? -Infinity : Infinity) : NaN;
  return /^[+-]?0[xX]/.test(trimmed) ? (parseDouble(trimmed) ?? undefined) : undefined;
}

/** C's `%.{precision}g`. */
export function formatGeneral(value: number, precision: number, alternate = false): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? (isNegativeNan ? '-nan' : 'nan') : value < 0 ? '-inf' : 'inf';
  const digits = Math.max(precision, 1);
  const [mantissa, exponentText] = exponential(Math.abs(value), Math.min(digits - 1, 100)).split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (exponent < -4 || exponent >= digits) {
    const kept = alternate ? mantissa : trimZeros(mantissa);
    return `${sign}${kept}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const all = mantissa.replace('.', '');
  const point = exponent + 1;
  const fixed = point > 0 ? `${all.slice(0, point)}.${all.slice(point)}` : `0.${'0'.repeat(-point)}${all}`;
  return sign + (alternate ? fixed : trimZeros(fixed));
}

/** As `toExponential` of a number that is not negative, but halves go to the even digit, as in C. */
export function exponential(value: number, decimals: number): string {
  const more = value.toExponential(Math.min(decimals + 25, 100));
  const [long, exponent] = more.split('e');
  const kept = long.slice(0, decimals === 0 ? 1 : decimals + 2);
  const rest = long.slice(decimals === 0 ? 2 : decimals + 2);
  const tiesToEven = /^50*$/.test(rest) && Number(kept[kept.length - 1]) % 2 === 0;
  return tiesToEven ? `${kept}e${exponent}` : value.toExponential(decimals);
}

/** On the machines that Redis runs on, the NaN of 0/0 has its sign bit set and is printed so. */
const isNegativeNan = true;

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0*$/, '') : text;
}

/** A number as Lua writes it: C's `%.14g`. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && value < 1e14 && value > -1e14) return Object.is(value, -0) ? '-0' : String(value);
  return formatGeneral(value, 14);
}

/** A number as an argument of a command: C's `%.17g`. */
export function exactNumberText(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0' : String(value);
  return formatGeneral(value, 17);
}
