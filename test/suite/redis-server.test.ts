import { open } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { startRedis } from '../support/redis.js';
import { facadeSuite } from './facade-suite.js';

/** The same over a connection to the real server: what the table says of replies is true of Redis too. */
if ((await findRedis()) !== null) {
  for (const protocol of [3, 2] as const) {
    facadeSuite(
      `a real redis-server, RESP${protocol}`,
      async () => {
        const redis = await startRedis({ args: ['--enable-debug-command', 'yes'] });
        const db = open(redis.url, { protocol });
        const close = async (): Promise<void> => {
          await db.close();
          await redis.stop();
        };
        return { db, close };
      },
      { cannot: { newer: 'ERR' } },
    );
  }
}
