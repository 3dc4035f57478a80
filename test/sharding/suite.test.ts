import { Redis } from '../../src/backend/facade.js';
import { open } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { facadeSuite, type Opened } from '../suite/facade-suite.js';
import { tagged } from '../suite/tagged.js';
import { type RunningServer, startRedis } from '../support/redis.js';

/** The whole façade over rings and mirrors, of engines and of real servers. */

const memory = { url: 'memory:', settings: { enableDebugCommand: 'yes' } } as const;

/** A ring whose keys carry one tag, so that the suite's keys are together. */
function together(db: Redis): Redis {
  return new Redis(tagged(db.backend, 'suite'));
}

const ringCannot = { patterns: 'CrossSlotError', keysUndeclared: 'ERR' } as const;
const mirrorCannot = { databases: 'UnsupportedError' } as const;

facadeSuite(
  'a ring of three engines',
  async () => {
    const db = together(open({ ring: [memory, memory, memory], hashTags: true }));
    return { db, close: () => db.close() };
  },
  { cannot: ringCannot },
);

facadeSuite(
  'a mirror of two engines',
  async () => {
    const db = open({ mirror: [memory, memory] });
    return { db, close: () => db.close() };
  },
  { cannot: mirrorCannot },
);

facadeSuite(
  'a ring of mirrors of engines',
  async () => {
    const db = together(open({ ring: [{ mirror: [memory, memory] }, { mirror: [memory, memory] }], hashTags: true }));
    return { db, close: () => db.close() };
  },
  { cannot: { ...ringCannot, ...mirrorCannot } },
);

if ((await findRedis()) !== null) {
  facadeSuite(
    'a ring of two real servers',
    async () => await overServers(2, (urls) => together(open({ ring: urls, hashTags: true }))),
    { cannot: { ...ringCannot, newer: 'ERR' } },
  );
  facadeSuite('a mirror of two real servers', async () => await overServers(2, (urls) => open({ mirror: urls })), {
    cannot: { ...mirrorCannot, newer: 'ERR' },
  });
}

async function overServers(count: number, make: (urls: string[]) => Redis): Promise<Opened> {
  const servers: RunningServer[] = await Promise.all(Array.from({ length: count }, () => startRedis()));
  const db = make(servers.map(({ url }) => url));
  const close = async (): Promise<void> => {
    await db.close();
    await Promise.all(servers.map((server) => server.stop()));
  };
  return { db, close };
}
