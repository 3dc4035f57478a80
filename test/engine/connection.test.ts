import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Engine } from '../../src/engine/engine.js';
import { compareWithRedis } from './compare.js';
import { LocalClient, talk } from './conversation.js';

const ids = /(?<=\r\nid\r\n):\d+/g;

compareWithRedis('connection', [
  {
    title: 'PING, ECHO and their arity',
    steps: talk(`
      a PING
      a PING hello
      a PING one two
      a ECHO hello
      a ECHO
      a ping ""
      a HELLO 3
      a PING
      a PING hello`),
    ignore: ids,
  },
  {
    title: 'SELECT takes the number of a database',
    steps: talk(`
      a SELECT 1
      a SET k v
      a SELECT 0
      a GET k
      a SELECT 15
      a SELECT 16
      a SELECT -1
      a SELECT x
      a SELECT 4294967296
      a SELECT 99999999999999999999
      a SELECT
      a SELECT 1 2
      a SELECT 1
      a GET k`),
  },
  {
    title: 'HELLO chooses the protocol',
    steps: talk(`
      a HELLO
      a HELLO 3
      a GET nothing
      a HELLO
      a HELLO 2
      a GET nothing
      a HELLO 1
      a HELLO 4
      a HELLO 4 FOO
      a HELLO x
      a HELLO 99999999999999999999
      a HELLO 3 SETNAME me
      a CLIENT GETNAME
      a HELLO 2 SETNAME "a b"
      a HELLO 2 SETNAME you FOO
      a CLIENT GETNAME
      a HELLO 2 SETNAME
      a HELLO 2 AUTH default
      a HELLO 2 AUTH default x
      a HELLO 2 AUTH nobody x
      a HELLO 3 AUTH default x SETNAME he
      a CLIENT GETNAME
      a HELLO 2 FOO BAR`),
    ignore: ids,
  },
  {
    title: 'AUTH without a password set',
    steps: talk(`
      a AUTH secret
      a AUTH default secret
      a AUTH nobody secret
      a AUTH
      a AUTH a b c`),
  },
  {
    title: 'a password must be given first by those who come later',
    steps: talk(`
      config requirepass secret
      a PING
      a RESET
      a PING
      a GET k
      a GET
      a NOSUCH
      a MULTI
      a EXEC
      a HELLO 3
      a HELLO 3 AUTH default wrong
      a AUTH wrong
      a AUTH default wrong
      a AUTH nobody secret
      a QUIT
      b RESET
      b HELLO 3 AUTH default secret SETNAME b
      b CLIENT GETNAME
      b RESET
      b GET k
      b AUTH secret
      b GET k
      c RESET
      c AUTH default secret
      c GET k
      config requirepass ""
      d GET k
      c RESET
      c GET k`),
    ignore: ids,
  },
  {
    title: 'names',
    steps: talk(`
      a CLIENT GETNAME
      a CLIENT SETNAME me
      a CLIENT GETNAME
      a CLIENT SETNAME "not me"
      a CLIENT SETNAME "\\u00e9"
      a CLIENT SETNAME "x\\n"
      a CLIENT GETNAME
      a CLIENT SETNAME ""
      a CLIENT GETNAME
      a CLIENT SETNAME
      a CLIENT GETNAME x
      a CLIENT
      a CLIENT NOSUCH
      a CLIENT ID x
      a CLIENT GETREDIR
      a CLIENT TRACKINGINFO
      a CLIENT TRACKING OFF
      a CLIENT TRACKING MAYBE
      a CLIENT TRACKING OFF REDIRECT 999999
      a CLIENT TRACKING OFF FOO
      a CLIENT TRACKING ON REDIRECT x
      a CLIENT CACHING YES
      a CLIENT CACHING
      a CLIENT NO-EVICT ON
      a CLIENT NO-EVICT OFF
      a CLIENT NO-EVICT MAYBE`),
  },
  {
    title: 'CLIENT REPLY',
    steps: talk(`
      a CLIENT REPLY
      a CLIENT REPLY MAYBE
      a CLIENT REPLY ON
      a CLIENT REPLY SKIP
      a PING
      a PING
      a CLIENT REPLY SKIP
      a CLIENT REPLY SKIP
      a PING
      a PING
      a CLIENT REPLY SKIP
      a NOSUCH
      a PING
      a CLIENT REPLY OFF
      a PING
      a SUBSCRIBE ch
      b PUBLISH ch message
      a UNSUBSCRIBE ch
      a CLIENT REPLY SKIP
      a PING
      a CLIENT REPLY ON
      a PING
      a CLIENT REPLY OFF
      a BLPOP list 0
      b RPUSH list x
      a CLIENT REPLY ON
      a CLIENT REPLY SKIP
      a BLPOP list 0
      b RPUSH list y
      a PING`),
  },
  {
    title: 'CLIENT KILL',
    steps: talk(`
      a CLIENT KILL
      a CLIENT KILL 1.2.3.4:5
      a CLIENT KILL ADDR
      a CLIENT KILL ADDR 1.2.3.4:5
      a CLIENT KILL LADDR 1.2.3.4:5
      a CLIENT KILL ID 0
      a CLIENT KILL ID x
      a CLIENT KILL ID 999999999
      a CLIENT KILL TYPE nosuch
      a CLIENT KILL TYPE master
      a CLIENT KILL TYPE slave
      a CLIENT KILL TYPE replica
      a CLIENT KILL TYPE pubsub
      a CLIENT KILL USER nobody
      a CLIENT KILL SKIPME maybe
      a CLIENT KILL ID 999999999 FOO
      a CLIENT KILL ID 999999999 TYPE
      b SUBSCRIBE ch
      c SSUBSCRIBE ch
      d PING
      a CLIENT KILL TYPE pubsub
      d PING
      a CLIENT KILL TYPE pubsub SKIPME no
      a PUBLISH ch message`),
  },
  {
    title: 'CLIENT LIST and its filters',
    steps: talk(`
      a CLIENT LIST TYPE
      a CLIENT LIST TYPE nosuch
      a CLIENT LIST TYPE replica
      a CLIENT LIST TYPE master
      a CLIENT LIST TYPE normal ID 5
      a CLIENT LIST ID
      a CLIENT LIST ID x
      a CLIENT LIST ID 99999999
      a CLIENT LIST ID 99999999 TYPE normal
      a CLIENT LIST FOO
      a CLIENT LIST TYPE pubsub
      a CLIENT INFO x`),
  },
  {
    title: 'the fields of CLIENT INFO and LIST',
    steps: talk(`
      a CLIENT INFO
      a CLIENT SETNAME me
      a SELECT 3
      a WATCH k
      b SELECT 3
      b SET k v
      a CLIENT INFO
      a MULTI
      a CLIENT INFO
      a GET key
      a EXEC
      a MULTI
      a CLIENT INFO
      a GET key
      a EXEC
      a HELLO 3
      a SUBSCRIBE x y
      a PSUBSCRIBE p
      a SSUBSCRIBE s
      a CLIENT NO-EVICT ON
      a CLIENT INFO
      b MULTI
      b GET key
      b SUBSCRIBE ch
      c CLIENT LIST TYPE pubsub
      b EXEC
      c CLIENT LIST TYPE pubsub`),
    // Addresses, times and memory; and with them the length of the whole.
    ignore:
      /(?<=\b(?:id|addr|laddr|fd|age|idle|qbuf|qbuf-free|rbs|rbp|obl|oll|omem|tot-mem)=)[^ ]*|[$=]\d+(?=\r\n(?:txt:)?id=)|(?<=\r\nid\r\n):\d+/g,
  },
  {
    title: 'CLIENT UNBLOCK',
    steps: talk(`
      a CLIENT UNBLOCK x
      a CLIENT UNBLOCK 99999999
      a CLIENT UNBLOCK 99999999 ERROR
      a CLIENT UNBLOCK x MAYBE
      a CLIENT UNBLOCK x ERROR
      a CLIENT UNBLOCK 1 ERROR x
      a CLIENT UNBLOCK`),
  },
  {
    title: 'CLIENT PAUSE',
    steps: talk(`
      a CLIENT PAUSE
      a CLIENT PAUSE x
      a CLIENT PAUSE -1
      a CLIENT PAUSE 10 MAYBE
      a CLIENT PAUSE x MAYBE
      a CLIENT PAUSE 10 WRITE x
      a CLIENT PAUSE 0
      a PING
      a CLIENT PAUSE 100000 WRITE
      a GET k
      b SET k v
      a GET k
      c PUBLISH ch message
      d MULTI
      d GET k
      d EXEC
      d MULTI
      d SET k w
      d EXEC
      a CLIENT UNPAUSE
      a GET k
      a CLIENT UNPAUSE
      a MULTI
      a CLIENT PAUSE 100000 WRITE
      a SET k x
      a CLIENT UNPAUSE
      a EXEC
      a GET k`),
  },
  {
    title: 'RESET and QUIT',
    steps: talk(`
      a HELLO 3
      a SELECT 3
      a CLIENT SETNAME me
      a SUBSCRIBE ch
      a MULTI
      a SET k v
      a RESET
      a CLIENT GETNAME
      a GET k
      a EXEC
      a PUBLISH ch x
      a RESET x
      a QUIT
      b QUIT please
      c MULTI
      c QUIT`),
    ignore: ids,
  },
]);

