import type { ScriptReply } from '../commands/script-replies.js';
import type { ReplyView } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { ReplyError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import type { Request, SyncBackend } from './backend.js';
import { Batch, type Pipeline } from './batch.js';
import type { Commands } from './facade.gen.js';
import type { FormCall } from './form-call.js';
import { formCallOf, installPromptForms } from './install.js';
import { laneMethods } from './lane-methods.js';
import type { Lanes } from './lanes.js';
import { Lens, type ReplyCallback } from './lens.js';
import type { SyncMode } from './mode.js';
import { drawKey } from './random-key.js';
import { type Scan, type ScanOptions, scanPages } from './scan.js';
import { type Answer, type Callee, type Keys, keysFor } from './script.js';
import { grouped, type SortGroupsOptions } from './sort-groups.js';
import type { Arg, ReplyValue, TextView, View, ViewOptions, ViewWith } from './view.js';

/** The synchronous API of an in-process engine: every non-blocking command, returning its value. */
export interface SyncRedis<V extends View = TextView> extends Commands<V, SyncMode> {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are put on the prototype from the command table
export class SyncRedis<V extends View = TextView> {
  readonly #backend: SyncBackend;
  readonly #lens: Lens;
  /** @internal */
  readonly view: ReplyView;
  /** @internal */
  readonly asText: boolean;
  /** @internal */
  readonly asNumbers: boolean;
  /** @internal */
  lanes: Lanes | undefined;

  constructor(backend: SyncBackend, options: ViewOptions | Lens = {}) {
    this.#backend = backend;
    this.#lens = options instanceof Lens ? options : new Lens(options);
    this.view = this.#lens.view;
    this.lanes = this.#lens.isPlain ? backend.lanes : undefined;
    this.asText = this.#lens.options.as !== 'bytes';
    this.asNumbers = this.#lens.options.integers !== 'bigint';
  }

  /** Another view of the same data, like `with` of the asynchronous API; deadlines have no meaning here. */
  with<const O extends ViewOptions>(options: O): SyncRedis<ViewWith<V, O>> {
    return new SyncRedis<ViewWith<V, O>>(this.#backend, this.#lens.with(options));
  }

  /** Carries out any command by name; an error reply is thrown as ReplyError. */
  call(name: string, ...args: Arg[]): ReplyValue<V> {
    const request = this.#lens.raw(name, args);
    return this.#lens.rawShapeOf(request.spec).decode(this.#reply(request), this.view) as ReplyValue<V>;
  }

  /** Passes the replies of a command through `callback` from now on; null removes it. */
  setReplyCallback(command: string, callback: ((reply: ReplyValue<V>) => unknown) | null): void {
    this.#lens.setCallback(command, callback as ReplyCallback | null);
    this.lanes = this.#lens.isPlain ? this.#backend.lanes : undefined;
  }

  /** Calls a script (see `defineScript`), by its SHA-1 or with its source where it is not known. */
  run<K extends number, R extends ScriptReply, T>(
    callee: Callee<K, R, T>,
    keys: Keys<K>,
    args: readonly Arg[] = [],
  ): Answer<V, R, T> {
    const list = keysFor(callee, keys);
    const brief = callee.brief(this.#lens, list, args);
    let reply = this.#backend.callNow(brief);
    if (reply instanceof ErrorReply && callee.isUnknown(reply.text)) {
      const whole = callee.whole(this.#lens, list, args);
      if (whole === null) this.#reply(callee.load(this.#lens));
      reply = this.#backend.callNow(whole ?? brief);
    }
    if (reply instanceof ErrorReply) throw new ReplyError(reply.text, { command: brief.spec.name });
    return callee.shape.decode(reply, this.view) as Answer<V, R, T>;
  }

  /** Queues commands; `exec()` carries them out and returns the tuple of replies. */
  pipeline(): Pipeline<V, [], SyncMode> {
    const run = (requests: readonly Request[]): Reply => requests.map((request) => this.#backend.callNow(request));
    return new Batch(this.#lens, run) as unknown as Pipeline<V, [], SyncMode>;
  }

  /** Like `pipeline`, carried out as a transaction (MULTI … EXEC). */
  multi(): Pipeline<V, [], SyncMode> {
    const run = (requests: readonly Request[]): Reply => this.#backend.transactionNow(requests);
    return new Batch(this.#lens, run) as unknown as Pipeline<V, [], SyncMode>;
  }

  /** SORT with several GET patterns: for each element, the list of what they returned. */
  sortGroups(key: Arg, options: SortGroupsOptions): (V['value'] | null)[][] {
    return grouped(this.sort(key, options), options);
  }

  /** Iterates over all keys (SCAN). A key present throughout is returned at least once. */
  scanIter(options: ScanOptions & { type?: string } = {}): Iterable<V['bytes']> {
    return this.#scan({ method: 'scan' }, options, ([key]) => this.view.bytes(this.#lens.nameOf(key!))) as Iterable<
      V['bytes']
    >;
  }

  hscanIter(key: Arg, options: ScanOptions = {}): Iterable<[V['bytes'], V['value']]> {
    const decode = ([field, value]: string[]): unknown => [this.view.bytes(field!), this.view.value(value!)];
    return this.#scan({ method: 'hscan', head: [key], width: 2 }, options, decode) as Iterable<
      [V['bytes'], V['value']]
    >;
  }

  sscanIter(key: Arg, options: ScanOptions = {}): Iterable<V['value']> {
    const scan = { method: 'sscan', head: [key] } as const;
    return this.#scan(scan, options, ([member]) => this.view.value(member!)) as Iterable<V['value']>;
  }

  zscanIter(key: Arg, options: ScanOptions = {}): Iterable<[V['value'], number]> {
    const decode = ([member, score]: string[]): unknown => [this.view.value(member!), Number(score)];
    return this.#scan({ method: 'zscan', head: [key], width: 2 }, options, decode) as Iterable<[V['value'], number]>;
  }

  /** @internal Every command method ends here. */
  invoke(call: FormCall, args: readonly unknown[]): unknown {
    const lens = this.#lens;
    if (lens.hasPrefix && call.spec === commands.randomkey) return this.#drawKey(call);
    return lens.shapeOf(call).decode(this.#reply(lens.request(call, args)), this.view);
  }

  #drawKey(call: FormCall): unknown {
    const draw = drawKey(this.#lens);
    let step = draw.next();
    while (!step.done) step = draw.next(this.#reply(step.value));
    return this.#lens.shapeOf(call).decode(step.value, this.view);
  }

  #reply(request: Request): Reply {
    const reply = this.#backend.callNow(request);
    if (reply instanceof ErrorReply) throw new ReplyError(reply.text, { command: request.spec.name });
    return reply;
  }

  *#scan(scan: Scan, options: ScanOptions & { type?: string }, decode: (item: string[]) => unknown): Iterable<unknown> {
    const pages = scanPages(this.#lens, scan, options);
    let step = pages.next();
    while (!step.done) {
      const reply = this.#reply(step.value.request);
      for (const item of step.value.items(reply)) yield decode(item);
      step = pages.next(reply);
    }
  }
}

// A blocking command has no value to return at once.
installPromptForms(SyncRedis.prototype, laneMethods(formCallOf));
