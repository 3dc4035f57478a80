import type { Request } from '../../backend/backend.js';
import type { ReplyView, Shape } from '../../commands/shape.js';
import { commands } from '../../commands/table.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply, type Reply } from '../../core/reply.js';
import { bytesIn, Command, type Pending } from '../pending.js';
import type { RequestWriter } from '../request-writer.js';
import type { ClusterNode } from './cluster-node.js';

/** Who decides what becomes of an error reply: true if the command is sent again and not to be settled by it. */
export interface Turnstile {
  turn(routed: RoutedCommand, reply: ErrorReply): boolean;
}

const ASKING: Bytes[] = ['ASKING'];

export function isRouted(pending: Pending): pending is RoutedCommand {
  return pending instanceof RoutedCommand;
}

/** One command, which knows its slot and so its way through the cluster. It keeps its one promise through all redirections. */
export class RoutedCommand extends Command {
  readonly slot: number;
  /** Where it was sent last. */
  node: ClusterNode | null = null;
  /** Whether a replica may answer it. Taken back when one would not. */
  toReplica = false;
  /** It is sent behind ASKING, once. */
  asking = false;
  /** How often it was sent elsewhere, and how often it had to wait. */
  redirects = 0;
  holds = 0;
  /** What it was turned away with last. */
  refusal: ErrorReply | null = null;
  protected readonly turnstile: Turnstile;
  /** Replies that belong to ASKING. */
  #skip = 0;

  constructor(request: Request, slot: number, turnstile: Turnstile, shape: Shape | null, view: ReplyView | null) {
    super(request, shape, view);
    this.slot = slot;
    this.turnstile = turnstile;
  }

  override write(writer: RequestWriter): void {
    if (this.asking) {
      this.asking = false;
      this.#skip = 1;
      writer.add(ASKING);
    }
    super.write(writer);
  }

  override take(reply: Reply, plain = false): boolean {
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    if (reply instanceof ErrorReply && !this.settled && this.turnstile.turn(this, reply)) return true;
    return super.take(reply, plain);
  }

  override restart(): void {
    this.#skip = 0;
  }
}

const MULTI: Bytes[] = ['MULTI'];
const exec: Request = { spec: commands.exec, argv: ['EXEC'] };

/** MULTI, commands of one slot, EXEC, written together. Turned away, it is sent again as a whole: nothing was done. */
export class RoutedTransaction extends RoutedCommand {
  readonly #requests: readonly Request[];
  #left = 0;
  /** The first command that was turned away instead of queued. */
  #turned: ErrorReply | null = null;

  constructor(requests: readonly Request[], slot: number, turnstile: Turnstile) {
    super(exec, slot, turnstile, null, null);
    this.#requests = requests;
  }

  override get bytes(): number {
    return this.#requests.reduce((sum, request) => sum + bytesIn(request), 0);
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
    writer.add(exec.argv);
  }

  override take(reply: Reply): boolean {
    if (--this.#left > 0) {
      if (reply instanceof ErrorReply) this.#turned ??= reply;
      return false;
    }
    if (this.settled) return true;
    // EXEC answers EXECABORT where a command was not queued; why is what that command was answered.
    const turned = reply instanceof ErrorReply ? (reply.code === 'EXECABORT' ? this.#turned : reply) : null;
    if (turned !== null && this.turnstile.turn(this, turned)) return true;
    this.resolve(turned === null || turned === reply ? reply : new ErrorReply((reply as ErrorReply).text, turned));
    return true;
  }

  override restart(): void {
    this.#left = 0;
  }
}
