import type { ScriptReply } from '../commands/script-replies.js';
import { DataError } from '../core/errors.js';
import { type AsReplied, type Bound, type Callee, type CalleeOptions, calleeOf } from './script.js';
import type { View } from './view.js';

/** The functions of a library by name, each as `registerScript` declares scripts. */
export type LibraryFunctions = Readonly<Record<string, CalleeOptions<number, ScriptReply, never>>>;

/** Functions as callables. `load` gives the library to the server, replacing one of its name. */
export type Library<V extends View, F extends LibraryFunctions> = {
  readonly [N in keyof F]: BoundOf<V, F[N]>;
} & { readonly load: () => Promise<string> };

type BoundOf<V extends View, O> = Bound<
  V,
  O extends { keys: infer K extends number } ? K : number,
  O extends { reply: infer R extends ScriptReply } ? R : 'any',
  O extends { decode: (...args: never[]) => infer T } ? T : AsReplied
>;

/** The functions of the source of a library, declared. */
export function defineLibrary(source: string, functions: LibraryFunctions): Record<string, Callee> {
  const name = /^#![^\n]*\bname=(\w+)/.exec(source)?.[1];
  if (name === undefined) throw new DataError("the source of a library begins with '#!lua name=…'");
  if (Object.hasOwn(functions, 'load')) throw new DataError("a function called 'load' hides that of the library");
  const callees = Object.entries(functions).map(([key, options]) => {
    const command = options.readonly ? 'FCALL_RO' : 'FCALL';
    const callee: Callee = {
      ...calleeOf(`${name}.${key}`, options),
      brief: (lens, keys, args) => lens.raw(command, [key, keys.length, ...keys, ...args]),
      whole: () => null,
      load: (lens) => lens.raw('FUNCTION LOAD', ['REPLACE', source]),
      isUnknown: (error) => /^ERR Function not found/.test(error),
    };
    return [key, callee] as const;
  });
  return Object.fromEntries(callees);
}
