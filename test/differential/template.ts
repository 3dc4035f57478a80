/**
 * The small language in which `commands.ts` lists commands:
 *
 *     3 ZADD zset [(NX|XX)] [CH] {score member}+      a weight, then the words
 *     HGETALL hash ~pairs                             how replies may differ between two right servers
 *
 * UPPER words stand for themselves, lower words for a maker of `values.ts`; `[x]` may be absent, `(a|b)` is a
 * choice, `{…}` a group; `+` repeats one to four times, `*` none to three.
 */
import { makers, type Values } from './values.js';

/** How two replies to the same command are compared; `exact` unless the reply is unordered, random or a clock. */
export type Comparison =
  | 'exact'
  | 'unordered'
  | 'pairs'
  | 'seconds'
  | 'millis'
  | 'shape'
  | 'refcount'
  | 'hello'
  | 'rules'
  | 'members'
  | 'popped'
  | 'scanned'
  | 'unsubscribed';

export interface Template {
  name: string;
  weight: number;
  comparison: Comparison;
  /** Malformed variants of it could hurt the run (a long pause, a short time to live), so only its arity is varied. */
  delicate: boolean;
  make(values: Values): string[];
}

type Part = (values: Values, out: string[]) => void;

/** Parses one line of the table. */
export function parseTemplate(line: string): Template {
  const words =
    line.match(/[[\](){}|]|[+*](?=\s|$|\])|~\w+|![a-z]+|[^\s[\](){}|~]+?(?=[+*]?(?:[\s[\](){}|]|$))/g) ?? [];
  const weight = /^[\d.]+$/.test(words[0]!) ? Number(words.shift()) : 1;
  let comparison: Comparison = 'exact';
  let delicate = false;
  const grammar: string[] = [];
  for (const word of words) {
    if (word.startsWith('~')) comparison = word.slice(1) as Comparison;
    else if (word === '!delicate') delicate = true;
    else grammar.push(word);
  }
  const cursor = { at: 0 };
  const sequence = parseSequence(grammar, cursor);
  if (cursor.at !== grammar.length) throw new Error(`unbalanced template: ${line}`);
  return {
    name: grammar[0]!,
    weight,
    comparison,
    delicate,
    make: (values) => {
      const out: string[] = [];
      sequence(values, out);
      return out;
    },
  };
}

function parseSequence(words: string[], cursor: { at: number }): Part {
  const parts: Part[] = [];
  while (cursor.at < words.length && !'])}|'.includes(words[cursor.at]!)) parts.push(parseItem(words, cursor));
  return (values, out) => {
    for (const part of parts) part(values, out);
  };
}

function parseItem(words: string[], cursor: { at: number }): Part {
  const word = words[cursor.at++]!;
  let part: Part;
  if (word === '[') {
    const inner = parseSequence(words, cursor);
    cursor.at++;
    part = (values, out) => values.chance(0.4) && inner(values, out);
  } else if (word === '{') {
    part = parseSequence(words, cursor);
    cursor.at++;
  } else if (word === '(') {
    const choices = [parseSequence(words, cursor)];
    while (words[cursor.at++] === '|') choices.push(parseSequence(words, cursor));
    part = (values, out) => values.pick(choices)(values, out);
  } else {
    part = parseWord(word);
  }
  const repeat = words[cursor.at];
  if (repeat !== '+' && repeat !== '*') return part;
  cursor.at++;
  return (values, out) => {
    for (let n = values.below(4) + (repeat === '+' ? 1 : 0); n > 0; n--) part(values, out);
  };
}

function parseWord(word: string): Part {
  const maker = makers[word];
  if (maker === undefined) {
    if (/^[a-z]+$/.test(word)) throw new Error(`no maker is called ${word}`);
    return (values, out) => out.push(values.chance(0.05) ? word.toLowerCase() : word);
  }
  return (values, out) => {
    const made = maker(values);
    if (typeof made === 'string') out.push(made);
    else out.push(...made);
  };
}
