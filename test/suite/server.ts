import assert from 'node:assert/strict';
import { aList, anything, aText, between, Check, including, matching, refused, type Script } from './script.js';

const help = new Check((actual) => {
  assert.ok(Array.isArray(actual) && actual.length > 2 && actual.every((line) => typeof line === 'string'));
});
const aDate = new Check((actual) => assert.ok(actual instanceof Date && !Number.isNaN(actual.getTime())));

/** Sentinels listen to the nodes that they watch. */
const isSentinel = (client: string): boolean => client.startsWith('sentinel-');

export const connectionScripts: readonly Script[] = [
  [
    'talking',
    [(db) => db.ping(), 'PONG'],
    [(db) => db.pingMessage('hello'), 'hello'],
    [(db) => db.echo('hello'), 'hello'],
    [(db) => db.auth('wrong'), refused('ERR')],
    [(db) => db.select(0), 'OK', 'databases'],
    [(db) => db.select(99), refused('ERR'), 'databases'],
  ],
  [
    'clients',
    [(db) => db.clientId(), between(1, 1e9), 'clients'],
    [(db) => db.clientSetname('me'), 'OK'],
    [(db) => db.clientGetname(), 'me', 'clients'],
    [async (db) => (await db.clientInfo()).name, 'me', 'clients'],
    [
      async (db) =>
        (await db.clientList()).some(({ name, resp, cmd }) => name === 'me' && resp > 1 && cmd === 'client|list'),
      true,
      'clients',
    ],
    [async (db) => (await db.clientList({ type: 'pubsub' })).filter(({ name }) => !isSentinel(name)), [], 'clients'],
    [(db) => db.clientSetname(''), 'OK'],
    [(db) => db.clientGetname(), null, 'clients'],
    [(db) => db.clientKill({ addr: '1.2.3.4:5' }), 0],
    [(db) => db.clientKillAddress('1.2.3.4:5'), refused('ERR')],
    [(db) => db.clientUnblock(999_999), 0],
    [(db) => db.clientNoEvict('off'), 'OK'],
    [(db) => db.clientPause(0), 'OK'],
    [(db) => db.clientUnpause(), 'OK'],
    [(db) => db.clientGetredir(), -1, 'clients'],
    [(db) => db.clientTracking('off'), 'OK'],
    [(db) => db.clientTrackinginfo(), including({ redirect: -1 }), 'clients'],
    [(db) => db.clientCaching('yes'), refused('ERR')],
    [(db) => db.clientHelp(), help],
  ],
];

