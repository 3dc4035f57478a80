/** `maxmemory-clients`, what CLIENT LIST says of buffers, and output that counts with the data. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '../../src/engine/engine.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { type Server, startServer } from '../../src/server/index.js';
import { listenProblem } from '../../src/server/listener.js';
import { encodeCommand } from '../support/resp-client.js';
import { until } from '../support/until.js';

class House {
  readonly engine = new Engine({ seed: 1 });
  server!: Server;

  async open(t: TestContext): Promise<void> {
    this.server = await startServer(new EngineAdapter(this.engine), { port: 0 });
    t.after(() => this.server.close());
  }

  set(name: string, value: string): void {
    assert.equal(this.engine.config.set([[name, value]], true), null);
  }

  /** A client that names itself, so that its line can be found. */
  async client(name: string): Promise<Socket> {
    const socket = connect(this.server.port!, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(encodeCommand(['CLIENT', 'SETNAME', name]));
    await once(socket, 'data');
    return socket;
  }

  names(): string[] {
    return [...this.engine.sessions.values()].map(({ name }) => name).sort();
  }
}

const unfinished = (bytes: number): string => `*2\r\n$${bytes}\r\n${'v'.repeat(bytes)}`;

test('the largest clients are closed until the others fit', async (t) => {
  const house = new House();
  await house.open(t);
  for (const [name, bytes] of [
    ['small', 1000],
    ['middle', 300_000],
    ['large', 1_500_000],
  ] as const) {
    (await house.client(name)).write(unfinished(bytes));
  }
  const held = (bytes: number) =>
    [...house.engine.sessions.values()].some(({ sink }) => sink.stats.queryBufferBytes >= bytes);
  await until(() => held(1_500_000));
  assert.deepEqual(house.names(), ['large', 'middle', 'small']);
  house.set('maxmemory-clients', '1mb');
  (await house.client('other')).write(encodeCommand(['PING']));
  await until(() => house.names().length === 3);
  assert.deepEqual(house.names(), ['middle', 'other', 'small']);
  assert.equal(house.engine.stats.evictedClients, 1);
});

test('a client with NO-EVICT stays, and a percentage is one of maxmemory', async (t) => {
  const house = new House();
  await house.open(t);
  house.set('maxmemory', '10mb');
  house.set('maxmemory-clients', '5%');
  assert.equal(house.engine.clientEviction.limitBytes, (10 * 1024 * 1024 * 5) / 100);
  const kept = await house.client('kept');
  kept.write(encodeCommand(['CLIENT', 'NO-EVICT', 'on']));
  await once(kept, 'data');
  kept.write(unfinished(700_000));
  await until(() => [...house.engine.sessions.values()].some(({ sink }) => sink.stats.queryBufferBytes === 700_000));
  const doomed = await house.client('doomed').catch(() => null);
  if (doomed !== null && !doomed.destroyed) await once(doomed, 'close');
  assert.deepEqual(house.names(), ['kept']);
});

test('queued commands, watched keys and subscriptions count', async (t) => {
  const house = new House();
  await house.open(t);
  house.set('maxmemory-clients', '200kb');
  const fills: Record<string, string[][]> = {
    queue: [['MULTI'], ...Array.from({ length: 8 }, () => ['SET', 'k', 'v'.repeat(30_000)])],
    watch: [['WATCH', ...Array.from({ length: 3000 }, (_, i) => `k${i}`)]],
    subscribe: [['SUBSCRIBE', ...Array.from({ length: 3000 }, (_, i) => `c${i}`)]],
  };
  for (const [name, commands] of Object.entries(fills)) {
    const socket = await house.client(name);
    const closed = once(socket, 'close');
    socket.resume();
    for (const argv of commands) socket.write(encodeCommand(argv));
    await closed;
  }
  assert.equal(house.engine.stats.evictedClients, 3);
});

test('what waits in buffers counts with the data, until it is gone', async (t) => {
  const house = new House();
  await house.open(t);
  const reader = await house.client('reader');
  reader.pause();
  reader.write(encodeCommand(['SETRANGE', 'k', '1000000', 'v']));
  for (let i = 0; i < 30; i++) reader.write(encodeCommand(['GET', 'k']));
  await until(() => house.engine.network.heldBytes > 10_000_000);
  house.set('maxmemory', '5mb');
  assert.ok(house.engine.eviction.overLimit);
  house.engine.resetStatistics();
  assert.ok(house.engine.network.heldBytes > 10_000_000);
  reader.destroy();
  await until(() => house.engine.network.heldBytes === 0);
  assert.ok(!house.engine.eviction.overLimit);
});

test('CLIENT LIST counts the request in hand, and a share of the buffers for those who spoke lately', async (t) => {
  const house = new House();
  await house.open(t);
  const socket = await house.client('asking');
  socket.write(encodeCommand(['CLIENT', 'INFO']));
  const [line] = (await once(socket, 'data')) as [Buffer];
  assert.match(line.toString(), / qbuf=26 qbuf-free=16358 .* rbs=1024 /);
  await sleep(4000);
  const { stats } = [...house.engine.sessions.values()][0]!.sink;
  assert.equal(stats.queryBufferBytes + stats.queryBufferFreeBytes, 0);
});

test('whether an address can be listened on is told at once', async (t) => {
  const house = new House();
  await house.open(t);
  assert.notEqual(listenProblem('127.0.0.1', house.server.port!), 0);
  assert.equal(listenProblem('127.0.0.1', 0), 0);
  assert.notEqual(listenProblem('999.999.999.999', 0), 0);
  assert.equal(house.server.canBind(house.server.port, ['127.0.0.1']), true);
  assert.equal(house.server.canBind(house.server.port, ['999.999.999.999']), false);
});
