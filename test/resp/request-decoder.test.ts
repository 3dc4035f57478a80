import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitArguments } from '../../src/core/quoted-arguments.js';
import { RequestDecoder } from '../../src/resp/request-decoder.js';
import { READ_SLACK_BYTES } from '../../src/resp/request-parser.js';

/** Feeds `text` in pieces through one array that is overwritten; `pause` leaves every n-th request for later. */
function decode(text: string, size: number, pause = 0): { requests: string[][]; error: string | null } {
  const decoder = new RequestDecoder();
  const chunk = Buffer.alloc(size + READ_SLACK_BYTES, '*');
  const requests: string[][] = [];
  let paused = 0;
  const take = () => {
    while (pause === 0 || ++paused % pause !== 0) {
      if (!decoder.next()) return;
      requests.push(decoder.argv());
    }
  };
  for (let at = 0; at < text.length; at += size) {
    const length = chunk.write(text.slice(at, at + size), 'latin1');
    decoder.feed(chunk, length);
    take();
    decoder.keep();
    chunk.fill('*');
  }
  while (decoder.next()) requests.push(decoder.argv());
  return { requests, error: decoder.error };
}

function multibulk(...argv: string[]): string {
  return `*${argv.length}\r\n${argv.map((argument) => `$${argument.length}\r\n${argument}\r\n`).join('')}`;
}

const requests: string[][] = [
  ['PING'],
  ['SET', 'key', ''],
  ['SET', 'k'.repeat(10), 'v'.repeat(99)],
  ['SET', 'key', '\r\n*3\r\n$1\r\n\0'],
  ['MSET', ...Array.from({ length: 30 }, (_, i) => `argument ${i}`)],
  ['GET', 'x'.repeat(5000)],
  ['SET', 'big', 'z'.repeat(150_000)],
  ['SET', 'seven', '1234567', 'nx', 'ex', '10', 'get', 'a', 'b', 'c'],
  ['LPUSH', 'l', ...Array.from({ length: 3000 }, (_, i) => String(i))],
  ['ECHO', 'end'],
];
const stream = requests.map((request) => multibulk(...request)).join('');

for (const size of [1, 2, 3, 5, 16, 100, 1000, 4096, 65_536, 300_000]) {
  for (const pause of [0, 1, 2, 3]) {
    test(`finds requests in pieces of ${size}${pause ? `, stopping at every ${pause}.` : ''}`, () => {
      if (size === 1 && pause === 1) return;
      assert.deepEqual(decode(stream, size, pause === 1 ? 4 : pause), { requests, error: null });
    });
  }
}

test('inline and multibulk requests mix; empty ones are passed over', () => {
  const text = `PING\r\n\r\n*0\r\n*-1\r\n${multibulk('GET', 'a')}  set "a b" 'c'\n\r\nEND\r\n`;
  for (const size of [1, 4, 1000]) {
    assert.deepEqual(decode(text, size), {
      requests: [['PING'], ['GET', 'a'], ['set', 'a b', 'c'], ['END']],
      error: null,
    });
  }
});

const bad: [bytes: string, error: string][] = [
  ['*x\r\n', 'invalid multibulk length'],
  ['*\r\n', 'invalid multibulk length'],
  ['*01\r\n', 'invalid multibulk length'],
  ['*+1\r\n', 'invalid multibulk length'],
  ['*2147483648\r\n', 'invalid multibulk length'],
  ['*99999999999999999999\r\n', 'invalid multibulk length'],
  ['*1\r\nPING\r\n', "expected '$', got 'P'"],
  ['*1\r\n$x\r\n', 'invalid bulk length'],
  ['*1\r\n$-1\r\n', 'invalid bulk length'],
  ['*1\r\n$01\r\na\r\n', 'invalid bulk length'],
  ['*1\r\n$536870889\r\n', 'invalid bulk length'],
  ['set "a\r\n', 'unbalanced quotes in request'],
  ['x'.repeat(65_600), 'too big inline request'],
  [`*${'1'.repeat(65_600)}`, 'too big mbulk count string'],
  [`*1\r\n$${'1'.repeat(65_600)}`, 'too big bulk count string'],
];
for (const [bytes, error] of bad) {
  test(`refuses ${JSON.stringify(bytes.slice(0, 30))}: ${error}`, () => {
    for (const size of [7, 1000, 100_000]) {
      const result = decode(multibulk('PING') + bytes, size);
      assert.deepEqual(result, { requests: [['PING']], error: `Protocol error: ${error}` });
    }
  });
}

test('who has not authenticated may send little', () => {
  for (const [bytes, error] of [
    ['*11\r\n', 'unauthenticated multibulk length'],
    ['*2\r\n$16385\r\n', 'unauthenticated bulk length'],
  ]) {
    const decoder = new RequestDecoder();
    decoder.parser.restricted = true;
    decoder.feed(Buffer.from(bytes), bytes.length);
    assert.equal(decoder.next(), false);
    assert.equal(decoder.error, `Protocol error: ${error}`);
  }
});

test('an announced length costs nothing until the bytes come', () => {
  const decoder = new RequestDecoder();
  const head = Buffer.from('*1\r\n$500000000\r\nabc');
  decoder.feed(head, head.length);
  assert.equal(decoder.next(), false);
  decoder.keep();
  assert.ok(decoder.freeBytes < 8_000_000);
});

test('many small arguments that come byte by byte are looked at once', () => {
  const text = multibulk('SADD', 's', ...Array.from({ length: 20_000 }, (_, i) => String(i)));
  const startedAt = performance.now();
  const { requests: found } = decode(text, 3);
  assert.equal(found[0]!.length, 20_002);
  assert.ok(performance.now() - startedAt < 2000);
});

const lines: [line: string, words: string[] | null][] = [
  ['', []],
  ['  \t ', []],
  ['a  b', ['a', 'b']],
  ['"\\x41\\n\\r\\t\\b\\a\\q\\"" x', ['A\n\r\t\b\x07q"', 'x']],
  ['"\\x4g"', ['x4g']],
  ["'a\\'b\\n'", ["a'b\\n"]],
  ['foo"bar"', ['foobar']],
  ['""', ['']],
  ['"a"b', null],
  ["'a'b", null],
  ['"a', null],
  ["'a", null],
  ['"a\\', null],
  ['"a"\vb', ['a', 'b']],
  ['a\vb', ['a\vb']],
  ['\va', ['a']],
];
for (const [line, words] of lines) {
  test(`splits ${JSON.stringify(line)}`, () => assert.deepEqual(splitArguments(line), words));
}
