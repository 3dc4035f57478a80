/** The fast lanes against the long way: two engines of the same seed, one with lanes, the same commands, no difference. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sink, SinkStats } from '../../src/backend/session.js';
import { allocBytes, type Bytes, bytesFromArray, writeBytes } from '../../src/core/bytes.js';
import { ManualClock } from '../../src/core/clock.js';
import { formatCommand } from '../../src/core/command-text.js';
import { NO_REPLY, PENDING, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import type { EngineSession } from '../../src/engine/session.js';
import { CommandBuffer } from '../../src/persistence/aof/command-buffer.js';
import { encodeReply } from '../../src/resp/encoder.js';
import { ReplyArena } from '../../src/resp/reply-arena.js';
import { READ_SLACK_BYTES, RequestParser } from '../../src/resp/request-parser.js';
import { laneNames } from '../../src/server/lane-names.js';
import { Lanes } from '../../src/server/lanes.js';
import { Generator } from './lane-commands.js';

const stats: SinkStats = {
  address: '127.0.0.1:5',
  localAddress: '127.0.0.1:6',
  fd: 3,
  queryBufferBytes: 0,
  queryBufferFreeBytes: 0,
  outputBufferBytes: 0,
  outputListLength: 0,
  outputListBytes: 0,
};

/** A connection without a socket: what it would send is in `sent`. */
class Line implements Sink {
  readonly stats = stats;
  readonly session: EngineSession;
  readonly #arena = new ReplyArena();
  readonly #parser = new RequestParser();
  readonly #lanes: Lanes | null;
  sent = '';

  constructor(engine: Engine, lanes: Lanes | null) {
    this.#lanes = lanes;
    this.session = engine.connect(this);
  }

