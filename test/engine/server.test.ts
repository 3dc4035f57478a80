/** Server commands: against a real server where replies are determined, by their rules where they are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import {
  ErrorReply,
  type MapReply,
  NO_REPLY,
  OK,
  type Reply,
  type Status,
  type VerbatimReply,
} from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink, encoded } from '../support/side-by-side.js';
import { compareWithRedis } from './compare.js';
import { talk } from './conversation.js';
import { runScripts, type Script } from './scripts.js';

const debugging = (engine: Engine): void => {
  engine.settings.enableDebugCommand = 'yes';
};

const scripts: Script[] = [
  {
    title: 'databases',
    lines: `
      DBSIZE
      SET a 1
      SET b 2 PX 100000
      DBSIZE
      SELECT 1
      SET c 3
      SWAPDB 0 1
      DBSIZE
      GET a
      SWAPDB 1 1
      SWAPDB a b
      SWAPDB 0 b
      SWAPDB 0 99
      SWAPDB -1 0
      SWAPDB 99999999999 0
      SWAPDB 0
      FLUSHDB x
      FLUSHDB ASYNC SYNC
      FLUSHDB async
      DBSIZE
      SELECT 0
      GET c
      FLUSHALL SYNC
      FLUSHALL
      DBSIZE
      DBSIZE x
    `,
  },
  {
    title: 'roles and what a server alone refuses',
    lines: `
      ROLE
      ROLE x
      REPLICAOF NO ONE
      SLAVEOF no one
      REPLICAOF host x
      REPLICAOF host 70000
      REPLICAOF host
      FAILOVER
      FAILOVER ABORT
      FAILOVER TO h 1
      FAILOVER TO h x
      FAILOVER TO
      FAILOVER FORCE FORCE
      FAILOVER TIMEOUT 0
      FAILOVER TIMEOUT x
      FAILOVER ABORT TIMEOUT 5
      SHUTDOWN x
      SHUTDOWN ABORT
      SHUTDOWN ABORT NOW
      SHUTDOWN SAVE NOSAVE
      MODULE LIST
      MODULE LOAD x
      MODULE LOADEX x
      MODULE UNLOAD x
      MODULE FOO
      TIME x
      LASTSAVE x
      MONITOR x
      INFO nosuch
      LOLWUT VERSION x
    `,
  },
  {
    title: 'MEMORY, SLOWLOG, LATENCY and ACL',
    lines: `
      MEMORY
      MEMORY FOO
      MEMORY USAGE
      MEMORY USAGE none
      MEMORY USAGE none SAMPLES 5
      MEMORY USAGE none SAMPLES -1
      MEMORY USAGE none SAMPLES x
      MEMORY USAGE none SAMPLES
      MEMORY USAGE none WORD 5
      MEMORY PURGE
      MEMORY PURGE x
      MEMORY STATS x
      SLOWLOG RESET
      SLOWLOG LEN
      SLOWLOG GET
      SLOWLOG GET x
      SLOWLOG GET -2
      SLOWLOG GET -1
      SLOWLOG GET 1 2
      SLOWLOG FOO
      LATENCY LATEST
      LATENCY HISTORY x
      LATENCY GRAPH x
      LATENCY RESET
      LATENCY RESET a b
      LATENCY HISTOGRAM nosuch
      LATENCY FOO
      ACL WHOAMI
      ACL USERS
      ACL CAT
      ACL CAT nosuch
      ACL CAT transaction ~unordered
      ACL CAT bitmap ~unordered
      ACL CAT a b
      ACL GENPASS x
      ACL GENPASS 0
      ACL GENPASS 4097
      ACL GENPASS 1 2
      ACL FOO
    `,
  },
  {
    title: 'DEBUG',
    tune: debugging,
    lines: `
      DEBUG
      DEBUG FOO
      DEBUG SLEEP
      DEBUG SLEEP 0
      DEBUG SLEEP 0.001
      DEBUG SET-ACTIVE-EXPIRE 0
      DEBUG SET-ACTIVE-EXPIRE 1
      DEBUG DIGEST
      DEBUG DIGEST x
      DEBUG DIGEST-VALUE
      DEBUG DIGEST-VALUE none
      DEBUG OBJECT none
      DEBUG OBJECT
      DEBUG SDSLEN none
      DEBUG LISTPACK none
      DEBUG QUICKLIST none
      DEBUG HTSTATS 99
      DEBUG HTSTATS x
      DEBUG HTSTATS 3
      DEBUG HTSTATS-KEY none
      SADD ints 1 2 3
      RPUSH list a b c
      HSET hash f v
      ZADD zset 1 a
      SET string abc
      SET number 12
      DEBUG SDSLEN number
      DEBUG SDSLEN list
      DEBUG LISTPACK hash
      DEBUG LISTPACK zset
      DEBUG LISTPACK ints
      DEBUG LISTPACK list
      DEBUG QUICKLIST list
      DEBUG QUICKLIST list 1
      DEBUG QUICKLIST hash
      DEBUG HTSTATS-KEY ints
      DEBUG HTSTATS-KEY string
      DEBUG POPULATE x
      DEBUG POPULATE -1
      DEBUG POPULATE 5
      DEBUG POPULATE 7
      DEBUG POPULATE 3 other 20
      DEBUG POPULATE 3 short 2
      DEBUG POPULATE 1 a b
      GET other:1
      GET short:1
      DEBUG QUICKLIST-PACKED-THRESHOLD 5gb
      DEBUG QUICKLIST-PACKED-THRESHOLD x
      DEBUG QUICKLIST-PACKED-THRESHOLD 100b
      DEBUG QUICKLIST-PACKED-THRESHOLD 0
      DEBUG CHANGE-REPL-ID
      DEBUG CLIENT-EVICTION
      DEBUG REPLYBUFFER a 1
      DEBUG REPLYBUFFER PEAK-RESET-TIME x
      DEBUG REPLYBUFFER PEAK-RESET-TIME never
      DEBUG REPLYBUFFER PEAK-RESET-TIME 100
      DEBUG REPLYBUFFER PEAK-RESET-TIME reset
      DEBUG REPLYBUFFER RESIZING 1
      DEBUG SET-DISABLE-DENY-SCRIPTS 0
      DEBUG SET-SKIP-CHECKSUM-VALIDATION 0
      DEBUG AOF-FLUSH-SLEEP 0
      DEBUG DROP-CLUSTER-PACKET-FILTER x
      DEBUG DROP-CLUSTER-PACKET-FILTER -1
      DEBUG PAUSE-CRON 0
      DEBUG LOG hello
      DEBUG RELOAD NOPE
      DEBUG ERROR "MYCODE some text"
      DEBUG ERROR "two\\nlines\\r\\nhere"
      DEBUG PROTOCOL string
      DEBUG PROTOCOL integer
      DEBUG PROTOCOL double
      DEBUG PROTOCOL bignum
      DEBUG PROTOCOL null
      DEBUG PROTOCOL array
      DEBUG PROTOCOL set
      DEBUG PROTOCOL map
      DEBUG PROTOCOL verbatim
      DEBUG PROTOCOL true
      DEBUG PROTOCOL false
      DEBUG PROTOCOL nope
      DEBUG DIGEST
    `,
  },
];

runScripts('server', scripts);

compareWithRedis('server commands among clients', [
  {
    title: 'SWAPDB and FLUSHALL fail transactions that watch',
    steps: talk(`
      a SET k 1
      a WATCH k
      b SWAPDB 0 2
      a MULTI
      a PING
      a EXEC
      a WATCH none
      b SWAPDB 0 3
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b FLUSHALL
      a MULTI
      a PING
      a EXEC
      a WATCH k
      b FLUSHDB
      a MULTI
      a PING
      a EXEC
    `),
  },
  {
    title: 'SWAPDB serves those who wait',
    steps: talk(`
      b SELECT 5
      b RPUSH list x
      a BLPOP list 0
      b SWAPDB 0 5
      b EXISTS list
    `),
  },
  {
    title: 'SHUTDOWN and MONITOR have no place in a transaction',
    steps: talk(`
      a MULTI
      a SHUTDOWN
      a EXEC
      a MULTI
      a MONITOR
      a EXEC
    `),
  },
]);

/** Data of all types and encodings, with and without TTL, in several databases. */
const dataset: string[][] = [
  ['SET', 'embstr', 'value'],
  ['SET', 'int', '-123456789012345678'],
  ['SET', 'raw', 'x'.repeat(500)],
  ['SET', 'empty', ''],
  ['SET', 'binary', '\x00\xff\r\n'],
  ['SET', 'ttl', 'v'],
  ['EXPIRE', 'ttl', '5000'],
  ['APPEND', 'int2', '7'],
  ['RPUSH', 'list', 'a', '1', '', '-5', 'z'.repeat(100)],
  ['RPUSH', 'long', ...Array.from({ length: 3000 }, (_, i) => `item ${i}`)],
  ['SADD', 'ints', '5', '-3', '100000'],
  ['SADD', 'set', 'a', '1', '\xfe'],
  ['EXPIRE', 'set', '777'],
  [
    'ZADD',
    'zset',
    '1',
    'a',
    '-2.5',
    'b',
    'inf',
    'c',
    '-inf',
    'd',
    '0.1',
    'e',
    '1e300',
    'f',
    '123456789',
    'g',
    '3',
    '17',
  ],
  ['ZADD', 'zlarge', ...Array.from({ length: 400 }, (_, i) => [String(i / 7), `member ${i}`]).flat()],
  ['HSET', 'hash', 'f', 'v', 'n', '12', '', 'empty field'],
  ['HSET', 'hlarge', ...Array.from({ length: 1300 }, (_, i) => `x${i}`)],
  ['PFADD', 'hll', 'a', 'b', 'c'],
  ['SETBIT', 'bits', '77', '1'],
  ['GEOADD', 'geo', '13.361389', '38.115556', 'Palermo'],
];

