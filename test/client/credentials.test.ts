import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Credentials, CredentialsProvider } from '../../src/client/index.js';
import { AuthError, ConnectionError, type KeyspanError } from '../../src/core/errors.js';
import { open } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const skip = (await findRedis()) === null ? whyNoRedis() : false;

class Keychain implements CredentialsProvider {
  current: Credentials;
  broken = false;
  readonly listeners = new Set<(credentials?: Credentials) => void>();

  constructor(username: string, password: string) {
    this.current = { username, password };
  }
  async get(): Promise<Credentials> {
    if (this.broken) throw new Error('the vault is sealed');
    return this.current;
  }
  onChange(listener: (credentials?: Credentials) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
  change(username: string, password: string): void {
    this.current = { username, password };
    for (const listener of this.listeners) listener();
  }
}

describe('credentials that change', { skip }, () => {
  let server: RunningServer;
  before(async () => {
    server = await startRedis();
    await using admin = open(server.url);
    for (const user of ['alice', 'bob'])
      await admin.call('ACL', 'SETUSER', user, 'on', `>${user}pw`, '~*', '&*', '+@all');
  });
  after(() => server.stop());

  for (const protocol of [2, 3] as const) {
    test(`RESP${protocol}: live connections log in again, those of the pool too`, async () => {
      const keychain = new Keychain('alice', 'alicepw');
      await using admin = open(server.url);
      const db = open(server.url, { credentials: keychain, protocol, name: 'rotating' });
      assert.equal(await db.aclWhoami(), 'alice');
      const blocked = db.blpop('none', 0);
      const reserved = await db.reserve();
      assert.equal(await reserved.aclWhoami(), 'alice');
      const idle = await db.reserve();
      idle.release();
      keychain.change('bob', 'bobpw');
      await until(async () => (await db.aclWhoami()) === 'bob');
      await until(async () => (await reserved.aclWhoami()) === 'bob');
      await admin.rpush('none', 'wake');
      await blocked;
      await until(async () => !String(await admin.call('CLIENT', 'LIST')).includes('user=alice'));
      reserved.release();
      await db.close();
      assert.equal(keychain.listeners.size, 0);
    });
  }

  test('a transaction is not torn apart by it', async () => {
    const keychain = new Keychain('alice', 'alicepw');
    await using db = open(server.url, { credentials: keychain });
    const session = await db.reserve();
    await session.call('MULTI');
    keychain.change('bob', 'bobpw');
    await keychain.get();
    await session.call('SET', 'k', 'v');
    assert.deepEqual(await session.call('EXEC'), ['OK']);
    await until(async () => (await session.aclWhoami()) === 'bob');
    session.release();
  });

  test('refused credentials and a broken provider are typed errors; the connection stays as it was', async () => {
    const keychain = new Keychain('alice', 'alicepw');
    await using db = open(server.url, { credentials: keychain });
    assert.equal(await db.aclWhoami(), 'alice');
    const errors: KeyspanError[] = [];
    db.on('error', (error) => errors.push(error));
    keychain.change('alice', 'wrong');
    await until(() => errors.length > 0);
    assert.ok(errors.every((error) => error instanceof AuthError && !error.message.includes('wrong')));
    assert.equal(await db.aclWhoami(), 'alice');
    errors.length = 0;
    keychain.broken = true;
    keychain.change('bob', 'bobpw');
    await until(() => errors.length > 0);
    assert.ok(errors[0] instanceof ConnectionError);
    assert.match(String((errors[0].cause as Error).message), /sealed/);
    assert.equal(await db.aclWhoami(), 'alice');
  });

  test('a function still serves', async () => {
    await using db = open(server.url, { credentials: async () => ({ username: 'bob', password: 'bobpw' }) });
    assert.equal(await db.aclWhoami(), 'bob');
  });
});
