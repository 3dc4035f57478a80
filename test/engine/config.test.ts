/** The parameter table against a real server: names, defaults, and what becomes of good and bad values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MapReply, type Reply } from '../../src/core/reply.js';
import { Config } from '../../src/engine/config.js';
import { parameters } from '../../src/engine/config-table.js';
import { Engine } from '../../src/engine/engine.js';
import { defaultSettings } from '../../src/engine/settings.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink, encoded } from '../support/side-by-side.js';

/** Given to the server by the test's own command line, or by the place in which it was started. */
const ofTheStart = new Set([
  'port',
  'bind',
  'dir',
  'save',
  'loglevel',
  'enable-debug-command',
  'daemonize',
  'pidfile',
  'logfile',
]);

/** Setting these has effects outside that a test must not cause, or that this server refuses honestly. */
const untouched = new Set([
  'port',
  'bind',
  'dir',
  'tls-port',
  'appendonly',
  'bind-source-addr',
  'maxclients',
  'oom-score-adj',
  'oom-score-adj-values',
  'requirepass',
  'daemonize',
  'pidfile',
  'logfile',
  'activedefrag',
  'watchdog-period',
  'cluster-announce-hostname',
  'cluster-announce-ip',
]);

const values = [
  '',
  '0',
  '1',
  '-1',
  '2',
  '5',
  '99',
  '101',
  '1000',
  '70000',
  '2147483647',
  '2147483648',
  '4294967296',
  '9223372036854775807',
  '9223372036854775808',
  '18446744073709551615',
  '99999999999999999999',
  '-2147483649',
  '1.5',
  ' 1',
  '1 ',
  'yes',
  'YES',
  'no',
  'maybe',
  '1kb',
  '1KB',
  '10mb',
  '3gb',
  '1k',
  '1g',
  'mb',
  '100%',
  '101%',
  '-5%',
  '0777',
  '1777',
  '8',
  'local',
  'debug',
  'notice',
  'NoEviction',
  'allkeys-lru',
  'volatile-ttl',
  'KEA',
  'Kx',
  'q',
  'KEg$lshzxetdmn',
  'AKE',
  '60 100',
  '60',
  '60 100 5',
  '0 5',
  '5 -1',
  'a b',
  '50 99.9',
  '101.5',
  '50 abc',
  'normal 0 0 0',
  'normal 1mb 2kb 5',
  'slave 1 2 3 pubsub 4 5 6',
  'replica 1gb 0 0',
  'master 0 0 0',
  'normal 0 0',
  'normal a 0 0',
  'normal 0 0 -1',
  'ip',
  'hostname',
  'everysec',
  'always',
  'swapdb',
  'on-empty-db',
  'panic',
  'clients',
  'save nosave',
  'now force',
  'save  now',
  'nosave',
  'default',
  'optional',
  'resetchannels',
  'allchannels',
  'a/b',
  'plain.name',
  '{title} {port}',
  '{title} {wrong}',
  '{title',
  'text with "quotes"',
  '\u0001\u00ff',
];

const pairsOf = (reply: Reply): [string, string][] => {
  assert.ok(reply instanceof MapReply);
  const flat = reply.flat as string[];
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as [string, string]] : []));
};

function engineSession(engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes', logLevel: 'warning' } })) {
  return engine.connect(collectingSink([]));
}

