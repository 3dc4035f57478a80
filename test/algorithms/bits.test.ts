/** BITCOUNT, BITPOS, BITOP and BITFIELD: replies and stored bytes equal the real server's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/core/random.js';
import {
  getBitfield,
  incrementBitfield,
  parseBitfieldType,
  parseBitOffset,
  setBitfield,
} from '../../src/engine/values/bitfield.js';
import {
  type Bit,
  type BitOperation,
  bitAt,
  bitRange,
  combineBits,
  countBits,
  findBit,
  isReversedFromEnd,
  setBit,
} from '../../src/engine/values/bitmap.js';
import { withRedis } from './oracle.js';

const random = new Random(4711);
const pick = <T>(items: readonly T[]): T => items[random.below(items.length)];

/** Bytes with long runs of zeros and ones, at any alignment in memory. */
function bitmap(lengthMax: number): Buffer {
  const length = random.below(lengthMax + 1);
  const frame = Buffer.alloc(length + 5);
  const bytes = frame.subarray(random.below(5)).subarray(0, length);
  const mode = random.below(4);
  for (let i = 0; i < length; i++)
    bytes[i] = mode === 0 ? 0 : mode === 1 ? 255 : mode === 2 ? pick([0, 0, 0, 16]) : random.below(256);
  return bytes;
}

function index(): string {
  return pick([
    '0',
    '-1',
    '1',
    '7',
    '8',
    '-8',
    '-9',
    String(random.below(200) - 100),
    String(random.below(900) - 450),
    '9223372036854775807',
    '-9223372036854775808',
    '-9223372036854775807',
  ]);
}

describe('bitmap', () => {
  it('BITCOUNT and BITPOS over every kind of range', (t) =>
    withRedis(t, async (redis) => {
      for (let i = 0; i < 250; i++) {
        const value = bitmap(pick([0, 1, 3, 60]));
        await redis.send('SET', 'k', value);
        assert.equal(countBits(value), await redis.value('BITCOUNT', 'k'));
        for (let j = 0; j < 10; j++) {
          const [start, end] = [index(), index()];
          const unit = pick(['BYTE', 'BIT'] as const);
          const bit = random.below(2) as Bit;
          const range = bitRange(value.length, BigInt(start), BigInt(end), unit);
          const title = `${value.toString('hex')} ${bit} ${start} ${end} ${unit}`;
          const count = isReversedFromEnd(BigInt(start), BigInt(end)) ? 0 : countBits(value, range);
          assert.equal(count, await redis.value('BITCOUNT', 'k', start, end, unit), title);
          assert.equal(
            findBit(value, bit, range, true),
            await redis.value('BITPOS', 'k', bit, start, end, unit),
            title,
          );
          const open = bitRange(value.length, BigInt(start), value.length - 1, 'BYTE');
          assert.equal(findBit(value, bit, open, false), await redis.value('BITPOS', 'k', bit, start), title);
        }
      }
    }));

  it('BITOP over sources of unequal length', (t) =>
    withRedis(t, async (redis) => {
      for (let i = 0; i < 300; i++) {
        const operation = pick<BitOperation>(['AND', 'OR', 'XOR', 'NOT']);
        const sources = Array.from({ length: operation === 'NOT' ? 1 : 1 + random.below(4) }, () =>
          bitmap(pick([0, 3, 40, 100])),
        );
        const keys = sources.map((_, n) => `{s}${n}`);
        await redis.send('FLUSHALL');
        await redis.pipeline(sources.map((source, n) => (source.length ? ['SET', keys[n], source] : ['DEL', keys[n]])));
        const result = combineBits(operation, sources);
        assert.equal(await redis.value('BITOP', operation, 'd', ...keys), result.length);
        const stored = ((await redis.value('GET', 'd')) as string | null) ?? '';
        assert.equal(Buffer.from(result).toString('latin1'), stored);
      }
    }));

  it('single bits', () => {
    const bytes = new Uint8Array(3);
    assert.equal(setBit(bytes, 9, 1), 0);
    assert.equal(setBit(bytes, 9, 1), 1);
    assert.equal(setBit(bytes, 23, 1), 0);
    assert.deepEqual([...bytes], [0, 0x40, 1]);
    assert.equal(setBit(bytes, 9, 0), 1);
    assert.deepEqual(
      [bitAt('\x40\x01', 1), bitAt('\x40\x01', 15), bitAt('\x40\x01', 2), bitAt('\x40', 8), bitAt('', 2 ** 32)],
      [1, 1, 0, 0, 0],
    );
  });
});

