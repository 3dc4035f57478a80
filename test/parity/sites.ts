import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { embedded, SyncRedis } from '../../src/embedded.js';
import type { open, Redis } from '../../src/index.js';
import type { Instance } from '../../src/instances.js';
import { findRedis } from '../../tools/redis-binary.js';
import { makeCertificates } from '../support/certificates.js';
import { TestCluster } from '../support/cluster.js';
import { freePort, type RunningServer, startKeyspan, startRedis } from '../support/redis.js';
import { Replication, Sentinels } from '../support/replication.js';

/** What a row finds around it. What its site does not have is undefined. */
export interface Surroundings {
  db: Redis;
  /** A second user of the same data. */
  other: Redis;
  sync?: SyncRedis;
  store?: Instance;
  /** URL of a server with no data. */
  redis: string;
  /** URL of a server that a row may end. */
  spare?: string;
  /** Of a server that also listens on a path and, for clients with a certificate, by TLS. */
  secured?: { socket: string; rediss: string; caFile: string; certFile: string; keyFile: string };
}

/** Where rows are run, each with no data before it. */
export interface Site {
  begin(): Promise<{ around: Partial<Surroundings>; end(): Promise<void> }>;
  stop(): Promise<void>;
}

/** What rows import: an error that they catch is of the classes that they know. */
export interface Doors {
  readonly open: typeof open;
  readonly embedded: typeof embedded;
  readonly Instance: typeof Instance;
}

const nothing = async (): Promise<void> => undefined;

async function startAnyRedis(args: string[] = []): Promise<RunningServer> {
  return (await findRedis()) === null ? await startKeyspan({ args }) : await startRedis({ args });
}

/** Of servers that stay: they are emptied before each row. */
function siteOf(openDb: () => Redis, stop: () => Promise<void> = nothing): Site {
  return {
    stop,
    async begin() {
      const [db, other] = [openDb(), openDb()];
      await db.flushall();
      const end = async (): Promise<void> => {
        db.destroy();
        other.destroy();
      };
      return { around: { db, other }, end };
    },
  };
}

/** Of data that are made anew for each row. */
function freshSite(openDb: () => Redis): Site {
  return {
    stop: nothing,
    async begin() {
      const db = openDb();
      return { around: { db, other: db.with({}) }, end: async () => db.destroy() };
    },
  };
}

/** The sites by the names that pages give them. */
export const sites: Readonly<Record<string, (doors: Doors, redis: string) => Promise<Site>>> = {
  async memory({ embedded }) {
    return {
      stop: nothing,
      async begin() {
        const all = embedded();
        return { around: { db: all.async, other: all.async.with({}), sync: all.sync }, end: () => all.close() };
      },
    };
  },

  async redis({ open }, url) {
    return siteOf(() => open(url));
  },

  async spare({ open }) {
    return {
      stop: nothing,
      async begin() {
        const server = await startAnyRedis();
        const db = open(server.url, { reconnect: () => null });
        const end = async (): Promise<void> => {
          db.destroy();
          await server.stop();
        };
        return { around: { db, other: db, spare: server.url }, end };
      },
    };
  },

  /** With the password `secret`. */
  async secured({ open }) {
    const folder = mkdtempSync(join(tmpdir(), 'keyspan-secured-'));
    makeCertificates(folder);
    const [socket, caFile, certFile, keyFile] = ['sock', 'ca.crt', 'client.crt', 'client.key'].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    const tlsPort = await freePort();
    const own = ['--tls-cert-file', join(folder, 'server.crt'), '--tls-key-file', join(folder, 'server.key')];
    const listening = ['--tls-port', `${tlsPort}`, '--tls-ca-cert-file', caFile, '--unixsocket', socket];
    const server = await startAnyRedis([...own, ...listening, '--requirepass', 'secret']);
    const secured = { socket, rediss: `rediss://localhost:${tlsPort}`, caFile, certFile, keyFile };
    const site = siteOf(
      () => open(server.url, { password: 'secret' }),
      async () => {
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    );
    return {
      stop: site.stop,
      async begin() {
        const { around, end } = await site.begin();
        return { around: { ...around, redis: server.url, secured }, end };
      },
    };
  },

  async instance({ Instance }) {
    return {
      stop: nothing,
      async begin() {
        const store = new Instance();
        return { around: { store }, end: async () => store.close() };
      },
    };
  },

  async ring({ open }) {
    return freshSite(() => open({ ring: ['memory:', 'memory:', 'memory:'], hashTags: true }));
  },

  async mirror({ open }) {
    return freshSite(() => open({ mirror: ['memory:', 'memory:'] }));
  },

  async cluster({ open }) {
    const cluster = await TestCluster.start({ replicas: 0 });
    return siteOf(
      () => open(cluster.url),
      () => cluster.stop(),
    );
  },

  async sentinel({ open }) {
    const group = await Replication.start();
    const sentinels = await Sentinels.start(group, { count: 1 });
    const [url] = sentinels.nodes.map((node) => node.url);
    return {
      stop: () => sentinels.stop().then(() => group.stop()),
      async begin() {
        const db = open(url!);
        return { around: { db, other: db, redis: sentinels.url() }, end: async () => db.destroy() };
      },
    };
  },
};
