import { startServer, type TestServer, type TestServerOptions } from './test-server.js';

/** What the server of a test-suite is started with. */
export interface WithRedisOptions extends TestServerOptions {
  /** Fills the server once; every test then begins with a fork of these data. */
  seedData?: (server: TestServer) => unknown;
}

/**
 * A fixture for any test runner: `withRedis(options)` makes a wrapper, and `wrapper(body)` a test function that gets a
 * server of its own, filled by `seedData`, closed at its end however it ends. The filling is done once.
 *
 *     const redis = withRedis({ seedData: ({ db }) => db.set('a', 1) });
 *     test('counts', redis(async ({ db }) => { … }));
 */
export function withRedis(
  options: WithRedisOptions = {},
): (body: (server: TestServer) => Promise<void> | void) => () => Promise<void> {
  let origin: Promise<TestServer> | null = null;
  const prepare = async (): Promise<TestServer> => {
    const { port: _, ...rest } = options;
    const server = await startServer(rest);
    await options.seedData?.(server);
    await server.stopListening();
    return server;
  };
  return (body) => async () => {
    origin ??= prepare();
    const server = await (await origin).fork(options.port === undefined ? {} : { port: options.port });
    try {
      await body(server);
    } finally {
      await server.close();
    }
  };
}