describe('DEBUG DIGEST', () => {
  it("equals the real server's for data of all types", async (t) => {
    if (!(await requireRedis(t))) return;
    const server = await startRedis();
    try {
      const client = await RespClient.connect(server.port);
      const engine = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } });
      const session = engine.connect(collectingSink([]));
      for (const db of ['0', '3']) {
        for (const argv of [['SELECT', db], ...dataset]) {
          assert.equal(
            encoded(session.call([...argv]), 2),
            (await client.send(...argv.map((arg) => Buffer.from(arg, 'latin1')))).raw,
            argv[0],
          );
        }
        const digest = (session.call(['DEBUG', 'DIGEST']) as Status).text;
        assert.equal(digest, await client.value('DEBUG', 'DIGEST'));
        assert.match(digest, /^[0-9a-f]{40}$/);
      }
      const keys = [...new Set(dataset.map(([, key]) => key!)), 'absent'];
      assert.equal(
        encoded(session.call(['DEBUG', 'DIGEST-VALUE', ...keys]), 2),
        (await client.send('DEBUG', 'DIGEST-VALUE', ...keys)).raw,
      );
      const before = (session.call(['DEBUG', 'DIGEST']) as Status).text;
      session.call(['PERSIST', 'ttl']);
      assert.notEqual((session.call(['DEBUG', 'DIGEST']) as Status).text, before);
      client.close();
    } finally {
      await server.stop();
    }
  });
});

