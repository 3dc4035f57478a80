/** A replica has the data of its primary, whatever happened there and whatever happened to the link. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { FaultyLink } from '../support/proxy.js';
import { requireRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { load } from './load.js';
import { converged, type Kind, Node, stopAll } from './servers.js';

const pairs: readonly (readonly [primary: Kind, replica: Kind])[] = [
  ['keyspan', 'redis'],
  ['redis', 'keyspan'],
  ['keyspan', 'keyspan'],
];

for (const [primaryKind, replicaKind] of pairs) {
  describe(`${primaryKind} as primary of ${replicaKind}`, () => {
    const nodes: Node[] = [];
    const links: FaultyLink[] = [];
    after(async () => {
      for (const link of links) await link.stop();
      await stopAll(nodes);
    });
    const start = async (kind: Kind, args: readonly string[] = []): Promise<Node> => {
      const node = await Node.start(kind, args);
      nodes.push(node);
      return node;
    };
    const linkTo = async (node: Node): Promise<FaultyLink> => {
      const link = await FaultyLink.start(node.port);
      links.push(link);
      return link;
    };

    test('converges under load that begins before the full sync and goes on during it', async (t) => {
      if (!(await requireRedis(t))) return;
      const [primary, replica] = [await start(primaryKind), await start(replicaKind)];
      await load(primary.client, primary.other, 1);
      await primary.client.value('DEBUG', 'POPULATE', 20_000, 'filler', 100);
      await replica.client.value('SET', 'old', 'goes');
      await replica.follow(primary.port);
      for (let seed = 2; seed <= 8; seed++) await load(primary.client, primary.other, seed);
      await converged(primary, replica);
      assert.equal(await replica.client.value('GET', 'old'), null);
      const [ours, theirs] = await Promise.all([
        primary.client.value('FUNCTION', 'LIST'),
        replica.client.value('FUNCTION', 'LIST'),
      ]);
      assert.deepEqual(theirs, ours);
      await primary.client.value('FLUSHALL');
      await load(primary.client, primary.other, 9);
      await converged(primary, replica);
      assert.equal(await primary.info('sync_full'), '1');
    });

    test('a replica takes no writes, hides what has expired, and tells its role', async (t) => {
      if (!(await requireRedis(t))) return;
      const [primary, replica] = nodes as [Node, Node];
      const refusal = await replica.client.value('SET', 'a', 'b');
      assert.match(String(refusal), /READONLY You can't write against a read only replica\./);
      await primary.client.pipeline([
        ['DEBUG', 'SET-ACTIVE-EXPIRE', 0],
        ['SET', 'brief', 'x', 'PX', 30],
        ['SET', 'lasting', 'y'],
      ]);
      await until(async () => (await replica.client.value('GET', 'lasting')) === 'y', 'the write arrives');
      await until(async () => (await replica.client.value('GET', 'brief')) === null, 'the key is hidden');
      assert.equal(await primary.client.value('EXISTS', 'brief'), 0);
      await primary.client.value('DEBUG', 'SET-ACTIVE-EXPIRE', 1);
      await converged(primary, replica);
      const role = (await replica.client.value('ROLE')) as unknown[];
      assert.deepEqual(role.slice(0, 4), ['slave', '127.0.0.1', primary.port, 'connected']);
      await until(async () => {
        const [word, offset, replicas] = (await primary.client.value('ROLE')) as [string, number, string[][]];
        return word === 'master' && replicas[0]?.[1] === String(replica.port) && Number(replicas[0][2]) === offset;
      }, 'the primary knows how far its replica is');
    });

    test('WAIT returns once the replica has the writes, or when its time is over', async (t) => {
      if (!(await requireRedis(t))) return;
      const [primary, replica] = nodes as [Node, Node];
      await primary.client.value('SET', 'waited for', '1');
      assert.equal(await primary.client.value('WAIT', 1, 5000), 1);
      assert.equal(await replica.client.value('GET', 'waited for'), '1');
      process.kill(replica.server.pid, 'SIGSTOP');
      try {
        await primary.client.value('INCR', 'waited for');
        assert.equal(await primary.client.value('WAIT', 1, 50), 0);
        primary.other.write([
          ['INCR', 'waited for'],
          ['WAIT', 1, 0],
        ]);
        await until(async () => (await primary.info('blocked_clients')) === '1', 'WAIT waits');
      } finally {
        process.kill(replica.server.pid, 'SIGCONT');
      }
      const replies = await primary.other.read(2);
      assert.equal(replies[1]?.raw, ':1\r\n');
    });

    test('a link that breaks is taken up where it broke', async (t) => {
      if (!(await requireRedis(t))) return;
      const [primary, replica] = [await start(primaryKind), await start(replicaKind)];
      const link = await linkTo(primary);
      await replica.follow(link.port);
      await load(primary.client, primary.other, 21);
      await converged(primary, replica);
      for (let seed = 22; seed < 26; seed++) {
        const loading = load(primary.client, primary.other, seed);
        link.drop(seed % 2 === 0 ? 'reset' : 'end');
        await loading;
        await converged(primary, replica);
      }
      assert.equal(await primary.info('sync_full'), '1');
      assert.ok(Number(await primary.info('sync_partial_ok')) >= 4);
    });

    test('what the backlog has lost is made up for by a full sync', async (t) => {
      if (!(await requireRedis(t))) return;
      const small = ['--repl-backlog-size', '16kb'];
      const [primary, replica] = [await start(primaryKind, small), await start(replicaKind, small)];
      const link = await linkTo(primary);
      const { port } = link;
      await replica.follow(port);
      await converged(primary, replica);
      await link.refuse();
      await until(async () => (await primary.info('connected_slaves')) === '0', 'the primary has noticed');
      await primary.client.pipeline(Array.from({ length: 400 }, (_, i) => ['SET', `large:${i}`, 'x'.repeat(200)]));
      await link.accept(port);
      await converged(primary, replica);
      assert.equal(await primary.info('sync_full'), '2');
    });

    test('either side may be killed', async (t) => {
      if (!(await requireRedis(t))) return;
      const primary = await start(primaryKind);
      const replica = await start(replicaKind);
      await replica.follow(primary.port);
      await load(primary.client, primary.other, 31);
      await converged(primary, replica);
      const before = await primary.digest();
      process.kill(replica.server.pid, 'SIGKILL');
      await until(async () => (await primary.info('connected_slaves')) === '0', 'the primary has noticed');
      await load(primary.client, primary.other, 32);
      const another = await start(replicaKind, ['--replicaof', `127.0.0.1 ${primary.port}`]);
      await converged(primary, another);
      assert.notEqual(await primary.digest(), before);
      process.kill(primary.server.pid, 'SIGKILL');
      await until(async () => (await another.info('master_link_status')) === 'down', 'the replica has noticed');
      const last = await another.digest();
      assert.equal(await another.client.value('REPLICAOF', 'NO', 'ONE'), 'OK');
      assert.equal(await another.digest(), last);
      assert.equal(await another.client.value('SET', 'promoted', 'yes'), 'OK');
    });
  });
}
