import assert from 'node:assert/strict';
import { aList, anything, aText, between, Check, including, matching, refused, type Script } from './script.js';

const help = new Check((actual) => {
  assert.ok(Array.isArray(actual) && actual.length > 2 && actual.every((line) => typeof line === 'string'));
});
const aDate = new Check((actual) => assert.ok(actual instanceof Date && !Number.isNaN(actual.getTime())));

export const connectionScripts: readonly Script[] = [
  [
    'talking',
    [(db) => db.ping(), 'PONG'],
    [(db) => db.pingMessage('hello'), 'hello'],
    [(db) => db.echo('hello'), 'hello'],
    [(db) => db.auth('wrong'), refused('ERR')],
    [(db) => db.select(0), 'OK'],
    [(db) => db.select(99), refused('ERR')],
  ],
  [
    'clients',
    [(db) => db.clientId(), between(1, 1e9)],
    [(db) => db.clientSetname('me'), 'OK'],
    [(db) => db.clientGetname(), 'me'],
    [(db) => db.clientInfo(), matching(/name=me/)],
    [(db) => db.clientList(), matching(/name=me/)],
    [(db) => db.clientList({ type: 'pubsub' }), ''],
    [(db) => db.clientSetname(''), 'OK'],
    [(db) => db.clientGetname(), null],
    [(db) => db.clientKill({ addr: '1.2.3.4:5' }), 0],
    [(db) => db.clientKillAddress('1.2.3.4:5'), refused('ERR')],
    [(db) => db.clientUnblock(999_999), 0],
    [(db) => db.clientNoEvict('off'), 'OK'],
    [(db) => db.clientPause(0), 'OK'],
    [(db) => db.clientUnpause(), 'OK'],
    [(db) => db.clientGetredir(), -1],
    [(db) => db.clientTracking('off'), 'OK'],
    [(db) => db.clientTrackinginfo(), including({ redirect: -1 })],
    [(db) => db.clientCaching('yes'), refused('ERR')],
    [(db) => db.clientHelp(), help],
  ],
];

export const pubsubScripts: readonly Script[] = [
  [
    'nobody listens',
    [(db) => db.publish('c', 'hello'), 0],
    [(db) => db.spublish('c', 'hello'), 0],
    [(db) => db.pubsubChannels(), []],
    [(db) => db.pubsubChannels({ pattern: 'x*' }), []],
    [(db) => db.pubsubNumpat(), 0],
    [(db) => db.pubsubNumsub({ channels: ['c'] }), [['c', 0]]],
    [(db) => db.pubsubShardchannels(), []],
    [(db) => db.pubsubShardnumsub({ channels: ['c'] }), [['c', 0]]],
    [(db) => db.pubsubHelp(), help],
  ],
];

export const serverScripts: readonly Script[] = [
  [
    'configuration',
    [(db) => db.configSet('hash-max-listpack-entries', 100), 'OK'],
    [(db) => db.configGet('hash-max-listpack-entries'), { 'hash-max-listpack-entries': '100' }],
    [(db) => db.configSet({ 'hash-max-listpack-entries': 128, 'set-max-intset-entries': 512 }), 'OK'],
    [(db) => db.configSet('nosuch', 1), refused('ERR')],
    [(db) => db.configResetstat(), 'OK'],
    [(db) => db.configRewrite(), refused('ERR')],
    [(db) => db.configHelp(), help],
  ],
  [
    'facts',
    [async (db) => (await db.info({ sections: ['server'] })).server, including({ redis_version: matching(/^7\./) })],
    [async (db) => Object.keys(await db.info()).length > 5, true],
    [(db) => db.time(), [between(1e9, 1e11), between(0, 999_999)]],
    [(db) => db.dbsize(), 0],
    [(db) => db.lastsave(), aDate],
    [(db) => db.role(), aList],
    [(db) => db.lolwut(), aText],
    [(db) => db.moduleList(), []],
    [(db) => db.moduleHelp(), help],
    [(db) => db.wait(0, 1), 0],
  ],
  [
    'COMMAND',
    [(db) => db.commandCount(), between(100, 300)],
    [(db) => db.commandGetkeys('MSET', { args: ['a', 1, 'b', 2] }), ['a', 'b']],
    [(db) => db.commandGetkeysandflags('GET', { args: ['a'] }), [['a', ['RO', 'access']]]],
    [(db) => db.commandList({ filterBy: ['pattern', 'xa*d'] }), ['xadd']],
    [(db) => db.commandInfo({ names: ['get'] }), aList],
    [(db) => db.commandDocs({ names: ['get'] }), including({ get: including({ since: '1.0.0' }) })],
    [(db) => db.commandHelp(), help],
  ],
  [
    'slow log and latency',
    [(db) => db.slowlogReset(), 'OK'],
    [(db) => db.slowlogLen(), 0],
    [(db) => db.slowlogGet(), []],
    [(db) => db.slowlogHelp(), help],
    [(db) => db.latencyReset(), 0],
    [(db) => db.latencyLatest(), []],
    [(db) => db.latencyHistory('command'), []],
    [(db) => db.latencyGraph('command'), refused('ERR')],
    [(db) => db.latencyHistogram({ commands: ['ping'] }), anything],
    [(db) => db.latencyDoctor(), aText],
    [(db) => db.latencyHelp(), help],
  ],
  [
    'memory',
    [(db) => db.set('k', 'v'), true],
    [(db) => db.memoryUsage('k'), between(10, 500)],
    [(db) => db.memoryUsage('none'), null],
    [(db) => db.memoryStats(), including({ 'keys.count': 1 })],
    [(db) => db.memoryDoctor(), aText],
    [(db) => db.memoryPurge(), 'OK'],
    [(db) => db.memoryMallocStats(), anything],
    [(db) => db.memoryHelp(), help],
  ],
  [
    'users',
    [(db) => db.aclWhoami(), 'default'],
    [(db) => db.aclUsers(), ['default']],
    [
      (db) => db.aclCat({ category: 'hyperloglog' }),
      new Check((actual) => assert.ok((actual as string[]).includes('pfadd'))),
    ],
    [(db) => db.aclGenpass({ bits: 5 }), matching(/^[0-9a-f]{2}$/)],
    [(db) => db.aclHelp(), help],
  ],
  [
    'debugging',
    [(db) => db.set('k', 'v'), true],
    [(db) => db.debugDigest(), matching(/^[0-9a-f]{40}$/)],
    [(db) => db.debugDigestValue('k'), [matching(/^[0-9a-f]{40}$/)]],
    [(db) => db.debugObject('k'), including({ encoding: 'embstr' })],
    [(db) => db.debugSleep('0'), 'OK'],
    [(db) => db.debug('JMAP', []), refused('ERR')],
  ],
];
