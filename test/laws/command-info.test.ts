import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { startServer } from '../../src/server/index.js';
import { type RunningServer, requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { type ServerCommand, serverCommands } from './server-command.js';

/** Commands of Redis 7.0 that may be missing, and why. */
const missing: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^migrate$/, 'moving keys between servers comes with a later change'],
  [/^acl\|/, 'users of their own come with a later change'],
  [/^(psync|sync|replconf)$/, 'what replicas say to their primary comes with a later change'],
];

describe('COMMAND says what the real server says', () => {
  let redis: RunningServer;
  let theirs: ServerCommand[];
  let ours: ServerCommand[];
  const stops: (() => unknown)[] = [];

  before(async (t) => {
    if (!(await requireRedis(t as never))) return;
    redis = await startRedis();
    const server = await startServer(new EngineAdapter(new Engine()), { port: 0 });
    const clients = await Promise.all([redis.port, server.port!].map((port) => RespClient.connect(port)));
    stops.push(
      () => {
        for (const client of clients) client.close();
      },
      () => redis.stop(),
      () => server.close(),
    );
    [theirs, ours] = (await Promise.all(clients.map(serverCommands))) as [ServerCommand[], ServerCommand[]];
  });
  after(async () => {
    for (const stop of stops) await stop();
  });

  it('every command', (t) => {
    if (theirs === undefined) return t.skip('no redis-server');
    for (const command of ours) {
      const real = theirs.find(({ name }) => name === command.name);
      assert.ok(real, `Redis 7.0 has no command ${command.name}`);
      assert.deepEqual({ ...command, subcommands: [] }, { ...real, subcommands: [] });
    }
  });

  it('every subcommand', (t) => {
    if (theirs === undefined) return t.skip('no redis-server');
    const all = theirs.flatMap(({ subcommands }) => subcommands);
    for (const command of ours.flatMap(({ subcommands }) => subcommands)) {
      const real = all.find(({ name }) => name === command.name);
      assert.ok(real, `Redis 7.0 has no command ${command.name}`);
      assert.deepEqual(command, real);
    }
  });

  it('no command is missing without a reason', (t) => {
    if (theirs === undefined) return t.skip('no redis-server');
    const names = (list: ServerCommand[]) =>
      list.flatMap((one) => [one.name, ...one.subcommands.map(({ name }) => name)]);
    const have = new Set(names(ours));
    const absent = names(theirs).filter((name) => !have.has(name));
    const unexplained = absent.filter((name) => !missing.some(([pattern]) => pattern.test(name)));
    assert.deepEqual(unexplained, []);
    if (absent.length > 0) t.diagnostic(`missing: ${absent.join(', ')}`);
  });
});
