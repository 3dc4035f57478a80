import type { configCommands } from '../../commands/config.js';
import { helpReply } from '../../commands/help.js';
import { asCString } from '../../core/bytes.js';
import { ErrorReply, MapReply, OK, replyErrors } from '../../core/reply.js';
import { type ConfigRefusal, isFixedWhileLoading, isSensitive } from '../config.js';
import type { Engine } from '../engine.js';
import type { HandlersOf } from '../handler.js';

const noConfigFile = new ErrorReply('ERR The server is running without a config file');

function refused(refusal: ConfigRefusal): ErrorReply {
  if ('unknown' in refusal) {
    return new ErrorReply(`ERR Unknown option or number of arguments for CONFIG SET - '${asCString(refusal.unknown)}'`);
  }
  return new ErrorReply(
    `ERR CONFIG SET failed (possibly related to argument '${asCString(refusal.parameter)}') - ${refusal.reason}`,
  );
}

/** Evictions due to a new `maxmemory` happen at once. */
function makeRoom(engine: Engine): void {
  if (engine.pause !== null) return;
  engine.eviction.makeRoom();
  engine.effectQueue.send(false);
}

/** Handlers of CONFIG. */
export const configHandlers: HandlersOf<typeof configCommands> = {
  configGet: ({ engine }, { patterns }) => new MapReply(engine.config.matching(patterns).flat()),

  configHelp: () => helpReply('config'),

  configResetstat({ engine }) {
    engine.resetStatistics();
    return OK;
  },

  configRewrite({ engine }) {
    const { configFile, log } = engine.surroundings;
    if (configFile === null) throw noConfigFile;
    try {
      const users = engine.acl.file === null ? engine.acl.users.map(({ line }) => line) : [];
      configFile.write(engine.config.rewrite(configFile.read(), false, users));
    } catch (error) {
      const { message } = error as Error;
      log('warning', `CONFIG REWRITE failed: ${message}`);
      throw new ErrorReply(`ERR Rewriting config file: ${message}`);
    }
    log('warning', 'CONFIG REWRITE executed with success.');
    return OK;
  },

  configSet(call, { parameters }) {
    const { engine, argv } = call;
    parameters.forEach(([name], i) => {
      if (isSensitive(name)) argv[3 + 2 * i] = '(redacted)';
    });
    if (engine.replication.loading !== null && parameters.some(([name]) => isFixedWhileLoading(name)))
      throw replyErrors.loading;
    const { hz } = engine.settings;
    const refusal = engine.config.set(parameters, engine.allows(engine.settings.enableProtectedConfigs, call));
    if (refusal) throw refused(refusal);
    if (engine.settings.hz !== hz) engine.heartbeat.restart();
    engine.plainChanged();
    // Within a transaction, the commands that follow still see the old data.
    if (call.inExec) queueMicrotask(() => makeRoom(engine));
    else makeRoom(engine);
    return OK;
  },
};
