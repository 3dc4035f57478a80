import { workerData } from 'node:worker_threads';
import type { Delivery } from '../engine/courier.js';
import { ANSWERED, type CourierThreadData, type CourierThreadOrder, PULSE } from './courier-thread.js';
import { SocketCourier } from './socket-courier.js';
import type { TlsMaterial } from './tls-settings.js';

/** The worker side of a CourierThread: delivers one order at a time and wakes the waiting thread. */

const PULSE_MS = 500;

const { port, words } = workerData as CourierThreadData;
let tls: TlsMaterial | null = null;
const courier = new SocketCourier(() => tls);

port.on('message', (given: CourierThreadOrder) => {
  tls = given.tls;
  const pulse = setInterval(() => Atomics.add(words, PULSE, 1), PULSE_MS);
  const answer = (delivery: Delivery): void => {
    clearInterval(pulse);
    process.off('uncaughtException', failed);
    port.postMessage(delivery);
    Atomics.store(words, ANSWERED, 1);
    Atomics.notify(words, ANSWERED);
  };
  const failed = (): void => answer({ problem: 'reading', refusal: null, errors: [] });
  process.once('uncaughtException', failed);
  courier.deliver(given.order, answer);
});
