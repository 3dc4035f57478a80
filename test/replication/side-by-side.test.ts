/** The same happens to a pair of ours and to a pair of real servers: what they say of themselves must be the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requireRedis } from '../support/redis.js';
import type { Argument } from '../support/resp-client.js';
import { until } from '../support/until.js';
import { converged, type Kind, Node, stopAll } from './servers.js';

const nodes: Node[] = [];
const folders: string[] = [];
after(async () => {
  await stopAll(nodes);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function start(kind: Kind, args: readonly string[] = [], port?: number): Promise<Node> {
  const node = await Node.start(kind, args, port);
  nodes.push(node);
  return node;
}

/** What was asked and what was answered, with everything replaced that differs from run to run. */
class Transcript {
  readonly lines: string[] = [];
  readonly #names: [RegExp, string][];
  readonly #ids: string[] = [];

  constructor(primary: Node, replica: Node) {
    this.#names = [
      [new RegExp(`\\b${primary.port}\\b`, 'g'), 'P'],
      [new RegExp(`\\b${replica.port}\\b`, 'g'), 'R'],
    ];
  }

  async ask(node: Node, ...command: Argument[]): Promise<void> {
    this.note(command.join(' '), (await node.client.send(...command)).raw);
  }

  async exec(node: Node, ...commands: Argument[][]): Promise<void> {
    const replies = await node.client.pipeline([['MULTI'], ...commands, ['EXEC']]);
    this.note(`MULTI ${commands.map((command) => command.join(' ')).join(', ')}`, replies.at(-1)!.raw);
  }

  /** INFO replication without how far anything is, which depends on when PINGs are sent. */
  async info(node: Node, title: string): Promise<void> {
    const text = String(await node.client.value('INFO', 'replication'))
      .replace(/(offset|histlen)([:=])\d+/g, '$1$2N')
      .replace(/(lag=|last_io_seconds_ago:|down_since_seconds:)\d+/g, '$1N');
    this.note(`INFO ${title}`, text);
  }

  note(title: string, text: string): void {
    const named = (words: string): string =>
      this.#names.reduce((all, [pattern, name]) => all.replace(pattern, name), words);
    let shown = named(text);
    shown = shown.replace(/[0-9a-f]{40}/g, (id) => {
      if (/^0+$/.test(id)) return 'none';
      if (!this.#ids.includes(id)) this.#ids.push(id);
      return `id${this.#ids.indexOf(id)}`;
    });
    // Lengths of what was replaced, and offsets.
    shown = shown.replace(/\$\d+\r\n(P|R|id\d+)\r\n/g, '$1 ').replace(/:\d{3,}\r\n/g, ':N ');
    this.lines.push(`${named(title)} → ${shown}`);
  }
}

/** Runs a story with both kinds and compares what was written down. */
async function compare(
  story: (script: Transcript, primary: Node, replica: Node, kind: Kind) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  const written: string[][] = [];
  for (const kind of ['redis', 'keyspan'] as const) {
    const [primary, replica] = [await start(kind, args), await start(kind, args)];
    const script = new Transcript(primary, replica);
    await story(script, primary, replica, kind);
    written.push(script.lines);
  }
  assert.deepEqual(written[1], written[0]);
}

/** Waits until the primary knows that its replica has everything. */
async function acknowledged(primary: Node): Promise<void> {
  await until(async () => {
    const [, offset, replicas] = (await primary.client.value('ROLE')) as [string, number, string[][]];
    return replicas.length > 0 && replicas.every(([, , acked]) => Number(acked) === offset);
  }, 'everything is acknowledged');
}

