import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { protectedModeDenial } from '../../src/server/denial.js';
import { type Server, type ServerOptions, startServer } from '../../src/server/index.js';
import { newFolder } from '../support/folder.js';
import { until } from '../support/until.js';
import { FakeEngine } from './fake-engine.js';

interface House {
  engine: FakeEngine;
  server: Server;
  client(): Promise<Client>;
}

async function open(t: TestContext, options: ServerOptions = {}): Promise<House> {
  const engine = new FakeEngine();
  const server = await startServer(engine, { port: 0, ...options });
  t.after(() => server.close());
  const client = async () => {
    const made = await Client.over(connect(server.port!, '127.0.0.1'));
    t.after(() => made.socket.destroy());
    return made;
  };
  return { engine, server, client };
}

/** A raw conversation: what is sent and received are strings of bytes. */
class Client {
  readonly socket: Socket;
  received = '';
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static over(socket: Socket, ready = 'connect'): Promise<Client> {
    const client = new Client(socket);
    return new Promise((resolve, reject) => {
      socket.once(ready, () => resolve(client));
      socket.once('error', reject);
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until `length` bytes came, the connection closed, or the time is over; returns and forgets what came. */
  async take(length: number, timeout_ms = 5000): Promise<string> {
    const until = performance.now() + timeout_ms;
    while (this.received.length < length && !this.closed && performance.now() < until) await sleep(2);
    const { received } = this;
    this.received = '';
    return received;
  }

  async ask(text: string, expected: string): Promise<void> {
    this.send(text);
    assert.equal(await this.take(expected.length), expected);
  }

  async close(): Promise<void> {
    await until(() => this.closed);
    assert.ok(this.closed, 'the server closed the connection');
  }
}

for (const publicSocketsOnly of [false, true]) {
  const how = publicSocketsOnly ? 'over public sockets' : 'over handles';

  test(`answers requests, pipelined and in pieces, ${how}`, async (t) => {
    const { client } = await open(t, { publicSocketsOnly });
    const a = await client();
    await a.ask('*1\r\n$4\r\nPING\r\n', '+PONG\r\n');
    await a.ask('PING\r\n'.repeat(5000), '+PONG\r\n'.repeat(5000));
    for (const char of '*2\r\n$4\r\nECHO\r\n$3\r\na\0b\r\n') {
      a.send(char);
      await sleep(1);
    }
    assert.equal(await a.take(9), '$3\r\na\0b\r\n');
    const big = 'z'.repeat(3_000_000);
    await a.ask(`*2\r\n$4\r\nECHO\r\n$${big.length}\r\n${big}\r\nPING\r\n`, `$${big.length}\r\n${big}\r\n+PONG\r\n`);
    await a.ask('*2\r\n$5\r\nITEMS\r\n$6\r\n100000\r\n', `*100000\r\n${'$0\r\n\r\n'.repeat(100_000)}`);
  });

  test(`a slow reader gets everything in order and holds up nobody, ${how}`, async (t) => {
    const { client } = await open(t, { publicSocketsOnly });
    const slow = await client();
    const quick = await client();
    slow.socket.pause();
    slow.send('FILL 30000000\r\nPING\r\n');
    await sleep(50);
    slow.send('FILL 5\r\n'.repeat(3));
    for (let i = 0; i < 20; i++) await quick.ask('PING\r\n', '+PONG\r\n');
    slow.socket.resume();
    const expected = `$30000000\r\n${'x'.repeat(30_000_000)}\r\n+PONG\r\n${'$5\r\nxxxxx\r\n'.repeat(3)}`;
    const got = await slow.take(expected.length, 20_000);
    assert.ok(got === expected, `${got.length} of ${expected.length} bytes`);
  });

  test(`pushes and replies of several clients interleave in order, ${how}`, async (t) => {
    const { client } = await open(t, { publicSocketsOnly });
    const subscribers = [await client(), await client()];
    for (const subscriber of subscribers) await subscriber.ask('SUBSCRIBER\r\n', '+OK\r\n');
    const sender = await client();
    const bodies = Array.from({ length: 2000 }, (_, i) => `m${i}`);
    await sender.ask(bodies.map((body) => `SEND ${body}\r\n`).join(''), '+OK\r\n'.repeat(2000));
    const expected = bodies.map((body) => `*2\r\n$7\r\nmessage\r\n$${body.length}\r\n${body}\r\n`).join('');
    for (const subscriber of subscribers) assert.equal(await subscriber.take(expected.length), expected);
  });

  test(`the end of a client ends its session once, ${how}`, async (t) => {
    const { engine, server, client } = await open(t, { publicSocketsOnly });
    const a = await client();
    await a.ask('ID\r\n', ':1\r\n');
    const session = engine.sessions.get(1)!;
    a.send('PING\r\n');
    a.socket.end();
    assert.equal(await a.take(7), '+PONG\r\n');
    await a.close();
    assert.equal(session.ended, 1);
    assert.equal(server.connections, 0);
  });
}

test('a blocked client is read no further until it is served', async (t) => {
  const { client } = await open(t);
  const blocked = await client();
  const other = await client();
  blocked.send('PING\r\nBLOCK\r\nECHO after\r\n');
  assert.equal(await blocked.take(7), '+PONG\r\n');
  blocked.send('BLOCK\r\n*2\r\n$4\r\nECHO\r\n$4\r\nla');
  await sleep(20);
  assert.equal(blocked.received, '');
  await other.ask('SERVE 1 first\r\n', ':1\r\n');
  assert.equal(await blocked.take(22), '$5\r\nfirst\r\n$5\r\nafter\r\n');
  blocked.send('st\r\n');
  await other.ask('SERVE 1 second\r\n', ':1\r\n');
  assert.equal(await blocked.take(22), '$6\r\nsecond\r\n$4\r\nlast\r\n');
});

test('QUIT answers, then closes; what follows is not carried out', async (t) => {
  const { engine, client } = await open(t);
  const a = await client();
  await a.ask('QUIT\r\nPING\r\n', '+OK\r\n');
  await a.close();
  assert.equal(engine.sessions.size, 0);
});

test('QUIT behind a large reply waits until it is out', async (t) => {
  const { client } = await open(t);
  const a = await client();
  a.socket.pause();
  a.send('FILL 20000000\r\nQUIT\r\n');
  await sleep(50);
  a.socket.resume();
  const reply = await a.take(20_000_018, 10_000);
  assert.ok(reply.endsWith('x\r\n+OK\r\n'));
  await a.close();
});

test('a killed client is closed at once, others live on', async (t) => {
  const { engine, client } = await open(t);
  const victim = await client();
  await victim.ask('ID\r\n', ':1\r\n');
  const killer = await client();
  await killer.ask('KILL 1\r\nPING\r\n', '+OK\r\n+PONG\r\n');
  await victim.close();
  assert.deepEqual([...engine.sessions.keys()], [2]);
});

test('a bug in a command costs that connection only', async (t) => {
  const { engine, client } = await open(t);
  const a = await client();
  const b = await client();
  a.send('THROW\r\n');
  await a.close();
  await b.ask('PING\r\n', '+PONG\r\n');
  assert.ok(engine.lines.some((line) => line.includes('a bug')));
});

const broken: [bytes: string, error: string][] = [
  ['*x\r\n', 'invalid multibulk length'],
  ['*1\r\nPING\r\n', "expected '$', got 'P'"],
  ['*1\r\n$-5\r\n', 'invalid bulk length'],
  ['set "a\r\n', 'unbalanced quotes in request'],
  ['x'.repeat(70_000), 'too big inline request'],
];
for (const [bytes, error] of broken) {
  test(`a protocol error is told, then the connection closes: ${error}`, async (t) => {
    const { client } = await open(t);
    const a = await client();
    a.send(`PING\r\n${bytes}`);
    assert.equal(await a.take(1000), `+PONG\r\n-ERR Protocol error: ${error}\r\n`);
    await a.close();
  });
}

test('who has not authenticated is held short', async (t) => {
  const { engine, client } = await open(t);
  engine.openToAll = false;
  const a = await client();
  a.send('*11\r\n');
  assert.equal(await a.take(1000), '-ERR Protocol error: unauthenticated multibulk length\r\n');
  const b = await client();
  await b.ask(`AUTH x\r\n*11\r\n${'$4\r\nPING\r\n'.repeat(11)}`, '+OK\r\n+PONG\r\n');
});

test('the hard output limit closes a client without an answer', async (t) => {
  const { engine, client } = await open(t);
  const limit = { hard_bytes: 100_000, soft_bytes: 0, soft_seconds: 0 };
  engine.network.outputLimits = { ...engine.network.outputLimits, normal: limit };
  const a = await client();
  await a.ask('FILL 80000\r\n', `$80000\r\n${'x'.repeat(80_000)}\r\n`);
  a.send('FILL 150000\r\n');
  assert.equal(await a.take(1), '');
  await a.close();
  const b = await client();
  b.send('ITEMS 100000 abcdef\r\n');
  assert.equal(await b.take(1), '', 'a reply larger than the arena');
  await b.close();
  assert.equal(engine.counters.outputLimitClosed, 2);
  assert.ok(
    engine.lines.some((line) => line.endsWith('scheduled to be closed ASAP for overcoming of output buffer limits.')),
  );
});

test('the soft output limit closes a client after its seconds', async (t) => {
  const { engine, client } = await open(t);
  const limit = { hard_bytes: 0, soft_bytes: 100_000, soft_seconds: 600 };
  engine.network.outputLimits = { ...engine.network.outputLimits, pubsub: limit };
  const slow = await client();
  await slow.ask('SUBSCRIBER\r\n', '+OK\r\n');
  slow.socket.pause();
  const sender = await client();
  const message = 'm'.repeat(50_000);
  for (let i = 0; i < 400; i++) await sender.ask(`SEND ${message}\r\n`, '+OK\r\n');
  const omem = await (async () => {
    sender.send('OMEM 1\r\n');
    return await sender.take(10);
  })();
  assert.match(omem, /^\*3\r\n:16384\r\n:\d{2,}\r\n:\d{6,}\r\n$/);
  limit.soft_seconds = 1;
  await until(() => !engine.sessions.has(1));
  assert.equal(engine.counters.outputLimitClosed, 1);
});

test('the query buffer limit closes a client', async (t) => {
  const { engine, client } = await open(t);
  engine.network.clientQueryBuffer_bytes = 1_000_000;
  const a = await client();
  a.send(`*1\r\n$5000000\r\n${'x'.repeat(2_000_000)}`);
  await a.close();
  assert.equal(engine.counters.queryLimitClosed, 1);
});

test('maxclients turns the next one away', async (t) => {
  const { engine, client } = await open(t);
  engine.network.maxclients = 1;
  const a = await client();
  await a.ask('PING\r\n', '+PONG\r\n');
  const b = await client();
  assert.equal(await b.take(1000), '-ERR max number of clients reached\r\n');
  assert.equal(engine.counters.connectionsRejected, 1);
});

test('idle clients are closed after `timeout`, blocked and subscribed ones are not', async (t) => {
  const { engine, client } = await open(t);
  engine.network.timeout_s = 1;
  const idle = await client();
  const blocked = await client();
  const subscriber = await client();
  await idle.ask('PING\r\n', '+PONG\r\n');
  blocked.send('BLOCK\r\n');
  await subscriber.ask('SUBSCRIBER\r\n', '+OK\r\n');
  await idle.close();
  assert.deepEqual([blocked.closed, subscriber.closed], [false, false]);
});

test('protected mode refuses strangers and says what to do', async (t) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((face) => face?.family === 'IPv4' && !face.internal);
  if (outside === undefined) return t.skip('this machine has no interface but the loopback');
  const { engine, server } = await open(t, { bind: ['*'] });
  const stranger = await Client.over(connect(server.port!, outside.address));
  assert.equal(await stranger.take(2000), protectedModeDenial);
  engine.network.protectedMode = false;
  const guest = await Client.over(connect(server.port!, outside.address));
  await guest.ask('PING\r\n', '+PONG\r\n');
  guest.socket.destroy();
});

test('listens on a unix socket, replacing a stale one', async (t) => {
  const folder = newFolder(t, 'server');
  const path = join(folder, 'socket');
  const { engine } = await open(t, { unixSocket: path, unixSocketMode: 0o700 });
  assert.equal(statSync(path).mode & 0o777, 0o700);
  const a = await Client.over(connect(path));
  await a.ask('ID\r\n', ':1\r\n');
  assert.equal(engine.sessions.get(1)!.info.address, `${path}:0`);
  a.socket.destroy();
});

test('speaks TLS on a port of its own', async (t) => {
  // Compiled tests lie in build/test/server; the certificate stays with the source.
  const near = fileURLToPath(new URL('../../../test/server/certificate.pem', import.meta.url));
  const pem = readFileSync(process.env.KEYSPAN_TEST_CERTIFICATE ?? near, 'utf8');
  const { server } = await open(t, { tls: { port: 0, key: pem, cert: pem } });
  const a = await Client.over(connectTls({ port: server.tlsPort!, rejectUnauthorized: false }), 'secureConnect');
  const big = 'z'.repeat(300_000);
  await a.ask(`PING\r\n*2\r\n$4\r\nECHO\r\n$300000\r\n${big}\r\n`, `+PONG\r\n$300000\r\n${big}\r\n`);
  a.socket.destroy();
  const plain = await Client.over(connect(server.tlsPort!, '127.0.0.1'));
  plain.send('PING\r\n'.repeat(10));
  await plain.close();
});

test('a busy port is refused with the system’s error', async (t) => {
  const { server } = await open(t);
  await assert.rejects(startServer(new FakeEngine(), { port: server.port }), { code: 'EADDRINUSE' });
});

test('the port can be changed while clients stay', async (t) => {
  const { server, client } = await open(t);
  const a = await client();
  const before = server.port;
  await server.rebind(0);
  assert.notEqual(server.port, before);
  await a.ask('PING\r\n', '+PONG\r\n');
  const b = await client();
  await b.ask('PING\r\n', '+PONG\r\n');
  await server.rebind(server.port);
  const c = await client();
  await c.ask('PING\r\n', '+PONG\r\n');
});

test('random bytes from many clients disturb nobody', async (t) => {
  const { engine, server, client } = await open(t);
  const witness = await client();
  const alphabet = [
    '*',
    '$',
    '\r\n',
    '1',
    '3',
    '-1',
    'PING',
    'ECHO',
    '"',
    "'",
    '\0',
    '\xff',
    ' ',
    '\n',
    '*1\r\n$4\r\nPING\r\n',
  ];
  let seed = 11;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 150; round++) {
    const noisy = await client();
    for (let i = 0; i < 4; i++) {
      noisy.send(Array.from({ length: next(60) }, () => alphabet[next(alphabet.length)]).join(''));
    }
    await witness.ask('PING\r\n', '+PONG\r\n');
    noisy.socket.destroy();
  }
  await until(() => server.connections <= 1);
  assert.equal(server.connections, 1);
  assert.equal(engine.sessions.size, 1);
  assert.ok(!engine.lines.some((line) => line.includes('internal error')));
});

test('closing the server sends what there is and ends every session', async (t) => {
  const { engine, server, client } = await open(t);
  const a = await client();
  await a.ask('PING\r\n', '+PONG\r\n');
  await server.close();
  await a.close();
  assert.equal(engine.sessions.size, 0);
});
