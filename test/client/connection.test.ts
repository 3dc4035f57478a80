import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createClient } from '../../src/client/index.js';
import {
  AuthError,
  ConnectionError,
  DataError,
  ReplyError,
  TimeoutError,
  UnsupportedError,
} from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { makeCertificates } from '../support/certificates.js';
import { FakeServer } from '../support/fake-server.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort, type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

describe('connections to a real server', { skip: (await findRedis()) === null ? whyNoRedis() : false }, () => {
  let server: RunningServer;
  let folder: string;
  let tlsPort: number;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keyspan-tls-'));
    makeCertificates(folder);
    tlsPort = await freePort();
    const file = (name: string): string => join(folder, name);
    server = await startRedis({
      args: [
        '--unixsocket',
        file('r.sock'),
        '--tls-port',
        `${tlsPort}`,
        '--tls-cert-file',
        file('server.crt'),
        '--tls-key-file',
        file('server.key'),
        '--tls-ca-cert-file',
        file('ca.crt'),
      ],
    });
    await using db = open(server.url);
    await db.call('ACL', 'SETUSER', 'me', 'on', '>hush', '~*', '&*', '+@all');
  });
  after(async () => {
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const protocol of [2, 3] as const) {
    test(`RESP${protocol}: values of every kind come back the same`, async () => {
      await using db = open(`${server.url}/${protocol}?protocol=${protocol}&name=p${protocol}`);
      await db.flushdb();
      assert.equal(await db.set('k', 'grüße\r\n\0'), true);
      assert.equal(await db.get('k'), 'grüße\r\n\0');
      assert.equal(await db.get('none'), null);
      assert.deepEqual(await db.call('HELLO').catch((e) => e.name), 'UnsupportedError');
      assert.match(
        String(await db.call('CLIENT', 'INFO')),
        new RegExp(` name=p${protocol} .*db=${protocol} .*resp=${protocol}\\b`),
      );
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      await db.set('b', bytes);
      assert.deepEqual(await db.with({ as: 'bytes' }).get('b'), bytes);
      assert.equal(await db.call('ZADD', 'z', '1.5', 'a', '2', 'b'), 2);
      assert.deepEqual(await db.call('LRANGE', 'none', '0', '-1'), []);
      const error = (await outcome(db.call('LPUSH', 'k', 'x'))).error;
      assert.ok(error instanceof ReplyError && error.code === 'WRONGTYPE' && error.command === 'LPUSH');
    });
  }

  test('commands of one turn leave in one write, replies keep their order', async () => {
    await using db = open(server.url);
    const replies = await Promise.all(Array.from({ length: 5000 }, (_, i) => db.call('ECHO', `nonce ${i}`)));
    assert.deepEqual(
      replies,
      Array.from({ length: 5000 }, (_, i) => `nonce ${i}`),
    );
  });

  test('large values come and go whole', async () => {
    await using db = open(server.url);
    for (const size of [16_383, 16_384, 65_536, 5_000_001]) {
      const value = 'abcdefghi'.repeat(size / 9 + 1).slice(0, size);
      await Promise.all([db.set('large', value), db.set('next', 'n')]);
      const [large, next] = await Promise.all([db.get('large'), db.get('next')]);
      assert.ok(large === value && next === 'n', `of ${size}`);
    }
  });

  test('the server is reached by a unix socket', async () => {
    await using db = open(`unix://${join(folder, 'r.sock')}?db=5`);
    assert.match(String(await db.call('CLIENT', 'INFO')), /db=5/);
    await using other = open(`redis+unix://me:hush@${join(folder, 'r.sock')}`);
    assert.match(String(await other.call('CLIENT', 'INFO')), /user=me/);
  });

  test('TLS: own authority, client certificate, name, and refusals', async () => {
    const files = `caFile=${join(folder, 'ca.crt')}&certFile=${join(folder, 'client.crt')}&keyFile=${join(folder, 'client.key')}`;
    {
      await using db = open(`rediss://localhost:${tlsPort}?${files}`);
      assert.equal(await db.call('PING'), 'PONG');
      const big = 'x'.repeat(2_000_000);
      await db.set('tls', big);
      assert.ok((await db.get('tls')) === big);
    }
    {
      const tls = {
        ca: readFileSync(join(folder, 'ca.crt')),
        cert: readFileSync(join(folder, 'client.crt')),
        key: readFileSync(join(folder, 'client.key')),
      };
      await using db = open(`redis://127.0.0.1:${tlsPort}`, { tls: { ...tls, servername: 'localhost' } });
      assert.equal(await db.call('PING'), 'PONG');
      await using misnamed = open(`redis://127.0.0.1:${tlsPort}`, { tls: { ...tls, servername: 'elsewhere' } });
      const { error } = await outcome(misnamed.call('PING'));
      assert.ok(
        error instanceof ConnectionError &&
          (error.cause as NodeJS.ErrnoException).code === 'ERR_TLS_CERT_ALTNAME_INVALID',
        inspect(error),
      );
    }
    await using stranger = open(`rediss://localhost:${tlsPort}`);
    const { error } = await outcome(stranger.call('PING'), 1000);
    assert.ok(error instanceof ConnectionError && /certificate/.test(error.message), inspect(error));
    await using trusting = open(`rediss://localhost:${tlsPort}?rejectUnauthorized=false`);
    const refused = await outcome(trusting.call('PING'), 1000);
    assert.ok(
      refused.error instanceof ConnectionError && /certificate required/i.test(refused.error.message),
      inspect(refused.error),
    );
  });

  test('user and password; wrong ones reject at once and name no secret', async () => {
    const at = server.url.slice('redis://'.length);
    await using db = open(`redis://me:hush@${at}`);
    assert.match(String(await db.call('CLIENT', 'INFO')), /user=me/);
    for (const protocol of [2, 3]) {
      await using wrong = open(`redis://me:psst@${at}?protocol=${protocol}`);
      const { error } = await outcome(wrong.get('k'), 1000);
      assert.ok(error instanceof AuthError && error.code === 'WRONGPASS', inspect(error));
      assert.doesNotMatch(inspect(error, { depth: 9 }), /psst/);
      // The next command asks again rather than trusting an old answer.
      assert.ok((await outcome(wrong.get('k'), 1000)).error instanceof AuthError);
    }
  });

  test('credentials are asked for at each connect', async () => {
    let password = 'psst';
    const { redis, backend } = createClient(server.url, { credentials: async () => ({ username: 'me', password }) });
    assert.ok((await outcome(backend.connect(), 1000)).error instanceof AuthError);
    password = 'hush';
    await backend.connect();
    assert.match(String(await redis.call('CLIENT', 'INFO')), /user=me/);
    await redis.close();
  });

  test('a database that there is not is an error at once', async () => {
    await using db = open(`${server.url}/99`);
    const { error } = await outcome(db.get('k'), 1000);
    assert.ok(error instanceof ReplyError && /DB index is out of range/.test(error.message));
  });

  test('what a command sets for the session holds after a reconnect and for lent connections', async () => {
    await using db = open(server.url);
    await db.call('SELECT', '7');
    await db.call('CLIENT', 'SETNAME', 'kept');
    const id = await db.call('CLIENT', 'ID');
    await using admin = open(server.url);
    await admin.call('CLIENT', 'KILL', 'ID', String(id));
    await until(async () => (await db.call('CLIENT', 'ID').catch(() => id)) !== id);
    assert.match(String(await db.call('CLIENT', 'INFO')), /name=kept .*db=7 /);
    await db.set('seven', '7');
    assert.equal(await db.transaction(async (watched) => watched.get('seven'), 'x'), '7');
  });

  test('commands that would spoil the shared connection are refused', async () => {
    await using db = open(server.url);
    for (const name of ['MULTI', 'subscribe', 'MONITOR', 'CLIENT REPLY', 'Hello', 'WATCH']) {
      const { error } = await outcome(db.call(name, 'x'));
      assert.ok(error instanceof UnsupportedError && error.applied === 'no', name);
    }
    assert.ok((await outcome(db.call('ECHO', {} as never))).error instanceof DataError);
  });

  test('errors of a pipeline and of MULTI stay in their places', async () => {
    await using db = open(server.url);
    await db.set('text', 't');
    const { error } = await outcome(db.pipeline().get('text').incr('text').get('text').exec());
    assert.equal(error.name, 'PipelineError');
    assert.deepEqual([error.replies[0], error.replies[1].code, error.replies[2]], ['t', 'ERR', 't']);
    const settled = await db.multi().incr('text').get('text').execSettled();
    assert.ok(settled[0] instanceof ReplyError);
    assert.equal(settled[1], 't');
    const aborted = await outcome(db.multi().call('NOSUCH').get('text').exec());
    assert.ok(aborted.error instanceof ReplyError && aborted.error.code === 'EXECABORT');
    assert.equal(await db.get('text'), 't', 'the connection is not left inside MULTI');
  });

  test('replies cut at every byte are the same replies', async () => {
    const proxy = await FaultyLink.start(server.port);
    proxy.pieceBytes = 1;
    for (const protocol of [2, 3]) {
      await using db = open(`${proxy.url}?protocol=${protocol}`);
      const replies = await Promise.all([
        db.set('cut', 'grüße'),
        db.get('cut'),
        db.call('COMMAND', 'COUNT'),
        db.pipeline().get('cut').get('none').exec(),
      ]);
      assert.deepEqual([replies[0], replies[1], replies[3]], [true, 'grüße', ['grüße', null]]);
    }
    await proxy.stop();
  });
});

