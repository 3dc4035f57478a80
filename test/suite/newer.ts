import type { Script } from './script.js';

const far = 4_102_444_800_000;

/** Commands that Redis 7.0 lacks: an older server refuses them. */
export const newerScripts: readonly Script[] = [
  [
    'fields that end',
    [(db) => db.hset('h', { a: '1', b: '2', c: '3' }), 3],
    [(db) => db.hexpire('h', 1000, 'a'), [1], 'newer'],
    [(db) => db.hpexpire('h', 500_000, ['a', 'none'], { xx: true }), [1, -2], 'newer'],
    [(db) => db.hexpireat('h', new Date(far), ['b']), [1], 'newer'],
    [(db) => db.hpexpireat('h', far + 1000, ['a', 'b'], { lt: true }), [0, 0], 'newer'],
    [(db) => db.hexpiretime('h', 'b', 'c', 'none'), [far / 1000, -1, -2], 'newer'],
    [(db) => db.hpexpiretime('h', ['b']), [far], 'newer'],
    [(db) => db.httl('h', 'c'), [-1], 'newer'],
    [(db) => db.hpttl('h', 'c', 'none'), [-1, -2], 'newer'],
    [(db) => db.hpersist('h', 'a', 'c', 'none'), [1, -1, -2], 'newer'],
    [(db) => db.hscanNoValues('h', 0).then(([, fields]) => fields.sort()), ['a', 'b', 'c'], 'newer'],
  ],
  [
    'reading, setting and removing fields at once',
    [(db) => db.hsetex('h', { a: '1', b: '2' }, { pxat: far }), true, 'newer'],
    [(db) => db.hsetex('h', { a: '3' }, { fnx: true }), false, 'newer'],
    [(db) => db.hgetex('h', ['a', 'none'], { persist: true }), ['1', null], 'newer'],
    [(db) => db.hpexpiretime('h', 'a', 'b'), [-1, far], 'newer'],
    [(db) => db.hgetdel('h', 'a', 'none'), ['1', null], 'newer'],
    [(db) => db.hgetdel('h', ['b']), ['2'], 'newer'],
    [(db) => db.exists('h'), 0],
  ],
  [
    'ranks with scores',
    [(db) => db.zadd('z', { a: 1, b: 2.5 }), 2],
    [(db) => db.zrankWithScore('z', 'b'), [1, 2.5], 'newer'],
    [(db) => db.zrevrankWithScore('z', 'b'), [0, 2.5], 'newer'],
    [(db) => db.zrankWithScore('z', 'none'), null, 'newer'],
  ],
  ['waiting for the disk', [(db) => db.waitaof(0, 0, 10).then((reply) => reply.length), 2, 'newer']],
  [
    'strings that are compared',
    [(db) => db.set('k', 'a'), true],
    [(db) => db.set('k', 'c', { ifEq: 'b' }), false, 'newer'],
    [(db) => db.setGet('k', 'b', { ifEq: 'a' }), 'a', 'newer'],
    [(db) => db.delifeq('k', 'a'), false, 'newer'],
    [(db) => db.delifeq('k', 'b'), true, 'newer'],
    [(db) => db.set('k', 'Hello world'), true],
    [(db) => db.digest('k'), 'b6acb9d84a38ff74', 'newer'],
    [(db) => db.delex('k', { ifNe: 'Hello world' }), false, 'newer'],
    [(db) => db.delex('k', { ifDigestEq: 'b6acb9d84a38ff74' }), true, 'newer'],
    [(db) => db.msetex({ k: '1' }, { nx: true, ex: 100 }), true, 'newer'],
    [(db) => db.msetex({ k: '2' }, { nx: true }), false, 'newer'],
  ],
  [
    'entries that are deleted with their references',
    [(db) => db.xadd('s', '1-0', { f: 'v' }), '1-0'],
    [(db) => db.xadd('s', '2-0', { f: 'v' }), '2-0'],
    [(db) => db.xgroupCreate('s', 'g', '0'), 'OK'],
    [(db) => db.xreadgroupNow('g', 'c', { s: '>' }).then((read) => read?.s?.length), 2],
    [(db) => db.xdelex('s', ['1-0', '9-0'], { acked: true }), [2, -1], 'newer'],
    [(db) => db.xackdel('s', 'g', '1-0'), [1], 'newer'],
    [(db) => db.xdelex('s', '2-0', { delRef: true }), [1], 'newer'],
  ],
  [
    'members of a sorted set without their scores',
    [(db) => db.zadd('z', { a: 1, b: 2 }), 2],
    [(db) => db.zscanNoScores('z', 0), ['0', ['a', 'b']], 'newer'],
  ],
  ['the text of a script', [async (db) => db.scriptShow(await db.scriptLoad('return 1')), 'return 1', 'newer']],
];
