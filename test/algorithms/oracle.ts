/** A real server for the length of one test. */
import type { TestContext } from 'node:test';
import { requireRedis, startRedis } from '../support/redis.js';
import { RespClient } from '../support/resp-client.js';

/** Runs `body` with a connection to a fresh real server; skips the test, with the reason, where there is none. */
export async function withRedis(
  t: TestContext,
  body: (redis: RespClient, port: number) => Promise<void>,
  args: string[] = [],
): Promise<void> {
  if (!(await requireRedis(t))) return;
  const server = await startRedis({ args });
  const redis = await RespClient.connect(server.port);
  try {
    await body(redis, server.port);
  } finally {
    redis.close();
    await server.stop();
  }
}
