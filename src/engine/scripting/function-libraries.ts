import type { Bytes } from '../../core/bytes.js';
import { millisNow } from '../../core/clock.js';
import { ErrorReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import { ScriptStopped } from '../lua/error.js';
import { load } from '../lua/load.js';
import { numberText } from '../lua/number-text.js';
import { asLuaError, startRun } from '../lua/stack.js';
import { LuaTable } from '../lua/table.js';
import { type LuaFunction, type LuaValue, NONE } from '../lua/value.js';
import { logging, scriptError, versions } from './redis-library.js';
import { protect, strict } from './sandbox.js';
import { flagNames, noFlags, type ScriptFlags } from './script-run.js';
import { badName, isFunctionName, libraryName, withoutShebang } from './shebang.js';

/** Loading a library may take this long. */
const LOAD_MS_MAX = 500;
const LOAD_BYTES_MAX = 256 * 1024 * 1024;

export interface LibraryFunction {
  readonly name: Bytes;
  readonly library: Library;
  readonly run: LuaFunction;
  readonly flags: ScriptFlags;
  readonly flagNames: readonly string[];
  readonly description: Bytes | null;
}

export interface Library {
  readonly name: Bytes;
  readonly source: Bytes;
  readonly functions: Map<Bytes, LibraryFunction>;
}

interface Registration {
  name: Bytes;
  run: LuaFunction;
  flags: Bytes[];
  description: Bytes | null;
}

interface View {
  globals: LuaTable;
  meta: LuaTable;
  loading: LuaTable;
  running: LuaTable;
}

const notFound = new ErrorReply('ERR Library not found');

/** The libraries that FUNCTION LOAD brought, and their functions by name. */
export class FunctionLibraries {
  readonly #engine: Engine;
  readonly #newGlobals: () => LuaTable;
  #libraries = new Map<Bytes, Library>();
  /** By name in lower case. */
  #functions = new Map<Bytes, LibraryFunction>();
  /** What library code sees of the world: `redis` alone while it loads, the sandbox when its functions run. */
  #view: View | null = null;
  #loading: Library | null = null;

  constructor(engine: Engine, newGlobals: () => LuaTable) {
    this.#engine = engine;
    this.#newGlobals = newGlobals;
  }

  get libraryCount(): number {
    return this.#libraries.size;
  }

  get functionCount(): number {
    return this.#functions.size;
  }

  get sourceBytes(): number {
    let bytes = 0;
    for (const { source } of this.#libraries.values()) bytes += source.length;
    return bytes;
  }

  /** In the order they were loaded. */
  get all(): Iterable<Library> {
    return this.#libraries.values();
  }

  find(name: Bytes): LibraryFunction | undefined {
    return this.#functions.get(name.toLowerCase());
  }

  /** FUNCTION LOAD: runs the library's source, which registers functions. Returns its name; throws what is wrong with it. */
  load(source: Bytes, replace: boolean): Bytes {
    const name = libraryName(source);
    const old = this.#libraries.get(name);
    if (old && !replace) throw new ErrorReply(`ERR Library '${name}' already exists`);
    const library: Library = { name, source, functions: new Map() };
    this.#fill(library);
    if (library.functions.size === 0) throw new ErrorReply('ERR No functions registered');
    for (const functionName of library.functions.keys()) {
      const owner = this.find(functionName)?.library;
      if (owner !== undefined && owner !== old) throw new ErrorReply(`ERR Function ${functionName} already exists`);
    }
    if (old) this.#unlink(old);
    this.#link(library);
    return name;
  }

  #link(library: Library): void {
    this.#libraries.set(library.name, library);
    for (const [name, f] of library.functions) this.#functions.set(name.toLowerCase(), f);
  }

  #unlink(library: Library): void {
    this.#libraries.delete(library.name);
    for (const name of library.functions.keys()) this.#functions.delete(name.toLowerCase());
  }

  delete(name: Bytes): void {
    const library = this.#libraries.get(name);
    if (library === undefined) throw notFound;
    this.#unlink(library);
  }

  flush(): void {
    this.#libraries.clear();
    this.#functions.clear();
    this.#view = null;
  }

  /** FUNCTION RESTORE: all the sources or none of them. Throws what is wrong, and then nothing has changed. */
  restore(sources: readonly Bytes[], policy: 'flush' | 'append' | 'replace'): void {
    const before = { libraries: new Map(this.#libraries), functions: new Map(this.#functions) };
    try {
      if (policy === 'flush') {
        this.#libraries.clear();
        this.#functions.clear();
      }
      for (const source of sources) this.#restoreOne(source, policy === 'replace');
    } catch (thrown) {
      this.#libraries = before.libraries;
      this.#functions = before.functions;
      throw thrown;
    }
  }

  #restoreOne(source: Bytes, replace: boolean): void {
    const name = libraryName(source);
    if (!replace && this.#libraries.has(name)) throw new ErrorReply(`ERR Library ${name} already exists`);
    this.load(source, replace);
  }

  #fill(library: Library): void {
    const { globals, meta, loading, running } = this.#open();
    meta.set('__index', loading);
    this.#loading = library;
    startRun({
      deadline: millisNow() + LOAD_MS_MAX,
      memoryMax: LOAD_BYTES_MAX,
      memoryProbe: () => null,
      attentionAt: Infinity,
      attend: () => Infinity,
    });
    try {
      this.#compile(library, globals)();
    } catch (thrown) {
      throw new ErrorReply(`ERR Error registering functions: ${loadFailure(thrown)}`.replace(/[\r\n]/g, ' '));
    } finally {
      this.#loading = null;
      meta.set('__index', running);
    }
  }

  #compile(library: Library, globals: LuaTable): LuaFunction {
    try {
      return load(withoutShebang(library.source), 'user_function', globals);
    } catch (thrown) {
      throw new ErrorReply(`ERR Error compiling function: ${asLuaError(thrown).value}`);
    }
  }

  #open(): View {
    if (this.#view !== null) return this.#view;
    const running = this.#newGlobals();
    const redis = LuaTable.from({
      ...logging((level, message) => this.#engine.surroundings.log(level, message)),
      ...versions(this.#engine),
      register_function: (...args) => this.#register(args),
    });
    redis.meta = strict();
    const loading = LuaTable.from({ redis });
    loading.meta = strict();
    protect(loading);
    const meta = LuaTable.from({ __index: running });
    const globals = new LuaTable();
    globals.meta = meta;
    meta.readonly = true;
    globals.readonly = true;
    this.#view = { globals, meta, loading, running };
    return this.#view;
  }

  #register(args: LuaValue[]): LuaValue[] {
    const library = this.#loading;
    const { name, run, flags, description } = registrationOf(args);
    if (library === null) throw scriptError('ERR redis.register_function can only be called on FUNCTION LOAD command');
    if (!isFunctionName(name)) throw scriptError(badName);
    if (library.functions.has(name)) throw scriptError('ERR Function already exists in the library');
    const own = noFlags();
    for (const flag of flags) own[flagNames[flag]] = true;
    const names = Object.keys(flagNames).filter((flag) => flags.includes(flag));
    library.functions.set(name, { name, library, run, flags: own, flagNames: names, description });
    return NONE;
  }
}

function loadFailure(thrown: unknown): Bytes {
  if (thrown instanceof ErrorReply) throw thrown;
  if (thrown instanceof ScriptStopped) return 'ERR FUNCTION LOAD timeout';
  const { value } = asLuaError(thrown);
  if (value instanceof LuaTable) return String(value.getText('err') ?? 'ERR unknown error');
  return `ERR ${String(value)}`;
}

/** Numbers are texts too. */
function text(value: LuaValue, message: string): Bytes {
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'string') throw scriptError(`ERR ${message}`);
  return value;
}

