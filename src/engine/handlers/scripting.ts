import { helpReply } from '../../commands/help.js';
import { throwLate } from '../../commands/precedence.js';
import type { scriptingCommands } from '../../commands/scripting.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, OK, type Reply } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { noScript } from '../scripting/scripting.js';
import type { EngineSession } from '../session.js';
import { functionHandlers } from './function.js';

const SHA1_LENGTH = 40;

const noDebugger = new ErrorReply('ERR SCRIPT DEBUG is not supported: there is no debugger for scripts');
const badMode = new ErrorReply('ERR Use SCRIPT DEBUG YES/SYNC/NO');

type KnownParams = { sha1: Bytes; keys: Bytes[]; args: Bytes[]; late?: ErrorReply };

/** What is no SHA-1 is looked at before the number of keys, an unknown one after it. */
function evalKnown(call: EngineSession, params: KnownParams, readOnly: boolean): Reply {
  const { scripting } = call.engine;
  if (params.sha1.length !== SHA1_LENGTH) throw noScript;
  throwLate(params);
  return scripting.eval(call, scripting.find(params.sha1), params.keys, params.args, readOnly);
}

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

  evalsha: (call, params) => evalKnown(call, params, false),

  evalshaRo: (call, params) => evalKnown(call, params, true),

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

  scriptShow: ({ engine }, { sha1 }) => engine.scripting.find(sha1).source,

  scriptFlush({ engine }) {
    engine.scripting.flush();
    return OK;
  },

  scriptHelp: () => helpReply('script'),

  scriptKill({ engine }) {
    engine.scripting.kill(false);
    return OK;
  },

  scriptLoad: ({ engine }, { script }) => engine.scripting.load(script).sha,
};
