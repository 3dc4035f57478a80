import type { Request } from '../backend/backend.js';
import type { ReplyView, Shape } from '../commands/shape.js';
import { replyErrorOf } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';

type Settle = (value: unknown) => void;

let capturedResolve: Settle;
let capturedReject: Settle;
/** One executor for all promises: a closure per command would cost as much as the promise itself. */
const capture = (resolve: Settle, reject: Settle): void => {
  capturedResolve = resolve;
  capturedReject = reject;
};

/** The one promise of a request, whatever becomes of it on its way. */
export abstract class Answer {
  readonly request: Request;
  readonly shape: Shape | null;
  readonly view: ReplyView | null;
  readonly promise: Promise<unknown>;
  readonly reject: Settle;
  readonly #resolve: Settle;

  constructor(request: Request, shape: Shape | null, view: ReplyView | null) {
    this.request = request;
    this.shape = shape;
    this.view = view;
    this.promise = new Promise(capture);
    this.#resolve = capturedResolve;
    this.reject = capturedReject;
  }

  /** Settles it by a reply. */
  answer(reply: Reply): void {
    const { shape } = this;
    if (shape === null) {
      this.#resolve(reply);
    } else if (typeof reply === 'object' && reply instanceof ErrorReply) {
      this.reject(replyErrorOf(reply.text, { command: this.request.spec.name }));
    } else {
      try {
        this.#resolve(shape.decode(reply, this.view!));
      } catch (error) {
        this.reject(error);
      }
    }
  }
}
