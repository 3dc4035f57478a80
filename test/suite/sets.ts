import { anyOrder, near, oneOf, type Script, someOf } from './script.js';

export const setScripts: readonly Script[] = [
  [
    'members',
    [(db) => db.sadd('s', 'a', 'b', 'c'), 3],
    [(db) => db.sadd('s', ['c', 'd']), 1],
    [(db) => db.scard('s'), 4],
    [(db) => db.sismember('s', 'a'), true],
    [(db) => db.sismember('s', 'x'), false],
    [(db) => db.smismember('s', 'a', 'x'), [true, false]],
    [(db) => db.smembers('s'), anyOrder('a', 'b', 'c', 'd')],
    [(db) => db.srem('s', 'd', 'x'), 1],
    [(db) => db.smove('s', 't', 'c'), true, 'together'],
    [(db) => db.smove('s', 't', 'x'), false, 'together'],
    [(db) => db.sscan('t', 0), ['0', ['c']]],
  ],
  [
    'random members',
    [(db) => db.sadd('s', 'a', 'b', 'c'), 3],
    [(db) => db.srandmember('s'), oneOf('a', 'b', 'c')],
    [(db) => db.srandmember('none'), null],
    [(db) => db.srandmemberCount('s', 2), someOf(['a', 'b', 'c'], 2)],
    [(db) => db.srandmemberCount('s', -4), someOf(['a', 'b', 'c'], 4)],
    [(db) => db.spop('s'), oneOf('a', 'b', 'c')],
    [(db) => db.spopCount('s', 5), someOf(['a', 'b', 'c'], 2)],
    [(db) => db.spop('s'), null],
  ],
  [
    'algebra',
    [(db) => db.sadd('a', '1', '2', '3'), 3],
    [(db) => db.sadd('b', '2', '3', '4'), 3],
    [(db) => db.sinter('a', 'b'), anyOrder('2', '3'), 'together'],
    [(db) => db.sintercard(['a', 'b']), 2, 'together'],
    [(db) => db.sintercard(['a', 'b'], { limit: 1 }), 1, 'together'],
    [(db) => db.sunion(['a', 'b']), anyOrder('1', '2', '3', '4'), 'together'],
    [(db) => db.sdiff('a', 'b'), ['1'], 'together'],
    [(db) => db.sinterstore('d', 'a', 'b'), 2, 'together'],
    [(db) => db.sunionstore('d', 'a', 'b'), 4, 'together'],
    [(db) => db.sdiffstore('d', 'a', 'b'), 1, 'together'],
  ],
];

const palermo = [13.361389, 38.115556] as const;
const catania = [15.087269, 37.502669] as const;
const sicily: Script[1] = [(db) => db.geoadd('g', { Palermo: palermo, Catania: catania }), 2];
const around = { fromLonLat: [15, 37], byRadius: [200, 'km'], asc: true } as const;
export const geoScripts: readonly Script[] = [
  [
    'places',
    sicily,
    [(db) => db.geoadd('g', [['Palermo', palermo]], { ch: true }), 0],
    [(db) => db.geodist('g', 'Palermo', 'Catania'), near(166274.1516)],
    [(db) => db.geodist('g', 'Palermo', 'Catania', { unit: 'km' }), near(166.2742)],
    [(db) => db.geodist('g', 'Palermo', 'none'), null],
    [(db) => db.geohash('g', 'Palermo', 'none'), ['sqc8b49rny0', null]],
    [(db) => db.geopos('g', 'none'), [null]],
    [async (db) => (await db.geopos('g', 'Palermo'))[0]![0], near(13.361389, 1e-5)],
  ],
  [
    'searching',
    sicily,
    [(db) => db.geosearch('g', around), ['Catania', 'Palermo']],
    [(db) => db.geosearch('g', { fromMember: 'Palermo', byBox: [400, 400, 'km'], count: 1 }), ['Palermo']],
    [async (db) => (await db.geosearchDetails('g', around)).map(({ member }) => member), ['Catania', 'Palermo']],
    [async (db) => (await db.geosearchDetails('g', around))[0]!.distance, near(56.4413)],
    [(db) => db.geosearchstore('d', 'g', around), 2, 'together'],
    [(db) => db.zcard('d'), 2],
  ],
  [
    'the older radius commands',
    sicily,
    [(db) => db.georadius('g', 15, 37, 200, 'km', { asc: true }), ['Catania', 'Palermo']],
    [(db) => db.georadiusRo('g', 15, 37, 100, 'km'), ['Catania']],
    [(db) => db.georadiusbymember('g', 'Palermo', 10, 'km'), ['Palermo']],
    [(db) => db.georadiusbymemberRo('g', 'Palermo', 10, 'km'), ['Palermo']],
    [async (db) => (await db.georadiusDetails('g', 15, 37, 100, 'km'))[0]!.distance, near(56.4413)],
    [async (db) => (await db.georadiusRoDetails('g', 15, 37, 100, 'km'))[0]!.member, 'Catania'],
    [async (db) => (await db.georadiusbymemberDetails('g', 'Palermo', 10, 'km'))[0]!.distance, 0],
    [async (db) => (await db.georadiusbymemberRoDetails('g', 'Palermo', 10, 'km')).length, 1],
    [(db) => db.georadiusStore('g', 15, 37, 200, 'km', 'd'), 2, 'together'],
    [(db) => db.georadiusStoreDist('g', 15, 37, 200, 'km', 'd'), 2, 'together'],
    [(db) => db.zscore('d', 'Catania'), near(56.4413, 1e-3)],
    [(db) => db.georadiusbymemberStore('g', 'Palermo', 10, 'km', 'd'), 1, 'together'],
    [(db) => db.georadiusbymemberStoreDist('g', 'Palermo', 10, 'km', 'd'), 1, 'together'],
  ],
];
