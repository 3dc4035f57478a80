/** CLIENT KILL and CLIENT LIST choose connections by many things; what the fields of a line are. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SinkStats } from '../../src/backend/session.js';
import { socketless } from '../../src/backend/silent-sink.js';
import { type ServerVersion, serverVersions } from '../../src/commands/version.js';
import { ManualClock } from '../../src/core/clock.js';
import { ErrorReply, type Reply, VerbatimReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { EngineAdapter, startServer } from '../../src/server/index.js';
import type { NewerServer } from '../../tools/newer-server.js';
import { type RunningServer, requireNewer, requireRedis, startNewer, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink, SideBySide, words } from '../support/side-by-side.js';

const START = 1_000_000_000_000;

/** An engine with connections `a` to `d`, 10 seconds apart, which differ in all that can be asked for. */
function party(serverVersion: ServerVersion = '8.4') {
  const clock = new ManualClock(START);
  const engine = new Engine({ seed: 1, clock, serverVersion });
  const connect = (stats: SinkStats) => engine.connect({ ...collectingSink([]), stats });
  const caller = connect(socketless('10.0.0.9:1', '10.0.0.1:6379'));
  const call = (line: string): Reply => caller.call(words(line));
  call('ACL SETUSER ann on nopass +@all allkeys allchannels');
  const [a, b, c, d] = ['10.0.0.2:1', '10.0.0.2:2', '[::1]:3', '/run/socket:0'].map((address, i) => {
    clock.advance(10_000);
    return connect(socketless(address, `10.0.0.${i % 2}:6379`));
  }) as [typeof caller, typeof caller, typeof caller, typeof caller];
  a.call(words('CLIENT SETNAME first'));
  a.call(words('CLIENT SETINFO lib-name tool'));
  b.call(words('CLIENT SETINFO lib-ver 1.2'));
  b.call(words('SUBSCRIBE news'));
  c.call(words('AUTH ann x'));
  c.call(words('SELECT 3'));
  c.call(words('MULTI'));
  d.call(words('CLIENT CAPA redirect'));
  const letters = new Map([
    [caller.id, 'me'],
    [a.id, 'a'],
    [b.id, 'b'],
    [c.id, 'c'],
    [d.id, 'd'],
  ]);
  const listed = (filter: string): string => {
    const reply = call(`CLIENT LIST ${filter}`);
    assert.ok(reply instanceof VerbatimReply, `${filter}: ${reply instanceof ErrorReply ? reply.text : String(reply)}`);
    return [...reply.text.matchAll(/^id=(\d+)/gm)].map(([, id]) => letters.get(Number(id))).join(' ');
  };
  return { engine, clock, call, listed, ids: { a: a.id, b: b.id, c: c.id, d: d.id } };
}

const filters: readonly (readonly [filter: string, whom: string])[] = [
  ['NAME first', 'a'],
  ['NOT-NAME first', 'me b c d'],
  ['LIB-NAME tool', 'a'],
  ['NOT-LIB-NAME tool', 'me b c d'],
  ['LIB-VER 1.2', 'b'],
  ['NOT-LIB-VER 1.2', 'me a c d'],
  ['TYPE pubsub', 'b'],
  ['NOT-TYPE pubsub', 'me a c d'],
  ['TYPE primary', ''],
  ['USER ann', 'c'],
  ['NOT-USER ann', 'me a b d'],
  ['DB 3', 'c'],
  ['NOT-DB 3', 'me a b d'],
  ['FLAGS x', 'c'],
  ['FLAGS P', 'b'],
  ['FLAGS xP', ''],
  ['NOT-FLAGS N', 'b c d'],
  ['CAPA r', 'd'],
  ['NOT-CAPA r', 'me a b c'],
  ['ADDR 10.0.0.2:1', 'a'],
  ['NOT-ADDR 10.0.0.2:1', 'me b c d'],
  ['IP 10.0.0.2', 'a b'],
  ['NOT-IP 10.0.0.2', 'me c d'],
  ['IP ::1', 'c'],
  ['LADDR 10.0.0.0:6379', 'a c'],
  ['NOT-LADDR 10.0.0.0:6379', 'me b d'],
  ['MAXAGE 20', 'me a b'],
  ['SKIPME yes', 'a b c d'],
  ['SKIPME no', 'me a b c d'],
  ['IP 10.0.0.2 NOT-NAME first', 'b'],
  ['MAXAGE 20 SKIPME YES TYPE normal', 'a'],
];

