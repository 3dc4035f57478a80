import type { Sink } from '../backend/session.js';
import { parseArgs } from '../commands/grammar.js';
import type { Spec } from '../commands/spec.js';
import { commandTable } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import { type Clock, microsNow, systemClock } from '../core/clock.js';
import { MemoryMeter } from '../core/memory.js';
import { Random } from '../core/random.js';
import { ErrorReply, PENDING, type Reply } from '../core/reply.js';
import { admit } from './admission.js';
import { Blocking } from './blocking.js';
import { ClientEviction } from './client-eviction.js';
import { Config } from './config.js';
import { Database } from './database.js';
import { Deadlines } from './deadlines.js';
import { Eviction } from './eviction.js';
import { ActiveExpiry } from './expiry.js';
import { handlerOf } from './handlers/table.js';
import type { KeyspaceHost } from './keyspace-host.js';
import { Latency } from './latency.js';
import { feedMonitors, runsScript } from './monitors.js';
import { NetworkCounters } from './network-counters.js';
import { PubSub } from './pubsub.js';
import { Rates } from './rates.js';
import { Saver } from './saver.js';
import { Scripting } from './scripting/scripting.js';
import { EngineSession } from './session.js';
import { defaultSettings, type ProtectedAction, type Settings } from './settings.js';
import { SlowLog } from './slowlog.js';
import { Statistics } from './statistics.js';
import { plainSurroundings, type Surroundings } from './surroundings.js';
import { UseClock } from './use-clock.js';
import type { ValueContext } from './value.js';
import { dropSpareNodes } from './values/list-node.js';

export interface EngineOptions {
  /** Number of logical databases; 16. */
  databases?: number;
  clock?: Clock;
  /** Makes every random choice repeatable. */
  seed?: number;
  settings?: Partial<Settings>;
  /** A configuration that was read already; `settings` are its own then. */
  config?: Config;
}

/** setTimeout overflows beyond this. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Called with what must be repeated elsewhere so that a copy stays equal. */
export type EffectListener = (db: number, argv: readonly Bytes[]) => void;

/**
 * A whole Redis in one object. `call` is the one door: everything that any client, script or façade does passes it.
 * Synchronous inside; a blocking command answers PENDING and its reply goes to the session's sink.
 */
export class Engine implements KeyspaceHost {
  readonly settings: Settings;
  readonly config: Config;
  readonly random: Random;
  readonly meter = new MemoryMeter();
  readonly hashSeed: number;
  readonly databases: Database[];
  readonly pubsub = new PubSub();
  readonly blocking: Blocking;
  readonly timers: Deadlines;
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
  /** The name of this history of changes; DEBUG CHANGE-REPL-ID gives it another. */
  replicationId: string;
  readonly network = new NetworkCounters();
  /** Saves the data and loads them, where the host gives it a storage. */
  readonly saver: Saver = new Saver(this);
  readonly rates = new Rates();
  /** What an empty engine takes. */
  readonly startupBytes: number;
  stats = new Statistics(commandTable.size);
  /** Changes since the start (or the last save): INFO's rdb_changes_since_last_save. */
  dirty = 0;
  /** The session whose command runs. */
  current: EngineSession | null = null;
  clock: Clock;
  readonly startedAt: number;
  lastSaveAt: number;
  /** CLIENT PAUSE: until when, and whether reads are held back too. */
  pause: { until: number; all: boolean } | null = null;
  /** What the process around the engine knows and can do. A server puts in its own. */
  surroundings: Surroundings = plainSurroundings();
  /** True while nothing needs more than the bare change: the fast lanes may be taken. */
  plain = true;
  /** How many snapshots are being written: what they hold is told before it changes. */
  snapshots = 0;
  /** DEBUG PAUSE-CRON: the periodic work rests. */
  cronPaused = false;
  /** redis.set_repl: what the running script does is not repeated elsewhere. */
  effectsMuted = false;
  /** An error that a command within a script has counted already. */
  countedError: ErrorReply | null = null;
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: payloads are taken whatever their checksum. */
  skipChecksums = false;
  /** Asked to end by SHUTDOWN; whoever runs the engine acts on it. */
  onShutdown: ((options: { nosave: boolean; now: boolean; force: boolean }) => void) | null = null;

  #effects: EffectListener | null = null;
  #nextSessionId = 1;
  #now = 0;
  #frozen = 0;
  #cron: ReturnType<typeof setInterval> | null = null;
  #pauseTimer: ReturnType<typeof setTimeout> | null = null;
  /** There is something to be done once the running command is over. */
  #hasChores = false;
  /** Effects of the running command. */
  #unsent: { db: number; argv: readonly Bytes[] }[] = [];
  /** A pause ended while a command ran. */
  #unpaused = false;
  readonly #valueContext: ValueContext;

