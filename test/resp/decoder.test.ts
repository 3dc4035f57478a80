import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../src/core/errors.js';
import {
  BigNumberReply,
  DoubleReply,
  ErrorReply,
  MapReply,
  NULL_ARRAY,
  OK,
  PushReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../../src/core/reply.js';
import { ReplyDecoder } from '../../src/resp/decoder.js';

/** Decodes in pieces of `size` bytes, through one array that is overwritten each time, as sockets do. */
function decode(text: string, size: number): Reply[] {
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder((reply) => replies.push(reply));
  const chunk = Buffer.alloc(size);
  for (let at = 0; at < text.length; at += size) {
    const length = chunk.write(text.slice(at, at + size), 'latin1');
    decoder.feed(chunk, 0, length);
  }
  assert.ok(decoder.idle);
  return replies;
}

const words = (...texts: string[]): Status[] => texts.map((text) => new Status(text));

const long = 'y'.repeat(100_000);
const cases: [bytes: string, replies: Reply[]][] = [
  ['+OK\r\n+PONG\r\n', [OK, new Status('PONG')]],
  ['-ERR no\r\n', [new ErrorReply('ERR no')]],
  // What servers before 7.2 write into the middle of a reply is no part of it; what SUBSCRIBE within MULTI is answered with is.
  ['*2\r\n+OK\r\n>3\r\n+message\r\n+a\r\n+m\r\n:1\r\n', [new PushReply(words('message', 'a', 'm')), [OK, 1]]],
  [
    '%1\r\n>1\r\n+x\r\n+k\r\n*1\r\n>1\r\n+y\r\n:1\r\n',
    [new PushReply(words('x')), new PushReply(words('y')), new MapReply([new Status('k'), [1]])],
  ],
  ['*1\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n', [[new PushReply(['subscribe', 'a', 1])]]],
  ['!6\r\nERR no\r\n', [new ErrorReply('ERR no')]],
  [':-12\r\n:0\r\n:+5\r\n', [-12, 0, 5]],
  [':9223372036854775807\r\n', [9223372036854775807n]],
  ['$5\r\na\r\n\0\xff\r\n$0\r\n\r\n$-1\r\n', ['a\r\n\0\xff', '', null]],
  [`$100000\r\n${long}\r\n:1\r\n`, [long, 1]],
  ['*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n+OK\r\n', [NULL_ARRAY, [], [1, [OK]]]],
  ['%1\r\n+a\r\n:1\r\n%0\r\n', [new MapReply([new Status('a'), 1]), new MapReply([])]],
  ['~1\r\n:1\r\n', [new SetReply([1])]],
  ['>2\r\n$1\r\nm\r\n:1\r\n+OK\r\n', [new PushReply(['m', 1]), OK]],
  ['_\r\n#t\r\n#f\r\n', [null, true, false]],
  [',1.5\r\n,inf\r\n,-inf\r\n,10\r\n', [1.5, Infinity, -Infinity, 10].map((value) => new DoubleReply(value))],
  [',nan\r\n', [new DoubleReply(Number.NaN)]],
  ['(123456789012345678901234567890\r\n', [new BigNumberReply('123456789012345678901234567890')]],
  ['=7\r\ntxt:abc\r\n=7\r\nmkd:abc\r\n', [new VerbatimReply('abc'), new VerbatimReply('abc', 'mkd')]],
  ['|1\r\n+ttl\r\n:9\r\n$1\r\nv\r\n', ['v']],
  ['*2\r\n|1\r\n+ttl\r\n*1\r\n:9\r\n:1\r\n:2\r\n', [[1, 2]]],
];

for (const size of [1, 2, 3, 7, 64, 65_536]) {
  test(`decodes replies that come in pieces of ${size}`, () => {
    for (const [bytes, replies] of cases)
      assert.deepEqual(decode(bytes, size), replies, JSON.stringify(bytes.slice(0, 80)));
    const all = cases.map(([bytes]) => bytes).join('');
    assert.deepEqual(
      decode(all, size),
      cases.flatMap(([, replies]) => replies),
    );
  });
}

const garbage: [title: string, bytes: string][] = [
  ['an unknown type', 'hello\r\n'],
  ['an integer that is none', ':1x\r\n'],
  ['an empty integer', ':\r\n'],
  ['a lone CR', '+a\rb\r\n'],
  ['a length below -1', '$-2\r\n'],
  ['a length that is none', '*x\r\n'],
  ['an empty length', '$\r\n'],
  ['a bulk that ends otherwise', '$1\r\nabc'],
  ['a boolean that is none', '#x\r\n'],
  ['a null with content', '_x\r\n'],
  ['a double that is none', ',abc\r\n'],
  ['a verbatim string without format', '=2\r\nab\r\n'],
  ['a map without length', '%-1\r\n'],
  ['a streamed string', '$?\r\n'],
  ['a bulk beyond the limit', '$1000000000000\r\n'],
  ['too many elements', '*1000000000\r\n'],
  ['too deep a nesting', '*1\r\n'.repeat(200)],
  ['an endless line', `+${'x'.repeat(300_000)}`],
];
for (const [title, bytes] of garbage) {
  test(`refuses ${title}`, () => {
    const decoder = new ReplyDecoder(() => {});
    assert.throws(() => {
      for (let at = 0; at < bytes.length; at += 1000) decoder.feed(Buffer.from(bytes.slice(at, at + 1000), 'latin1'));
    }, ProtocolError);
  });
}

test('random bytes give replies or ProtocolError, nothing else', () => {
  const alphabet = '+-:$*%~>|#_,(!=0123456789\r\n\r\n\r\nab';
  let seed = 7;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 5000; round++) {
    const bytes = Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join('');
    const decoder = new ReplyDecoder(() => {});
    try {
      for (const char of bytes) decoder.feed(Buffer.from(char, 'latin1'));
    } catch (error) {
      assert.ok(error instanceof ProtocolError, `${JSON.stringify(bytes)}: ${error}`);
    }
  }
});

test('a large string in many chunks costs one pass', () => {
  const size = 32 * 1024 * 1024;
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder((reply) => replies.push(reply));
  decoder.feed(Buffer.from(`$${size}\r\n`));
  const chunk = Buffer.alloc(4096, 'z');
  const startedAt = performance.now();
  for (let at = 0; at < size; at += 4096) decoder.feed(chunk);
  decoder.feed(Buffer.from('\r\n'));
  assert.equal((replies[0] as string).length, size);
  assert.ok(performance.now() - startedAt < 3000);
});
