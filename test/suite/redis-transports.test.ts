import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { open } from '../../src/index.js';
import { findRedis } from '../../tools/redis-binary.js';
import { makeCertificates } from '../support/certificates.js';
import { freePort, startRedis } from '../support/redis.js';
import { facadeSuite } from './facade-suite.js';

/** The same by the other ways that lead to a server: what a socket is made of changes nothing. */
if ((await findRedis()) !== null) {
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-transports-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  makeCertificates(folder);
  const file = (name: string): string => join(folder, name);
  let count = 0;

  const ways = {
    'a unix socket': async () => {
      const path = file(`${++count}.sock`);
      return { args: ['--unixsocket', path], url: `unix://${path}` };
    },
    TLS: async () => {
      const port = await freePort();
      const keys = ['--tls-cert-file', file('server.crt'), '--tls-key-file', file('server.key')];
      const args = ['--tls-port', `${port}`, ...keys, '--tls-ca-cert-file', file('ca.crt'), '--tls-auth-clients', 'no'];
      return { args, url: `rediss://localhost:${port}?caFile=${file('ca.crt')}` };
    },
  };
  for (const [title, way] of Object.entries(ways)) {
    facadeSuite(
      `a real redis-server by ${title}`,
      async () => {
        const { args, url } = await way();
        const redis = await startRedis({ args: ['--enable-debug-command', 'yes', ...args] });
        const db = open(url);
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