describe('CLIENT LIST', () => {
  for (const [filter, whom] of filters) {
    it(filter, () => assert.equal(party().listed(filter), whom));
  }

  it('several ids, and all but some', () => {
    const { listed, ids } = party();
    assert.equal(listed(`ID ${ids.c} ${ids.a} 999`), 'c a');
    assert.equal(listed(`ID ${ids.c} ${ids.a} NAME first`), 'a');
    assert.equal(listed(`NOT-ID ${ids.c} ${ids.a}`), 'me b d');
    assert.equal(listed(`ID ${ids.c} ${ids.a} NOT-ID ${ids.c}`), 'a');
  });

  it('IDLE: silent for so long', () => {
    const { listed, clock } = party();
    clock.advance(5000);
    assert.equal(listed('IDLE 5'), 'a b c d');
    assert.equal(listed('IDLE 6'), '');
  });

  it('refuses what there is not', () => {
    const { call } = party();
    for (const [filter, text] of [
      ['USER bob', "ERR No such user 'bob'"],
      ['NOT-USER bob', "ERR No such user 'bob'"],
      ['DB 99', 'ERR DB number should be between 0 and 15'],
      ['FLAGS xY', 'ERR Unknown flags found in the provided filter: xY'],
      ['NOT-CAPA q', 'ERR Unknown capa found in the provided filter: q'],
      ['IDLE 0', 'ERR idle should be greater than 0'],
      ['ID x', 'ERR Invalid client ID'],
      ['NAME', 'ERR syntax error'],
      ['NOT-MAXAGE 1', 'ERR syntax error'],
    ] as const) {
      const reply = call(`CLIENT LIST ${filter}`);
      assert.equal(reply instanceof ErrorReply ? reply.text : reply, text, filter);
    }
  });
});

describe('CLIENT KILL', () => {
  for (const [filter, whom] of filters) {
    it(filter, () => {
      const { call, engine } = party();
      const others = whom.split(' ').filter((name) => name !== '' && name !== 'me').length;
      const own = /SKIPME no/.test(filter) ? 1 : 0;
      assert.equal(call(`CLIENT KILL ${filter}`), others + own);
      assert.equal(engine.sessions.size, 5 - others);
    });
  }

  it('several ids', () => {
    const { call, ids } = party();
    assert.equal(call(`CLIENT KILL ID ${ids.a} ${ids.b} 999 ID ${ids.c}`), 1);
    assert.equal(call(`CLIENT KILL ID ${ids.a} ${ids.b} 999`), 2);
    assert.equal(call(`CLIENT KILL NOT-ID ${ids.c} ${ids.d}`), 0);
  });
});

it('only the newest has filters of Valkey', () => {
  for (const version of serverVersions) {
    const { call } = party(version);
    for (const line of [
      'CLIENT KILL ID 77 78',
      'CLIENT LIST SKIPME yes',
      'CLIENT KILL NAME x',
      'CLIENT LIST NOT-IP x',
    ]) {
      assert.equal(call(line) instanceof ErrorReply, version !== '8.4', `${version} ${line}`);
    }
    assert.equal(call('CLIENT KILL MAXAGE 100000') instanceof ErrorReply, version < '7.4');
  }
});

