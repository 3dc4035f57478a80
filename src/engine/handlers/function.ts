import type { functionCommands } from '../../commands/function.js';
import { helpReply } from '../../commands/help.js';
import { throwLate } from '../../commands/precedence.js';
import type { Bytes } from '../../core/bytes.js';
import { millisNow } from '../../core/clock.js';
import { matchGlob } from '../../core/glob.js';
import { ErrorReply, MapReply, OK, type Reply, SetReply, Status } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';
import { dumpLibraries, librariesOf } from '../scripting/function-dump.js';
import type { Library } from '../scripting/function-libraries.js';
import type { ScriptRun } from '../scripting/script-run.js';
import { busyError } from '../scripting/scripting.js';
import type { EngineSession } from '../session.js';

const unknownFunction = new ErrorReply('ERR Function not found');

type CallParams = { functionName: Bytes; keys: Bytes[]; args: Bytes[]; late?: ErrorReply };

function callFunction(call: EngineSession, params: CallParams, readOnly: boolean): Reply {
  const { scripting } = call.engine;
  const f = scripting.libraries.find(params.functionName);
  if (f === undefined) throw unknownFunction;
  throwLate(params);
  const { name, flags, run } = f;
  const start = (keys: Parameters<typeof run>[0], args: Parameters<typeof run>[0]) => run(keys, args);
  return scripting.execute(call, { name, flags, chunk: 'user_function', start }, params.keys, params.args, readOnly);
}

/** What FUNCTION STATS says of the function that runs. */
function describeRun({ name, caller, startedAt }: ScriptRun): MapReply {
  const duration = Math.floor(millisNow() - startedAt);
  return new MapReply(['name', name, 'command', [...caller.argv], 'duration_ms', duration]);
}

function describe({ name, source, functions }: Library, withCode: boolean): MapReply {
  const list = [...functions.values()].map(
    ({ name: own, description, flagNames }) =>
      new MapReply([
        'name',
        own,
        'description',
        description,
        'flags',
        new SetReply(flagNames.map((flag) => new Status(flag))),
      ]),
  );
  const flat: Reply[] = ['library_name', name, 'engine', 'LUA', 'functions', list];
  if (withCode) flat.push('library_code', source);
  return new MapReply(flat);
}

/** Handlers of FUNCTION and FCALL. */
export const functionHandlers: HandlersOf<typeof functionCommands> = {
  fcall: (call, params) => callFunction(call, params, false),
  fcallRo: (call, params) => callFunction(call, params, true),

  functionDelete({ engine }, { libraryName }) {
    engine.scripting.libraries.delete(libraryName);
    engine.dirty++;
    return OK;
  },

  functionDump: ({ engine }) => dumpLibraries(engine.scripting.libraries.all),

  functionFlush({ engine }) {
    engine.scripting.libraries.flush();
    engine.dirty++;
    return OK;
  },

  functionHelp: () => helpReply('function'),

  functionKill({ engine }) {
    engine.scripting.kill(true);
    return OK;
  },

  functionList({ engine }, { libraryName, withCode }) {
    const { all } = engine.scripting.libraries;
    const wanted =
      libraryName === undefined
        ? [...all]
        : [...all].filter(({ name }) => matchGlob(libraryName.toLowerCase(), name.toLowerCase()));
    return wanted.map((library) => describe(library, withCode === true));
  },

  functionLoad({ engine }, { replace, code }) {
    const name = engine.scripting.libraries.load(code, replace === true);
    engine.dirty++;
    return name;
  },

  functionRestore({ engine }, { payload, policy }) {
    engine.scripting.libraries.restore(
      librariesOf(payload, !engine.skipChecksums, engine.settings.serverVersion),
      policy ?? 'append',
    );
    engine.dirty++;
    return OK;
  },

  functionStats({ engine }) {
    const { libraryCount, functionCount } = engine.scripting.libraries;
    const { busy } = engine.scripting;
    if (busy !== null && !busy.isFunction) throw busyError(busy);
    const lua = new MapReply(['libraries_count', libraryCount, 'functions_count', functionCount]);
    return new MapReply(['running_script', busy && describeRun(busy), 'engines', new MapReply(['LUA', lua])]);
  },
};
