import type { RawSink, Session, Sink } from '../backend/session.js';
import type { Bytes } from '../core/bytes.js';
import { ErrorReply, NO_REPLY, PENDING, type PushReply, type Reply } from '../core/reply.js';
import { encodeReply } from '../resp/encoder.js';
import { ReplyArena } from '../resp/reply-arena.js';
import type { RequestParser } from '../resp/request-parser.js';
import type {
  ClientMemory,
  ConnectionInfo,
  EnginePort,
  LogLevel,
  NetworkConfig,
  NetworkCounters,
  OutputClass,
  RequestLanes,
  ServerSession,
} from '../server/engine-port.js';
import type { FaultAction, Faults } from './faults.js';

/** A session that can queue commands and refuse to carry them out. */
interface QueuingSession extends ServerSession {
  readonly queue: unknown[] | null;
  dirtyExec: boolean;
}

/** An EnginePort that puts faults between a server and its engine. */
export class FaultPort implements EnginePort {
  readonly sessions = new Set<FaultSession>();
  readonly lanes: RequestLanes | null;
  readonly clientMemory?: ClientMemory;
  readonly faults: Faults;
  readonly #port: EnginePort;

  constructor(port: EnginePort, faults: Faults) {
    this.#port = port;
    this.faults = faults;
    const { lanes, clientMemory } = port;
    this.lanes = lanes ? { take: (session, ...rest) => this.#take(lanes, session as FaultSession, ...rest) } : null;
    if (clientMemory !== undefined) this.clientMemory = memoryOf(clientMemory);
  }

  get network(): NetworkConfig {
    return this.#port.network;
  }
  get counters(): NetworkCounters {
    return this.#port.counters;
  }
  get openToAll(): boolean {
    return this.#port.openToAll;
  }

  whileBusy(attend: (() => void) | null): void {
    this.#port.whileBusy?.(attend);
  }

  connect(sink: Sink, info: ConnectionInfo): FaultSession {
    const session = new FaultSession(this, sink, (own) => this.#port.connect(own, info));
    this.sessions.add(session);
    return session;
  }

  describe(session: FaultSession): string {
    return this.#port.describe(session.inner);
  }

  log(level: LogLevel, message: string): void {
    this.#port.log(level, message);
  }

  #take(
    lanes: RequestLanes,
    session: FaultSession,
    bytes: Uint8Array,
    parser: RequestParser,
    arena: ReplyArena,
  ): boolean {
    return !this.faults.any && lanes.take(session.inner, bytes, parser, arena);
  }
}

function memoryOf(memory: ClientMemory): ClientMemory {
  return {
    get on() {
      return memory.on;
    },
    note: (session) => memory.note((session as FaultSession).inner),
    makeRoom: () => memory.makeRoom(),
  };
}

/** A connection's session, with faults applied. */
class FaultSession implements ServerSession, Sink {
  readonly inner: QueuingSession;
  readonly stats: Sink['stats'];
  readonly raw?: RawSink;
  readonly #port: FaultPort;
  readonly #sink: Sink;
  /** A command waits for its delay to pass, or forever. */
  #held = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** To be applied to the reply that is still to come. */
  #pending: FaultAction | null = null;

  constructor(port: FaultPort, sink: Sink, connect: (sink: Sink) => Session) {
    this.#port = port;
    this.#sink = sink;
    this.stats = sink.stats;
    if (sink.raw !== undefined) this.raw = sink.raw;
    this.inner = connect(this) as QueuingSession;
  }

  get id(): number {
    return this.inner.id;
  }
  get protocol(): Session['protocol'] {
    return this.inner.protocol;
  }
  get blocked(): boolean {
    return this.#held || this.inner.blocked;
  }
  get authRequired(): boolean {
    return this.inner.authRequired;
  }
  get outputClass(): OutputClass {
    return this.inner.outputClass;
  }
  get idleExempt(): boolean {
    return this.inner.idleExempt;
  }

  call(argv: Bytes[]): Reply {
    const { faults } = this.#port;
    const action = faults.any ? faults.meet(argv) : null;
    return action === null ? this.inner.call(argv) : this.#suffer(action, argv);
  }

  /** Closes the connection at once. */
  drop(): void {
    this.#held = true;
    this.#sink.close('now');
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#port.sessions.delete(this);
    this.inner.end();
  }

  reply(reply: Reply): void {
    const action = this.#pending;
    this.#pending = null;
    if (action === null) this.#sink.reply(reply);
    else this.#spoil(action, reply);
  }

  push(message: PushReply | Reply): void {
    this.#sink.push(message);
  }

  pushLater(message: PushReply): void {
    if (this.#sink.pushLater === undefined) this.#sink.push(message);
    else this.#sink.pushLater(message);
  }

  close(mode: 'after-replies' | 'now'): void {
    this.#sink.close(mode);
  }

  resume(): void {
    this.#sink.resume();
  }

  #suffer(action: FaultAction, argv: Bytes[]): Reply {
    if ('error' in action) return this.#refuse(action.error);
    if ('delay' in action) {
      this.#held = true;
      this.#timer = setTimeout(() => this.#late(argv), action.delay);
      return PENDING;
    }
    if ('drop' in action && action.drop === 'before') {
      this.drop();
      return NO_REPLY;
    }
    if ('stall' in action && action.stall === 'before') {
      this.#held = true;
      return PENDING;
    }
    const reply = this.inner.call(argv);
    if (reply === PENDING) this.#pending = action;
    else this.#spoil(action, reply);
    return reply === PENDING ? PENDING : NO_REPLY;
  }

  /** As with any refused command in Redis, a transaction that had it queued will not be carried out. */
  #refuse(text: string): ErrorReply {
    if (this.inner.queue !== null) this.inner.dirtyExec = true;
    return new ErrorReply(text);
  }

  #late(argv: Bytes[]): void {
    this.#timer = null;
    this.#held = false;
    const reply = this.inner.call(argv);
    if (reply !== PENDING && reply !== NO_REPLY) this.#sink.reply(reply);
    this.#sink.resume();
  }

  #spoil(action: FaultAction, reply: Reply): void {
    if ('cut' in action && reply !== NO_REPLY) {
      const arena = new ReplyArena();
      encodeReply(arena, reply, this.protocol);
      this.raw?.send(arena.bytes.subarray(0, Math.min(action.cut, arena.at)));
      this.#held = true;
      this.#sink.close('after-replies');
    } else if ('stall' in action) {
      this.#held = true;
    } else {
      this.drop();
    }
  }
}
