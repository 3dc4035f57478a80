import { decodeAny, type ReplyView } from '../commands/shape.js';
import { ReplyError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Request, SyncBackend } from './backend.js';
import { Batch, type Pipeline } from './batch.js';
import type { Commands } from './facade.gen.js';
import type { FormCall } from './form-call.js';
import { formCallOf, installForms, rawRequest } from './install.js';
import { laneMethods } from './lane-methods.js';
import type { Lanes } from './lanes.js';
import type { SyncMode } from './mode.js';
import { type ScanOptions, scanPages } from './scan.js';
import {
  type Arg,
  type ReplyValue,
  replyViewOf,
  type TextView,
  type View,
  type ViewOptions,
  type ViewWith,
} from './view.js';

/** The synchronous API over an engine in the process: every command that does not block, returning its value. */
export interface SyncRedis<V extends View = TextView> extends Commands<V, SyncMode> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype from the command table
export class SyncRedis<V extends View = TextView> {
  readonly #backend: SyncBackend;
  readonly #options: ViewOptions;
  /** @internal */
  readonly view: ReplyView;
  /** @internal */
  readonly asText: boolean;
  /** @internal */
  readonly lanes: Lanes | undefined;

  constructor(backend: SyncBackend, options: ViewOptions = {}) {
    this.#backend = backend;
    this.#options = options;
    this.view = replyViewOf(options);
    this.lanes = backend.lanes;
    this.asText = options.as !== 'bytes';
  }

  /** The same data seen with other reply types. */
  with<const O extends ViewOptions>(options: O): SyncRedis<ViewWith<V, O>> {
    return new SyncRedis<ViewWith<V, O>>(this.#backend, { ...this.#options, ...options });
  }

  /** Gives any command by name; an error reply is thrown as ReplyError. */
  call(name: string, ...args: Arg[]): ReplyValue<V> {
    const request = rawRequest(name, args);
    return decodeAny(this.#reply(request), this.view) as ReplyValue<V>;
  }

  /** Queues commands for one go; `exec()` returns the tuple of replies. */
  pipeline(): Pipeline<V, [], SyncMode> {
    const run = (requests: readonly Request[]): Reply => requests.map((request) => this.#backend.callNow(request));
    return new Batch(this.view, run) as unknown as Pipeline<V, [], SyncMode>;
  }

  /** As `pipeline`, carried out as a transaction (MULTI … EXEC). */
  multi(): Pipeline<V, [], SyncMode> {
    const run = (requests: readonly Request[]): Reply => this.#backend.transactionNow(requests);
    return new Batch(this.view, run) as unknown as Pipeline<V, [], SyncMode>;
  }

  /** All keys (SCAN). A key present throughout comes at least once. */
  scanIter(options: ScanOptions & { type?: string } = {}): Iterable<V['bytes']> {
    return this.#scan('SCAN', [], options, (item) => this.view.bytes(item[0])) as Iterable<V['bytes']>;
  }

  hscanIter(key: Arg, options: ScanOptions = {}): Iterable<[V['bytes'], V['bytes']]> {
    const decode = ([field, value]: string[]): unknown => [this.view.bytes(field), this.view.bytes(value)];
    return this.#scan('HSCAN', [key], options, decode, 2) as Iterable<[V['bytes'], V['bytes']]>;
  }

  sscanIter(key: Arg, options: ScanOptions = {}): Iterable<V['bytes']> {
    return this.#scan('SSCAN', [key], options, (item) => this.view.bytes(item[0])) as Iterable<V['bytes']>;
  }

  zscanIter(key: Arg, options: ScanOptions = {}): Iterable<[V['bytes'], number]> {
    const decode = ([member, score]: string[]): unknown => [this.view.bytes(member), Number(score)];
    return this.#scan('ZSCAN', [key], options, decode, 2) as Iterable<[V['bytes'], number]>;
  }

  /** @internal Every command method ends here. */
  invoke(call: FormCall, args: readonly unknown[]): unknown {
    return call.form.reply.decode(this.#reply({ spec: call.spec, argv: call.print(args) }), this.view);
  }

  #reply(request: Request): Reply {
    const reply = this.#backend.callNow(request);
    if (reply instanceof ErrorReply) throw new ReplyError(reply.text, { command: request.spec.name });
    return reply;
  }

  *#scan(
    name: string,
    head: Arg[],
    options: ScanOptions & { type?: string },
    decode: (item: string[]) => unknown,
    width = 1,
  ): Iterable<unknown> {
    const pages = scanPages(name, head, options, width);
    let step = pages.next();
    while (!step.done) {
      const reply = this.#reply(step.value.request);
      for (const item of step.value.items(reply)) yield decode(item);
      step = pages.next(reply);
    }
  }
}

/** A blocking command has no value to return at once. */
function returnsAtOnce({ blocking }: FormCall): boolean {
  return !blocking;
}
installForms(SyncRedis.prototype, returnsAtOnce, laneMethods(formCallOf));
