import { setTimeout as sleep } from 'node:timers/promises';
/** One of the two servers under comparison, with all the connections an episode needs. */

import { RespClient, type RespReply } from '../support/resp-client.js';
import { users } from './administration.js';
import { connections_count } from './generator.js';

/** The thresholds an episode may change, as Redis ships them. */
const defaults: [name: string, value: string][] = [
  ['hash-max-listpack-entries', '512'],
  ['hash-max-listpack-value', '64'],
  ['set-max-intset-entries', '512'],
  // Not known before 7.2.
  ['set-max-listpack-entries', '128'],
  ['set-max-listpack-value', '64'],
  ['zset-max-listpack-entries', '128'],
  ['zset-max-listpack-value', '64'],
  ['list-max-listpack-size', '-2'],
  ['list-compress-depth', '0'],
  ['hll-sparse-max-bytes', '3000'],
  ['maxmemory-policy', 'noeviction'],
  ['notify-keyspace-events', 'KEAmn'],
];

export class Side {
  readonly name: string;
  readonly port: number;
  connections: RespClient[] = [];
  ids: string[] = [];
  control!: RespClient;
  listener!: RespClient;

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
  }

  /** Connects what outlives episodes: the control connection and the listener for keyspace notifications. */
  async open(): Promise<void> {
    this.control = await RespClient.connect(this.port);
    this.listener = await RespClient.connect(this.port);
    await this.control.send('CONFIG', 'SET', 'notify-keyspace-events', 'KEAmn');
    // Keys that are over are found when they are asked for: the same moment on both servers.
    await this.control.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await this.listener.send('HELLO', '3');
    await this.listener.send('PSUBSCRIBE', '__key*__:*');
  }

  /** An empty server with default thresholds, without users, functions and scripts, and fresh connections. */
  async begin(tune: boolean): Promise<void> {
    for (const id of this.ids) await this.control.send('CLIENT', 'KILL', 'ID', id);
    for (const connection of this.connections) connection.close();
    await this.control.pipeline([
      ['SELECT', '0'],
      ['FLUSHALL'],
      ['ACL', 'DELUSER', ...users],
      ['FUNCTION', 'FLUSH'],
      ['SCRIPT', 'FLUSH'],
      ...(tune ? defaults.map(([name, value]) => ['CONFIG', 'SET', name, value]) : []),
    ]);
    this.connections = [];
    this.ids = [];
    for (let c = 0; c < connections_count; c++) await this.reconnect(c);
    await this.events();
  }

  async reconnect(connection: number): Promise<void> {
    const client = await RespClient.connect(this.port);
    this.connections[connection] = client;
    this.ids[connection] = String(await client.value('CLIENT', 'ID'));
  }

  /** Keyspace notifications since the last call; all of them have arrived, because PING's reply comes after them. */
  async events(): Promise<RespReply[]> {
    await this.listener.send('PING');
    return this.listener.takePushes();
  }

  /**
   * Waits until the server's count of blocked clients equals the number of `waiting` connections that have no
   * reply yet. False if that does not happen.
   */
  async quiet(waiting: readonly number[], limit_ms = 2000): Promise<boolean> {
    const deadline = Date.now() + limit_ms;
    for (;;) {
      const info = String(await this.control.value('INFO', 'clients'));
      const blocked = Number(/blocked_clients:(\d+)/.exec(info)?.[1] ?? -1);
      if (blocked === this.unanswered(waiting).length) return true;
      if (Date.now() > deadline || this.control.closed) return false;
      await sleep(1);
    }
  }

  unanswered(waiting: readonly number[]): number[] {
    return waiting.filter((c) => this.connections[c]!.replies.length === 0 && !this.connections[c]!.closed);
  }

  close(): void {
    for (const client of [...this.connections, this.control, this.listener]) client?.close();
  }
}
