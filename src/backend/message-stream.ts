import { DataError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import type { Backend, Request } from './backend.js';
import type { Lens } from './lens.js';
import { type Gap, isGap, type Message, messageOf } from './messages.js';
import { PushStream, type StreamOptions } from './push-stream.js';
import { type Arg, encodeArg, type View } from './view.js';

/** What to listen to, and how unread messages are buffered. */
export interface MessageOptions extends StreamOptions {
  /** Exact names, whatever characters they contain. */
  readonly channels?: Arg | readonly Arg[];
  /** Glob patterns. */
  readonly patterns?: Arg | readonly Arg[];
  readonly shardChannels?: Arg | readonly Arg[];
  /** Whether to yield a `Gap` where messages may be missing; otherwise the next message says so in its `gap`. */
  readonly gaps?: boolean;
}

/** An iterator over messages (see `messages()`). */
export class MessageStream<V extends View, T = Message<V>> extends PushStream<T> {
  readonly #lens: Lens;

  /** @internal Made by `messages()`. */
  constructor(backend: Backend, lens: Lens, args: readonly (Arg | MessageOptions)[]) {
    const options = optionsOf(args);
    const telling = options.gaps ? { item: gapOf } : { mark: markGap };
    super(backend, requestsOf(lens, args, options), [lens.options, options], telling as object);
    this.#lens = lens;
  }

  protected override take(push: PushReply): void {
    if (isGap(push)) this.buffer.gap('reconnect');
    const found = messageOf<V>(push, this.#lens);
    if (found !== null) this.buffer.push(found as T);
  }
}

function gapOf(gap: Gap['gap']): Gap {
  return { channel: null, pattern: null, payload: null, gap };
}

function markGap(next: { gap?: Gap['gap'] }, gap: Gap['gap']): void {
  next.gap = gap;
}

function isArg(value: Arg | MessageOptions): value is Arg {
  return typeof value !== 'object' || value instanceof Uint8Array;
}

function optionsOf(args: readonly (Arg | MessageOptions)[]): MessageOptions {
  const last = args[args.length - 1];
  return last === undefined || isArg(last) ? {} : last;
}

/** A bare name is a pattern if it contains a glob character. */
function isPattern(name: Arg): boolean {
  return /[*?[]/.test(encodeArg(name));
}

function requestsOf(lens: Lens, args: readonly (Arg | MessageOptions)[], options: MessageOptions): Request[] {
  const names = args.filter(isArg);
  if (args.slice(0, -1).length > names.length) throw new DataError('options of messages() stand last');
  const wanted = [
    ['SUBSCRIBE', [...names.filter((name) => !isPattern(name)), ...listOf(options.channels)]],
    ['PSUBSCRIBE', [...names.filter(isPattern), ...listOf(options.patterns)]],
    ['SSUBSCRIBE', listOf(options.shardChannels)],
  ] as const;
  const requests = wanted.flatMap(([command, list]) => (list.length === 0 ? [] : [lens.raw(command, list)]));
  if (requests.length === 0) throw new DataError('at least one channel is needed');
  return requests;
}

/** One name or several as a list. */
export function listOf(names: Arg | readonly Arg[] | undefined): readonly Arg[] {
  if (names === undefined) return [];
  return Array.isArray(names) ? (names as readonly Arg[]) : [names as Arg];
}
