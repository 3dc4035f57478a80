import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { createClient } from '../../src/client/index.js';
import { type OpenOptions, open, type Redis } from '../../src/index.js';
import { findRedis, whyNoRedis } from '../../tools/redis-binary.js';
import { freePort, type RunningServer, startRedis, startServer } from '../support/redis.js';
import { quicken } from '../support/replication.js';
import { until } from '../support/until.js';
import { outcome } from './settle.js';

/** Real servers and Sentinels that speak TLS to each other and to their clients, with a certificate that is checked. */
const near = fileURLToPath(new URL('../../../test/server/certificate.pem', import.meta.url));
const file = existsSync(near) ? near : join(process.cwd(), 'test/server/certificate.pem');
const tls = { ca: readFileSync(file), checkServerIdentity: () => undefined };
const ofTls = ['--tls-cert-file', file, '--tls-key-file', file, '--tls-ca-cert-file', file, '--tls-auth-clients', 'no'];

const redis = await findRedis();
const skip = redis === null ? whyNoRedis() : false;

/** A server whose plain port is for the test alone. */
interface Secured extends RunningServer {
  readonly tlsPort: number;
  readonly direct: Redis;
}

describe('a failover pair and Sentinels over TLS', { skip }, () => {
  const nodes: Secured[] = [];
  const sentinels: Secured[] = [];
  const opened: { destroy(): void }[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'keyspan-tls-'));

  function secured(server: RunningServer, tlsPort: number): Secured {
    const { redis: direct } = createClient(server.url, { retry: 'never' });
    opened.push(direct);
    return { ...server, tlsPort, direct };
  }

  async function startNode(primary?: Secured): Promise<Secured> {
    const tlsPort = await freePort();
    const follows = primary === undefined ? [] : ['--replicaof', '127.0.0.1', `${primary.tlsPort}`];
    const quick = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
    const args = ['--tls-port', `${tlsPort}`, '--tls-replication', 'yes', ...ofTls, ...quick, ...follows];
    return secured(await startRedis({ args }), tlsPort);
  }

  async function startSentinel(number: number): Promise<Secured> {
    const tlsPort = await freePort();
    const config = join(folder, `sentinel-${number}.conf`);
    const lines = [
      `tls-port ${tlsPort}`,
      'tls-replication yes',
      `tls-cert-file ${file}`,
      `tls-key-file ${file}`,
      `tls-ca-cert-file ${file}`,
      'tls-auth-clients no',
      `sentinel monitor mymaster 127.0.0.1 ${nodes[0]!.tlsPort} 2`,
      `sentinel down-after-milliseconds mymaster ${300 + number * 300}`,
      'sentinel failover-timeout mymaster 2000',
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    return secured(await startServer([redis!.sentinel, config], [], { env: redis!.env ?? process.env }), tlsPort);
  }

  function dial(url: string, options: OpenOptions = {}): Redis {
    const db = open(url, { tls, ...options });
    opened.push(db);
    return db;
  }

  const placesOf = (servers: readonly Secured[]): string =>
    servers.map(({ tlsPort }) => `127.0.0.1:${tlsPort}`).join(',');

  /** Clients of the plain port: none but the test's own, and nobody by mistake. */
  async function plainClients(): Promise<number> {
    const lists = await Promise.all(
      nodes
        .filter(({ alive }) => alive())
        .map(async ({ direct, port }) => {
          const lines = String(await direct.call('CLIENT', 'LIST')).split('\n');
          return lines.filter((line) => line.includes(`laddr=127.0.0.1:${port} `)).length - 1;
        }),
    );
    return lists.reduce((sum, count) => sum + count, 0);
  }

  before(async () => {
    nodes.push(await startNode());
    nodes.push(await startNode(nodes[0]), await startNode(nodes[0]));
    await until(async () => {
      const info = await nodes[0]!.direct.info({ sections: ['replication'] });
      return Number(info.replication?.connected_slaves) === 2;
    });
    for (let i = 0; i < 3; i++) sentinels.push(await startSentinel(i));
    for (const sentinel of sentinels) await quicken(sentinel);
    await until(async () => {
      const masters = await Promise.all(sentinels.map(({ direct }) => direct.sentinelMaster('mymaster')));
      return masters.every((one) => one.numOtherSentinels === 2 && one.numSlaves === 2 && one.flags.length === 1);
    });
  });

  after(async () => {
    for (const one of opened) one.destroy();
    await Promise.all([...sentinels, ...nodes].map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  test('the primary is found behind TLS, by way of a replica and of the Sentinels', async () => {
    const pair = dial(`rediss://${placesOf(nodes.slice(1))}`);
    assert.equal(await pair.set('k', 'pair'), true);
    assert.equal(await nodes[0]!.direct.get('k'), 'pair');
    const watched = dial(`rediss+sentinel://${placesOf(sentinels)}/mymaster`, { readFrom: 'preferReplica' });
    assert.equal(await watched.set('k', 'watched'), true);
    assert.equal((await watched.sentinelMaster('mymaster')).quorum, 2);
    assert.equal(await plainClients(), 0);
  });

  test('a certificate that is not trusted is named by the error', async () => {
    for (const url of [`rediss://${placesOf(nodes)}`, `rediss+sentinel://${placesOf(sentinels)}/mymaster`]) {
      const { error } = await outcome(dial(url, { tls: true, timeout: 700 }).get('k'), 3000);
      assert.match(inspect(error), /self-signed certificate/i);
    }
  });

  test('kill -9 of the primary: both find the next one, over TLS', async (t) => {
    const pair = dial(`rediss://${placesOf(nodes)}`, { timeout: 15_000 });
    const watched = dial(`rediss+sentinel://${placesOf(sentinels)}/mymaster`, { timeout: 15_000 });
    await Promise.all([pair.set('a', '1'), watched.set('b', '1')]);
    const heard: string[] = [];
    await watched.subscribe('news', ({ payload }) => heard.push(payload));
    process.kill(nodes[0]!.pid, 'SIGKILL');
    await until(() => !nodes[0]!.alive());
    const start = performance.now();
    await until(async () => (await outcome(watched.set('b', '2'), 16_000)).value === true);
    await until(async () => (await outcome(pair.set('a', '2'), 16_000)).value === true);
    t.diagnostic(`writes were taken again ${Math.round(performance.now() - start)} ms after the kill`);
    const values = await Promise.all(nodes.slice(1).map(({ direct }) => direct.mget('a', 'b')));
    assert.ok(values.some(([a, b]) => a === '2' && b === '2'));
    await until(async () => {
      await watched.publish('news', 'hello');
      return heard.includes('hello');
    });
    assert.equal(await plainClients(), 0);
  });
});
