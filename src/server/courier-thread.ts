import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Delivery, DeliveryOrder } from '../engine/courier.js';
import type { TlsMaterial } from './tls-settings.js';

/**
 * Words of the memory shared by both threads: whether the answer is there, and a pulse that shows the other thread is
 * alive.
 */
export const ANSWERED = 0;
export const PULSE = 1;
const WORDS = 2;
/** A thread without a pulse for this long is given up. */
const SILENCE_MS = 10_000;
/** The thread is ended after this long without use. */
const IDLE_MS = 30_000;

/** The thread's start data. */
export interface CourierThreadData {
  readonly port: MessagePort;
  readonly words: Int32Array;
}

/** An order as sent to the thread. */
export interface CourierThreadOrder {
  readonly order: DeliveryOrder;
  readonly tls: TlsMaterial | null;
}

interface Running {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly words: Int32Array;
}

/**
 * A courier in a thread of its own, so that this thread can block on it: as in Redis, nothing else happens until the
 * other server has answered or the time is up. The thread is started by the first order.
 */
export class CourierThread {
  #running: Running | null = null;
  #idle: ReturnType<typeof setTimeout> | null = null;

  /** Delivers an order and blocks the calling thread meanwhile. Throws where threads are not available. */
  deliver(order: DeliveryOrder, tls: TlsMaterial | null): Delivery {
    this.#running ??= start();
    const { port, words } = this.#running;
    Atomics.store(words, ANSWERED, 0);
    port.postMessage({ order, tls } satisfies CourierThreadOrder);
    let pulse = Atomics.load(words, PULSE);
    while (Atomics.wait(words, ANSWERED, 0, SILENCE_MS) === 'timed-out') {
      const seen = pulse;
      pulse = Atomics.load(words, PULSE);
      if (pulse !== seen) continue;
      this.close();
      return { problem: 'reading', refusal: null, errors: [] };
    }
    this.#rest();
    return (receiveMessageOnPort(port) as { message: Delivery }).message;
  }

  close(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    this.#running?.port.close();
    void this.#running?.worker.terminate();
    this.#running = null;
  }

  #rest(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), IDLE_MS);
    this.#idle.unref();
  }
}

function start(): Running {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL('./courier-worker.js', import.meta.url), {
    workerData: { port: port2, words } satisfies CourierThreadData,
    transferList: [port2],
    // Flags of this process (a test runner's, a debugger's) are not meant for the thread.
    execArgv: [],
  });
  worker.unref();
  port1.unref();
  worker.on('error', () => {});
  return { worker, port: port1, words };
}
