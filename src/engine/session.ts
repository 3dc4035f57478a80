import type { Protocol, Session, Sink } from '../backend/session.js';
import type { Spec } from '../commands/spec.js';
import type { Bytes } from '../core/bytes.js';
import { NO_REPLY, PENDING, type PushReply, type Reply } from '../core/reply.js';
import type { User } from './acl/user.js';
import type { Blocked } from './blocking.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import type { Replica } from './replication/replica.js';
import type { TrackingState } from './tracking.js';

/** Overhead of a queue of arguments besides their bytes, per argument. */
export const POINTER_BYTES = 8;

export interface QueuedCommand {
  spec: Spec;
  argv: Bytes[];
}

/** CLIENT REPLY: `skip-next` becomes `skip` for the command after it. */
export type ReplyMode = 'on' | 'off' | 'skip-next' | 'skip';

/** A session: what a client may set or ask about itself, and its conversation. */
export class EngineSession implements Session {
  readonly id: number;
  readonly engine: Engine;
  readonly sink: Sink;
  protocol: Protocol = 2;
  db: Database;
  name: Bytes = '';
  /** Set by CLIENT SETINFO. */
  libraryName: Bytes = '';
  libraryVersion: Bytes = '';
  /** The user whose permissions apply to its commands. */
  user: User;
  /** Called when its user's permissions have changed. */
  onRightsChanged: (() => void) | null = null;
  /** CLIENT TRACKING; null while it is off. */
  tracking: TrackingState | null = null;
  authenticated: boolean;
  readonly createdAt: number;
  lastCommandAt: number;
  lastCommand: Spec | null = null;
  /** The number of commands it has given. */
  commandCount = 0;
  replyMode: ReplyMode = 'on';
  noEvict = false;
  noTouch = false;
  /** CLIENT CAPA REDIRECT: it wants to be sent to the primary where a replica is asked for data. */
  redirects = false;
  monitor = false;
  closing = false;
  ended = false;

  /** The queue between MULTI and EXEC; null outside. */
  queue: QueuedCommand[] | null = null;
  queuedBytes = 0;
  /** A queued command was refused, so EXEC will abort. */
  dirtyExec = false;
  /** A watched key changed. */
  dirtyCas = false;
  /** EXEC (or a script) is running: nothing blocks, time stands still. */
  inExec = false;
  /** It gives the commands of scripts. */
  inScript = false;
  /** The replies of EXEC so far; null outside. */
  execReplies: Reply[] | null = null;
  /** Watched keys by database index. */
  readonly watched: { db: number; key: Bytes; expired: boolean }[] = [];

  readonly channels = new Set<Bytes>();
  readonly shardChannels = new Set<Bytes>();
  readonly patterns = new Set<Bytes>();
  /** Has any subscription. */
  subscribed = false;

  /** Waiting for keys, WAIT or the like. */
  waiting: Blocked | null = null;
  /** Held back by CLIENT PAUSE: the command to run once it ends. */
  postponed: Bytes[] | null = null;

  /** What it has reported about itself as a replica; null: nothing. */
  replica: Replica | null = null;
  /** Its commands are carried out unconditionally: the primary's stream, and a log being loaded. */
  obeyed = false;
  /** ASKING: the next command may use a slot that is being imported. */
  asking = false;
  /** READONLY: reads are served by a replica rather than redirected to its primary. */
  readsReplicas = false;
  /** The slot of the running command's keys in a cluster; −1: it has none. */
  slot = -1;
  /** How long the replication stream was after its last command: WAIT waits for so much. */
  writeOffset = 0;

  /** The running command, for errors, MONITOR and effects. */
  spec!: Spec;
  argv: Bytes[] = [];

  constructor(engine: Engine, id: number, sink: Sink) {
    this.engine = engine;
    this.id = id;
    this.sink = sink;
    this.db = engine.databases[0];
    this.user = engine.acl.defaultUser;
    this.authenticated = !engine.authRequired;
    this.createdAt = engine.now;
    this.lastCommandAt = this.createdAt;
  }

