import type { Bytes } from '../core/bytes.js';
import { assertNever } from '../core/errors.js';
import {
  AttributedReply,
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  NoReply,
  NullArray,
  PairsReply,
  PinnedReply,
  PushReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../core/reply.js';
import type { ReplyArena } from './reply-arena.js';

const ARRAY = 42; // *
const ATTRIBUTES = 124; // |
const BIG_NUMBER = 40; // (
const DOUBLE = 44; // ,
const ERROR = 45; // -
const INTEGER = 58; // :
const MAP = 37; // %
const PUSH = 62; // >
const SET = 126; // ~
const STATUS = 43; // +
const VERBATIM = 61; // =

/**
 * Writes a reply to the arena as RESP2 or RESP3, byte for byte as Redis 7.0 does. `NoReply` writes nothing.
 * O(size of the reply); nothing is allocated except where the arena grows.
 */
export function encodeReply(arena: ReplyArena, reply: Reply, protocol: 2 | 3): void {
  switch (typeof reply) {
    case 'string':
      arena.bulk(reply);
      return;
    case 'number':
      arena.header(INTEGER, reply);
      return;
    case 'bigint':
      arena.line(INTEGER, String(reply));
      return;
    case 'boolean':
      arena.text(protocol === 2 ? (reply ? ':1\r\n' : ':0\r\n') : reply ? '#t\r\n' : '#f\r\n');
      return;
    default:
      if (reply === null) arena.text(protocol === 2 ? '$-1\r\n' : '_\r\n');
      else if (Array.isArray(reply)) encodeItems(arena, ARRAY, reply, protocol);
      else encodeClass(arena, reply, protocol);
  }
}

type ReplyObject = Exclude<Reply, Bytes | number | bigint | boolean | null | Reply[]>;

function encodeClass(arena: ReplyArena, reply: ReplyObject, protocol: 2 | 3): void {
  if (reply instanceof Status) arena.line(STATUS, reply.text);
  else if (reply instanceof ErrorReply) arena.line(ERROR, oneLine(reply.text));
  else if (reply instanceof DoubleReply) encodeDouble(arena, reply, protocol);
  else if (reply instanceof NullArray) arena.text(protocol === 2 ? '*-1\r\n' : '_\r\n');
  else if (reply instanceof PairsReply) encodePairs(arena, reply.flat, protocol);
  else if (reply instanceof MapReply) encodeMap(arena, reply.flat, protocol);
  else if (reply instanceof SetReply) encodeItems(arena, protocol === 2 ? ARRAY : SET, reply.items, protocol);
  else if (reply instanceof PushReply) encodeItems(arena, protocol === 2 ? ARRAY : PUSH, reply.items, protocol);
  else if (reply instanceof VerbatimReply) encodeVerbatim(arena, reply, protocol);
  else if (reply instanceof BigNumberReply) encodeBigNumber(arena, reply.digits, protocol);
  else if (reply instanceof AttributedReply) encodeAttributed(arena, reply, protocol);
  else if (reply instanceof PinnedReply) encodeReply(arena, reply.reply, reply.protocol);
  else if (!(reply instanceof NoReply)) assertNever(reply);
}

function encodeItems(arena: ReplyArena, prefix: number, items: Reply[], protocol: 2 | 3): void {
  arena.header(prefix, items.length);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (typeof item === 'string') arena.bulk(item);
    else encodeReply(arena, item, protocol);
  }
}

function encodeMap(arena: ReplyArena, flat: Reply[], protocol: 2 | 3): void {
  if (protocol === 2) {
    encodeItems(arena, ARRAY, flat, protocol);
    return;
  }
  arena.header(MAP, flat.length / 2);
  for (let i = 0; i < flat.length; i++) encodeReply(arena, flat[i]!, protocol);
}

function encodePairs(arena: ReplyArena, flat: Reply[], protocol: 2 | 3): void {
  if (protocol === 2) {
    encodeItems(arena, ARRAY, flat, protocol);
    return;
  }
  arena.header(ARRAY, flat.length / 2);
  for (let i = 0; i < flat.length; i += 2) {
    arena.header(ARRAY, 2);
    encodeReply(arena, flat[i]!, protocol);
    encodeReply(arena, flat[i + 1]!, protocol);
  }
}

function encodeDouble(arena: ReplyArena, reply: DoubleReply, protocol: 2 | 3): void {
  if (protocol === 2) arena.bulk(reply.text);
  else arena.line(DOUBLE, reply.text);
}

function encodeVerbatim(arena: ReplyArena, reply: VerbatimReply, protocol: 2 | 3): void {
  if (protocol === 2) {
    arena.bulk(reply.text);
    return;
  }
  arena.header(VERBATIM, reply.text.length + 4);
  arena.text(`${reply.format}:`);
  arena.text(reply.text);
  arena.text('\r\n');
}

function encodeBigNumber(arena: ReplyArena, digits: Bytes, protocol: 2 | 3): void {
  if (protocol === 2) arena.bulk(digits);
  else arena.line(BIG_NUMBER, digits);
}

function encodeAttributed(arena: ReplyArena, { flat, reply }: AttributedReply, protocol: 2 | 3): void {
  if (protocol === 3) {
    arena.header(ATTRIBUTES, flat.length / 2);
    for (const part of flat) encodeReply(arena, part, protocol);
  }
  encodeReply(arena, reply, protocol);
}

const lineBreak = /[\r\n]/;

/** An error is one line: line breaks at its ends are dropped, those inside become spaces. */
function oneLine(text: Bytes): Bytes {
  if (!lineBreak.test(text)) return text;
  return text.replace(/^[\r\n]+|[\r\n]+$/g, '').replace(/[\r\n]/g, ' ');
}
