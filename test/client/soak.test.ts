import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeCertificates } from '../support/certificates.js';
import { newFolder } from '../support/folder.js';
import { freePort, requireRedis } from '../support/redis.js';
import { type SoakOptions, soak } from './soak/soak.js';

/** Longer runs, and other seeds: `node build/test/client/soak/main.js`. */
async function soaked(t: TestContext, options: SoakOptions): Promise<void> {
  const report = await soak(options);
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.operations > 50 && report.connects > 5, JSON.stringify(report));
}

test('commands of all kinds through faults of all kinds: nothing hangs, is lost, mixed up or done twice', async (t) => {
  if (await requireRedis(t)) await soaked(t, { seed: 20_260_727, duration_ms: 8000 });
});

test('the same over TLS', async (t) => {
  if (!(await requireRedis(t))) return;
  const folder = newFolder(t, 'soak-tls');
  makeCertificates(folder);
  const file = (name: string): string => join(folder, name);
  const targetPort = await freePort();
  const keys = ['--tls-cert-file', file('server.crt'), '--tls-key-file', file('server.key')];
  const args = [
    '--tls-port',
    `${targetPort}`,
    ...keys,
    '--tls-ca-cert-file',
    file('ca.crt'),
    '--tls-auth-clients',
    'no',
  ];
  const url = (port: number): string => `rediss://localhost:${port}?caFile=${file('ca.crt')}`;
  await soaked(t, { seed: 4, duration_ms: 5000, args, url, targetPort });
});