describe('server commands in process', () => {
  it('TIME and LASTSAVE follow the clock', () => {
    const clock = new ManualClock(1_234_567_890_123.25);
    const session = new Engine({ clock }).connect(collectingSink([]));
    assert.deepEqual(session.call(['TIME']), ['1234567890', '123250']);
    assert.equal(session.call(['LASTSAVE']), 1_234_567_890);
  });

  it('DEBUG is guarded', () => {
    const engine = new Engine({ seed: 1 });
    const sink = collectingSink([]);
    const session = engine.connect({ ...sink, stats: { ...sink.stats, address: '10.0.0.1:99' } });
    const refusal = session.call(['DEBUG', 'SLEEP', '0']);
    assert.ok(refusal instanceof ErrorReply);
    assert.match(refusal.text, /^ERR DEBUG command not allowed\. If the enable-debug-command option is set to "local"/);
    engine.settings.enableDebugCommand = 'local';
    assert.ok(session.call(['DEBUG', 'SLEEP', '0']) instanceof ErrorReply);
    const near = engine.connect({ ...sink, stats: { ...sink.stats, address: '127.0.0.1:99' } });
    assert.equal(near.call(['DEBUG', 'SLEEP', '0']), OK);
    engine.settings.enableDebugCommand = 'yes';
    assert.equal(session.call(['DEBUG', 'SLEEP', '0']), OK);
  });

  it('DEBUG SLEEP blocks for the time given', () => {
    const session = new Engine({ settings: { enableDebugCommand: 'yes' } }).connect(collectingSink([]));
    const start = performance.now();
    session.call(['DEBUG', 'SLEEP', '0.05']);
    assert.ok(performance.now() - start >= 50);
  });

  it('SLOWLOG keeps the latest, newest first', () => {
    const engine = new Engine({ seed: 1, settings: { slowlogLogSlowerThan: 0, slowlogMaxLen: 3 } });
    const sink = collectingSink([]);
    const session = engine.connect({ ...sink, stats: { ...sink.stats, address: '1.2.3.4:5' } });
    for (const key of ['a', 'b', 'c', 'd']) session.call(['SET', key, 'v'.repeat(200)]);
    const entries = session.call(['SLOWLOG', 'GET', '2']) as Reply[][];
    assert.equal(entries.length, 2);
    assert.deepEqual(
      entries.map(([id]) => id),
      [3, 2],
    );
    assert.deepEqual(entries[0]![3], ['SET', 'd', `${'v'.repeat(128)}... (72 more bytes)`]);
    assert.equal(entries[0]![4], '1.2.3.4:5');
    session.call(['SLOWLOG', 'RESET']);
    // The command that emptied the log is the first in it, and LEN does not count itself.
    assert.equal(session.call(['SLOWLOG', 'LEN']), 1);
  });

  it('LATENCY tells spikes and distributions', () => {
    const clock = new ManualClock(5_000_000);
    const engine = new Engine({ seed: 1, clock, settings: { latencyMonitorThreshold: 10 } });
    const session = engine.connect(collectingSink([]));
    for (const ms of [20, 60, 30]) {
      engine.latency.sample('command', ms);
      clock.advance(1000);
    }
    assert.deepEqual(session.call(['LATENCY', 'LATEST']), [['command', 5002, 30, 60]]);
    assert.deepEqual(session.call(['LATENCY', 'HISTORY', 'command']), [
      [5000, 20],
      [5001, 60],
      [5002, 30],
    ]);
    const graph = session.call(['LATENCY', 'GRAPH', 'command']) as VerbatimReply;
    assert.deepEqual(graph.text.split('\n').slice(2), [' # ', ' | ', ' |_', '_||', '   ', '321', 'sss', '']);
    assert.match(graph.text, /^command - high 60 ms, low 20 ms \(all time high 60 ms\)\n-{80}\n/);
    assert.equal(session.call(['LATENCY', 'RESET', 'command', 'none']), 1);
    assert.deepEqual(session.call(['LATENCY', 'LATEST']), []);
    session.call(['SET', 'a', '1']);
    const histogram = session.call(['LATENCY', 'HISTOGRAM', 'set']) as MapReply;
    assert.equal(histogram.flat[0], 'set');
    const [, calls, , steps] = (histogram.flat[1] as MapReply).flat;
    assert.equal(calls, 1);
    assert.equal((steps as MapReply).flat.at(-1), 1);
  });

  it('SHUTDOWN asks whoever runs the engine, or fails where nobody does', () => {
    const engine = new Engine({ seed: 1 });
    const session = engine.connect(collectingSink([]));
    assert.deepEqual(session.call(['SHUTDOWN']), new ErrorReply('ERR Errors trying to SHUTDOWN. Check logs.'));
    const asked: object[] = [];
    engine.onShutdown = (options) => asked.push(options);
    assert.equal(session.call(['SHUTDOWN', 'NOSAVE', 'NOW']), NO_REPLY);
    assert.deepEqual(asked, [{ nosave: true, now: true, force: false }]);
  });

  it('MONITOR shows what others do', () => {
    const engine = new Engine({ seed: 1, clock: new ManualClock(1_500) });
    const lines: Reply[] = [];
    const watcher = engine.connect(collectingSink(lines));
    assert.equal(watcher.call(['MONITOR']), OK);
    const sink = collectingSink([]);
    engine.connect({ ...sink, stats: { ...sink.stats, address: '1.2.3.4:5' } }).call(['SET', 'a b', '"\n\x01']);
    assert.deepEqual(
      lines.map((line) => (line as Status).text),
      ['1.500000 [0 1.2.3.4:5] "SET" "a b" "\\"\\n\\x01"'],
    );
    watcher.end();
    assert.equal(engine.monitors.size, 0);
  });

  it('MEMORY USAGE grows with the value', () => {
    const session = new Engine({ seed: 1 }).connect(collectingSink([]));
    session.call(['SET', 'small', 'x'.repeat(50)]);
    session.call(['SET', 'large', 'x'.repeat(50_000)]);
    session.call(['RPUSH', 'list', ...Array.from({ length: 1000 }, (_, i) => `item ${i}`)]);
    const usage = (key: string): number => session.call(['MEMORY', 'USAGE', key]) as number;
    assert.ok(usage('small') >= 50 && usage('small') < 1000);
    assert.ok(usage('large') >= 50_000 && usage('large') < 100_000);
    assert.ok(usage('list') >= 8000);
    const stats = session.call(['MEMORY', 'STATS']) as MapReply;
    assert.equal(stats.flat[stats.flat.indexOf('keys.count') + 1], 3);
  });

  it('LOLWUT draws, ACL GENPASS makes up, HELP lists', () => {
    const session = new Engine({ seed: 1, settings: { enableDebugCommand: 'yes' } }).connect(collectingSink([]));
    assert.match((session.call(['LOLWUT']) as VerbatimReply).text, /Redis ver\. 7\.0\.15\n$/);
    assert.match(session.call(['ACL', 'GENPASS']) as string, /^[0-9a-f]{64}$/);
    assert.match(session.call(['ACL', 'GENPASS', '5']) as string, /^[0-9a-f]{2}$/);
    assert.notEqual(session.call(['ACL', 'GENPASS']), session.call(['ACL', 'GENPASS']));
    for (const container of ['CONFIG', 'MEMORY', 'SLOWLOG', 'LATENCY', 'MODULE', 'ACL', 'DEBUG']) {
      const lines = session.call([container, 'HELP']) as Status[];
      assert.equal(lines[0]!.text, `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
      assert.equal(lines.at(-2)!.text, 'HELP');
    }
  });
});
