/** Whether the command that failed may have been carried out. */
export type Applied = 'no' | 'maybe';

/** What an error carries besides its message. */
export interface ErrorDetails {
  /** The command's name; never its arguments, which may be secrets. */
  command?: string;
  cause?: unknown;
  applied?: Applied;
}

/** The base of every error this library throws. Match on `name` or `code`, never on the message. */
export class KeyspanError extends Error {
  readonly command: string | undefined;
  readonly applied: Applied;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.command = details.command;
    this.applied = details.applied ?? 'no';
  }
}

/** The engine or server answered with an error. `code` is its first word: `WRONGTYPE`, `ERR`, `NOSCRIPT` … */
export class ReplyError extends KeyspanError {
  readonly code: string;

  constructor(text: string, details: ErrorDetails = {}) {
    super(text, details);
    const space = text.indexOf(' ');
    this.code = space < 0 ? text : text.slice(0, space);
  }
}

/** The server rejected the credentials, or requires some. */
export class AuthError extends ReplyError {}
/** The server is a replica (or has lost its disk) and accepts no writes. */
export class ReadOnlyError extends ReplyError {}
/** The server is still reading its data from disk. */
export class BusyLoadingError extends ReplyError {}

/** The error for an error reply, by its code. */
export function replyErrorOf(text: string, details: ErrorDetails = {}): ReplyError {
  const space = text.indexOf(' ');
  switch (space < 0 ? text : text.slice(0, space)) {
    case 'READONLY':
      return new ReadOnlyError(text, details);
    case 'LOADING':
      return new BusyLoadingError(text, details);
    case 'NOAUTH':
    case 'WRONGPASS':
      return new AuthError(text, details);
    default:
      return new ReplyError(text, details);
  }
}

/** The deadline passed before the reply came. `applied` says whether the command may have been carried out. */
export class TimeoutError extends KeyspanError {}
/** The connection could not be made, or was lost before the reply. `cause` is the system's error. */
export class ConnectionError extends KeyspanError {}
/** Too many commands are waiting; this one was not sent. */
export class QueueFullError extends KeyspanError {}
/** An argument or option is invalid; nothing was sent or changed. */
export class DataError extends KeyspanError {}
/** A watched key changed, so the transaction was not carried out. */
export class WatchError extends KeyspanError {}
/** The connection or engine was closed. */
export class ClosedError extends KeyspanError {}
/** The backend cannot do what was asked; the message says why. */
export class UnsupportedError extends KeyspanError {}
/** The keys of a command live on different nodes, but it can only be carried out on one; nothing was sent. */
export class CrossSlotError extends KeyspanError {}
/** The command does not exist in a cluster, which has a single database; nothing was sent. */
export class InvalidClusterCommandError extends UnsupportedError {}
/** The bytes on the wire are not RESP. */
export class ProtocolError extends KeyspanError {}

/** One or more commands of a pipeline or transaction failed; `replies` holds every reply, errors in their places. */
export class PipelineError extends KeyspanError {
  readonly replies: readonly unknown[];

  constructor(message: string, replies: readonly unknown[], details: ErrorDetails = {}) {
    super(message, details);
    this.replies = replies;
  }
}

/** For the default branch of an exhaustive switch; reaching it is a bug in this library. */
export function assertNever(value: never): never {
  throw new TypeError(`unreachable: ${String(value)}`);
}
