import { functionArgument } from './arguments.js';
import { protect } from './base-library.js';
import { LuaError } from './error.js';
import { call, many } from './runtime.js';
import { callSite, libraryError, stack } from './stack.js';
import type { LuaFunction, LuaResult, LuaValue } from './value.js';

/** A coroutine: a call that stops at each `yield`. */
export class Coroutine {
  readonly typeName = 'thread';
  status: 'suspended' | 'running' | 'normal' | 'dead' = 'suspended';
  readonly body: LuaFunction;
  steps: Generator<LuaValue[], LuaResult, LuaValue[]> | null = null;
  /** Calls that were open when it yielded. */
  level = 0;
  constructor(body: LuaFunction) {
    this.body = body;
  }
}

let running: Coroutine | null = null;

function resume(coroutine: Coroutine, args: LuaValue[]): LuaResult {
  if (coroutine.status === 'dead') throw new LuaError('cannot resume dead coroutine', callSite());
  if (coroutine.status !== 'suspended') throw new LuaError(`cannot resume ${coroutine.status} coroutine`, callSite());
  const outer = running;
  const base = stack.depth;
  if (outer) outer.status = 'normal';
  running = coroutine;
  coroutine.status = 'running';
  stack.depth += coroutine.level;
  let status: Coroutine['status'] = 'dead';
  try {
    if (coroutine.steps === null) {
      if (coroutine.body.steps === undefined) return call(coroutine.body, ...args);
      coroutine.steps = coroutine.body.steps(...args);
      args = [];
    }
    const step = coroutine.steps.next(args);
    if (!step.done) {
      status = 'suspended';
      coroutine.level = stack.depth - base;
    }
    return step.value;
  } finally {
    coroutine.status = status;
    stack.depth = base;
    running = outer;
    if (outer) outer.status = 'running';
  }
}

function coroutineOf(args: readonly LuaValue[]): Coroutine {
  if (!(args[0] instanceof Coroutine)) throw libraryError("bad argument #1 to 'resume' (coroutine expected)");
  return args[0];
}

function cannotYield(): LuaError {
  return new LuaError('attempt to yield across metamethod/C-call boundary', callSite());
}

const yieldValues: LuaFunction = () => {
  throw cannotYield();
};
yieldValues.steps = function* (...args) {
  if (running === null) throw cannotYield();
  return yield args;
};

function create(...args: LuaValue[]): Coroutine {
  return new Coroutine(functionArgument(args, 0, 'create') as LuaFunction);
}

export const coroutineLibrary: Record<string, LuaValue> = {
  create,
  resume(...args) {
    const coroutine = coroutineOf(args);
    const outcome = protect(() => resume(coroutine, args.slice(1)));
    return outcome.ok ? [true, ...many(outcome.result)] : [false, outcome.error.value];
  },
  running: () => running ?? undefined,
  status: (...args) => coroutineOf(args).status,
  wrap(...args) {
    const coroutine = create(...args);
    return (...values: LuaValue[]) => resume(coroutine, values);
  },
  yield: yieldValues,
};
