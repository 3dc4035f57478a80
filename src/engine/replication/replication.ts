import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, NO_REPLY, type Reply, replyErrors } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { StreamPosition } from '../rdb/snapshot.js';
import type { EngineSession } from '../session.js';
import type { Settings } from '../settings.js';
import { replicaOutputLimit } from './buffers.js';
import { Failover } from './failover.js';
import { Following, type Loading } from './following.js';
import { FullSyncs } from './full-syncs.js';
import type { LinkOpener } from './link.js';
import { OwnKeys } from './own-keys.js';
import { Replica } from './replica.js';
import { Shutdown } from './shutdown.js';
import { MemorySpool, type Spool } from './spool.js';
import { ReplicationStream } from './stream.js';
import { Waiters } from './waiters.js';

const TICK_MS = 1000;

const noLink = new ErrorReply("NOMASTERLINK Can't SYNC while not connected with my master");
const failingOver = new ErrorReply("NOMASTERLINK Can't SYNC while failing over");
const notAReplica = new ErrorReply("ERR PSYNC FAILOVER can't be sent to a master.");
const otherHistory = new ErrorReply('ERR PSYNC FAILOVER replid must match my replid.');
const filteredByLength = new ErrorReply('ERR Filtered replica requires EOF capability');
const noSocket = new ErrorReply('ERR only a connection to a server can become a replica');
const stateChanged = new ErrorReply(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
);

/** What a replica asks for: the history it knows and the first byte it misses. Null: it does not say (SYNC). */
export interface SyncRequest {
  readonly id: Bytes;
  /** Null where it is no number. */
  readonly offset: number | bigint | null;
  readonly failover: boolean;
}

/**
 * The roles of an engine: its replicas, and the primary it follows.
 *
 *     effects ──▶ stream ──▶ backlog            primary ──▶ following ──▶ session ──▶ the one door
 *                   └──────▶ replicas                          └── bytes ──▶ stream (as they came)
 */
