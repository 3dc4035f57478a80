import { allocBytesUnsafe, type Bytes, sliceBytes } from '../core/bytes.js';
import { parseDouble } from '../core/double.js';
import { ProtocolError } from '../core/errors.js';
import {
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  NULL_ARRAY,
  OK,
  PushReply,
  QUEUED,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../core/reply.js';
import { NameCache } from './name-cache.js';
import { defaultReplyLimits, type ReplyLimits } from './reply-limits.js';

const CR = 13;
const LF = 10;
const MINUS = 45;

const ARRAY = 42; // *
const ATTRIBUTE = 124; // |
const BIG_NUMBER = 40; // (
const BOOLEAN = 35; // #
const BULK = 36; // $
const BULK_ERROR = 33; // !
const DOUBLE = 44; // ,
const ERROR = 45; // -
const INTEGER = 58; // :
const MAP = 37; // %
const NULL = 95; // _
const PUSH = 62; // >
const SET = 126; // ~
const STATUS = 43; // +
const VERBATIM = 61; // =

/** Bulk lengths of up to this many digits are parsed inline. */
const LENGTH_DIGITS_MAX = 9;
/** Shorter pieces of a string are gathered before they become one: each intermediate string costs memory of its own. */
const PIECE_BYTES_MIN = 8192;
/** Shorter chunks are not tested for being ASCII: that would cost more than it saves. */
const CHECKED_BYTES_MIN = 512;

/** Objects mostly have the same fields, whichever connection they come from. */
const names = new NameCache();

const UNENDED = 'a string that does not end in CRLF';

/** An aggregate whose items are being read. */
interface Frame {
  type: number;
  items: Reply[];
  missing: number;
}

const none = new Uint8Array(0);

/** Returned by a step when no reply is complete: bytes are missing, or an aggregate was opened. */
const NOTHING = Symbol('nothing');

/**
 * Decodes RESP2 and RESP3 replies from chunks as they arrive and hands over each as soon as it is complete. Attributes
 * are read and dropped. A bulk string that spans chunks becomes a string piece by piece, straight from the chunks, so
 * that it costs O(length) and no large buffer is filled; the JavaScript engine joins the pieces when it must. Throws
 * `ProtocolError` on bytes that are not a reply or exceed the limits; the decoder must not be used afterwards.
 */
export class ReplyDecoder {
  readonly #limits: ReplyLimits;
  readonly #onReply: (reply: Reply) => void;
  readonly #isAscii: ((chunk: Uint8Array) => boolean) | null;
  readonly #frames: Frame[] = [];
  /** The innermost frame. */
  #frame: Frame | null = null;
  #isChunkPlain = false;
  /**
   * Whether the reply being handed over is known to hold no byte beyond 127, so that its bytes are its text. False only
   * means unknown.
   */
  plain = false;

  #bytes: Uint8Array = none;
  #at = 0;
  #end = 0;
  /** The start of a line whose end has not arrived yet. */
  #tail: Uint8Array = none;
  /** The bulk string being read: its type, the string so far, and how many bytes are missing. */
  #bulkType = 0;
  #bulk: Bytes = '';
  #bulkMissing = 0;
  /** Bytes of it that came in small pieces and are not in the string yet. */
  #gathered: Uint8Array = none;
  #gatheredLength = 0;

  /** `isAscii` says whether a chunk holds no byte beyond 127; without it no reply is `plain`. */
  constructor(
    onReply: (reply: Reply) => void,
    limits: Partial<ReplyLimits> = {},
    isAscii: ((chunk: Uint8Array) => boolean) | null = null,
  ) {
    this.#onReply = onReply;
    this.#limits = { ...defaultReplyLimits, ...limits };
    this.#isAscii = isAscii;
  }

  /** Whether the bytes so far end between two replies. */
  get idle(): boolean {
    return this.#frames.length === 0 && this.#bulkType === 0 && this.#tail.length === 0;
  }

  /** Decodes `chunk[start, end)`, which may be overwritten afterwards. O(end − start). */
  feed(chunk: Uint8Array, start = 0, end = chunk.length): void {
    const isAscii = this.#isAscii;
    if (isAscii === null) {
      this.#decode(chunk, start, end);
      return;
    }
    const part = (): Uint8Array => (start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    const begun = !this.idle;
    const checked = begun || end - start >= CHECKED_BYTES_MIN;
    const isPlain = checked && isAscii(part());
    const isBegunPlain = this.plain;
    this.#isChunkPlain = isPlain;
    this.plain = isPlain && (!begun || isBegunPlain);
    this.#decode(chunk, start, end);
    // The reply may span many chunks, so it pays to know whether it is plain.
    if (!checked && !this.idle) this.plain = isAscii(part());
  }

  #decode(chunk: Uint8Array, start: number, end: number): void {
    this.#bytes = chunk;
    this.#at = start;
    this.#end = end;
    if (this.#tail.length > 0 && !this.#completeLine()) return;
    while (this.#at < this.#end) {
      const reply = this.#bulkType === 0 ? this.#readItem() : this.#continueBulk();
      if (reply !== NOTHING) this.#deliver(reply);
      else if (this.#tail.length > 0) return;
    }
  }

  /** Joins the kept start of a line with its end; false if that is still missing. */
  #completeLine(): boolean {
    const { bytes, start, end } = { bytes: this.#bytes, start: this.#at, end: this.#end };
    let lineEnd = start;
    // The line may have been cut between CR and LF.
    if (this.#tail[this.#tail.length - 1] !== CR || bytes[start] !== LF) {
      while (lineEnd < end && bytes[lineEnd] !== LF) lineEnd++;
    }
    const taken = Math.min(lineEnd + 1, end);
    const line = new Uint8Array(this.#tail.length + taken - start);
    line.set(this.#tail);
    line.set(bytes.subarray(start, taken), this.#tail.length);
    this.#tail = none;
    this.#bytes = line;
    this.#at = 0;
    this.#end = line.length;
    const reply = this.#readItem();
    if (this.#tail.length > 0) return false;
    this.#bytes = bytes;
    this.#at = taken;
    this.#end = end;
    if (reply !== NOTHING) this.#deliver(reply);
    return true;
  }

  /** One line, and the bulk string behind it if it is all there. */
  #readItem(): Reply | typeof NOTHING {
    return this.#bytes[this.#at] === BULK ? this.#readBulk() : this.#readOther();
  }

  /**
   * The fast path for what most items are: a string that has arrived entirely. Anything unusual takes the slow path.
   */
  #readBulk(): Reply | typeof NOTHING {
    const bytes = this.#bytes;
    const first = this.#at + 1;
    let at = first;
    let length = 0;
    for (let digit = bytes[at]! - 48; digit >= 0 && digit <= 9; digit = bytes[++at]! - 48) length = length * 10 + digit;
    const start = at + 2;
    const end = start + length;
    const usual = at > first && at - first <= LENGTH_DIGITS_MAX && bytes[at] === CR && bytes[at + 1] === LF;
    if (!usual || end + 2 > this.#end || length > this.#limits.bulk_bytes_max) return this.#readOther();
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw new ProtocolError(UNENDED);
    this.#at = end + 2;
    const frame = this.#frame;
    if (frame !== null && frame.type === MAP && (frame.missing & 1) === 0) return names.take(bytes, start, end);
    return sliceBytes(bytes, start, end);
  }

  #readOther(): Reply | typeof NOTHING {
    const lineEnd = this.#findLineEnd();
    if (lineEnd < 0) return NOTHING;
    const bytes = this.#bytes;
    const type = bytes[this.#at]!;
    const start = this.#at + 1;
    this.#at = lineEnd + 2;
    switch (type) {
      case BULK:
      case VERBATIM:
      case BULK_ERROR:
        return this.#openBulk(type, start, lineEnd);
      case INTEGER:
        return integer(bytes, start, lineEnd);
      case STATUS:
        return status(bytes, start, lineEnd);
      case ERROR:
        return new ErrorReply(sliceBytes(bytes, start, lineEnd));
      case DOUBLE:
        return double(sliceBytes(bytes, start, lineEnd));
      case BIG_NUMBER:
        return new BigNumberReply(sliceBytes(bytes, start, lineEnd));
      case BOOLEAN:
        return boolean(bytes, start, lineEnd);
      case NULL:
        if (start !== lineEnd) throw new ProtocolError('a null with content');
        return null;
      default:
        return this.#openAggregate(type, start, lineEnd);
    }
  }

  /** The offset of the line's CR; −1 if the line is incomplete, in which case its start is kept. */
  #findLineEnd(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at + 1;
    while (at < end && bytes[at] !== CR) at++;
    if (at + 1 < end) {
      if (bytes[at + 1] !== LF) throw new ProtocolError('a line that does not end in CRLF');
      return at;
    }
    if (end - this.#at > this.#limits.line_bytes_max) throw new ProtocolError('a line beyond the limit');
    // Not `slice`, which is a view where the chunk is a Buffer.
    this.#tail = new Uint8Array(bytes.subarray(this.#at, end));
    this.#at = end;
    return -1;
  }

  #openBulk(type: number, start: number, lineEnd: number): Reply | typeof NOTHING {
    const length = lengthOf(this.#bytes, start, lineEnd);
    if (length < 0) {
      if (type !== BULK) throw new ProtocolError('a string without a length');
      return null;
    }
    if (length > this.#limits.bulk_bytes_max) throw new ProtocolError('a string beyond the limit');
    const at = this.#at;
    if (this.#end - at >= length + 2) {
      this.#at = at + length + 2;
      return bulkReply(type, this.#bytes, at, length);
    }
    this.#bulkType = type;
    this.#bulk = '';
    this.#bulkMissing = length;
    return NOTHING;
  }

  /** Consumes what the chunk has of a bulk string, then of its line break. */
  #continueBulk(): Reply | typeof NOTHING {
    if (this.#bulkMissing > 0) {
      const taken = Math.min(this.#end - this.#at, this.#bulkMissing);
      this.#takePiece(this.#at, taken);
      this.#at += taken;
      this.#bulkMissing -= taken;
      if (this.#bulkMissing > 0) return NOTHING;
    }
    // The two bytes of the line break count on below zero.
    while (this.#at < this.#end) {
      const expected = this.#bulkMissing-- === 0 ? CR : LF;
      if (this.#bytes[this.#at++] !== expected) throw new ProtocolError(UNENDED);
      if (expected === LF) return this.#endBulk();
    }
    return NOTHING;
  }

  #takePiece(at: number, length: number): void {
    if (length >= PIECE_BYTES_MIN) {
      this.#useGathered();
      this.#bulk += sliceBytes(this.#bytes, at, at + length);
      return;
    }
    if (this.#gathered.length === 0) this.#gathered = allocBytesUnsafe(PIECE_BYTES_MIN);
    if (this.#gatheredLength + length > PIECE_BYTES_MIN) this.#useGathered();
    this.#gathered.set(this.#bytes.subarray(at, at + length), this.#gatheredLength);
    this.#gatheredLength += length;
  }

  #useGathered(): void {
    if (this.#gatheredLength > 0) this.#bulk += sliceBytes(this.#gathered, 0, this.#gatheredLength);
    this.#gatheredLength = 0;
  }

  #endBulk(): Reply {
    this.#useGathered();
    const { type, text } = { type: this.#bulkType, text: this.#bulk };
    this.#bulkType = 0;
    this.#bulk = '';
    return bulkOf(type, text);
  }

  #openAggregate(type: number, start: number, lineEnd: number): Reply | typeof NOTHING {
    const paired = type === MAP || type === ATTRIBUTE;
    if (!paired && type !== ARRAY && type !== SET && type !== PUSH) {
      throw new ProtocolError(`a reply that begins with the unknown type byte ${type}`);
    }
    const count = lengthOf(this.#bytes, start, lineEnd);
    if (count < 0) {
      if (type !== ARRAY) throw new ProtocolError('an aggregate without a length');
      return NULL_ARRAY;
    }
    if (count > this.#limits.elements_max) throw new ProtocolError('an aggregate beyond the limit');
    if (this.#frames.length >= this.#limits.depth_max) throw new ProtocolError('aggregates nested beyond the limit');
    if (count === 0) return type === ATTRIBUTE ? NOTHING : aggregate(type, []);
    this.#frame = { type, items: [], missing: paired ? count * 2 : count };
    this.#frames.push(this.#frame);
    return NOTHING;
  }

  /** Appends an item to the innermost open aggregate, which may complete it and those around it, or hands it over. */
  #deliver(reply: Reply): void {
    let item = reply;
    for (let frame = this.#frame; frame !== null; frame = this.#frame) {
      frame.items.push(item);
      if (--frame.missing > 0) return;
      this.#frames.pop();
      this.#frame = this.#frames[this.#frames.length - 1] ?? null;
      if (frame.type === ATTRIBUTE) return;
      item = aggregate(frame.type, frame.items);
      if (frame.type === PUSH && !isConfirmation(frame.items[0])) break;
    }
    this.#onReply(item);
    // The next reply begins in this chunk.
    if (this.#frame === null) this.plain = this.#isChunkPlain;
  }
}

/**
 * Servers before 7.2 write a client's own out-of-band messages into the middle of its replies (a message published
 * within EXEC, an invalidation caused by MGET): they are not part of the reply. The confirmation that answers SUBSCRIBE
 * within MULTI is.
 */
function isConfirmation(kind: Reply | undefined): boolean {
  return typeof kind === 'string' && kind.endsWith('subscribe');
}

function aggregate(type: number, items: Reply[]): Reply {
  if (type === ARRAY) return items;
  if (type === MAP) return new MapReply(items);
  return type === SET ? new SetReply(items) : new PushReply(items);
}

function bulkReply(type: number, bytes: Uint8Array, at: number, length: number): Reply {
  if (bytes[at + length] !== CR || bytes[at + length + 1] !== LF) throw new ProtocolError(UNENDED);
  return bulkOf(type, sliceBytes(bytes, at, at + length));
}

function bulkOf(type: number, text: Bytes): Reply {
  if (type === BULK) return text;
  if (type === BULK_ERROR) return new ErrorReply(text);
  if (text[3] !== ':') throw new ProtocolError('a verbatim string without a format');
  return new VerbatimReply(text.slice(4), text.startsWith('mkd') ? 'mkd' : 'txt');
}

function status(bytes: Uint8Array, start: number, end: number): Status {
  if (end - start === 2 && bytes[start] === 79 && bytes[start + 1] === 75) return OK;
  const text = sliceBytes(bytes, start, end);
  return text === 'QUEUED' ? QUEUED : new Status(text);
}

const decimalInteger = /^[+-]?\d{1,19}$/;

function integer(bytes: Uint8Array, start: number, end: number): number | bigint {
  const negative = bytes[start] === MINUS;
  let at = negative ? start + 1 : start;
  if (end - at >= 1 && end - at <= 15) {
    let value = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === end) return negative && value !== 0 ? -value : value;
  }
  const text = sliceBytes(bytes, start, end);
  if (!decimalInteger.test(text)) throw new ProtocolError('a malformed integer');
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** A length or count: −1 for a null. */
function lengthOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end > start ? integer(bytes, start, end) : Number.NaN;
  if (typeof length !== 'number' || !(length >= -1)) throw new ProtocolError('a malformed length');
  return length;
}

function double(text: Bytes): DoubleReply {
  if (/^[+-]?nan$/i.test(text)) return new DoubleReply(Number.NaN);
  const value = parseDouble(text) ?? Number(text);
  if (text === '' || Number.isNaN(value)) throw new ProtocolError('a malformed double');
  return new DoubleReply(value);
}

function boolean(bytes: Uint8Array, start: number, end: number): boolean {
  const mark = bytes[start];
  if (end - start !== 1 || (mark !== 116 && mark !== 102)) throw new ProtocolError('a malformed boolean');
  return mark === 116;
}
