import { millisNow } from '../core/clock.js';

const SLOT_MS = 4;
const SLOTS = 1024;
/** The runtime's timers know no longer time; they would ring at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Something to be done at a time; on the wheel at most once. */
export class Alarm {
  readonly ring: (now: number) => void;
  /** The tick at which it rings; −1 while it is not on a wheel. */
  tick = -1;
  next: Alarm | null = null;
  previous: Alarm | null = null;

  constructor(ring: (now: number) => void) {
    this.ring = ring;
  }

  get isSet(): boolean {
    return this.tick >= 0;
  }
}

/**
 * A hashed timer wheel: all deadlines of all clients share one timer of the runtime. Setting and clearing are O(1).
 * An alarm rings up to 4 ms late, never early, and only after the I/O of its turn of the event loop was handled: replies
 * that are already here when a busy process comes round win against their deadline.
 */
export class TimerWheel {
  readonly #now: () => number;
  readonly #slots: (Alarm | null)[] = new Array<Alarm | null>(SLOTS).fill(null);
  #count = 0;
  #cursor: number;
  #timer: NodeJS.Timeout | null = null;
  #timerTick = Number.POSITIVE_INFINITY;
  readonly #turn = (): void => {
    setImmediate(this.#run);
  };
  readonly #run = (): void => this.#advance();

  constructor(now: () => number = millisNow) {
    this.#now = now;
    this.#cursor = Math.floor(now() / SLOT_MS);
  }

  /** How many alarms are set. */
  get size(): number {
    return this.#count;
  }

  /** Lets `alarm` ring at `at` (in the wheel's time); Infinity clears it. */
  set(alarm: Alarm, at: number): void {
    this.clear(alarm);
    if (at === Number.POSITIVE_INFINITY) return;
    if (this.#count === 0) this.#cursor = Math.max(this.#cursor, Math.floor(this.#now() / SLOT_MS));
    const tick = Math.max(Math.ceil(at / SLOT_MS), this.#cursor + 1);
    const slot = tick % SLOTS;
    const head = this.#slots[slot]!;
    alarm.tick = tick;
    alarm.next = head;
    if (head !== null) head.previous = alarm;
    this.#slots[slot] = alarm;
    this.#count++;
    if (tick < this.#timerTick) this.#wait(tick);
  }

  clear(alarm: Alarm): void {
    if (alarm.tick < 0) return;
    const { next, previous } = alarm;
    if (previous === null) this.#slots[alarm.tick % SLOTS] = next;
    else previous.next = next;
    if (next !== null) next.previous = previous;
    alarm.tick = -1;
    alarm.next = null;
    alarm.previous = null;
    this.#count--;
    if (this.#count === 0) this.#stop();
  }

  #advance(): void {
    const now = this.#now();
    const tick = Math.floor(now / SLOT_MS);
    const due: Alarm[] = [];
    const first = Math.max(this.#cursor + 1, tick - SLOTS + 1);
    for (let at = first; at <= tick; at++) {
      for (let alarm = this.#slots[at % SLOTS]!; alarm !== null; alarm = alarm.next!) {
        if (alarm.tick <= tick) due.push(alarm);
      }
    }
    this.#cursor = Math.max(this.#cursor, tick);
    for (const alarm of due) {
      // One that rang before may have cleared or moved it.
      if (alarm.tick < 0 || alarm.tick > tick) continue;
      this.clear(alarm);
      try {
        alarm.ring(now);
      } catch (error) {
        // Its author's error is nothing to the others, who wait on the same wheel.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.#stop();
    if (this.#count > 0) this.#wait(this.#nextTick());
  }

  /** The tick of the alarm that is due first. */
  #nextTick(): number {
    let soonest = Number.POSITIVE_INFINITY;
    for (let at = this.#cursor + 1; at <= this.#cursor + SLOTS && soonest > at; at++) {
      for (let alarm = this.#slots[at % SLOTS]!; alarm !== null; alarm = alarm.next!) {
        if (alarm.tick < soonest) soonest = alarm.tick;
      }
    }
    return soonest;
  }

  #wait(tick: number): void {
    this.#stop();
    this.#timerTick = tick;
    const wait = Math.max(1, Math.ceil(tick * SLOT_MS - this.#now()));
    this.#timer = setTimeout(this.#turn, Math.min(wait, TIMER_MS_MAX));
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerTick = Number.POSITIVE_INFINITY;
  }
}

/** The wheel of all clients in the process. */
export const sharedWheel = new TimerWheel();

/**
 * The deadlines of a set of waiting things by one alarm. It knows the earliest deadline that was noted; when that has
 * come, `expire` looks at all and says which is the earliest then. So a deadline that is met costs one comparison.
 */
export class DeadlineWatch {
  #earliest = Number.POSITIVE_INFINITY;
  readonly #alarm: Alarm;

  constructor(expire: (now: number) => number) {
    this.#alarm = new Alarm((now) => {
      this.#earliest = Number.POSITIVE_INFINITY;
      this.note(expire(now));
    });
  }

  note(deadline: number): void {
    if (deadline >= this.#earliest) return;
    this.#earliest = deadline;
    sharedWheel.set(this.#alarm, deadline);
  }

  stop(): void {
    this.#earliest = Number.POSITIVE_INFINITY;
    sharedWheel.clear(this.#alarm);
  }
}
