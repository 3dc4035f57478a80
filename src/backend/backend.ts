import type { Bytes } from '../core/bytes.js';
import type { Reply } from '../core/reply.js';
import type { Spec } from '../commands/spec.js';
import type { Lanes } from './lanes.js';
import type { PushReply } from '../core/reply.js';

/** A command as it is carried out: its declaration and its printed arguments, name words included. */
export interface Request {
  readonly spec: Spec;
  readonly argv: Bytes[];
}

/** A conversation of one's own: MULTI, WATCH, blocking commands and subscriptions happen here. */
export interface Lease {
  call(request: Request): Promise<Reply>;
  /** Gives the conversation back; what it held (WATCH, subscriptions) is dropped. */
  release(): void;
}

/** Whatever can carry out commands. Replies are values, errors among them; a rejection means that no reply came. */
export interface Backend {
  /** What this backend can do beyond single commands. */
  readonly capabilities: Capabilities;
  /** Only where commands are carried out in the process. */
  readonly lanes?: Lanes;
  call(request: Request): Promise<Reply>;
  /** Several commands in one go, in order; not atomic. */
  batch(requests: readonly Request[]): Promise<Reply[]>;
  /** MULTI … EXEC: the reply of EXEC. */
  transaction(requests: readonly Request[]): Promise<Reply>;
  lease(onPush?: (push: PushReply) => void): Promise<Lease>;
  close(): Promise<void>;
}

/** A backend that carries out non-blocking commands at once. */
export interface SyncBackend {
  readonly lanes?: Lanes;
  callNow(request: Request): Reply;
  transactionNow(requests: readonly Request[]): Reply;
}

export interface Capabilities {
  readonly transactions: boolean;
  readonly blocking: boolean;
  readonly pubsub: boolean;
}
