import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTable } from '../../src/commands/table.js';
import { ErrorReply, MapReply, OK } from '../../src/core/reply.js';
import { describeSelector } from '../../src/engine/acl/describe-selector.js';
import { Selector } from '../../src/engine/acl/selector.js';
import { User } from '../../src/engine/acl/user.js';
import { Engine } from '../../src/engine/engine.js';
import { compareWithRedis } from './compare.js';
import { LocalClient, talk } from './conversation.js';

/** Times and connections differ. */
const logFacts = /(?<=age-seconds\r\n)[$,][^i]*?(?=\r\n\$11\r\nclient-info|\$11\r\nclient-info)|id=\d+ addr=[^\r]*/g;
const lengths = /\$\d+(?=\r\n\*)/g;
const clientLog = new RegExp(`${logFacts.source}|${lengths.source}|\\$\\d+(?=\\r\\nid=)`, 'g');

compareWithRedis('acl', [
  {
    title: 'a new user is off and may do nothing',
    steps: talk(`
      a ACL WHOAMI
      a ACL SETUSER alice
      a ACL LIST
      a ACL GETUSER alice
      a ACL GETUSER nobody
      a AUTH alice x
      a ACL SETUSER alice on >pw
      a AUTH alice x
      a AUTH alice pw
      a ACL WHOAMI
      a GET k
      a PING
      a NOSUCH
      a RESET
      a ACL WHOAMI
      a HELLO 3
      a ACL GETUSER alice
      a ACL GETUSER default
      a ACL GETUSER nobody
      a ACL USERS`),
    ignore: /(?<=\r\nid\r\n):\d+/g,
  },
  {
    title: 'rules, one by one, as they are shown',
    steps: talk(
      [
        'on off nopass resetpass reset sanitize-payload skip-sanitize-payload',
        '>one >two #9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        '<one !9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 <one',
        '#short !short nopass ~a* ~a* %R~r* %W~w* %RW~b* %W~r* %wr~c %R %~x %RR~x %X~x',
        '"~a b" ~* ~more resetkeys allkeys resetkeys ~x allkeys',
        '&a* &a* "&a b" &* &more resetchannels allchannels resetchannels',
        '+get -get +nosuch -nosuch +@nosuch -@nosuch +config|get +config|nosuch +config| +config|get|x',
        '+select|0 +select|1 +SELECT|0 -select +debug|digest +object|encoding|x +client|id -client',
        '(+get) (+get (~x +set) +set) clearselectors ((+get) (nosuch) ( ) () (%R~x',
        'allcommands nocommands +@all -@all x "" + - ~ & % > < # ! ALLKEYS ResetKeys ON +GET +@Hash',
      ]
        .join(' ')
        .match(/"[^"]*"|\S+/g)!
        // In which order a real server shows single commands is a matter of chance: there is never more than one.
        .flatMap((rule) => [
          ...(/^[+-][a-z]/i.test(rule) ? ['a ACL SETUSER bob nocommands'] : []),
          `a ACL SETUSER bob ${rule}`,
          'a ACL LIST',
          'a ACL GETUSER bob',
        ])
        .join('\n'),
    ),
  },
  {
    title: 'all rules or none',
    steps: talk(`
      a ACL SETUSER alice on nopass +get ~a
      a ACL SETUSER alice off +set nosuch ~b
      a ACL LIST
      a ACL SETUSER bob on nosuch
      a ACL USERS
      a ACL SETUSER alice (+get ~x
      a ACL SETUSER alice (+get ~x )
      a ACL SETUSER alice (+set "~y z" ) (+del)
      a ACL LIST
      a ACL SETUSER "a b" on
      a ACL SETUSER "a\\u0000" on
      a ACL SETUSER
      a ACL DELUSER
      a ACL DELUSER alice nobody alice
      a ACL DELUSER default
      a ACL DELUSER nobody default
      a ACL USERS`),
  },
  {
    title: 'commands, subcommands and first arguments',
    steps: talk(`
      a ACL SETUSER alice on nopass ~* +acl|whoami +config|get +select|0 +@string -append
      b AUTH alice x
      b ACL WHOAMI
      b ACL LIST
      b CONFIG GET port-nosuch
      b CONFIG SET hz 10
      b CONFIG NOSUCH
      b SELECT 0
      b SELECT 1
      b SELECT
      b SET k v
      b APPEND k v
      b GET k
      b DEL k
      b QUIT`),
  },
  {
    title: 'keys, read and written',
    steps: talk(`
      a ACL SETUSER alice on nopass +@all ~a* %R~r* %W~w*
      b AUTH alice x
      b SET a 1
      b GET r
      b SET r 1
      b SET w 1
      b GET w
      b SET w 1 GET
      b GET other
      b MGET a r
      b MGET a w
      b MSET a 1 w 2
      b MSET a 1 r 2
      b COPY r w
      b COPY w r
      b RENAME w a
      b RENAME a w
      b SUNIONSTORE w r
      b SUNIONSTORE w other
      b LMPOP 2 a b LEFT
      b XREAD STREAMS a r 0 0
      b XREAD STREAMS a w 0 0
      b SORT r STORE w
      b SORT r STORE r
      b BITFIELD r GET u8 0
      b BITFIELD r SET u8 0 1
      b OBJECT ENCODING r
      b EXISTS w
      b TYPE w
      b EVAL "return 1" 1 a
      b EVAL "return 1" 1 r
      b KEYS *
      b DBSIZE`),
  },
  {
    title: 'selectors are alternatives, each as a whole',
    steps: talk(`
      a ACL SETUSER alice on nopass +get ~a "(+set ~b)" "(+@hash %R~h*)"
      b AUTH alice x
      b GET a
      b SET a 1
      b SET b 1
      b GET b
      b HGET h1 f
      b HSET h1 f v
      b HGET a f
      b DEL a`),
  },
  {
    title: 'SORT finds keys by patterns only for those who may read all',
    steps: talk(`
      a RPUSH l 2 1
      a ACL SETUSER alice on nopass +sort +sort_ro ~l
      a ACL SETUSER bob on nopass +sort %R~* %W~l
      b AUTH alice x
      b SORT l
      b SORT l BY nosort
      b SORT l BY w_*
      b SORT l GET #
      b SORT_RO l GET x_*
      b SORT l BY w_* GET #
      c AUTH bob x
      c SORT l BY w_* GET # GET x_*
      c SORT l BY w_* STORE l`),
  },
  {
    title: 'channels',
    steps: talk(`
      a ACL SETUSER alice on nopass +@pubsub +ping &a &b*
      b AUTH alice x
      b PUBLISH a 1
      b PUBLISH b1 1
      b PUBLISH c 1
      b SPUBLISH a 1
      b SPUBLISH c 1
      b SUBSCRIBE a b1
      b SUBSCRIBE a c
      b PSUBSCRIBE b*
      b PSUBSCRIBE b1*
      b PSUBSCRIBE a
      b SSUBSCRIBE b2
      b SSUBSCRIBE c
      b UNSUBSCRIBE c
      b PUNSUBSCRIBE c
      b PUBSUB CHANNELS`),
  },
  {
    title: 'subscribers go when they may not listen any more',
    steps: talk(`
      a ACL SETUSER alice on nopass +@pubsub &a* &b
      b AUTH alice x
      b SUBSCRIBE a1
      c AUTH alice x
      c PSUBSCRIBE a*
      d AUTH alice x
      d SUBSCRIBE b
      a ACL SETUSER alice &c
      a ACL SETUSER alice resetchannels &a* &c
      a ACL SETUSER alice resetchannels &a1
      a PUBLISH a1 x
      a ACL SETUSER alice allchannels
      a ACL SETUSER alice resetchannels`),
  },
  {
    title: 'acl-pubsub-default',
    steps: talk(`
      config acl-pubsub-default allchannels
      a ACL SETUSER alice "(+get)"
      a ACL LIST
      a ACL SETUSER alice resetchannels
      a ACL SETUSER alice reset
      a ACL LIST`),
  },
  {
    title: 'transactions: queued, and looked at again by EXEC',
    steps: talk(`
      a ACL SETUSER alice on nopass +@all -incr ~a* &a
      b AUTH alice x
      b MULTI
      b INCR a
      b SET a 1
      b EXEC
      b MULTI
      b SET b 1
      b EXEC
      b MULTI
      b SET a 1
      b GET a1
      b PUBLISH a x
      b PING
      a ACL SETUSER alice resetkeys ~a -ping resetchannels
      b EXEC
      b MULTI
      a ACL SETUSER alice -exec
      b EXEC
      b PING
      a ACL LOG`),
    ignore: clientLog,
  },
  {
    title: 'scripts run with the rights of who calls them',
    steps: talk(`
      a ACL SETUSER alice on nopass +@all -incr ~a* &a
      b AUTH alice x
      b EVAL "return redis.call('set', KEYS[1], 1)" 1 a
      b EVAL "return redis.pcall('incr', KEYS[1])" 1 a
      b EVAL "return redis.pcall('set', 'b', 1)" 0
      b EVAL "return redis.call('set', 'b', 1)" 0
      b EVAL "return redis.pcall('publish', 'c', 1)" 0
      b EVAL "return redis.acl_check_cmd('set', 'a', 1)" 0
      b EVAL "return redis.acl_check_cmd('set', 'b', 1)" 0
      b EVAL "return redis.acl_check_cmd('incr', 'a')" 0
      b EVAL "return redis.acl_check_cmd('nosuch')" 0
      a EVAL "return redis.acl_check_cmd('incr', 'zzz')" 0
      a ACL LOG`),
    ignore: clientLog,
  },
  {
    title: 'ACL LOG merges what is alike, keeps so many entries and can be emptied',
    steps: talk(`
      a ACL SETUSER alice on >pw +get +acl|whoami ~a
      b AUTH alice wrong
      b AUTH nobody wrong
      b auth alice wrong
      b AUTH alice pw
      b GET x
      b GET y
      b GET x
      b SET a 1
      b SET a 1
      b SUBSCRIBE c
      a ACL LOG
      a ACL LOG 2
      a ACL LOG 0
      a ACL LOG -5
      a ACL LOG many
      a ACL LOG 1 2
      config acllog-max-len 2
      b GET z
      a ACL LOG
      a HELLO 3
      a ACL LOG 1
      a ACL LOG reset
      a ACL LOG`),
    ignore: new RegExp(`${clientLog.source}|(?<=\\r\\nid\\r\\n):\\d+`, 'g'),
  },
  {
    title: 'ACL DRYRUN',
    steps: talk(`
      a ACL SETUSER alice +get +select|0 ~a* +publish &ch
      a ACL DRYRUN alice GET a
      a ACL DRYRUN alice GET b
      a ACL DRYRUN alice SET a 1
      a ACL DRYRUN alice SELECT 0
      a ACL DRYRUN alice SELECT 1
      a ACL DRYRUN alice PUBLISH ch x
      a ACL DRYRUN alice PUBLISH other x
      a ACL DRYRUN alice GET
      a ACL DRYRUN alice NOSUCH
      a ACL DRYRUN alice CONFIG NOSUCH
      a ACL DRYRUN alice CONFIG GET x
      a ACL DRYRUN nobody GET a
      a ACL DRYRUN default FLUSHALL
      a ACL DRYRUN alice`),
  },
  {
    title: 'a user who is deleted loses the connections, also one that does it itself',
    steps: talk(`
      a ACL SETUSER alice on nopass +@all
      a ACL SETUSER bob on nopass +@all
      b AUTH alice x
      c AUTH bob x
      d AUTH alice x
      a ACL DELUSER alice
      b PING
      c ACL DELUSER bob
      c PING
      a ACL USERS`),
  },
  {
    title: 'CLIENT KILL USER, and what is no subcommand',
    steps: talk(`
      a ACL SETUSER alice on nopass +@all
      b AUTH alice x
      a CLIENT KILL USER nobody
      a CLIENT KILL USER alice
      a CLIENT KILL USER alice
      a ACL
      a ACL NOSUCH
      a ACL CAT nosuch
      a ACL CAT a b
      a ACL GENPASS 0
      a ACL GENPASS x
      a ACL WHOAMI x
      a ACL LOAD
      a ACL SAVE`),
  },
  {
    title: 'who must log in',
    steps: talk(`
      config requirepass secret
      a AUTH secret
      b GET k
      b AUTH wrong
      b AUTH default wrong
      b AUTH default secret
      a ACL SETUSER default >other
      b AUTH other
      b AUTH secret
      a ACL SETUSER default <other
      b AUTH other
      config requirepass ""
      b AUTH x
      b AUTH default x
      a ACL LIST`),
  },
]);

