import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Engine } from '../../src/engine/engine.js';
import { compareWithRedis } from './compare.js';
import { LocalClient, talk } from './conversation.js';

/** What CLIENT INFO, CLIENT ID and HELLO tell of connections. */
const ids = /(?<=\r\nid\r\n):\d+|(?<=redirect\r\n):\d+|(?<=redir-broken\r\n):\d+/g;
/** Of CLIENT INFO the flags and the redirection count. */
const others = new RegExp(
  `${ids.source}|\\$\\d+(?=\\r\\nid=)|=\\d+\\r\\ntxt:(?=id=)|id=\\d+ .*? (?=flags=)|db=\\d+ .*? (?=redir=)|(?<=redir=)\\d+`,
  'g',
);

compareWithRedis('client tracking', [
  {
    title: 'who has read a key is told once that it changed',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON
      a GET x
      a MGET x y
      b SET x 1
      b SET x 2
      b DEL y
      b DEL y
      a GET x
      b EXPIRE x 100
      b PERSIST x
      a GET x
      b SET x 3
      a CLIENT TRACKING OFF
      a GET x
      b SET x 4`),
    ignore: ids,
  },
  {
    title: 'in RESP2 nothing is told without REDIRECT',
    steps: talk(`
      a CLIENT TRACKING ON
      a GET x
      b SET x 1
      a PING`),
  },
  {
    title: 'REDIRECT to a subscriber in RESP2, and to one in RESP3',
    steps: talk(`
      b SUBSCRIBE __redis__:invalidate
      c HELLO 3
      a CLIENT TRACKING ON REDIRECT @b
      a CLIENT TRACKINGINFO
      a GET x
      d CLIENT TRACKING ON REDIRECT @c
      d GET x
      c SET x 1
      a FLUSHALL
      a CLIENT TRACKING ON REDIRECT @a
      a GET x
      c SET x 1`),
    ignore: ids,
  },
  {
    title: 'the receiver goes',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON REDIRECT @b
      a GET x
      b QUIT
      c SET x 1
      a CLIENT TRACKINGINFO
      a CLIENT INFO
      a CLIENT TRACKING ON
      a CLIENT INFO`),
    ignore: others,
  },
  {
    title: 'own changes are told after the reply, or not at all with NOLOOP',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON
      a GET x
      a SET x 1
      a GET x
      a GETDEL x
      a MULTI
      a GET x
      a SET x 2
      a GET x
      a DEL x
      a GET x
      a EXEC
      a SET x 1
      a FLUSHDB
      a CLIENT TRACKING ON NOLOOP
      a GET x
      a SET x 1
      a FLUSHALL
      a GET x
      b SET x 2`),
    ignore: ids,
  },
  {
    title: 'scripts: the keys that they were given, if they read at all',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON
      a EVAL "return redis.call('get', 'other')" 2 x y
      b SET other 1
      b SET x 1
      b SET y 1
      a EVAL "return redis.call('set', KEYS[1], 1)" 1 x
      b SET x 1
      a EVAL_RO "return redis.call('get', KEYS[1])" 1 x
      b SET x 2
      a EVAL_RO "return 1" 1 x
      b SET x 2
      a GET x
      a EVAL "redis.call('set', KEYS[1], 2) return redis.call('get', KEYS[1])" 1 x
      a CLIENT TRACKING OFF
      a CLIENT TRACKING ON NOLOOP
      a GET x
      a EVAL "return redis.call('set', KEYS[1], 2)" 1 x`),
    ignore: ids,
  },
  {
    title: 'OPTIN and OPTOUT',
    steps: talk(`
      a HELLO 3
      a CLIENT CACHING YES
      a CLIENT TRACKING ON OPTIN
      a CLIENT CACHING NO
      a CLIENT CACHING MAYBE
      a CLIENT CACHING
      a GET x
      b SET x 1
      a CLIENT CACHING YES
      a CLIENT TRACKINGINFO
      a GET x
      a CLIENT TRACKINGINFO
      a GET y
      b SET x 1
      b SET y 1
      a CLIENT CACHING YES
      a MULTI
      a GET x
      a GET y
      a EXEC
      a GET z
      b MSET x 1 y 1 z 1
      a CLIENT TRACKING ON OPTOUT
      a CLIENT TRACKING OFF
      a CLIENT TRACKING ON OPTOUT
      a CLIENT CACHING YES
      a CLIENT CACHING NO
      a CLIENT TRACKINGINFO
      a GET x
      a GET y
      b MSET x 1 y 1`),
    ignore: ids,
  },
  {
    title: 'options that do not go together',
    steps: talk(`
      a CLIENT TRACKING
      a CLIENT TRACKING MAYBE
      a CLIENT TRACKING ON NOSUCH
      a CLIENT TRACKING ON REDIRECT
      a CLIENT TRACKING ON REDIRECT x
      a CLIENT TRACKING ON REDIRECT 999999
      a CLIENT TRACKING ON REDIRECT @b REDIRECT @b
      a CLIENT TRACKING ON PREFIX a
      a CLIENT TRACKING ON BCAST OPTIN
      a CLIENT TRACKING ON OPTIN OPTOUT
      a CLIENT TRACKING ON BCAST PREFIX foo PREFIX foobar
      a CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar
      a CLIENT TRACKING ON BCAST PREFIX foobar
      a CLIENT TRACKING ON BCAST PREFIX fo
      a CLIENT TRACKING ON BCAST PREFIX zoo
      a CLIENT TRACKING ON
      a CLIENT TRACKINGINFO
      a CLIENT INFO
      a CLIENT TRACKING OFF
      a CLIENT TRACKING OFF
      a CLIENT GETREDIR
      a CLIENT TRACKINGINFO
      a CLIENT TRACKING ON
      a CLIENT TRACKING ON BCAST
      a RESET
      a CLIENT TRACKINGINFO
      b PING`),
    ignore: others,
  },
  {
    title: 'BCAST: all changes of keys with a prefix',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar
      c HELLO 3
      c CLIENT TRACKING ON BCAST NOLOOP
      b SET foo1 1
      b MSET foo2 1 bar1 1 baz 1
      b DEL foo1 nosuch
      a SET foo1 2
      c SET foo1 3
      c MSET bar2 1 other 1
      b MULTI
      b SET foo9 1
      b SET foo8 1
      b INCR foo9
      b EXEC
      c EVAL "return redis.call('set', KEYS[1], 1)" 1 foo7
      b FLUSHALL`),
    ignore: ids,
  },
  {
    title: 'keys that expire, are renamed, or are popped by who waited',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON
      b SET x 1 PX 60
      a GET x
      wait 90
      b GET x
      b SET x 1
      a GET x
      a GET y
      b RENAME x y
      a LRANGE l 0 -1
      c BLPOP l 0
      b RPUSH l 1
      a LLEN l
      a BLPOP l 0
      b RPUSH l 1
      b SET x 1
      a GET x
      b SWAPDB 0 1
      b FLUSHDB ASYNC`),
    ignore: ids,
  },
  {
    title: 'subscriptions are no keys; a client that wants no replies is told all the same',
    steps: talk(`
      a HELLO 3
      a CLIENT TRACKING ON
      a GET x
      a CLIENT REPLY OFF
      b SET x 1
      a CLIENT REPLY ON
      a PUBSUB CHANNELS
      b SPUBLISH x 1`),
    ignore: ids,
  },
]);

