import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient, openConnection } from '../../src/client/index.js';
import { embedded } from '../../src/embedded.js';
import { ConnectionError, DataError, open, ReplyError } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startKeyspan, startRedis } from '../support/redis.js';

describe('a connection by hand', () => {
  let server: RunningServer;
  before(async () => {
    server = (await findRedis()) === null ? await startKeyspan() : await startRedis();
  });
  after(() => server.stop());

  for (const protocol of [2, 3] as const) {
    test(`RESP${protocol}: replies are read in the order of sending, errors are thrown in their place`, async () => {
      using connection = openConnection(server.url, { protocol });
      await connection.sendCommand('SET', 'k', 'é');
      await connection.sendCommand('LPUSH', 'k', 'x');
      await connection.sendCommand('GET', 'k');
      assert.equal(await connection.readReply(), 'OK');
      await assert.rejects(connection.readReply(), (error: unknown) => {
        return error instanceof ReplyError && error.code === 'WRONGTYPE';
      });
      assert.equal(await connection.readReply(), 'é');
      await assert.rejects(connection.readReply(), DataError);
    });

    test(`RESP${protocol}: confirmations and messages are read like replies`, async () => {
      using connection = openConnection(server.url, { protocol });
      await connection.sendCommand('SUBSCRIBE', 'news');
      assert.deepEqual(await connection.readReply(), ['subscribe', 'news', 1]);
      await using db = open(server.url);
      const reading = connection.readReply();
      await db.publish('news', 'hello');
      assert.deepEqual(await reading, ['message', 'news', 'hello']);
    });
  }

  test('what is packed is what Redis reads', async () => {
    using connection = openConnection(server.url);
    const packed = connection.packCommands([
      ['SET', 'k', new Uint8Array([0, 255])],
      ['CONFIG GET', 'maxmemory'],
      ['STRLEN', 'k'],
    ]);
    const text = String.fromCharCode(...packed);
    const config = '*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$9\r\nmaxmemory\r\n';
    assert.equal(text, `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\0\xff\r\n${config}*2\r\n$6\r\nSTRLEN\r\n$1\r\nk\r\n`);
    await connection.sendPacked(packed);
    assert.equal(await connection.readReply(), 'OK');
    assert.ok(await connection.readReply());
    assert.equal(await connection.readReply(), 2);
  });

  test('half a request is refused before anything is sent', async () => {
    using connection = openConnection(server.url);
    const packed = connection.packCommand('PING');
    await assert.rejects(connection.sendPacked(packed.subarray(0, packed.length - 1)), DataError);
    await assert.rejects(connection.sendPacked(new TextEncoder().encode('*1\r\n+PING\r\n')), DataError);
    assert.equal(connection.connected, false);
  });

  test('canRead sees what has come, and waits no longer than it was told', async () => {
    using connection = openConnection(server.url, { as: 'bytes' });
    await connection.connect();
    assert.equal(await connection.canRead(), false);
    assert.equal(await connection.canRead(20), false);
    await connection.sendCommand('ECHO', 'x');
    assert.equal(await connection.canRead(5000), true);
    assert.deepEqual(await connection.readReply(), new Uint8Array([120]));
  });

  test('onConnect is called for each connection, after login and SELECT, and may use it', async () => {
    const databases: unknown[] = [];
    const connection = openConnection(server.url, {
      db: 3,
      async onConnect(made) {
        await made.sendCommand('CLIENT', 'INFO');
        databases.push(/ db=(\d+)/.exec(String(await made.readReply()))?.[1]);
      },
    });
    await connection.sendCommand('PING');
    assert.equal(await connection.readReply(), 'PONG');
    connection.disconnect();
    await assert.rejects(connection.readReply(), ConnectionError);
    await connection.connect();
    connection.disconnect();
    assert.deepEqual(databases, ['3', '3']);
  });

  test('a connection that is lost rejects what is due', async () => {
    using connection = openConnection(server.url);
    await connection.sendCommand('CLIENT', 'ID');
    const id = Number(await connection.readReply());
    await connection.sendCommand('BLPOP', 'nothing', 0);
    await using db = open(server.url);
    assert.equal(await db.clientKill({ id }), 1);
    await assert.rejects(connection.readReply(), ConnectionError);
  });

  test('a server that is not there rejects connect, and leaves nothing behind', async () => {
    const connection = openConnection('redis://127.0.0.1:1', { connectTimeout: 300, timeout: 300 });
    await assert.rejects(connection.connect());
    assert.equal(connection.connected, false);
    assert.throws(() => openConnection('http://localhost'), DataError);
  });
});

describe('what a client is told at its making', () => {
  let server: RunningServer;
  let other: RunningServer;
  before(async () => {
    [server, other] = await Promise.all([startKeyspan(), startKeyspan()]);
  });
  after(() => Promise.all([server.stop(), other.stop()]));

  test('select makes clients for other databases and servers, and leaves the first as it is', async () => {
    const client = createClient(server.url);
    const second = client.select(2);
    const elsewhere = second.select(1, { host: '127.0.0.1', port: other.port });
    await client.redis.set('k', 'first');
    await second.redis.set('k', 'second');
    await elsewhere.redis.set('k', 'elsewhere');
    await using there = open(`${other.url}/1`);
    await using here = open(`${server.url}/2`);
    assert.deepEqual(
      [await client.redis.get('k'), await here.get('k'), await there.get('k')],
      ['first', 'second', 'elsewhere'],
    );
    for (const { redis } of [client, second, elsewhere]) await redis.close();
  });

  test('the types of replies follow the options', async () => {
    await using raw = open(server.url, { as: 'bytes', integers: 'bigint' });
    const length: bigint = await raw.append('bytes', 'x');
    const bytes: Uint8Array | null = await raw.get('bytes');
    assert.deepEqual([length, bytes], [1n, new Uint8Array([120])]);
    const { redis } = createClient(server.url, { as: 'bytes' });
    const again: Uint8Array | null = await redis.get('bytes');
    assert.deepEqual(again, bytes);
    await redis.close();
  });
});

test('sortGroups gives a list for each element', async () => {
  const { sync, async: db } = embedded();
  sync.rpush('k', '2', '1');
  sync.set('name_1', 'Ada');
  const groups = [
    ['1', 'Ada'],
    ['2', null],
  ];
  assert.deepEqual(sync.sortGroups('k', { get: ['#', 'name_*'] }), groups);
  assert.deepEqual(await db.sortGroups('k', { get: ['#', 'name_*'], desc: true, limit: [1, 1] }), [['1', 'Ada']]);
  await assert.rejects(db.sortGroups('k', { get: [] }), DataError);
});