/** Random rules: what is shown, applied to a new selector, must give the same permissions. */
test('the description of any permissions makes the same permissions', () => {
  const engine = new Engine({ seed: 7 });
  const { random } = engine;
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const names = commandTable.all.map(({ fullName }) => fullName);
  const categories = [...new Set(commandTable.all.flatMap(({ aclCategories }) => aclCategories))];
  const singles = ['+select|0', '+debug|digest', '~a*', '%R~b*', '%W~b*', '&c', '+@all', '-@all', 'resetkeys'];
  for (let round = 0; round < 200; round++) {
    const selector = new Selector(commandTable);
    for (let i = random.below(12); i >= 0; i--) {
      const sign = pick(['+', '-']);
      selector.apply(pick([`${sign}${pick(names)}`, `${sign}@${pick(categories)}`, pick(singles)]));
    }
    const copy = new Selector(commandTable);
    const text = describeSelector(selector);
    for (const rule of text.split(' ')) copy.apply(rule);
    assert.deepEqual(copy.allowed, selector.allowed, text);
    assert.equal(describeSelector(copy), text);
  }
});

test('a user with all rights is not looked at, and any loss of rights ends that', () => {
  const user = new User('x', () => false, commandTable);
  const states = ['+@all', '~*', '&*', '-ping', '+@all', 'resetkeys', 'allkeys', 'resetchannels', '(~* &* +@all)'];
  const seen = states.map((rule) => {
    user.apply(rule);
    return user.unrestricted;
  });
  assert.deepEqual(seen, [false, false, true, false, true, false, true, false, true]);
});