  constructor(options: EngineOptions = {}) {
    this.config = options.config ?? new Config({ ...defaultSettings(), ...options.settings });
    this.clientEviction = new ClientEviction(this);
    this.config.watch(() => {
      this.plainChanged();
      this.clientEviction.limitChanged();
    });
    this.settings = this.config.settings;
    this.clock = options.clock ?? systemClock;
    this.random = new Random(options.seed);
    this.hashSeed = this.random.u32();
    this.runId = this.random.hex(40);
    this.replicationId = this.random.hex(40);
    this.#valueContext = { meter: this.meter, seed: this.hashSeed, limits: this.settings.limits };
    this.#now = this.clock.now();
    this.startedAt = this.#now;
    this.lastSaveAt = this.#now;
    this.useClock = new UseClock(this);
    const count = options.databases ?? this.config.number('databases');
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
    this.scripting = new Scripting(this);
    this.latency = new Latency(this);
    this.startupBytes = this.meter.used;
    this.plainChanged();
  }

  get notifyFlags(): number {
    return this.settings.notifyFlags;
  }

  get authRequired(): boolean {
    return this.settings.requirepass !== '';
  }

  /** Who is told what a copy must repeat; null when nobody is. */
  get effects(): EffectListener | null {
    return this.#effects;
  }
  set effects(listener: EffectListener | null) {
    this.#effects = listener;
    this.plainChanged();
  }

  /** What new value objects are made with. */
  get valueContext(): ValueContext {
    return this.#valueContext;
  }

