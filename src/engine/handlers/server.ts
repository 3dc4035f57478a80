import type { serverCommands } from '../../commands/server.js';
import type { HandlersOf } from '../handler.js';

export const serverHandlers: HandlersOf<typeof serverCommands> = {};
