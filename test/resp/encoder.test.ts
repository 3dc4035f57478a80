import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sliceBytes } from '../../src/core/bytes.js';
import {
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  NO_REPLY,
  NULL_ARRAY,
  OK,
  PairsReply,
  PENDING,
  PushReply,
  type Reply,
  SetReply,
  VerbatimReply,
} from '../../src/core/reply.js';
import { encodeReply } from '../../src/resp/encoder.js';
import { ReplyArena } from '../../src/resp/reply-arena.js';

function encode(reply: Reply, protocol: 2 | 3): string {
  const arena = new ReplyArena(16);
  encodeReply(arena, reply, protocol);
  return sliceBytes(arena.bytes, 0, arena.at);
}

const long = 'x'.repeat(70_000);
const cases: [title: string, reply: Reply, resp2: string, resp3: string][] = [
  ['a status', OK, '+OK\r\n', '+OK\r\n'],
  ['an error', new ErrorReply('ERR no'), '-ERR no\r\n', '-ERR no\r\n'],
  ['an error with line breaks', new ErrorReply('\r\nERR a\r\nb\n'), '-ERR a  b\r\n', '-ERR a  b\r\n'],
  ['an empty bulk', '', '$0\r\n\r\n', '$0\r\n\r\n'],
  ['a bulk of any bytes', '\0\xff\r\n', '$4\r\n\0\xff\r\n\r\n', '$4\r\n\0\xff\r\n\r\n'],
  ['a long bulk', long, `$70000\r\n${long}\r\n`, `$70000\r\n${long}\r\n`],
  ['a null', null, '$-1\r\n', '_\r\n'],
  ['a null array', NULL_ARRAY, '*-1\r\n', '_\r\n'],
  ['an integer', 1234567, ':1234567\r\n', ':1234567\r\n'],
  ['zero', 0, ':0\r\n', ':0\r\n'],
  ['ten', 10, ':10\r\n', ':10\r\n'],
  ['a negative integer', -42, ':-42\r\n', ':-42\r\n'],
  ['a large integer', 9007199254740991, ':9007199254740991\r\n', ':9007199254740991\r\n'],
  ['999999999', 999_999_999, ':999999999\r\n', ':999999999\r\n'],
  ['1000000000', 1_000_000_000, ':1000000000\r\n', ':1000000000\r\n'],
  ['a 64-bit integer', -9223372036854775808n, ':-9223372036854775808\r\n', ':-9223372036854775808\r\n'],
  ['true', true, ':1\r\n', '#t\r\n'],
  ['false', false, ':0\r\n', '#f\r\n'],
  ['a double', new DoubleReply(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  ['a double that prints long', new DoubleReply(3.3), '$18\r\n3.2999999999999998\r\n', ',3.2999999999999998\r\n'],
  ['infinity', new DoubleReply(Number.NEGATIVE_INFINITY), '$4\r\n-inf\r\n', ',-inf\r\n'],
  ['an empty array', [], '*0\r\n', '*0\r\n'],
  ['a nested array', [1, [null, 'a']], '*2\r\n:1\r\n*2\r\n$-1\r\n$1\r\na\r\n', '*2\r\n:1\r\n*2\r\n_\r\n$1\r\na\r\n'],
  ['a map', new MapReply(['k', 1]), '*2\r\n$1\r\nk\r\n:1\r\n', '%1\r\n$1\r\nk\r\n:1\r\n'],
  ['a set', new SetReply(['k']), '*1\r\n$1\r\nk\r\n', '~1\r\n$1\r\nk\r\n'],
  ['pairs', new PairsReply(['m', new DoubleReply(1)]), '*2\r\n$1\r\nm\r\n$1\r\n1\r\n', '*1\r\n*2\r\n$1\r\nm\r\n,1\r\n'],
  ['a push', new PushReply(['message', 1]), '*2\r\n$7\r\nmessage\r\n:1\r\n', '>2\r\n$7\r\nmessage\r\n:1\r\n'],
  ['verbatim text', new VerbatimReply('Some string'), '$11\r\nSome string\r\n', '=15\r\ntxt:Some string\r\n'],
  ['a big number', new BigNumberReply('123'), '$3\r\n123\r\n', '(123\r\n'],
  ['nothing', NO_REPLY, '', ''],
  ['nothing yet', PENDING, '', ''],
];

for (const [title, reply, resp2, resp3] of cases) {
  test(`encodes ${title}`, () => {
    assert.equal(encode(reply, 2), resp2);
    assert.equal(encode(reply, 3), resp3);
  });
}

test('a spill takes away what was written and the reply goes on', () => {
  const arena = new ReplyArena(256);
  let sent = '';
  arena.spill = () => {
    sent += sliceBytes(arena.bytes, 0, arena.at);
    arena.at = 0;
  };
  const items = Array.from({ length: 1000 }, (_, i) => `item ${i}`);
  encodeReply(arena, items, 2);
  sent += sliceBytes(arena.bytes, 0, arena.at);
  assert.equal(sent, `*1000\r\n${items.map((item) => `$${item.length}\r\n${item}\r\n`).join('')}`);
  assert.ok(arena.bytes.length < 1024);
});

test('an arena that grew is given back by reset', () => {
  const arena = new ReplyArena(64);
  encodeReply(arena, long, 2);
  assert.ok(arena.bytes.length > 70_000);
  arena.reset();
  assert.ok(arena.bytes.length < 1000);
});