/** A file in memory. */
function memoryFile(text: string): { name: string; text: string; read(): string; write(next: string): void } {
  return {
    name: 'users.acl',
    text,
    read() {
      return this.text;
    },
    write(next) {
      this.text = next;
    },
  };
}

test('ACL SAVE and ACL LOAD through a file', () => {
  const engine = new Engine({ seed: 1 });
  const client = new LocalClient(engine);
  const file = memoryFile('');
  engine.acl.file = file;
  const call = (...argv: string[]) => client.session.call(argv);
  assert.equal(call('ACL', 'SETUSER', 'alice', 'on', '>pw', '~a*', '+get', '(+set ~b)'), OK);
  assert.equal(call('ACL', 'SAVE'), OK);
  const hash = '#30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4';
  assert.equal(
    file.text,
    `user alice on ${hash} ~a* resetchannels -@all +get (~b resetchannels -@all +set)\n` +
      'user default on nopass ~* &* +@all\n',
  );
  const other = new LocalClient(engine);
  other.session.call(['AUTH', 'alice', 'pw']);
  call('ACL', 'SETUSER', 'bob', 'on');
  assert.equal(call('ACL', 'LOAD'), OK);
  assert.deepEqual(call('ACL', 'USERS'), ['alice', 'default']);
  assert.equal(other.closed, true, 'whoever was logged in has to do it again');
  assert.equal(client.closed, false);
});

