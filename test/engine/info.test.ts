/** INFO against a real server, and its figures against what happened. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../src/core/clock.js';
import { type Reply, VerbatimReply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { plainSurroundings } from '../../src/engine/surroundings.js';
import { requireRedis, startRedis } from '../support/redis.js';
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

describe('INFO', () => {
  it('has the sections and fields of the real server, in their order', async (t) => {
    if (!(await requireRedis(t))) return;
    const server = await startRedis();
    try {
      const client = await RespClient.connect(server.port);
      const session = new Engine({ seed: 1 }).connect(collectingSink([]));
      for (const client_ of [['SET', 'k', 'v'], ['GET'], ['LPUSH', 'k', 'v']]) {
        await client.send(...client_);
        session.call([...client_]);
      }
      for (const asked of [
        [],
        ['everything'],
        ['all'],
        ['default'],
        ['commandstats', 'keyspace'],
        ['SERVER', 'server'],
        ['modules'],
        ['nosuch', 'cpu'],
      ]) {
        const theirs = infoOf(new VerbatimReply((await client.value('INFO', ...asked)) as string));
        const ours = infoOf(session.call(['INFO', ...asked]));
        assert.deepEqual([...ours.keys()], [...theirs.keys()], asked.join(' '));
        for (const [section, fields] of theirs) {
          if (/stats$/.test(section)) continue;
          const names = [...ours.get(section)!.keys()].filter((name) => name !== 'keyspan_version');
          assert.deepEqual(names, [...fields.keys()], `${asked} ${section}`);
        }
      }
      client.close();
    } finally {
      await server.stop();
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
