import { printArgs } from '../commands/grammar.js';
import { type Form, nameWords, type Spec } from '../commands/spec.js';
import type { Encode, Term } from '../commands/term.js';
import type { Bytes } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { encodeArg } from './view.js';

/** A façade method: how its arguments become argv, and what its reply looks like. */
export interface FormCall {
  readonly spec: Spec;
  readonly form: Form;
  /** The positional parameters, in order. */
  readonly positional: readonly Param[];
  /** The last positional takes all further arguments. */
  readonly rest: boolean;
  /** The command may have to wait before it can reply. */
  readonly blocking: boolean;
  /** What the trailing object of options may hold. */
  readonly options: readonly Param[];
  /**
   * The command's words for these arguments, as a view encodes them. Throws DataError for arguments that no such command
   * can have.
   */
  print(args: readonly unknown[], encode?: Encode): Bytes[];
}

/** A parameter: `type` is TypeScript text; a `list` takes one value or several. */
export interface Param {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
}

type Layout = Omit<FormCall, 'print' | 'blocking'>;

/** A form of a spec. It is worked out when it is first used: a program calls few of the methods that there are. */
export function formCall(spec: Spec, form: Form): FormCall {
  return new LateFormCall(form.method, () => spec);
}

/** As `formCall`, of a method by its name, whose spec is not made before it is first used either. */
export function lateFormCall(method: string, specOf: () => Spec): FormCall {
  return new LateFormCall(method, specOf);
}

class LateFormCall implements FormCall {
  readonly #method: string;
  readonly #specOf: () => Spec;
  #spec: Spec | null = null;
  #form: Form | null = null;
  #layout: Layout | null = null;
  #print: FormCall['print'] | null = null;

  constructor(method: string, specOf: () => Spec) {
    this.#method = method;
    this.#specOf = specOf;
  }

  get spec(): Spec {
    this.#spec ??= this.#specOf();
    return this.#spec;
  }

  get form(): Form {
    this.#form ??= this.#ownForm();
    return this.#form;
  }

  get positional(): readonly Param[] {
    return this.#worked().positional;
  }

  get rest(): boolean {
    return this.#worked().rest;
  }

  get options(): readonly Param[] {
    return this.#worked().options;
  }

  get blocking(): boolean {
    const { omit = [], take = [], fix = {} } = this.form;
    const offered = !omit.includes('block') && !take.includes('block') && !Object.hasOwn(fix, 'block');
    return offered && this.spec.flags.includes('blocking');
  }

  print(args: readonly unknown[], encode?: Encode): Bytes[] {
    this.#print ??= this.#printer();
    return this.#print(args, encode);
  }

  #ownForm(): Form {
    const form = this.spec.forms.find(({ method }) => method === this.#method);
    if (form === undefined) throw new TypeError(`${this.spec.name} has no method ${this.#method}`);
    return form;
  }

  #printer(): FormCall['print'] {
    const layout = this.#worked();
    return this.spec.args.every(isPlain) ? plainPrinter(layout) : printer(layout);
  }

  #worked(): Layout {
    this.#layout ??= layoutOf(this.spec, this.form);
    return this.#layout;
  }
}

function layoutOf(spec: Spec, form: Form): Layout {
  const take = form.take ?? [];
  const gone = new Set([...take, ...(form.omit ?? []), ...Object.keys(form.fix ?? {})]);
  const fixed = form.fix ?? {};
  const required = requiredOf(spec.args).filter(({ name }) => !Object.hasOwn(fixed, name));
  const positional = [...required, ...take.map((name) => takenOf(spec, name))];
  const options = optionsOf(spec).filter(({ name }) => !gone.has(name));
  const last = spec.args.findLast((term) => !term.optional && term.type !== 'never');
  const rest = options.length === 0 && take.length === 0 && (last?.rest ?? false);
  return { spec, form, positional, rest, options };
}

function isPlain(term: Term): boolean {
  return (term.type === 'Arg' || term.role !== undefined) && term.max === 1 && !term.optional;
}

