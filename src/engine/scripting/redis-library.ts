import { arityFits, type Spec } from '../../commands/spec.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { sha1Hex } from '../../core/sha1.js';
import { formatShort } from '../../core/short-double.js';
import { DENIED_CHANNEL, DENIED_COMMAND, DENIED_KEY } from '../acl/selector.js';
import { TO_JOURNAL as REPL_AOF, TO_REPLICAS as REPL_REPLICA } from '../effect-queue.js';
import type { Engine } from '../engine.js';
import { LuaError } from '../lua/error.js';
import { exactNumberText, numberText } from '../lua/number-text.js';
import { toNumber } from '../lua/runtime.js';
import { callSite, reserveStack, spendCommand } from '../lua/stack.js';
import { LuaTable } from '../lua/table.js';
import { type LuaResult, type LuaValue, NONE } from '../lua/value.js';
import { releaseOf } from '../redis-version.js';
import type { LogLevel } from '../settings.js';
import { commandDenial } from './copy-denial.js';
import { errorTable, fieldTable, luaOf } from './reply-conversion.js';
import type { ScriptRun } from './script-run.js';

/** The table `redis` as scripts see it. `current` is the script that runs. */

const levels: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const deniedWords = {
  [DENIED_COMMAND]: "can't run this command or subcommand",
  [DENIED_KEY]: "can't access at least one of the keys mentioned in the command arguments",
  [DENIED_CHANNEL]: "can't publish to the channel mentioned in the command",
} as const;

/** Says who runs, or null. */
export type CurrentRun = () => ScriptRun | null;

/** An error as `redis.call` raises it: a table with the text. */
export function scriptError(text: Bytes, counted = false): LuaError {
  return new LuaError(errorTable(text, counted), callSite());
}

function argumentText(value: LuaValue, short: boolean): Bytes {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return short ? formatShort(value === 0 ? 0 : value) : exactNumberText(value);
  throw scriptError('ERR Lua redis lib command arguments must be strings or integers');
}

function words(args: readonly LuaValue[], short: boolean): Bytes[] {
  if (args.length === 0) throw scriptError('ERR Please specify at least one argument for this redis lib call');
  const argv = new Array<Bytes>(args.length);
  for (let i = 0; i < args.length; i++) argv[i] = argumentText(args[i], short);
  return argv;
}

function refusal(run: ScriptRun, spec: Spec | undefined, argv: readonly Bytes[]): string | null {
  if (spec === undefined || (spec.container && argv.length >= 2)) return 'ERR Unknown Redis command called from script';
  if (!arityFits(spec, argv.length)) return 'ERR Wrong number of args calling Redis command from script';
  if (spec.flags.includes('noscript') && !run.engine.scripting.allowsAll)
    return 'ERR This Redis command is not allowed from script';
  const denied = run.session.user.unrestricted ? null : run.engine.acl.denial(run.session, spec, argv, 'lua');
  if (denied !== null) {
    if (!run.engine.commands.since.v72) return `ERR The user executing the script ${deniedWords[denied.reason]}`;
    return `ERR ACL failure in script: ${run.engine.acl.refusalText(run.session, spec, denied)}`;
  }
  const writes = spec.isWrite || spec.flags.includes('may_replicate');
  if (run.readOnly && writes) return 'ERR Write commands are not allowed from read-only scripts.';
  if (run.wasFull && !run.allowOom && !run.dirty && spec.denyOom)
    return "OOM command not allowed when used memory > 'maxmemory'.";
  return commandDenial(run, spec, argv);
}

/** One command, through the engine's door. Throws what is refused before it runs; what it answers may be an error. */
function carryOut(run: ScriptRun, argv: Bytes[]): Reply {
  const spec = run.engine.commands.lookup(argv);
  const reason = refusal(run, spec, argv);
  if (reason !== null) {
    const { stats } = run.engine;
    if (spec !== undefined && !(spec.container && argv.length >= 2)) stats.rejected[spec.id]++;
    stats.countError(reason.slice(0, reason.indexOf(' ')));
    throw scriptError(reason, true);
  }
  reserveStack();
  spendCommand();
  if (spec!.isWrite) run.dirty = true;
  return run.engine.execute(run.session, spec!, argv);
}

function command(current: CurrentRun, args: LuaValue[], raises: boolean): LuaResult {
  const run = current();
  if (run === null) throw scriptError('ERR redis.call/pcall can only be called inside a script invocation');
  let reply: Reply;
  try {
    reply = carryOut(run, words(args, run.engine.commands.since.v72));
  } catch (thrown) {
    if (raises || !(thrown instanceof LuaError) || !(thrown.value instanceof LuaTable)) throw thrown;
    return thrown.value;
  }
  if (raises && reply instanceof ErrorReply) throw scriptError(reply.text, true);
  return luaOf(reply, run.session.protocol);
}