describe('bitfield', () => {
  it('every type, at any offset, with every overflow rule', (t) =>
    withRedis(t, async (redis) => {
      const ours = new Uint8Array(64);
      await redis.send('SETRANGE', 'k', 63, '\0');
      for (let i = 0; i < 6000; i++) {
        const kind = pick(['i', 'u']);
        const name = kind + (1 + random.below(kind === 'i' ? 64 : 63));
        const type = parseBitfieldType(name)!;
        const offset = random.below(64 * 8 - type.bits);
        const rule = pick(['WRAP', 'SAT', 'FAIL'] as const);
        const wide = BigInt.asIntN(64, (BigInt(random.u32()) << 32n) | BigInt(random.u32()));
        const value = pick([
          () => wide,
          () => BigInt(random.below(200) - 100),
          () => wide >> BigInt(random.below(64)),
          () => -(2n ** 63n),
          () => 2n ** 63n - 1n,
          () => -(2n ** 63n) + BigInt(random.below(300)),
        ])();
        const narrow = value >= -(2n ** 53n) + 1n && value < 2n ** 53n ? Number(value) : value;
        const verb = pick(['SET', 'INCRBY'] as const);
        const title = `${verb} ${name} ${offset} ${value} ${rule}`;
        const change =
          verb === 'SET'
            ? setBitfield(ours, offset, type, narrow, rule)
            : incrementBitfield(ours, offset, type, narrow, rule);
        const [reply] = (await redis.value(
          'BITFIELD',
          'k',
          'OVERFLOW',
          rule,
          verb,
          name,
          offset,
          value.toString(),
        )) as (number | bigint | null)[];
        assert.equal(change.reply, reply, title);
        assert.equal(
          getBitfield(ours, offset, type),
          ((await redis.value('BITFIELD', 'k', 'GET', name, offset)) as unknown[])[0],
          title,
        );
        if (i % 50 === 0) assert.equal(Buffer.from(ours).toString('latin1'), await redis.value('GET', 'k'), title);
      }
      for (let i = 0; i < 300; i++) {
        const name = pick(['i', 'u']) + (1 + random.below(63));
        const offset = 440 + random.below(300);
        const [reply] = (await redis.value('BITFIELD_RO', 'k', 'GET', name, offset)) as unknown[];
        assert.equal(getBitfield(ours, offset, parseBitfieldType(name)!), reply);
      }
    }));

  it('a change is reported only if the integer differs', () => {
    const bytes = new Uint8Array(9);
    const wide = { signed: true, bits: 64 };
    assert.deepEqual(setBitfield(bytes, 3, wide, -1, 'WRAP'), { reply: 0, changed: true });
    assert.deepEqual(setBitfield(bytes, 3, wide, -1, 'WRAP'), { reply: -1, changed: false });
    assert.deepEqual(incrementBitfield(bytes, 3, wide, 0, 'WRAP'), { reply: -1, changed: false });
    assert.deepEqual(incrementBitfield(bytes, 3, { signed: false, bits: 4 }, 1, 'SAT'), { reply: 15, changed: false });
    assert.deepEqual(incrementBitfield(bytes, 3, { signed: false, bits: 4 }, 1, 'FAIL'), {
      reply: null,
      changed: false,
    });
  });

  it('types and offsets are parsed as the server does', (t) =>
    withRedis(t, async (redis) => {
      for (const text of [
        'i8',
        'u63',
        'u64',
        'i64',
        'i65',
        'i0',
        'u0',
        'I8',
        'i',
        '',
        'i08',
        'i-1',
        'i8x',
        'i8\0x',
        'u+1',
        '8',
      ]) {
        const refused = (await redis.value('BITFIELD', 'k', 'GET', text, 0)) instanceof Error;
        assert.equal(parseBitfieldType(text) === null, refused, JSON.stringify(text));
      }
      for (const text of [
        '0',
        '7',
        '-1',
        '#1',
        '#0',
        '#-1',
        '##1',
        '#',
        '',
        '4294967295',
        '4294967296',
        '#536870911',
        '#536870912',
        '#4611686018427387904',
        '#2305843009213693952',
        '1.5',
        '99999999999999999999',
      ]) {
        const reply = await redis.value('BITFIELD', 'k', 'GET', 'u8', text);
        assert.equal(parseBitOffset(text, 512 * 1024 * 1024, 8) === null, reply instanceof Error, text);
      }
      assert.equal(parseBitOffset('#3', 512, 5), 15);
      assert.equal(parseBitOffset('#3', 512), null);
    }));
});
