import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesFromText, textFromBytes } from '../../src/core/bytes.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

function expectedText(bytes: string): string {
  return decoder.decode(Buffer.from(bytes, 'latin1'));
}

function expectedBytes(text: string): string {
  return Buffer.from(encoder.encode(text)).toString('latin1');
}

function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

test('text and its bytes are those of the platform, ill-formed ones among them', () => {
  const draw = drawing(9);
  const bytes = [
    '\xef\xbb\xbf',
    '\xe2\x82\xac',
    '\xf0\x9f\x98\x80',
    '\xed\xa0\x80',
    '\xf4\x90\x80\x80',
    '\xe2\x82',
    'a',
    '\xff',
    '\xc0\x80',
  ];
  const units = ['a', 'é', '€', '😀', '\ud83d', '\ude00', '\ufeff', '\0', '\u0800'];
  for (let round = 0; round < 4000; round++) {
    const raw = Array.from({ length: draw(30) }, () => bytes[draw(bytes.length)]).join('');
    assert.equal(textFromBytes(raw), expectedText(raw));
    const text = Array.from({ length: draw(30) }, () => units[draw(units.length)]).join('');
    assert.equal(bytesFromText(text), expectedBytes(text));
  }
});

test('text of every size keeps what it holds', () => {
  for (const unit of ['é', '€', '😀'])
    for (const length of [1, 15, 17, 100, 21_845, 21_846, 32_768, 65_537, 200_000]) {
      const text = unit.repeat(length);
      assert.ok(bytesFromText(text) === expectedBytes(text), `${unit} × ${length} as bytes`);
      assert.ok(textFromBytes(expectedBytes(text)) === text, `${unit} × ${length} as text`);
    }
});

test('a byte order mark is part of the text', () => {
  const text = '\ufeffname,age';
  assert.equal(textFromBytes(bytesFromText(text)), text);
});
