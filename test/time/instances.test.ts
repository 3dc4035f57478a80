import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { type Embedded, embedded } from '../../src/embedded.js';
import { digestOfAll } from '../../src/engine/digest.js';
import { Instance, instanceNamed, instances } from '../../src/instances.js';

const START = 1_700_000_000_000;

function made(): { clock: ManualClock; db: Instance } {
  const clock = new ManualClock(START);
  return { clock, db: new Instance({ clock, seed: 1 }) };
}

describe('an instance', () => {
  it('gives values back as what they were', () => {
    const { db } = made();
    for (const value of [
      1,
      -2.5,
      'text',
      'zwölf',
      '5',
      '',
      true,
      null,
      { a: [1, 'x'], b: { c: null } },
      '\u0000j{}',
    ] as const) {
      db.setValue('ключ', value);
      assert.deepEqual(db.getValue('ключ'), value);
    }
    db.setValue('n', 5);
    assert.equal(db.incrby('n'), 6);
    assert.equal(db.decrby('n', 10), -4);
    assert.equal(db.getValue('n'), -4);
    assert.deepEqual(db.mget(['n', 'absent']), [-4, null]);
    db.mset({ x: { deep: true }, y: 'z' });
    assert.deepEqual(db.mget(['x', 'y']), [{ deep: true }, 'z']);
    assert.equal(db.append('y', 1), 2);
    assert.equal(db.strlen('y'), 2);
    assert.equal(db.getset('y', 3), 'z1');
    assert.equal(db.setnx('y', 4), false);
    assert.equal(db.del(['x', 'y', 'absent']), 2);
    assert.equal(db.keyExists('y'), false);
    assert.equal(db.exists(['n', 'x']), 1);
    assert.equal(db.type('n'), 'string');
    db.close();
  });

  it('keeps hashes, lists and sets', () => {
    const { db } = made();
    assert.equal(db.hset('h', 'f', { a: 1 }), 1);
    assert.deepEqual(db.hget('h', 'f'), { a: 1 });
    assert.equal(db.hget('h', 'absent', 'default'), 'default');
    db.hmset('h', { n: 1, __proto: 'x' });
    assert.deepEqual(db.hgetall('h'), { f: { a: 1 }, n: 1, __proto: 'x' });
    assert.equal(db.hincrbyfloat('h', 'n', 0.5), 1.5);
    assert.deepEqual(db.hmget('h', ['n', 'absent']), [1.5, null]);
    assert.equal(db.hdel('h', ['f', 'n']), 2);
    assert.deepEqual(
      [db.hkeys('h'), db.hvals('h'), db.hlen('h'), db.hexists('h', 'n')],
      [['__proto'], ['x'], 1, false],
    );
    assert.equal(db.rpush('l', [1, 'two', { three: 3 }]), 3);
    assert.equal(db.lpush('l', 0), 4);
    assert.deepEqual(db.lget('l'), [0, 1, 'two', { three: 3 }]);
    assert.equal(db.lmove('l', 'm', 'LEFT', 'RIGHT'), 0);
    assert.equal(db.linsert('l', 'BEFORE', 'two', 1.5), 4);
    db.lset('l', 0, 'one');
    assert.equal(db.lrem('l', 0, 1.5), 1);
    assert.deepEqual([db.lindex('l', 0), db.rpop('l'), db.llen('l')], ['one', { three: 3 }, 2]);
    assert.equal(db.sadd('s', [1, 'a', [2]]), 3);
    assert.equal(db.srem('s', ['a', 'absent']), 1);
    assert.equal(db.sismember('s', [2]), true);
    assert.equal(db.sadd('t', 1), 1);
    assert.deepEqual(db.sinter(['s', 't']), [1]);
    assert.deepEqual(db.sdiff(['s', 't']), [[2]]);
    assert.equal(db.smove('s', 't', [2]), true);
    assert.equal(db.sunionstore('u', ['s', 't']), 2);
    assert.equal(db.srandmember('u', -5).length, 5);
    db.close();
  });

  it('pops what of a schedule is ready', () => {
    const { db } = made();
    db.zadd('jobs', { job: 1 }, 100);
    db.zadd('jobs', 'b', 200);
    db.zadd('jobs', 'c', 300);
    assert.deepEqual(db.zpopready('jobs', 200), [{ job: 1 }, 'b']);
    assert.deepEqual(db.zpopready('jobs', 200), []);
    assert.deepEqual(db.zrange('jobs', 0, -1, true), [['c', 300]]);
    assert.equal(db.zincrby('jobs', 2.5, 'c'), 302.5);
    assert.deepEqual(
      [db.zscore('jobs', 'c'), db.zscore('jobs', 'x'), db.zrank('jobs', 'c'), db.zrevrank('jobs', 'x')],
      [302.5, null, 0, null],
    );
    assert.equal(db.zcount('jobs', -Infinity, Infinity), 1);
    assert.equal(db.zinterstore('none', ['jobs', 'absent']), 0);
    assert.equal(db.keyExists('none'), false);
    db.close();
  });

  it('counts time in milliseconds', async () => {
    const { clock, db } = made();
    db.setValue('k', 'v');
    assert.equal(db.ttl('k'), -1);
    assert.equal(db.expire('k', 1500), true);
    assert.equal(db.ttl('k'), 1500);
    assert.equal(db.persist('k'), true);
    db.setex('k', 2, 'w');
    assert.equal(db.ttl('k'), 2000);
    clock.advance(2001);
    assert.deepEqual([db.getValue('k'), db.ttl('k')], [null, -2]);
    const popped = db.blpop(['a', 'b'], 5000);
    db.rpush('b', { x: 1 });
    assert.deepEqual(await popped, ['b', { x: 1 }]);
    const late = db.brpop('a', 1000);
    clock.advance(1001);
    assert.equal(await late, null);
    db.close();
  });

  it('tells objects of messages and of events of a key', () => {
    const { clock, db } = made();
    const heard: string[] = [];
    const one = {
      message: (channel: string, message: string, pattern?: string) =>
        heard.push(`${pattern ?? ''}|${channel}|${message}`),
    };
    db.subscribe('news', one);
    db.subscribe('news', one);
    db.psubscribe('n*', one);
    db.publish('news', 'zwölf');
    assert.deepEqual(heard.splice(0), ['|news|zwölf', 'n*|news|zwölf']);
    assert.deepEqual(db.subscriptions(), { channels: { news: 1 }, patterns: { 'n*': 1 } });
    db.unsubscribe('news', one);
    db.punsubscribe('n*', one);
    db.publish('news', 'nobody');
    assert.deepEqual(heard, []);
    const events: string[] = [];
    const stop = db.onKey('k', (event) => events.push(event));
    db.setValue('k', 1);
    db.expire('k', 10);
    clock.advance(11);
    db.setValue('other', 1);
    stop();
    db.setValue('k', 2);
    assert.deepEqual(events, ['set', 'expire', 'expired']);
    db.close();
  });

  it('is found by name', () => {
    const before = instances().length;
    const one = new Instance({ name: 'players' });
    const two = new Instance();
    assert.equal(instanceNamed('players'), one);
    assert.deepEqual(instances().slice(before), [
      { id: one.id, name: 'players', instance: one },
      { id: two.id, name: `instance-${two.id}`, instance: two },
    ]);
    one.setValue('k', 1);
    assert.equal(two.getValue('k'), null);
    one.close();
    two.close();
    assert.equal(instanceNamed('players'), null);
    assert.equal(instances().length, before);
  });

  it('has no bug of the store it takes its names from', () => {
    const { clock, db } = made();
    // A value that is set anew stays; so do writes to a key whose time is over and that nobody has looked at.
    db.setValue('k', 1);
    db.expire('k', 100);
    db.setValue('k', 2);
    assert.equal(db.ttl('k'), -1);
    db.engine.activeExpiry.enabled = false;
    db.expire('k', 100);
    clock.advance(101);
    db.hset('k', 'f', 1);
    clock.advance(1000);
    assert.deepEqual(db.hgetall('k'), { f: 1 });
    // An emptied collection takes its TTL along.
    db.sadd('s', 'a');
    db.expire('s', 100);
    db.srem('s', 'a');
    assert.equal(db.keyExists('s'), false);
    db.sadd('s', 'b');
    assert.equal(db.ttl('s'), -1);
    // Renamed and restored keys expire by themselves.
    db.engine.activeExpiry.enabled = true;
    db.setValue('old', 1);
    db.expire('old', 100);
    assert.equal(db.renamenx('old', 'new'), true);
    const dumped = db.dataset.dumpKey('new')!;
    db.dataset.restoreKey('copy', dumped);
    clock.advance(101);
    assert.equal(db.dbsize(), 2);
    // Flushing and loading leave subscriptions alone.
    const heard: string[] = [];
    db.subscribe('c', { message: (_channel, message) => heard.push(message) });
    const dump = db.dump();
    db.flushall();
    db.restore(dump);
    db.publish('c', 'still');
    assert.deepEqual(heard, ['still']);
    db.close();
  });
});