  get blocked(): boolean {
    return this.waiting !== null || this.postponed !== null;
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** On RESP2 a subscriber may only give a few commands. */
  get subscriberMode(): boolean {
    return this.subscribed && this.protocol === 2;
  }

  /** Whether it must authenticate first. */
  get authRequired(): boolean {
    return !this.authenticated && this.engine.authRequired;
  }

  /** The type that CLIENT LIST and CLIENT KILL select by. */
  get type(): 'normal' | 'pubsub' | 'replica' | 'master' {
    return this.engine.replication.following?.session === this ? 'master' : this.outputClass;
  }

  /** The output limit that applies. */
  get outputClass(): 'normal' | 'pubsub' | 'replica' {
    if (this.isReplica) return 'replica';
    return this.subscribed ? 'pubsub' : 'normal';
  }

  /** Whether the setting `timeout` does not apply. */
  get idleExempt(): boolean {
    return this.monitor || this.isReplica;
  }

  /** Whether it is a replica, since SYNC or PSYNC. */
  get isReplica(): boolean {
    return this.replica?.attached === true;
  }

  /** Whether it is in this process, on a Unix socket or on the loopback interface. */
  get isLocal(): boolean {
    const { address } = this.sink.stats;
    return !/^[\d[]/.test(address) || /^(127\.0\.0\.1|\[::1\]):/.test(address);
  }

  /** Whether it is in no state that commands depend on, so that the fast lanes may be taken. */
  get plain(): boolean {
    return (
      this.queue === null &&
      this.replica === null &&
      this.replyMode === 'on' &&
      this.authenticated &&
      this.user.unrestricted &&
      this.tracking === null &&
      !this.ended &&
      !this.noTouch &&
      !this.subscriberMode
    );
  }

  call(argv: Bytes[], known?: Spec): Reply {
    return this.engine.call(this, argv, known);
  }

  /** Sends an out-of-band message, which CLIENT REPLY does not silence. */
  push(message: PushReply): void {
    this.sink.push(message);
  }

  /** Sends a message after the reply of the running command. */
  pushLater(message: PushReply): void {
    if (this.sink.pushLater) this.sink.pushLater(message);
    else this.sink.push(message);
  }

  /** What a subscribing command answers: a push, but inside EXEC one of its replies. */
  acknowledge(message: PushReply): void {
    if (this.execReplies !== null) this.execReplies.push(message);
    else this.sink.push(message);
  }

  /** A line for MONITOR; CLIENT REPLY silences it. */
  pushLine(line: Reply): void {
    if (this.replyMode === 'on') this.sink.push(line);
  }

  /** What CLIENT REPLY lets through of a reply: only that it is to come. A command held back is judged when it runs. */
  muted(reply: Reply): Reply {
    if (this.replyMode === 'on' || this.postponed !== null) return reply;
    if (this.replyMode === 'skip') this.replyMode = 'on';
    else if (this.replyMode === 'skip-next') this.replyMode = 'skip';
    return reply === PENDING ? PENDING : NO_REPLY;
  }

  /** Ends a transaction: DISCARD, and the end of EXEC. */
  discardTransaction(): void {
    this.queue = null;
    this.queuedBytes = 0;
    this.dirtyExec = false;
    this.engine.unwatch(this);
  }

  watch(key: Bytes): void {
    const { db } = this;
    if (this.watched.some((watch) => watch.db === db.index && watch.key === key)) return;
    const slot = db.keyspace.find(key);
    this.watched.push({ db: db.index, key, expired: slot >= 0 && db.isDue(slot) });
    const sessions = db.watchers.get(key);
    if (sessions) sessions.add(this);
    else db.watchers.set(key, new Set([this]));
  }

  /** Whether a watched key has expired since WATCH, deleted or not. */
  get watchedKeyExpired(): boolean {
    return this.watched.some(({ db, key, expired }) => {
      if (expired) return false;
      const { keyspace } = this.engine.databases[db];
      const slot = keyspace.find(key);
      return slot >= 0 && this.engine.databases[db].isDue(slot);
    });
  }

  /** `gone`: the key does not exist now. That a key goes which was as good as gone at WATCH is no change. */
  watchedKeyChanged(db: number, key: Bytes, gone: boolean): void {
    const watch = this.#watchOf(db, key);
    if (watch.expired && gone) watch.expired = false;
    else this.dirtyCas = true;
  }

  watchedKeyReplaced(db: number, key: Bytes, state: { existed: boolean; exists: boolean; expired: boolean }): void {
    const watch = this.#watchOf(db, key);
    if (watch.expired) {
      if (!state.exists) watch.expired = false;
      else if (!state.expired) this.dirtyCas = true;
    } else if (!state.existed && state.expired) watch.expired = true;
    else this.dirtyCas = true;
  }

  /** Resets it to the state of a new session. */
  reset(): void {
    const { engine } = this;
    if (engine.monitors.delete(this)) engine.plainChanged();
    this.monitor = false;
    this.discardTransaction();
    engine.pubsub.drop(this);
    this.protocol = 2;
    this.db = engine.databases[0];
    engine.tracking.stop(this);
    this.user = engine.acl.defaultUser;
    this.authenticated = !engine.authRequired;
    this.name = '';
    this.replyMode = 'on';
    this.noTouch = false;
    this.asking = false;
    this.readsReplicas = false;
  }

  #watchOf(db: number, key: Bytes): { expired: boolean } {
    return this.watched.find((watch) => watch.db === db && watch.key === key)!;
  }

  /** Ends the session from the engine's side: CLIENT KILL, QUIT. */
  close(mode: 'after-replies' | 'now'): void {
    this.closing = true;
    if (mode === 'now') this.end();
    this.sink.close(mode);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.engine.endSession(this);
  }
}
