import { silentSink } from '../../backend/silent-sink.js';
import type { Spec } from '../../commands/spec.js';
import { asCString, type Bytes } from '../../core/bytes.js';
import { millisNow } from '../../core/clock.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { sha1Hex } from '../../core/sha1.js';
import { TO_ALL } from '../effect-queue.js';
import type { Engine } from '../engine.js';
import { LuaError, ScriptStopped } from '../lua/error.js';
import { load } from '../lua/load.js';
import { numberText } from '../lua/number-text.js';
import { Random48 } from '../lua/random48.js';
import { first } from '../lua/runtime.js';
import { asLuaError, startRun } from '../lua/stack.js';
import { LuaTable } from '../lua/table.js';
import type { LuaFunction, LuaValue } from '../lua/value.js';
import { EngineSession } from '../session.js';
import { runDenial } from './copy-denial.js';
import { FunctionLibraries } from './function-libraries.js';
import { redisLibrary } from './redis-library.js';
import { replyOf } from './reply-conversion.js';
import { sandbox } from './sandbox.js';
import type { ScriptFlags, ScriptRun } from './script-run.js';
import { scriptFlags, withoutShebang } from './shebang.js';

/** How often `busy-reply-threshold` a script may run before it is stopped. Redis would let other clients decide then. */
const STOP_FACTOR = 12;
/** While a script is slow its host is called every so many ms, and its calls take at most one in so many parts of the time. */
const ATTENTION_MS = 10;
const ATTENTION_SHARE = 10;
/** The state that math.random starts from, in every engine. */
const FIRST_SEED = 0x1234abcd;
/** By how much a script may let the process grow. */
const SCRIPT_BYTES_MAX = 1024 * 1024 * 1024;

const notBusy = new ErrorReply('NOTBUSY No scripts in execution right now.');
const unkillable = new ErrorReply(
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script ' +
    'termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.',
);

/** What other clients are told while a script or function runs for long. */
export function busyError({ isFunction }: ScriptRun): ErrorReply {
  const word = isFunction ? 'FUNCTION' : 'SCRIPT';
  return new ErrorReply(`BUSY Redis is busy running a script. You can only call ${word} KILL or SHUTDOWN NOSAVE.`);
}

export const noScript = new ErrorReply('NOSCRIPT No matching script. Please use EVAL.');
const fullForScript = new ErrorReply(
  "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
);
const writesInReadOnly = new ErrorReply('ERR Can not execute a script with write flag using *_ro command.');
const onCluster = new ErrorReply("ERR Can not run script on cluster, 'no-cluster' flag is set.");

/** A script that EVAL or SCRIPT LOAD has brought. */
export interface Script {
  readonly sha: string;
  readonly source: Bytes;
  /** Null without a shebang line: then the rules of old hold. */
  readonly flags: ScriptFlags | null;
  readonly run: LuaFunction;
}

/** What a run needs to know of a script or function. */
export interface Runnable {
  /** As errors name it: the SHA-1 of a script, a function's own name. */
  readonly name: Bytes;
  readonly flags: ScriptFlags | null;
  /** Between `@` and the line in errors. */
  readonly chunk: string;
  readonly start: (keys: LuaTable, args: LuaTable) => ReturnType<LuaFunction>;
}

/** Its address is what MONITOR shows for commands of scripts. */
const nobody = silentSink('lua', '');

/** The scripts of an engine: their cache, their sandbox, and how one is carried out. Nothing is made before the first script. */
export class Scripting {
  readonly #engine: Engine;
  readonly #random = new Random48(FIRST_SEED);
  readonly #bySha = new Map<string, Script>();
  readonly #bySource = new Map<Bytes, Script>();
  #globals: LuaTable | null = null;
  #session: EngineSession | null = null;
  #libraries: FunctionLibraries | null = null;
  #run: ScriptRun | null = null;
  #busy = false;
  sourceBytes = 0;
  /** How long a script may run at the least, however small `busy-reply-threshold` is. */
  leastMs = 2000;
  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may give all commands. */
  allowsAll = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Called now and then while a script runs for longer than `busy-reply-threshold`: hosts hear their clients here. */
  readonly attendants = new Set<() => void>();

  /** The script that keeps other clients waiting; null while none does. */
  get busy(): ScriptRun | null {
    return this.#busy ? this.#run : null;
  }

  /** SCRIPT KILL and FUNCTION KILL. Throws an ErrorReply if nothing runs, the other kind does, or it has written. */
  kill(isFunction: boolean): void {
    const run = this.#run;
    if (run === null) throw notBusy;
    if (run.dirty) throw unkillable;
    if (run.isFunction !== isFunction) throw busyError(run);
    run.killed = true;
  }