describe('a dataset', () => {
  const filled = (): Embedded => {
    const all = embedded({ seed: 3, clock: new ManualClock(START) });
    const { engine } = all;
    const session = engine.connect({ reply() {}, push() {}, close() {}, resume() {}, stats: engineStats });
    const binary = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
    const give = (...words: string[]): unknown => session.call(words);
    give('SET', 'text', 'zwölf');
    give('SET', binary, binary, 'PX', '90000');
    give('SET', 'int', '-12');
    give('RPUSH', 'list', 'a', binary, '');
    give('SADD', 'ints', '3', '1');
    give('SADD', 'set', 'x', binary);
    give('HSET', 'hash', 'f', binary, '__proto__', 'v');
    give('ZADD', 'zset', '1.5', 'a', '-inf', 'b', '+inf', 'c', '0.1', binary);
    give('XADD', 'stream', '5-1', 'f', binary);
    give('XADD', 'stream', '6-0', 'f', 'v', 'g', 'w');
    give('XADD', 'stream', '7-0', 'f', 'v');
    give('XDEL', 'stream', '6-0');
    give('XGROUP', 'CREATE', 'stream', 'group', '0');
    give('XREADGROUP', 'GROUP', 'group', 'consumer', 'STREAMS', 'stream', '>');
    give('XADD', 'gone', '1-0', 'f', 'v');
    give('XDEL', 'gone', '1-0');
    give('FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
    give('SELECT', '3');
    give('SET', 'elsewhere', 'v');
    session.end();
    return all;
  };
  const engineStats = {
    address: '',
    localAddress: '',
    fd: 1,
    queryBufferBytes: 0,
    queryBufferFreeBytes: 0,
    outputBufferBytes: 0,
    outputListLength: 0,
    outputListBytes: 0,
  };

  for (const backend of ['rdb', 'aof', 'json', 'memory']) {
    it(`comes back exactly from ${backend}`, () => {
      const { engine, dataset, sync } = filled();
      const digest = digestOfAll(engine.databases);
      const info = JSON.stringify(sync.xinfoStream('stream'));
      const data = dataset.dump(backend);
      sync.flushall();
      sync.functionFlush();
      sync.set('other', 'x');
      dataset.restore(data, backend);
      assert.equal(digestOfAll(engine.databases), digest);
      assert.equal(JSON.stringify(sync.xinfoStream('stream')), info);
      assert.equal(sync.fcall('f', [], []), 1);
      const used = engine.meter.used;
      sync.flushall();
      assert.ok(engine.meter.used < used);
      assert.equal(engine.meter.used, engine.startupBytes);
    });
  }

  it('leaves out what is not wanted', () => {
    const { dataset, sync } = embedded({ seed: 1 });
    sync.mset({ 'user:1': 'a', 'user:2': 'b', 'tmp:1': 'c' });
    const data = dataset.dump('json', { include: ['user:', 'tmp:'], exclude: ['user:2'] });
    assert.deepEqual(sync.dbsize(), 3);
    dataset.restore(data, 'json', { exclude: ['tmp:'] });
    assert.deepEqual(sync.keys('*'), ['user:1']);
  });

  it('stays as it was when what is loaded is broken', () => {
    const { dataset, engine } = filled();
    const digest = digestOfAll(engine.databases);
    for (const backend of ['rdb', 'aof', 'json']) {
      const data = (dataset.dump(backend) as Uint8Array).slice();
      for (const cut of [1, 10, data.length >> 1, data.length - 12]) {
        assert.throws(() => dataset.restore(data.subarray(0, cut), backend), Error, `${backend} cut at ${cut}`);
        assert.equal(digestOfAll(engine.databases), digest);
      }
    }
    assert.throws(() => dataset.restore(new Uint8Array(3), 'nothing'), /no backend 'nothing'/);
  });
});
