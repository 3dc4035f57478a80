/** Commands that make every type in every encoding, and random data. */
import { Random } from '../../src/core/random.js';

type Command = string[];

const integers = [0, 12, 63, 64, 127, 128, -1, -128, -129, 4095, 4096, -4096, -4097, 32_767, 32_768, -32_769];
const wideIntegers = [
  '8388607',
  '8388608',
  '-8388609',
  '2147483647',
  '2147483648',
  '-2147483649',
  '9223372036854775807',
  '-9223372036854775808',
];
const texts = [
  '',
  'a',
  'x'.repeat(20),
  'ab'.repeat(40),
  'é\x00\xff\r\n',
  '-0',
  '01',
  '+1',
  '1.5',
  'y'.repeat(63),
  'z'.repeat(64),
  'q'.repeat(4095),
  'r'.repeat(4096),
  'long '.repeat(3000),
];
const elements = [...integers.map(String), ...wideIntegers, ...texts];

export function encodingCommands(): Command[] {
  const commands: Command[] = [];
  for (const [i, element] of elements.entries()) commands.push(['SET', `string:${i}`, element]);
  commands.push(
    ['APPEND', 'string:appended', '12'],
    ['APPEND', 'string:appended', '34'],
    ['SETRANGE', 'string:sparse', '100', 'x'],
  );
  commands.push(['RPUSH', 'list:all', ...elements]);
  commands.push(['RPUSH', 'list:one', 'x'], ['RPUSH', 'list:empty element', '']);
  commands.push(['RPUSH', 'list:nodes', ...Array.from({ length: 3000 }, (_, i) => `element ${i}`)]);
  commands.push(['LPUSH', 'list:large', 'L'.repeat(20_000), 'small', 'M'.repeat(9000)]);
  commands.push(
    ['SADD', 'set:16', ...integers.map(String)],
    ['SADD', 'set:32', '1', '70000'],
    ['SADD', 'set:64', ...wideIntegers],
  );
  commands.push(
    ['SADD', 'set:table', ...elements],
    ['SADD', 'set:many', ...Array.from({ length: 600 }, (_, i) => `${i}`)],
  );
  commands.push([
    'HSET',
    'hash:small',
    ...elements.filter((text) => text.length <= 64).flatMap((text, i) => [`f${i}`, text]),
  ]);
  commands.push(['HSET', 'hash:integers', ...integers.flatMap((n) => [`${n}`, `${-n}`])]);
  commands.push(['HSET', 'hash:table', ...elements.flatMap((text, i) => [text, `${i}`])]);
  commands.push(['HSET', 'hash:many', ...Array.from({ length: 600 }, (_, i) => [`field ${i}`, `${i}`]).flat()]);
  const scores = [
    '0',
    '-1',
    '1.5',
    '3',
    '1e300',
    '-inf',
    'inf',
    '0.1',
    '123456789012345678',
    '4611686018427387904',
    '9223372036854775807',
    '1e-10',
    '3.0000000000000004',
  ];
  commands.push(['ZADD', 'zset:small', ...scores.flatMap((score, i) => [score, `member ${i}`])]);
  commands.push(['ZADD', 'zset:integers', ...integers.flatMap((n) => [`${n}`, `${n}`])]);
  commands.push(['ZADD', 'zset:large', ...scores.flatMap((score, i) => [score, `${'m'.repeat(70)}${i}`])]);
  commands.push(['ZADD', 'zset:many', ...Array.from({ length: 200 }, (_, i) => [`${i / 7}`, `m${i}`]).flat()]);
  for (const [i, element] of elements.entries())
    commands.push(['XADD', 'stream:texts', `${i + 1}-${i}`, 'field', element, 'n', `${i}`]);
  for (let i = 1; i < 250; i++)
    commands.push(['XADD', 'stream:nodes', `${i * 1000}-0`, ...(i % 9 === 0 ? ['other', 'o'] : ['same', `${i}`])]);
  commands.push(['XDEL', 'stream:nodes', '5000-0', '8000-0', '249000-0'], ['XTRIM', 'stream:nodes', 'MAXLEN', '200']);
  commands.push(['XADD', 'stream:empty', '5-1', 'a', 'b'], ['XDEL', 'stream:empty', '5-1']);
  commands.push(['XADD', 'stream:huge ids', '18446744073709551615-18446744073709551614', 'a', 'b']);
  for (const group of ['g1', 'g2'])
    commands.push(['XGROUP', 'CREATE', 'stream:nodes', group, group === 'g1' ? '0' : '$']);
  commands.push(['XGROUP', 'CREATECONSUMER', 'stream:nodes', 'g2', 'idle']);
  commands.push(['XREADGROUP', 'GROUP', 'g1', 'alice', 'COUNT', '20', 'STREAMS', 'stream:nodes', '>']);
  commands.push(
    ['XREADGROUP', 'GROUP', 'g1', 'bob', 'COUNT', '5', 'STREAMS', 'stream:nodes', '>'],
    ['XACK', 'stream:nodes', 'g1', '60000-0'],
  );
  commands.push(['PFADD', 'hll', 'a', 'b', 'c']);
  commands.push(['SET', 'ttl', 'v', 'PXAT', '4102444800123']);
  return commands;
}

/** `count` commands over some dozens of keys, the same for the same seed. */
export function randomCommands(seed: number, count: number): Command[] {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const text = (): string => {
    if (random.below(3) === 0) return String(random.below(2 ** 30) - 2 ** 29);
    if (random.below(8) === 0) return pick(['ab', 'xyz', '0']).repeat(random.below(400));
    return Array.from({ length: random.below(40) }, () => String.fromCharCode(random.below(256))).join('');
  };
  const several = (make: () => string[]): string[] => Array.from({ length: 1 + random.below(60) }, make).flat();
  const key = (type: string): string => `${type}:${random.below(12)}`;
  const makers: (() => Command)[] = [
    () => ['SET', key('s'), text()],
    () => ['RPUSH', key('l'), ...several(() => [text()])],
    () => ['LPUSH', key('l'), ...several(() => [text()])],
    () => ['SADD', key('i'), ...several(() => [String(random.below(100_000) - 50_000)])],
    () => ['SADD', key('t'), ...several(() => [text()])],
    () => ['HSET', key('h'), ...several(() => [text(), text()])],
    () => [
      'ZADD',
      key('z'),
      ...several(() => [String(pick([random.below(1000), random.unit() * 1e6, -random.unit()])), text()]),
    ],
    () => ['LPOP', key('l'), '3'],
    () => ['ZREMRANGEBYRANK', key('z'), '0', '1'],
    () => ['PEXPIREAT', key(pick(['s', 'l', 'h', 'z'])), String(4_102_444_800_000 + random.below(1000))],
  ];
  return Array.from({ length: count }, () => pick(makers)());
}
