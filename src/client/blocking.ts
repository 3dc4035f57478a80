import type { Request } from '../backend/backend.js';
import { isAbsent } from '../commands/shape.js';
import { millisNow } from '../core/clock.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import { Command } from './pending.js';

/** How long a server may take to confirm that it no longer blocks for us. */
const UNBLOCK_GRACE_MS = 500;

/** Milliseconds that the server itself may block; 0 for no end (and for timeouts that it will refuse). */
export function serverTimeout({ spec, argv }: Request): number {
  if (spec.name === 'XREAD' || spec.name === 'XREADGROUP') return milliseconds(argv[blockAt(argv) + 1], 1);
  if (spec.name.startsWith('WAIT')) return milliseconds(argv[argv.length - 1], 1);
  const first = spec.name === 'BLMPOP' || spec.name === 'BZMPOP';
  return milliseconds(first ? argv[1] : argv[argv.length - 1], 1000);
}

/** Where XREAD's word BLOCK stands; −1 if it does not. Behind STREAMS there are only keys and ids. */
export function blockAt(argv: readonly string[]): number {
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]!.toUpperCase();
    if (word === 'BLOCK') return i;
    if (word === 'STREAMS') return -1;
  }
  return -1;
}

function milliseconds(text: string | undefined, unit: number): number {
  const value = Number(text);
  return value > 0 ? value * unit : 0;
}

/**
 * A command that blocks on the server. When its time is over or it is aborted it may have taken an element already, so
 * it is not given up at once: the server is asked to unblock it, and an element that comes instead is delivered.
 */
export class BlockingCommand extends Command {
  readonly #unblock: () => void;
  /** Set by who watches the deadline: it has changed. */
  onDeadline: (() => void) | null = null;
  /** Why it ends; called when the server has confirmed that it took nothing, or has not answered in time. */
  #ending: ((applied: 'no' | 'maybe') => unknown) | null = null;

  constructor(request: Request, unblock: () => void) {
    super(request, null, null);
    this.blocksByNature = true;
    this.#unblock = unblock;
  }

  override take(reply: Reply): boolean {
    const ended =
      this.#ending !== null && (isAbsent(reply) || (reply instanceof ErrorReply && reply.code === 'UNBLOCKED'));
    if (!ended) return super.take(reply);
    this.reject(this.#ending!('no'));
    return true;
  }

  override expire(now: number, _written: boolean): void {
    if (this.#ending !== null) this.reject(this.#ending('maybe'));
    else this.#end(now, (applied) => this.lateness('had no reply', applied));
  }

  override abort(reason: unknown): void {
    if (this.#ending === null) this.#end(millisNow(), () => reason);
  }

  #end(now: number, ending: (applied: 'no' | 'maybe') => unknown): void {
    this.#ending = ending;
    this.deadline = now + UNBLOCK_GRACE_MS;
    this.onDeadline?.();
    this.#unblock();
  }
}
