/** `cluster-enabled yes`: cluster clients work at once, and slots are minded as a real node minds them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { silentSink } from '../../src/backend/silent-sink.js';
import { keySlot } from '../../src/core/crc16.js';
import { ErrorReply } from '../../src/core/reply.js';
import { Config } from '../../src/engine/config.js';
import { Engine } from '../../src/engine/engine.js';
import { defaultSettings } from '../../src/engine/settings.js';
import { type RunningServer, requireRedis, startKeyspan, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';

describe('cluster clients', () => {
  let server: RunningServer;
  before(async () => {
    server = await startKeyspan({ args: ['--cluster-enabled', 'yes'] });
  });
  after(() => server?.stop());

  test('ioredis Cluster', async () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    try {
      assert.equal(await cluster.set('greeting', 'hello'), 'OK');
      assert.equal(await cluster.get('greeting'), 'hello');
      await cluster.mset('{a}1', '1', '{a}2', '2');
      assert.deepEqual(await cluster.mget('{a}1', '{a}2'), ['1', '2']);
      assert.deepEqual(await cluster.pipeline().incr('n').incr('n').exec(), [
        [null, 1],
        [null, 2],
      ]);
      assert.deepEqual(await cluster.multi().set('{b}x', '1').get('{b}x').exec(), [
        [null, 'OK'],
        [null, '1'],
      ]);
      await assert.rejects(cluster.mset('a', '1', 'b', '2'), /CROSSSLOT/);
      assert.equal(cluster.nodes('master').length, 1);
    } finally {
      cluster.disconnect();
    }
  });

  test('node-redis createCluster', async () => {
    const cluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${server.port}` }] });
    await cluster.connect();
    try {
      assert.equal(await cluster.set('from node-redis', 'yes'), 'OK');
      assert.equal(await cluster.get('from node-redis'), 'yes');
      assert.equal(await cluster.eval('return redis.call("incr", KEYS[1])', { keys: ['counter'] }), 1);
      let heard = '';
      await cluster.sSubscribe('news', (message) => {
        heard = message;
      });
      await cluster.sPublish('news', 'arrived');
      await until(() => heard !== '', 'the message');
      assert.equal(heard, 'arrived');
    } finally {
      cluster.destroy();
    }
  });
});

/** A real node that was given all slots by hand says what ours says. */
const requests: (string | number)[][] = [
  ['SET', 'a', '1'],
  ['MSET', 'a', '1', 'b', '2'],
  ['MSET', '{t}a', '1', '{t}b', '2'],
  ['DEL', 'a', 'a'],
  ['MULTI'],
  ['SET', '{t}a', '3'],
  ['GET', 'b'],
  ['EXEC'],
  ['MULTI'],
  ['MGET', 'a', 'b'],
  ['EXEC'],
  ['SELECT', 0],
  ['SELECT', 1],
  ['SWAPDB', 0, 1],
  ['MOVE', 'a', 1],
  ['COPY', 'a', 'a2', 'DB', 1],
  ['EVAL', 'return redis.call("get", KEYS[1])', 1, '{t}a'],
  ['EVAL', 'return 1', 2, 'a', 'b'],
  ['EVAL', '#!lua\nredis.call("set", "bar", "x") redis.call("set", "foo", "x")', 0],
  ['EVAL', '#!lua flags=allow-cross-slot-keys\nredis.call("set", "bar", "x") redis.call("set", "foo", "x")', 0],
  ['EVAL', 'redis.call("set", "bar", "x") redis.call("set", "foo", "x")', 0],
  ['EVAL', '#!lua flags=no-cluster\nreturn 1', 0],
  ['ASKING'],
  ['READONLY'],
  ['READWRITE'],
  ['SSUBSCRIBE', 'a', 'b'],
  ['SPUBLISH', 'a', 'x'],
  ['REPLICAOF', '127.0.0.1', '1'],
  ['FAILOVER'],
  ['CLUSTER', 'KEYSLOT', '{user}1'],
  ['CLUSTER', 'COUNTKEYSINSLOT', keySlot('{t}a')],
  ['CLUSTER', 'COUNTKEYSINSLOT', -1],
  ['CLUSTER', 'COUNTKEYSINSLOT', 'x'],
  ['CLUSTER', 'GETKEYSINSLOT', keySlot('bar'), 10],
  ['CLUSTER', 'GETKEYSINSLOT', 20000, 10],
  ['CLUSTER', 'ADDSLOTS', 1],
  ['CLUSTER', 'ADDSLOTS', 99999],
  ['CLUSTER', 'ADDSLOTSRANGE', 5, 1],
  ['CLUSTER', 'DELSLOTS', 1, 1],
  ['CLUSTER', 'DELSLOTS', 1],
  ['CLUSTER', 'DELSLOTS', 1],
  ['SET', 'a', '1'],
  ['GET', 'a'],
  ['CLUSTER', 'ADDSLOTS', 1],
  ['CLUSTER', 'DELSLOTSRANGE', 10, 12],
  ['CLUSTER', 'ADDSLOTSRANGE', 10, 12],
  ['CLUSTER', 'FORGET', 'x'.repeat(40)],
  ['CLUSTER', 'REPLICATE', 'x'.repeat(40)],
  ['CLUSTER', 'REPLICAS', 'x'.repeat(40)],
  ['CLUSTER', 'COUNT-FAILURE-REPORTS', 'x'.repeat(40)],
  ['CLUSTER', 'FAILOVER'],
  ['CLUSTER', 'FLUSHSLOTS'],
  ['CLUSTER', 'RESET'],
  ['CLUSTER', 'SETSLOT', 1, 'MIGRATING', 'x'.repeat(40)],
  ['CLUSTER', 'SETSLOT', 1, 'IMPORTING', 'x'.repeat(40)],
  ['CLUSTER', 'SETSLOT', 1, 'STABLE'],
  ['CLUSTER', 'SETSLOT', 1, 'NODE', 'x'.repeat(40)],
  ['CLUSTER', 'SETSLOT', 1, 'WHAT', 'x'],
  ['CLUSTER', 'LINKS'],
  ['CLUSTER', 'SAVECONFIG'],
  ['CLUSTER', 'WHAT'],
  ['RESTORE-ASKING', 'a', 0, 'x'],
];