function conversation(options: ConstructorParameters<typeof Engine>[0] = {}) {
  const engine = new Engine({ seed: 1, ...options });
  const clients = new Map<string, LocalClient>();
  const say = (name: string, line: string): string => {
    const client = clients.get(name) ?? new LocalClient(engine, `127.0.0.1:${clients.size + 1}`);
    clients.set(name, client);
    client.say(line.split(' '));
    return client.take();
  };
  return { engine, say, heard: (name: string) => clients.get(name)!.take() };
}

test('HELP names every subcommand, between a header and a footer', () => {
  const { say } = conversation();
  for (const container of ['CLIENT', 'PUBSUB', 'OBJECT']) {
    const lines = say('a', `${container} HELP`).split('\r\n').slice(1, -1);
    assert.equal(lines[0], `+${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
    assert.deepEqual(lines.slice(-2), ['+HELP', '+    Prints this help.']);
  }
  const help = say('a', 'CLIENT HELP');
  for (const line of ['ID', 'NO-EVICT (ON|OFF)', 'SETNAME <name>', 'REPLY (ON|OFF|SKIP)', 'UNBLOCK <id> [<reason>]']) {
    assert.ok(help.includes(`+${line}\r\n`), line);
  }
});

test('CLIENT UNBLOCK ends the wait of another client', () => {
  const cases: [command: string, reply: string][] = [
    ['CLIENT UNBLOCK 1', '*-1\r\n'],
    ['CLIENT UNBLOCK 1 TIMEOUT', '*-1\r\n'],
    ['CLIENT UNBLOCK 1 ERROR', '-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n'],
  ];
  for (const [command, reply] of cases) {
    const { say, heard } = conversation();
    assert.equal(say('waiting', 'BLPOP list 0'), '');
    assert.equal(say('b', command), ':1\r\n');
    assert.equal(heard('waiting'), reply);
    assert.equal(say('b', command), ':0\r\n');
    say('b', 'RPUSH list x');
    assert.equal(say('waiting', 'PING'), '+PONG\r\n');
  }
});

test('CLIENT KILL ends the sessions that fit, and their subscriptions and waits', () => {
  const { engine, say, heard } = conversation();
  say('a', 'SUBSCRIBE ch');
  say('b', 'BLPOP list 0');
  say('c', 'WATCH k');
  assert.equal(say('d', 'CLIENT KILL 127.0.0.1:1'), '+OK\r\n');
  assert.equal(say('d', 'CLIENT KILL ID 2'), ':1\r\n');
  assert.equal(say('d', 'CLIENT KILL ADDR 127.0.0.1:3 LADDR 127.0.0.1:2 TYPE normal USER default'), ':1\r\n');
  for (const name of ['a', 'b', 'c']) assert.equal(heard(name), '(closed)');
  assert.deepEqual([...engine.sessions.keys()], [4]);
  assert.equal(engine.pubsub.channels.size, 0);
  assert.ok(engine.blocking.idle);
  assert.equal(engine.databases[0]!.watchers.size, 0);
  assert.equal(say('d', 'CLIENT KILL ID 4'), ':0\r\n');
  assert.equal(say('d', 'CLIENT KILL ID 4 SKIPME no'), ':1\r\n(closed)');
});

test('a pause ends by itself', () => {
  const clock = new ManualClock(1000);
  const { engine, say, heard } = conversation({ clock });
  say('a', 'CLIENT PAUSE 50 WRITE');
  assert.equal(say('b', 'SET k v'), '');
  say('a', 'CLIENT PAUSE 10 ALL');
  assert.equal(say('c', 'GET k'), '');
  clock.advance(49);
  engine.cron();
  assert.equal(heard('b'), '');
  clock.advance(1);
  engine.cron();
  assert.equal(heard('b'), '+OK\r\n');
  assert.equal(heard('c'), '$1\r\nv\r\n');
});

test('MONITOR and the slow log do not show passwords', () => {
  const { engine, say } = conversation();
  engine.settings.slowlogLogSlowerThan = 0;
  say('a', 'AUTH default secret');
  say('a', 'HELLO 3 SETNAME auth AUTH default secret');
  const shown = engine.slowlog.entries.map(({ argv }) => argv.join(' '));
  assert.deepEqual(shown, ['HELLO 3 SETNAME auth AUTH (redacted) (redacted)', 'AUTH (redacted) (redacted)']);
});

test('a browser that was tricked into talking to us is cut off', () => {
  const { say } = conversation();
  assert.equal(say('a', 'POST / HTTP/1.1'), '(closed)');
  assert.equal(say('b', 'Host: localhost'), '(closed)');
});