/** `-CODE text` is taken as it is, anything else becomes an ERR. */
function errorReply(...args: LuaValue[]): LuaResult {
  if (args.length !== 1 || typeof args[0] !== 'string')
    return errorTable('ERR wrong number or type of arguments', false);
  const text = args[0].startsWith('-') ? args[0].slice(1) : args[0];
  const space = text.indexOf(' ');
  const message = text.slice(space + 1).replace(/^[\r\n]+|[\r\n]+$/g, '');
  return fieldTable('err', `${space < 0 ? 'ERR' : text.slice(0, space)} ${message}`);
}

function statusReply(...args: LuaValue[]): LuaResult {
  if (args.length !== 1 || typeof args[0] !== 'string')
    return errorTable('ERR wrong number or type of arguments', false);
  return fieldTable('ok', args[0]);
}

function sha1(...args: LuaValue[]): LuaResult {
  if (args.length !== 1) throw scriptError('ERR wrong number of arguments');
  const [value] = args;
  return sha1Hex(typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : '');
}

/** `redis.log` and the levels. */
export function logging(log: (level: LogLevel, message: Bytes) => void): Record<string, LuaValue> {
  return {
    LOG_DEBUG: 0,
    LOG_VERBOSE: 1,
    LOG_NOTICE: 2,
    LOG_WARNING: 3,
    log(...args) {
      if (args.length < 2) throw scriptError('ERR redis.log() requires two arguments or more.');
      const level = toNumber(args[0]);
      if (level === undefined) throw scriptError('ERR First argument must be a number (log level).');
      if (!(level >= 0 && level <= 3)) throw scriptError('ERR Invalid debug level.');
      const parts = args.slice(1).filter((part) => typeof part === 'string' || typeof part === 'number');
      log(
        levels[Math.trunc(level)],
        parts.map((part) => (typeof part === 'number' ? numberText(part) : part)).join(' '),
      );
      return NONE;
    },
  };
}

/** REDIS_VERSION as text and as a number. */
export function versions({ settings }: Engine): Record<string, LuaValue> {
  const release = releaseOf(settings);
  const [major, minor, patch] = release.split('.').map(Number);
  return { REDIS_VERSION: release, REDIS_VERSION_NUM: (major << 16) | (minor << 8) | patch };
}

function setResp(current: CurrentRun, args: LuaValue[]): LuaResult {
  const run = current();
  if (run === null) throw scriptError('ERR redis.setresp can only be called inside a script invocation');
  if (args.length !== 1) throw scriptError('ERR redis.setresp() requires one argument.');
  const version = toNumber(args[0]);
  if (version !== 2 && version !== 3) throw scriptError('ERR RESP version must be 2 or 3.');
  run.session.protocol = version;
  return NONE;
}

function setRepl(current: CurrentRun, args: LuaValue[]): LuaResult {
  const run = current();
  if (run === null) throw scriptError('ERR redis.set_repl can only be called inside a script invocation');
  if (args.length !== 1) throw scriptError('ERR redis.set_repl() requires two arguments.');
  const flags = toNumber(args[0]) ?? 0;
  if ((flags & ~(REPL_AOF | REPL_REPLICA)) !== 0) {
    throw scriptError('ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
  }
  run.engine.effectQueue.targets = flags;
  return NONE;
}

function checkCommand(current: CurrentRun, args: LuaValue[]): LuaResult {
  const run = current();
  if (run === null) throw scriptError('ERR redis.acl_check_cmd can only be called inside a script invocation');
  const argv = words(args, run.engine.commands.since.v72);
  const spec = run.engine.commands.lookup(argv);
  if (spec === undefined || (spec.container && argv.length >= 2)) {
    throw scriptError('ERR Invalid command passed to redis.acl_check_cmd()');
  }
  return run.session.user.check(spec, argv) === null;
}

export function redisLibrary(
  engine: Engine,
  current: CurrentRun,
  log: (level: LogLevel, message: Bytes) => void,
): Record<string, LuaValue> {
  return {
    ...logging(log),
    ...versions(engine),
    REPL_ALL: REPL_AOF | REPL_REPLICA,
    REPL_AOF,
    REPL_NONE: 0,
    REPL_REPLICA,
    REPL_SLAVE: REPL_REPLICA,
    acl_check_cmd: (...args) => checkCommand(current, args),
    call: (...args) => command(current, args, true),
    error_reply: errorReply,
    pcall: (...args) => command(current, args, false),
    set_repl: (...args) => setRepl(current, args),
    setresp: (...args) => setResp(current, args),
    sha1hex: sha1,
    status_reply: statusReply,
  };
}
