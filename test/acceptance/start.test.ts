import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { RespClient } from '../support/resp-client.js';

interface Started {
  child: ChildProcess;
  output(): string;
  port: number;
  exit: Promise<number | null>;
}

/** What `npm start` runs once it is built. */
async function start(): Promise<Started> {
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/cli/main.js'), 'start']);
  let output = '';
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(output);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)));
  });
  return { child, output: () => output, port, exit };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`start says where it listens and ends cleanly on ${signal}`, async () => {
    const { child, port, exit } = await start();
    const client = await RespClient.connect(port);
    assert.equal(await client.value('PING'), 'PONG');
    client.close();
    child.kill(signal);
    assert.equal(await exit, 0);
  });
}

test('start takes the next port when 6379 is taken, and says so', async (t) => {
  const blocker = createServer();
  await new Promise<void>((resolve) => {
    blocker.once('error', () => resolve()); // taken by somebody else: just as well
    blocker.listen(6379, '127.0.0.1', resolve);
  });
  t.after(() => blocker.close());
  const { child, port, exit, output } = await start();
  assert.ok(port > 6379, output());
  child.kill('SIGINT');
  assert.equal(await exit, 0);
});
