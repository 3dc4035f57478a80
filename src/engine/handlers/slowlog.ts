import { helpReply } from '../../commands/help.js';
import type { slowlogCommands } from '../../commands/slowlog.js';
import { OK } from '../../core/reply.js';
import type { HandlersOf } from '../handler.js';

const COUNT_DEFAULT = 10;

/** Handlers of SLOWLOG. */
export const slowlogHandlers: HandlersOf<typeof slowlogCommands> = {
  slowlogGet({ engine }, { count = COUNT_DEFAULT }) {
    const { entries } = engine.slowlog;
    const wanted = count === -1 ? entries : entries.slice(0, count);
    return wanted.map(({ id, time, micros, argv, address, name }) => [id, time, micros, [...argv], address, name]);
  },

  slowlogHelp: () => helpReply('slowlog'),

  slowlogLen: ({ engine }) => engine.slowlog.entries.length,

  slowlogReset({ engine }) {
    engine.slowlog.reset();
    return OK;
  },
};
