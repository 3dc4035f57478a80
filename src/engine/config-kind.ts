import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import { memoryText, parseMemory } from './memory-text.js';
import { quoted } from './slowlog.js';

/** Why a value is refused: the words after "CONFIG SET failed (…) - ". */
export class InvalidParameter {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * How the values of a parameter are read and written. Values are texts, in general those that CONFIG GET shows:
 * `read` makes that canonical text of the arguments in a file or in CONFIG SET, or throws InvalidParameter.
 */
export interface ParameterKind {
  /** What CONFIG GET shows, where it is not the value itself. */
  show?(value: string): string;
  read(args: readonly Bytes[], previous: string): string;
  /** The lines of a configuration file that say `value`; `null`: the parameter has no line when it has this value. */
  lines(name: string, value: string): string[] | null;
}

const oneLine = (name: string, value: string): string[] => [`${name} ${value}`];

export const yesNo: ParameterKind = {
  read([word]) {
    const value = word.toLowerCase();
    if (value !== 'yes' && value !== 'no') throw new InvalidParameter("argument must be 'yes' or 'no'");
    return value;
  },
  lines: oneLine,
};

const UINT64_END = 2n ** 64n;
export const INT_MAX = 2n ** 31n - 1n;
export const UINT_MAX = 2n ** 32n - 1n;
export const LONG_MAX = 2n ** 63n - 1n;
export const ULONG_MAX = UINT64_END - 1n;

export interface NumberKind {
  min: bigint | number;
  max: bigint | number;
  /** `100mb`, or digits that are octal. */
  unit?: 'memory' | 'octal';
  /** `5%` is allowed too, and stored as its negative. */
  percent?: boolean;
  /** Negative numbers count as the huge ones that C makes of them. */
  unsigned?: boolean;
}

/** A 64-bit integer in a range. */
export function integer(rules: NumberKind): ParameterKind {
  const min = BigInt(rules.min);
  const max = BigInt(rules.max);
  return {
    read([text]) {
      const value = readNumber(text, rules);
      if (rules.percent && value < 0n) {
        if (value < min) throw new InvalidParameter(`percentage argument must be less or equal to ${-min}`);
        return `${-value}%`;
      }
      const compared = rules.unsigned ? BigInt.asUintN(64, value) : value;
      if (compared < min || compared > max) {
        const radix = rules.unit === 'octal' ? 8 : 10;
        throw new InvalidParameter(
          `argument must be between ${min.toString(radix)} and ${max.toString(radix)} inclusive`,
        );
      }
      return compared.toString(rules.unit === 'octal' ? 8 : 10);
    },
    lines: (name, value) => [
      `${name} ${rules.unit === 'memory' && !value.endsWith('%') ? memoryText(BigInt(value)) : value}`,
    ],
  };
}

function readNumber(text: Bytes, rules: NumberKind): bigint {
  if (rules.unit === 'memory') {
    const bytes = parseMemory(text);
    if (bytes !== null) return BigInt.asIntN(64, bytes);
  }
  if (rules.percent && text.endsWith('%')) {
    const percent = parseInteger(text.slice(0, -1));
    if (percent !== null && percent >= 0) return -BigInt(percent);
  }
  if (rules.unit === 'octal' && /^\s*[+-]?[0-7]+$/.test(text)) {
    const digits = text.trim().replace(/^[+-]/, '');
    return BigInt(`0o${digits}`) * (text.includes('-') ? -1n : 1n);
  }
  const plain = rules.unit === undefined && !rules.percent ? parseInteger(text) : null;
  if (plain !== null) return BigInt(plain);
  throw new InvalidParameter(notNumber(rules));
}

function notNumber({ unit, percent }: NumberKind): string {
  if (unit === 'memory')
    return percent ? 'argument must be a memory or percent value' : 'argument must be a memory value';
  return unit === 'octal'
    ? "argument couldn't be parsed as an octal number"
    : "argument couldn't be parsed into an integer";
}

/** One of some words; other words may stand for one of them. */
export function oneOf(words: readonly string[], synonyms: Readonly<Record<string, string>> = {}): ParameterKind {
  const order = words.flatMap((word) => [word, ...Object.keys(synonyms).filter((other) => synonyms[other] === word)]);
  const refused = `argument(s) must be one of the following: ${order.join(', ')}`;
  return {
    read(args) {
      const word = args.length === 1 ? args[0].toLowerCase() : '';
      if (synonyms[word] !== undefined) return synonyms[word];
      if (!words.includes(word)) throw new InvalidParameter(refused);
      return word;
    },
    lines: oneLine,
  };
}

/** Any of some words, several at once; the first stands for none. */
export function anyOf(words: readonly string[], check: (chosen: ReadonlySet<string>) => void): ParameterKind {
  return {
    read(args) {
      const chosen = new Set(args.map((word) => word.toLowerCase()));
      if (args.length === 0 || [...chosen].some((word) => !words.includes(word))) {
        throw new InvalidParameter(`argument(s) must be one of the following: ${words.join(', ')}`);
      }
      chosen.delete(words[0]);
      check(chosen);
      return chosen.size === 0 ? words[0] : words.filter((word) => chosen.has(word)).join(' ');
    },
    lines: oneLine,
  };
}

export interface TextRules {
  /** An empty text is the same as none: it has no line in a file. */
  emptyIsNone?: boolean;
  /** Throws InvalidParameter. */
  check?: (text: Bytes) => void;
}

export function text(rules: TextRules = {}): ParameterKind {
  return {
    read([value]) {
      rules.check?.(value);
      return value;
    },
    lines: (name, value) => (value === '' && rules.emptyIsNone ? null : [`${name} ${quoted(value)}`]),
  };
}
