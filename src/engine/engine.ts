import type { Sink } from '../backend/session.js';
import { parseArgs } from '../commands/grammar.js';
import type { Spec } from '../commands/spec.js';
import { type CommandTable, commandTable, tableOf } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { type Clock, type ClockName, clockOf, microsNow } from '../core/clock.js';
import { MemoryMeter } from '../core/memory.js';
import { Random } from '../core/random.js';
import { ErrorReply, NO_REPLY, PENDING, type Reply } from '../core/reply.js';
import { AccessControl } from './acl/access-control.js';
import { admit, carriedOut } from './admission.js';
import { type Blocked, Blocking } from './blocking.js';
import { ClientEviction } from './client-eviction.js';
import { Cluster } from './cluster/cluster.js';
import { Config } from './config.js';
import type { Courier } from './courier.js';
import { Database } from './database.js';
import { Deadlines } from './deadlines.js';
import { type EffectListener, EffectQueue, TO_ALL } from './effect-queue.js';
import { checkEngineOptions, type EngineOptions } from './engine-options.js';
import { Eviction } from './eviction.js';
import { ActiveExpiry } from './expiry.js';
import { adoptData, DataSnapshot, type ForkOptions, forkOptions } from './fork.js';
import { refusalOf } from './handlers/cluster.js';
import { handlerOf } from './handlers/table.js';
import { Heartbeat } from './heartbeat.js';
import type { KeyspaceHost } from './keyspace-host.js';
import { Latency } from './latency.js';
import { feedMonitors, runsScript } from './monitors.js';
import { NetworkCounters } from './network-counters.js';
import { type Pause, Pauses } from './pauses.js';
import { PubSub } from './pubsub.js';
import { Rates } from './rates.js';
import { Replication } from './replication/replication.js';
import { Saver } from './saver.js';
import { Scripting } from './scripting/scripting.js';
import { EngineSession } from './session.js';
import { type ProtectedAction, type Settings, settingsFor } from './settings.js';
import { SlowLog } from './slowlog.js';
import { Statistics } from './statistics.js';
import { plainSurroundings, type Surroundings } from './surroundings.js';
import { changeClock, type TimeSourceOptions } from './time-source.js';
import { Tracking } from './tracking.js';
import { UseClock } from './use-clock.js';
import { type ValueContext, valueContextOf } from './value.js';
import { dropSpareNodes } from './values/list-node.js';

export type { EffectListener } from './effect-queue.js';
export type { EngineOptions } from './engine-options.js';

/**
 * A whole Redis in one object. `call` is the one entry point that everything from any client, script or façade passes
 * through. Synchronous; a blocking command answers PENDING and its reply goes to the session's sink.
 */
export class Engine implements KeyspaceHost {
  readonly settings: Settings;
  readonly config: Config;
  /** The commands of `serverVersion`. */
  readonly commands: CommandTable;
  readonly random: Random;
  readonly meter = new MemoryMeter();
  readonly hashSeed: number;
  readonly databases: Database[];
  readonly pubsub = new PubSub();
  readonly acl: AccessControl;
  readonly tracking: Tracking;
  readonly blocking: Blocking;
  readonly timers: Deadlines<Blocked>;
  readonly eviction: Eviction;
  readonly clientEviction: ClientEviction;
  readonly activeExpiry: ActiveExpiry;
  readonly slowlog: SlowLog;
  readonly scripting: Scripting;
  readonly latency: Latency;
  readonly useClock: UseClock;
  readonly sessions = new Map<number, EngineSession>();
  readonly monitors = new Set<EngineSession>();
  readonly runId: string;
  /** The effects of the running command, to be propagated. */
  readonly effectQueue = new EffectQueue();
  readonly pauses = new Pauses(this);
  readonly heartbeat = new Heartbeat(this);
  readonly replication: Replication;
  /** Its state as a cluster node; null without `cluster-enabled`. */
  readonly cluster: Cluster | null;
  readonly network = new NetworkCounters();
  /** Saves and loads the data if the host provides storage. */
  readonly saver: Saver = new Saver(this);
  readonly rates = new Rates();
  /** The memory of an empty engine. */
  readonly startupBytes: number;
  stats = new Statistics(commandTable.size);
  /** Changes since the start (or the last save): INFO's rdb_changes_since_last_save. */
  dirty = 0;
  /** The session whose command is running. */
  current: EngineSession | null = null;
  clock: Clock;
  startedAt: number;
  lastSaveAt: number;
  /** What the host process knows and can do; a server installs its own. */
  surroundings: Surroundings = plainSurroundings();
  /** Sends commands to other servers; null if the host cannot. */
  courier: Courier | null = null;
  /** True while no change needs more than being made, so that the fast lanes may be taken. */
  plain = true;
  /** The number of snapshots being written: they must be told before their data change. */
  snapshots = 0;
  /** DEBUG PAUSE-CRON: no periodic work. */
  cronPaused = false;
  /** An error that was already counted by a command within a script. */
  countedError: ErrorReply | null = null;
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: payloads are accepted whatever their checksum. */
  skipChecksums = false;
  /** Asked to end by SHUTDOWN; whoever runs the engine acts on it. */
  onShutdown: ((options: { nosave: boolean; now: boolean; force: boolean }) => void) | null = null;

