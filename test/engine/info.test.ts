/** INFO against a real server, and its figures against what happened. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServerVersion } from '../../src/commands/version.js';
import { ManualClock } from '../../src/core/clock.js';
import { type Reply, VerbatimReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { plainSurroundings } from '../../src/engine/surroundings.js';
import { EngineAdapter, startServer } from '../../src/server/index.js';
import { type RunningServer, requireNewer, requireRedis, startNewer, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { collectingSink } from '../support/side-by-side.js';

function infoOf(reply: Reply): Map<string, Map<string, string>> {
  assert.ok(reply instanceof VerbatimReply);
  const sections = new Map<string, Map<string, string>>();
  for (const block of reply.text.split('\r\n\r\n').filter((text) => text !== '')) {
    const [heading, ...lines] = block.trimEnd().split('\r\n');
    sections.set(heading!.slice(2), new Map(lines.map((line) => line.split(/:(.*)/s).slice(0, 2) as [string, string])));
  }
  return sections;
}

/** Asked of both; what a section alone has is in no other. */
const questions = [
  [],
  ['everything'],
  ['all'],
  ['default'],
  ['commandstats', 'keyspace'],
  ['SERVER', 'server'],
  ['modules'],
  ['nosuch', 'cpu'],
  ['threads', 'keysizes'],
];

/** Own fields, and what only a server that listens or has modules can tell. */
const unlike = /^(keyspan_version|listener\d|module)$/;

async function sameFields(server: RunningServer, serverVersion: ServerVersion): Promise<void> {
  const client = await RespClient.connect(server.port);
  const session = new Engine({ seed: 1, serverVersion }).connect(collectingSink([]));
  for (const line of [['SET', 'k', 'v'], ['GET'], ['LPUSH', 'k', 'v']]) {
    await client.send(...line);
    session.call([...line]);
  }
  for (const asked of questions) {
    const theirs = infoOf(new VerbatimReply((await client.value('INFO', ...asked)) as string));
    const ours = infoOf(session.call(['INFO', ...asked]));
    assert.deepEqual([...ours.keys()], [...theirs.keys()], asked.join(' '));
    for (const [section, fields] of theirs) {
      if (/^(Command|Error|Latency)stats$/.test(section)) continue;
      const names = (of: Map<string, string>) => [...of.keys()].filter((name) => !unlike.test(name));
      assert.deepEqual(names(ours.get(section)!), names(fields), `${asked} ${section}`);
    }
  }
  client.close();
}

