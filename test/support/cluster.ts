/** Real clusters for tests: primaries with replicas on free ports, joined and ready, stopped whatever happens. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, type Redis } from '../../src/index.js';
import { freePort, type RunningServer, startRedis } from './redis.js';
import { until } from './until.js';

export interface ClusterSetup {
  primaries?: number;
  /** Of each primary. */
  replicas?: number;
  /** Milliseconds after which nodes hold a silent one for failed. */
  nodeTimeout?: number;
  args?: string[];
}

export class TestNode {
  server: RunningServer;
  readonly id: string;
  /** A connection to this node alone. */
  db: Redis;

  constructor(server: RunningServer, id: string, db: Redis) {
    this.server = server;
    this.id = id;
    this.db = db;
  }

  get name(): string {
    return this.server.url.slice('redis://'.length);
  }

  call(...words: (string | number)[]): Promise<unknown> {
    const [name, ...args] = words;
    return this.db.call(String(name), ...args);
  }
}

const SLOTS = 16_384;
const MEETINGS_MAX = 4;
const MEETING_TIMEOUT_MS = 8_000;
/** Nodes give an ordered failover up after five seconds; then it has to be ordered again. */
const HAND_OVER_TIMEOUT_MS = 6_000;

export class TestCluster {
  readonly nodes: TestNode[] = [];
  readonly #setup: Required<ClusterSetup>;
  /** What nodes know of the cluster outlives their processes. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'keyspan-cluster-'));
  readonly #busPorts = new Map<number, number>();

  constructor(setup: ClusterSetup = {}) {
    this.#setup = { primaries: 3, replicas: 1, nodeTimeout: 2000, args: [], ...setup };
  }

  static async start(setup: ClusterSetup = {}): Promise<TestCluster> {
    const cluster = new TestCluster(setup);
    try {
      await cluster.#form();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** `redis+cluster://` with two seeds. */
  get url(): string {
    const seeds = this.nodes.filter(({ server }) => server.alive()).slice(0, 2);
    return `redis+cluster://${seeds.map(({ name }) => name).join(',')}`;
  }

  get alive(): TestNode[] {
    return this.nodes.filter(({ server }) => server.alive());
  }

  node(id: string): TestNode {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  }

  /** The primary that serves a slot, as `asked` sees it. */
  async primaryOf(slot: number, asked: TestNode = this.alive[0]!): Promise<TestNode> {
    const all = await asked.db.clusterNodes();
    const owner = all.find(({ slots }) => slots.some(([start, end]) => start <= slot && slot <= end));
    if (owner === undefined) throw new Error(`slot ${slot} is served by no node`);
    return this.node(owner.id);
  }

  /** A replica of a primary, whose link to it is up. */
  async replicaOf(primary: TestNode, asked: TestNode = this.alive[0]!): Promise<TestNode> {
    const all = await asked.db.clusterNodes();
    const found = all.find(({ master, flags, id }) => {
      return master === primary.id && !flags.includes('fail') && this.node(id).server.alive();
    });
    if (found === undefined) throw new Error(`${primary.name} has no replica`);
    return this.node(found.id);
  }

