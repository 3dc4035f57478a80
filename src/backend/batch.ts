import type { ScriptReply } from '../commands/script-replies.js';
import { itemsOf, type Shape } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { DataError, KeyspanError, PipelineError, replyErrorOf, WatchError } from '../core/errors.js';
import { ErrorReply, NullArray, type Reply } from '../core/reply.js';
import type { Request } from './backend.js';
import type { Commands } from './facade.gen.js';
import type { FormCall } from './form-call.js';
import { installForms } from './install.js';
import type { Lens } from './lens.js';
import type { AsyncMode, BatchMode, SyncMode } from './mode.js';
import { noRandomKey } from './random-key.js';
import { type Answer, type Callee, type Keys, keysFor } from './script.js';
import type { Arg, ReplyValue, View } from './view.js';

/**
 * Commands that are sent together. Each method queues its command and returns the batch, its type extended by one
 * reply; `exec` sends them and returns the tuple of replies.
 */
export interface Pipeline<V extends View, R extends readonly unknown[], S extends AsyncMode | SyncMode>
  extends Commands<V, BatchMode<R, S>> {
  /** Queues a command by name; its reply is decoded by its wire kind. */
  call(name: string, ...args: Arg[]): Pipeline<V, [...R, ReplyValue<V>], S>;
  /** Queues a call of a script or library function. The server need not know the script. */
  run<K extends number, A extends ScriptReply, T>(
    callee: Callee<K, A, T>,
    keys: Keys<K>,
    args?: readonly Arg[],
  ): Pipeline<V, [...R, Answer<V, A, T>], S>;
  /** The number of queued commands. */
  readonly length: number;
  /** Sends everything. Throws PipelineError with all replies if a command failed; WatchError if a watched key changed. */
  exec(): S extends AsyncMode ? Promise<R> : R;
  /** Like `exec`, with errors in the places of failed commands. */
  execSettled(): S extends AsyncMode ? Promise<Settled<R>> : Settled<R>;
  /** Discards the queued commands. */
  discard(): void;
}

/** Each reply, or the error in its place: the server's, or that of a reply that cannot be represented as requested. */
export type Settled<R extends readonly unknown[]> = { [I in keyof R]: R[I] | KeyspanError };

type Runner = (requests: readonly Request[]) => Promise<Reply> | Reply;

/** The implementation of pipelines and transactions, asynchronous or synchronous. */
export class Batch {
  /** The queued requests, and the shapes of their replies. */
  #requests: Request[] = [];
  #shapes: Shape[] = [];
  readonly #lens: Lens;
  readonly #run: Runner;
  readonly #manyNodes: boolean;
  /** Scripts that the server will know by the next command. */
  #sent = new Set<Callee>();

  /** `run` sends the requests and returns an array with one reply each, or NullArray for a failed WATCH. */
  constructor(lens: Lens, run: Runner, manyNodes = false) {
    this.#lens = lens;
    this.#run = run;
    this.#manyNodes = manyNodes;
  }

  get length(): number {
    return this.#requests.length;
  }

  invoke(call: FormCall, args: readonly unknown[]): this {
    if (this.#lens.hasPrefix && call.spec === commands.randomkey) throw noRandomKey();
    const shape = this.#lens.shapeOf(call);
    return this.#add(this.#lens.request(call, args), shape);
  }

  call(name: string, ...args: unknown[]): this {
    const request = this.#lens.raw(name, args);
    return this.#add(request, this.#lens.rawShapeOf(request.spec));
  }

  /**
   * The first call of a script in a batch sends its source, which makes it known to the calls that follow: none can
   * fail because the server has forgotten it.
   */
  run(callee: Callee, keys: Arg | readonly Arg[], args: readonly Arg[] = []): this {
    const list = keysFor(callee, keys);
    const known = this.#sent.has(callee) && !this.#manyNodes;
    const whole = known ? null : callee.whole(this.#lens, list, args);
    this.#sent.add(callee);
    return this.#add(whole ?? callee.brief(this.#lens, list, args), callee.shape);
  }

  #add(request: Request, shape: Shape): this {
    this.#requests.push(request);
    this.#shapes.push(shape);
    return this;
  }

  exec(): unknown {
    return this.#settle((replies) => {
      const failed = replies.filter((reply) => reply instanceof KeyspanError);
      const [first] = failed;
      if (first === undefined) return replies;
      throw new PipelineError(
        `${failed.length} of ${replies.length} commands failed, the first with: ${first.message}`,
        replies,
        { cause: first },
      );
    });
  }

  execSettled(): unknown {
    return this.#settle((replies) => replies);
  }

  discard(): void {
    this.#requests = [];
    this.#shapes = [];
    this.#sent.clear();
  }

  #settle(finish: (replies: unknown[]) => unknown): unknown {
    const requests = this.#requests;
    const shapes = this.#shapes;
    this.discard();
    if (requests.length === 0) throw new KeyspanError('the batch is empty');
    const outcome = this.#run(requests);
    const done = (reply: Reply): unknown => finish(this.#decoded(requests, shapes, reply));
    return outcome instanceof Promise ? outcome.then(done) : done(outcome);
  }

  #decoded(requests: readonly Request[], shapes: readonly Shape[], reply: Reply): unknown[] {
    if (reply instanceof ErrorReply) {
      const cause = reply.cause === null ? undefined : replyErrorOf(reply.cause.text);
      throw replyErrorOf(reply.text, { command: 'EXEC', cause });
    }
    if (reply === null || reply instanceof NullArray)
      throw new WatchError('a watched key changed', { command: 'EXEC' });
    const items = itemsOf(reply) ?? [];
    const { view } = this.#lens;
    return shapes.map((shape, i) => {
      const item = items[i]!;
      if (item instanceof ErrorReply) return replyErrorOf(item.text, { command: requests[i]!.spec.name });
      try {
        return shape.decode(item, view);
      } catch (error) {
        return unreadable(requests[i]!, error);
      }
    });
  }
}

/** Takes the place of a reply that cannot be represented. The command was carried out nevertheless, and so were the others. */
function unreadable({ spec }: Request, cause: unknown): KeyspanError {
  if (cause instanceof KeyspanError) return cause;
  return new DataError(`the reply to ${spec.name} could not be read`, { command: spec.name, cause });
}

installForms(Batch.prototype);
