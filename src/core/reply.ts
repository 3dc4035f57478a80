import type { Bytes } from './bytes.js';
import { formatDouble } from './double.js';
import { formatShort } from './short-double.js';

/**
 * Replies are values: handlers return them, the RESP encoder writes them, the façade decodes them.
 * A bulk string is a plain `Bytes` string, an integer a number or bigint, an array an array, a null bulk `null`.
 * What RESP2 and RESP3 show differently has a class of its own below, so that a handler need not know the protocol.
 */
export type Reply =
  | Bytes
  | number
  | bigint
  | boolean
  | null
  | Reply[]
  | Status
  | ErrorReply
  | DoubleReply
  | MapReply
  | SetReply
  | PairsReply
  | PushReply
  | VerbatimReply
  | BigNumberReply
  | AttributedReply
  | PinnedReply
  | NullArray
  | NoReply;

/** A simple string such as `+OK`. */
export class Status {
  readonly text: Bytes;
  constructor(text: Bytes) {
    this.text = text;
  }
}

/**
 * An error as a server sends it: code, space, message. Handlers throw or return it. Not an `Error`, because creating
 * one must not cost a stack trace; the façade turns it into a `ReplyError`.
 */
export class ErrorReply {
  readonly text: Bytes;
  /** The error that led to this one, where that was an answer of its own; it is not sent. */
  readonly cause: ErrorReply | null;
  constructor(text: Bytes, cause: ErrorReply | null = null) {
    this.text = text;
    this.cause = cause;
  }
  /** The first word: `ERR`, `WRONGTYPE`, … */
  get code(): string {
    const space = this.text.indexOf(' ');
    return space < 0 ? this.text : this.text.slice(0, space);
  }
}

/** RESP3 `,x`; RESP2 a bulk string with the same digits: those of `formatDouble`, or `digits` where they differ. */
export class DoubleReply {
  readonly value: number;
  readonly digits: Bytes | null;
  constructor(value: number, digits: Bytes | null = null) {
    this.value = value;
    this.digits = digits;
  }

  /** The digits that are sent. */
  get text(): Bytes {
    return this.digits ?? formatDouble(this.value);
  }
}

/** A double as servers since 7.2 write it: with as few digits as distinguish it from others. */
export class ShortDoubleReply extends DoubleReply {
  override get text(): Bytes {
    return formatShort(this.value);
  }
}

/** A reply that is written in the given protocol, as HELLO within a transaction changes the session's. */
export class PinnedReply {
  readonly reply: Reply;
  readonly protocol: 2 | 3;
  constructor(reply: Reply, protocol: 2 | 3) {
    this.reply = reply;
    this.protocol = protocol;
  }
}

/** RESP3 `%`; RESP2 a flat array. `flat` alternates keys and values. */
export class MapReply {
  readonly flat: Reply[];
  constructor(flat: Reply[]) {
    this.flat = flat;
  }
}

/** RESP3 `~`; RESP2 an array. */
export class SetReply {
  readonly items: Reply[];
  constructor(items: Reply[]) {
    this.items = items;
  }
}

/** RESP3 an array of two-element arrays; RESP2 one flat array (ZRANGE … WITHSCORES, HRANDFIELD … WITHVALUES). */
export class PairsReply {
  readonly flat: Reply[];
  constructor(flat: Reply[]) {
    this.flat = flat;
  }
}

/** An out-of-band message: RESP3 `>`, RESP2 an array. */
export class PushReply {
  readonly items: Reply[];
  constructor(items: Reply[]) {
    this.items = items;
  }
}

/** RESP3 `=fmt:text`; RESP2 a bulk string. */
export class VerbatimReply {
  readonly text: Bytes;
  readonly format: 'txt' | 'mkd';
  constructor(text: Bytes, format: 'txt' | 'mkd' = 'txt') {
    this.text = text;
    this.format = format;
  }
}

/** RESP3 `(digits`; RESP2 a bulk string. */
export class BigNumberReply {
  readonly digits: Bytes;
  constructor(digits: Bytes) {
    this.digits = digits;
  }
}

/** A reply preceded by attributes: RESP3 `|`; RESP2 the reply alone. `flat` alternates names and values. */
export class AttributedReply {
  readonly flat: Reply[];
  readonly reply: Reply;
  constructor(flat: Reply[], reply: Reply) {
    this.flat = flat;
    this.reply = reply;
  }
}

/** RESP2 `*-1`, RESP3 `_`: an absent array, where `null` alone is an absent bulk string (`$-1`). */
export class NullArray {
  readonly kind = 'null-array';
}

/** Nothing is sent for the command itself: its answer was pushed, or comes later. */
export class NoReply {
  readonly kind: 'none' | 'pending';
  constructor(kind: 'none' | 'pending') {
    this.kind = kind;
  }
}

export const OK = new Status('OK');
export const QUEUED = new Status('QUEUED');
export const PONG = new Status('PONG');
export const NULL_ARRAY = new NullArray();
/** The command answered by pushes alone (SUBSCRIBE …) or asked for silence (CLIENT REPLY OFF). */
export const NO_REPLY = new NoReply('none');
/** The session is blocked; its sink gets the reply later. */
export const PENDING = new NoReply('pending');

/** The error messages that many commands share, byte for byte Redis 7.0's. */
export const replyErrors = {
  syntax: new ErrorReply('ERR syntax error'),
  wrongType: new ErrorReply('WRONGTYPE Operation against a key holding the wrong kind of value'),
  notInteger: new ErrorReply('ERR value is not an integer or out of range'),
  notFloat: new ErrorReply('ERR value is not a valid float'),
  noSuchKey: new ErrorReply('ERR no such key'),
  outOfRange: new ErrorReply('ERR index out of range'),
  sameObject: new ErrorReply('ERR source and destination objects are the same'),
  stringTooLong: new ErrorReply('ERR string exceeds maximum allowed size (proto-max-bulk-len)'),
  incrementOverflow: new ErrorReply('ERR increment or decrement would overflow'),
  loading: new ErrorReply('LOADING Redis is loading the dataset in memory'),
  noAuth: new ErrorReply('NOAUTH Authentication required.'),
  oom: new ErrorReply("OOM command not allowed when used memory > 'maxmemory'."),
  execAbort: new ErrorReply('EXECABORT Transaction discarded because of previous errors.'),
} as const;

export function wrongArity(commandName: string): ErrorReply {
  return new ErrorReply(`ERR wrong number of arguments for '${commandName.toLowerCase()}' command`);
}
