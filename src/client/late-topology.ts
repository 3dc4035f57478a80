import type { Address } from './address.js';
import type { ConnectionSettings } from './client-options.js';
import { type Locator, Moves, type NodeRole, type Topology } from './locator.js';

interface LateRules {
  readonly timeout: number;
  readonly checkInterval: number;
}

/** A topology that is loaded when a place is first asked of it: most clients have one server at one place. */
export class LateTopology implements Topology {
  readonly primary: Locator;
  readonly replica: Locator;
  readonly sentinels: ConnectionSettings | null;
  readonly #load: () => Promise<Topology>;
  #loading: Promise<Topology> | null = null;
  #loaded: Topology | null = null;
  #closed = false;

  /** `sentinels` is how to connect to those who know the topology, if there are such; `load` makes what this stands for. */
  constructor(rules: LateRules, sentinels: ConnectionSettings | null, load: () => Promise<Topology>) {
    this.#load = load;
    this.primary = this.#locator('primary', rules, ({ primary }) => primary);
    this.replica = this.#locator('replica', rules, ({ replica }) => replica);
    const asked = this.#locator('sentinel', { ...rules, checkInterval: 0 }, (topology) => topology.sentinels!.locator!);
    this.sentinels = sentinels === null ? null : { ...sentinels, locator: asked };
  }

  close(): void {
    this.#closed = true;
    this.#loaded?.close();
  }

  #locator(role: NodeRole, { timeout, checkInterval }: LateRules, pick: (topology: Topology) => Locator): Locator {
    const moves = new Moves();
    let follows = false;
    return {
      role,
      checkInterval,
      connectTimeout: timeout,
      locate: async () => {
        const locator = pick(await this.#topology());
        if (!follows) locator.onMove((address: Address) => moves.tell(address));
        follows = true;
        return await locator.locate();
      },
      doubt: (address) => {
        if (this.#loaded !== null) pick(this.#loaded).doubt(address);
      },
      onMove: (listener) => moves.on(listener),
    };
  }

  #topology(): Promise<Topology> {
    this.#loading ??= this.#load().then((topology) => {
      this.#loaded = topology;
      if (this.#closed) topology.close();
      return topology;
    });
    return this.#loading;
  }
}
