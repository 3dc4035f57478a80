import { systemClock } from '../core/clock.js';
import { PENDING } from '../core/reply.js';
import type { Engine } from './engine.js';

/** setTimeout overflows beyond this. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Why commands are held back: CLIENT PAUSE, a hand-over to a replica, migrating keys, or shutdown. */
export type PausePurpose = 'client' | 'failover' | 'migration' | 'shutdown';

/** Until when (Unix ms), and whether reads are held back too. */
export interface Pause {
  readonly until: number;
  readonly all: boolean;
}

/** Periods in which writes, or all commands, are held back. Each purpose has its own; they overlap. */
export class Pauses {
  /** The pause in effect; null: none. */
  current: Pause | null = null;
  readonly #engine: Engine;
  readonly #byPurpose = new Map<PausePurpose, Pause>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** A pause has ended: held sessions continue once the running command is over. */
  ended = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Starts a pause; one in effect is only lengthened and widened. */
  begin(purpose: PausePurpose, until: number, all: boolean): void {
    const old = this.#byPurpose.get(purpose);
    const end = Math.max(until, old?.until ?? 0);
    if (end <= this.#engine.now) return;
    this.#byPurpose.set(purpose, { until: end, all: all || (old?.all ?? false) });
    this.#changed();
  }

  /** Ends a pause: held sessions continue after the running command, unless another pause is in effect. */
  end(purpose: PausePurpose): void {
    if (this.#byPurpose.delete(purpose)) this.#changed();
  }

  /** The clock was replaced by one that shows `ms` more. */
  shift(ms: number): void {
    for (const [purpose, { until, all }] of this.#byPurpose) this.#byPurpose.set(purpose, { until: until + ms, all });
    if (this.current !== null) this.#changed();
  }

  /** Ends pauses whose time is over. */
  run(): void {
    const now = this.#engine.clock.now();
    for (const [purpose, { until }] of [...this.#byPurpose]) if (until <= now) this.end(purpose);
  }

  /** Carries out the held commands. */
  resume(): void {
    this.ended = false;
    const engine = this.#engine;
    for (const session of [...engine.sessions.values()]) {
      const argv = session.postponed;
      if (argv === null) continue;
      session.postponed = null;
      const reply = engine.call(session, argv);
      if (reply !== PENDING) session.sink.reply(reply);
      if (!session.blocked) session.sink.resume();
    }
    engine.replication.following?.resume();
  }

  #changed(): void {
    const before = this.current;
    const all = [...this.#byPurpose.values()];
    this.current =
      all.length === 0
        ? null
        : { until: Math.max(...all.map(({ until }) => until)), all: all.some((pause) => pause.all) };
    this.#engine.plainChanged();
    this.#arm();
    if (before === null || (this.current !== null && (this.current.all || !before.all))) return;
    this.ended = true;
    this.#engine.pauseEnded();
  }

  /** On the system clock a timer ends the pause; on others `cron` does. */
  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const soonest = Math.min(...[...this.#byPurpose.values()].map(({ until }) => until));
    if (soonest === Infinity || this.#engine.clock !== systemClock) return;
    const wait = Math.min(soonest - this.#engine.now, TIMER_MS_MAX);
    this.#timer = setTimeout(() => {
      this.run();
      if (this.#byPurpose.size > 0) this.#arm();
    }, wait);
  }
}
