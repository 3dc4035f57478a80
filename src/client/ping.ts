import { commands } from '../commands/table.js';
import { Command } from './pending.js';

/** A PING of the client's own, due within `timeout` milliseconds. */
export function pingCommand(now: number, timeout: number): Command {
  const command = new Command({ spec: commands.ping, argv: ['PING'] }, null, null);
  command.timeout = timeout;
  command.deadline = now + timeout;
  return command;
}
