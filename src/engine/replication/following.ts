import type { Sink } from '../../backend/session.js';
import { silentSink, socketless } from '../../backend/silent-sink.js';
import type { Spec } from '../../commands/spec.js';
import type { Bytes } from '../../core/bytes.js';
import { ErrorReply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import { type LoadedSnapshot, SnapshotLoad } from '../rdb/load-snapshot.js';
import type { EngineSession } from '../session.js';
import type { DataReader, LinkOpener, LinkOwner, PrimaryLink } from './link.js';
import type { Replication } from './replication.js';

/**
 * connect ──▶ connecting ──▶ handshake ──(FULLRESYNC)──▶ sync ──(data in place)──▶ connected
 *    ▲                           └──────────(CONTINUE)─────────────────────────────────▲
 *    └───────────────────────── the link is lost ───────────────────────────────────────┘
 */
export type LinkState = 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected';

/**
 * What `repl-diskless-load` asks for while data come: only for a history that is known the old data go on to be shown
 * (`async`), else clients are told to wait. Null: they notice nothing.
 */
export type Loading = 'async' | 'sync' | null;

/** The data on their way. */
export interface Transfer {
  /** How many bytes there are; 0: that is not known. */
  readonly total: number;
  read: number;
  readonly startedAt: number;
  readonly loading: Loading;
}

/** What a primary's silence is called. */
const silences: Readonly<Record<LinkState, string>> = {
  connect: '',
  connecting: 'Timeout connecting to the MASTER...',
  handshake: 'Timeout connecting to the MASTER...',
  sync:
    'Timeout receiving bulk data from MASTER... ' +
    "If the problem persists try to set the 'repl-timeout' parameter in redis.conf to a larger value.",
  connected: 'MASTER timeout: no data nor PING received...',
};

/** This engine as the replica of a primary: the link, and what comes by it. */
export class Following implements LinkOwner {
  readonly host: Bytes;
  readonly port: number;
  state: LinkState = 'connect';
  /** How much of the stream was on disk when the primary last asked; null: there is no log, or it cannot be told. */
  #logged: number | null = null;
  /** When something last came, Unix ms. */
  heardAt: number;
  /** Since when there is no link; null while there is one, or has never been one. */
  downSince: number | null = null;
  transfer: Transfer | null = null;
  /** Asks the other side to take over. */
  takesOver = false;
  readonly #engine: Engine;
  readonly #replication: Replication;
  #link: PrimaryLink | null = null;
  /** What carries out the primary's commands. It outlives a link: the next one may go on in the midst of a database. */
  session: EngineSession | null = null;
  /** Bytes of a transaction that has begun. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Commands that came while writes were held back here (CLIENT PAUSE). */
  #postponed: { readonly argv: Bytes[]; readonly bytes: Uint8Array }[] = [];
  #postponedBytes = 0;
  #full: { readonly id: string; readonly offset: number } | null = null;
  #reader: SnapshotLoad | null = null;
  #closed = false;

  constructor(replication: Replication, engine: Engine, host: Bytes, port: number) {
    this.#replication = replication;
    this.#engine = engine;
    this.host = host;
    this.port = port;
    this.heardAt = engine.now;
  }

  get #opener(): LinkOpener | null {
    return this.#replication.opener;
  }

  get connected(): boolean {
    return this.state === 'connected';
  }

  /** How much of the stream came, carried out or not. */
  get readOffset(): number {
    return this.#replication.stream.offset + this.#heldBytes + this.#postponedBytes;
  }

  /** How much memory the data on their way took over there; 0 before that is known. */
  get usedMemory(): number {
    return this.#reader?.usedMemory ?? 0;
  }

  // What the link asks.

  get password(): Bytes {
    return this.#engine.config.get('masterauth');
  }
  get user(): Bytes {
    return this.#engine.config.get('masteruser');
  }
  get sourceAddress(): Bytes {
    return this.#engine.config.get('bind-source-addr');
  }
  get announcedAddress(): Bytes {
    return this.#engine.config.get('replica-announce-ip');
  }
  get announcedPort(): number {
    const { config, surroundings } = this.#engine;
    return (
      config.number('replica-announce-port') ||
      (config.flag('tls-replication') ? config.number('tls-port') : 0) ||
      surroundings.tcpPort ||
      this.#replication.listeningPort
    );
  }
  get wanted(): { id: string; offset: number } {
    const { id, offset } = this.#replication.stream;
    return { id, offset: offset + 1 };
  }

  /** Opens a link if there is none. */
  connect(): void {
    if (this.#closed || this.state !== 'connect' || this.#opener === null) return;
    this.state = 'connecting';
    this.heardAt = this.#engine.now;
    this.#engine.surroundings.log('notice', `Connecting to MASTER ${this.host}:${this.port}`);
    this.#link = this.#opener(this);
  }

  /** Once a second: a new attempt, the primary's silence, and how far we are. */
  tick(): void {
    const { now, config } = this.#engine;
    if (this.state === 'connect') {
      this.connect();
    } else if (now - this.heardAt > config.number('repl-timeout') * 1000) {
      this.lost(silences[this.state], false);
    } else if (this.state === 'connected') {
      this.acknowledge();
    }
  }

  acknowledge(): void {
    if (this.state === 'connected') this.#link?.acknowledge(this.#replication.stream.offset, this.#logged);
  }

  /** The primary asks how far this is, because somebody waits for it there, maybe for the log too. */
  answer(): void {
    const { saver, commands } = this.#engine;
    const { journal } = saver;
    this.#logged = commands.since.v72 && journal?.enabled && journal.sync() ? this.#replication.stream.offset : null;
    this.acknowledge();
  }

  /** Ends the link; `connect` opens another one. */
  hangUp(): void {
    if (this.state === 'connect') return;
    this.#dropLink();
    this.state = 'connect';
    this.downSince = this.#engine.now;
  }

  /** Nothing is followed any more. */
  close(): void {
    this.#closed = true;
    this.#dropLink();
    this.#dropSession();
  }

  greeting(): void {
    this.state = 'handshake';
    this.heard();
  }

  heard(): void {
    this.heardAt = this.#engine.clock.now();
  }

  continued(id: string | null): void {
    const { stream } = this.#replication;
    if (id !== null && id !== stream.id) {
      stream.renamed(id);
      this.#replication.dropReplicas();
    }
    this.#replication.ensureBacklog();
    this.session ??= this.#resumedSession();
    this.#engine.sessions.set(this.session.id, this.session);
    this.#up();
    this.#engine.surroundings.log('notice', 'Successful partial resynchronization with master.');
  }

  startedFull(id: string, offset: number): void {
    this.state = 'sync';
    this.#full = { id, offset };
    this.heard();
    this.#replication.answered(true);
  }

  receive(total: number): DataReader {
    this.state = 'sync';
    this.transfer = { total, read: 0, startedAt: this.#engine.now, loading: this.#loading() };
    this.#engine.surroundings.log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    const reader = new SnapshotLoad(this.#engine, { keepExpired: true });
    this.#reader = reader;
    return {
      feed: (bytes) => reader.feed(bytes),
      end: () => this.#install(reader.end()),
      discard: () => this.#discard(),
    };
  }

  #loading(): Loading {
    const { config, databases } = this.#engine;
    const load = config.get('repl-diskless-load');
    if (load === 'swapdb') return this.#full?.id === this.#replication.stream.id ? 'async' : 'sync';
    return load === 'on-empty-db' && databases.every(({ size }) => size === 0) ? 'sync' : null;
  }

  received(bytes: number): void {
    if (this.transfer !== null) this.transfer.read += bytes;
    this.heard();
  }

  /** Data of a primary replace everything: those who follow this engine have to begin anew as well. */
  #install(loaded: LoadedSnapshot): void {
    const engine = this.#engine;
    const { stream } = this.#replication;
    const full = this.#full ?? { id: stream.id, offset: 0 };
    this.#reader = null;
    this.#replication.dropReplicas();
    this.#dropSession();
    this.#replication.ownKeys.clear();
    engine.saver.install(loaded);
    for (const db of engine.databases) engine.blocking.allReady(db);
    engine.blocking.serveReady();
    stream.adopt(full.id, full.offset);
    this.#replication.reopenBacklog();
    this.session = this.#newSession();
    const index = Number(loaded.aux.get('repl-stream-db') ?? 0);
    this.session.db = engine.databases[index] ?? engine.databases[0];
    engine.saver.journal?.replaced();
    engine.surroundings.log('notice', `MASTER <-> REPLICA sync: Finished with success, ${loaded.keysLoaded} keys`);
    this.#up();
  }

  #up(): void {
    this.state = 'connected';
    this.downSince = null;
    this.transfer = null;
    this.#full = null;
    this.heard();
    this.#replication.answered(true);
    this.acknowledge();
  }

  apply(argv: Bytes[], bytes: Uint8Array): void {
    this.heardAt = this.#engine.clock.now();
    if (this.#postponed.length > 0 || (this.#engine.pause !== null && this.#isHeldBack(argv))) {
      this.#postponed.push({ argv, bytes });
      this.#postponedBytes += bytes.length;
      return;
    }
    this.#carryOut(argv, bytes);
  }

  /** A transaction that has begun is brought to its end. */
  #isHeldBack(argv: readonly Bytes[]): boolean {
    const { pause, commands } = this.#engine;
    if (pause === null || this.session?.queue !== null) return false;
    const spec = commands.lookup(argv);
    // MULTI: what it holds are writes.
    return pause.all || spec === undefined || spec.isWrite || spec.fullName === 'multi' || mayReplicate(spec);
  }

  /** Writes are not held back any more. */
  resume(): void {
    while (this.#postponed.length > 0 && !this.#closed && this.state === 'connected') {
      if (this.#engine.pause !== null && this.#isHeldBack(this.#postponed[0].argv)) return;
      const { argv, bytes } = this.#postponed.shift()!;
      this.#postponedBytes -= bytes.length;
      this.#carryOut(argv, bytes);
    }
  }

  #carryOut(argv: Bytes[], bytes: Uint8Array): void {
    const session = this.session!;
    const reply = this.#engine.call(session, argv);
    if (reply instanceof ErrorReply) {
      this.#replication.failedUnexpectedly('replica', 'master', reply, session.lastCommand?.fullName ?? argv[0]);
    }
    if (this.#closed || this.session !== session) return;
    // A transaction counts as a whole: a link that breaks within begins with it again.
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (session.queue !== null) return;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const part of held) this.#replication.stream.relay(part);
  }

  lost(reason: string, refused: boolean): void {
    if (this.#closed) return;
    const wasUp = this.state === 'connected';
    const began = wasUp || (this.transfer?.read ?? 0) > 0;
    const { log } = this.#engine.surroundings;
    if (this.#reader !== null) {
      const read = this.transfer?.read ?? 0;
      log('warning', `Internal error in RDB reading offset ${read} -> Unexpected EOF reading RDB file`);
    }
    log('warning', reason);
    this.#dropLink();
    this.state = 'connect';
    if (this.downSince === null || wasUp) this.downSince = this.#engine.now;
    if (refused) this.#replication.answered(false);
    // At once: the backlog over there may not last for long.
    if (began && !this.#closed) this.connect();
  }

  #dropLink(): void {
    this.#link?.close();
    this.#link = null;
    this.#discard();
    this.#held = [];
    this.#heldBytes = 0;
    this.#postponed = [];
    this.#postponedBytes = 0;
    if (this.session === null) return;
    this.session.discardTransaction();
    // Nobody sees it as a client until there is a link again.
    this.#engine.sessions.delete(this.session.id);
  }

  /** CLIENT KILL: the link is lost. The next one may go on with a session in the same place. */
  #killed(): void {
    const { session } = this;
    if (session === null || this.#closed) return;
    this.session = this.#newSession();
    this.session.db = session.db;
    this.lost('Connection with master lost.', false);
  }

  #discard(): void {
    this.#reader?.discard();
    this.#reader = null;
    this.transfer = null;
    this.#full = null;
  }

  #resumedSession(): EngineSession {
    const session = this.#newSession();
    session.db = this.#engine.databases[this.#replication.resumedDb ?? 0] ?? session.db;
    return session;
  }

  #newSession(): EngineSession {
    const session = this.#engine.connect(this.#sink());
    session.obeyed = true;
    session.authenticated = true;
    session.user = this.#engine.acl.superuser;
    return session;
  }

  /** What CLIENT LIST and CLIENT KILL know of the link. */
  #sink(): Sink {
    const link = (): PrimaryLink | null => this.#link;
    const stats = {
      ...socketless(),
      get address() {
        return link()?.address ?? '';
      },
      get localAddress() {
        return link()?.localAddress ?? '';
      },
      get fd() {
        return link()?.fd ?? -1;
      },
    };
    return { ...silentSink(), stats, close: () => this.#killed() };
  }

  #dropSession(): void {
    this.session?.end();
    this.session = null;
  }
}

const mayReplicate = ({ flags }: Spec): boolean => flags.includes('may_replicate');
