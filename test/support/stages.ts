import { after, before, describe } from 'node:test';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { type RunningServer, startRedis } from './redis.js';

/** What a test is given: a Redis of its own file, and for a server its URL. */
export interface Stage {
  readonly db: Redis;
  /** Another client of the same data; the same for an engine in the process. Closed with the stage. */
  another(options?: OpenOptions): Redis;
  readonly server: RunningServer | null;
}

/** Declares the same tests twice: over an engine in the process, and over a real redis-server if there is one. */
export async function onStages(title: string, tests: (stage: () => Stage) => void): Promise<void> {
  declare(`${title} over memory:`, null, tests);
  if ((await findRedis()) !== null) declare(`${title} over a real redis-server`, () => startRedis(), tests);
}

function declare(
  title: string,
  start: (() => Promise<RunningServer>) | null,
  tests: (stage: () => Stage) => void,
): void {
  describe(title, () => {
    let stage: Stage;
    let server: RunningServer | null = null;
    const opened: Redis[] = [];
    const another = (options: OpenOptions = {}): Redis => {
      if (server === null) return opened[0] ?? keep(open('memory:', { settings: { enableDebugCommand: 'yes' } }));
      return keep(open(server.url, options));
    };
    const keep = (db: Redis): Redis => {
      opened.push(db);
      return db;
    };
    before(async () => {
      server = start === null ? null : await start();
      stage = { db: another(), another, server };
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
