import assert from 'node:assert/strict';
import { isAscii } from 'node:buffer';
import { test } from 'node:test';
import { MapReply, PushReply, type Reply } from '../../src/core/reply.js';
import { ReplyDecoder } from '../../src/resp/decoder.js';
import { NameCache } from '../../src/resp/name-cache.js';

interface Seen {
  readonly reply: Reply;
  readonly plain: boolean;
}

/** What a decoder hands over that can ask whether a chunk is ASCII; one buffer is overwritten with each chunk. */
function seen(bytes: string, size: number): Seen[] {
  const found: Seen[] = [];
  const decoder = new ReplyDecoder((reply) => found.push({ reply, plain: decoder.plain }), {}, isAscii);
  const chunk = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = chunk.write(bytes.slice(at, at + size), 'latin1');
    decoder.feed(chunk, 0, length);
  }
  assert.ok(decoder.idle);
  return found;
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** All characters of a reply. */
function textOf(reply: Reply): string {
  if (typeof reply === 'string') return reply;
  if (Array.isArray(reply)) return reply.map(textOf).join('');
  if (reply instanceof MapReply) return textOf(reply.flat);
  return reply instanceof PushReply ? textOf(reply.items) : '';
}

function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

test('a large string of ASCII is plain however it is cut', () => {
  const large = 'a'.repeat(300_000);
  for (const size of [1000, 1460, 8192, 65_536, 400_000]) {
    assert.deepEqual(seen(bulk(large), size), [{ reply: large, plain: true }], `pieces of ${size}`);
  }
});

test('one byte beyond 127 anywhere makes a reply not plain', () => {
  for (const at of [0, 7, 70_000, 149_999]) {
    const large = `${'a'.repeat(at)}\xe9${'a'.repeat(149_999 - at)}`;
    for (const size of [1000, 8192, 65_536]) {
      assert.deepEqual(seen(bulk(large), size), [{ reply: large, plain: false }], `${at} in pieces of ${size}`);
    }
  }
});

test('a message in the middle of a reply does not make the rest of it plain', () => {
  const bytes = `*3\r\n${bulk('\xff'.repeat(2000))}>2\r\n${bulk('invalidate')}${bulk('k')}${bulk('x'.repeat(5000))}${bulk('y'.repeat(5000))}`;
  const last = seen(bytes, 2048).at(-1)!;
  assert.equal(textOf(last.reply).length, 12_000);
  assert.equal(last.plain, false);
});

test('what is called plain is plain, and all is decoded as without asking', () => {
  const draw = drawing(11);
  for (let round = 0; round < 300; round++) {
    const word = (): string => {
      const characters = draw(4) === 0 ? 'ab\xc3\xa9\x80' : 'abc\r\n$';
      return Array.from({ length: draw(draw(5) === 0 ? 3000 : 40) }, () => characters[draw(characters.length)]).join(
        '',
      );
    };
    const item = (): string => (draw(5) === 0 ? `%2\r\n${bulk(word())}${bulk(word())}:1\r\n+s\r\n` : bulk(word()));
    const bytes = Array.from({ length: 1 + draw(8) }, () => (draw(4) === 0 ? `*2\r\n${item()}${item()}` : item()));
    const expected: Reply[] = [];
    new ReplyDecoder((reply) => expected.push(reply)).feed(Buffer.from(bytes.join(''), 'latin1'));
    const found = seen(bytes.join(''), 1 + draw(draw(2) === 0 ? 50 : 4000));
    assert.deepEqual(
      found.map(({ reply }) => reply),
      expected,
    );
    for (const { reply, plain } of found) assert.ok(!plain || isAscii(Buffer.from(textOf(reply), 'latin1')));
  }
});

test('names come out as they went in, however many share a place', () => {
  const cache = new NameCache();
  const draw = drawing(5);
  const names = Array.from({ length: 3000 }, (_, i) =>
    Array.from({ length: draw(40) }, () => String.fromCharCode(draw(256)))
      .join('')
      .concat(i % 3 === 0 ? '' : String(i)),
  );
  for (let round = 0; round < 4; round++) {
    for (const name of names) {
      const bytes = Buffer.from(`<${name}>`, 'latin1');
      assert.equal(cache.take(bytes, 1, bytes.length - 1), name);
    }
  }
  for (let again = 0; again < 3; again++) assert.equal(cache.take(Buffer.from('__proto__'), 0, 9), '__proto__');
});