export const pubsubScripts: readonly Script[] = [
  [
    'nobody listens',
    [(db) => db.publish('c', 'hello'), 0],
    [(db) => db.spublish('c', 'hello'), 0],
    [async (db) => (await db.pubsubChannels()).filter((name) => name !== '__sentinel__:hello'), []],
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
    [
      async (db) => (await db.info({ sections: ['server'] })).server,
      including({ redis_version: matching(/^[78]\./) }),
      'oneServer',
    ],
    [async (db) => Object.keys(await db.info()).length > 5, true, 'oneServer'],
    [(db) => db.time(), [between(1e9, 1e11), between(0, 999_999)]],
    [(db) => db.dbsize(), 0],
    [(db) => db.lastsave(), aDate],
    [(db) => db.role(), aList],
    [(db) => db.lolwut(), aText],
    [(db) => db.moduleList(), []],
    [(db) => db.moduleHelp(), help],
    [(db) => db.wait(0, 1), between(0, 9)],
  ],
  [
    'COMMAND',
    [(db) => db.commandCount(), between(100, 300)],
    [(db) => db.commandGetkeys('MSET', { args: ['a', 1, 'b', 2] }), ['a', 'b']],
    [(db) => db.commandGetkeysandflags('GET', { args: ['a'] }), [['a', ['RO', 'access']]]],
    [(db) => db.commandList({ filterBy: ['pattern', 'xa*d'] }), ['xadd']],
    [
      async (db) => Object.entries((await db.commandInfo({ names: ['get'] }))[0]!).map(([, part]) => part)[8],
      [
        {
          flags: ['RO', 'access'],
          begin_search: { type: 'index', spec: { index: 1 } },
          find_keys: { type: 'range', spec: { lastkey: 0, keystep: 1, limit: 0 } },
        },
      ],
    ],
    [
      (db) => db.commandDocs({ names: ['get'] }),
      including({ get: including({ since: '1.0.0', arguments: [including({ name: 'key', type: 'key' })] }) }),
    ],
    [(db) => db.commandHelp(), help],
  ],
  [
    'slow log and latency',
    [(db) => db.slowlogReset(), 'OK'],
    [(db) => db.slowlogLen(), 0],
    [(db) => db.slowlogGet(), []],
    [(db) => db.slowlogHelp(), help],
    [(db) => db.latencyReset(), 0],
    [(db) => db.latencyLatest(), [], 'oneServer'],
    [(db) => db.latencyHistory('command'), [], 'oneServer'],
    [(db) => db.latencyGraph('command'), refused('ERR'), 'oneServer'],
    [(db) => db.latencyHistogram({ commands: ['ping'] }), anything, 'oneServer'],
    [(db) => db.latencyDoctor(), aText, 'oneServer'],
    [(db) => db.latencyHelp(), help],
  ],
  [
    'memory',
    [(db) => db.set('k', 'v'), true],
    [(db) => db.memoryUsage('k'), between(10, 500)],
    [(db) => db.memoryUsage('none'), null],
    [(db) => db.memoryStats(), including({ 'keys.count': 1 }), 'oneServer'],
    [(db) => db.memoryDoctor(), aText, 'oneServer'],
    [(db) => db.memoryPurge(), 'OK'],
    [(db) => db.memoryMallocStats(), anything, 'oneServer'],
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
    [(db) => db.aclSetuser('ann', ['on', '>pw', '~a*', '+get', '+@hash']), 'OK'],
    [async (db) => Object.keys((await db.aclGetuser('ann')) ?? {}).slice(0, 2), ['flags', 'passwords']],
    [(db) => db.aclGetuser('nobody'), null],
    [(db) => db.aclDryrun('ann', 'GET', ['a1']), 'OK'],
    [
      (db) => db.aclDryrun('ann', 'GET', 'b'),
      matching(/^(This user|User ann) has no permissions to access the 'b' key$/),
    ],
    [
      (db) => db.aclDryrun('ann', 'PING', []),
      matching(/^(This user|User ann) has no permissions to run the 'ping' command$/),
    ],
    [async (db) => (await db.aclList()).length, 2],
    [(db) => db.aclUsers(), ['ann', 'default']],
    [(db) => db.auth('wrong', { username: 'ann' }), refused('WRONGPASS')],
    [
      async (db) => (await db.aclLog({ count: 1 })).map(({ reason, username }) => [reason, username]),
      [['auth', 'ann']],
    ],
    [(db) => db.aclLogReset(), 'OK'],
    [(db) => db.aclLog(), []],
    [(db) => db.aclSetuser('ann', 'nosuch'), refused('ERR')],
    [(db) => db.aclDeluser('ann', 'nobody'), 1],
    [(db) => db.aclSave(), refused('ERR')],
    [(db) => db.aclLoad(), refused('ERR')],
    [(db) => db.aclHelp(), help],
  ],
  [
    'debugging',
    [(db) => db.set('k', 'v'), true],
    [(db) => db.debugDigest(), matching(/^[0-9a-f]{40}$/)],
    [(db) => db.debugDigestValue('k'), [matching(/^[0-9a-f]{40}$/)]],
    [(db) => db.debugObject('k'), including({ encoding: 'embstr' }), 'keysUndeclared'],
    [(db) => db.debugSleep('0'), 'OK'],
    [(db) => db.debug('JMAP', []), refused('ERR')],
  ],
];