test('an error in the file leaves all users as they are', () => {
  const engine = new Engine({ seed: 1 });
  const client = new LocalClient(engine);
  const file = memoryFile(
    'user alice on\nuser alice off\nusers bob\nuser carol +nosuch ~a ~* ~b &x\n\nuser dave (+get\n',
  );
  engine.acl.file = file;
  const reply = client.session.call(['ACL', 'LOAD']);
  assert.ok(reply instanceof ErrorReply);
  assert.equal(
    reply.text,
    "ERR WARNING: Duplicate user 'alice' found on line 2. " +
      'users.acl:3 should start with user keyword followed by the username. ' +
      "users.acl:4: Error in applying operation '+nosuch': Unknown command or category name in ACL. " +
      "users.acl:4: Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any " +
      "effect. Try 'resetkeys' to start with an empty list of patterns. " +
      'users.acl:6: Unmatched parenthesis in selector definition.' +
      'WARNING: ACL errors detected, no change to the previously active ACL rules was performed',
  );
  assert.deepEqual(client.session.call(['ACL', 'USERS']), ['default']);
});

test('the slow log does not show rules and passwords', () => {
  const engine = new Engine({ seed: 1, settings: { slowlogLogSlowerThan: 0 } });
  const client = new LocalClient(engine);
  client.session.call(['ACL', 'SETUSER', 'alice', '>secret']);
  client.session.call(['ACL', 'SETUSER', 'a b', '>secret']);
  for (const { argv } of engine.slowlog.entries) assert.deepEqual(argv.slice(2), ['(redacted)', '(redacted)']);
  assert.equal(engine.slowlog.entries.length, 2);
});

test('what a listing shows is a map, and MULTI counts as its context', () => {
  const engine = new Engine({ seed: 1 });
  const client = new LocalClient(engine);
  client.session.call(['ACL', 'SETUSER', 'alice', 'on', 'nopass', '+multi']);
  client.session.call(['AUTH', 'alice', 'x']);
  client.session.call(['MULTI']);
  client.session.call(['GET', 'k']);
  const [entry] = engine.acl.log.latest(1, engine.now);
  assert.ok(entry instanceof MapReply);
  assert.deepEqual(entry.flat.slice(0, 10), [
    'count',
    1,
    'reason',
    'command',
    'context',
    'multi',
    'object',
    'get',
    'username',
    'alice',
  ]);
});
