import type { Backend, BackendStats, Capabilities, Lease, Request, SyncBackend } from '../backend/backend.js';
import { refuseConversational } from '../backend/conversational.js';
import { type BackendEvents, Emitter, type Listener } from '../backend/events.js';
import { MONITOR_LINE } from '../backend/messages.js';
import type { Sink } from '../backend/session.js';
import { socketless } from '../backend/silent-sink.js';
import type { Spec } from '../commands/spec.js';
import { commands, commandTable } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { ClosedError, ConnectionError, type KeyspanError, UnsupportedError } from '../core/errors.js';
import { NoReply, NULL_ARRAY, PENDING, PushReply, type Reply, Status } from '../core/reply.js';
import type { Engine } from './engine.js';
import { EngineLanes } from './engine-lanes.js';
import { engineStats } from './engine-stats.js';
import type { EngineSession } from './session.js';

const sinkStats = socketless('embedded:0');

const multi: Request = { spec: commands.multi, argv: ['MULTI'] };
const exec: Request = { spec: commands.exec, argv: ['EXEC'] };

/** The spec, if it is one of the table's: a command that the façade does not know is judged by its words. */
function known(spec: Spec): Spec | undefined {
  return commandTable.own(spec) === spec ? spec : undefined;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** A session whose replies settle promises. */
class Conversation implements Sink, Lease {
  readonly stats = sinkStats;
  readonly session: EngineSession;
  readonly #onPush: ((push: PushReply) => void) | undefined;
  /** Settles the promise of the command that waits. */
  #waiting: Waiting | null = null;
  /** The lanes that lead past this conversation. */
  lanes: EngineLanes | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  /** Commands that have no reply yet. */
  #given = 0;
  readonly #settled = (): void => {
    this.#given--;
  };
  onEnd: ((error: KeyspanError | null) => void) | null = null;

  constructor(engine: Engine, onPush?: (push: PushReply) => void) {
    this.#onPush = onPush;
    this.session = engine.connect(this);
    this.session.protocol = 3;
    this.session.authenticated = true;
    this.session.onRightsChanged = () => this.lanes?.judge();
  }

  /** Commands of one conversation run one after the other, as on a socket; at once if none is before them. */
  call(request: Request): Promise<Reply> {
    const reply = this.#given === 0 ? this.#giveNow(request) : this.#turn.then(() => this.#give(request));
    this.#given++;
    this.#turn = reply.then(this.#settled, this.#settled);
    return reply;
  }

  /** Throws UnsupportedError for a command that would have to wait; it is then not carried out. */
  now({ spec, argv }: Request): Reply {
    if (this.session.blocked)
      throw new UnsupportedError('a command of this conversation is waiting', { command: argv[0] });
    const reply = this.#run(spec, argv);
    if (reply === PENDING) {
      if (this.session.waiting) this.session.engine.blocking.forget(this.session.waiting);
      this.session.postponed = null;
      throw new UnsupportedError(`${argv[0]} would block: use the asynchronous API`, { command: argv[0] });
    }
    return reply instanceof NoReply ? NULL_ARRAY : reply;
  }

  release(): void {
    this.session.end();
    this.lanes?.judge();
    this.#waiting?.reject(new ClosedError('the conversation ended while the command waited'));
    this.#waiting = null;
  }

  reply(reply: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(reply);
  }

  /** The reply goes by a promise: what comes after it has to wait until all who await it have gone on. */
  pushLater(message: PushReply): void {
    setTimeout(() => this.push(message), 0);
  }

  push(message: Reply): void {
    if (message instanceof PushReply) this.#onPush?.(message);
    else if (message instanceof Status) this.#onPush?.(new PushReply([MONITOR_LINE, message.text]));
  }

  /** Ended by the engine (CLIENT KILL, QUIT), not by its user. */
  close(): void {
    this.release();
    this.onEnd?.(new ConnectionError('the engine ended the conversation'));
  }

  resume(): void {}

  #run(spec: Spec, argv: Bytes[]): Reply {
    const reply = this.session.call(argv, known(spec));
    this.lanes?.judge();
    return reply;
  }

  async #giveNow(request: Request): Promise<Reply> {
    return await this.#give(request);
  }

  #give({ spec, argv }: Request): Promise<Reply> | Reply {
    if (this.session.ended) throw new ClosedError('the conversation is over', { command: argv[0] });
    const reply = this.#run(spec, argv);
    if (reply === PENDING) {
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    }
    return reply instanceof NoReply ? NULL_ARRAY : reply;
  }
}

/** An in-process engine as a backend: commands run at once, blocking ones on sessions of their own. */
export class EngineBackend implements Backend, SyncBackend {
  readonly capabilities: Capabilities = { transactions: true, blocking: true, pubsub: true };
  readonly engine: Engine;
  readonly lanes: EngineLanes;
  #main: Conversation;
  readonly #leases = new Set<Conversation>();
  readonly #emitter = new Emitter();
  #closed = false;

  constructor(engine: Engine) {
    this.engine = engine;
    this.#main = new Conversation(engine);
    this.lanes = new EngineLanes(engine, this.#main.session);
    this.#main.lanes = this.lanes;
  }

  async call(request: Request): Promise<Reply> {
    refuseConversational(request);
    const main = this.#open(request);
    if (!request.spec.flags.includes('blocking'))
      return this.engine.pause === null ? main.now(request) : main.call(request);
    const lease = this.#lease();
    try {
      return await lease.call(request);
    } finally {
      lease.release();
    }
  }

  async batch(requests: readonly Request[]): Promise<Reply[]> {
    requests.forEach(refuseConversational);
    if (!requests.some(({ spec }) => spec.flags.includes('blocking')))
      return requests.map((request) => this.callNow(request));
    const replies: Reply[] = [];
    for (const request of requests) replies.push(await this.call(request));
    return replies;
  }

  async transaction(requests: readonly Request[]): Promise<Reply> {
    return this.transactionNow(requests);
  }

  callNow(request: Request): Reply {
    return this.#open(request).now(request);
  }

  transactionNow(requests: readonly Request[]): Reply {
    const main = this.#open(requests[0]);
    main.now(multi);
    for (const request of requests) main.now(request);
    return main.now(exec);
  }

  async lease(onPush?: (push: PushReply) => void): Promise<Lease> {
    this.#open();
    return this.#lease(onPush);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const lease of this.#leases) lease.release();
    this.#main.release();
    this.engine.stopCron();
    this.#emitter.emit('end');
  }

  /** Listens to the engine's life: it only ever ends. */
  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    return this.#emitter.on(event, listener);
  }

  /** What the engine is doing and has done: what INFO counts of it. */
  stats(): BackendStats {
    return engineStats(this.engine);
  }

  #lease(onPush?: (push: PushReply) => void): Conversation {
    const lease = new Conversation(this.engine, onPush);
    lease.session.db = this.#main.session.db;
    this.#leases.add(lease);
    const release = lease.release.bind(lease);
    lease.release = () => {
      this.#leases.delete(lease);
      release();
    };
    return lease;
  }

  /** The main conversation; a new one, if the engine ended the old one (CLIENT KILL, QUIT). */
  #open(request?: Request): Conversation {
    if (this.#closed) throw new ClosedError('the engine was closed', request && { command: request.spec.name });
    if (this.#main.session.ended) {
      this.#main = new Conversation(this.engine);
      this.lanes.use(this.#main.session);
      this.#main.lanes = this.lanes;
    }
    return this.#main;
  }
}
