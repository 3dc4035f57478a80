import { asCString, type Bytes } from '../../core/bytes.js';
import { formatFixed } from '../../core/double.js';
import { argumentError, numberArgument, textArgument } from './arguments.js';
import { exponential, formatGeneral } from './number-text.js';
import { libraryError } from './stack.js';
import type { LuaValue } from './value.js';

const directive = /%([-+ #0]*)(\d*)(?:\.(\d*))?([\s\S]?)/g;

interface Layout {
  flags: string;
  width: number;
  precision: number | undefined;
}

/** `string.format`. */
export function formatText(args: readonly LuaValue[]): Bytes {
  let at = 0;
  return textArgument(args, 0, 'format').replace(
    directive,
    (_all, flags: string, width: string, precision: string | undefined, letter: string) => {
      if (letter === '%' && flags === '' && width === '') return '%';
      if (/(.).*\1/.test(flags) && flags.length > 5) throw libraryError('invalid format (repeated flags)');
      if (width.length > 2 || (precision?.length ?? 0) > 2)
        throw libraryError('invalid format (width or precision too long)');
      at++;
      if (at >= args.length) throw argumentError(at, 'format', 'no value');
      return directed(args, at, letter, {
        flags,
        width: Number(width),
        precision: precision === undefined ? undefined : Number(precision),
      });
    },
  );
}

const WHOLE_TEXT_MIN = 100;

function directed(args: readonly LuaValue[], at: number, letter: string, layout: Layout): Bytes {
  switch (letter) {
    case 'c':
      return pad(String.fromCharCode(numberArgument(args, at, 'format') & 255), layout);
    case 'd':
    case 'i':
      return integer(toInt64(numberArgument(args, at, 'format')), 10, layout, true);
    case 'u':
      return integer(BigInt.asUintN(64, toInt64(numberArgument(args, at, 'format'))), 10, layout, false);
    case 'o':
      return integer(BigInt.asUintN(64, toInt64(numberArgument(args, at, 'format'))), 8, layout, false);
    case 'x':
      return integer(BigInt.asUintN(64, toInt64(numberArgument(args, at, 'format'))), 16, layout, false);
    case 'X':
      return integer(BigInt.asUintN(64, toInt64(numberArgument(args, at, 'format'))), 16, layout, false).toUpperCase();
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return float(numberArgument(args, at, 'format'), letter, layout);
    case 'q':
      return quote(textArgument(args, at, 'format'));
    case 's': {
      const text = textArgument(args, at, 'format');
      // As C Lua has it: long texts are taken whole, others are formatted by C, which ends them at a zero byte.
      if (layout.precision === undefined && text.length >= WHOLE_TEXT_MIN) return text;
      return pad(asCString(text, layout.precision), { ...layout, flags: layout.flags.replace('0', '') });
    }
    default:
      throw libraryError(`invalid option '%${letter}' to 'format'`);
  }
}

/** As the machine casts a double: what does not fit becomes the smallest. */
export function toInt64(value: number): bigint {
  if (!(value > -9.223372036854776e18 && value < 9.223372036854775e18)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

function pad(text: string, { flags, width }: Layout): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

/** Zeros go between the sign and the digits. */
function padNumber(sign: string, digits: string, layout: Layout, zeros: boolean): string {
  if (zeros && layout.flags.includes('0') && !layout.flags.includes('-')) {
    return sign + digits.padStart(layout.width - sign.length, '0');
  }
  return pad(sign + digits, layout);
}

function signOf(negative: boolean, { flags }: Layout): string {
  if (negative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function integer(value: bigint, base: number, layout: Layout, signed: boolean): string {
  const { precision, flags } = layout;
  let digits = (value < 0n ? -value : value).toString(base);
  if (precision !== undefined) digits = precision === 0 && value === 0n ? '' : digits.padStart(precision, '0');
  let prefix = signed ? signOf(value < 0n, layout) : '';
  if (flags.includes('#') && value !== 0n && base === 16) prefix = '0x';
  if (flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  return padNumber(prefix, digits, layout, precision === undefined);
}

function float(value: number, letter: string, layout: Layout): string {
  const precision = layout.precision ?? 6;
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  let digits: string;
  if (!Number.isFinite(value)) {
    digits = Number.isNaN(value) ? 'nan' : 'inf';
    const text = pad(signOf(Number.isNaN(value) || negative, layout) + digits, layout);
    return letter === 'E' || letter === 'G' ? text.toUpperCase() : text;
  }
  if (letter === 'f') digits = formatFixed(size, precision);
  else if (letter === 'g' || letter === 'G') digits = formatGeneral(size, precision, layout.flags.includes('#'));
  else digits = exponential(size, precision).replace(/e([+-])(\d)$/, 'e$10$2');
  if (letter === 'E' || letter === 'G') digits = digits.toUpperCase();
  return padNumber(signOf(negative, layout), digits, layout, true);
}

function quote(text: Bytes): Bytes {
  return `"${text.replace(/["\\\n\r\0]/g, (c) => (c === '\r' ? '\\r' : c === '\0' ? '\\000' : `\\${c}`))}"`;
}
