/** CLIENT CAPA redirect: a replica sends its clients to the primary, beside a real Valkey. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { freePort, requireNewer, startKeyspan, startNewer } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { words } from '../support/side-by-side.js';

const lines = [
  'GET k',
  'CLIENT CAPA other',
  'CLIENT CAPA Redirect',
  'GET k',
  'SET k v',
  'PUBLISH c x',
  'PING',
  'DBSIZE',
  'READONLY',
  'GET k',
  'SET k v',
  'READWRITE',
  'GET k',
  'MULTI',
  'GET k',
  'EXEC',
  'MULTI',
  'PING',
  'EXEC',
  'GET',
];

it('a replica answers REDIRECT as a real Valkey does', async (t) => {
  if (!(await requireNewer(t, 'valkey'))) return;
  // Nobody listens there: a replica knows its primary all the same.
  const primary = String(await freePort());
  const servers = [await startNewer('valkey'), await startKeyspan({ args: ['--server-version', '8.4'] })] as const;
  t.after(async () => {
    for (const server of servers) await server.stop();
  });
  const told: string[][] = [];
  for (const { port } of servers) {
    const client = await RespClient.connect(port);
    await client.send('REPLICAOF', '127.0.0.1', primary);
    const replies: string[] = [];
    for (const line of lines) replies.push(`${line}: ${(await client.send(...words(line))).raw}`);
    client.close();
    told.push(replies);
  }
  const [theirs, ours] = told as [string[], string[]];
  assert.deepEqual(ours, theirs);
});
