import { bytesOf } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import { textFromBytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { ConnectionError } from '../core/errors.js';
import type { PushReply } from '../core/reply.js';
import { type Address, addressText, sameAddress } from './address.js';
import type { ConnectionSettings } from './client-options.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { rejectLeftovers } from './leftovers.js';
import { SubscriptionCommand } from './pending.js';
import { Alarm, sharedWheel } from './timer-wheel.js';

const RETRY_MS = 1000;
const PING_INTERVAL_MS = 5000;
const CHANNEL = '+switch-master';

export interface SentinelListener {
  /** A Sentinel says that the service has another primary. */
  switched(address: Address): void;
  /** A Sentinel is listened to again after a gap, in which it may have said something. */
  resumed(): void;
}

/** Listens to one Sentinel for failovers, connecting again as long as it is not closed. */
class Ear implements ConnectionOwner {
  readonly address: Address;
  isListening = false;
  readonly #settings: ConnectionSettings;
  readonly #service: string;
  readonly #listener: SentinelListener;
  readonly #again = new Alarm(() => this.#open());
  #connection: Connection | null = null;
  #hasHeard = false;
  #closed = false;

  constructor(address: Address, settings: ConnectionSettings, service: string, listener: SentinelListener) {
    this.address = address;
    this.#settings = { ...settings, ...address, locator: null, pingInterval: PING_INTERVAL_MS };
    this.#service = service;
    this.#listener = listener;
    this.#open();
  }

  opened(connection: Connection): void {
    const request = { spec: commands.subscribe, argv: ['SUBSCRIBE', CHANNEL] };
    const command = new SubscriptionCommand(request, 1);
    command.timeout = PING_INTERVAL_MS;
    command.deadline = millisNow() + PING_INTERVAL_MS;
    command.promise.then(
      () => {
        this.isListening = connection === this.#connection;
        if (this.#hasHeard) this.#listener.resumed();
        this.#hasHeard = true;
      },
      () => connection.destroy(),
    );
    connection.send(command);
  }

  closed(
    connection: Connection,
    error: ConnectionError | null,
    leftovers: Parameters<ConnectionOwner['closed']>[2],
  ): void {
    rejectLeftovers(leftovers, error);
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.isListening = false;
    if (!this.#closed) sharedWheel.set(this.#again, millisNow() + RETRY_MS);
  }

  /** The message names the service, the old address and the new one. */
  push({ items }: PushReply): void {
    const words = items.map((item) => textFromBytes(bytesOf(item) ?? ''));
    if (words[0] !== 'message' || words[1] !== CHANNEL) return;
    const [service, , , host = '', port] = words[2]!.split(' ');
    if (service === this.#service && host !== '') this.#listener.switched({ host, port: Number(port) });
  }

  stalled(connection: Connection): void {
    connection.destroy(new ConnectionError(`the Sentinel ${addressText(this.address)} did not answer in time`));
  }

  close(): void {
    this.#closed = true;
    sharedWheel.clear(this.#again);
    this.#connection?.destroy();
  }

  #open(): void {
    this.#connection = new Connection(this.#settings, this);
    this.#connection.open();
  }
}

/** Listens to all known Sentinels of a service: a failover is heard of before any command has to time out. */
export class SentinelWatch {
  readonly #ears: Ear[] = [];
  readonly #settings: ConnectionSettings;
  readonly #service: string;
  readonly #listener: SentinelListener;
  #closed = false;

  constructor(settings: ConnectionSettings, service: string, listener: SentinelListener) {
    this.#settings = settings;
    this.#service = service;
    this.#listener = listener;
  }

  /** Whether a failover would be heard of. */
  get isListening(): boolean {
    return this.#ears.some((ear) => ear.isListening);
  }

  /** Listens to these Sentinels too. */
  follow(sentinels: readonly Address[]): void {
    if (this.#closed) return;
    for (const address of sentinels) {
      if (this.#ears.some((ear) => sameAddress(ear.address, address))) continue;
      this.#ears.push(new Ear(address, this.#settings, this.#service, this.#listener));
    }
  }

  close(): void {
    this.#closed = true;
    for (const ear of this.#ears) ear.close();
  }
}
