import type { Request } from '../backend/backend.js';
import { isAbsent } from '../commands/shape.js';
import { millisNow } from '../core/clock.js';
import { ErrorReply, type Reply, Status } from '../core/reply.js';
import { Command } from './pending.js';

/** How long a server may take to confirm that it no longer blocks for us. */
const UNBLOCK_GRACE_MS = 500;

/** Milliseconds that the server itself may block; 0 for no end (and for timeouts that it will refuse). */
export function serverTimeout(request: Request): number {
  const { at, unit } = timeoutOf(request);
  const value = Number(request.argv[at]);
  return value > 0 ? value * unit : 0;
}

/** The same command with another time to block. */
export function blockingFor(request: Request, ms: number): Request {
  const { at, unit } = timeoutOf(request);
  return { spec: request.spec, argv: request.argv.with(at, String(Math.ceil(ms) / unit)) };
}

/** Which argument says how long the server may block, and how many milliseconds it counts in. */
function timeoutOf({ spec, argv }: Request): { at: number; unit: number } {
  if (spec.name === 'XREAD' || spec.name === 'XREADGROUP') return { at: blockAt(argv) + 1, unit: 1 };
  if (spec.name.startsWith('WAIT')) return { at: argv.length - 1, unit: 1 };
  return { at: spec.name === 'BLMPOP' || spec.name === 'BZMPOP' ? 1 : argv.length - 1, unit: 1000 };
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

/** What a blocking command needs of its connection and its client. */
export interface BlockingHost {
  /** Asks the server, on another connection, to unblock this one. */
  unblock(): void;
  /** Sends PING on this connection, whose reply the command takes; false if others wait for replies behind it. */
  probe(): boolean;
  /** Ends this connection: which replies belong to whom is not known any more. */
  abandon(): void;
}

/**
 * A command that blocks on the server. When its time is over or it is aborted it may have taken an element already, so
 * it is not given up at once: the server is asked to unblock it, and an element that comes instead is delivered.
 *
 *   blocked ──element, nothing──▶ settled
 *      │ UNBLOCKED
 *      ▼
 *   probed ──PONG──▶ settled: nothing was taken
 *      │ element, nothing: it was held back by CLIENT PAUSE, and is carried out all the same
 *      ▼
 *   answered ──PONG──▶ over
 */
export class BlockingCommand extends Command {
  readonly #host: BlockingHost;
  #state: 'blocked' | 'probed' | 'answered' = 'blocked';
  /** Set by who watches the deadline: it has changed. */
  onDeadline: (() => void) | null = null;
  /** Why it ends; called when the server has confirmed that it took nothing, or has not answered in time. */
  #ending: ((applied: 'no' | 'maybe') => unknown) | null = null;

  constructor(request: Request, host: BlockingHost) {
    super(request, null, null);
    this.blocksByNature = true;
    this.#host = host;
  }

  override take(reply: Reply): boolean {
    if (this.#state === 'answered') return true;
    const isProbed = this.#state === 'probed';
    if (isProbed && reply instanceof Status && reply.text === 'PONG') {
      this.reject(this.#ending!('no'));
      return true;
    }
    if (!isProbed && this.#ending !== null && reply instanceof ErrorReply && reply.code === 'UNBLOCKED')
      return this.#unblocked();
    if (isProbed) this.#state = 'answered';
    if (this.#ending !== null && isAbsent(reply)) this.reject(this.#ending('no'));
    else super.take(reply);
    return !isProbed;
  }

  /** Nothing was taken, unless the command was only held back: then its own reply comes before that to PING. */
  #unblocked(): boolean {
    if (this.#host.probe()) {
      this.#state = 'probed';
      return false;
    }
    this.reject(this.#ending!('maybe'));
    this.#host.abandon();
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
    this.#host.unblock();
  }
}