test('a pair from its beginning to its end', async (t) => {
  if (!(await requireRedis(t))) return;
  await compare(async (script, primary, replica) => {
    await script.info(primary, 'of a server alone');
    await script.ask(primary, 'ROLE');
    await script.ask(primary, 'WAIT', 1, 1);
    await replica.follow(primary.port);
    await converged(primary, replica);
    await acknowledged(primary);
    await script.info(primary, 'of the primary');
    await script.info(replica, 'of the replica');
    await script.ask(replica, 'REPLICAOF', '127.0.0.1', primary.port);
    await script.ask(replica, 'WAIT', 1, 1);
    await script.ask(replica, 'SET', 'a', 'b');
    await script.ask(replica, 'EVAL', "return redis.call('SET', KEYS[1], 'b')", 1, 'a');
    await script.ask(replica, 'EVAL', "return redis.pcall('GET', KEYS[1])", 1, 'a');
    await script.exec(replica, ['SET', 'a', 'b']);
    await script.exec(replica, ['GET', 'a']);
    await script.exec(primary, ['INCR', 'n'], ['WAIT', 0, 0], ['WAIT', 5, 1]);
    await script.ask(primary, 'EVAL', "redis.call('INCR', KEYS[1]) return redis.call('WAIT', 7, 0)", 1, 'n');
    await script.ask(primary, 'WAIT', 1, 0);
    await script.ask(primary, 'WAIT', 2, 10);
    await script.ask(primary, 'FAILOVER', 'TO', '127.0.0.1', primary.port);
    await script.ask(primary, 'FAILOVER', 'TO', '127.0.0.1', replica.port, 'FORCE');
    await script.ask(primary, 'FAILOVER', 'TO', '127.0.0.1', replica.port, 'TO', '127.0.0.1', replica.port);
    await script.ask(primary, 'FAILOVER', 'FORCE', 'TIMEOUT', 100);
    await script.ask(replica, 'FAILOVER');
    await primary.client.value('CONFIG', 'SET', 'min-replicas-to-write', 1);
    await until(async () => (await primary.info('min_slaves_good_slaves')) === '1', 'it counts its replica');
    await script.info(primary, 'with min-replicas-to-write');
    await script.ask(primary, 'SET', 'a', 'b');
    await primary.client.value('CONFIG', 'SET', 'min-replicas-to-write', 2);
    await until(async () => (await primary.info('min_slaves_good_slaves')) === '1', 'it counts its replica');
    await script.ask(primary, 'SET', 'a', 'b');
    await script.ask(primary, 'GET', 'a');
    await script.exec(primary, ['SET', 'a', 'b']);
    await primary.client.value('CONFIG', 'SET', 'min-replicas-to-write', 0);
    await converged(primary, replica);
    await script.ask(replica, 'REPLICAOF', 'NO', 'ONE');
    await until(async () => (await primary.info('connected_slaves')) === '0', 'it has left');
    await script.info(replica, 'of who was a replica');
    await script.ask(replica, 'ROLE');
    await script.info(primary, 'of who has lost its replica');
  });
});

test('no replies to what only links say', async (t) => {
  if (!(await requireRedis(t))) return;
  await compare(async (script, primary) => {
    primary.client.write([
      ['REPLCONF', 'GETACK', '*'],
      ['REPLCONF', 'ACK', '5'],
      ['REPLCONF', 'ACK', 'x'],
      ['REPLCONF', 'capa', 'eof', 'GETACK', '*', 'listening-port', 'x'],
      ['PING'],
    ]);
    const [first] = await primary.client.read(1);
    script.note('the first reply', first!.raw);
    await script.ask(primary, 'REPLCONF', 'rdb-only', '2');
    await script.ask(primary, 'REPLCONF', 'rdb-only', 'x');
    await script.ask(primary, 'REPLCONF', 'rdb-filter-only', '"');
    await script.ask(primary, 'REPLCONF', 'ip-address', 'x'.repeat(300));
    await script.ask(primary, 'REPLCONF', 'listening-port', 'x');
    await script.ask(primary, 'REPLCONF', 'capa', 'what', 'listening-port', '1');
    await script.exec(primary, ['SYNC']);
  });
});

test('a link that is down, and writes of its own on a replica that may', async (t) => {
  if (!(await requireRedis(t))) return;
  await compare(async (script, primary, replica) => {
    await primary.client.value('SET', 'a', '1');
    await replica.follow(primary.port);
    await converged(primary, replica);
    await acknowledged(primary);
    await replica.client.value('CONFIG', 'SET', 'replica-read-only', 'no');
    await script.ask(replica, 'SET', 'own', '1');
    await script.ask(replica, 'SET', 'brief', '1', 'PX', 1);
    await until(async () => (await replica.client.value('DBSIZE')) === 2, 'the brief key goes');
    await script.ask(primary, 'EXISTS', 'own');
    await script.info(replica, 'of a writable replica');
    await primary.server.stop();
    await until(async () => (await replica.info('master_link_status')) === 'down', 'it has noticed');
    await until(async () => (await replica.info('master_sync_in_progress')) === '0', 'it tries again');
    await script.info(replica, 'without its primary');
    const role = (await replica.client.value('ROLE')) as [string, string, number, string, number];
    script.note('ROLE', `${role[0]} ${role[1]} ${role[2]} ${role[4]}`);
    await script.ask(replica, 'GET', 'a');
    await replica.client.value('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    for (const command of [['GET', 'a'], ['SET', 'a', '2'], ['PING'], ['ECHO', 'x'], ['DBSIZE'], ['FLUSHALL']]) {
      await script.ask(replica, ...command);
    }
    await script.exec(replica, ['GET', 'a']);
    await script.ask(replica, 'EVAL', 'return 1', 0);
    await script.ask(replica, 'EVAL', '#!lua flags=allow-stale\nreturn 1', 0);
    await script.ask(replica, 'EVAL', "#!lua flags=allow-stale\nreturn redis.call('GET', KEYS[1])", 1, 'a');
    await script.ask(replica, 'PUBLISH', 'c', 'm');
    await script.ask(replica, 'SUBSCRIBE', 'c');
    await script.ask(replica, 'UNSUBSCRIBE', 'c');
    await script.ask(replica, 'REPLICAOF', 'NO', 'ONE');
    await script.info(replica, 'promoted');
    await script.ask(replica, 'SET', 'a', '3');
  });
});