  /** Makes a replica take the place of its primary, in order. Under load the nodes give an attempt up now and then. */
  async handOver(primary: TestNode, replica: TestNode): Promise<void> {
    const isDone = async (): Promise<boolean> => ((await replica.call('ROLE')) as unknown[])[0] === 'master';
    for (let attempt = 1; ; attempt++) {
      await replica.call('CLUSTER', 'FAILOVER');
      try {
        await until(isDone, `${replica.name} to take over from ${primary.name}`, HAND_OVER_TIMEOUT_MS);
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  /** The nodes that serve a slot, primary first. */
  async shardOf(slot: number): Promise<TestNode[]> {
    const primary = await this.primaryOf(slot);
    const all = await primary.db.clusterNodes();
    return [primary, ...all.filter(({ master }) => master === primary.id).map(({ id }) => this.node(id))];
  }

  /** Starts a node that ended again, as the node that it was. */
  async restart(node: TestNode): Promise<TestNode> {
    await until(() => !node.server.alive(), 'the process to end');
    const { port } = node.server;
    await node.server.stop();
    const again = await this.#start(port);
    Object.assign(node, { server: again.server });
    again.db.destroy();
    return node;
  }

  /** Ends a node and starts it elsewhere, at another port of this host or at the same port of another: the same node. */
  async relocate(node: TestNode, host?: string): Promise<void> {
    const { port } = node.server;
    process.kill(node.server.pid, 'SIGKILL');
    await until(() => !node.server.alive(), 'the process to end');
    await node.server.stop();
    const elsewhere = host === undefined ? await freePort() : port;
    if (elsewhere !== port) copyFileSync(this.#configOf(port), this.#configOf(elsewhere));
    const { server, db } = await this.#start(elsewhere, host);
    node.db.destroy();
    Object.assign(node, { server, db });
  }

  /** Adds an empty node. */
  async add(): Promise<TestNode> {
    const node = await this.#start(await freePort());
    const [first] = this.alive;
    this.nodes.push(node);
    for (let attempt = 1; ; attempt++) {
      await this.#meet(first!, node);
      try {
        await this.agreed(attempt === MEETINGS_MAX ? undefined : MEETING_TIMEOUT_MS);
        return node;
      } catch (error) {
        // A handshake that a node does not finish in its node timeout is forgotten: it has to be asked for again.
        if (attempt === MEETINGS_MAX) throw error;
      }
    }
  }

  /** Takes out a node that serves nothing, and ends it. */
  async remove(node: TestNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    node.db.destroy();
    await this.#end(node.server);
    for (const other of this.alive) await other.call('CLUSTER', 'FORGET', node.id);
    await this.agreed();
  }

  /** Moves a slot with all its keys, while clients use it; `between` is called at each of its stages. */
  async moveSlot(slot: number, to: TestNode, between: () => Promise<void> = async () => undefined): Promise<void> {
    // A node that takes a slot before it has heard of the epoch of the last move takes it with a lower one: an earlier
    // message of the old owner then wins, each of the two holds the other for the owner, and that never ends.
    await this.agreed();
    const from = await this.primaryOf(slot);
    if (from === to) return;
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    await between();
    for (;;) {
      const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 50)) as string[];
      if (keys.length === 0) break;
      await from.call('MIGRATE', '127.0.0.1', to.server.port, '', 0, 5000, 'KEYS', ...keys);
      await between();
    }
    await to.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    await from.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    for (const node of this.alive) {
      if (node !== to && node !== from)
        await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id).catch(() => undefined);
    }
  }

  /** Waits until all nodes that are alive find the cluster well, and agree on who serves what since which epoch. */
  async agreed(timeout_ms?: number): Promise<void> {
    const isDone = async (): Promise<boolean> => {
      const views = await Promise.all(this.alive.map((node) => this.#viewOf(node)));
      return views.every((view) => view !== null && view === views[0]);
    };
    try {
      await until(isDone, 'the cluster to agree', timeout_ms);
    } catch (error) {
      const told = this.alive.map(async ({ name, db }) => `${name}:\n${await db.call('CLUSTER', 'NODES')}`);
      throw new Error(`the nodes do not agree\n${(await Promise.all(told)).join('\n')}`, { cause: error });
    }
  }

  /** Waits until each primary has its replicas, and they are connected. */
  async replicated(): Promise<void> {
    await until(async () => {
      const roles = await Promise.all(this.alive.map(({ db }) => db.call('ROLE') as Promise<unknown[]>));
      return roles.every((role) => role[0] === 'master' || role[3] === 'connected');
    }, 'replicas to follow');
  }

  async stop(): Promise<void> {
    for (const { db } of this.nodes) db.destroy();
    await Promise.all(this.nodes.map(({ server }) => this.#end(server)));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(server: RunningServer): Promise<void> {
    // One that was stopped does not end.
    if (server.alive()) process.kill(server.pid, 'SIGCONT');
    if (server.alive()) process.kill(server.pid, 'SIGKILL');
    await server.stop();
  }

  async #viewOf(node: TestNode): Promise<string | null> {
    const info = await node.db.clusterInfo();
    if (info.cluster_state !== 'ok' || info.cluster_slots_assigned !== SLOTS) return null;
    const all = await node.db.clusterNodes();
    if (all.some(({ flags }) => flags.includes('handshake'))) return null;
    const known = all.filter(({ id }) => this.nodes.some((one) => one.id === id && one.server.alive()));
    if (known.length < this.alive.length) return null;
    if (known.some(({ flags }) => flags.includes('fail') || flags.includes('fail?'))) return null;
    const owners = known.filter(({ slots }) => slots.length > 0);
    if (new Set(owners.map(({ configEpoch }) => configEpoch)).size < owners.length) return null;
    const lines = known.map(({ id, master, slots, configEpoch }) => [id, master, slots, configEpoch].join(' '));
    return lines.sort().join('\n');
  }

  #configOf(port: number): string {
    return join(this.#folder, `${port}.conf`);
  }

  async #start(port: number, host?: string): Promise<TestNode> {
    const { nodeTimeout, args } = this.#setup;
    const busPort = this.#busPorts.get(port) ?? (await freePort());
    this.#busPorts.set(port, busPort);
    const server = await startRedis({
      port,
      ...(host === undefined ? {} : { host }),
      args: [
        // Others take the address of a node from its messages, which may be sent from any of this machine's.
        ...(host === undefined ? [] : ['--cluster-announce-ip', host]),
        ...['--cluster-enabled', 'yes', '--cluster-node-timeout', `${nodeTimeout}`, '--cluster-port', `${busPort}`],
        ...[
          '--repl-diskless-sync-delay',
          '0',
          '--repl-ping-replica-period',
          '1',
          '--cluster-allow-replica-migration',
          'no',
          '--cluster-replica-validity-factor',
          '0',
        ],
        ...['--cluster-config-file', this.#configOf(port)],
        ...args,
      ],
    });
    const db = open(server.url, { timeout: 8000 });
    return new TestNode(server, (await db.call('CLUSTER', 'MYID')) as string, db);
  }

  async #form(): Promise<void> {
    const { primaries, replicas } = this.#setup;
    const count = primaries * (replicas + 1);
    for (const node of await Promise.all(Array.from({ length: count }, async () => this.#start(await freePort()))))
      this.nodes.push(node);
    const first = this.nodes[0]!;
    for (let i = 0; i < primaries; i++) {
      const start = Math.round((i * SLOTS) / primaries);
      const end = Math.round(((i + 1) * SLOTS) / primaries) - 1;
      await this.nodes[i]!.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      await this.nodes[i]!.call('CLUSTER', 'ADDSLOTSRANGE', start, end);
    }
    for (const node of this.nodes.slice(1)) await this.#meet(first, node);
    for (let i = primaries; i < count; i++) {
      const node = this.nodes[i]!;
      const primary = this.nodes[i % primaries]!;
      await until(async () => {
        return (await node.db.clusterNodes()).some(({ id }) => id === primary.id);
      }, 'a node to know its primary');
      await node.call('CLUSTER', 'REPLICATE', primary.id);
    }
    await this.agreed();
    await this.replicated();
    // Nodes show a replica to clients only once they have heard how far it is.
    await until(async () => {
      const views = await Promise.all(this.nodes.map(({ db }) => db.clusterSlots()));
      return views.flat().every(({ replicas: shown }) => shown.length === replicas);
    }, 'all replicas to be shown');
  }

  async #meet(first: TestNode, node: TestNode): Promise<void> {
    // The bus has a port of its own choice: it has to be named.
    const config = (await first.db.configGet('cluster-port')) as Record<string, string>;
    await node.call('CLUSTER', 'MEET', '127.0.0.1', first.server.port, config['cluster-port']!);
  }
}
