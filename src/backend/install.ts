import type { Spec } from '../commands/spec.js';
import { clientTable } from '../commands/table.js';
import { DataError } from '../core/errors.js';
import type { Request } from './backend.js';
import { type FormCall, formCall, lateFormCall } from './form-call.js';
import { methodWords } from './methods.gen.js';
import { encodeArg } from './view.js';

/** Something that façade methods can be put on: each calls `invoke` with its form and arguments. */
export interface Invoker {
  invoke(call: FormCall, args: readonly unknown[]): unknown;
}

/** Every façade method, from the table. O(commands): all of them are made for this. */
export function formCalls(): FormCall[] {
  return clientTable.all.flatMap((spec) => spec.forms.map((form) => formCall(spec, form)));
}

type Method = (this: never, ...args: unknown[]) => unknown;

const byMethod = new Map<string, FormCall>();
/** A method for every form: what the prototypes of all faces inherit, so that it is made once. */
const common: Record<string, Method> = {};
/** Those that may have to wait before they can reply. */
const blocking: string[] = [];
for (const word of methodWords.split(' ')) {
  const [method = '', of = method] = word.replace('!', '').split(':');
  const call = lateFormCall(method, () => clientTable.byKey(of)!);
  byMethod.set(method, call);
  common[method] = methodOf(call);
  if (word.endsWith('!')) blocking.push(method);
}

/** Gives a prototype a method for every form; `own` has methods that replace the common one. */
export function installForms(prototype: Invoker, own: Readonly<Record<string, Method>> = {}): void {
  Object.setPrototypeOf(prototype, common);
  for (const [method, value] of Object.entries(own)) define(prototype, method, value);
}

/** As `installForms`, without the commands that may have to wait. */
export function installPromptForms(prototype: Invoker, own: Readonly<Record<string, Method>>): void {
  installForms(prototype, own);
  for (const method of blocking) define(prototype, method, undefined);
}

function define(prototype: Invoker, method: string, value: Method | undefined): void {
  Object.defineProperty(prototype, method, { value, writable: true, configurable: true });
}

function methodOf(call: FormCall): Method {
  return function (this: Invoker, ...args: unknown[]) {
    return this.invoke(call, args);
  } as Method;
}

/** The form behind a façade method. */
export function formCallOf(method: string): FormCall {
  const call = byMethod.get(method);
  if (call === undefined) throw new TypeError(`no command has a method ${method}`);
  return call;
}

/** A spec for commands that the table does not know: sent as they are. */
function unknownSpec(name: string): Spec {
  return {
    ...clientTable.top('ping')!,
    name: name.toUpperCase(),
    fullName: name.toLowerCase(),
    args: [],
    forms: [],
    keySpecs: [],
    flags: [],
    request: undefined,
    response: undefined,
    id: -1,
    isReadonly: false,
    isFast: false,
  };
}

/** A request from words: `call('CONFIG', 'GET', 'maxmemory')` and `call('CONFIG GET', 'maxmemory')` are the same. */
export function rawRequest(name: string, args: readonly unknown[]): Request {
  const words = name.trim().split(/\s+/);
  if (words[0] === '') throw new DataError('a command needs a name');
  const argv = [...words.map(encodeArg), ...args.map(encodeArg)];
  return { spec: clientTable.lookup(argv) ?? unknownSpec(name), argv };
}
