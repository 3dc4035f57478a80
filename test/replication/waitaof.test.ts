/** WAITAOF with a log of its own and with the log of a replica, beside a real Redis 8.0. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RunningServer, requireNewer, startKeyspan, startNewer } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';
import { words } from '../support/side-by-side.js';

const LINK_TIMEOUT_MS = 60_000;
const logged = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--repl-diskless-sync-delay', '0'];

/** What is asked, of a server whose replicas have nothing to catch up with. */
const questions = [
  'WAITAOF 0 0 0',
  'SET k 1',
  'WAITAOF 1 0 0',
  'SET k 2',
  'WAITAOF 0 1 0',
  'SET k 3',
  'WAITAOF 1 1 0',
  'WAITAOF 1 2 50',
  'WAITAOF 0 -1 0',
  'WAITAOF 2 1 0',
  'WAITAOF 1 1 x',
  'WAITAOF 1 x 0',
  'WAITAOF x 1 -1',
];

async function linked(replica: RespClient): Promise<void> {
  const deadline = Date.now() + LINK_TIMEOUT_MS;
  while (!String(await replica.value('INFO', 'replication')).includes('master_link_status:up')) {
    assert.ok(Date.now() < deadline, 'the replica does not follow');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** More may be on some disk by chance than was waited for. */
function asFarAsAsked(line: string, raw: string): string {
  const counts = /^\*2\r\n:(\d+)\r\n:(\d+)\r\n$/.exec(raw)?.slice(1).map(Number);
  if (counts === undefined) return raw;
  const asked = words(line).slice(1).map(Number);
  return counts.map((count, i) => Math.min(count, asked[i]!)).join(' ');
}

/** The answers of a primary with one replica, and of the replica. */
async function answers(start: (args: string[]) => Promise<RunningServer>): Promise<string[]> {
  const servers: RunningServer[] = [];
  const clients: RespClient[] = [];
  try {
    for (let i = 0; i < 2; i++) servers.push(await start(logged));
    for (const { port } of servers) clients.push(await RespClient.connect(port));
    const [primary, replica] = clients as [RespClient, RespClient];
    await replica.send('REPLICAOF', '127.0.0.1', String(servers[0]!.port));
    await linked(replica);
    const told: string[] = [];
    for (const line of questions) told.push(`${line}: ${asFarAsAsked(line, (await primary.send(...words(line))).raw)}`);
    told.push(`on the replica: ${(await replica.send('WAITAOF', '0', '0', '0')).raw}`);
    return told;
  } finally {
    for (const client of clients) client.close();
    for (const server of servers) await server.stop();
  }
}

describe('WAITAOF', () => {
  it('answers as a real 8.0 does, and waits for the log of its replica', async (t) => {
    if (!(await requireNewer(t))) return;
    const theirs = await answers((args) => startNewer('redis', { args }));
    assert.deepEqual(await answers((args) => startKeyspan({ args: ['--server-version', '8.0', ...args] })), theirs);
  });

  it('waits for a real replica, and as a replica lets a real primary wait', async (t) => {
    if (!(await requireNewer(t))) return;
    const theirs = await answers((args) => startNewer('redis', { args }));
    let count = 0;
    const mixed = (own: number) => {
      count = 0;
      return (args: string[]) =>
        count++ === own ? startKeyspan({ args: ['--server-version', '8.0', ...args] }) : startNewer('redis', { args });
    };
    for (const own of [0, 1])
      assert.deepEqual(await answers(mixed(own)), theirs, own === 0 ? 'as primary' : 'as replica');
  });
});