test('a single node answers as a real one', async (t) => {
  if (!(await requireRedis(t))) return;
  const theirs = await startRedis({ args: ['--cluster-enabled', 'yes'] });
  t.after(() => theirs.stop());
  const ours = await startKeyspan({ args: ['--cluster-enabled', 'yes'] });
  t.after(() => ours.stop());
  const clients = await Promise.all([theirs, ours].map(({ port }) => RespClient.connect(port)));
  const [real, own] = clients as [RespClient, RespClient];
  try {
    assert.equal(await real.value('CLUSTER', 'ADDSLOTSRANGE', 0, 16383), 'OK');
    assert.equal(await own.value('CLUSTER', 'ADDSLOTSRANGE', 0, 16383), 'OK');
    await until(async () => String(await real.value('CLUSTER', 'INFO')).includes('cluster_state:ok'), 'the cluster');
    for (const request of requests) {
      const [expected, actual] = [await real.send(...request), await own.send(...request)];
      assert.equal(actual.raw, expected.raw, request.join(' '));
    }
    const shape = (text: unknown): string[] => String(text).replace(/:\d+/g, ':n').split('\r\n');
    assert.deepEqual(shape(await own.value('CLUSTER', 'INFO')), shape(await real.value('CLUSTER', 'INFO')));
    const slots = (await own.value('CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][];
    assert.deepEqual(slots[0]!.slice(0, 2), [0, 16383]);
    assert.deepEqual(slots[0]![2].slice(0, 3), ['127.0.0.1', ours.port, await own.value('CLUSTER', 'MYID')]);
    const line = String(await own.value('CLUSTER', 'NODES'));
    assert.match(line, /^[0-9a-f]{40} 127\.0\.0\.1:\d+@\d+ myself,master - 0 0 \d+ connected 0-16383\n$/);
    await own.value('FLUSHALL');
    assert.equal(await own.value('CLUSTER', 'FLUSHSLOTS'), 'OK');
    assert.match(String(await own.value('GET', 'a')), /CLUSTERDOWN Hash slot not served/);
    assert.equal(await own.value('CLUSTER', 'ADDSLOTS', keySlot('a')), 'OK');
    assert.match(String(await own.value('GET', 'a')), /CLUSTERDOWN The cluster is down/);
    assert.equal(await own.value('CLUSTER', 'RESET', 'HARD'), 'OK');
    assert.equal(await own.value('GET', 'a'), null);
  } finally {
    for (const client of clients) client.close();
  }
});

test('without cluster-enabled every subcommand says so, and READONLY and ASKING too', async (t) => {
  if (!(await requireRedis(t))) return;
  const theirs = await startRedis();
  t.after(() => theirs.stop());
  const ours = await startKeyspan();
  t.after(() => ours.stop());
  const clients = await Promise.all([theirs, ours].map(({ port }) => RespClient.connect(port)));
  const [real, own] = clients as [RespClient, RespClient];
  try {
    for (const request of [
      ...requests.filter(([word]) => word === 'CLUSTER'),
      ['ASKING'],
      ['READONLY'],
      ['READWRITE'],
    ]) {
      const [expected, actual] = [await real.send(...request), await own.send(...request)];
      assert.equal(actual.raw, expected.raw, request.join(' '));
    }
  } finally {
    for (const client of clients) client.close();
  }
});

describe('a node that knows others', () => {
  const config = new Config(defaultSettings());
  config.put('cluster-enabled', 'yes');
  const engine = new Engine({ config, seed: 1 });
  const session = engine.connect(silentSink());
  const other = { id: 'b'.repeat(40), host: '10.0.0.2', port: 7002 };
  const slot = keySlot('key');
  const say = (...argv: string[]): string => {
    const reply = session.call(argv);
    return reply instanceof ErrorReply ? reply.text : JSON.stringify(reply);
  };

  test('redirects with MOVED, ASK and TRYAGAIN', () => {
    engine.cluster!.know(other);
    say('SET', '{key}here', '1');
    say('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', other.id);
    assert.equal(say('GET', '{key}here'), '"1"');
    assert.equal(say('GET', 'key'), `ASK ${slot} 10.0.0.2:7002`);
    assert.equal(say('MGET', '{key}here', 'key'), 'TRYAGAIN Multiple keys request during rehashing of slot');
    say('DEL', '{key}here');
    say('CLUSTER', 'SETSLOT', String(slot), 'NODE', other.id);
    assert.equal(say('GET', 'key'), `MOVED ${slot} 10.0.0.2:7002`);
    say('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', other.id);
    assert.equal(say('SET', 'key', '1'), `MOVED ${slot} 10.0.0.2:7002`);
    say('ASKING');
    assert.equal(say('SET', 'key', '1'), '{"text":"OK"}');
    assert.equal(say('GET', 'key'), `MOVED ${slot} 10.0.0.2:7002`);
    say('MULTI');
    assert.equal(say('GET', 'key'), `MOVED ${slot} 10.0.0.2:7002`);
    assert.match(say('EXEC'), /^EXECABORT/);
  });
});