export class Replication {
  readonly stream: ReplicationStream;
  readonly replicas = new Set<Replica>();
  readonly waiters: Waiters;
  readonly failover: Failover;
  readonly shutdown: Shutdown;
  /** All data, on their way to replicas. */
  readonly syncs: FullSyncs;
  /** What clients have written to a replica that lets them. */
  readonly ownKeys: OwnKeys;
  /** The primary that is followed; null: this engine is one. */
  following: Following | null = null;
  /** Opens connections to primaries; null where the host has none. */
  opener: LinkOpener | null = null;
  /** Keeps data whose length has to be known before they are sent: on a disk, where the host has one. */
  openSpool: () => Spool = () => new MemorySpool();
  /** The port that clients of this engine connect to, where its host has told it. */
  listeningPort = 0;
  /** The database that is selected where a loaded snapshot, or the last link, stands in the stream; null: there was none. */
  resumedDb: number | null = null;
  readonly counts = { full: 0, partial: 0, partialRefused: 0, unexpectedErrors: 0 };
  readonly #engine: Engine;
  #tickedAt: number;
  #pingedAt: number;
  /** Since when there is no replica. */
  #aloneSince: number;
  #acksWanted = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.stream = new ReplicationStream(
      () => engine.random.hex(40),
      (bytes) => this.#spread(bytes),
    );
    this.waiters = new Waiters(engine, (offset) => this.acknowledged(offset));
    this.failover = new Failover(this, engine);
    this.shutdown = new Shutdown(this, engine);
    this.syncs = new FullSyncs(this, engine);
    this.ownKeys = new OwnKeys(engine);
    engine.config.onChange('repl-backlog-size', (value) => {
      this.stream.backlog?.resize(Number(value));
      return null;
    });
    this.#tickedAt = engine.now;
    this.#pingedAt = engine.now;
    this.#aloneSince = engine.now;
  }

  /** Nothing of it concerns commands: no replica is fed, nobody is followed. */
  get plain(): boolean {
    return this.following === null && this.stream.backlog === null && this.#engine.saver.loading === null;
  }

  /** Clients may not write: this is a replica, and `replica-read-only` holds. */
  get readOnly(): boolean {
    return this.following !== null && this.#engine.config.flag('replica-read-only');
  }

  /** The data are old, and may not be shown. */
  get mastersDown(): boolean {
    const { following } = this;
    return following !== null && !following.connected && !this.#engine.config.flag('replica-serve-stale-data');
  }

  /** Whether clients notice that the primary's data come. */
  get loading(): Loading {
    return this.#engine.saver.loading !== null ? 'sync' : (this.following?.transfer?.loading ?? null);
  }

  /** How many replicas have so much of the stream. */
  acknowledged(offset: number): number {
    let count = 0;
    for (const replica of this.replicas) if (replica.state === 'online' && replica.ackedOffset >= offset) count++;
    return count;
  }

  /** How many replicas have so much of the stream on their disks. */
  logged(offset: number): number {
    let count = 0;
    for (const replica of this.replicas) if (replica.state === 'online' && replica.loggedOffset >= offset) count++;
    return count;
  }

  /** How many replicas were heard of within so many seconds. */
  goodReplicas(lagMax_s: number): number {
    const { now } = this.#engine;
    let count = 0;
    for (const { state, ackedAt } of this.replicas) {
      if (state === 'online' && Math.floor((now - ackedAt) / 1000) <= lagMax_s) count++;
    }
    return count;
  }

  /** Whether writes are refused by `min-replicas-to-write`. */
  tooFewReplicas({ minReplicasToWrite, minReplicasMaxLag }: Settings): boolean {
    if (minReplicasToWrite === 0 || minReplicasMaxLag === 0 || this.following !== null) return false;
    return this.goodReplicas(minReplicasMaxLag) < minReplicasToWrite;
  }

  // As a primary.

  /** What a connection tells of itself before it becomes a replica. */
  greet(session: EngineSession): Replica {
    session.replica ??= new Replica(session);
    return session.replica;
  }

  /** SYNC and PSYNC: the connection is a replica from now on. Its replies are written by the replica itself. */
  sync(session: EngineSession, request: SyncRequest | null): Reply {
    const replica = this.greet(session);
    if (replica.attached) return NO_REPLY;
    if (session.sink.raw === undefined) throw noSocket;
    if (request?.failover) this.#takeOver(request.id);
    if (this.failover.running) throw failingOver;
    if (this.following !== null && !this.following.connected) throw noLink;
    if (!replica.wantsAll && !replica.endsByMark) throw filteredByLength;
    const { log } = this.#engine.surroundings;
    log('notice', `Replica ${replica.name} asks for synchronization`);
    if (request !== null) {
      if (request.offset === null) {
        log('warning', `Replica ${replica.name} asks for synchronization but with a wrong offset`);
        throw replyErrors.notInteger;
      }
      if (this.#continue(replica, request.id, Number(request.offset))) return NO_REPLY;
      if (!request.id.startsWith('?')) this.counts.partialRefused++;
    }
    this.counts.full++;
    replica.old = request === null;
    replica.state = 'waiting';
    replica.waitingSince = this.#engine.now;
    this.#attach(replica);
    if (this.stream.backlog === null) {
      this.stream.rename();
      this.openBacklog();
    }
    this.syncs.start();
    return NO_REPLY;
  }

  #continue(replica: Replica, id: Bytes, offset: number): boolean {
    const { stream } = this;
    const { log } = this.#engine.surroundings;
    const wanted = id.toLowerCase();
    if (wanted !== stream.id && (wanted !== stream.id2 || offset > stream.secondOffset)) {
      log('notice', `Partial resynchronization not accepted: ${replica.name} asked for ${id} from ${offset}`);
      return false;
    }
    stream.flush();
    const missed = stream.backlog?.since(offset) ?? null;
    if (missed === null) {
      log('notice', `Unable to partial resync with replica ${replica.name} for lack of backlog (from ${offset}).`);
      return false;
    }
    this.counts.partial++;
    this.#attach(replica);
    replica.sendText(replica.takesNewId ? `+CONTINUE ${stream.id}\r\n` : '+CONTINUE\r\n');
    for (const part of missed) replica.sendData(part);
    replica.goOnline(this.#engine.now, false);
    log(
      'notice',
      `Partial resynchronization with ${replica.name}: ${stream.offset + 1 - offset} bytes from offset ${offset}.`,
    );
    return true;
  }

  #attach(replica: Replica): void {
    this.replicas.add(replica);
    replica.session.replyMode = 'on';
    this.#refresh();
  }

  /** A reply would stand in the midst of the stream: who asks for one on a replica's connection is let go. */
  answeredReplica(session: EngineSession, reply: Reply): Reply {
    const command = session.lastCommand?.fullName ?? 'unknown';
    const { log } = this.#engine.surroundings;
    if (reply instanceof ErrorReply) this.failedUnexpectedly('master', 'replica', reply, command);
    log('warning', `Replica generated a reply to command '${command}', disconnecting it: ${session.replica?.name}`);
    session.close('now');
    return NO_REPLY;
  }

  /** Between a primary and its replica no command fails, unless their data differ. */
  failedUnexpectedly(
    here: 'master' | 'replica',
    there: 'master' | 'replica',
    { text }: ErrorReply,
    command: Bytes,
  ): void {
    this.counts.unexpectedErrors++;
    const what = `This ${here} is sending an error to its ${there}: '-${text}' after processing the command '${command}'`;
    this.#engine.surroundings.log('warning', `== CRITICAL == ${what}`);
  }

  /** The session is over. */
  forget(session: EngineSession): void {
    const { replica } = session;
    if (replica === null || !this.replicas.delete(replica)) return;
    replica.letGo();
    this.syncs.drop(replica);
    this.#aloneSince = this.#engine.now;
    this.#engine.surroundings.log('notice', `Connection with replica ${replica.name} lost.`);
  }

  /** Lets all replicas go: they come back, and see what has become of the history. */
  dropReplicas(): void {
    for (const replica of [...this.replicas]) replica.session.close('now');
  }

  /** REPLCONF ACK. */
  acknowledge(session: EngineSession, offset: number): void {
    const { replica } = session;
    if (replica?.acknowledge(offset, this.#engine.now))
      this.#engine.surroundings.log('notice', `Synchronization with replica ${replica.name} succeeded`);
    this.waiters.serve();
    this.failover.check();
    this.shutdown.check();
  }

  /** Replicas say how far they are as soon as they can, not only at their next second. */
  askForAcks(): void {
    if (this.#acksWanted) return;
    this.#acksWanted = true;
    // Once for all that ask in this turn.
    queueMicrotask(() => {
      this.#acksWanted = false;
      if (this.following === null && this.replicas.size > 0) this.stream.addBare(['REPLCONF', 'GETACK', '*']);
    });
  }

  // As a replica.

  /** REPLICAOF host port. `takesOver`: the other side is asked to be the primary. */
  follow(host: Bytes, port: number, takesOver = false): void {
    const engine = this.#engine;
    const before = this.following;
    this.stream.flush();
    // Another primary may go on in the stream where this one stopped, and will not say the database again.
    if (before !== null && before.session !== null) this.resumedDb = before.session.db.index;
    before?.close();
    this.following = new Following(this, engine, host, port);
    this.following.takesOver = takesOver;
    this.following.downSince = before?.connected ? engine.now : (before?.downSince ?? null);
    engine.config.put('replicaof', `${host} ${port}`);
    for (const session of engine.sessions.values()) {
      if (session.waiting === null) continue;
      engine.blocking.release(session.waiting, stateChanged);
      session.close('after-replies');
    }
    // Replicas stay: they are let go when the history turns out to be another one.
    this.#refresh();
    this.following.connect();
  }

  /** The host gives its sockets back: the link ends, and none is opened until it brings another opener. */
  disconnect(): void {
    this.opener = null;
    this.following?.hangUp();
  }

  /** REPLICAOF NO ONE, and a failover: what was followed becomes history. */
  becomePrimary(): void {
    if (this.following === null) return;
    this.following.close();
    this.following = null;
    this.ownKeys.clear();
    this.#engine.config.put('replicaof', '');
    this.stream.branch();
    this.dropReplicas();
    this.#aloneSince = this.#engine.now;
    this.#refresh();
  }

  /** The primary has answered to PSYNC: a failover is over, or has failed. */
  answered(accepted: boolean): void {
    this.failover.answered(accepted);
  }

  #takeOver(id: Bytes): void {
    if (this.following === null) throw notAReplica;
    if (id.toLowerCase() !== this.stream.id) throw otherHistory;
    this.becomePrimary();
    this.#engine.surroundings.log('notice', 'MASTER MODE enabled (failover request)');
  }

  // What a snapshot tells of the stream.

  /** Where in the stream the data are; null while there is none to go on with. */
  get position(): StreamPosition | null {
    const goesOn = this.following === null ? this.stream.backlog !== null : this.following.session !== null;
    return goesOn ? this.positionNow() : null;
  }

  /** Where in the stream the data are now. */
  positionNow(): StreamPosition {
    const { id, offset, db } = this.stream;
    return { id, offset, db: this.following === null ? Math.max(db, 0) : (this.following.session?.db.index ?? 0) };
  }

  /** Goes on where the server was that saved a snapshot: its replicas, or its primary, need not send all data again. */
  resume(aux: ReadonlyMap<Bytes, Bytes>, expired: readonly (readonly [database: number, key: Bytes])[]): void {
    const id = aux.get('repl-id') ?? '';
    const offset = parseInteger(aux.get('repl-offset') ?? '');
    if (id.length !== this.stream.id.length || typeof offset !== 'number' || offset < 0) return;
    this.stream.adopt(id, offset);
    if (this.#engine.config.get('replicaof') === '') this.stream.branch();
    else this.resumedDb = Number(aux.get('repl-stream-db') ?? 0);
    this.#aloneSince = this.#engine.now;
    this.openBacklog();
    // Replicas still have what was left out here.
    if (this.resumedDb === null) for (const [db, key] of expired) this.stream.add(db, ['DEL', key]);
  }

  /** CONFIG RESETSTAT. */
  resetCounts(): void {
    this.counts.full = 0;
    this.counts.partial = 0;
    this.counts.partialRefused = 0;
    this.counts.unexpectedErrors = 0;
  }

  // The backlog.

  openBacklog(): void {
    this.stream.openBacklog(this.#engine.config.number('repl-backlog-size'));
    this.#refresh();
  }

  ensureBacklog(): void {
    if (this.stream.backlog === null) this.openBacklog();
  }

  reopenBacklog(): void {
    this.stream.closeBacklog();
    this.openBacklog();
  }

  /** Whom effects go to has changed. */
  #refresh(): void {
    const { effectQueue } = this.#engine;
    const feeds = this.following === null && this.stream.backlog !== null;
    effectQueue.replicas = feeds ? (db, argv) => this.stream.add(db, argv) : null;
    this.#engine.plainChanged();
  }

  #spread(bytes: Uint8Array): void {
    if (this.replicas.size === 0) return;
    const limit = replicaOutputLimit(this.#engine);
    for (const replica of this.replicas) {
      replica.feed(bytes);
      if (replica.holdsTooMuch(limit, this.#engine.now)) this.#overflow(replica);
    }
  }

  #overflow(replica: Replica): void {
    this.#engine.surroundings.log('warning', `Replica ${replica.name} is closed: too much waits for it.`);
    this.#engine.network.outputLimitClosed++;
    // Not at once: its session may be in the midst of something.
    queueMicrotask(() => replica.session.close('now'));
  }

  // Periodic work.

  cron(): void {
    const { now } = this.#engine;
    this.failover.check();
    this.shutdown.cron();
    if (this.following !== null && this.#engine.pause === null) this.ownKeys.expire();
    if (now - this.#tickedAt < TICK_MS) {
      if (this.replicas.size > 0) this.syncs.start();
      return;
    }
    this.#tickedAt = now;
    this.following?.tick();
    if (this.replicas.size > 0) this.#tend(now);
    else this.#forgetBacklog(now);
  }

  #tend(now: number): void {
    const { config } = this.#engine;
    const period = config.number('repl-ping-replica-period') * 1000;
    if (this.following === null && now - this.#pingedAt >= period && !this.failover.running) {
      this.#pingedAt = now;
      this.stream.addBare(['PING']);
    }
    const timeout = config.number('repl-timeout') * 1000;
    const limit = replicaOutputLimit(this.#engine);
    for (const replica of [...this.replicas]) {
      if (replica.state === 'waiting') replica.sendText('\n');
      if (replica.holdsTooMuch(limit, now)) this.#overflow(replica);
      const silent = replica.state === 'online' && !replica.old && now - replica.ackedAt > timeout;
      if (silent) this.#timedOut(replica, 'streaming sync');
    }
    for (const replica of this.syncs.stuckFor(timeout)) this.#timedOut(replica, 'full sync');
    this.syncs.start();
    this.failover.check();
  }

  #timedOut(replica: Replica, during: string): void {
    this.#engine.surroundings.log('warning', `Disconnecting timedout replica (${during}): ${replica.name}`);
    replica.session.close('now');
  }

  /** Without a backlog writes are not counted: the history needs another name then. */
  #forgetBacklog(now: number): void {
    const ttl = this.#engine.config.number('repl-backlog-ttl');
    if (this.stream.backlog === null || this.following !== null || ttl === 0) return;
    if (now - this.#aloneSince <= ttl * 1000) return;
    this.stream.rename();
    this.stream.closeBacklog();
    this.#refresh();
    this.#engine.surroundings.log('notice', `Replication backlog freed after ${ttl} seconds without replicas.`);
  }
}
