import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocBytes, type Bytes, bytesFromArray, writeBytes } from '../../src/core/bytes.js';
import { formatCommand } from '../../src/core/command-text.js';
import { Random } from '../../src/core/random.js';
import { CommandBuffer } from '../../src/persistence/aof/command-buffer.js';
import { RequestDecoder } from '../../src/resp/request-decoder.js';
import { READ_SLACK_BYTES } from '../../src/resp/request-parser.js';

const random = new Random(20261121);

function drawn(): Bytes[] {
  const words = random.below(10) === 0 ? 1 + random.below(150) : 1 + random.below(5);
  return Array.from({ length: words }, () => {
    const length = random.below(20) === 0 ? random.below(20_000) : random.below(40);
    return Array.from({ length: Math.min(length, 8) }, () => String.fromCharCode(random.below(256)))
      .join('')
      .repeat(Math.ceil(length / 8))
      .slice(0, length);
  });
}

/** Gives `text` to a decoder in pieces of any size; what it finds goes to a buffer as it came in. */
function passedOn(text: Bytes, piece_bytes_max: number): { buffer: CommandBuffer; requests: number } {
  const decoder = new RequestDecoder();
  const buffer = new CommandBuffer();
  let requests = 0;
  // One array for all reads, as a server has it.
  const read = allocBytes(piece_bytes_max + READ_SLACK_BYTES);
  for (let at = 0; at < text.length; ) {
    const piece = text.slice(at, at + 1 + random.below(piece_bytes_max));
    at += piece.length;
    read.fill(0x2a);
    writeBytes(read, piece, 0);
    decoder.feed(read, piece.length);
    while (decoder.next()) {
      const { offsets, argc: words, start: from, next: to } = decoder.parser;
      buffer.request({ bytes: decoder.bytes, offsets, words, from, to });
      requests++;
    }
    decoder.keep();
  }
  assert.equal(decoder.error, null);
  return { buffer, requests };
}

test('commands are written as logs hold them, from words and from the bytes they came in', () => {
  const commands = Array.from({ length: 300 }, drawn);
  const text = commands.map(formatCommand).join('');
  const buffer = new CommandBuffer();
  for (const argv of commands) buffer.command(argv);
  assert.equal(bytesFromArray(buffer.view), text);
  for (const piece_bytes_max of [1, 7, 100, 5000, 1_000_000]) {
    const passed = passedOn(text, piece_bytes_max);
    assert.equal(passed.requests, commands.length);
    assert.ok(bytesFromArray(passed.buffer.view) === text, `pieces of up to ${piece_bytes_max} bytes`);
  }
});

test('line ends that a server does not look at are mended', () => {
  const commands = [
    ['SET', 'key', 'v'.repeat(100)],
    ['MSET', ...Array.from({ length: 40 }, (_, i) => String(i))],
    ['PING'],
  ];
  const text = commands.map(formatCommand).join('');
  // In these commands every LF is part of a line end; after a word neither byte of it is looked at.
  for (const sloppy of [text.replaceAll('\n', '\r'), text.replaceAll(/(?<=v{100}|\d)\r\n(?=[$*])/g, '\r\0')]) {
    for (const piece_bytes_max of [3, 1_000_000]) {
      const { buffer, requests } = passedOn(sloppy, piece_bytes_max);
      assert.equal(requests, commands.length);
      assert.equal(bytesFromArray(buffer.view), text);
    }
  }
});

test('an emptied buffer is used again, a large one given back', () => {
  const buffer = new CommandBuffer();
  buffer.command(['SET', 'k', 'x'.repeat(1_000_000)]);
  assert.equal(buffer.length, formatCommand(['SET', 'k', 'x'.repeat(1_000_000)]).length);
  buffer.clear();
  assert.equal(buffer.length, 0);
  assert.ok(buffer.view.buffer.byteLength < 100_000);
  buffer.text('#TS:1\r\n');
  buffer.command(['PING']);
  assert.equal(bytesFromArray(buffer.view), '#TS:1\r\n*1\r\n$4\r\nPING\r\n');
});
