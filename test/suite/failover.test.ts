import { open } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { Replication, Sentinels } from '../support/replication.js';
import { facadeSuite } from './facade-suite.js';

/** The same over a primary that has to be found first, among several hosts and by Sentinels. */
if ((await findRedis()) !== null) {
  facadeSuite(
    'a failover pair',
    async () => {
      const pair = await Replication.start();
      const db = open(`redis://${[...pair.addresses].reverse().join(',')}`);
      const close = async (): Promise<void> => {
        await db.close();
        await pair.stop();
      };
      return { db, close };
    },
    { cannot: { newer: 'ERR' } },
  );

  facadeSuite(
    'Sentinels',
    async () => {
      const group = await Replication.start();
      const sentinels = await Sentinels.start(group);
      const db = open(sentinels.url());
      const close = async (): Promise<void> => {
        await db.close();
        await sentinels.stop();
        await group.stop();
      };
      return { db, close };
    },
    { cannot: { newer: 'ERR' } },
  );
}
