import type { Request } from '../backend/backend.js';
import type { Reply } from '../core/reply.js';
import { SubscriptionCommand } from './pending.js';
import type { RequestWriter } from './request-writer.js';

/** In the place of a reply: the connection that answered is not the one that subscriptions go by any more. */
export const ANEW = Symbol('anew');

/** Which connection subscriptions go by, as a number that is another one for each. */
export interface Era {
  readonly era: number;
}

/**
 * SUBSCRIBE and its kin, on a connection that is shared. What it is answered with is told at once, confirmation by
 * confirmation, also when its caller has given up; unless that came by a connection that has been replaced since.
 */
export class ChannelCommand extends SubscriptionCommand {
  readonly #now: Era;
  readonly #heard: (reply: Reply) => void;
  #era = -1;

  constructor(request: Request, now: Era, heard: (reply: Reply) => void) {
    super(request, request.argv.length - 1);
    this.#now = now;
    this.#heard = heard;
  }

  override write(writer: RequestWriter): void {
    this.#era = this.#now.era;
    super.write(writer);
  }

  override take(reply: Reply): boolean {
    if (this.#isCurrent) this.#heard(reply);
    return super.take(reply);
  }

  override resolve(value: unknown): void {
    super.resolve(this.#isCurrent ? value : ANEW);
  }

  /** The connection is not one for subscriptions: nothing was sent. */
  divert(): void {
    this.#era = -1;
    if (!this.settled) this.resolve(ANEW);
  }

  get #isCurrent(): boolean {
    return this.#era === this.#now.era;
  }
}
