import { startServer, type TestServer, type TestServerOptions } from './test-server.js';

/** Options of `withRedis`. */
export interface WithRedisOptions extends TestServerOptions {
  /** Fills the server once; every test then starts from a fork of these data. */
  seedData?: (server: TestServer) => unknown;
}

/** One server per test, in the form that the test runner prefers. */
export interface RedisFixture {
  /**
   * Wraps a test: it gets its own server, closed when the test ends in any way, followed by whatever the runner passes
   * to tests (a context, a row of `test.each`).
   */
  <Args extends unknown[]>(body: (server: TestServer, ...args: Args) => unknown): (...args: Args) => Promise<void>;
  /** For hooks: a server with the data, which the caller must close. Rejects with whatever `seedData` threw. */
  start(): Promise<TestServer>;
  /** For `test.extend` of Vitest and Playwright: `test.extend<{ redis: TestServer }>({ redis: redis.fixture })`. */
  readonly fixture: (context: object, use: (server: TestServer) => Promise<void>) => Promise<void>;
}

/**
 * A server for every test of a suite, filled by `seedData`, which is called once, before the first test that needs it.
 *
 *     const redis = withRedis({ seedData: ({ db }) => db.set('a', 1) });
 *     test('counts', redis(async ({ db }) => { … }));                              // node:test, Jest, Vitest, Mocha
 *     beforeEach(async () => { server = await redis.start(); });                   // hooks, with server.close() after
 *     const test = base.extend<{ redis: TestServer }>({ redis: redis.fixture });   // Vitest, Playwright
 */
export function withRedis(options: WithRedisOptions = {}): RedisFixture {
  let origin: Promise<TestServer> | null = null;
  const prepare = async (): Promise<TestServer> => {
    const { port: _port, unixSocket: _path, tls: _tls, ...rest } = options;
    const server = await startServer(rest);
    try {
      await options.seedData?.(server);
    } catch (error) {
      await server.close();
      throw error;
    }
    await server.stopListening();
    return server;
  };
  const start = async (): Promise<TestServer> => {
    origin ??= prepare();
    const { port, unixSocket, tls } = options;
    return await (await origin).fork({
      ...(port !== undefined && { port }),
      ...(unixSocket !== undefined && { unixSocket }),
      ...(tls !== undefined && { tls }),
    });
  };
  // Runners inspect the parameters of a test function, so it must not declare any.
  const wrap = <Args extends unknown[]>(body: (server: TestServer, ...args: Args) => unknown) =>
    async function test(): Promise<void> {
      // biome-ignore lint/complexity/noArguments: rest parameters would show in the function's text, which Vitest parses.
      const args = [...arguments] as Args;
      const server = await start();
      try {
        await body(server, ...args);
      } finally {
        await server.close();
      }
    };
  // Vitest and Playwright insist on a first parameter that is taken apart.
  // biome-ignore lint/correctness/noEmptyPattern: it needs nothing of what it is given.
  const fixture = async ({}: object, use: (server: TestServer) => Promise<void>): Promise<void> => {
    const server = await start();
    try {
      await use(server);
    } finally {
      await server.close();
    }
  };
  return Object.assign(wrap, { start, fixture });
}