function registrationOf(args: LuaValue[]): Registration {
  if (args.length === 0 || args.length > 2)
    throw scriptError('ERR wrong number of arguments to redis.register_function');
  if (args.length === 1) {
    if (args[0] instanceof LuaTable) return named(args[0]);
    throw scriptError(
      'ERR calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).',
    );
  }
  const name = text(args[0], 'first argument to redis.register_function must be a string');
  if (typeof args[1] !== 'function')
    throw scriptError('ERR second argument to redis.register_function must be a function');
  return { name, run: args[1], flags: [], description: null };
}

function named(table: LuaTable): Registration {
  let name: Bytes | null = null;
  let run: LuaFunction | null = null;
  let flags: Bytes[] = [];
  let description: Bytes | null = null;
  for (const [key, value] of table.entries()) {
    switch (text(key, 'named argument key given to redis.register_function is not a string')) {
      case 'function_name':
        name = text(value, 'function_name argument given to redis.register_function must be a string');
        break;
      case 'description':
        description = text(value, 'description argument given to redis.register_function must be a string');
        break;
      case 'callback':
        if (typeof value !== 'function')
          throw scriptError('ERR callback argument given to redis.register_function must be a function');
        run = value;
        break;
      case 'flags':
        if (!(value instanceof LuaTable)) {
          throw scriptError(
            'ERR flags argument to redis.register_function must be a table representing function flags',
          );
        }
        flags = flagsOf(value);
        break;
      default:
        throw scriptError('ERR unknown argument given to redis.register_function');
    }
  }
  if (name === null) throw scriptError('ERR redis.register_function must get a function name argument');
  if (run === null) throw scriptError('ERR redis.register_function must get a callback argument');
  return { name, run, flags, description };
}

function flagsOf(table: LuaTable): Bytes[] {
  const flags: Bytes[] = [];
  for (let i = 1; table.get(i) !== undefined; i++) {
    const flag = table.get(i);
    if (typeof flag !== 'string' || flagNames[flag] === undefined) throw scriptError('ERR unknown flag given');
    flags.push(flag);
  }
  return flags;
}
