/** Integers, doubles and long doubles against the real server: what it accepts, and every digit it prints. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDouble, formatFixed, formatHuman, parseDouble } from '../../src/core/double.js';
import { INT64_MAX, INT64_MIN, parseInt64, parseInteger, parseIntegerBytes } from '../../src/core/integer.js';
import { addLongDouble, formatLongDouble, millisFromSeconds, parseLongDouble } from '../../src/core/long-double.js';
import { Random } from '../../src/core/random.js';
import { withRedis } from './oracle.js';

const random = new Random(20_240_517);
const floatView = new DataView(new ArrayBuffer(8));

function anyDouble(): number {
  floatView.setUint32(0, random.u32());
  floatView.setUint32(4, random.u32());
  const value = floatView.getFloat64(0);
  return Number.isNaN(value) ? 0.5 : value;
}

function pick<T>(items: readonly T[]): T {
  return items[random.below(items.length)];
}

function digits(count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += random.below(10);
  return text;
}

/** Something that looks like a number, and often is none. */
function oddText(): string {
  const number = pick([
    () => digits(1 + random.below(25)),
    () => `${digits(random.below(20))}.${digits(random.below(25))}`,
    () =>
      `${digits(1 + random.below(5))}.${digits(1 + random.below(18))}e${pick(['', '-', '+'])}${digits(1 + random.below(3))}`,
    () => `0x${random.u32().toString(16)}.${random.u32().toString(16)}p${pick(['', '-'])}${random.below(1200)}`,
    () =>
      pick([
        'inf',
        'Infinity',
        'INF',
        'nan',
        'NaN(1)',
        'infinit',
        'e5',
        '.',
        '.e1',
        '0x',
        '0x.p1',
        '0xp1',
        '1e',
        '1e+',
        '',
      ]),
  ])();
  const text = pick(['', '', '', '-', '+', ' ', '--']) + number + pick(['', '', '', '', '', '', ' ', 'x', '\0', 'f']);
  return text;
}

const edgeTexts = [
  ...[
    '0',
    '-0',
    '+0',
    '00',
    '1.',
    '.5',
    '+.5',
    '-.5',
    '1e5',
    '1E5',
    '1e+05',
    '0e999999999999',
    '0x0p-99999',
    '-0x0',
    '1e400',
    '1e-400',
  ],
  ...[
    '2.4703282292062327e-324',
    '2.4703282292062328e-324',
    '4.9e-324',
    '2e-324',
    '1.7976931348623158e308',
    '1.7976931348623159e308',
  ],
  ...[
    '0x1.fffffffffffff7p1023',
    '0x1.fffffffffffff8p1023',
    '0x1p-1074',
    '0x1p-1075',
    '0x1.8p-1075',
    '0x1.00000000000008p0',
  ],
  ...[
    '0x1.000000000000080000000000000001p0',
    '0X1P+3',
    '0x.8',
    '0x8.',
    '0x1p',
    '0x1p+',
    'inf',
    '+inf',
    '-inf',
    '-INFINITY',
    'iNf',
  ],
  ...[
    'nan',
    '-nan',
    '1 ',
    ' 1',
    '\t1',
    '1\n',
    '1\0',
    '',
    '-',
    '+',
    '.',
    'e',
    '1_0',
    '1,5',
    '9007199254740993',
    '1e23',
    '5e-324',
  ],
  ...[
    '0.1',
    '0.30000000000000004',
    '123456789012345678901234567890',
    `0.${'0'.repeat(400)}1`,
    `1${'0'.repeat(400)}`,
    '1e4000',
    '1e4933',
  ],
  ...[
    '1.189731495357231765e4932',
    '1.18973149535723176502e4932',
    '1.1897314953572317651e4932',
    '1e-4950',
    '1e-4951',
    '3e-4951',
    '1e-5000',
  ],
  ...[
    '0x1p16383',
    '0x1.fffffffffffffffep16383',
    '0x1.ffffffffffffffffp16383',
    '0x1p16384',
    '0x1p-16445',
    '0x1p-16446',
    '0x1.8p-16446',
  ],
];

