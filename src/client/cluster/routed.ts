import type { Request } from '../../backend/backend.js';
import type { ReplyView, Shape } from '../../commands/shape.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { Command, Pending } from '../pending.js';
import type { RequestWriter } from '../request-writer.js';
import type { ClusterNode } from './cluster-node.js';

/** A pending command that knows its slot, and so its way through the cluster. */
export interface Routed extends Pending {
  readonly slot: number;
  /** Where it was sent last. */
  node: ClusterNode | null;
  /** Whether a replica may answer it. Taken back when one would not. */
  toReplica: boolean;
  /** It is sent behind ASKING, once. */
  asking: boolean;
  /** How often it was sent elsewhere, and how often it had to wait. */
  redirects: number;
  holds: number;
  /** What it was turned away with last. */
  refusal: ErrorReply | null;
}

/** Who decides what becomes of an error reply: true if the command is sent again and not to be settled by it. */
export interface Turnstile {
  turn(routed: Routed, reply: ErrorReply): boolean;
}

const ASKING: Bytes[] = ['ASKING'];

export function isRouted(pending: Pending): pending is Routed & Pending {
  return pending instanceof RoutedCommand || pending instanceof RoutedTransaction;
}

/** One command on its way. It keeps its one promise through all redirections. */
export class RoutedCommand extends Command implements Routed {
  readonly slot: number;
  node: ClusterNode | null = null;
  toReplica = false;
  asking = false;
  redirects = 0;
  holds = 0;
  refusal: ErrorReply | null = null;
  readonly #turnstile: Turnstile;
  /** Replies that belong to ASKING. */
  #skip = 0;

  constructor(request: Request, slot: number, turnstile: Turnstile, shape: Shape | null, view: ReplyView | null) {
    super(request, shape, view);
    this.slot = slot;
    this.#turnstile = turnstile;
  }

  override write(writer: RequestWriter): void {
    if (this.asking) {
      this.asking = false;
      this.#skip = 1;
      writer.add(ASKING);
    }
    super.write(writer);
  }

  override take(reply: Reply): boolean {
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    if (reply instanceof ErrorReply && !this.settled && this.#turnstile.turn(this, reply)) return true;
    return super.take(reply);
  }

  override restart(): void {
    this.#skip = 0;
  }
}

const MULTI: Bytes[] = ['MULTI'];
const EXEC: Bytes[] = ['EXEC'];

/** MULTI, commands of one slot, EXEC, written together. Turned away, it is sent again as a whole: nothing was done. */
export class RoutedTransaction extends Pending implements Routed {
  readonly slot: number;
  node: ClusterNode | null = null;
  toReplica = false;
  asking = false;
  redirects = 0;
  holds = 0;
  refusal: ErrorReply | null = null;
  readonly #turnstile: Turnstile;
  readonly #requests: readonly Request[];
  #left = 0;
  /** The first command that was turned away instead of queued. */
  #turned: ErrorReply | null = null;

  constructor(requests: readonly Request[], slot: number, turnstile: Turnstile) {
    super();
    this.#requests = requests;
    this.slot = slot;
    this.#turnstile = turnstile;
  }

  override get commandName(): string {
    return 'EXEC';
  }

  override get isRead(): boolean {
    return this.#requests.every(({ spec }) => spec.isReadonly);
  }

  override get mayAskReplica(): boolean {
    return false;
  }

  override write(writer: RequestWriter): void {
    this.#left = this.#requests.length + 2;
    this.#turned = null;
    if (this.asking) {
      this.asking = false;
      this.#left++;
      writer.add(ASKING);
    }
    writer.add(MULTI);
    for (const { argv } of this.#requests) writer.add(argv);
    writer.add(EXEC);
  }

  override take(reply: Reply): boolean {
    if (--this.#left > 0) {
      if (reply instanceof ErrorReply) this.#turned ??= reply;
      return false;
    }
    if (this.settled) return true;
    // EXEC answers EXECABORT where a command was not queued; why is what that command was answered.
    const turned = reply instanceof ErrorReply ? (reply.code === 'EXECABORT' ? this.#turned : reply) : null;
    if (turned === null || !this.#turnstile.turn(this, turned)) this.resolve(reply);
    return true;
  }

  override restart(): void {
    this.#left = 0;
  }
}