  /** Unix time in ms. Stands still while a command, transaction or script runs. */
  get now(): number {
    if (this.#frozen === 0) this.#now = this.clock.now();
    return this.#now;
  }

  /** Unix time in ms as it was last looked at: at most one turn of `cron` ago. */
  get recently(): number {
    return this.#now;
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

  /** A new conversation. */
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
    this.pubsub.drop(session);
    this.unwatch(session);
  }

  /** The one door. `known`: the command's spec, if the caller has it at hand. */
  call(session: EngineSession, argv: Bytes[], known?: Spec): Reply {
    const nested = this.#frozen > 0;
    if (!nested) this.#now = this.clock.now();
    if (this.stats.notedBy !== null) this.#enterNoted();
    this.#frozen++;
    const outer = this.current;
    this.current = session;
    try {
      const admitted = admit(this, session, argv, known);
      const reply = admitted instanceof EngineSession ? this.execute(session, session.spec, argv) : admitted;
      return session.replyMode === 'on' ? reply : session.muted(reply);
    } finally {
      this.current = outer;
      this.#frozen--;
      if (!nested) {
        if (this.#hasChores) this.#doChores();
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
    const startedAt = measured ? microsNow() : 0;
    // A script comes before the commands that it gives.
    if (this.monitors.size > 0 && runsScript(spec)) feedMonitors(session, spec);
    let reply: Reply;
    try {
      reply = handlerOf(spec)(session, parseArgs(spec.args, argv, spec.words, spec.fullName));
    } catch (thrown) {
      if (!(thrown instanceof ErrorReply)) throw thrown;
      reply = thrown;
    }
    if (reply instanceof ErrorReply) this.#failed(spec, reply);
    if (reply === PENDING) {
      // How long it takes to serve it is told when it is served.
      stats.count(spec.id, measured ? microsNow() - startedAt : 0);
    } else if (measured) {
      // A handler that hides a password has put other words into `session.argv`.
      this.#noteDuration(session, spec, microsNow() - startedAt);
    } else {
      this.countCall(spec.id);
    }
    if (this.monitors.size > 0 && !spec.flags.includes('skip_monitor')) feedMonitors(session, spec);
    if (this.effects !== null && spec.isWrite && spec.effects !== 'own' && this.dirty !== dirtyBefore) {
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
    const session = this.stats.notedBy;
    if (session !== null) session.lastCommandAt = this.#now;
    this.stats.enterNoted((id, times) => this.latency.countAgain(id, times));
  }

  /** Counts a command that took so long, where nobody asks for slow ones. */
  countTimed(spec: Spec, micros: number): void {
    this.stats.count(spec.id, micros);
    this.latency.command(spec, micros);
  }

  /** Says what a copy must do, for commands whose own words would not do: `effects: 'own'` in their specs. */
  propagate(db: number, argv: readonly Bytes[]): void {
    if (this.effects === null || this.effectsMuted) return;
    if (this.#frozen === 0) this.effects(db, argv);
    else {
      this.#unsent.push({ db, argv });
      this.#hasChores = true;
    }
  }

  /** What a command (a transaction, a script) did goes out as a whole: several effects between MULTI and EXEC. */
  #sendEffects(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    if (this.effects === null) return;
    const whole = unsent.length > 1;
    if (whole) this.effects(unsent[0].db, ['MULTI']);
    for (const { db, argv } of unsent) this.effects(db, argv);
    if (whole) this.effects(unsent[unsent.length - 1].db, ['EXEC']);
  }

  /** What a command leaves to be done once it is over. */
  #doChores(): void {
    this.#hasChores = false;
    if (this.#unsent.length > 0) this.#sendEffects();
    if (this.#unpaused) this.#resumePostponed();
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
      if (this.#frozen === 0 && this.#hasChores) this.#doChores();
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

  /** To be called whenever something starts or ends that commands must take notice of. */
  plainChanged(): void {
    const { settings } = this;
    this.useClock.refresh();
    this.plain =
      this.monitors.size === 0 &&
      this.snapshots === 0 &&
      this.saver.denial === null &&
      this.blocking.idle &&
      this.pause === null &&
      this.effects === null &&
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
    if (this.pause !== null && this.pause.until <= this.#now) this.endPause();
    if (this.pause === null) this.activeExpiry.run();
    this.blocking.serveReady();
    for (const db of this.databases) db.keyspace.table.rehashFor(100);
    dropSpareNodes();
    this.timers.run();
    if (this.stats.notedBy !== null) this.#enterNoted();
    this.saver.cron();
    this.rates.sample(this.stats.commandsProcessed, this.network.inputBytes, this.network.outputBytes);
  }

  startCron(): void {
    if (this.#cron !== null) return;
    this.#cron = setInterval(() => this.cron(), 1000 / this.settings.hz);
    (this.#cron as { unref?: () => void }).unref?.();
  }

  stopCron(): void {
    if (this.#cron !== null) clearInterval(this.#cron);
    this.#cron = null;
  }

  /** CLIENT PAUSE: holds back writes, or all commands, until then. A pause that is on is only lengthened and widened. */
  pauseClients(until: number, all: boolean): void {
    const end = Math.max(until, this.pause?.until ?? 0);
    if (end <= this.now) return;
    this.pause = { until: end, all: all || (this.pause?.all ?? false) };
    this.plainChanged();
    this.#armPause();
  }

  /** `hz` changed: the periodic work follows. */
  cronChanged(): void {
    if (this.#cron === null) return;
    this.stopCron();
    this.startCron();
  }

  /** SWAPDB: sessions stay with their index, the data changes places. Watchers of keys in either fail. */
  swapDatabases(a: number, b: number): void {
    if (a === b) return;
    const first = this.databases[a];
    const second = this.databases[b];
    first.allReplaced(second);
    second.allReplaced(first);
    [first.keyspace, second.keyspace] = [second.keyspace, first.keyspace];
    this.blocking.allReady(first);
    this.blocking.allReady(second);
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.stats = new Statistics(commandTable.size);
    this.network.reset();
    this.rates.reset();
    this.latency.resetHistograms();
  }

  /** Whether a client may do what is dangerous and guarded by one of the `enable-…` parameters. */
  allows(action: ProtectedAction, session: EngineSession): boolean {
    return action === 'yes' || (action === 'local' && session.isLocal);
  }

  /** CLIENT UNPAUSE, or its time is over: those held back go on, after the command that runs now. */
  endPause(): void {
    if (this.pause === null) return;
    this.pause = null;
    this.plainChanged();
    this.#armPause();
    this.#unpaused = true;
    if (this.#frozen === 0) this.#resumePostponed();
    else this.#hasChores = true;
  }

  /** On the system clock a timer ends the pause; on others `cron` does. */
  #armPause(): void {
    if (this.#pauseTimer !== null) clearTimeout(this.#pauseTimer);
    this.#pauseTimer = null;
    if (this.pause === null || this.clock !== systemClock) return;
    const wait = Math.min(this.pause.until - this.#now, TIMER_MS_MAX);
    this.#pauseTimer = setTimeout(() => {
      if (this.pause !== null && this.pause.until <= this.clock.now()) this.endPause();
      else this.#armPause();
    }, wait);
  }

  #resumePostponed(): void {
    this.#unpaused = false;
    for (const session of this.sessions.values()) {
      const argv = session.postponed;
      if (argv === null) continue;
      session.postponed = null;
      const reply = this.call(session, argv);
      if (reply !== PENDING) session.sink.reply(reply);
      if (!session.blocked) session.sink.resume();
    }
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
