/** Scripts in which several clients take part, some of whom wait: on a real server and on the engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Sink } from '../../src/backend/session.js';
import { PENDING, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { parseNotifyFlags } from '../../src/engine/notify.js';
import type { EngineSession } from '../../src/engine/session.js';
import { findRedis } from '../../tools/redis-binary.js';
import { type RunningServer, requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { encoded, words } from '../support/side-by-side.js';

/** `steps`: one a line; `a: BLPOP k 0` is what client `a` sends. Clients are made when they are first named. */
export interface Waits {
  title: string;
  steps: string;
}

/** One side's clients: what they receive, in order. */
class Engines {
  readonly engine = new Engine({ seed: 1 });
  readonly received = new Map<string, string[]>();
  readonly #sessions = new Map<string, EngineSession>();

  give(name: string, argv: string[]): void {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      session = this.engine.connect(this.#sink(name));
      this.#sessions.set(name, session);
    }
    const reply = session.call(argv);
    if (reply !== PENDING) this.#keep(name, reply);
  }

  listen(pattern: string): void {
    this.give('events', ['PSUBSCRIBE', pattern]);
  }

  #keep(name: string, reply: Reply): void {
    const text = encoded(reply, this.#sessions.get(name)?.protocol ?? 2);
    if (text !== '') this.received.set(name, [...(this.received.get(name) ?? []), text]);
  }

  #sink(name: string): Sink {
    const keep = (reply: Reply): void => this.#keep(name, reply);
    return { reply: keep, push: keep, close: () => {}, resume: () => {}, stats: {} as Sink['stats'] };
  }
}

class RealClients {
  readonly received = new Map<string, string[]>();
  readonly #port: number;
  readonly #clients = new Map<string, RespClient>();

  constructor(port: number) {
    this.#port = port;
  }

  async give(name: string, argv: string[]): Promise<void> {
    const client = await this.client(name);
    client.write([argv]);
    await this.settle();
  }

  async client(name: string): Promise<RespClient> {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = await RespClient.connect(this.#port);
      this.#clients.set(name, client);
    }
    return client;
  }

  /** After two rounds of PING the server has done what came before; then all sockets are read. */
  async settle(): Promise<void> {
    const control = await this.client('control');
    for (let i = 0; i < 2; i++) await control.send('PING');
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    for (const [name, client] of this.#clients) {
      const fresh = [...client.takePushes(), ...client.replies.splice(0)].map(({ raw }) => raw);
      if (fresh.length > 0) this.received.set(name, [...(this.received.get(name) ?? []), ...fresh]);
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

const dirtyLine = /rdb_changes_since_last_save:(\d+)/;

export function runWaits(group: string, scripts: readonly Waits[]): void {
  describe(`${group}: side by side with the real server`, () => {
    let server: RunningServer | null = null;
    before(async () => {
      if ((await findRedis()) !== null) server = await startRedis({ args: ['--notify-keyspace-events', 'KEA'] });
    });
    after(() => server?.stop());
    for (const { title, steps } of scripts) {
      it(title, async (t) => {
        if (!(await requireRedis(t)) || server === null) return;
        const real = new RealClients(server.port);
        const control = await real.client('control');
        await control.send('FLUSHALL');
        const ours = new Engines();
        ours.engine.settings.notifyFlags = parseNotifyFlags('KEA')!;
        ours.listen('__key*__:*');
        await real.give('events', ['PSUBSCRIBE', '__key*__:*']);
        const dirty = async (): Promise<number> =>
          Number(dirtyLine.exec((await control.send('INFO', 'persistence')).raw)?.[1]);
        const dirtyBefore = await dirty();
        for (const step of steps.split('\n').filter((line) => line.trim() !== '')) {
          const [, name, command] = /^\s*(\w+): (.*)$/.exec(step)!;
          const argv = words(command!);
          ours.give(name!, argv);
          await real.give(name!, argv);
          // HELLO's reply names the server's version and the connection.
          if (argv[0] === 'HELLO') for (const received of [ours.received, real.received]) received.delete(name!);
          assert.deepEqual(sortedEntries(ours.received), sortedEntries(real.received), step.trim());
        }
        assert.equal(ours.engine.dirty, (await dirty()) - dirtyBefore, 'changes');
        real.close();
      });
    }
  });
}

function sortedEntries(received: Map<string, string[]>): [string, string[]][] {
  return [...received].filter(([name]) => name !== 'control').sort(([a], [b]) => (a < b ? -1 : 1));
}
