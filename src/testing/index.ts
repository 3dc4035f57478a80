/** For tests: a server with real sockets in this process, with a clock to move, data to fork and faults to inject. */

export { AppClock, type Clock, ManualClock } from '../core/clock.js';
export type { Fault, FaultAction, FaultFilter, Faults } from './faults.js';
export { startServer, type TestServer, type TestServerOptions } from './test-server.js';
export { type RedisFixture, type WithRedisOptions, withRedis } from './with-redis.js';
