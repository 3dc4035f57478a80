import type { Request } from '../backend/backend.js';
import { commands } from '../commands/table.js';
import { Command } from './pending.js';

/** A PING of the client's own, due within `timeout` milliseconds. */
export function pingCommand(now: number, timeout: number): Command {
  const command = new Command({ spec: commands.ping, argv: ['PING'] }, null, null);
  command.timeout = timeout;
  command.deadline = now + timeout;
  return command;
}

/**
 * Ends the blocking of another connection, whose command is then answered with the error UNBLOCKED. Not with what it is
 * answered when its time is over: servers before 8.2 end themselves when that is asked for a command that is not blocked
 * but held back by CLIENT PAUSE.
 */
export function unblockRequest(id: number): Request {
  return { spec: commands.clientUnblock, argv: ['CLIENT', 'UNBLOCK', String(id), 'ERROR'] };
}
