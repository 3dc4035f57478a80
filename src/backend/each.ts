import type { ReplyView, Shape } from '../commands/shape.js';
import { KeyspanError, replyErrorOf, UnsupportedError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Backend, Request } from './backend.js';
import type { Commands } from './facade.gen.js';
import type { FormCall } from './form-call.js';
import { installForms } from './install.js';
import type { Lens } from './lens.js';
import type { EachMode } from './mode.js';
import type { Arg, ReplyValue, TextView, View } from './view.js';

/** The API of several nodes at once: every method returns a list with one reply, or error, per node. */
export interface Each<V extends View = TextView> extends Commands<V, EachMode> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype from the command table
export class Each<V extends View = TextView> {
  readonly #backend: Backend;
  readonly #lens: Lens;

  constructor(backend: Backend, lens: Lens) {
    this.#backend = backend;
    this.#lens = lens;
  }

  /** Sends any command by name to each node. */
  async call(name: string, ...args: Arg[]): Promise<(ReplyValue<V> | KeyspanError)[]> {
    const request = this.#lens.raw(name, args);
    return (await this.#ask(request, this.#lens.rawShapeOf(request.spec))) as (ReplyValue<V> | KeyspanError)[];
  }

  /** @internal Every command method ends here. */
  async invoke(call: FormCall, args: readonly unknown[]): Promise<unknown[]> {
    return await this.#ask(this.#lens.request(call, args), this.#lens.shapeOf(call));
  }

  async #ask(request: Request, shape: Shape): Promise<unknown[]> {
    if (this.#backend.each === undefined) throw soleNode(request);
    const replies = await this.#backend.each(request, this.#lens.options);
    return replies.map((reply) => decoded(reply, request, shape, this.#lens.view));
  }
}
installForms(Each.prototype);

/** The error where there are not several nodes. */
export function soleNode({ spec }: Request): UnsupportedError {
  return new UnsupportedError('there is one node only: `each` is for rings, mirrors and clusters', {
    command: spec.name,
  });
}

function decoded(reply: Reply | KeyspanError, request: Request, shape: Shape, view: ReplyView): unknown {
  if (reply instanceof KeyspanError) return reply;
  if (reply instanceof ErrorReply) return replyErrorOf(reply.text, { command: request.spec.name });
  return shape.decode(reply, view);
}