/** For commands that take so many values and nothing else. */
function plainPrinter({ spec, form, positional }: Layout, terms = spec.args): FormCall['print'] {
  const words = nameWords(spec);
  const count = positional.length;
  const roles = terms.map((term) => term.role);
  return (args, encode = encodeArg) => {
    if (args.length !== count) throw new DataError(`${form.method} takes ${count} arguments, not ${args.length}`);
    // Arrays that are written out are no longer than they must be; those that grow leave room for a dozen more.
    if (words.length === 1 && count === 1) return [words[0]!, encode(args[0], roles[0])];
    if (words.length === 1 && count === 2) return [words[0]!, encode(args[0], roles[0]), encode(args[1], roles[1])];
    const argv = words.length === 1 ? [words[0]!] : [words[0]!, words[1]!];
    for (let i = 0; i < count; i++) argv.push(encode(args[i], roles[i]));
    return argv;
  };
}

function printer(layout: Layout): FormCall['print'] {
  const { spec, form } = layout;
  const words = nameWords(spec);
  // Without options only the required terms have anything to print, and those that a view may have to say.
  const required = form.fix || form.take ? spec.args : spec.args.filter((term) => !term.optional || impliesWords(term));
  const isPlainWhenBare = required.length === layout.positional.length && required.every(isPlain);
  const bare = isPlainWhenBare && !form.single ? plainPrinter(layout, required) : null;
  return (args, encode = encodeArg) => {
    if (bare !== null && args.length === required.length && areGiven(args)) return bare(args, encode);
    const params: Record<string, unknown> = { ...form.fix };
    const used = takePositional(layout, args, params);
    const given = takeOptions(layout, args, used, params);
    return printArgs(given ? spec.args : required, params, [...words], encode);
  };
}

function areGiven(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] === undefined || values[i] === null) return false;
  return true;
}

function impliesWords(term: Term): boolean {
  return term.implied !== undefined || (term.options?.some((option) => option.implied !== undefined) ?? false);
}

/** Reads the positional arguments; returns how many there were. */
function takePositional(
  { positional, rest, form }: Layout,
  args: readonly unknown[],
  params: Record<string, unknown>,
): number {
  const count = positional.length;
  for (let i = 0; i < count; i++) params[positional[i].name] = args[i];
  const lastAt = count - 1;
  if (rest) {
    const tail = args.slice(lastAt);
    params[positional[lastAt].name] = tail.length === 1 && isList(tail[0]) ? [...tail[0]] : tail;
    return args.length;
  }
  for (const name of form.take ?? []) {
    if (params[name] === undefined || params[name] === null) throw new DataError(`argument '${name}' is missing`);
  }
  // A member that a codec makes may be an object, but then its score follows, and options are no scalar.
  if (form.single && args.length > count && (isScalar(args[lastAt]) || isScalar(args[count]))) {
    params[positional[lastAt].name] = [[args[lastAt], args[count]]];
    return count + 1;
  }
  return count;
}

/** Reads the trailing options, whatever of them is not undefined; returns whether there were any. */
function takeOptions(
  { options, form }: Layout,
  args: readonly unknown[],
  used: number,
  params: Record<string, unknown>,
): boolean {
  if (args.length > used + (options.length > 0 ? 1 : 0)) throw new DataError(`too many arguments for ${form.method}`);
  const given = args[used];
  if (args.length <= used || given === undefined) return false;
  if (given === null || typeof given !== 'object' || isList(given)) {
    throw new DataError(`options of ${form.method} must be an object`);
  }
  for (const [name, value] of Object.entries(given)) {
    if (!options.some((option) => option.name === name)) throw new DataError(`${form.method} has no option '${name}'`);
    if (value !== undefined) params[name] = value;
  }
  return true;
}

function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Set;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value instanceof Uint8Array;
}

function requiredOf(terms: readonly Term[]): Param[] {
  return terms
    .filter((term) => !term.optional && term.type !== 'never')
    .map((term) => ({ name: term.name, type: term.type, list: isListTerm(term) }));
}

function isListTerm(term: Term): boolean {
  return term.rest === true || term.keys?.how === 'counted';
}

/** All that may be left out: optional terms and the options of blocks. */
function optionsOf(spec: Spec): Param[] {
  return spec.args
    .filter((term) => term.optional)
    .flatMap((term) => {
      if (!term.options) return [{ name: term.name, type: term.type, list: isListTerm(term) }];
      return term.options.map(({ name, type }) => ({ name, type, list: false }));
    });
}

function takenOf(spec: Spec, name: string): Param {
  const found = optionsOf(spec).find((item) => item.name === name);
  if (!found) throw new TypeError(`${spec.name} has no optional param ${name}`);
  return found;
}