  #nextSessionId = 1;
  #now = 0;
  #frozen = 0;
  /** Whether something is to be done once the running command is over. */
  #hasChores = false;
  readonly #valueContext: ValueContext;

  /** Throws DataError for an option that no engine can have. */
  constructor(options: EngineOptions = {}) {
    checkEngineOptions(options);
    this.config = options.config ?? new Config(settingsFor(options.serverVersion, options.settings));
    this.commands = tableOf(this.config.settings.serverVersion);
    this.clientEviction = new ClientEviction(this);
    this.settings = this.config.settings;
    this.acl = new AccessControl(this);
    this.acl.passwordChanged();
    this.tracking = new Tracking(this);
    this.scripting = new Scripting(this);
    this.clock = clockOf(options.clock ?? 'system');
    this.random = new Random(options.seed);
    const drawnSeed = this.random.u32();
    this.hashSeed = options.hashSeed ?? drawnSeed;
    this.runId = this.random.hex(40);
    this.#valueContext = valueContextOf(this);
    this.#now = this.clock.now();
    this.startedAt = this.#now;
    this.lastSaveAt = this.#now;
    this.useClock = new UseClock(this);
    this.replication = new Replication(this);
    this.cluster = this.config.flag('cluster-enabled') ? new Cluster(this) : null;
    const count = this.cluster === null ? (options.databases ?? this.config.number('databases')) : 1;
    this.blocking = new Blocking(this, count);
    this.config.put('databases', String(count));
    this.timers = new Deadlines(
      () => this.clock,
      (blocked) => this.blocking.timedOut(blocked),
    );
    this.databases = Array.from({ length: count }, (_, index) => new Database(this, index));
    this.eviction = new Eviction(this);
    this.activeExpiry = new ActiveExpiry(this);
    this.slowlog = new SlowLog(this.settings);
    this.latency = new Latency(this);
    this.startupBytes = this.meter.used;
    this.config.watch(() => {
      this.acl.passwordChanged();
      this.plainChanged();
      this.clientEviction.limitChanged();
    });
    this.plainChanged();
  }

  get notifyFlags(): number {
    return this.settings.notifyFlags;
  }

  get authRequired(): boolean {
    return this.acl.authRequired;
  }

  /** The journal: who is told what a copy on disk must repeat; null when nobody is. */
  get effects(): EffectListener | null {
    return this.effectQueue.journal;
  }
  set effects(listener: EffectListener | null) {
    this.effectQueue.journal = listener;
    this.plainChanged();
  }

  /** Whether effects are propagated to anyone. */
  get propagates(): boolean {
    return this.effectQueue.wanted;
  }

  /** What holds commands back now: CLIENT PAUSE and the like. */
  get pause(): Pause | null {
    return this.pauses.current;
  }

  /** The context for new value objects. */
  get valueContext(): ValueContext {
    return this.#valueContext;
  }

