/** MIGRATE in transactions and scripts, and with a target that fails in every phase: no key is lost, none is doubled in silence. */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { FaultyLink } from '../support/proxy.js';
import { freePort, requireRedis } from '../support/redis.js';
import type { Argument } from '../support/resp-client.js';
import { until } from '../support/until.js';
import { type Kind, Node, stopAll } from './servers.js';

const script = `return redis.call('MIGRATE', ARGV[1], ARGV[2], '', ARGV[3], ARGV[4], 'KEYS', unpack(KEYS))`;
const KEYS = ['a', 'b', 'c', 'd'];
const IO_ERROR = /IOERR error or timeout/;

type Way = 'alone' | 'in a transaction' | 'in a script';
const ways: readonly Way[] = ['alone', 'in a transaction', 'in a script'];

/** Migrates and returns the reply to MIGRATE itself. */
async function migrate(
  from: Node,
  way: Way,
  port: number,
  keys: readonly string[],
  timeout_ms = 2000,
): Promise<string> {
  const command: Argument[] = ['MIGRATE', '127.0.0.1', port, '', 0, timeout_ms, 'KEYS', ...keys];
  if (way === 'alone') return (await from.client.send(...command)).raw;
  if (way === 'in a script') {
    const reply = await from.client.send('EVAL', script, keys.length, ...keys, '127.0.0.1', port, 0, timeout_ms);
    return reply.raw;
  }
  const replies = await from.client.pipeline([['MULTI'], ['SET', 'before', '1'], command, ['DEL', 'before'], ['EXEC']]);
  const exec = replies[4]!.raw;
  assert.match(exec, /^\*3\r\n\+OK\r\n/);
  assert.match(exec, /:1\r\n$/);
  return exec.slice('*3\r\n+OK\r\n'.length, -':1\r\n'.length);
}

/** Which of the keys a server has. */
async function held(node: Node): Promise<string[]> {
  const found = (await node.client.value('KEYS', '*')) as string[];
  return found.filter((key) => KEYS.includes(key)).sort();
}

