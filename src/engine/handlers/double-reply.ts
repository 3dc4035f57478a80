import { DoubleReply, ShortDoubleReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';

/** A double with the digits that servers of the engine's version write. */
export function doubleReply({ commands }: Engine, value: number): DoubleReply {
  return commands.since.v72 ? new ShortDoubleReply(value) : new DoubleReply(value);
}