describe('INFO', () => {
  it('has the sections and fields of the real server, in their order', async (t) => {
    if (!(await requireRedis(t))) return;
    const server = await startRedis();
    try {
      await sameFields(server, '7.0');
    } finally {
      await server.stop();
    }
  });

  it('has the sections and fields of a real 8.0, in their order', async (t) => {
    if (!(await requireNewer(t))) return;
    const server = await startNewer();
    try {
      await sameFields(server, '8.0');
    } finally {
      await server.stop();
    }
  });

  it('sorts values by size as a real 8.0 does', async (t) => {
    if (!(await requireNewer(t))) return;
    const server = await startNewer();
    try {
      const client = await RespClient.connect(server.port);
      const session = new Engine({ seed: 1, serverVersion: '8.0' }).connect(collectingSink([]));
      const lines = [0, 1, 2, 3, 4, 7, 8, 1023, 1024, 3000].flatMap((size) => {
        const elements = Array.from({ length: size }, (_, i) => `e${i}`);
        const strings = [['SET', `string:${size}`, 'x'.repeat(size)]];
        if (size === 0) return strings;
        return [
          ...strings,
          ['RPUSH', `list:${size}`, ...elements],
          ['SADD', `set:${size}`, ...elements],
          ['HSET', `hash:${size}`, ...elements.flatMap((name) => [name, 'v'])],
          ['ZADD', `zset:${size}`, ...elements.flatMap((name, i) => [String(i), name])],
        ];
      });
      lines.push(['SET', 'number', '123456'], ['XADD', 'stream', '1-1', 'a', 'b'], ['SELECT', '3'], ['SET', 'k', 'v']);
      for (const line of lines) {
        await client.send(...line);
        session.call([...line]);
      }
      const theirs = infoOf(new VerbatimReply((await client.value('INFO', 'keysizes')) as string));
      assert.deepEqual(infoOf(session.call(['INFO', 'keysizes'])), theirs);
      assert.deepEqual(infoOf(session.call(['INFO'])).get('Keysizes'), theirs.get('Keysizes'));
      client.close();
    } finally {
      await server.stop();
    }
  });

  it('looks at all keys only where it is asked to, if there are many', () => {
    const session = new Engine({ seed: 1, serverVersion: '8.0' }).connect(collectingSink([]));
    for (let i = 0; i <= 100; i++) {
      session.call(['MSET', ...Array.from({ length: 1000 }, (_, k) => [`${i}:${k}`, 'v']).flat()]);
    }
    assert.deepEqual(infoOf(session.call(['INFO'])).get('Keysizes'), new Map());
    const sizes = new Map([['db0_distrib_strings_sizes', '1=101000']]);
    assert.deepEqual(infoOf(session.call(['INFO', 'KEYSIZES'])).get('Keysizes'), sizes);
  });

  it('tells of its listeners and its event loop', async () => {
    const engine = new Engine({ seed: 1, serverVersion: '8.0' });
    const server = await startServer(new EngineAdapter(engine), { port: 0 });
    try {
      const client = await RespClient.connect(server.port!);
      await client.send('PING');
      const ask = async () => infoOf(new VerbatimReply((await client.value('INFO')) as string));
      const first = await ask();
      assert.equal(first.get('Server')!.get('listener0'), `name=tcp,bind=127.0.0.1,bind=-::1,port=${server.port}`);
      assert.equal(first.get('Server')!.has('listener1'), false);
      assert.match(first.get('Threads')!.get('io_thread_0')!, /^clients=1,reads=[1-9]\d*,writes=[1-9]\d*$/);
      const cycles = Number(first.get('Stats')!.get('eventloop_cycles'));
      assert.ok(cycles > 0);
      assert.ok(Number(first.get('Stats')!.get('eventloop_duration_sum')) > 0);
      assert.ok(Number((await ask()).get('Stats')!.get('eventloop_cycles')) > cycles);
      client.close();
    } finally {
      await server.close();
    }
  });

  it('tells true figures', () => {
    const clock = new ManualClock(1_000_000_000_000);
    const engine = new Engine({ seed: 1, clock });
    const session = engine.connect(collectingSink([]));
    engine.connect(collectingSink([]));
    session.call(['SET', 'a', '1']);
    session.call(['SET', 'b', '1', 'PX', '50000']);
    session.call(['GET', 'a']);
    session.call(['GET', 'none']);
    session.call(['LPUSH', 'a', 'x']);
    session.call(['GET']);
    clock.advance(90_061_000);
    const info = infoOf(session.call(['INFO', 'everything']));
    const field = (section: string, name: string): string | undefined => info.get(section)?.get(name);
    assert.equal(field('Server', 'redis_version'), '7.0.15');
    assert.equal(field('Server', 'uptime_in_seconds'), '90061');
    assert.equal(field('Server', 'uptime_in_days'), '1');
    assert.equal(field('Server', 'process_id'), String(process.pid));
    assert.equal(field('Clients', 'connected_clients'), '2');
    assert.equal(field('Stats', 'keyspace_hits'), '1');
    assert.equal(field('Stats', 'keyspace_misses'), '1');
    assert.equal(field('Stats', 'total_error_replies'), '2');
    assert.equal(field('Errorstats', 'errorstat_WRONGTYPE'), 'count=1');
    assert.equal(field('Errorstats', 'errorstat_ERR'), 'count=1');
    assert.match(
      field('Commandstats', 'cmdstat_lpush')!,
      /^calls=1,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,failed_calls=1$/,
    );
    assert.match(field('Commandstats', 'cmdstat_get')!, /^calls=2,.*rejected_calls=1,failed_calls=0$/);
    assert.match(
      field('Latencystats', 'latency_percentiles_usec_set')!,
      /^p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}$/,
    );
    assert.match(field('Keyspace', 'db0')!, /^keys=2,expires=1,avg_ttl=\d+$/);
    assert.equal(field('Memory', 'used_memory'), String(engine.meter.used));
    assert.equal(field('Persistence', 'rdb_changes_since_last_save'), '2');
    session.call(['CONFIG', 'RESETSTAT']);
    const after = infoOf(session.call(['INFO', 'stats', 'commandstats']));
    assert.equal(after.get('Stats')!.get('keyspace_hits'), '0');
    assert.equal(after.get('Commandstats')!.has('cmdstat_lpush'), false);
  });

  it('takes what only the process knows from the surroundings', () => {
    const engine = new Engine({ seed: 1 });
    engine.surroundings = {
      ...plainSurroundings(),
      tcpPort: 7777,
      os: 'Test 1 none',
      cpu: () => ({ user: 1.5, system: 0.25 }),
    };
    const info = infoOf(engine.connect(collectingSink([])).call(['INFO']));
    assert.equal(info.get('Server')!.get('tcp_port'), '7777');
    assert.equal(info.get('Server')!.get('os'), 'Test 1 none');
    assert.equal(info.get('CPU')!.get('used_cpu_user'), '1.500000');
  });
});
