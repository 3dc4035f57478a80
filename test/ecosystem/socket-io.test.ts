import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter';
import { Redis as IoRedis } from 'ioredis';
import { createClient } from 'redis';
import { Server, type ServerOptions } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { type RunningServer, startKeyspan } from '../support/redis.js';
import { until } from '../support/until.js';

type Adapter = ServerOptions['adapter'];

/** Socket.IO servers that find each other through a server of our own. */
describe('socket.io', () => {
  let server: RunningServer;
  before(async () => {
    server = await startKeyspan({ args: ['--server-version', '8.0'] });
  });
  after(() => server.stop());

  function client(ends: (() => unknown)[]): IoRedis {
    const made = new IoRedis(server.port, '127.0.0.1');
    ends.push(() => made.disconnect());
    return made;
  }

  /** Two servers with one client each: what is said on the first is heard on the second. */
  async function tour(adapterOf: (ends: (() => unknown)[]) => Adapter | Promise<Adapter>): Promise<void> {
    const ends: (() => unknown)[] = [];
    try {
      const nodes = [await node(adapterOf, ends), await node(adapterOf, ends)] as const;
      const sockets = await Promise.all(nodes.map(({ port }) => connected(port, ends)));
      await until(async () => (await nodes[0].io.fetchSockets()).length === 2);
      const heard = sockets.map((socket) => next(socket, 'news'));
      nodes[0].io.emit('news', { n: 1 });
      assert.deepEqual(await Promise.all(heard), [{ n: 1 }, { n: 1 }]);
      nodes[1].io.in(sockets[0]!.id!).socketsJoin('room');
      await until(async () => (await nodes[0].io.in('room').fetchSockets()).length === 1);
      const alone = next(sockets[0]!, 'whisper');
      nodes[1].io.to('room').emit('whisper', 'psst');
      assert.equal(await alone, 'psst');
      nodes[0].io.on('ping all', (_, answer: (text: string) => void) => answer('first'));
      nodes[1].io.on('ping all', (_, answer: (text: string) => void) => answer('second'));
      assert.deepEqual(await nodes[0].io.serverSideEmitWithAck('ping all', 1), ['second']);
    } finally {
      for (const end of ends.reverse()) await end();
    }
  }

  test('redis-adapter over ioredis', () => tour((ends) => createAdapter(client(ends), client(ends))));

  test('sharded redis-adapter over node-redis', () =>
    tour(async (ends) => {
      const url = `redis://127.0.0.1:${server.port}`;
      const clients = [createClient({ url }), createClient({ url })] as const;
      for (const each of clients) {
        await each.connect();
        ends.push(() => each.close());
      }
      return createShardedAdapter(clients[0], clients[1]);
    }));

  test('redis-streams-adapter over ioredis', () =>
    tour((ends) => createStreamsAdapter(client(ends), { readCount: 10, blockTimeInMs: 100 } as never)));
});

async function node(
  adapterOf: (ends: (() => unknown)[]) => Adapter | Promise<Adapter>,
  ends: (() => unknown)[],
): Promise<{ io: Server; port: number }> {
  const http = createServer();
  const io = new Server(http, { adapter: await adapterOf(ends) });
  ends.push(() => io.close());
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { io, port: (http.address() as AddressInfo).port };
}

async function connected(port: number, ends: (() => unknown)[]): Promise<Socket> {
  const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  ends.push(() => socket.disconnect());
  await next(socket, 'connect');
  return socket;
}

function next(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve));
}
