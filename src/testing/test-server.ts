import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { Redis } from '../backend/facade.js';
import { SyncRedis } from '../backend/sync-facade.js';
import { ManualClock } from '../core/clock.js';
import { ClosedError, DataError } from '../core/errors.js';
import { Config } from '../engine/config.js';
import { Engine, type EngineOptions } from '../engine/engine.js';
import { EngineBackend } from '../engine/engine-backend.js';
import type { DataSnapshot } from '../engine/fork.js';
import { defaultSettings } from '../engine/settings.js';
import { EngineAdapter } from '../server/engine-adapter.js';
import { processSurroundings } from '../server/process-surroundings.js';
import { type Server, startServer as startEngineServer } from '../server/server.js';
import { FaultPort } from './fault-port.js';
import { Faults } from './faults.js';
import { LoopbackSocket } from './loopback.js';
import { PathDoor } from './path-door.js';

/** Where a test server listens, and the options of its engine. */
export interface TestServerOptions extends Pick<EngineOptions, 'databases' | 'clock' | 'seed'> {
  /** Default: any free port. */
  port?: number;
  /** Also listens with TLS, on the port that `tlsPort` tells. */
  tls?: TlsOptions;
  /** Also listens on this path. */
  unixSocket?: string;
  /** redis.conf directives: `{ requirepass: 'secret', 'maxmemory-policy': 'allkeys-lru' }`. */
  config?: Readonly<Record<string, string>>;
}

/** A server for tests: real sockets, its own engine in this process, and faults on demand. */
export class TestServer {
  readonly engine: Engine;
  readonly faults: Faults;
  /** Access to the same data without a socket; faults do not affect it. */
  readonly db: Redis;
  readonly sync: SyncRedis;
  readonly #port: FaultPort;
  readonly #server: Server;
  /** The state that `reset` restores. */
  readonly #start: DataSnapshot;
  readonly #settings: ReadonlyMap<string, string>;
  #door: Promise<PathDoor> | null = null;
  #closed = false;

  /** @internal Made by `startServer`. */
  constructor(engine: Engine, port: FaultPort, server: Server) {
    this.engine = engine;
    this.faults = port.faults;
    this.#port = port;
    this.#server = server;
    const backend = new EngineBackend(engine);
    this.db = new Redis(backend) as Redis;
    this.sync = new SyncRedis(backend) as SyncRedis;
    this.#start = engine.snapshot();
    this.#settings = new Map(Object.entries(this.sync.configGet('*') as Record<string, string>));
  }

  get host(): string {
    return this.#server.address;
  }
  get port(): number {
    return this.#server.port!;
  }
  get tlsPort(): number | null {
    return this.#server.tlsPort;
  }
  /** The URL for any client: `redis://127.0.0.1:50123`. */
  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }
  /** The number of open connections. */
  get connections(): number {
    return this.#server.connections;
  }

  /**
   * A connection without a socket, for clients that accept a stream. For ioredis use `new
   * Redis(server.ioredisOptions)`.
   */
  connectStream(): Duplex {
    const [near, far] = LoopbackSocket.pair();
    this.#server.attach(far, 'loopback');
    return near;
  }

  /** Options that let ioredis connect within the process, without a socket. */
  get ioredisOptions(): { Connector: never } {
    const connect = (): Duplex => this.connectStream();
    class Connector {
      #stream: Duplex | null = null;
      check(): boolean {
        return true;
      }
      async connect(): Promise<Duplex> {
        this.#stream = connect();
        return this.#stream;
      }
      disconnect(): void {
        this.#stream?.end();
      }
    }
    // The type has members that only ioredis' own classes can have.
    return { Connector: Connector as never };
  }

  /**
   * Options with which node-redis connects without TCP: `createClient(await server.nodeRedisOptions())`, its own ones beside
   * them. It makes its sockets itself and takes no stream that survives a reconnect, so this is a path in a folder of its
   * own, opened at the first call and removed by `close`. Rejects with ClosedError after that.
   */
  async nodeRedisOptions(): Promise<{ socket: { path: string; tls: false } }> {
    if (this.#closed) throw new ClosedError('the server is closed');
    this.#door ??= PathDoor.open((socket) => this.#server.attach(socket, 'path'));
    return { socket: { path: (await this.#door).path, tls: false } };
  }

  /** The clock to advance. Throws DataError unless the server was started with a manual clock. */
  get clock(): ManualClock {
    const { clock } = this.engine;
    if (clock instanceof ManualClock) return clock;
    throw new DataError("the server runs on the machine's clock: start it with { clock: 'manual' }");
  }

  /** Restores the initial data and configuration and clears all faults. Connections stay. */
  reset(): void {
    this.faults.clear();
    this.engine.rollback(this.#start);
    const now = this.sync.configGet('*') as Record<string, string>;
    for (const [name, value] of this.#settings) if (now[name] !== value) this.sync.configSet({ [name]: value });
  }

  /** Closes all connections at once, like a network failure. New ones are accepted. */
  dropConnections(): void {
    for (const session of [...this.#port.sessions]) session.drop();
  }

  /**
   * Another server with the same data, copied on write: cheap whatever their size. Neither sees the other's changes.
   */
  async fork(options: Pick<TestServerOptions, 'port' | 'tls' | 'unixSocket'> = {}): Promise<TestServer> {
    return await serve(this.engine.fork(), options);
  }

  /** Closes the sockets; the data stay, for `db`, `sync` and `fork`. */
  async stopListening(): Promise<void> {
    this.#closed = true;
    (await this.#door?.catch(() => null))?.close();
    await this.#server.close();
  }

  async close(): Promise<void> {
    await this.stopListening();
    this.#start.release();
    await this.db.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Starts a server on a free port of the loopback interface. `url` works for any client. Throws DataError for an invalid
 * directive.
 */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { databases, clock, seed } = options;
  const engine = new Engine({
    config: configOf(options.config ?? {}),
    ...(databases !== undefined && { databases }),
    ...(clock !== undefined && { clock }),
    ...(seed !== undefined && { seed }),
  });
  return await serve(engine, options);
}

function configOf(directives: Readonly<Record<string, string>>): Config {
  const config = new Config(defaultSettings());
  for (const [name, value] of Object.entries(directives)) {
    const problem = config.load(name.toLowerCase(), value.split(' '));
    if (problem === undefined) throw new DataError(`unknown directive '${name}'`);
    if (problem !== null) throw new DataError(`${name}: ${problem}`);
  }
  return config;
}

async function serve(engine: Engine, { port = 0, tls, unixSocket }: TestServerOptions): Promise<TestServer> {
  engine.surroundings = processSurroundings({ tcpPort: () => server.port ?? 0 });
  engine.startCron();
  const faultPort = new FaultPort(new EngineAdapter(engine), new Faults());
  const server: Server = await startEngineServer(faultPort, {
    port,
    bind: ['127.0.0.1'],
    ...(tls !== undefined && { tls: { ...tls, port: 0 } }),
    ...(unixSocket !== undefined && { unixSocket }),
  });
  return new TestServer(engine, faultPort, server);
}
