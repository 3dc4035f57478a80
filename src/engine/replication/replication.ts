import type { Bytes } from '../../core/bytes.js';
import { parseInteger } from '../../core/integer.js';
import { ErrorReply, NO_REPLY, type Reply, replyErrors } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import type { StreamPosition } from '../rdb/snapshot.js';
import type { EngineSession } from '../session.js';
import type { Settings } from '../settings.js';
import { Failover } from './failover.js';
import { Following } from './following.js';
import { FullSync } from './full-sync.js';
import type { LinkOpener } from './link.js';
import { OwnKeys } from './own-keys.js';
import { Replica } from './replica.js';
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
  /** What clients have written to a replica that lets them. */
  readonly ownKeys: OwnKeys;
  /** The primary that is followed; null: this engine is one. */
  following: Following | null = null;
  /** Opens connections to primaries; null where the host has none. */
  opener: LinkOpener | null = null;
  /** The port that clients of this engine connect to, where its host has told it. */
  listeningPort = 0;
  /** The database that is selected where a loaded snapshot stands in the primary's stream; null: none was loaded. */
  resumedDb: number | null = null;
  readonly counts = { full: 0, partial: 0, partialRefused: 0 };
  readonly #engine: Engine;
  readonly #syncs = new Set<FullSync>();
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
    return this.following === null && this.stream.backlog === null;
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

  get fullSyncsRunning(): number {
    return this.#syncs.size;
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
    this.#startSyncs();
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
    if (missed.length > 0) replica.sendData(missed);
    replica.goOnline(this.#engine.now, false);
    log('notice', `Partial resynchronization with ${replica.name}: ${missed.length} bytes from offset ${offset}.`);
    return true;
  }

  #attach(replica: Replica): void {
    this.replicas.add(replica);
    replica.session.replyMode = 'on';
    this.#refresh();
  }

  /** A reply would stand in the midst of the stream: who asks for one on a replica's connection is let go. */
  answeredReplica(session: EngineSession): Reply {
    const command = session.lastCommand?.fullName ?? 'unknown';
    const { log } = this.#engine.surroundings;
    log('warning', `Replica generated a reply to command '${command}', disconnecting it: ${session.replica?.name}`);
    session.close('now');
    return NO_REPLY;
  }

  /** The session is over. */
  forget(session: EngineSession): void {
    const { replica } = session;
    if (replica === null || !this.replicas.delete(replica)) return;
    for (const sync of this.#syncs) sync.drop(replica);
    this.#aloneSince = this.#engine.now;
    this.#engine.surroundings.log('notice', `Connection with replica ${replica.name} lost.`);
  }

  /** Lets all replicas go: they come back, and see what has become of the history. */
  dropReplicas(): void {
    for (const replica of [...this.replicas]) replica.session.close('now');
  }

  /** REPLCONF ACK. */
  acknowledge(session: EngineSession, offset: number): void {
    session.replica?.acknowledge(offset, this.#engine.now);
    this.waiters.serve();
    this.failover.check();
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

  /** Begins to send data to those who wait for them, as soon as `repl-diskless-sync-delay` allows. */
  #startSyncs(): void {
    const waiting = [...this.replicas].filter(({ state }) => state === 'waiting');
    if (waiting.length === 0) return;
    const { config, now } = this.#engine;
    const byMark = (replica: Replica): boolean =>
      replica.endsByMark && (config.flag('repl-diskless-sync') || !replica.wantsAll);
    const delay = config.number('repl-diskless-sync-delay') * 1000;
    const enough = config.number('repl-diskless-sync-max-replicas');
    const marked = waiting.filter(byMark);
    const late = marked.some(({ waitingSince }) => now - waitingSince >= delay);
    if (late || (enough > 0 && marked.length >= enough)) this.#startGroups(marked, true);
    this.#startGroups(
      waiting.filter((replica) => !byMark(replica)),
      false,
    );
  }

  /** Replicas that want the same parts share one snapshot. */
  #startGroups(replicas: readonly Replica[], byMark: boolean): void {
    const groups = new Map<string, Replica[]>();
    for (const replica of replicas) {
      const parts = `${replica.wantsKeys} ${replica.wantsFunctions}`;
      groups.set(parts, [...(groups.get(parts) ?? []), replica]);
    }
    for (const group of groups.values()) this.#start(group, byMark);
  }

  #start(replicas: readonly Replica[], byMark: boolean): void {
    const { stream, following } = this;
    stream.flush();
    if (following === null) stream.forgetDatabase();
    const position = this.#position();
    for (const replica of replicas) {
      replica.state = 'receiving';
      replica.ackedAt = this.#engine.now;
      if (!replica.old) replica.sendText(`+FULLRESYNC ${position.id} ${position.offset}\r\n`);
    }
    const over = (sync: FullSync): void => void this.#syncs.delete(sync);
    const sync = new FullSync(this.#engine, replicas, { byMark, position, over });
    this.#syncs.add(sync);
    sync.start();
  }

  // As a replica.

  /** REPLICAOF host port. `takesOver`: the other side is asked to be the primary. */
  follow(host: Bytes, port: number, takesOver = false): void {
    const engine = this.#engine;
    this.stream.flush();
    this.following?.close();
    this.following = new Following(this, engine, host, port);
    this.following.takesOver = takesOver;
    engine.config.put('replicaof', `${host} ${port}`);
    for (const session of engine.sessions.values()) {
      if (session.waiting === null) continue;
      engine.blocking.release(session.waiting, stateChanged);
      session.close('after-replies');
    }
    this.dropReplicas();
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
    return goesOn ? this.#position() : null;
  }

  #position(): StreamPosition {
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
    const { hardBytes } = this.#engine.settings.outputLimits.replica;
    for (const replica of this.replicas) {
      replica.feed(bytes);
      if (hardBytes > 0 && replica.heldBytes > hardBytes) this.#overflow(replica);
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
    if (this.following !== null && this.#engine.pause === null) this.ownKeys.expire();
    if (now - this.#tickedAt < TICK_MS) {
      if (this.replicas.size > 0) this.#startSyncs();
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
    for (const replica of [...this.replicas]) {
      if (replica.state === 'waiting') replica.sendText('\n');
      const silent = replica.state === 'online' && !replica.old && now - replica.ackedAt > timeout;
      if (silent) this.#timedOut(replica, 'streaming sync');
    }
    for (const sync of [...this.#syncs]) {
      if (now - sync.lastProgressAt > timeout) for (const replica of sync.awaited) this.#timedOut(replica, 'full sync');
    }
    this.#startSyncs();
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
