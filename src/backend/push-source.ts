import { ClosedError, type KeyspanError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import type { Backend, CallOptions, Lease, Request } from './backend.js';

/** Carries out a command of a conversation. An error reply is thrown as ReplyError. */
export async function leasedCall(lease: Lease, request: Request, options?: CallOptions): Promise<Reply> {
  const reply = await lease.call(request, options);
  if (reply instanceof ErrorReply) throw replyErrorOf(reply.text, { command: request.spec.name });
  return reply;
}

/** What a source of pushes tells. */
export interface PushListener {
  push(push: PushReply): void;
  /** Nothing more comes: the backend was closed (null), the conversation was lost, or a signal was aborted. */
  end(error: KeyspanError | null): void;
}

/**
 * A conversation that is leased for the sake of its pushes, opened when it is first needed. It ends with `close`, with
 * its backend, when it is lost, or when one of its signals is aborted, whichever comes first.
 */
export class PushSource {
  readonly #backend: Backend;
  readonly #options: CallOptions;
  readonly #listener: PushListener;
  readonly #signals: AbortSignal[];
  readonly #abort = (): void => this.#end(null);
  #lease: Promise<Lease> | null = null;
  #offEnd: (() => void) | undefined;
  #over = false;

  constructor(backend: Backend, options: CallOptions, listener: PushListener, signal?: AbortSignal) {
    this.#backend = backend;
    this.#options = options;
    this.#listener = listener;
    this.#signals = [options.signal, signal].filter((one) => one !== undefined);
  }

  get isOpen(): boolean {
    return this.#lease !== null && !this.#over;
  }

  /** Gives commands in one go, in order. Rejects with the first that fails; the source is over then. */
  async give(requests: readonly Request[]): Promise<Reply[]> {
    this.#refuseIfOver();
    try {
      const lease = await this.#opened();
      return await Promise.all(requests.map((request) => leasedCall(lease, request, this.#options)));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** As `give`, but an error reply leaves the source as it was. */
  async tell(request: Request): Promise<Reply> {
    this.#refuseIfOver();
    return await leasedCall(await this.#opened(), request, this.#options);
  }

  /** Ends it, without telling the listener. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopListening();
    this.#lease?.then(
      (lease) => lease.release(),
      () => {},
    );
  }

  /** Opens it, unless it is open; what failed may be tried again. */
  #opened(): Promise<Lease> {
    this.#lease ??= this.#open().catch((error: unknown) => {
      this.#stopListening();
      this.#lease = null;
      throw error;
    });
    return this.#lease;
  }

  #stopListening(): void {
    this.#offEnd?.();
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort);
  }

  async #open(): Promise<Lease> {
    for (const signal of this.#signals) signal.addEventListener('abort', this.#abort);
    this.#offEnd = this.#backend.on?.('end', () => this.#end(null));
    if (this.#signals.some(({ aborted }) => aborted)) this.#end(null);
    this.#refuseIfOver();
    const lease = await this.#backend.lease((push) => {
      if (!this.#over) this.#listener.push(push);
    }, this.#options);
    if (this.#over) lease.release();
    this.#refuseIfOver();
    lease.onEnd = (error) => this.#end(error);
    return lease;
  }

  #refuseIfOver(): void {
    if (this.#over) throw new ClosedError('it was closed');
  }

  #end(error: KeyspanError | null): void {
    if (this.#over) return;
    this.close();
    this.#listener.end(error);
  }
}
