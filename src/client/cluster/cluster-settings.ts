import type { Request } from '../../backend/backend.js';
import { type Bytes, textFromBytes } from '../../core/bytes.js';
import type { Address } from '../address.js';
import { type ClientOptions, type ConnectionSettings, clientDefaults, connectionSettings } from '../client-options.js';
import { Secret } from '../secret.js';
import { Tally } from '../tally.js';
import type { ClusterOptions } from './cluster-options.js';

/** A node that does not answer is not waited for as long as an only server is: others know who took its place. */
const CONNECT_TIMEOUT_MS = 2000;

/** How the nodes' connections are made: all alike, but for the address. */
export class ClusterSettings {
  #options: ClientOptions;
  /** The command by which nodes tell of changes, if they are to. */
  tracking: Bytes[] | null = null;
  /** What all shared connections count together. */
  readonly tally = new Tally();

  constructor(options: ClusterOptions) {
    const { hosts: _, readFrom, refreshInterval, redirectsMax, addressMap, onClose, host, port, ...more } = options;
    const { cache, ...rest } = more;
    this.#options = { connectTimeout: CONNECT_TIMEOUT_MS, ...rest };
  }

  /** For a client of the node alone. */
  client({ host, port }: Address): Omit<ClientOptions, 'pool'> {
    return { ...this.#options, host, port };
  }

  /** For one connection. */
  connection(address: Address): ConnectionSettings {
    return { ...connectionSettings(this.client(address)), tally: this.tally, tracking: this.tracking };
  }

  get limits(): { queueMax: number; queueBytesMax: number; retriesMax: number } {
    const {
      queueMax = clientDefaults.queueMax,
      queueBytesMax = clientDefaults.queueBytesMax,
      retriesMax = clientDefaults.retriesMax,
    } = this.#options;
    return { queueMax, queueBytesMax, retriesMax };
  }

  /** A command set something of all connections: those to come are to have it too. */
  remember({ spec, argv }: Request): void {
    const last = textFromBytes(argv[argv.length - 1]!);
    const { name, credentials, username, password, ...rest } = this.#options;
    if (spec.name === 'CLIENT SETNAME') {
      const named = last === '' ? {} : { name: last };
      this.#options = { ...this.#options, name: undefined, ...named };
    } else {
      const user = argv.length > 2 ? { username: textFromBytes(argv[1]!) } : {};
      this.#options = { ...rest, ...(name === undefined ? {} : { name }), ...user, password: new Secret(last) };
    }
  }
}
