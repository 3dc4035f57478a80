import { millisNow } from '../../core/clock.js';
import { LuaError, ScriptStopped, type Site } from './error.js';

/** Calls within calls. The engine's own stack is larger than this many frames of ordinary scripts need. */
export const DEPTH_MAX = 6000;
/** Loop turns and calls between two looks at the clock. */
const FUEL = 100_000;
/** What a script may allocate before the memory really in use is looked at, bytes. */
const CHARGE_STEP = 256 * 1024 * 1024;

/** What the process uses at present, in bytes; null where the runtime does not tell. */
export type MemoryProbe = () => number | null;

/** The running script's calls and what it may still use. One thread runs one script at a time. */
export const stack = {
  depth: 0,
  sites: new Array<Site | null>(DEPTH_MAX + 2).fill(null),
  fuel: FUEL,
  /** When the script is stopped, monotonic ms. */
  deadline: Infinity,
  charged: 0,
  /** What the process used when the script had taken its first share. */
  memoryBase: -1,
  memoryMax: 0,
  memoryProbe: (() => null) as MemoryProbe,
  /** When `attend` is called next, monotonic ms. */
  attentionAt: Infinity,
  attend: (() => Infinity) as Attend,
};

/** Called when a script has run for long; says when it wants to be called again, 0 to stop the script. */
export type Attend = (now: number) => number;

export interface RunLimits {
  deadline: number;
  attentionAt: number;
  attend: Attend;
  /** The process may grow by this many bytes; where that cannot be told, the script may allocate as much in all. */
  memoryMax: number;
  memoryProbe: MemoryProbe;
}

/** Before a script starts. */
export function startRun(limits: RunLimits): void {
  stack.depth = 0;
  stack.fuel = FUEL;
  stack.charged = 0;
  stack.memoryBase = -1;
  Object.assign(stack, limits);
}

/** What a command of a script costs: it may take long, so the clock is looked at after a few. */
const COMMAND_FUEL = 5000;

export function spendCommand(): void {
  stack.fuel -= COMMAND_FUEL;
}

/** Called when the fuel is used up, at a place in the script. Throws if the time is over as well. */
export function refuel(site: Site | null): void {
  stack.fuel = FUEL;
  const now = millisNow();
  if (now > stack.deadline) throw new ScriptStopped(site ?? callSite());
  if (now < stack.attentionAt) return;
  // Whoever is heard now runs on what is left of the engine's own stack.
  if (stack.depth > 100) descend(ATTENTION_CALLS);
  stack.attentionAt = stack.attend(now);
  if (stack.attentionAt === 0) throw new ScriptStopped(site ?? callSite());
}

/** Notes that a script took memory: tables and long strings. */
export function charge(bytes: number): void {
  stack.charged += bytes;
  if (stack.charged > CHARGE_STEP) checkMemory();
}

function checkMemory(): void {
  const used = stack.memoryProbe();
  if (used !== null) {
    if (stack.memoryBase < 0) stack.memoryBase = Math.max(used - stack.charged, 0);
    stack.charged = 0;
    if (used - stack.memoryBase > stack.memoryMax) throw new LuaError('not enough memory', callSite());
  } else if (stack.charged > stack.memoryMax) throw new LuaError('not enough memory', callSite());
}

/** The innermost Lua code: what called the library function which now runs. */
export function callSite(): Site | null {
  for (let i = stack.depth - 1; i >= 0; i--) {
    const site = stack.sites[i];
    if (site !== null) return site;
  }
  return null;
}

/** `user_script:3: `, of the code `level` calls up; empty where that is none. */
export function where(level = 1): string {
  const site = stack.depth >= level ? stack.sites[stack.depth - level] : null;
  return site ? `${site.chunk}:${site.line}: ` : '';
}

/** An error that a library function raises, with the place of its caller. */
export function libraryError(message: string): LuaError {
  return new LuaError(where() + message, callSite());
}

/** What any throw in a script means to the script. Errors of JavaScript's own limits become Lua's. */
export function asLuaError(thrown: unknown): LuaError {
  if (thrown instanceof LuaError) return thrown;
  if (thrown instanceof RangeError) {
    const message = /call stack/i.test(thrown.message) ? 'stack overflow' : 'not enough memory';
    const site = stack.depth > 0 ? stack.sites[Math.min(stack.depth, DEPTH_MAX) - 1] : null;
    return new LuaError(
      message === 'stack overflow' && site ? `${site.chunk}:${site.line}: ${message}` : message,
      site,
    );
  }
  throw thrown;
}

/** How much of the engine's own stack a command may need, and all that is done for other clients. */
const RESERVE_CALLS = 400;
const ATTENTION_CALLS = 1500;

function descend(n: number): number {
  return n === 0 ? 0 : 1 + descend(n - 1);
}

/** Before a script enters the engine from deep recursion: an overflow must come now, not amid a change. */
export function reserveStack(): void {
  if (stack.depth > 100) descend(RESERVE_CALLS);
}