  /** Unix time in ms. Stands still while a command, transaction or script runs. */
  get now(): number {
    if (this.#frozen === 0) this.#now = this.clock.now();
    return this.#now;
  }

  /** Unix time in ms when last read: at most one cycle of `cron` ago. */
  get recently(): number {
    return this.#now;
  }

  /** Microseconds for durations: by a clock that is moved by hand if the engine has one, else of real time. */
  micros(): number {
    return this.clock.onMove === undefined ? microsNow() : this.clock.now() * 1000;
  }

  /** Another engine with the same data, without copying: neither sees the other's later changes. See fork.ts. */
  fork(options: ForkOptions = {}): Engine {
    return adoptData(new Engine(forkOptions(this, options)), this, options);
  }

  /** A snapshot of all data for `rollback`, without copying. */
  snapshot(): DataSnapshot {
    return new DataSnapshot(this);
  }

  /** Replaces all data by those of a snapshot. Throws DataError if it was taken from another engine. */
  rollback(snapshot: DataSnapshot): void {
    snapshot.restoreTo(this);
  }

  /** Switches to another clock. See time-source.ts. */
  setTimeSource(clock: Clock | ClockName, options: TimeSourceOptions = {}): void {
    changeClock(this, clockOf(clock), options);
  }

  touchStamp(old: number): number {
    return this.useClock.touch(old);
  }

  freshStamp(): number {
    return this.useClock.fresh();
  }

  streamLost(keyspace: object, key: Bytes): void {
    this.blocking.streamLost(keyspace, key);
  }

  /** Opens a session. */
  connect(sink: Sink): EngineSession {
    const session = new EngineSession(this, this.#nextSessionId++, sink);
    this.sessions.set(session.id, session);
    return session;
  }

  endSession(session: EngineSession): void {
    this.sessions.delete(session.id);
    this.clientEviction.forget(session);
    if (this.monitors.delete(session)) this.plainChanged();
    if (session.waiting) this.blocking.forget(session.waiting);
    session.postponed = null;
    this.replication.forget(session);
    this.pubsub.drop(session);
    this.unwatch(session);
    this.tracking.stop(session);
  }

  /** The one door. `known`: the command's spec, if the caller has it at hand. */
  call(session: EngineSession, argv: Bytes[], known?: Spec): Reply {
    const nested = this.#frozen > 0;
    if (!nested) this.#now = this.clock.now();
    if (this.stats.notedBy !== null) this.#enterNoted();
    const processed = this.stats.commandsProcessed;
    this.#frozen++;
    const outer = this.current;
    this.current = session;
    try {
      const admitted = admit(this, session, argv, known);
      const reply = admitted instanceof EngineSession ? carriedOut(this, session, argv) : admitted;
      if (session.isReplica && reply !== NO_REPLY) return this.replication.answeredReplica(session, reply);
      return session.replyMode === 'on' ? reply : session.muted(reply);
    } finally {
      this.current = outer;
      session.commandCount += this.stats.commandsProcessed - processed;
      this.#frozen--;
      if (!nested) {
        if (session.tracking !== null) this.tracking.commandOver(session);
        if (this.#hasChores) this.#doChores(session);
        this.blocking.serveReady();
      }
    }
  }

  /** Runs an admitted command: parse, handle, count, propagate. Errors come back as replies. */
  execute(session: EngineSession, spec: Spec, argv: Bytes[]): Reply {
    session.spec = spec;
    session.argv = argv;
    const dirtyBefore = this.dirty;
    const { stats } = this;
    const measured = stats.due(spec, this.plain);
    const startedAt = measured ? this.micros() : 0;
    // A script comes before the commands that it gives.
    if (this.monitors.size > 0 && runsScript(spec)) feedMonitors(session, spec);
    let reply: Reply;
    try {
      reply = handlerOf(spec)(session, parseArgs(spec.args, argv, spec.words, spec.fullName));
    } catch (thrown) {
      reply = refusalOf(this, spec, thrown);
    }
    if (reply instanceof ErrorReply) this.#failed(spec, reply);
    if (reply === PENDING) {
      // How long it takes to serve it is told when it is served.
      stats.count(spec.id, measured ? this.micros() - startedAt : 0);
    } else if (measured) {
      // A handler that hides a password has replaced the words in `session.argv`.
      this.#noteDuration(session, spec, this.micros() - startedAt);
    } else {
      this.countCall(spec.id);
    }
    if (this.monitors.size > 0 && !spec.flags.includes('skip_monitor')) feedMonitors(session, spec);
    if (this.tracking.on && spec.isReadonly) this.tracking.remember(session, spec, argv);
    if (spec.isWrite && this.propagates && spec.effects !== 'own' && this.dirty !== dirtyBefore) {
      this.propagate(session.db.index, argv);
    }
    return reply;
  }

  /** Counts a command that was not measured as one that took as long as the last one that was. */
  countCall(id: number): void {
    this.stats.countAgain(id);
    this.latency.countAgain(id);
  }

  /** A session that waited is served, or its time is over: its command is now one that took so long to serve. */
  unblocked(session: EngineSession, micros: number): void {
    this.#noteSlow(session, session.spec, micros);
    this.latency.unblocked(session.spec, micros);
  }

  /** What the lanes carried out goes into the statistics before any other command can look at them. */
  #enterNoted(): void {
    this.stats.enterNoted(this.#now, (id, times) => this.latency.countAgain(id, times));
  }

  /** Counts a command that took so long, where nobody asks for slow ones. */
  countTimed(spec: Spec, micros: number): void {
    this.stats.count(spec.id, micros);
    this.latency.command(spec, micros);
  }

  /** Propagates other words than the command's own, for commands with `effects: 'own'` in their specs. */
  propagate(db: number, argv: readonly Bytes[], to = TO_ALL): void {
    const { effectQueue } = this;
    if (!effectQueue.wanted) return;
    effectQueue.add(db, argv, to);
    if (this.#frozen === 0) effectQueue.send(false);
    else this.#hasChores = true;
  }

  /** Does what a command has left to be done once it is over. */
  #doChores(session: EngineSession): void {
    this.#hasChores = false;
    // What a command without keys of its own comes across (SCAN an expired key) is no whole.
    const { effectQueue, pauses } = this;
    const spec = session.lastCommand;
    if (!effectQueue.isEmpty) effectQueue.send(spec === null || !spec.isReadonly || spec.keySpecs.length > 0);
    session.writeOffset = this.replication.stream.offset;
    if (pauses.ended) pauses.resume();
  }

  /** A pause is over: held sessions continue after the command that runs now. */
  pauseEnded(): void {
    if (this.#frozen === 0) this.pauses.resume();
    else this.#hasChores = true;
  }

  /** Runs `work` as if `session` gave a command: for serving the blocked. */
  asSession<T>(session: EngineSession, work: () => T): T {
    const outer = this.current;
    this.current = session;
    this.#frozen++;
    try {
      return work();
    } finally {
      this.#frozen--;
      this.current = outer;
      if (this.#frozen === 0 && this.#hasChores) this.#doChores(session);
    }
  }

  unwatch(session: EngineSession): void {
    for (const { db, key } of session.watched) {
      const { watchers } = this.databases[db];
      const sessions = watchers.get(key);
      sessions?.delete(session);
      if (sessions?.size === 0) watchers.delete(key);
    }
    session.watched.length = 0;
    session.dirtyCas = false;
  }

  /** Call this whenever something starts or ends that commands must take notice of. */
  plainChanged(): void {
    const { settings } = this;
    this.useClock.refresh();
    this.plain =
      this.monitors.size === 0 &&
      this.scripting.busy === null &&
      this.snapshots === 0 &&
      this.saver.denial === null &&
      this.blocking.idle &&
      this.pause === null &&
      this.effectQueue.plain &&
      this.replication.plain &&
      this.cluster === null &&
      settings.notifyFlags === 0 &&
      settings.maxmemory === 0 &&
      settings.minReplicasToWrite === 0 &&
      settings.latencyMonitorThreshold === 0 &&
      (settings.slowlogLogSlowerThan < 0 || settings.slowlogLogSlowerThan >= 1000);
  }

  /** Does the periodic work: active expiry, rehashing, deadlines. Runs by itself after `startCron`. */
  cron(): void {
    if (this.cronPaused) return;
    this.#now = this.clock.now();
    this.useClock.refresh();
    this.pauses.run();
    if (this.pause === null && this.replication.following === null) this.activeExpiry.run();
    this.blocking.cron();
    for (const db of this.databases) db.keyspace.table.rehashFor(100);
    dropSpareNodes();
    if (this.tracking.on) this.tracking.limit();
    this.timers.run();
    if (this.stats.notedBy !== null) this.#enterNoted();
    this.outerCron();
  }

  /** The part of `cron` that concerns files, replicas and rates. */
  outerCron(): void {
    if (this.cronPaused) return;
    this.saver.cron();
    this.replication.cron();
    this.rates.sample(this.stats.commandsProcessed, this.network);
  }

  startCron(): void {
    this.heartbeat.start();
  }

  stopCron(): void {
    this.heartbeat.stop();
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.stats = new Statistics(commandTable.size);
    this.network.reset();
    this.rates.reset();
    this.replication.resetCounts();
    this.latency.resetHistograms();
  }

  /** Whether a client may do what is dangerous and guarded by one of the `enable-…` parameters. */
  allows(action: ProtectedAction, session: EngineSession): boolean {
    return action === 'yes' || (action === 'local' && session.isLocal);
  }

  #failed(spec: Spec, reply: ErrorReply): void {
    this.stats.failed[spec.id]++;
    if (reply === this.countedError) this.countedError = null;
    else this.stats.countError(reply.text.includes(' ') ? reply.code : 'ERR');
  }

  #noteDuration(session: EngineSession, spec: Spec, micros: number): void {
    this.stats.count(spec.id, micros);
    this.#noteSlow(session, spec, micros);
    this.latency.command(spec, micros);
  }

  #noteSlow(session: EngineSession, spec: Spec, micros: number): void {
    const { slowlogLogSlowerThan } = this.settings;
    if (slowlogLogSlowerThan >= 0 && micros >= slowlogLogSlowerThan && !spec.flags.includes('skip_slowlog')) {
      this.slowlog.add(session, session.argv, micros, this.#now);
    }
  }
}
