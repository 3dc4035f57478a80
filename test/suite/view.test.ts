import { open } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { startRedis } from '../support/redis.js';
import { facadeSuite } from './facade-suite.js';

/** Of characters that patterns must not take for theirs. */
const first = 'té[s]t?^-\\';
const second = ':';

/** The same through a view with a prefix: nobody sees that there is one. */
facadeSuite('memory: with a prefix', async () => {
  const db = open('memory:', { settings: { enableDebugCommand: 'yes' } });
  return { db: db.with({ prefix: first }).with({ prefix: second }), close: () => db.close() };
});

if ((await findRedis()) !== null) {
  facadeSuite(
    'a real redis-server with a prefix',
    async () => {
      const redis = await startRedis({ args: ['--enable-debug-command', 'yes'] });
      const db = open(redis.url);
      const close = async (): Promise<void> => {
        await db.close();
        await redis.stop();
      };
      return { db: db.with({ prefix: first }).with({ prefix: second }), close };
    },
    { cannot: { newer: 'ERR' } },
  );
}
