import { after } from 'node:test';
import { ClusterBackend, parseClusterUrl, Redis } from '../../src/client/index.js';
import { keySlot } from '../../src/core/crc16.js';
import { findRedis } from '../../tools/redis-binary.js';
import { facadeSuite } from '../suite/facade-suite.js';
import { tagged } from '../suite/tagged.js';
import { TestCluster } from '../support/cluster.js';

/** The node of the first slots also answers what has no key: then CLIENT LIST tells of the clients of these keys. */
const tag = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].find((name) => keySlot(name) < 5000)!;

/** The façade over a cluster, its keys in one slot; and as far as it goes, its keys anywhere. */
if ((await findRedis()) !== null) {
  let cluster: TestCluster | null = null;
  after(() => cluster?.stop());
  const opened = async (inOneSlot: boolean) => {
    cluster ??= await TestCluster.start({ replicas: 0 });
    const backend = new ClusterBackend(parseClusterUrl(cluster.url));
    const db = new Redis(inOneSlot ? tagged(backend, tag) : backend);
    return { db: db as never, close: () => db.close() };
  };
  facadeSuite('a cluster, keys in one slot', () => opened(true), {
    cannot: {
      databases: 'InvalidClusterCommandError',
      newer: 'ERR',
      oneServer: 'UnsupportedError',
      patterns: 'ERR',
      keysUndeclared: 'ERR',
    },
  });
}
