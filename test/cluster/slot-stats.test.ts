/** CLUSTER SLOT-STATS, beside a real Valkey. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ErrorReply } from '../../src/core/reply.js';
import { Config } from '../../src/engine/config.js';
import { Engine } from '../../src/engine/engine.js';
import { defaultSettings } from '../../src/engine/settings.js';
import { open } from '../../src/index.js';
import { EngineAdapter, type Server, startServer } from '../../src/server/index.js';
import { type RunningServer, requireNewer, startNewer } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink, words } from '../support/side-by-side.js';

const OK_TIMEOUT_MS = 60_000;

function node(serverVersion: '8.0' | '8.2' | '8.4', settings: Record<string, string> = {}): Engine {
  const config = new Config({ ...defaultSettings(), serverVersion });
  config.put('cluster-enabled', 'yes');
  for (const [name, value] of Object.entries(settings)) config.put(name, value);
  return new Engine({ seed: 1, config });
}

/** Waits until the node serves keys: it takes some seconds before it does. */
async function served(client: RespClient): Promise<void> {
  const deadline = Date.now() + OK_TIMEOUT_MS;
  while (!String(await client.value('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
    assert.ok(Date.now() < deadline, 'the node does not serve its slots');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Times are never the same. */
const untimed = (raw: string): string => raw.replace(/(cpu-usec\r\n):\d+/g, '$1:?');

describe('CLUSTER SLOT-STATS beside a real Valkey', () => {
  let real: RunningServer | null = null;
  let own: Server;
  let clients: readonly [RespClient, RespClient] | null = null;
  before(async (t) => {
    if (!(await requireNewer(t as never, 'valkey'))) return;
    real = await startNewer('valkey', { args: ['--cluster-enabled', 'yes'] });
    own = await startServer(new EngineAdapter(node('8.2')), { port: 0 });
    clients = [await RespClient.connect(real.port), await RespClient.connect(own.port!)];
    for (const client of clients) {
      await client.send('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      await served(client);
    }
  });
  after(async () => {
    for (const client of clients ?? []) client.close();
    await own?.close();
    await real?.stop();
  });

  const same = async (line: string): Promise<void> => {
    const [theirs, ours] = await Promise.all(clients!.map((client) => client.send(...words(line))));
    assert.equal(untimed(ours!.raw), untimed(theirs!.raw), line);
  };

  for (const [title, ...lines] of [
    [
      'words',
      'CLUSTER SLOT-STATS',
      'CLUSTER SLOT-STATS X 1',
      'CLUSTER SLOT-STATS ORDERBY',
      'CLUSTER SLOT-STATS ORDERBY foo',
      'CLUSTER SLOT-STATS ORDERBY foo LIMIT 0',
      'CLUSTER SLOT-STATS ORDERBY cpu-usec',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT 0',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT x',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT 16385',
      'CLUSTER SLOT-STATS ORDERBY key-count ASC DESC',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT 1 LIMIT 2',
      'CLUSTER SLOT-STATS ORDERBY key-count foo',
      'CLUSTER SLOT-STATS SLOTSRANGE 1',
      'CLUSTER SLOT-STATS SLOTSRANGE 1 x',
      'CLUSTER SLOT-STATS SLOTSRANGE 3 2',
      'CLUSTER SLOT-STATS SLOTSRANGE 1 16384',
      'CLUSTER SLOT-STATS SLOTSRANGE 1 2 3',
      'CLUSTER SLOT-STATS SLOTSRANGE -1 2',
    ],
    [
      'keys',
      'FLUSHALL',
      'MSET {a}1 x {a}2 x {a}3 x',
      'SET b 1',
      'SET c 1',
      'CLUSTER SLOT-STATS SLOTSRANGE 15490 15500',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT 4',
      'CLUSTER SLOT-STATS orderby KEY-COUNT desc limit 4',
      'CLUSTER SLOT-STATS ORDERBY key-count ASC LIMIT 2',
      'CLUSTER DELSLOTS 3300',
      'CLUSTER SLOT-STATS SLOTSRANGE 3299 3301',
      'CLUSTER ADDSLOTS 3300',
      'HELLO 3',
      'CLUSTER SLOT-STATS SLOTSRANGE 15495 15495',
      'HELLO 2',
    ],
    [
      'traffic',
      'CONFIG SET cluster-slot-stats-enabled yes',
      'FLUSHALL',
      'SET a 1',
      'GET a',
      'GET a',
      'SET b "a longer value"',
      'GET none',
      'GET',
      'GET a b',
      'LPUSH l x',
      'GET l',
      'PING',
      'CLUSTER SLOT-STATS SLOTSRANGE 15495 15495',
      'CLUSTER SLOT-STATS ORDERBY network-bytes-in LIMIT 5',
      'CLUSTER SLOT-STATS ORDERBY network-bytes-out LIMIT 5',
      'CLUSTER SLOT-STATS ORDERBY network-bytes-out LIMIT 3 ASC',
      'CONFIG SET cluster-slot-stats-enabled no',
      'CLUSTER SLOT-STATS SLOTSRANGE 15495 15495',
    ],
  ]) {
    it(title!, async (t) => {
      if (clients === null) return t.skip('the server is not in the cache');
      for (const line of lines) {
        if (line.startsWith('HELLO')) for (const client of clients) await client.send(...words(line));
        else await same(line);
      }
    });
  }
});

describe('CLUSTER SLOT-STATS', () => {
  it('tells how long commands took, from large replies too how many bytes', async () => {
    const server = await startServer(new EngineAdapter(node('8.4', { 'cluster-slot-stats-enabled': 'yes' })), {
      port: 0,
    });
    const client = await RespClient.connect(server.port!);
    try {
      await client.send('SET', 'a', 'x'.repeat(300_000));
      await client.send('GET', 'a');
      const stats = (await client.value('CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '15495', '15495')) as [
        [number, unknown[]],
      ];
      const [[slot, [, keys, , micros, , received, , sent]]] = stats;
      assert.deepEqual([slot, keys], [15_495, 1]);
      assert.ok(Number(micros) > 0);
      assert.deepEqual([received, sent], [300_000 + 31 + 20, 300_000 + 11 + 5]);
    } finally {
      client.close();
      await server.close();
    }
  });

  it('is not there before 8.2, and not without a cluster', () => {
    const ask = (engine: Engine) => engine.connect(collectingSink([])).call(words('CLUSTER SLOT-STATS SLOTSRANGE 1 2'));
    const text = (reply: unknown) => (reply instanceof ErrorReply ? reply.text : reply);
    assert.match(String(text(ask(node('8.0')))), /^ERR unknown subcommand 'SLOT-STATS'/);
    assert.equal(
      text(ask(new Engine({ seed: 1, serverVersion: '8.2' }))),
      'ERR This instance has cluster support disabled',
    );
  });

  it('has a method', async (t) => {
    const server = await startServer(new EngineAdapter(node('8.4')), { port: 0 });
    t.after(() => server.close());
    await using db = open(`redis://127.0.0.1:${server.port}`);
    await db.mset({ '{a}1': 'x', '{a}2': 'x' });
    await db.set('b', 'x');
    assert.deepEqual(await db.clusterSlotStats({ orderBy: 'key-count', limit: 2 }), [
      [15_495, { 'key-count': 2 }],
      [3300, { 'key-count': 1 }],
    ]);
    assert.deepEqual(await db.clusterSlotStats({ slotsRange: [15_495, 15_495] }), [[15_495, { 'key-count': 2 }]]);
  });
});
