import type { Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';
import { DataError } from '../core/errors.js';
import type { Request } from './backend.js';
import { type FormCall, formCall } from './form-call.js';
import { encodeArg } from './view.js';

/** Something that façade methods can be put on: each calls `invoke` with its form and arguments. */
export interface Invoker {
  invoke(call: FormCall, args: readonly unknown[]): unknown;
}

/** Every façade method, from the table. */
export const formCalls: readonly FormCall[] = commandTable.all.flatMap((spec) =>
  spec.forms.map((form) => formCall(spec, form)),
);

type Method = (this: never, ...args: unknown[]) => unknown;

/**
 * Puts a method for every form on a prototype. `wanted` may leave commands out; `own` has methods that replace the
 * common one.
 */
export function installForms(
  prototype: Invoker,
  wanted: (call: FormCall) => boolean = () => true,
  own: Readonly<Record<string, Method>> = {},
): void {
  for (const call of formCalls) {
    if (!wanted(call)) continue;
    const { method } = call.form;
    Object.defineProperty(prototype, method, {
      value: own[method] ?? methodOf(call),
      writable: true,
      configurable: true,
    });
  }
}

function methodOf(call: FormCall): Method {
  return function (this: Invoker, ...args: unknown[]) {
    return this.invoke(call, args);
  } as Method;
}

/** The form behind a façade method. */
export function formCallOf(method: string): FormCall {
  const call = formCalls.find(({ form }) => form.method === method);
  if (call === undefined) throw new TypeError(`no command has a method ${method}`);
  return call;
}

/** A spec for commands that the table does not know: sent as they are. */
function unknownSpec(name: string): Spec {
  return {
    ...commandTable.top('ping')!,
    name: name.toUpperCase(),
    fullName: name.toLowerCase(),
    args: [],
    forms: [],
    keySpecs: [],
    flags: [],
  };
}

/** A request from words: `call('CONFIG', 'GET', 'maxmemory')` and `call('CONFIG GET', 'maxmemory')` are the same. */
export function rawRequest(name: string, args: readonly unknown[]): Request {
  const words = name.trim().split(/\s+/);
  if (words[0] === '') throw new DataError('a command needs a name');
  const argv = [...words.map(encodeArg), ...args.map(encodeArg)];
  return { spec: commandTable.lookup(argv) ?? unknownSpec(name), argv };
}
