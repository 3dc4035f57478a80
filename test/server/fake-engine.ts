import type { Protocol, Sink } from '../../src/backend/session.js';
import type { Bytes } from '../../src/core/bytes.js';
import { ErrorReply, NO_REPLY, OK, PENDING, PONG, PushReply, type Reply } from '../../src/core/reply.js';
import type {
  ConnectionInfo,
  EnginePort,
  LogLevel,
  NetworkConfig,
  NetworkCounters,
  OutputClass,
  ServerSession,
} from '../../src/server/engine-port.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
const unlimited = { hard_bytes: 0, soft_bytes: 0, soft_seconds: 0 };

/** An engine of a few commands that show what a server does with replies, pushes, blocking and closing. */
export class FakeEngine implements EnginePort {
  readonly network: Writable<NetworkConfig> = {
    maxclients: 10_000,
    timeout_s: 0,
    tcpKeepalive_s: 300,
    protoMaxBulk_bytes: 512 * 1024 * 1024,
    clientQueryBuffer_bytes: 1024 * 1024 * 1024,
    protectedMode: true,
    outputLimits: { normal: unlimited, replica: unlimited, pubsub: unlimited },
  };
  readonly counters: NetworkCounters = {
    connectionsReceived: 0,
    connectionsRejected: 0,
    inputBytes: 0,
    outputBytes: 0,
    readsProcessed: 0,
    writesProcessed: 0,
    outputLimitClosed: 0,
    queryLimitClosed: 0,
    heldBytes: 0,
    turns: 0,
    turnMicros: 0,
    listeners: [],
  };
  openToAll = true;
  readonly sessions = new Map<number, FakeSession>();
  readonly lines: string[] = [];
  #ids = 0;

  connect(sink: Sink, info: ConnectionInfo): FakeSession {
    const session = new FakeSession(this, ++this.#ids, sink, info);
    this.sessions.set(session.id, session);
    return session;
  }
  describe(session: ServerSession): string {
    return `id=${session.id}`;
  }
  log(level: LogLevel, message: string): void {
    this.lines.push(`${level} ${message}`);
  }
}

class FakeSession implements ServerSession {
  readonly id: number;
  protocol: Protocol = 2;
  blocked = false;
  authRequired = false;
  outputClass: OutputClass = 'normal';
  idleExempt = false;
  ended = 0;
  readonly sink: Sink;
  readonly info: ConnectionInfo;
  readonly #engine: FakeEngine;

  constructor(engine: FakeEngine, id: number, sink: Sink, info: ConnectionInfo) {
    this.#engine = engine;
    this.id = id;
    this.sink = sink;
    this.info = info;
    this.authRequired = !engine.openToAll;
  }

  call(argv: Bytes[]): Reply {
    const [name, first = '', second = ''] = argv;
    switch (name.toLowerCase()) {
      case 'ping':
        return PONG;
      case 'echo':
        return first;
      case 'count':
        return argv.length;
      case 'size':
        return first.length;
      case 'hello':
        this.protocol = first === '3' ? 3 : 2;
        return null;
      case 'auth':
        this.authRequired = false;
        return OK;
      case 'id':
        return this.id;
      case 'fill':
        return first.length > 0 ? 'x'.repeat(Number(first)) : '';
      case 'items':
        return Array.from({ length: Number(first) }, () => second);
      case 'subscriber':
        this.outputClass = 'pubsub';
        return OK;
      case 'send':
        for (const session of this.#engine.sessions.values()) {
          if (session.outputClass === 'pubsub') session.sink.push(new PushReply(['message', first]));
        }
        return OK;
      case 'silent':
        return NO_REPLY;
      case 'block':
        this.blocked = true;
        return PENDING;
      case 'serve':
        return this.#serve(Number(first), second);
      case 'kill':
        this.#engine.sessions.get(Number(first))?.sink.close('now');
        return OK;
      case 'quit':
        this.sink.close('after-replies');
        return OK;
      case 'throw':
        throw new TypeError('a bug');
      case 'omem': {
        const { stats } = this.#engine.sessions.get(Number(first))!.sink;
        return [stats.outputBufferBytes, stats.outputListLength, stats.outputListBytes];
      }
      default:
        return new ErrorReply(`ERR unknown command '${name}'`);
    }
  }

  end(): void {
    this.ended++;
    this.#engine.sessions.delete(this.id);
  }

  #serve(id: number, reply: Bytes): Reply {
    const other = this.#engine.sessions.get(id);
    if (!other?.blocked) return 0;
    other.blocked = false;
    other.sink.reply(reply);
    other.sink.resume();
    return 1;
  }
}
