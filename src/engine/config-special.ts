import type { Bytes } from '../core/bytes.js';
import { formatFixed, parseDouble, trimFraction } from '../core/double.js';
import { InvalidParameter, type ParameterKind } from './config-kind.js';
import { memoryText, parseMemory } from './memory-text.js';
import { formatNotifyFlags, parseNotifyFlags } from './notify.js';
import { quoted } from './slowlog.js';

/** The kinds of which there is only one parameter each. Their values are texts of several words. */

const words = (value: string): string[] => (value === '' ? [] : value.split(' '));

/** C's strtoll on the whole of a text: digits with an optional sign, clamped. */
function wholeNumber(text: Bytes): number | null {
  return /^\s*[+-]?\d+$/.test(text) ? Number(text) : text === '' ? 0 : null;
}

/** `save`: pairs of seconds and changes. Lines of one file add up, so the reader gives all pairs at once. */
export const savePoints: ParameterKind = {
  read(args) {
    const list = args.length === 1 && args[0] === '' ? [] : args;
    if (list.length % 2 !== 0) throw new InvalidParameter('Invalid save parameters');
    const numbers = list.map(wholeNumber);
    if (numbers.some((n, i) => n === null || n < (i % 2 === 0 ? 1 : 0)))
      throw new InvalidParameter('Invalid save parameters');
    return numbers.join(' ');
  },
  lines(name, value) {
    const list = words(value);
    if (list.length === 0) return [`${name} ""`];
    return list.flatMap((seconds, i) => (i % 2 === 0 ? [`${name} ${seconds} ${list[i + 1]}`] : []));
  },
};

const classes = ['normal', 'slave', 'pubsub'];

/** `client-output-buffer-limit`: some of the classes at a time, the others keep theirs. */
export const outputLimits: ParameterKind = {
  read(args, previous) {
    if (args.length % 4 !== 0) throw new InvalidParameter('Wrong number of arguments in buffer limit configuration.');
    const values = words(previous);
    for (let i = 0; i < args.length; i += 4) {
      const name = args[i].toLowerCase();
      const at = classes.indexOf(name === 'replica' ? 'slave' : name);
      if (at < 0) throw new InvalidParameter('Invalid client class specified in buffer limit configuration.');
      const hard = parseMemory(args[i + 1]);
      const soft = parseMemory(args[i + 2]);
      const seconds = wholeNumber(args[i + 3]);
      if (hard === null || soft === null || seconds === null || seconds < 0) {
        throw new InvalidParameter('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
      }
      values.splice(at * 4, 4, classes[at], String(hard), String(soft), String(seconds));
    }
    return values.join(' ');
  },
  lines(name, value) {
    const list = words(value);
    return classes.map((word, i) => {
      const [hard, soft, seconds] = list.slice(i * 4 + 1, i * 4 + 4);
      return `${name} ${word === 'slave' ? 'replica' : word} ${memoryText(BigInt(hard))} ${memoryText(BigInt(soft))} ${seconds}`;
    });
  },
};

export const oomScores: ParameterKind = {
  read(args) {
    if (args.length !== 3) throw new InvalidParameter('wrong number of arguments');
    const numbers = args.map(wholeNumber);
    if (numbers.some((n) => n === null || n < -2000 || n > 2000)) {
      throw new InvalidParameter('Invalid oom-score-adj-values, elements must be between -2000 and 2000.');
    }
    return numbers.join(' ');
  },
  lines: (name, value) => [`${name} ${value}`],
};

/** The value is the number of the flags: the text does not always tell all of them. */
export const notifyEvents: ParameterKind = {
  read([letters]) {
    const flags = parseNotifyFlags(letters);
    if (flags === null) throw new InvalidParameter("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    return String(flags);
  },
  show: (value) => formatNotifyFlags(Number(value)),
  lines: (name, value) => [`${name} ${quoted(formatNotifyFlags(Number(value)))}`],
};

const BIND_ADDRESSES_MAX = 16;
export const DEFAULT_BIND = '* -::*';

export const bindAddresses: ParameterKind = {
  read(args) {
    if (args.length > BIND_ADDRESSES_MAX) throw new InvalidParameter('Too many bind addresses specified.');
    return args.join(' ');
  },
  lines: (name, value) => (value === DEFAULT_BIND ? null : [`${name} ${value === '' ? '""' : value}`]),
};

export const primaryAddress: ParameterKind = {
  read(args) {
    if (args.length !== 2) throw new InvalidParameter('wrong number of arguments');
    const [host, port] = args;
    if (host.toLowerCase() === 'no' && port.toLowerCase() === 'one') return '';
    const number = wholeNumber(port);
    if (number === null || number < 0 || number > 65535) throw new InvalidParameter('Invalid master port');
    return `${host} ${number}`;
  },
  lines: (name, value) => (value === '' ? null : [`${name} ${value}`]),
};

export const percentiles: ParameterKind = {
  read(args) {
    const list = args.length === 1 && args[0] === '' ? [] : args;
    const numbers = list.map((arg) => {
      const number = parseDouble(arg);
      if (number === null) throw new InvalidParameter('Invalid latency-tracking-info-percentiles parameters');
      if (number > 100 || number < 0) {
        throw new InvalidParameter('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
      }
      return trimFraction(formatFixed(number, 6));
    });
    return numbers.join(' ');
  },
  lines: (name, value) => [`${name} ${value === '' ? '""' : value}`],
};