describe('configuration', () => {
  it('knows all names with their defaults', async (t) => {
    if (!(await requireRedis(t))) return;
    const server = await startRedis();
    try {
      const client = await RespClient.connect(server.port);
      const session = engineSession();
      const flat = (await client.value('CONFIG', 'GET', '*')) as string[];
      const theirs = new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!]] : [])));
      const ours = new Map(pairsOf(session.call(['CONFIG', 'GET', '*'])));
      assert.deepEqual([...ours.keys()].sort(), [...theirs.keys()].sort());
      for (const [name, value] of theirs) if (!ofTheStart.has(name)) assert.equal(ours.get(name), value, name);
      for (const { name, hidden, own } of parameters) {
        if (!hidden || own) continue;
        assert.deepEqual(
          session.call(['CONFIG', 'GET', name]),
          new MapReply((await client.value('CONFIG', 'GET', name)) as string[]),
          name,
        );
      }
      client.close();
    } finally {
      await server.stop();
    }
  });

  it('takes and refuses the same values, and shows them the same', async (t) => {
    if (!(await requireRedis(t))) return;
    const server = await startRedis();
    try {
      const client = await RespClient.connect(server.port);
      const session = engineSession();
      for (const { name, own } of parameters) {
        if (own || untouched.has(name) || name.startsWith('tls-')) continue;
        const script = values.flatMap((value) => [
          ['CONFIG', 'SET', name, value],
          ['CONFIG', 'GET', name],
        ]);
        const theirs = await client.pipeline(script);
        const ours = script.map((argv) => encoded(session.call([...argv]), 2));
        for (const [i, reply] of ours.entries()) assert.equal(reply, theirs[i]!.raw, script[i]!.join(' '));
      }
      client.close();
    } finally {
      await server.stop();
    }
  });

  it('answers the forms of CONFIG as the server does', async (t) => {
    if (!(await requireRedis(t))) return;
    const server = await startRedis();
    try {
      const client = await RespClient.connect(server.port);
      const session = engineSession();
      const script = [
        ['CONFIG'],
        ['CONFIG', 'FOO'],
        ['CONFIG', 'GET'],
        ['CONFIG', 'SET', 'a'],
        ['CONFIG', 'SET', 'a', 'b'],
        ['CONFIG', 'SET', 'a', 'b', 'c'],
        ['CONFIG', 'SET', 'maxmemory', '10mb', 'nosuch', '1'],
        ['CONFIG', 'GET', 'maxmemory'],
        ['CONFIG', 'SET', 'maxmemory', '10mb', 'hz', 'x'],
        ['CONFIG', 'GET', 'maxmemory'],
        ['CONFIG', 'SET', 'maxmemory', '10mb', 'MaxMemory', '20mb'],
        ['CONFIG', 'SET', 'hash-max-ziplist-value', '7', 'HASH-max-listpack-value', '8'],
        ['CONFIG', 'SET', 'Databases', '3'],
        ['CONFIG', 'SET', 'dir', '/'],
        ['CONFIG', 'SET', 'dbfilename', 'x'],
        ['CONFIG', 'SET', 'zset-max-ziplist-entries', '9', 'list-max-ziplist-size', '-1'],
        ['CONFIG', 'GET', 'zset-max-listpack-entries'],
        ['CONFIG', 'GET', 'LIST-max-ziplist-size'],
        ['CONFIG', 'GET', 'nosuch'],
        ['CONFIG', 'SET', 'hz', '0'],
        ['CONFIG', 'GET', 'hz'],
        ['CONFIG', 'SET', 'hz', '1000'],
        ['CONFIG', 'GET', 'hz'],
        ['CONFIG', 'REWRITE'],
        ['CONFIG', 'RESETSTAT'],
        ['CONFIG', 'RESETSTAT', 'x'],
        ['CONFIG', 'GET', 'use-exit*'],
      ];
      for (const argv of script) {
        assert.equal(encoded(session.call([...argv]), 2), (await client.send(...argv)).raw, argv.join(' '));
      }
      const several = ['CONFIG', 'GET', '*-max-*', 'hz', 'slowlog*', 'HZ'];
      assert.deepEqual(
        pairsOf(session.call(several)).sort(),
        toPairs((await client.value(...several)) as string[]).sort(),
      );
      client.close();
    } finally {
      await server.stop();
    }
  });

  it('writes through to what the engine acts on', () => {
    const engine = new Engine({ seed: 1, databases: 5, settings: { maxmemory: 4096 } });
    const session = engineSession(engine);
    const { config, settings } = engine;
    assert.equal(config.get('maxmemory'), '4096');
    assert.equal(config.get('databases'), '5');
    session.call([
      'CONFIG',
      'SET',
      'hash-max-ziplist-entries',
      '3',
      'requirepass',
      'secret',
      'notify-keyspace-events',
      'KEx',
      'slowlog-log-slower-than',
      '-1',
    ]);
    assert.equal(settings.limits.hashMaxListpackEntries, 3);
    assert.equal(settings.requirepass, 'secret');
    assert.equal(config.get('notify-keyspace-events'), 'xKE');
    assert.equal(engine.plain, false);
    session.call(['CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1kb 2kb 3', 'timeout', '7']);
    assert.deepEqual(settings.outputLimits.pubsub, { hardBytes: 1024, softBytes: 2048, softSeconds: 3 });
    assert.equal(settings.timeout, 7);
    settings.timeout = 9;
    assert.equal(config.get('timeout'), '9');
    session.call(['HSET', 'h', 'a', '1', 'b', '2', 'c', '3']);
    assert.equal(session.call(['OBJECT', 'ENCODING', 'h']), 'listpack');
    session.call(['HSET', 'h', 'd', '4']);
    assert.equal(session.call(['OBJECT', 'ENCODING', 'h']), 'hashtable');
  });

  it('keeps secrets out of the slow log', () => {
    const engine = new Engine({ seed: 1, settings: { slowlogLogSlowerThan: 0 } });
    engineSession(engine).call(['CONFIG', 'SET', 'requirepass', 'secret', 'hz', '11']);
    assert.deepEqual(engine.slowlog.entries[0]!.argv, ['CONFIG', 'SET', 'requirepass', '(redacted)', 'hz', '11']);
  });

  it('takes files: repeated lines of save add up, words may stand in one argument', () => {
    const config = new Config(defaultSettings());
    assert.equal(config.load('save', ['900', '1']), null);
    assert.equal(config.load('save', ['300', '10']), null);
    assert.equal(config.get('save'), '900 1 300 10');
    assert.equal(config.load('SAVE', ['60']), 'Invalid save parameters');
    assert.equal(config.load('save', ['']), null);
    assert.equal(config.get('save'), '', 'none is an end of all');
    assert.equal(config.load('bind', ['127.0.0.1 -::1']), null);
    assert.equal(config.get('bind'), '127.0.0.1 -::1');
    assert.equal(config.load('port', ['1', '2']), 'wrong number of arguments');
    assert.equal(config.load('nosuch', ['1']), undefined);
  });
});

function toPairs(flat: string[]): [string, string][] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as [string, string]] : []));
}
