import { aList, Check, expectValue, including, refused, type Script } from './script.js';

const entry = (id: string, fields: Record<string, string>) => ({ id, fields });
const first = entry('1-1', { a: '1' });
const second = entry('2-1', { b: 'two' });
const long = 10_000;

/** One object that has at least these properties. */
const oneWith = (part: Readonly<Record<string, unknown>>): Check =>
  new Check((actual) => expectValue(actual, [including(part)]));

export const streamScripts: readonly Script[] = [
  [
    'entries',
    [(db) => db.xadd('s', '1-1', { a: 1 }), '1-1'],
    [(db) => db.xadd('s', '1-1', { a: 1 }), refused('ERR')],
    [(db) => db.xadd('s', '2-*', new Map([['b', 'two']])), '2-0'],
    [(db) => db.xaddIfExists('none', '3-1', { a: 1 }), null],
    [(db) => db.xaddIfExists('s', '3-1', { c: '3' }, { maxLen: 10 }), '3-1'],
    [(db) => db.xlen('s'), 3],
    [(db) => db.xrange('s', '-', '(3-1'), [first, entry('2-0', { b: 'two' })]],
    [(db) => db.xrevrange('s', '+', '-', { count: 1 }), [entry('3-1', { c: '3' })]],
    [(db) => db.xdel('s', '3-1', '9-9'), 1],
    [(db) => db.xtrim('s', { maxLen: 1 }), 1],
    [(db) => db.xsetid('s', '9-9'), 'OK'],
    [(db) => db.xinfoStream('s'), including({ length: 1, lastGeneratedId: '9-9', groups: 0 })],
    [(db) => db.xinfoStreamFull('s'), including({ length: 1, groups: [] })],
    [(db) => db.xinfoStream('none'), refused('ERR')],
    [(db) => db.xinfoHelp(), aList],
  ],
  [
    'reading',
    [(db) => db.xadd('s', '1-1', { a: 1 }), '1-1'],
    [(db) => db.xadd('s', '2-1', { b: 'two' }), '2-1'],
    [(db) => db.xread({ s: '0' }), { s: [first, second] }],
    [(db) => db.xread([['s', '1-1']], { count: 5 }), { s: [second] }],
    [(db) => db.xreadNow({ s: '0', none: '0' }, { count: 1 }), { s: [first] }, 'together'],
    [(db) => db.xreadNow({ s: '9' }), null],
    [(db) => db.xread({ s: '$' }, { block: 1 }), null],
  ],
  [
    'groups',
    [(db) => db.xgroupCreate('s', 'g', '0'), refused('ERR')],
    [(db) => db.xgroupCreate('s', 'g', '0', { mkStream: true }), 'OK'],
    [(db) => db.xgroupCreate('s', 'g', '0'), refused('BUSYGROUP')],
    [(db) => db.xadd('s', '1-1', { a: 1 }), '1-1'],
    [(db) => db.xadd('s', '2-1', { b: 'two' }), '2-1'],
    [(db) => db.xgroupCreateConsumer('s', 'g', 'eve'), true],
    [(db) => db.xgroupCreateConsumer('s', 'g', 'eve'), false],
    [(db) => db.xreadgroup('g', 'ann', { s: '>' }, { count: 1 }), { s: [first] }],
    [(db) => db.xreadgroupNow('g', 'bob', { s: '>' }), { s: [second] }],
    [(db) => db.xreadgroupNow('g', 'bob', { s: '>' }), null],
    [(db) => db.xreadgroupNow('g', 'ann', { s: '0' }), { s: [first] }],
    [(db) => db.xreadgroup('none', 'ann', { s: '>' }), refused('NOGROUP')],
    [(db) => db.xpending('s', 'g'), [2, '1-1', '2-1', [['ann', 1], ['bob', 1]]]], // biome-ignore format: one row
    [
      async (db) =>
        (await db.xpendingRange('s', 'g', '-', '+', 9, { consumer: 'ann' })).map(([id, who, , times]) => [
          id,
          who,
          times,
        ]),
      [['1-1', 'ann', 2]],
    ],
    [(db) => db.xclaim('s', 'g', 'bob', 0, '1-1'), [first]],
    [(db) => db.xclaimIds('s', 'g', 'ann', 0, ['1-1']), ['1-1']],
    [(db) => db.xclaim('s', 'g', 'bob', long, '1-1'), []],
    [(db) => db.xautoclaim('s', 'g', 'eve', 0, '0', { count: 1 }), ['2-1', [first], []]],
    [(db) => db.xautoclaimIds('s', 'g', 'eve', 0, '2-1'), ['0-0', ['2-1'], []]],
    [(db) => db.xack('s', 'g', '1-1', '9-9'), 1],
    [(db) => db.xinfoGroups('s'), oneWith({ name: 'g', consumers: 3, pending: 1, lastDeliveredId: '2-1', lag: 0 })],
    [async (db) => (await db.xinfoConsumers('s', 'g')).map(({ name, pending }) => `${name} ${pending}`).sort(), ['ann 0', 'bob 0', 'eve 1']], // biome-ignore format: one row
    [(db) => db.xgroupSetId('s', 'g', '0'), 'OK'],
    [(db) => db.xgroupDelConsumer('s', 'g', 'eve'), 1],
    [(db) => db.xgroupDestroy('s', 'g'), true],
    [(db) => db.xgroupDestroy('s', 'g'), false],
    [(db) => db.xgroupHelp(), aList],
  ],
];
