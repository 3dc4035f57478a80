import { helpReply } from '../../commands/help.js';
import type { scriptingCommands } from '../../commands/scripting.js';
import { ErrorReply, OK } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { functionHandlers } from './function.js';

const notBusy = new ErrorReply('NOTBUSY No scripts in execution right now.');
const noDebugger = new ErrorReply('ERR SCRIPT DEBUG is not supported: there is no debugger for scripts');
const badMode = new ErrorReply('ERR Use SCRIPT DEBUG YES/SYNC/NO');

/** Handlers of EVAL and SCRIPT. */
export const scriptingHandlers: HandlersOf<typeof scriptingCommands> = {
  ...functionHandlers,

  eval: (call, { script, keys, args }) => {
    const { scripting } = call.engine;
    return scripting.eval(call, scripting.load(script), keys, args, false);
  },

  evalRo: (call, { script, keys, args }) => {
    const { scripting } = call.engine;
    return scripting.eval(call, scripting.load(script), keys, args, true);
  },

  evalsha: (call, { sha1, keys, args }) => {
    const { scripting } = call.engine;
    return scripting.eval(call, scripting.find(sha1), keys, args, false);
  },

  evalshaRo: (call, { sha1, keys, args }) => {
    const { scripting } = call.engine;
    return scripting.eval(call, scripting.find(sha1), keys, args, true);
  },

  scriptDebug(_call, { mode }) {
    switch (mode.toLowerCase()) {
      case 'no':
        return OK;
      case 'yes':
      case 'sync':
        throw noDebugger;
      default:
        throw badMode;
    }
  },

  scriptExists: ({ engine }, { sha1 }) => sha1.map((sha) => (engine.scripting.has(sha) ? 1 : 0)),

  scriptFlush({ engine }) {
    engine.scripting.flush();
    return OK;
  },

  scriptHelp: () => helpReply('script'),

  scriptKill() {
    // Nobody is heard while a script runs.
    throw notBusy;
  },

  scriptLoad: ({ engine }, { script }) => engine.scripting.load(script).sha,
};
