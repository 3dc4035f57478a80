/** MIGRATE to a real server and back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { encodingCommands } from '../persistence/dataset.js';
import { FaultyLink } from '../support/proxy.js';
import { freePort, requireRedis } from '../support/redis.js';
import { type Kind, Node, stopAll } from './servers.js';

/** How a string is encoded also depends on how it was written last: it was changed in place, or made of digits. */
const written = ({ raw }: { raw: string }): string => raw.replace(/^\$\d\r\n(raw|int|embstr)/, 'string');

const directions: readonly (readonly [from: Kind, to: Kind])[] = [
  ['keyspan', 'redis'],
  ['redis', 'keyspan'],
  ['keyspan', 'keyspan'],
];

for (const [fromKind, toKind] of directions) {
  describe(`MIGRATE from ${fromKind} to ${toKind}`, () => {
    let from: Node;
    let to: Node;
    before(async (t) => {
      if (!(await requireRedis(t as never))) return;
      from = await Node.start(fromKind);
      to = await Node.start(toKind);
    });
    after(() => stopAll([from, to]));

    test('every type and encoding arrives as it was, TTLs too, and is gone here', async () => {
      await from.client.pipeline(encodingCommands());
      await from.client.value('PEXPIRE', 'string:1', 100_000);
      const keys = ((await from.client.value('KEYS', '*')) as string[]).sort();
      const facts = (node: Node) =>
        node.client.pipeline(
          keys.flatMap((key) => [
            ['DEBUG', 'DIGEST-VALUE', key],
            ['OBJECT', 'ENCODING', key],
          ]),
        );
      const sent = await facts(from);
      assert.equal(await from.client.value('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys), 'OK');
      assert.equal(await from.client.value('DBSIZE'), 0);
      assert.deepEqual(((await to.client.value('KEYS', '*')) as string[]).sort(), keys);
      const arrived = await facts(to);
      assert.equal(arrived.length, sent.length);
      arrived.forEach((fact, i) => {
        assert.equal(written(fact), written(sent[i]!), keys[i >> 1]);
      });
      const ttl = Number(await to.client.value('PTTL', 'string:1'));
      assert.ok(ttl > 0 && ttl <= 100_000, `${ttl}`);
    });

    test('COPY, REPLACE, another database, keys that do not exist', async () => {
      const migrate = (...rest: (string | number)[]) => from.client.value('MIGRATE', '127.0.0.1', to.port, ...rest);
      await from.client.value('SET', 'k', 'new');
      await to.client.pipeline([
        ['SELECT', 5],
        ['SET', 'k', 'old'],
        ['SELECT', 0],
      ]);
      assert.match(
        String(await migrate('k', 5, 1000)),
        /ERR Target instance replied with error: BUSYKEY Target key name already exists\./,
      );
      assert.equal(await from.client.value('GET', 'k'), 'new');
      assert.equal(await migrate('k', 5, 1000, 'COPY', 'REPLACE'), 'OK');
      assert.equal(await from.client.value('GET', 'k'), 'new');
      assert.equal(await migrate('k', 5, 1000, 'REPLACE'), 'OK');
      assert.equal(await from.client.value('EXISTS', 'k'), 0);
      assert.equal(await migrate('k', 5, 1000), 'NOKEY');
      const [, there] = await to.client.pipeline([
        ['SELECT', 5],
        ['GET', 'k'],
        ['SELECT', 0],
      ]);
      assert.equal(there?.raw, '$3\r\nnew\r\n');
    });

    test('AUTH and AUTH2', async () => {
      await to.client.value('CONFIG', 'SET', 'requirepass', 'secret');
      // Another address: connections to the first one are kept, and need no password any more.
      const link = await FaultyLink.start(to.port);
      const migrate = (...rest: (string | number)[]) =>
        from.client.value('MIGRATE', '127.0.0.1', link.port, 'guarded', 0, 1000, ...rest);
      await from.client.value('SET', 'guarded', '1');
      assert.match(String(await migrate()), /Target instance replied with error: NOAUTH/);
      assert.match(String(await migrate('AUTH', 'wrong')), /Target instance replied with error: WRONGPASS/);
      assert.equal(await migrate('COPY', 'AUTH', 'secret'), 'OK');
      assert.equal(await migrate('REPLACE', 'AUTH2', 'default', 'secret'), 'OK');
      await to.client.value('AUTH', 'secret');
      assert.equal(await to.client.value('GET', 'guarded'), '1');
      await to.client.value('CONFIG', 'SET', 'requirepass', '');
      await link.stop();
    });

    test('a server that is not there, or does not answer, costs no key', async () => {
      await from.client.value('SET', 'kept', '1');
      const closed = await freePort();
      assert.match(
        String(await from.client.value('MIGRATE', '127.0.0.1', closed, 'kept', 0, 500)),
        /IOERR error or timeout (connecting to the client|writing to target instance)/,
      );
      const link = await FaultyLink.start(to.port);
      try {
        link.stalled = true;
        assert.match(
          String(await from.client.value('MIGRATE', '127.0.0.1', link.port, 'kept', 0, 50)),
          /IOERR error or timeout (reading|writing) to target instance/,
        );
      } finally {
        await link.stop();
      }
      assert.equal(await from.client.value('GET', 'kept'), '1');
      assert.equal(await from.client.value('PING'), 'PONG');
    });

    test('requests that are wrong are refused', async () => {
      for (const [request, error] of [
        [
          ['k', 0, 100, 'KEYS', 'a'],
          /When using MIGRATE KEYS option, the key argument must be set to the empty string/,
        ],
        [['k', 0, 'x'], /value is not an integer or out of range/],
        [['k', 'x', 100], /value is not an integer or out of range/],
        [['k', 0, 100, 'WHAT'], /syntax error/],
        [['k', 0, 100, 'AUTH'], /syntax error/],
      ] as const) {
        assert.match(String(await from.client.value('MIGRATE', '127.0.0.1', to.port, ...request)), error);
      }
    });
  });
}