describe('numbers as text', () => {
  it('integers: accepts what the server accepts, exactly', (t) =>
    withRedis(t, async (redis) => {
      const texts = [
        '',
        '0',
        '-0',
        '+1',
        '01',
        '-01',
        ' 1',
        '1 ',
        '1\0',
        '-',
        '--1',
        '9007199254740991',
        '9007199254740992',
        '-9007199254740993',
      ];
      texts.push(
        '9223372036854775807',
        '9223372036854775808',
        '-9223372036854775808',
        '-9223372036854775809',
        '92233720368547758070',
        '0x10',
        '1.0',
      );
      for (let i = 0; i < 300; i++) texts.push(pick(['', '-', '+']) + digits(random.below(22)));
      const replies = await redis.pipeline(
        texts.flatMap((text) => [
          ['SET', 'n', '0'],
          ['INCRBY', 'n', text],
        ]),
      );
      texts.forEach((text, i) => {
        const reply = replies[i * 2 + 1].node;
        const expected = reply.type === ':' ? BigInt(reply.text!) : null;
        assert.equal(parseInt64(text), expected, JSON.stringify(text));
        const value = parseInteger(text);
        assert.equal(typeof value === 'number' ? Number.isSafeInteger(value) : true, true);
        assert.equal(value === null ? null : BigInt(value), expected);
        const buffer = Buffer.from(`x${text}y`, 'latin1');
        const direct = parseIntegerBytes(buffer, 1, text.length);
        assert.equal(direct, typeof value === 'number' ? value : Number.NaN, JSON.stringify(text));
      });
      assert.equal(parseInt64('9223372036854775807'), INT64_MAX);
      assert.equal(parseInt64('-9223372036854775808'), INT64_MIN);
    }));

  it('doubles: accepts what ZADD accepts, and prints the same digits', (t) =>
    withRedis(t, async (redis) => {
      await redis.send('CONFIG', 'SET', 'zset-max-listpack-entries', '0'); // a listpack stores the score −0 as the integer 0
      const texts = [...edgeTexts];
      for (let i = 0; i < 1500; i++) texts.push(oddText());
      const replies = await redis.pipeline(
        texts.flatMap((text) => [
          ['ZADD', 'z', text, 'm'],
          ['ZSCORE', 'z', 'm'],
          ['DEL', 'z'],
        ]),
      );
      texts.forEach((text, i) => {
        const value = parseDouble(text);
        const refused = replies[i * 3].node.type === '-';
        assert.equal(value === null, refused, JSON.stringify(text));
        if (value !== null) assert.equal(formatDouble(value), replies[i * 3 + 1].node.text, JSON.stringify(text));
      });
    }));

  it('doubles: 17 digits for any bit pattern, exact ties to even', (t) =>
    withRedis(t, async (redis) => {
      await redis.send('CONFIG', 'SET', 'zset-max-listpack-entries', '0'); // a listpack stores the score −0 as the integer 0
      const values = [
        0.1 + 0.2,
        1e20,
        1e16,
        1e17,
        123456789012345680,
        2 ** 53,
        2 ** 60,
        1e-4,
        1e-5,
        1.5e-5,
        0.00012345,
        1e100,
        5e-324,
      ];
      for (const k of [1, 3, 5, 7, 9, 11])
        values.push(
          2 ** 51 + k / 4,
          2 ** 51 + k / 2,
          2 ** 48 + k / 32,
          2 ** 40 + k / 2 ** 12,
          k * 2 ** -25,
          -(2 ** 51) - k / 4,
        );
      for (let i = 0; i < 1000; i++)
        values.push(
          anyDouble(),
          random.unit() * 10 ** random.below(20),
          Math.round(random.unit() * 2 ** 53) / 2 ** random.below(60),
        );
      const replies = await redis.pipeline(
        values.flatMap((value) => [
          ['ZADD', 'z', value, 'm'],
          ['ZSCORE', 'z', 'm'],
          ['ZINCRBY', 'z', '-0', 'm'],
        ]),
      );
      values.forEach((value, i) => {
        assert.equal(formatDouble(value), replies[i * 3 + 1].node.text);
        assert.equal(formatDouble(value + -0), replies[i * 3 + 2].node.text);
      });
      assert.deepEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.NaN].map(formatDouble), [
        'inf',
        '-inf',
        '-0',
        'nan',
      ]);
    }));

  it('long doubles: INCRBYFLOAT on a new key gives the parsed number back', (t) =>
    withRedis(t, async (redis) => {
      await redis.send('CONFIG', 'SET', 'zset-max-listpack-entries', '0'); // a listpack stores the score −0 as the integer 0
      const texts = [...edgeTexts];
      for (let i = 0; i < 1000; i++) texts.push(oddText());
      const replies = await redis.pipeline(
        texts.flatMap((text) => [
          ['DEL', 'f'],
          ['INCRBYFLOAT', 'f', text],
        ]),
      );
      const zero = parseLongDouble('0')!;
      texts.forEach((text, i) => {
        const reply = replies[i * 2 + 1].node;
        const value = parseLongDouble(text);
        const printed = value && addLongDouble(zero, value);
        const expected =
          value === null ? 'ERR value is not a valid float' : 'ERR increment would produce NaN or Infinity';
        assert.equal(printed ? formatLongDouble(printed) : expected, reply.text, JSON.stringify(text));
      });
    }));

  it('long doubles: sums round as the 80-bit unit does', (t) =>
    withRedis(t, async (redis) => {
      await redis.send('CONFIG', 'SET', 'zset-max-listpack-entries', '0'); // a listpack stores the score −0 as the integer 0
      const number = () =>
        pick([
          () => `${pick(['', '-'])}${digits(1 + random.below(4))}.${digits(1 + random.below(6))}`,
          () => `${pick(['', '-'])}${digits(1 + random.below(20))}.${digits(1 + random.below(20))}`,
          () => String(random.unit() * 10 ** (random.below(40) - 20)),
          () => `${pick(['', '-'])}0x${random.u32().toString(16)}p${random.below(80) - 40}`,
          () =>
            pick([
              '18446744073709551615',
              '0.5',
              '-0.5',
              '1',
              '-1',
              '1e-17',
              '5e-18',
              '0x1p-18',
              '0x3p-18',
              '0x5p-18',
              '1e4932',
              '-1e4932',
            ]),
        ])();
      const pairs = Array.from({ length: 1500 }, () => [number(), number()] as const);
      pairs.push(
        ['0.1', '0.2'],
        ['3.0e3', '200'],
        ['1e4932', '1e4932'],
        ['5.0e3', '-5.0e3'],
        ['0x1p16383', '0x1p16383'],
        ['1', '-1.00000000000000000001'],
      );
      const replies = await redis.pipeline(
        pairs.flatMap(([a, b]) => [
          ['SET', 'f', a],
          ['INCRBYFLOAT', 'f', b],
        ]),
      );
      pairs.forEach(([a, b], i) => {
        const sum = addLongDouble(parseLongDouble(a)!, parseLongDouble(b)!);
        const printed = sum ? formatLongDouble(sum) : 'ERR increment would produce NaN or Infinity';
        assert.equal(printed, replies[i * 2 + 1].node.text, `${a} + ${b}`);
      });
      assert.equal(addLongDouble(parseLongDouble('inf')!, parseLongDouble('1')!), null);
      assert.equal(addLongDouble(parseLongDouble('inf')!, parseLongDouble('-inf')!), null);
      assert.equal(formatLongDouble(parseLongDouble('-Inf')!), '-inf');
      assert.equal(parseLongDouble('1'.repeat(5120)), null);
      assert.notEqual(parseLongDouble(`0.${'1'.repeat(5117)}`), null);
    }));
});

