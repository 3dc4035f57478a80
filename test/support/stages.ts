import { after, before, describe } from 'node:test';
import { Engine } from '../../src/engine/engine.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { EngineAdapter } from '../../src/server/engine-adapter.js';
import { startServer } from '../../src/server/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { startRedis } from './redis.js';

/** What a test is given: a Redis, and other clients of the same data. */
export interface Stage {
  readonly db: Redis;
  /** Another client of the same data; the same one for an engine in the process. Closed with the stage. */
  another(options?: OpenOptions): Redis;
}

/** A server while a stage lasts. */
interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Declares the same tests several times: over an engine in the process, over our own server, and over a real redis-server
 * in both protocols if there is one.
 */
export async function onStages(title: string, tests: (stage: () => Stage) => void): Promise<void> {
  declare(`${title} over memory:`, null, {}, tests);
  declare(`${title} over our own server`, startOwn, {}, tests);
  if ((await findRedis()) === null) return;
  declare(`${title} over a real redis-server`, startRedis, {}, tests);
  declare(`${title} over a real redis-server in RESP2`, startRedis, { protocol: 2 }, tests);
}

/** Our own server, in this process. */
export async function startOwn(): Promise<Running> {
  const adapter = new EngineAdapter(new Engine({ settings: { enableDebugCommand: 'yes' } }));
  const server = await startServer(adapter, { port: 0 });
  return { url: `redis://127.0.0.1:${server.port}`, stop: () => server.close() };
}

function declare(
  title: string,
  start: (() => Promise<Running>) | null,
  how: OpenOptions,
  tests: (stage: () => Stage) => void,
): void {
  describe(title, () => {
    let stage: Stage;
    let server: Running | null = null;
    const opened: Redis[] = [];
    const keep = (db: Redis): Redis => {
      opened.push(db);
      return db;
    };
    const another = (options: OpenOptions = {}): Redis => {
      if (server !== null) return keep(open(server.url, { ...how, ...options }));
      return opened[0] ?? keep(open('memory:', { settings: { enableDebugCommand: 'yes' } }));
    };
    before(async () => {
      server = start === null ? null : await start();
      stage = { db: another(), another };
    });
    after(async () => {
      try {
        await Promise.all(opened.map((db) => db.close()));
      } finally {
        await server?.stop();
      }
    });
    tests(() => stage);
  });
}