describe('handshake', () => {
  test('a server that knows no HELLO is spoken to in RESP2', async () => {
    const fake = await FakeServer.start((argv) => {
      if (argv[0] === 'HELLO') return "-ERR unknown command 'HELLO'\r\n";
      if (argv[0] === 'CLIENT') return '-ERR unknown command\r\n';
      return argv[0] === 'GET' ? '$1\r\nv\r\n' : '+OK\r\n';
    });
    await using db = open(`${fake.url.replace('redis://', 'redis://:hush@')}/2?name=me`);
    assert.equal(await db.get('k'), 'v');
    assert.deepEqual(
      fake.commands.slice(1).map((command) => command.replace(/[\d.]{5,}$/, 'x.y.z')),
      [
        'AUTH hush',
        'SELECT 2',
        'CLIENT SETNAME me',
        'CLIENT SETINFO LIB-NAME keyspan',
        'CLIENT SETINFO LIB-VER x.y.z',
        'CLIENT ID',
        'GET k',
      ],
    );
    await fake.stop();
  });

  test('newer servers are told which library speaks, and may refuse to know', async () => {
    const fake = await FakeServer.start((argv) => {
      if (argv[0] === 'HELLO') return '%3\r\n$7\r\nversion\r\n$5\r\n7.2.4\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:3\r\n';
      return argv[0] === 'CLIENT' ? '-ERR unknown subcommand\r\n' : '$1\r\nv\r\n';
    });
    await using db = open(fake.url);
    assert.equal(await db.get('k'), 'v');
    assert.match(fake.commands.join('; '), /^CLIENT SETINFO LIB-NAME keyspan; CLIENT SETINFO LIB-VER [\d.]+; GET k$/);
    await fake.stop();
  });

  test('a server that never answers the handshake costs no more than the deadline', async () => {
    const fake = await FakeServer.start(() => '');
    await using db = open(`${fake.url}?timeout=200&connectTimeout=100`);
    const { error } = await outcome(db.incr('n'), 1000);
    assert.ok(
      error instanceof TimeoutError && error.applied === 'no' && error.cause instanceof ConnectionError,
      inspect(error),
    );
    await fake.stop();
  });

  test('an unreachable server: TimeoutError with the reason, for queued commands too', async () => {
    const port = await freePort();
    await using db = open(`redis://127.0.0.1:${port}?timeout=150`);
    const all = await Promise.all([
      outcome(db.get('a'), 1000),
      outcome(db.incr('b'), 1000),
      outcome(db.pipeline().get('c').exec(), 1000),
      outcome(db.blpop('q', 0), 1000),
    ]);
    for (const { error } of all) {
      assert.ok(
        (error instanceof TimeoutError || error instanceof ConnectionError) && error.applied === 'no',
        inspect(error),
      );
      assert.match(inspect(error), /ECONNREFUSED/);
    }
  });

  test('bytes that are no RESP end the connection with a ProtocolError as cause', async () => {
    const fake = await FakeServer.start((argv) => (argv[0] === 'SET' ? 'HTTP/1.1 400 Bad Request\r\n\r\n' : null));
    await using db = open(fake.url);
    const { error } = await outcome(db.set('k', 'v'), 1000);
    assert.ok(
      error instanceof ConnectionError && error.applied === 'maybe' && (error.cause as Error).name === 'ProtocolError',
      inspect(error),
    );
    await fake.stop();
  });

  test('a reply that nobody asked for is not given to the next command', async () => {
    const fake = await FakeServer.start((argv) =>
      argv[0] === 'GET' ? `$1\r\n${argv[1]}\r\n` : argv[0] === 'ECHO' ? '$1\r\ne\r\n$1\r\nX\r\n' : null,
    );
    await using db = open(fake.url);
    assert.equal(await db.call('ECHO', 'e'), 'e');
    await sleep(20);
    assert.equal(await db.get('a'), 'a');
    assert.equal(fake.connections, 2);
    await fake.stop();
  });
});
