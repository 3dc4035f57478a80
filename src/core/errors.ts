/** Whether the command that failed may have been carried out. */
export type Applied = 'no' | 'maybe';

export interface ErrorDetails {
  /** The command's name; never its arguments, which may be secrets. */
  command?: string;
  cause?: unknown;
  applied?: Applied;
}

/** What every error of this library is. Match on `name` or `code`, never on the message. */
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

/** An argument is of a type that no command takes; nothing was sent or changed. */
export class DataError extends KeyspanError {}
/** A watched key changed: the transaction was not carried out. */
export class WatchError extends KeyspanError {}
/** The connection or engine was closed. */
export class ClosedError extends KeyspanError {}
/** The backend cannot do what was asked; the message says why. */
export class UnsupportedError extends KeyspanError {}
/** Bytes on the wire that are no RESP. */
export class ProtocolError extends KeyspanError {}

/** One or more commands of a pipeline or transaction failed; `replies` holds every reply, errors in their places. */
export class PipelineError extends KeyspanError {
  readonly replies: readonly unknown[];

  constructor(message: string, replies: readonly unknown[], details: ErrorDetails = {}) {
    super(message, details);
    this.replies = replies;
  }
}

/** A broken assertion of our own: a bug in this library. */
export function assertNever(value: never): never {
  throw new TypeError(`unreachable: ${String(value)}`);
}
