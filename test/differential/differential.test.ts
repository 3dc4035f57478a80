import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { requireNewer, requireRedis, startKeyspan, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { fuzz } from './fuzz.js';
import { opponents } from './opponent.js';

const commands_count = Number(process.env.KEYSPAN_FUZZ_COMMANDS ?? 30_000);
const time_max_ms = 10_000;
const fixedSeed = 20_220_427;

test('the harness finds no difference between two real servers', async (t) => {
  if (!(await requireRedis(t))) return;
  const servers = [await startRedis(), await startRedis()] as const;
  try {
    const outcome = await fuzz({
      portA: servers[0].port,
      portB: servers[1].port,
      seed: fixedSeed,
      commands_max: 6000,
      time_max_ms,
    });
    assert.deepEqual(
      outcome.findings.map(({ difference }) => difference),
      [],
    );
    assert.ok(outcome.commands_count >= 2000 && outcome.checkpoints_count > 4);
  } finally {
    for (const server of servers) await server.stop();
  }
});

test('the harness finds a planted difference and shortens it', async (t) => {
  if (!(await requireRedis(t))) return;
  const servers = [await startRedis(), await startRedis()] as const;
  try {
    const control = await RespClient.connect(servers[1].port);
    await control.send('CONFIG', 'SET', 'hash-max-listpack-entries', '1');
    control.close();
    const outcome = await fuzz({
      portA: servers[0].port,
      portB: servers[1].port,
      seed: fixedSeed,
      episodes_max: 4,
      differences_max: 1,
      shorten_ms: 3000,
      tune: false,
      exclude: new Set(['config']),
    });
    assert.equal(outcome.findings.length, 1);
    const { difference, trace } = outcome.findings[0]!;
    assert.match(`${difference.a} ${difference.b}`, /listpack.*hashtable/s);
    assert.ok(trace.length <= 10, `${trace.length} steps are left`);
  } finally {
    for (const server of servers) await server.stop();
  }
});

for (const [title, seed] of [
  ['a fixed seed', fixedSeed],
  ['a fresh seed', Date.now() % 0x1_0000_0000],
] as const) {
  test(`keyspan and redis-server give the same replies: ${title} (${seed})`, async (t) => {
    if (!(await requireRedis(t))) return;
    // A crash of the real server is a fault of its own (7.0.15 has one in XDEL): another seed takes the place.
    if (await realCrashed(t, seed))
      assert.ok(!(await realCrashed(t, seed + 1_000_003)), 'the real server crashed twice');
  });
}

/** Compares under a seed; true if the real server crashed, which keyspan did not. */
async function realCrashed(t: TestContext, seed: number): Promise<boolean> {
  const real = await startRedis();
  const own = await startKeyspan();
  try {
    const outcome = await fuzz({
      portA: real.port,
      portB: own.port,
      seed,
      commands_max: commands_count,
      time_max_ms,
      shorten_ms: 5000,
      log: (line) => t.diagnostic(line),
    });
    t.diagnostic(`seed ${seed}: ${outcome.commands_count} commands, ${outcome.checkpoints_count} state comparisons`);
    assert.ok(own.alive(), `keyspan ended: ${own.output()}`);
    const crashed = !real.alive();
    const differences = outcome.findings.map((finding) => finding.difference);
    assert.deepEqual(crashed ? differences.filter(({ a, b }) => a !== 'dead' || b !== 'alive') : differences, []);
    assert.ok(
      crashed || outcome.commands_count >= 5000,
      `only ${outcome.commands_count} commands in ${outcome.elapsed_ms} ms`,
    );
    return crashed;
  } finally {
    await real.stop();
    await own.stop();
  }
}

for (const [name, kind] of [
  ['8.0', 'redis'],
  ['valkey-8.1', 'valkey'],
] as const) {
  const { serverVersion, start } = opponents[name];
  test(`keyspan as ${serverVersion} and a real ${kind} ${name.replace(/^\D+/, '')} give the same replies`, async (t) => {
    if (!(await requireNewer(t, kind))) return;
    const real = await start();
    const own = await startKeyspan({ args: ['--server-version', serverVersion] });
    try {
      const outcome = await fuzz({
        portA: real.port,
        portB: own.port,
        seed: fixedSeed,
        commands_max: commands_count,
        time_max_ms,
        shorten_ms: 5000,
        against: name,
        log: (line) => t.diagnostic(line),
      });
      assert.deepEqual(
        outcome.findings.map((finding) => finding.difference),
        [],
      );
      assert.ok(outcome.commands_count >= 2000, `only ${outcome.commands_count} commands in ${outcome.elapsed_ms} ms`);
    } finally {
      await real.stop();
      await own.stop();
    }
  });
}