  give(argv: readonly Bytes[]): void {
    const text = `*${argv.length}\r\n${argv.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
    const bytes = allocBytes(text.length + READ_SLACK_BYTES);
    writeBytes(bytes, text, 0);
    this.#parser.parse(bytes, 0, text.length);
    if (this.#lanes?.take(this.session, bytes, this.#parser, this.#arena)) this.#flush();
    else this.reply(this.session.call(this.#parser.argv(bytes)));
  }

  reply(reply: Reply): void {
    if (reply === NO_REPLY || reply === PENDING) return;
    encodeReply(this.#arena, reply, this.session.protocol);
    this.#flush();
  }
  push(message: Reply): void {
    this.reply(message);
  }
  close(): void {}
  resume(): void {}

  #flush(): void {
    this.sent += bytesFromArray(this.#arena.bytes.subarray(0, this.#arena.at));
    this.#arena.reset();
  }
}

class Side {
  readonly clock = new ManualClock(1_700_000_000_000);
  readonly engine: Engine;
  readonly lanes: Lanes | null;
  readonly lines: Line[];
  /** What a log was told since it was last looked at. */
  logged = '';

  constructor(seed: number, withLanes: boolean, withLog = false) {
    this.engine = new Engine({ seed, clock: this.clock });
    // What has expired is to be found so by the commands.
    this.engine.activeExpiry.enabled = false;
    this.lanes = withLanes ? new Lanes(this.engine) : null;
    this.lines = Array.from({ length: 4 }, () => new Line(this.engine, this.lanes));
    if (withLog) this.#keepLog();
  }

  #keepLog(): void {
    const { engine } = this;
    const buffer = new CommandBuffer();
    engine.effectQueue.requests = (db, request) => {
      buffer.request(request);
      this.logged += `${db} ${bytesFromArray(buffer.view)}`;
      buffer.clear();
    };
    engine.effects = (db, argv) => {
      this.logged += `${db} ${formatCommand(argv)}`;
    };
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.engine.cron();
  }

  reopen(): void {
    this.advance(100);
    for (const line of this.lines) line.give(['RESET']);
    this.configure('notify-keyspace-events', '');
    this.configure('maxmemory', '0');
  }

  configure(name: string, value: string): void {
    assert.equal(this.engine.config.set([[name, value]], true), null);
  }

  /** All that a client could find out, and some more. */
  state(): unknown {
    const { engine } = this;
    const { stats: counted } = engine;
    return {
      databases: engine.databases.slice(0, 2).map((db) => {
        const keys: Bytes[] = [];
        db.keyspace.table.forEach((slot) => {
          keys.push(db.keyspace.keyOf(slot));
        });
        return keys.sort().map((key) => {
          const slot = db.keyspace.find(key);
          const type = db.typeName(slot);
          const encoding = type === 'string' ? db.keyspace.stringEncoding(slot) : db.keyspace.collection(slot).encoding;
          return [key, type, encoding, db.keyspace.deadline(slot), db.keyspace.stamp(slot), contentOf(db, slot)];
        });
      }),
      calls: [...counted.calls],
      failed: [...counted.failed],
      rejected: [...counted.rejected],
      errors: [...counted.errors],
      memory: engine.meter.used,
      histograms: counted.calls.reduce((sum, _, id) => sum + (engine.latency.histogram(id)?.total ?? 0), 0),
      sessions: this.lines.map(({ session }) => [session.lastCommand?.name, session.lastCommandAt, session.blocked]),
    };
  }

  /** What is compared after every command. */
  figures(): unknown {
    const { dirty, stats: counted } = this.engine;
    const { commandsProcessed, keyspaceHits, keyspaceMisses, expiredKeys } = counted;
    return {
      dirty,
      commandsProcessed,
      keyspaceHits,
      keyspaceMisses,
      expiredKeys,
      logged: this.logged,
      sent: this.lines.map((line) => line.sent),
    };
  }
}

function contentOf(db: EngineSession['db'], slot: number): unknown {
  const { keyspace } = db;
  switch (db.typeName(slot)) {
    case 'string':
      return keyspace.stringOf(slot);
    case 'list':
      return (keyspace.collection(slot) as ReturnType<typeof db.newList>).toArray();
    case 'set':
      return (keyspace.collection(slot) as ReturnType<typeof db.newSet>).members();
    case 'zset':
      return (keyspace.collection(slot) as ReturnType<typeof db.newZset>).toArray();
    default: {
      const fields: Bytes[] = [];
      (keyspace.collection(slot) as ReturnType<typeof db.newHash>).forEach((field, value) => {
        fields.push(field, value);
      });
      return fields;
    }
  }
}

for (const seed of [1, 2, 3, 4]) {
  const withLog = seed > 2;
  const title = `30,000 random commands leave no trace of the lanes they took${withLog ? ', not in a log either' : ''}`;
  test(`${title} (seed ${seed})`, () => {
    const sides = [new Side(seed, true, withLog), new Side(seed, false, withLog)];
    const [fast, slow] = sides;
    const draw = new Generator(seed);
    for (let i = 0; i < 30_000; i++) {
      const line = draw.below(8) === 0 ? draw.below(4) : 0;
      const dice = draw.below(200);
      let what: unknown;
      if (dice < 2) {
        const [name, value] = draw.setting();
        what = [name, value];
        for (const side of sides) side.configure(name, value);
      } else if (dice < 6) {
        // Back to where the lanes are open: a few states close them for good.
        what = 'reopened';
        for (const side of sides) side.reopen();
      } else if (dice < 22) {
        const ms = draw.of([0, 1, 5, 30, 61, 60_000]);
        what = ms;
        for (const side of sides) side.advance(ms);
      } else {
        // Other lines do what closes the lanes for all; the first mostly leaves those states at once.
        const argv = draw.below(8) === 0 && (line > 0 || draw.below(4) === 0) ? draw.special() : draw.plain();
        what = argv;
        if (!slow.lines[line].session.blocked) for (const side of sides) side.lines[line].give(argv);
      }
      assert.deepEqual(fast.figures(), slow.figures(), `command ${i} of line ${line}: ${JSON.stringify(what)}`);
      if (i % 500 === 0) assert.deepEqual(fast.state(), slow.state(), `after command ${i}`);
      for (const side of sides) {
        side.logged = '';
        for (const each of side.lines) each.sent = '';
      }
    }
    assert.deepEqual(fast.state(), slow.state());
    laneNames.forEach(([name], lane) => {
      assert.ok(fast.lanes!.taken[lane] > 40, `${name} took its lane only ${fast.lanes!.taken[lane]} times`);
    });
  });
}

test('every lane answers its plain form, in any case of letters', () => {
  const forms: Record<string, Bytes[]> = {
    ping: ['+PONG\r\n'],
    get: ['s', '$1\r\n5\r\n'],
    set: ['t', 'v', '+OK\r\n'],
    mset: ['a', '1', 'b', '2', '+OK\r\n'],
    incr: ['s', ':6\r\n'],
    decr: ['s', ':4\r\n'],
    incrby: ['s', '10', ':15\r\n'],
    decrby: ['s', '10', ':-5\r\n'],
    del: ['s', ':1\r\n'],
    exists: ['s', ':1\r\n'],
    lpush: ['l', 'x', ':3\r\n'],
    rpush: ['l', 'x', 'y', ':4\r\n'],
    lpop: ['l', '$1\r\na\r\n'],
    rpop: ['l', '$1\r\nb\r\n'],
    lrange: ['l', '0', '-1', '*2\r\n$1\r\na\r\n$1\r\nb\r\n'],
    sadd: ['u', 'x', ':1\r\n'],
    hset: ['h', 'f', 'v', ':1\r\n'],
    hget: ['h', 'g', '$1\r\nw\r\n'],
    zadd: ['z', '1', 'm', ':1\r\n'],
  };
  laneNames.forEach(([name], lane) => {
    for (const spelling of [name, name.toUpperCase(), name[0].toUpperCase() + name.slice(1)]) {
      const { lanes, lines } = new Side(1, true);
      const [line] = lines;
      line.give(['SET', 's', '5']);
      line.give(['RPUSH', 'l', 'a', 'b']);
      line.give(['HSET', 'h', 'g', 'w']);
      line.sent = '';
      const before = lanes!.taken[lane];
      const words = forms[name].slice(0, -1);
      line.give([spelling, ...words]);
      assert.equal(line.sent, forms[name].at(-1), spelling);
      assert.equal(lanes!.taken[lane], before + 1, spelling);
    }
  });
});

/** What closes the lanes: how it begins, how it ends. The first line gives the commands unless said otherwise. */
type Act = (side: Side) => void;
const give =
  (...argv: Bytes[]): Act =>
  (side) =>
    side.lines[0].give(argv);
const other =
  (...argv: Bytes[]): Act =>
  (side) =>
    side.lines[1].give(argv);
const configure =
  (name: string, value: string): Act =>
  (side) =>
    side.configure(name, value);

const closers: [title: string, close: Act, open: Act][] = [
  ['MULTI', give('MULTI'), give('EXEC')],
  ['a watched key', other('WATCH', 'k'), other('UNWATCH')],
  ['a monitor', other('MONITOR'), other('RESET')],
  ['a session that tracks what it reads', give('CLIENT', 'TRACKING', 'ON'), give('CLIENT', 'TRACKING', 'OFF')],
  ['another session that does', other('CLIENT', 'TRACKING', 'ON'), other('CLIENT', 'TRACKING', 'OFF')],
  [
    'a user with less than all rights',
    give('ACL', 'SETUSER', 'default', '-append'),
    give('ACL', 'SETUSER', 'default', '+@all'),
  ],
  [
    'a blocked session',
    other('BLPOP', 'q', '0'),
    (side) => side.engine.blocking.unblock(side.lines[1].session, 'timeout'),
  ],
  ['a session that is gone while blocked', other('BLPOP', 'q', '0'), (side) => side.lines[1].session.end()],
  ['CLIENT PAUSE', other('CLIENT', 'PAUSE', '1000', 'WRITE'), other('CLIENT', 'UNPAUSE')],
  ['CLIENT REPLY OFF', give('CLIENT', 'REPLY', 'OFF'), give('CLIENT', 'REPLY', 'ON')],
  ['a subscription on RESP2', give('SUBSCRIBE', 'c'), give('UNSUBSCRIBE')],
  [
    'an effect listener that takes no requests as they are',
    ({ engine }) => {
      engine.effects = () => {};
    },
    ({ engine }) => {
      engine.effects = null;
    },
  ],
  ['keyspace events', configure('notify-keyspace-events', 'KEA'), configure('notify-keyspace-events', '')],
  ['maxmemory', configure('maxmemory', '1gb'), configure('maxmemory', '0')],
  [
    'a slow log below a millisecond',
    configure('slowlog-log-slower-than', '0'),
    configure('slowlog-log-slower-than', '-1'),
  ],
  ['the latency monitor', configure('latency-monitor-threshold', '1'), configure('latency-monitor-threshold', '0')],
];

for (const [title, close, open] of closers) {
  test(`${title} closes the lanes, and its end opens them`, () => {
    const side = new Side(1, true);
    const taken = (): number => side.lanes!.taken.reduce((a, b) => a + b);
    const attempt = (): number => {
      const before = taken();
      if (!side.lines[0].session.blocked) side.lines[0].give(['SET', 'k', 'v']);
      return taken() - before;
    };
    assert.equal(attempt(), 1);
    close(side);
    assert.equal(attempt(), 0);
    open(side);
    assert.equal(attempt(), 1);
  });
}

test('a session that has not given the password has no lanes', () => {
  const engine = new Engine({ seed: 1 });
  engine.config.set([['requirepass', 'secret']], true);
  const lanes = new Lanes(engine);
  const line = new Line(engine, lanes);
  line.give(['PING']);
  assert.match(line.sent, /^-NOAUTH/);
  line.give(['AUTH', 'secret']);
  line.sent = '';
  line.give(['PING']);
  assert.equal(line.sent, '+PONG\r\n');
  assert.equal(lanes.taken[0], 1);
});
