import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { Engine } from '../../src/engine/engine.js';
import { compareWithRedis } from './compare.js';
import { LocalClient, talk } from './conversation.js';

compareWithRedis('transactions', [
  {
    title: 'EXEC answers each command in its place, errors too',
    steps: talk(`
      a EXEC
      a DISCARD
      a MULTI
      a MULTI
      a SET k v
      a LPUSH k x
      a GET k
      a INCR k
      a GETRANGE k x y
      a EXEC
      a EXEC
      a GET k
      a MULTI
      a EXEC
      a MULTI
      a SET k w
      a DISCARD
      a GET k
      a MULTI x
      a MULTI
      a EXEC x
      a DISCARD
      a EXEC x
      a MULTI
      a DISCARD x
      a EXEC`),
  },
  {
    title: 'a refused command dooms the transaction, a failing one does not',
    steps: talk(`
      a MULTI
      a SET k
      a SET k v
      a EXEC
      a GET k
      a MULTI
      a NOSUCH
      a EXEC
      a MULTI
      a CLIENT NOSUCH
      a SET k v
      a DISCARD
      a MULTI
      a WATCH k
      a MULTI
      a SET k v
      a EXEC
      a SUBSCRIBE
      a MULTI
      a SUBSCRIBE
      a PING
      a EXEC`),
  },
  {
    title: 'WATCH: what counts as a change',
    steps: talk(`
      a WATCH
      a WATCH k
      b SET k v
      a MULTI
      a SET k w
      a EXEC
      a WATCH k
      a MULTI
      a SET k w
      a EXEC
      a WATCH k
      a SET k own
      a MULTI
      a PING
      a EXEC
      a WATCH k l
      a WATCH k
      b SET other v
      b GET k
      b DEL nothing
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SET k v
      a UNWATCH
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SET k v
      a DISCARD
      a MULTI
      a DISCARD
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SET k w
      a WATCH l
      a MULTI
      a NOSUCH
      a EXEC
      a MULTI
      a PING
      a EXEC
      a WATCH k
      a SELECT 1
      a SET k v
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SELECT 1
      b DEL k
      a MULTI
      a PING
      a EXEC`),
  },
  {
    title: 'WATCH and keys that go, come or expire',
    steps: talk(`
      b SET k v
      a WATCH k
      b DEL k
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SET k v
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b EXPIRE k 100
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b EXPIRE k 100 NX
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b PEXPIRE k 60
      a UNWATCH
      a WATCH k
      wait 90
      a MULTI
      a PING
      a EXEC
      b SET k v PX 60
      b SET l v
      a WATCH k
      wait 90
      b GET k
      a MULTI
      a PING
      a EXEC
      b RPUSH list 1
      a WATCH list other
      b RENAME list other
      a MULTI
      a PING
      a EXEC
      a WATCH copy
      b COPY other copy
      a MULTI
      a PING
      a EXEC
      a WATCH sorted
      b SORT other STORE sorted
      a MULTI
      a PING
      a EXEC
      a WATCH other
      b MOVE other 3
      a MULTI
      a PING
      a EXEC
      a WATCH nothing
      b PERSIST nothing
      b TOUCH l
      a MULTI
      a PING
      a EXEC`),
  },
  {
    title: 'WATCH and whole databases',
    steps: talk(`
      b SET k v
      a WATCH k
      b FLUSHALL
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b FLUSHALL
      a MULTI
      a PING
      a EXEC
      b SET k v
      a WATCH k
      b SELECT 1
      b FLUSHDB
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SWAPDB 0 1
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b SWAPDB 0 1
      a MULTI
      a PING
      a EXEC
      a WATCH nothing
      b SWAPDB 0 1
      a MULTI
      a PING
      a EXEC`),
  },
  {
    title: 'blocked clients are served after the whole transaction',
    steps: talk(`
      a BLPOP list 0
      b MULTI
      b RPUSH list one
      b RPUSH list two
      b LRANGE list 0 -1
      b EXEC
      b LRANGE list 0 -1
      a BLPOP other 0
      b MULTI
      b RPUSH other one
      b DEL other
      b EXEC
      b RPUSH other two
      a MULTI
      a BLPOP nothing 0
      a BRPOPLPUSH nothing x 0
      a BZPOPMIN nothing 0
      a WAIT 1 0
      a EXEC`),
  },
  {
    title: 'subscribing in a transaction answers in its place',
    steps: talk(`
      a MULTI
      a PING
      a SUBSCRIBE ch
      a PSUBSCRIBE p*
      a EXEC
      a PING
      b PUBLISH ch message
      a RESET
      a HELLO 3
      a MULTI
      a SUBSCRIBE ch
      a SSUBSCRIBE ch
      a PING
      a EXEC
      a MULTI
      a UNSUBSCRIBE
      a EXEC`),
    ignore: /(?<=\r\nid\r\n):\d+/g,
  },
  {
    title: 'the state of the connection changes with the commands',
    steps: talk(`
      a MULTI
      a SELECT 2
      a SET k v
      a CLIENT SETNAME me
      a EXEC
      a GET k
      a SELECT 0
      a GET k
      a CLIENT GETNAME
      a MULTI
      a HELLO 3
      a GET nothing
      a EXEC
      a GET nothing`),
    ignore: /(?<=\r\nid\r\n):\d+/g,
  },
]);

test('time stands still in a transaction', () => {
  const clock = new ManualClock(1_000_000);
  const engine = new Engine({ clock, seed: 1 });
  const client = new LocalClient(engine);
  const seen: number[] = [];
  engine.effects = () => seen.push(engine.now);
  client.say(['MULTI']);
  client.say(['SET', 'k', 'v', 'PX', '10']);
  client.say(['PTTL', 'k']);
  client.say(['EXEC']);
  clock.advance(11);
  client.take();
  client.say(['EXISTS', 'k']);
  assert.equal(client.take(), ':0\r\n');
});

test('several effects go out between MULTI and EXEC, a single one alone', () => {
  const engine = new Engine({ clock: new ManualClock(1_000_000), seed: 1 });
  const client = new LocalClient(engine);
  const effects: string[] = [];
  engine.effects = (db, argv) => effects.push(`${db} ${argv.join(' ')}`);
  const run = (...commands: string[]): string[] => {
    effects.length = 0;
    for (const command of commands) client.say(command.split(' '));
    return [...effects];
  };
  assert.deepEqual(run('RPUSH list a b', 'EXPIRE list 10'), ['0 RPUSH list a b', '0 PEXPIREAT list 1010000']);
  assert.deepEqual(run('MULTI', 'GET list', 'LLEN list', 'EXEC'), []);
  assert.deepEqual(run('MULTI', 'PERSIST list', 'LLEN list', 'EXEC'), ['0 PERSIST list']);
  assert.deepEqual(run('MULTI', 'EXPIRE list 10', 'EXPIRE list -1', 'SELECT 1', 'RPUSH l x', 'PERSIST l', 'EXEC'), [
    '0 MULTI',
    '0 PEXPIREAT list 1010000',
    '0 DEL list',
    '1 RPUSH l x',
    '1 EXEC',
  ]);
});
