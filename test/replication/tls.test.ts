/** Replication and MIGRATE with TLS, between the real server and ours, both ways. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { FaultyLink } from '../support/proxy.js';
import { freePort, requireRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { load } from './load.js';
import { converged, type Kind, Node, stopAll } from './servers.js';

/** A file of the source tree: the compiled tests may be anywhere. */
function source(path: string): string {
  const near = fileURLToPath(new URL(`../../../test/${path}`, import.meta.url));
  return existsSync(near) ? near : join(process.cwd(), 'test', path);
}

/** A key and its certificate, which is an authority for itself. */
const known = source('server/certificate.pem');
const strange = source('replication/stranger.pem');

interface Secure {
  readonly node: Node;
  readonly tlsPort: number;
}

const nodes: Node[] = [];
const links: FaultyLink[] = [];

async function start(kind: Kind, certificate = known, args: readonly string[] = []): Promise<Secure> {
  const tlsPort = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', certificate, '--tls-ca-cert-file', known];
  const node = await Node.start(kind, ['--tls-port', String(tlsPort), ...files, '--tls-replication', 'yes', ...args]);
  nodes.push(node);
  return { node, tlsPort };
}

after(async () => {
  for (const link of links) await link.stop();
  await stopAll(nodes);
});

const pairs: readonly (readonly [primary: Kind, replica: Kind])[] = [
  ['keyspan', 'redis'],
  ['redis', 'keyspan'],
  ['keyspan', 'keyspan'],
];

for (const [primaryKind, replicaKind] of pairs) {
  describe(`${primaryKind} as primary of ${replicaKind}, with TLS`, () => {
    for (const diskless of ['yes', 'no']) {
      test(`converges under load, repl-diskless-sync ${diskless}, and after the link broke`, async (t) => {
        if (!(await requireRedis(t))) return;
        const primary = await start(primaryKind, known, ['--repl-diskless-sync', diskless]);
        const replica = await start(replicaKind);
        await load(primary.node.client, primary.node.other, 51);
        const link = await FaultyLink.start(primary.tlsPort);
        links.push(link);
        await replica.node.follow(link.port);
        for (let seed = 52; seed < 54; seed++) await load(primary.node.client, primary.node.other, seed);
        await converged(primary.node, replica.node);
        link.drop();
        await load(primary.node.client, primary.node.other, 54);
        await converged(primary.node, replica.node);
        assert.equal(await primary.node.info('sync_full'), '1');
        assert.match((await primary.node.info('slave0'))!, new RegExp(`port=${replica.tlsPort},state=online`));
        assert.equal(await primary.node.client.value('WAIT', 1, 5000), 1);
      });
    }

    test('who shows a certificate of a stranger gets no data', async (t) => {
      if (!(await requireRedis(t))) return;
      const primary = await start(primaryKind);
      const replica = await start(replicaKind, strange);
      const link = await FaultyLink.start(primary.tlsPort);
      links.push(link);
      await replica.node.follow(link.port);
      await until(async () => link.accepted >= 2, 'it has tried, and tried again');
      assert.equal(await replica.node.info('master_link_status'), 'down');
      assert.equal(await primary.node.info('connected_slaves'), '0');
    });

    test('nor does one follow whom it does not know', async (t) => {
      if (!(await requireRedis(t))) return;
      const primary = await start(primaryKind, strange, ['--tls-auth-clients', 'no']);
      const replica = await start(replicaKind);
      const link = await FaultyLink.start(primary.tlsPort);
      links.push(link);
      await replica.node.client.value('SET', 'own', '1');
      await replica.node.follow(link.port);
      await until(async () => link.accepted >= 2, 'it has tried, and tried again');
      assert.equal(await replica.node.info('master_link_status'), 'down');
      assert.equal(await replica.node.client.value('GET', 'own'), '1');
    });

    test('MIGRATE uses TLS with tls-cluster, in a transaction too', async (t) => {
      if (!(await requireRedis(t))) return;
      const from = await start(primaryKind, known, ['--tls-cluster', 'yes']);
      const to = await start(replicaKind);
      await from.node.client.pipeline([
        ['SET', 'a', '1'],
        ['SET', 'b', '2'],
      ]);
      assert.equal(await from.node.client.value('MIGRATE', '127.0.0.1', to.tlsPort, 'a', 0, 5000), 'OK');
      const replies = await from.node.client.pipeline([
        ['MULTI'],
        ['MIGRATE', '127.0.0.1', to.tlsPort, 'b', 0, 5000],
        ['EXEC'],
      ]);
      assert.equal(replies[2]!.raw, '*1\r\n+OK\r\n');
      assert.deepEqual(((await to.node.client.value('KEYS', '*')) as string[]).sort(), ['a', 'b']);
      assert.equal(await from.node.client.value('DBSIZE'), 0);
    });
  });
}

test('a file that cannot be read leaves the link down, and says why', async (t) => {
  if (!(await requireRedis(t))) return;
  const primary = await start('keyspan');
  const node = await Node.start('keyspan', ['--tls-replication', 'yes', '--tls-ca-cert-file', '/nowhere/ca.pem']);
  nodes.push(node);
  await node.follow(primary.tlsPort);
  await until(async () => node.server.output().includes('/nowhere/ca.pem'), 'the log names it');
  assert.equal(await node.info('master_link_status'), 'down');
});

/** What a client that shows this certificate, or none, gets for a PING; null: it is turned away. */
function ping(port: number, certificate: string | null): Promise<string | null> {
  const shown = certificate === null ? {} : { cert: readFileSync(certificate), key: readFileSync(certificate) };
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...shown });
    socket.once('secureConnect', () => socket.write('PING\r\n'));
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1'));
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(null));
  });
}

for (const kind of ['redis', 'keyspan'] as const satisfies readonly Kind[]) {
  test(`tls-auth-clients of ${kind}: who has to show a certificate, and which`, async (t) => {
    if (!(await requireRedis(t))) return;
    for (const [setting, none, own, foreign] of [
      ['yes', null, '+PONG\r\n', null],
      ['optional', '+PONG\r\n', '+PONG\r\n', null],
      ['no', '+PONG\r\n', '+PONG\r\n', '+PONG\r\n'],
    ] as const) {
      const { tlsPort } = await start(kind, known, ['--tls-auth-clients', setting]);
      assert.equal(await ping(tlsPort, null), none, `${setting}, no certificate`);
      assert.equal(await ping(tlsPort, known), own, `${setting}, a known one`);
      assert.equal(await ping(tlsPort, strange), foreign, `${setting}, a strange one`);
    }
  });
}
