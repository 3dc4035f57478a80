/** Real primaries with replicas, and Sentinels that watch them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../../src/client/index.js';
import type { Redis } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startRedis, startServer } from './redis.js';
import { until } from './until.js';

export const SERVICE = 'mymaster';

/** A node or Sentinel with a client of its own, past everything that is tested. */
export interface Node extends RunningServer {
  readonly direct: Redis;
}

export interface ReplicationOptions {
  replicas?: number;
  /** More directives for every data node. */
  args?: readonly string[];
  /** Of the data nodes. */
  password?: string;
}

/** Nodes of which the first is the primary of the others when they start. */
export class Replication {
  readonly nodes: Node[] = [];
  readonly password: string | undefined;

  private constructor(password: string | undefined) {
    this.password = password;
  }

  static async start({ replicas = 1, args = [], password }: ReplicationOptions = {}): Promise<Replication> {
    const group = new Replication(password);
    const auth = password === undefined ? [] : ['--requirepass', password, '--masterauth', password];
    const quick = ['--repl-diskless-sync', 'yes', '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
    try {
      for (let i = 0; i <= replicas; i++) {
        const node = await startRedis({ args: [...quick, ...auth, ...args] });
        group.nodes.push(withClient(node, password));
      }
      await group.lead(0);
    } catch (error) {
      await group.stop();
      throw error;
    }
    return group;
  }

  get addresses(): string[] {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** Makes a node the primary of all others that live, and waits until they follow it. */
  async lead(index: number): Promise<void> {
    const primary = this.nodes[index]!;
    await primary.direct.replicaof('NO', 'ONE');
    const others = this.nodes.filter((node) => node !== primary && node.alive());
    for (const other of others) await other.direct.replicaof('127.0.0.1', primary.port);
    await this.followed(index, others.length);
  }

  /**
   * Makes another node the primary without losing a write: writes are held back until it has them all, and those held
   * back are refused by the old primary then.
   */
  async handOver(from: number, to: number): Promise<void> {
    const old = this.nodes[from]!.direct;
    const next = this.nodes[to]!.direct;
    await old.clientPause(10_000, { mode: 'WRITE' });
    await until(async () => {
      const [ours, theirs] = await Promise.all([old, next].map((node) => node.info({ sections: ['replication'] })));
      return ours!.replication!.master_repl_offset === theirs!.replication!.slave_repl_offset;
    });
    await next.replicaof('NO', 'ONE');
    for (const node of this.nodes) {
      if (node.direct !== next && node.alive()) await node.direct.replicaof('127.0.0.1', this.nodes[to]!.port);
    }
    await old.clientUnpause();
    await this.followed(to, this.nodes.filter((node) => node.alive()).length - 1);
  }

  /** Waits until so many replicas follow a node. */
  async followed(index: number, replicas: number): Promise<void> {
    await until(async () => {
      const info = await this.nodes[index]!.direct.info({ sections: ['replication'] });
      const online = Object.values(info.replication ?? {}).filter((value) => /state=online/.test(String(value)));
      return online.length === replicas;
    });
  }

  /** Which node is a primary now; −1 for none. */
  async leader(): Promise<number> {
    for (const [i, { direct, alive }] of this.nodes.entries()) {
      if (
        alive() &&
        (await direct.role().then(
          (role) => (role as unknown[])[0] === 'master',
          () => false,
        ))
      )
        return i;
    }
    return -1;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(stopNode));
  }
}

export interface SentinelOptions {
  count?: number;
  /** How many must find the primary down; 1 unless given. */
  quorum?: number;
  /** Of the Sentinels themselves. */
  password?: string;
  downAfter_ms?: number;
}

/** Sentinels that watch the first node of a group. They work by shorter periods than usual. */
export class Sentinels {
  readonly nodes: Node[] = [];
  readonly #folders: string[] = [];

  static async start(group: Replication, options: SentinelOptions = {}): Promise<Sentinels> {
    const { count = 3, quorum = 1, password, downAfter_ms = 300 } = options;
    const sentinels = new Sentinels();
    const redis = await findRedis();
    if (redis === null) throw new Error(whyNoRedis());
    // One of them notices first and has the votes of the others: an election that splits is begun anew only seconds later.
    const linesOf = (i: number): string[] => [
      `sentinel monitor ${SERVICE} 127.0.0.1 ${group.nodes[0]!.port} ${quorum}`,
      `sentinel down-after-milliseconds ${SERVICE} ${downAfter_ms + i * 300}`,
      `sentinel failover-timeout ${SERVICE} 2000`,
      ...(group.password === undefined ? [] : [`sentinel auth-pass ${SERVICE} ${group.password}`]),
      ...(password === undefined ? [] : [`requirepass ${password}`, `sentinel sentinel-pass ${password}`]),
    ];
    try {
      for (let i = 0; i < count; i++) sentinels.nodes.push(await sentinels.#startOne(redis, linesOf(i), password));
      await Promise.all(sentinels.nodes.map((node) => quicken(node)));
      await sentinels.settled(group.nodes.length - 1);
    } catch (error) {
      await sentinels.stop();
      throw error;
    }
    return sentinels;
  }

  get addresses(): string[] {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** The URL of the service, with more options if given. */
  url(query = ''): string {
    return `redis+sentinel://${this.addresses.join(',')}/${SERVICE}${query === '' ? '' : `?${query}`}`;
  }

  /** Waits until every Sentinel knows all others and so many replicas, and takes none of them for down. */
  async settled(replicas: number): Promise<void> {
    const living = this.nodes.filter((node) => node.alive());
    await until(async () => {
      for (const { direct } of living) {
        const master = await direct.sentinelMaster(SERVICE);
        const list = await direct.sentinelReplicas(SERVICE);
        const well = list.filter(({ flags, masterLinkStatus }) => flags.length === 1 && masterLinkStatus === 'ok');
        if (master.flags.length > 1 || master.numOtherSentinels < living.length - 1) return false;
        if (well.length < replicas) return false;
      }
      return true;
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(stopNode));
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  async #startOne(
    redis: { sentinel: string; env?: NodeJS.ProcessEnv },
    lines: string[],
    password?: string,
  ): Promise<Node> {
    const folder = mkdtempSync(join(tmpdir(), 'keyspan-sentinel-'));
    this.#folders.push(folder);
    const file = join(folder, 'sentinel.conf');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const server = await startServer([redis.sentinel, file], [], { env: redis.env ?? process.env });
    return withClient(server, password);
  }
}

/** Makes a Sentinel's periods, in milliseconds, such that failovers take tenths of seconds. */
export async function quicken({ direct }: { readonly direct: Redis }): Promise<void> {
  await direct.sentinelDebugSet({
    'info-period': 100,
    // A replica that was not heard of for five of these is not made the primary, and they are asked every second then.
    'ping-period': 250,
    'ask-period': 50,
    // After four of these a promoted replica would be taken for one that only believes that it is the primary.
    'publish-period': 500,
    'min-link-reconnect-period': 200,
    'election-timeout': 1000,
  });
}

function withClient(server: RunningServer, password?: string): Node {
  const { redis } = createClient(server.url, { retry: 'never', ...(password === undefined ? {} : { password }) });
  return { ...server, direct: redis };
}

async function stopNode(node: Node): Promise<void> {
  node.direct.destroy();
  try {
    process.kill(node.pid, 'SIGCONT');
  } catch {
    // It has ended already.
  }
  await node.stop();
}
