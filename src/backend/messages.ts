import { bytesOf, itemsOf } from '../commands/shape.js';
import { textFromBytes } from '../core/bytes.js';
import type { KeyspanError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import type { Lens } from './lens.js';
import type { GapReason } from './push-buffer.js';
import type { View } from './view.js';

/** The kind of the push that tells a subscriber of messages it may have missed: its connection was lost and is back. */
export const GAP = 'gap';
/** The kind of the push that carries a line of MONITOR. */
export const MONITOR_LINE = 'monitor';

/** A message from a subscribed channel; `pattern` is set when a pattern matched it. */
export interface Message<V extends View> {
  channel: string;
  pattern: string | null;
  payload: V['value'];
  /** Set when messages may be missing between this one and the one before. */
  gap?: GapReason;
}

/** Yielded in place of messages that may be missing, to iterators with the option `gaps`. */
export interface Gap {
  channel: null;
  pattern: null;
  payload: null;
  gap: GapReason;
}

/** Subscriptions of one listener; `close` ends them. */
export interface Subscription {
  close(): void;
}

/** What an object that subscribes to channels may implement. */
export interface Subscriber<V extends View> {
  message(message: Message<V>): void;
  /** Messages may have been missed: the connection was lost and is back. */
  gap?(): void;
  /** No more messages will come: the backend was closed (null), or the subscription was lost for good. */
  end?(error: KeyspanError | null): void;
}

/** A function that receives messages, or an object with a method for it. */
export type MessageListener<V extends View> = ((message: Message<V>) => void) | Subscriber<V>;

export function subscriberOf<V extends View>(listener: MessageListener<V>): Subscriber<V> {
  return typeof listener === 'function' ? { message: listener } : listener;
}

/** The kind of a push and its parts as bytes. */
export function pushParts(push: PushReply): string[] {
  return itemsOf(push)!.map((item) => bytesOf(item) ?? '');
}

/** Whether a push tells a subscriber of messages that it may have missed. */
export function isGap(push: PushReply): boolean {
  return push.items[0] === GAP;
}

/** The message that a push carries, as a view sees it; null for any other push. */
export function messageOf<V extends View>(push: PushReply, lens: Lens): Message<V> | null {
  const kind = partOf(push, 0);
  if (kind === 'message' || kind === 'smessage') return message(null, partOf(push, 1), partOf(push, 2), lens);
  return kind === 'pmessage' ? message(partOf(push, 1), partOf(push, 2), partOf(push, 3), lens) : null;
}

function partOf({ items }: PushReply, at: number): string {
  return bytesOf(items[at] ?? null) ?? '';
}

function message<V extends View>(pattern: string | null, channel: string, payload: string, lens: Lens): Message<V> {
  return {
    channel: textFromBytes(lens.nameOf(channel)),
    pattern: pattern === null ? null : textFromBytes(lens.patternOf(pattern)),
    payload: lens.view.value(payload) as V['value'],
  };
}
