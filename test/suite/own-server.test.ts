import { open } from '../../src/index.js';
import { startKeyspan } from '../support/redis.js';
import { facadeSuite } from './facade-suite.js';

/** The same over a connection to a server of ours, in both protocols: replies mean the same whatever they look like. */
for (const protocol of [3, 2] as const) {
  facadeSuite(`keyspan's own server, RESP${protocol}`, async () => {
    const server = await startKeyspan({ args: ['--server-version', '8.4'] });
    const db = open(server.url, { protocol });
    const close = async (): Promise<void> => {
      await db.close();
      await server.stop();
    };
    return { db, close };
  });
}
