import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Delivery, DeliveryOrder } from '../engine/courier.js';
import type { TlsMaterial } from './tls-settings.js';

/** Words of the memory that both threads see: whether the answer is there, and a pulse that shows that the other one lives. */
export const ANSWERED = 0;
export const PULSE = 1;
const WORDS = 2;
/** Without a pulse for so long the thread is given up. */
const SILENCE_MS = 10_000;
/** It is ended when it was not used for so long. */
const IDLE_MS = 30_000;

/** What the thread is started with. */
export interface CourierThreadData {
  readonly port: MessagePort;
  readonly words: Int32Array;
}

/** An order as the thread gets it. */
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
 * A courier in a thread of its own, so that this one can wait for it: nothing else happens here until the other server
 * has answered or the time is over, which is what Redis does. The thread is started at the first order.
 */
export class CourierThread {
  #running: Running | null = null;
  #idle: ReturnType<typeof setTimeout> | null = null;

  /** Delivers an order and holds up the calling thread meanwhile. Throws where threads cannot be had. */
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
    // What this process was started with (a test runner, a debugger) is not meant for it.
    execArgv: [],
  });
  worker.unref();
  port1.unref();
  worker.on('error', () => {});
  return { worker, port: port1, words };
}
