import { type Channel, channel } from 'node:diagnostics_channel';
import type { KeyspanError } from '../core/errors.js';

/**
 * What programs that watch the client can subscribe to, by `node:diagnostics_channel`. A message is made only when somebody
 * listens. None of them holds an argument of a command: those may be secrets.
 */

/** `keyspan:command`: a command (or pipeline, or transaction) is over, whatever its end. */
export interface CommandMessage {
  /** `GET`, `EXEC`, `a pipeline of 3`. */
  readonly command: string;
  /** Milliseconds from the call to its end. */
  readonly duration: number;
  /** Why it failed; null if it did not. */
  readonly error: unknown;
}

/** `keyspan:connect`: a connection is ready for commands, or could not be made. */
export interface ConnectMessage {
  readonly address: string;
  /** Milliseconds from the attempt's begin. */
  readonly duration: number;
  /** The version of RESP; 0 if there is no connection. */
  readonly protocol: number;
  readonly error: KeyspanError | null;
}

/** `keyspan:reconnect`: a connection was lost or not made, and the next attempt is set. */
export interface ReconnectMessage {
  readonly address: string;
  readonly attempt: number;
  /** Milliseconds until the attempt. */
  readonly delay: number;
  readonly error: KeyspanError;
}

/** `keyspan:pool-wait`: somebody had to wait for a connection of a pool. */
export interface PoolWaitMessage {
  readonly address: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly inUse: number;
  readonly idle: number;
}

export const commandChannel: Channel = channel('keyspan:command');
export const connectChannel: Channel = channel('keyspan:connect');
export const reconnectChannel: Channel = channel('keyspan:reconnect');
export const poolWaitChannel: Channel = channel('keyspan:pool-wait');