for (const kind of ['redis', 'keyspan'] as const satisfies readonly Kind[]) {
  describe(`MIGRATE from ${kind}`, () => {
    let from: Node;
    let to: Node;
    const links: FaultyLink[] = [];
    const servers: Server[] = [];
    before(async (t) => {
      if (!(await requireRedis(t as never))) return;
      from = await Node.start(kind);
      to = await Node.start('redis');
    });
    after(async () => {
      for (const link of links) await link.stop();
      for (const server of servers) server.close();
      await stopAll([from, to]);
    });

    const fill = async (): Promise<void> => {
      await to.client.value('FLUSHALL');
      await from.client.pipeline(KEYS.map((key) => ['SET', key, key.repeat(100)]));
    };
    const linked = async (): Promise<FaultyLink> => {
      const link = await FaultyLink.start(to.port);
      links.push(link);
      return link;
    };
    /** A target that does with a connection what it is told to. */
    const stranger = async (behave: (socket: Socket) => void): Promise<number> => {
      const server = createServer((socket) => behave(socket.on('error', () => {})));
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as { port: number }).port;
    };

    for (const way of ways) {
      describe(way, () => {
        test('moves the keys, and says so to replicas and logs with a DEL', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          assert.equal(await migrate(from, way, to.port, ['a', 'absent', 'c']), '+OK\r\n');
          assert.deepEqual(
            [await held(from), await held(to)],
            [
              ['b', 'd'],
              ['a', 'c'],
            ],
          );
          assert.equal(await migrate(from, way, to.port, ['absent']), '+NOKEY\r\n');
          assert.equal(await from.client.value('DEL', 'b', 'd'), 2);
        });

        test('what the target refuses stays here', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          await to.client.value('SET', 'b', 'older');
          const reply = await migrate(from, way, to.port, KEYS);
          assert.match(reply, /Target instance replied with error: BUSYKEY Target key name already exists/);
          assert.deepEqual([await held(from), await held(to)], [['b'], KEYS]);
          assert.equal(await to.client.value('GET', 'b'), 'older');
        });

        test('there is no target', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          assert.match(await migrate(from, way, await freePort(), KEYS), IO_ERROR);
          assert.deepEqual([await held(from), await held(to)], [KEYS, []]);
        });

        test('the target ends the connection at once, and again', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          let taken = 0;
          const port = await stranger((socket) => {
            taken++;
            socket.destroy();
          });
          assert.match(await migrate(from, way, port, KEYS), IO_ERROR);
          assert.equal(taken, 2);
          assert.deepEqual([await held(from), await held(to)], [KEYS, []]);
        });

        test('the target dies when it has got a part', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          const port = await stranger((socket) => socket.once('data', () => socket.resetAndDestroy()));
          assert.match(await migrate(from, way, port, KEYS), IO_ERROR);
          assert.deepEqual([await held(from), await held(to)], [KEYS, []]);
        });

        test('the target is deaf until the time is over', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          const link = await linked();
          link.deaf = true;
          assert.match(await migrate(from, way, link.port, KEYS, 100), IO_ERROR);
          assert.deepEqual([await held(from), await held(to)], [KEYS, []]);
        });

        test('the answers are lost: the keys are in both places, and the reply is an error', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          const link = await linked();
          link.stalled = true;
          assert.match(await migrate(from, way, link.port, KEYS, 100), IO_ERROR);
          await until(async () => (await held(to)).length === KEYS.length, 'the target has the keys');
          assert.deepEqual(await held(from), KEYS);
        });

        test('the target dies after some answers: those keys are there, the others here', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          const link = await linked();
          // The answers to SELECT and to the first two keys.
          link.cutAfterBytes = '+OK\r\n'.length * 3;
          assert.match(await migrate(from, way, link.port, KEYS), IO_ERROR);
          assert.deepEqual(await held(from), ['c', 'd']);
          assert.deepEqual((await held(to)).slice(0, 2), ['a', 'b']);
        });

        test('the target is killed while it is stopped in the midst of a large key', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          await from.client.value('SETRANGE', 'a', 20_000_000, 'end');
          const victim = await Node.start('redis');
          try {
            process.kill(victim.server.pid, 'SIGSTOP');
            const reply = migrate(from, way, victim.port, KEYS, 5000);
            const timer = setTimeout(() => process.kill(victim.server.pid, 'SIGKILL'), 100);
            assert.match(await reply, IO_ERROR);
            clearTimeout(timer);
          } finally {
            await victim.stop();
          }
          assert.deepEqual(await held(from), KEYS);
          assert.equal(await from.client.value('STRLEN', 'a'), 20_000_003);
        });

        test('nobody sees a key half moved, or both here and there', async (t) => {
          if (!(await requireRedis(t))) return;
          await fill();
          const link = await linked();
          link.stalled = true;
          const moving = migrate(from, way, link.port, KEYS, 300);
          await until(async () => (await held(to)).length === KEYS.length, 'the target has the keys');
          // They are read by somebody else while the answer is awaited: not before it is known what has become of them.
          const seen = from.other.value('APPEND', 'a', 'x');
          assert.match(await moving, IO_ERROR);
          assert.equal(await seen, 101);
          assert.deepEqual(await held(from), KEYS);
        });
      });
    }
  });
}

describe('MIGRATE in a transaction of keyspan', () => {
  const nodes: Node[] = [];
  after(() => stopAll(nodes));

  test('reaches replicas as part of the transaction', async (t) => {
    if (!(await requireRedis(t))) return;
    const [from, to, replica] = [await Node.start('keyspan'), await Node.start('redis'), await Node.start('redis')];
    nodes.push(from, to, replica);
    await replica.follow(from.port);
    await replica.linked();
    await from.client.pipeline(KEYS.map((key) => ['SET', key, key]));
    assert.equal(await migrate(from, 'in a transaction', to.port, KEYS), '+OK\r\n');
    assert.equal(await migrate(from, 'in a script', to.port, ['absent']), '+NOKEY\r\n');
    await until(
      async () => (await from.info('master_repl_offset')) === (await replica.info('master_repl_offset')),
      'the replica has everything',
    );
    assert.equal(await replica.client.value('DBSIZE'), 0);
    assert.equal(await from.digest(), await replica.digest());
  });
});