  /** Lets the hosts hear their clients. A small share of the time goes to it, however many there are. */
  #attend(run: ScriptRun, now: number): number {
    if (!this.#busy) {
      this.#busy = true;
      this.#engine.plainChanged();
      if (this.attendants.size > 0)
        this.#engine.surroundings.log(
          'warning',
          `Slow script detected: still in execution after ${Math.round(now - run.startedAt)} milliseconds. You can try killing the script using the ${run.isFunction ? 'FUNCTION' : 'SCRIPT'} KILL command. Script name is: ${run.name}.`,
        );
    }
    for (const attend of this.attendants) attend();
    if (run.killed) return 0;
    const after = millisNow();
    return after + Math.max(ATTENTION_MS, (after - now) * ATTENTION_SHARE);
  }

  #endBusy(): void {
    if (!this.#busy) return;
    this.#busy = false;
    this.#engine.plainChanged();
  }

  get current(): ScriptRun | null {
    return this.#run;
  }

  get count(): number {
    return this.#bySha.size;
  }

  /** The functions that FUNCTION LOAD brought. */
  get libraries(): FunctionLibraries {
    this.#libraries ??= new FunctionLibraries(this.#engine, () => this.newGlobals());
    return this.#libraries;
  }

  /** The sandbox; a library's functions have another one than EVAL's scripts. */
  newGlobals(): LuaTable {
    return sandbox({
      random: this.#random,
      ...(this.#engine.commands.since.v72 ? { seconds: () => this.#engine.micros() / 1e6 } : {}),
      redis: {
        ...redisLibrary(
          this.#engine,
          () => this.#run,
          (level, message) => this.#engine.surroundings.log(level, message),
        ),
      },
      runs: () => this.#run !== null,
    });
  }

  /** The sources of the function libraries, in the order they were loaded. */
  functionSources(): Bytes[] {
    return this.#libraries === null ? [] : [...this.#libraries.all].map(({ source }) => source);
  }

  /** Loads what another engine has loaded. O(length of all sources). */
  adopt(other: Scripting): void {
    const sources = other.functionSources();
    if (sources.length > 0) this.libraries.restore(sources, 'flush');
    for (const source of other.#bySource.keys()) this.load(source);
  }

  #evalGlobals(): LuaTable {
    if (this.#globals !== null) return this.#globals;
    const globals = this.newGlobals();
    const redis = globals.getText('redis') as LuaTable;
    redis.set('breakpoint', () => false);
    redis.set('debug', () => []);
    redis.set('replicate_commands', () => true);
    this.#globals = globals;
    return globals;
  }

  /** Compiles a script, or finds it compiled. Throws an ErrorReply that says what is wrong with it. O(length) the first time. */
  load(source: Bytes): Script {
    const known = this.#bySource.get(source);
    if (known) return known;
    const sha = sha1Hex(source);
    const flags = scriptFlags(source);
    let run: LuaFunction;
    try {
      run = load(withoutShebang(source), 'user_script', this.#evalGlobals());
    } catch (thrown) {
      const { value } = asLuaError(thrown);
      throw new ErrorReply(`ERR Error compiling script (new function): ${value}`);
    }
    const script = { sha, source, flags, run };
    this.#bySha.set(sha, script);
    this.#bySource.set(source, script);
    this.sourceBytes += source.length;
    return script;
  }

  has(sha: Bytes): boolean {
    return this.#bySha.has(sha.toLowerCase());
  }

  /** The script of this SHA-1; throws NOSCRIPT. */
  find(sha: Bytes): Script {
    const script = this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase());
    if (script === undefined) throw noScript;
    return script;
  }

  /** The flags declared by the script or function that a request would run; null if it declares none, or is unknown. */
  flagsFor({ fullName }: Spec, argv: readonly Bytes[]): ScriptFlags | null {
    switch (fullName) {
      case 'eval':
        try {
          return scriptFlags(argv[1]);
        } catch {
          return null;
        }
      case 'evalsha':
        return this.#bySha.get(argv[1].toLowerCase())?.flags ?? null;
      case 'fcall':
        return this.#libraries?.find(argv[1])?.flags ?? null;
      default:
        return null;
    }
  }

  /** SCRIPT FLUSH: scripts and sandbox are as at the start. */
  flush(): void {
    this.#bySha.clear();
    this.#bySource.clear();
    this.#globals = null;
    this.sourceBytes = 0;
  }

  /** EVAL and its like. */
  eval(call: EngineSession, script: Script, keys: Bytes[], args: Bytes[], readOnly: boolean): Reply {
    const globals = this.#evalGlobals();
    const start = (keyTable: LuaTable, argTable: LuaTable) => {
      globals.set('KEYS', keyTable);
      globals.set('ARGV', argTable);
      return script.run();
    };
    return this.execute(
      call,
      { name: script.sha, flags: script.flags, chunk: 'user_script', start },
      keys,
      args,
      readOnly,
    );
  }

  /** Carries out a script or function for a client; its errors come back as replies. */
  execute(call: EngineSession, runnable: Runnable, keys: Bytes[], args: Bytes[], readOnly: boolean): Reply {
    const run = this.#prepare(call, runnable, readOnly);
    const engine = this.#engine;
    const { busyReplyThreshold } = engine.settings;
    startRun({
      attentionAt: busyReplyThreshold > 0 ? run.startedAt + busyReplyThreshold : Infinity,
      attend: (now) => this.#attend(run, now),
      deadline:
        busyReplyThreshold > 0 ? run.startedAt + Math.max(busyReplyThreshold * STOP_FACTOR, this.leastMs) : Infinity,
      memoryMax: SCRIPT_BYTES_MAX,
      memoryProbe: () => engine.surroundings.memory().allocated || null,
    });
    this.#run = run;
    try {
      const result = first(runnable.start(LuaTable.ofList(keys.slice()), LuaTable.ofList(args.slice())));
      const reply = replyOf(result, run.session.protocol);
      if (reply instanceof ErrorReply && isCounted(result)) engine.countedError = reply;
      return reply;
    } catch (thrown) {
      return this.#failure(thrown, runnable);
    } finally {
      this.#run = null;
      this.#endBusy();
      engine.effectQueue.targets = TO_ALL;
      // What the client did is what it is judged by, not what the script did.
      engine.current = call;
    }
  }

  #prepare(call: EngineSession, { name, flags, chunk }: Runnable, readOnly: boolean): ScriptRun {
    const engine = this.#engine;
    const wasFull = engine.settings.maxmemory > 0 && !engine.eviction.makeRoom();
    const denial = runDenial(call, flags);
    if (denial !== null) throw denial;
    if (flags !== null) {
      if (flags.noCluster && engine.config.get('cluster-enabled') === 'yes') throw onCluster;
      if (!flags.noWrites && readOnly) throw writesInReadOnly;
      if (wasFull && !flags.allowOom && !flags.noWrites) throw fullForScript;
    }
    const session = this.#sessionFor(call);
    return {
      engine,
      caller: call,
      session,
      readOnly: readOnly || flags?.noWrites === true,
      allowOom: flags?.allowOom === true || flags?.noWrites === true,
      crossSlots: flags === null || flags.allowCrossSlotKeys,
      wasFull,
      dirty: false,
      name,
      isFunction: chunk === 'user_function',
      startedAt: millisNow(),
      killed: false,
    };
  }

  /** The session that commands of scripts are given on: never in the list of clients, never blocked. */
  #sessionFor(call: EngineSession): EngineSession {
    this.#session ??= new EngineSession(this.#engine, 0, nobody);
    const session = this.#session;
    session.protocol = 2;
    session.db = call.db;
    session.user = call.user;
    session.authenticated = true;
    session.inExec = true;
    session.inScript = true;
    session.inScript = true;
    return session;
  }

  #failure(thrown: unknown, { name, chunk }: Runnable): ErrorReply {
    const stopped = thrown instanceof ScriptStopped;
    const { value, site } = stopped
      ? new LuaError('Script killed by user with SCRIPT KILL...', thrown.site)
      : asLuaError(thrown);
    const place =
      site === null ? '' : ` script: ${name}, on @${site.chunk === chunk ? chunk : site.chunk}:${site.line}.`;
    const reply = new ErrorReply(`${asCString(errorText(value))}${place}`.replace(/[\r\n]/g, ' '));
    if (isCounted(value)) this.#engine.countedError = reply;
    return reply;
  }
}

function isCounted(value: LuaValue): boolean {
  return value instanceof LuaTable && value.getText('ignore_error_stats_update') === true;
}

/** The text of what a script threw. */
function errorText(value: LuaValue): Bytes {
  if (value instanceof LuaTable) {
    const text = value.getText('err');
    return typeof text === 'string' ? text : 'ERR unknown error';
  }
  if (typeof value === 'number') return `ERR ${numberText(value)}`;
  return `ERR ${typeof value === 'string' ? value : value === undefined ? 'nil' : String(value)}`;
}