const questions = [
  'CLIENT KILL ID 9999 9998',
  'CLIENT KILL ID 9999 TYPE primary',
  'CLIENT KILL ID',
  'CLIENT KILL ID 0',
  'CLIENT KILL ID 1 0',
  'CLIENT KILL MAXAGE 0',
  'CLIENT KILL MAXAGE x',
  'CLIENT KILL 1 2 3',
  'CLIENT LIST ID 9999 9998',
  'CLIENT LIST ID 9999 TYPE normal',
  'CLIENT LIST TYPE primary',
  'CLIENT LIST TYPE none',
  'CLIENT LIST USER nobody',
  'CLIENT LIST USER default MAXAGE 100000',
  'CLIENT LIST USER default TYPE master SKIPME yes',
  'CLIENT LIST ADDR 1.2.3.4:5 LADDR 1.2.3.4:6',
  'CLIENT LIST SKIPME maybe',
  'CLIENT LIST X',
  'CLIENT LIST ADDR',
  'CLIENT LIST ID',
];

for (const [kind, version] of [
  ['redis', '8.0'],
  ['valkey', '8.4'],
] as const) {
  describe(`CLIENT KILL and CLIENT LIST beside a real ${kind}`, () => {
    let both: SideBySide | null = null;
    before(async (t) => {
      if (await requireNewer(t as never, kind)) both = await SideBySide.start(await startNewer(kind), version);
    });
    after(() => both?.stop());
    for (const line of questions) {
      it(line, async (t) => {
        if (both === null) return t.skip('the server is not in the cache');
        await both.begin(2);
        await both.same(words(line));
      });
    }
  });
}

/** The names of the fields in a line of CLIENT LIST. */
const names = (line: unknown): string[] => [...String(line).matchAll(/([a-z-]+)=/g)].map(([, name]) => name!);

async function fields(port: number): Promise<string[]> {
  const client = await RespClient.connect(port);
  try {
    return names(await client.value('CLIENT', 'INFO'));
  } finally {
    client.close();
  }
}

async function fieldsOf(real: RunningServer): Promise<string[]> {
  try {
    return await fields(real.port);
  } finally {
    await real.stop();
  }
}

describe('the fields of a line', () => {
  const own = (version: ServerVersion): string[] => {
    const session = new Engine({ seed: 1, serverVersion: version }).connect({
      ...collectingSink([]),
      stats: socketless('a:1'),
    });
    return names((session.call(['CLIENT', 'INFO']) as VerbatimReply).text);
  };

  it('are those of a real 7.0', async (t) => {
    if (await requireRedis(t)) assert.deepEqual(own('7.0'), await fieldsOf(await startRedis()));
  });

  it('are those of a real 8.0', async (t) => {
    if (await requireNewer(t)) assert.deepEqual(own('8.0'), await fieldsOf(await startNewer()));
  });

  it('are in the newest also those of Valkey, but for what only that has', async (t) => {
    if (!(await requireNewer(t, 'valkey' satisfies NewerServer))) return;
    const theirs = await fieldsOf(await startNewer('valkey'));
    assert.deepEqual(
      own('8.4').filter((name) => name !== 'io-thread'),
      theirs.filter((name) => name !== 'capa'),
    );
  });

  it('count bytes and commands as Valkey does', async (t) => {
    if (!(await requireNewer(t, 'valkey'))) return;
    const real = await startNewer('valkey');
    const server = await startServer(new EngineAdapter(new Engine({ serverVersion: '8.4' })), { port: 0 });
    const totals = async (port: number): Promise<(string | undefined)[]> => {
      const client = await RespClient.connect(port);
      try {
        const lines = ['SET k v', 'GET k', 'NOSUCH', 'GET', 'MULTI', 'INCR n', 'INCR n', 'EXEC'];
        lines.push("EVAL \"redis.call('INCR', 'n') return redis.call('GET', 'n')\" 0", 'LPUSH k v');
        for (const line of lines) await client.send(...words(line));
        const info = String(await client.value('CLIENT', 'INFO'));
        return ['tot-net-in', 'tot-net-out', 'tot-cmds'].map((name) => new RegExp(` ${name}=(\\d+)`).exec(info)?.[1]);
      } finally {
        client.close();
      }
    };
    try {
      assert.deepEqual(await totals(server.port!), await totals(real.port));
    } finally {
      await server.close();
      await real.stop();
    }
  });
});
