/** Pairs of servers that replicate, and how to tell that they are equal. */
import assert from 'node:assert/strict';
import { type RunningServer, startKeyspan, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { until } from '../support/until.js';

const shared = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', '--save', ''];

export type Kind = 'keyspan' | 'redis';

/** A server with two connections, all closed by `stop`. */
export class Node {
  readonly server: RunningServer;
  client: RespClient;
  other: RespClient;

  private constructor(server: RunningServer, client: RespClient, other: RespClient) {
    this.server = server;
    this.client = client;
    this.other = other;
  }

  static async start(kind: Kind, args: readonly string[] = [], port?: number): Promise<Node> {
    const options = { args: [...shared, ...args], ...(port === undefined ? {} : { port }) };
    const server = kind === 'keyspan' ? await startKeyspan(options) : await startRedis(options);
    const [client, other] = await Promise.all([RespClient.connect(server.port), RespClient.connect(server.port)]);
    return new Node(server, client, other);
  }

  get port(): number {
    return this.server.port;
  }

  /** Connects again, if the server has closed a connection. */
  async reconnect(): Promise<void> {
    if (this.client.closed) this.client = await RespClient.connect(this.port);
    if (this.other.closed) this.other = await RespClient.connect(this.port);
  }

  /** A field of INFO. */
  async info(field: string): Promise<string | undefined> {
    const text = String(await this.client.value('INFO', 'everything'));
    return new RegExp(`^${field}:(.*)\\r$`, 'm').exec(text)?.[1];
  }

  async digest(): Promise<string> {
    return String(await this.client.value('DEBUG', 'DIGEST'));
  }

  async follow(port: number): Promise<void> {
    assert.equal(await this.client.value('REPLICAOF', '127.0.0.1', port), 'OK');
  }

  async linked(): Promise<void> {
    await until(async () => (await this.info('master_link_status')) === 'up', 'the link is up');
  }

  async stop(): Promise<void> {
    this.client.close();
    this.other.close();
    await this.server.stop();
  }
}

/** Waits until two servers have the same data: keys with a short life have to go first. */
export async function converged(primary: Node, replica: Node): Promise<void> {
  await replica.linked();
  await until(async () => {
    const [a, b] = await Promise.all([primary.info('master_repl_offset'), replica.info('master_repl_offset')]);
    return a === b && (await primary.digest()) === (await replica.digest());
  }, 'the replica has the data of the primary');
}

/** Stops whatever was started, in the order of its start. */
export async function stopAll(nodes: readonly (Node | null | undefined)[]): Promise<void> {
  for (const node of nodes) await node?.stop();
}
