import type { Example } from './example.js';

/** A use of each method for sorted sets, places and streams. */
export const orderedExamples: Readonly<Record<string, Example>> = {
  bzmpop: {
    how: 'run',
    lines: ["await db.zadd('z', 'a', 1);", "await db.bzmpop(1, ['z'], 'min'); // ['z', [['a', 1]]]"],
  },
  bzpopmax: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.bzpopmax('z', 1); // ['z', 'a', 1]"] },
  bzpopmin: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.bzpopmin('z', 1); // ['z', 'a', 1]"] },
  zadd: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 }); // 2"] },
  zaddIncr: { how: 'run', lines: ["await db.zaddIncr('z', 'a', 2); // 2"] },
  zcard: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zcard('z'); // 2"] },
  zcount: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zcount('z', '-inf', '+inf'); // 2"] },
  zdiff: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zdiff(['a', 'b']); // ['y']",
    ],
  },
  zdiffWithScores: {
    how: 'run',
    lines: ["await db.zadd('a', 'x', 1);", "await db.zdiffWithScores(['a', 'b']); // [['x', 1]]"],
  },
  zdiffstore: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zdiffstore('c', ['a', 'b']); // 1",
    ],
  },
  zincrby: { how: 'run', lines: ["await db.zincrby('z', 2, 'a'); // 2"] },
  zinter: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zinter(['a', 'b']); // ['x']",
    ],
  },
  zinterWithScores: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zinterWithScores(['a', 'b']); // [['x', 4]]",
    ],
  },
  zintercard: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zintercard(['a', 'b']); // 1",
    ],
  },
  zinterstore: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zinterstore('c', ['a', 'b'], { weights: [1, 2] }); // 1",
    ],
  },
  zlexcount: { how: 'run', lines: ["await db.zadd('z', { a: 0, b: 0 });", "await db.zlexcount('z', '-', '+'); // 2"] },
  zmpop: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zmpop(['z'], 'min'); // ['z', [['a', 1]]]"],
  },
  zmscore: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zmscore('z', 'a', 'b'); // [1, 2]"] },
  zpopmax: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.zpopmax('z'); // ['a', 1]"] },
  zpopmaxCount: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.zpopmaxCount('z', 2); // [['a', 1]]"] },
  zpopmin: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.zpopmin('z'); // ['a', 1]"] },
  zpopminCount: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.zpopminCount('z', 2); // [['a', 1]]"] },
  zrandmember: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.zrandmember('z'); // 'a'"] },
  zrandmemberCount: {
    how: 'run',
    lines: ["await db.zadd('z', 'a', 1);", "await db.zrandmemberCount('z', 2); // ['a']"],
  },
  zrandmemberWithScores: {
    how: 'run',
    lines: ["await db.zadd('z', 'a', 1);", "await db.zrandmemberWithScores('z', 2); // [['a', 1]]"],
  },
  zrange: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrange('z', 0, -1, { rev: true }); // ['b', 'a']"],
  },
  zrangeWithScores: {
    how: 'run',
    lines: ["await db.zadd('z', 'a', 1);", "await db.zrangeWithScores('z', 0, -1); // [['a', 1]]"],
  },
  zrangebylex: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 0, b: 0 });", "await db.zrangebylex('z', '-', '+'); // ['a', 'b']"],
  },
  zrangebyscore: {
    how: 'run',
    lines: [
      "await db.zadd('z', { a: 1, b: 2 });",
      "await db.zrangebyscore('z', '-inf', 5, { limit: [0, 10] }); // ['a', 'b']",
    ],
  },
  zrangebyscoreWithScores: {
    how: 'run',
    lines: ["await db.zadd('z', 'a', 1);", "await db.zrangebyscoreWithScores('z', 0, 5); // [['a', 1]]"],
  },
  zrangestore: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zrangestore('b', 'a', 0, -1); // 2",
    ],
  },
  zrank: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrank('z', 'a'); // 0"] },
  zrem: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrem('z', 'a', 'b'); // 2"] },
  zremrangebylex: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 0, b: 0 });", "await db.zremrangebylex('z', '-', '+'); // 2"],
  },
  zremrangebyrank: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zremrangebyrank('z', 0, -1); // 2"],
  },
  zremrangebyscore: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zremrangebyscore('z', 0, 5); // 2"],
  },
  zrevrange: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrevrange('z', 0, -1); // ['b', 'a']"],
  },
  zrevrangebylex: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 0, b: 0 });", "await db.zrevrangebylex('z', '+', '-'); // ['b', 'a']"],
  },
  zrevrangebyscore: {
    how: 'run',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrevrangebyscore('z', 5, 0); // ['b', 'a']"],
  },
  zrevrank: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrevrank('z', 'a'); // 1"] },
  zscan: { how: 'run', lines: ["await db.zadd('z', 'a', 1);", "await db.zscan('z', 0); // ['0', [['a', 1]]]"] },
  zscore: { how: 'run', lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zscore('z', 'a'); // 1"] },
  zunion: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zunion(['a', 'b']); // ['y', 'x']",
    ],
  },
  zunionWithScores: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zunionWithScores(['a', 'b'], { aggregate: 'max' }); // [['y', 2], ['x', 3]]",
    ],
  },
  zunionstore: {
    how: 'run',
    lines: [
      "await db.zadd('a', { x: 1, y: 2 });",
      "await db.zadd('b', { x: 3 });",
      "await db.zunionstore('c', ['a', 'b']); // 2",
    ],
  },
  geoadd: { how: 'run', lines: ["await db.geoadd('g', { Palermo: [13.361389, 38.115556] }); // 1"] },
  geodist: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.geodist('g', 'a', 'b', { unit: 'km' }); // 166.2742",
    ],
  },
  geohash: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.geohash('g', 'a'); // ['sqc8b49rny0']",
    ],
  },
  geopos: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.geopos('g', 'a'); // [[13.361389338970184, 38.1155563954963]]",
    ],
  },
  georadius: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.georadius('g', 15, 37, 200, 'km'); // ['a', 'b']",
    ],
  },
  georadiusDetails: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.georadiusDetails('g', 15, 37, 200, 'km'); // [{ member: 'a', distance: 190.4424, hash: 3479099956230698, longitude: 13.361389338970184, latitude: 38.1155563954963 }, { member: 'b', distance: 56.4413, hash: 3479447370796909, longitude: 15.087267458438873, latitude: 37.50266842333162 }]",
    ],
  },
  georadiusStore: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.georadiusStore('g', 15, 37, 200, 'km', 'near'); // 2",
    ],
  },
  georadiusRo: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.georadiusRo('g', 15, 37, 200, 'km'); // ['a', 'b']",
    ],
  },
  georadiusRoDetails: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.georadiusRoDetails('g', 15, 37, 200, 'km'); // [{ member: 'a', distance: 190.4424, hash: 3479099956230698, longitude: 13.361389338970184, latitude: 38.1155563954963 }, { member: 'b', distance: 56.4413, hash: 3479447370796909, longitude: 15.087267458438873, latitude: 37.50266842333162 }]",
    ],
  },
  georadiusbymember: {
    how: 'run',
    lines: ["await db.geoadd('g', { a: [13, 38] });", "await db.georadiusbymember('g', 'a', 200, 'km'); // ['a']"],
  },
  georadiusbymemberDetails: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13, 38] });",
      "(await db.georadiusbymemberDetails('g', 'a', 9, 'm')).length; // 1",
    ],
  },
  georadiusbymemberStore: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13, 38] });",
      "await db.georadiusbymemberStore('g', 'a', 200, 'km', 'near'); // 1",
    ],
  },
  georadiusbymemberRo: {
    how: 'run',
    lines: ["await db.geoadd('g', { a: [13, 38] });", "await db.georadiusbymemberRo('g', 'a', 200, 'km'); // ['a']"],
  },
  georadiusbymemberRoDetails: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13, 38] });",
      "(await db.georadiusbymemberRoDetails('g', 'a', 9, 'm')).length; // 1",
    ],
  },
  geosearch: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.geosearch('g', { fromLonLat: [15, 37], byRadius: [200, 'km'] }); // ['a', 'b']",
    ],
  },
  geosearchDetails: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.geosearchDetails('g', { fromLonLat: [15, 37], byBox: [400, 400, 'km'] }); // [{ member: 'a', distance: 190.4424, hash: 3479099956230698, longitude: 13.361389338970184, latitude: 38.1155563954963 }, { member: 'b', distance: 56.4413, hash: 3479447370796909, longitude: 15.087267458438873, latitude: 37.50266842333162 }]",
    ],
  },
  geosearchstore: {
    how: 'run',
    lines: [
      "await db.geoadd('g', { a: [13.361389, 38.115556], b: [15.087269, 37.502669] });",
      "await db.geosearchstore('near', 'g', { fromLonLat: [15, 37], byRadius: [200, 'km'] }); // 2",
    ],
  },
  xack: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'group', '$', { mkStream: true });",
      "await db.xadd('x', '1-1', { a: 1 });",
      "await db.xreadgroup('group', 'c', { x: '>' });",
      "await db.xack('x', 'group', '1-1'); // 1",
    ],
  },
  xadd: { how: 'run', lines: ["await db.xadd('x', '1-1', { field: 'value' }, { maxLen: 1000 }); // '1-1'"] },
  xaddIfExists: { how: 'run', lines: ["await db.xaddIfExists('x', '1-1', { field: 'value' }); // null"] },
  xautoclaim: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xautoclaim('x', 'g', 'me', 1000, '0'); // ['0-0', [], []]",
    ],
  },
  xautoclaimIds: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xautoclaimIds('x', 'g', 'me', 1000, '0'); // ['0-0', [], []]",
    ],
  },
  xclaim: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xclaim('x', 'g', 'me', 1000, ['1-1']); // []",
    ],
  },
  xclaimIds: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xclaimIds('x', 'g', 'me', 1000, ['1-1']); // []",
    ],
  },
  xdel: { how: 'run', lines: ["await db.xadd('x', '1-1', { a: 1 });", "await db.xdel('x', '1-1'); // 1"] },
  xgroupCreate: { how: 'run', lines: ["await db.xgroupCreate('x', 'g', '$', { mkStream: true }); // 'OK'"] },
  xgroupCreateConsumer: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xgroupCreateConsumer('x', 'g', 'me'); // true",
    ],
  },
  xgroupDelConsumer: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xgroupDelConsumer('x', 'g', 'me'); // 0",
    ],
  },
  xgroupDestroy: {
    how: 'run',
    lines: ["await db.xgroupCreate('x', 'g', '$', { mkStream: true });", "await db.xgroupDestroy('x', 'g'); // true"],
  },
  xgroupSetId: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xgroupSetId('x', 'g', '0'); // 'OK'",
    ],
  },
  xinfoConsumers: {
    how: 'run',
    lines: ["await db.xgroupCreate('x', 'g', '$', { mkStream: true });", "await db.xinfoConsumers('x', 'g'); // []"],
  },
  xinfoGroups: { how: 'run', lines: ["await db.xadd('x', '1-1', { a: 1 });", "await db.xinfoGroups('x'); // []"] },
  xinfoStream: {
    how: 'run',
    lines: ["await db.xadd('x', '1-1', { a: 1 });", "(await db.xinfoStream('x')).length; // 1"],
  },
  xlen: { how: 'run', lines: ["await db.xadd('x', '1-1', { a: 1 });", "await db.xlen('x'); // 1"] },
  xpending: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xpending('x', 'g'); // [0, null, null, []]",
    ],
  },
  xpendingRange: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xpendingRange('x', 'g', '-', '+', 10); // []",
    ],
  },
  xrange: {
    how: 'run',
    lines: [
      "await db.xadd('x', '1-1', { a: 1 });",
      "await db.xrange('x', '-', '+'); // [{ id: '1-1', fields: { a: '1' } }]",
    ],
  },
  xread: {
    how: 'run',
    lines: [
      "await db.xadd('x', '1-1', { a: 1 });",
      "await db.xread({ x: '0' }, { block: 100 }); // { x: [{ id: '1-1', fields: { a: '1' } }] }",
    ],
  },
  xreadgroup: {
    how: 'run',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xreadgroup('g', 'me', { x: '>' }, { count: 10 }); // null",
    ],
  },
  xrevrange: {
    how: 'run',
    lines: [
      "await db.xadd('x', '1-1', { a: 1 });",
      "await db.xrevrange('x', '+', '-', { count: 1 }); // [{ id: '1-1', fields: { a: '1' } }]",
    ],
  },
  xsetid: { how: 'run', lines: ["await db.xadd('x', '1-1', { a: 1 });", "await db.xsetid('x', '2-1'); // 'OK'"] },
  xtrim: { how: 'run', lines: ["await db.xadd('x', '1-1', { a: 1 });", "await db.xtrim('x', { maxLen: 1000 }); // 0"] },
  xdelex: {
    how: 'newer',
    lines: ["await db.xadd('x', '1-1', { a: 1 });", "await db.xdelex('x', ['1-1', '2-1']); // [1, -1]"],
  },
  xackdel: {
    how: 'newer',
    lines: [
      "await db.xgroupCreate('x', 'g', '$', { mkStream: true });",
      "await db.xadd('x', '1-1', { a: 1 });",
      "await db.xreadgroup('g', 'c', { x: '>' });",
      "await db.xackdel('x', 'g', ['1-1']); // [1]",
    ],
  },
  zrankWithScore: {
    how: 'newer',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrankWithScore('z', 'b'); // [1, 2]"],
  },
  zrevrankWithScore: {
    how: 'newer',
    lines: ["await db.zadd('z', { a: 1, b: 2 });", "await db.zrevrankWithScore('z', 'b'); // [0, 2]"],
  },
};
