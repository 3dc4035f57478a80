import { baseLibrary } from '../lua/base-library.js';
import { bitLibrary } from '../lua/bit-library.js';
import { coroutineLibrary } from '../lua/coroutine-library.js';
import { jsonLibrary } from '../lua/json-library.js';
import { mathLibrary } from '../lua/math-library.js';
import { msgpackLibrary } from '../lua/msgpack-library.js';
import type { Random48 } from '../lua/random48.js';
import { stringMeta } from '../lua/runtime.js';
import { libraryError } from '../lua/stack.js';
import { stringLibrary } from '../lua/string-library.js';
import { structLibrary } from '../lua/struct-library.js';
import { LuaTable } from '../lua/table.js';
import { tableLibrary } from '../lua/table-library.js';
import type { LuaValue } from '../lua/value.js';

/** Forbids scripts to change a table and all that hangs from it. */
export function protect(table: LuaTable): void {
  if (table.readonly) return;
  table.readonly = true;
  for (const [, value] of table.entries()) if (value instanceof LuaTable) protect(value);
  if (table.meta) protect(table.meta);
}

/** A metatable that makes the reading of what is not there an error. */
export function strict(): LuaTable {
  return LuaTable.from({
    __index: (_table, name) => {
      throw libraryError(
        `Script attempted to access nonexistent global variable '${typeof name === 'string' || typeof name === 'number' ? name : '?'}'`,
      );
    },
  });
}

export interface SandboxOptions {
  random: Random48;
  redis: Record<string, LuaValue>;
  /** Whether a script runs. */
  runs: () => boolean;
  /** The processor's seconds for `os.clock`; absent before 7.2, which brought it. */
  seconds?: () => number;
}

/** The globals of scripts: Lua's libraries as far as they are harmless, those that Redis adds, and `redis`. Read-only. */
export function sandbox({ random, redis, runs, seconds }: SandboxOptions): LuaTable {
  const mayRandom = (name: string): void => {
    if (!runs()) throw libraryError(`math.${name} can only be called inside a script invocation`);
  };
  const globals = new LuaTable();
  const libraries: Record<string, LuaValue> = {
    ...baseLibrary(globals),
    bit: LuaTable.from(bitLibrary),
    cjson: jsonLibrary(),
    cmsgpack: LuaTable.from(msgpackLibrary),
    coroutine: LuaTable.from(coroutineLibrary),
    math: LuaTable.from(mathLibrary(random, mayRandom)),
    ...(seconds ? { os: LuaTable.from({ clock: () => seconds() }) } : {}),
    redis: LuaTable.from(redis),
    string: LuaTable.from(stringLibrary),
    struct: LuaTable.from(structLibrary),
    table: LuaTable.from(tableLibrary),
  };
  for (const [name, value] of Object.entries(libraries)) globals.set(name, value);
  if (stringMeta.table === null) {
    stringMeta.table = LuaTable.from({ __index: LuaTable.from(stringLibrary) });
    protect(stringMeta.table);
  }
  globals.meta = strict();
  protect(globals);
  return globals;
}