test('the backlog: its size, and its end', async (t) => {
  if (!(await requireRedis(t))) return;
  await compare(async (script, primary, replica) => {
    await script.ask(primary, 'CONFIG', 'SET', 'repl-backlog-size', 1);
    await script.ask(primary, 'CONFIG', 'GET', 'repl-backlog-size');
    await replica.follow(primary.port);
    await converged(primary, replica);
    await primary.client.pipeline(Array.from({ length: 100 }, (_, i) => ['SET', `k${i}`, 'x'.repeat(1000)]));
    await converged(primary, replica);
    script.note('held', String(Number(await primary.info('repl_backlog_histlen')) >= 16_384));
    await primary.client.value('CONFIG', 'SET', 'repl-backlog-ttl', 1);
    await replica.client.value('REPLICAOF', 'NO', 'ONE');
    await until(async () => (await primary.info('repl_backlog_active')) === '0', 'the backlog is given back');
    await script.info(primary, 'without a backlog');
    await primary.client.value('SET', 'more', '1');
    await script.info(primary, 'which does not count writes');
    await replica.follow(primary.port);
    await converged(primary, replica);
    script.note('full syncs', String(await primary.info('sync_full')));
  });
});

test('a failover that is forced, and one that is given up', async (t) => {
  if (!(await requireRedis(t))) return;
  await compare(async (script, primary, replica) => {
    await replica.follow(primary.port);
    await converged(primary, replica);
    await acknowledged(primary);
    process.kill(replica.server.pid, 'SIGSTOP');
    try {
      await primary.client.value('SET', 'a', '1');
      await script.ask(primary, 'FAILOVER', 'TIMEOUT', 100_000);
      await script.ask(primary, 'FAILOVER');
      await script.ask(primary, 'REPLICAOF', '127.0.0.1', replica.port);
      await script.info(primary, 'while it waits');
      await script.ask(primary, 'CLIENT', 'UNPAUSE');
      await script.ask(primary, 'FAILOVER', 'ABORT');
      await script.info(primary, 'as before');
      await script.ask(primary, 'FAILOVER', 'TO', '127.0.0.1', replica.port, 'TIMEOUT', 50, 'FORCE');
      await until(async () => (await primary.info('master_failover_state')) === 'failover-in-progress', 'it is forced');
      await script.ask(primary, 'FAILOVER', 'ABORT');
      await until(async () => (await primary.info('role')) === 'master', 'it is the primary again');
      await script.ask(primary, 'SET', 'after', '1');
      script.note('state', String(await primary.info('master_failover_state')));
    } finally {
      process.kill(replica.server.pid, 'SIGCONT');
    }
    await converged(primary, replica);
  });
});

test('who is restarted from a snapshot goes on with a partial sync', async (t) => {
  if (!(await requireRedis(t))) return;
  await compare(async (script, primary, _replica, kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'keyspan-restart-'));
    folders.push(folder);
    const args = ['--dir', folder, '--save', '3600 1'];
    const first = await start(kind, args);
    await primary.client.pipeline([
      ['SELECT', 3],
      ['SET', 'a', '1'],
    ]);
    await first.follow(primary.port);
    await converged(primary, first);
    await first.client.send('SHUTDOWN', 'SAVE').catch(() => null);
    await until(async () => !first.server.alive(), 'it has ended');
    await primary.client.pipeline([
      ['SET', 'b', '2'],
      ['SELECT', 0],
    ]);
    const second = await start(kind, [...args, '--replicaof', `127.0.0.1 ${primary.port}`], first.port);
    await converged(primary, second);
    script.note('full', String(await primary.info('sync_full')));
    script.note('partial', String(await primary.info('sync_partial_ok')));
    await second.client.value('SELECT', 3);
    await script.ask(second, 'MGET', 'a', 'b');
  });
});