function facts(engine: Engine): number[] {
  const { clients, keys, items, prefixes } = engine.tracking;
  return [clients, keys, items, prefixes];
}

test('with too many keys some are forgotten, and their readers told', () => {
  const engine = new Engine({ seed: 3, settings: { trackingTableMaxKeys: 10 } });
  const a = new LocalClient(engine);
  const b = new LocalClient(engine);
  for (const client of [a, b]) for (const words of ['HELLO 3', 'CLIENT TRACKING ON']) client.say(words.split(' '));
  for (let i = 0; i < 60; i++) a.say(['GET', `key${i}`]);
  b.say(['GET', 'key59']);
  engine.cron();
  assert.equal(engine.tracking.keys, 10);
  const told = [...a.take().matchAll(/invalidate\r\n\*1\r\n\$\d+\r\n(key\d+)/g)].map(([, key]) => key!);
  assert.equal(told.length, 50);
  assert.equal(new Set(told).size, 50);
  assert.notDeepEqual(told.slice(0, 10), told.slice(0, 10).sort(), 'which ones is a matter of chance');
});

test('what is counted, and that nothing is kept when nobody tracks', () => {
  const engine = new Engine({ seed: 1 });
  const a = new LocalClient(engine);
  const b = new LocalClient(engine);
  const c = new LocalClient(engine);
  assert.equal(engine.tracking.on, false);
  for (const client of [a, b]) for (const words of ['HELLO 3', 'CLIENT TRACKING ON']) client.say(words.split(' '));
  c.say('CLIENT TRACKING ON BCAST PREFIX x PREFIX y'.split(' '));
  a.say(['MGET', 'k', 'l']);
  b.say(['GET', 'k']);
  assert.deepEqual(facts(engine), [3, 2, 3, 2]);
  c.say(['INFO', 'everything']);
  const info = c.take();
  for (const line of [
    'tracking_clients:3',
    'tracking_total_keys:2',
    'tracking_total_items:3',
    'tracking_total_prefixes:2',
  ])
    assert.ok(info.includes(`${line}\r\n`), line);
  c.say(['SET', 'k', '1']);
  assert.deepEqual(facts(engine), [3, 1, 1, 2]);
  c.session.end();
  a.say(['CLIENT', 'TRACKING', 'OFF']);
  assert.deepEqual(facts(engine), [1, 1, 1, 0]);
  b.say(['CLIENT', 'TRACKING', 'ON', 'REDIRECT', '1']);
  b.take();
  b.say(['CLIENT', 'GETREDIR']);
  assert.equal(b.take(), ':1\r\n');
  b.say(['RESET']);
  assert.deepEqual(facts(engine), [0, 0, 0, 0]);
  assert.equal(engine.tracking.on, false);
});