describe('numbers as text, without a server', () => {
  const timeouts = [
    ['0', 0n],
    ['0.001', 1n],
    ['0.0001', 1n],
    ['1.5', 1500n],
    ['0.1', 100n],
    ['-0.0001', 0n],
    ['-0.5', -500n],
    ['1e-4940', 1n],
    ['9223372036854775.807', 9223372036854775807n],
    ['9223372036854775.808', INT64_MIN],
    ['-9223372036854775.808', -9223372036854775807n],
    ['-9223372036854775.9', INT64_MIN],
    ['123.4567', 123457n],
    ['0x1p-70', 1n],
    ['1e300', INT64_MIN],
    ['inf', INT64_MIN],
  ] as const;
  for (const [text, millis] of timeouts) {
    it(`a timeout of ${text} s is ${millis} ms`, () => assert.equal(millisFromSeconds(parseLongDouble(text)!), millis));
  }

  const fixed = [
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [-2.5, 0, '-2'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [-0.125, 2, '-0.12'],
    [181, 6, '181.000000'],
    [1e21, 2, '1000000000000000000000.00'],
    [1e22, 0, '10000000000000000000000'],
    [-0, 3, '-0.000'],
    [Number.POSITIVE_INFINITY, 6, 'inf'],
  ] as const;
  for (const [value, places, text] of fixed) {
    it(`%.${places}f of ${value} is ${text}`, () => assert.equal(formatFixed(value, places), text));
  }

  it('human digits: no trailing zeros, no negative zero', () => {
    assert.deepEqual([13.361389338970184, 0.5, -0, -1e-20, 3, 2 ** -18, 3 * 2 ** -18].map(formatHuman), [
      '13.36138933897018433',
      '0.5',
      '0',
      '0',
      '3',
      '0.00000381469726562',
      '0.00001144409179688',
    ]);
  });
});
