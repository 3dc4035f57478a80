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

/** Ends the blocking of another connection, whose command then answers as if its time were over. */
export function unblockRequest(id: number): Request {
  return { spec: commands.clientUnblock, argv: ['CLIENT', 'UNBLOCK', String(id)] };
}