test('when all data are exchanged, all that was read is stale', () => {
  const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
  const a = new LocalClient(engine);
  const b = new LocalClient(engine);
  a.say(['HELLO', '3']);
  a.say(['CLIENT', 'TRACKING', 'ON']);
  a.say(['GET', 'k']);
  a.take();
  b.say(['DEBUG', 'RELOAD']);
  assert.equal(b.take(), '+OK\r\n');
  assert.equal(a.take(), '>2\r\n$10\r\ninvalidate\r\n_\r\n');
});

test('active expiry and eviction tell readers, eviction before the command that needs the room', () => {
  const clock = new ManualClock(1_000_000);
  const engine = new Engine({ seed: 1, clock });
  const a = new LocalClient(engine);
  a.say(['HELLO', '3']);
  a.say(['CLIENT', 'TRACKING', 'ON']);
  a.say(['SET', 'gone', '1', 'PX', '10']);
  a.say(['GET', 'gone']);
  a.take();
  clock.advance(20);
  engine.cron();
  assert.equal(a.take(), '>2\r\n$10\r\ninvalidate\r\n*1\r\n$4\r\ngone\r\n');
  a.say(['SET', 'big', 'x'.repeat(1_000_000)]);
  a.say(['STRLEN', 'big']);
  a.take();
  engine.config.set(
    [
      ['maxmemory-policy', 'allkeys-random'],
      ['maxmemory', String(engine.meter.used - 500_000)],
    ],
    true,
  );
  a.say(['SET', 'small', '1']);
  assert.equal(a.take(), '>2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nbig\r\n+OK\r\n');
});
