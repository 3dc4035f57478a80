import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { printArgs } from '../commands/grammar.js';
import { type Form, type Spec, nameWords } from '../commands/spec.js';
import type { Term } from '../commands/term.js';
import { encodeArg } from './view.js';

/** A façade method: how its arguments become argv, and what its reply looks like. */
export interface FormCall {
  readonly spec: Spec;
  readonly form: Form;
  /** The positional parameters, in order. */
  readonly positional: readonly Positional[];
  /** The last positional takes all further arguments. */
  readonly rest: boolean;
  /** A trailing object of options is taken. */
  readonly hasOptions: boolean;
  readonly optionNames: ReadonlySet<string>;
  print(args: readonly unknown[]): Bytes[];
}

export interface Positional {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
}

/** Works out a form of a spec once; methods are made from it. */
export function formCall(spec: Spec, form: Form): FormCall {
  const take = form.take ?? [];
  const gone = new Set([...take, ...(form.omit ?? []), ...Object.keys(form.fix ?? {})]);
  const positional = [...requiredOf(spec.args), ...take.map((name) => takenOf(spec, name))];
  const optionNames = new Set(optionsOf(spec).map(({ name }) => name).filter((name) => !gone.has(name)));
  const lastTerm = spec.args.findLast((term) => !term.optional && term.type !== 'never');
  const rest = optionNames.size === 0 && take.length === 0 && (lastTerm?.rest ?? false);
  const words = nameWords(spec);
  const shape = { spec, form, positional, rest, hasOptions: optionNames.size > 0, optionNames };
  if (spec.args.every((term) => term.type === 'Arg' && term.max === 1 && !term.optional)) {
    return { ...shape, print: (args) => printPlain(words, positional.length, args, form.method) };
  }
  return { ...shape, print: (args) => printArgs(spec.args, paramsOf(shape, args), [...words], encodeArg) };
}

type CallShape = Omit<FormCall, 'print'>;

function printPlain(words: readonly Bytes[], count: number, args: readonly unknown[], method: string): Bytes[] {
  if (args.length !== count) throw new DataError(`${method} takes ${count} arguments, not ${args.length}`);
  const argv = words.length === 1 ? [words[0]] : [words[0], words[1]];
  for (let i = 0; i < count; i++) argv.push(encodeArg(args[i]));
  return argv;
}

function paramsOf(shape: CallShape, args: readonly unknown[]): Record<string, unknown> {
  const { positional, rest, hasOptions, form } = shape;
  const params: Record<string, unknown> = { ...form.fix };
  const singles = rest ? positional.length - 1 : positional.length;
  for (let i = 0; i < singles; i++) params[positional[i].name] = args[i];
  let used = singles;
  if (rest) {
    const tail = args.slice(singles);
    params[positional[singles].name] = tail.length === 1 && isList(tail[0]) ? [...tail[0]] : tail;
    used = args.length;
  } else if (form.single && args.length === positional.length + 1) {
    params[positional[singles - 1].name] = [[args[singles - 1], args[singles]]];
    used = args.length;
  }
  if (args.length > used + (hasOptions ? 1 : 0)) throw new DataError(`too many arguments for ${form.method}`);
  const options = hasOptions ? args[used] : undefined;
  if (options !== undefined) addOptions(shape, options, params);
  return params;
}

function addOptions(shape: CallShape, options: unknown, params: Record<string, unknown>): void {
  if (options === null || typeof options !== 'object') throw new DataError(`options of ${shape.form.method} must be an object`);
  for (const [name, value] of Object.entries(options)) {
    if (!shape.optionNames.has(name)) throw new DataError(`${shape.form.method} has no option '${name}'`);
    if (value !== undefined) params[name] = value;
  }
}

function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Set;
}

function requiredOf(terms: readonly Term[]): Positional[] {
  return terms
    .filter((term) => !term.optional && term.type !== 'never')
    .map((term) => ({ name: term.name, type: term.type, list: isListTerm(term) }));
}

function isListTerm(term: Term): boolean {
  return term.rest === true || term.keys?.how === 'counted';
}

export interface OptionalParam {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
}

/** All that may be left out: optional terms and the options of blocks. */
export function optionsOf(spec: Spec): OptionalParam[] {
  return spec.args
    .filter((term) => term.optional)
    .flatMap((term) => (term.options ? term.options.map((item) => ({ name: item.name, type: item.type, list: false })) : [{ name: term.name, type: term.type, list: isListTerm(term) }]));
}

function takenOf(spec: Spec, name: string): Positional {
  const found = optionsOf(spec).find((item) => item.name === name);
  if (!found) throw new TypeError(`${spec.name} has no optional param ${name}`);
  return found;
}
