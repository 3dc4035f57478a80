import { millisNow } from '../core/clock.js';
import { ConnectionError, DataError, type KeyspanError, ReplyError, replyErrorOf } from '../core/errors.js';
import { type Address, addAddresses, addressText, mappedAddress, sameAddress } from './address.js';
import type { ConnectionSettings } from './client-options.js';
import type { DiscoveryRules } from './failover.js';
import { Inquirer } from './inquiry.js';
import { type Locator, Moves, type Topology } from './locator.js';
import { roleOf } from './role.js';
import { askForPrimary, askForReplicas, type SentinelAnswer, type SentinelReplicaAnswer } from './sentinel-question.js';
import { SentinelWatch } from './sentinel-watch.js';
import { Alarm, sharedWheel } from './timer-wheel.js';

export interface SentinelArguments {
  readonly seeds: readonly Address[];
  readonly service: string;
  /** How Sentinels are connected to. */
  readonly settings: ConnectionSettings;
  /** How data nodes are connected to. */
  readonly nodes: ConnectionSettings;
  readonly rules: DiscoveryRules;
}

interface Told<T> {
  readonly sentinel: Address;
  readonly answer: T;
}

interface Failure {
  readonly sentinel: Address;
  readonly error: unknown;
}

interface Question<T> {
  ask(settings: ConnectionSettings): Promise<T>;
  /** Whether no other Sentinel need be asked. */
  isGood(answer: T): boolean;
  /** Of answers of which none is good. */
  fallback(answers: Told<T>[]): Told<T> | undefined;
}

/** After so long without an answer the next Sentinel is asked as well. */
const HEDGE_MS = 250;
const SENTINELS_MAX = 64;

/**
 * A primary with replicas that Sentinels watch. They are asked in order, the one that answered last first. What they
 * say is checked: the connection asks the node for its role, and a Sentinel that named a wrong one goes to the end.
 */
export class SentinelTopology implements Topology {
  readonly primary: Locator;
  readonly replica: Locator;
  readonly sentinels: ConnectionSettings;
  /** In the order in which they are asked. */
  readonly #sentinels: Address[] = [];
  readonly #service: string;
  readonly #settings: ConnectionSettings;
  readonly #nodes: ConnectionSettings;
  readonly #rules: DiscoveryRules;
  readonly #inquirer = new Inquirer();
  readonly #watch: SentinelWatch;
  readonly #moves = new Moves();
  readonly #replicaMoves = new Moves();
  /** The last primary that was named, and by whom. */
  #last: { address: Address; by: Address | null } | null = null;
  #trusted = false;
  /** The highest count of failovers that a Sentinel told. */
  #epoch = 0;
  #search: Promise<Address> | null = null;
  #badReplicas: Address[] = [];
  #turn: number;

  constructor({ seeds, service, settings, nodes, rules }: SentinelArguments) {
    addAddresses(this.#sentinels, seeds, SENTINELS_MAX);
    this.#service = service;
    this.#settings = settings;
    this.#nodes = nodes;
    this.#rules = rules;
    this.#turn = Math.floor(rules.random.unit() * SENTINELS_MAX);
    this.#watch = new SentinelWatch(settings, service, {
      switched: (address) => void this.#verify(mappedAddress(rules.map, address)),
      resumed: () => void this.#refresh(),
    });
    this.primary = {
      role: 'primary',
      checkInterval: rules.checkInterval,
      connectTimeout: rules.timeout,
      locate: () => this.#locatePrimary(),
      doubt: (address) => this.#doubt(address),
      onMove: (listener) => this.#moves.on(listener),
    };
    this.replica = {
      role: 'replica',
      checkInterval: rules.checkInterval,
      connectTimeout: rules.timeout,
      locate: () => this.#locateReplica(),
      doubt: (address) => void addAddresses(this.#badReplicas, [address], SENTINELS_MAX),
      onMove: (listener) => this.#replicaMoves.on(listener),
    };
    const locator: Locator = {
      role: 'sentinel',
      checkInterval: 0,
      connectTimeout: rules.timeout,
      locate: () => Promise.resolve(this.#sentinels[0]!),
      doubt: (address) => this.#askLast(address),
      onMove: () => () => {},
    };
    this.sentinels = { ...settings, locator };
  }

  close(): void {
    this.#watch.close();
    this.#inquirer.close();
  }

  /** What is known stays good as long as somebody would tell of a change. */
  async #locatePrimary(): Promise<Address> {
    if (this.#trusted && this.#watch.isListening) return this.#last!.address;
    this.#search ??= this.#findPrimary().finally(() => {
      this.#search = null;
    });
    return await this.#search;
  }

  async #findPrimary(): Promise<Address> {
    const asked = this.#askAround<SentinelAnswer>({
      ask: (settings) => askForPrimary(this.#inquirer, settings, this.#service, this.#rules.timeout),
      isGood: ({ primary, epoch }) => primary !== null && epoch >= this.#epoch,
      fallback: (answers) =>
        answers.filter(({ answer }) => answer.primary !== null).sort((a, b) => b.answer.epoch - a.answer.epoch)[0],
    });
    if (this.#last !== null) {
      // With no Sentinel in reach, where the primary was is the best guess; the node is asked for its role anyway.
      const { address } = this.#last;
      return await asked
        .then((found) => this.#accept(found))
        .catch((error) => {
          if (error instanceof ConnectionError) return address;
          throw error;
        });
    }
    return this.#accept(await asked);
  }

  #accept({ sentinel, answer }: Told<SentinelAnswer>): Address {
    this.#learn(sentinel, answer);
    const address = mappedAddress(this.#rules.map, answer.primary!);
    this.#settle(address, sentinel);
    return address;
  }

  #learn(sentinel: Address, { epoch, peers }: SentinelAnswer): void {
    this.#epoch = epoch;
    this.#sentinels.splice(
      this.#sentinels.findIndex((one) => sameAddress(one, sentinel)),
      1,
    );
    this.#sentinels.unshift(sentinel);
    const others = peers.map((peer) => mappedAddress(this.#rules.map, peer));
    addAddresses(this.#sentinels, others, SENTINELS_MAX);
    this.#watch.follow(this.#sentinels);
  }

  #settle(address: Address, by: Address | null): void {
    const moved = this.#last !== null && !sameAddress(this.#last.address, address);
    // A failover that nobody has told the number of has the next one at least.
    if (moved && by === null) this.#epoch++;
    this.#last = { address, by };
    this.#trusted = true;
    if (moved) this.#moves.tell(address);
  }

  #doubt(address: Address): void {
    if (this.#last === null || !this.#trusted || !sameAddress(address, this.#last.address)) return;
    this.#trusted = false;
    this.#askLast(this.#last.by);
  }

  /** The Sentinel goes to the end of the order. */
  #askLast(sentinel: Address | null): void {
    const at = this.#sentinels.findIndex((one) => sameAddress(one, sentinel));
    if (at >= 0) this.#sentinels.push(...this.#sentinels.splice(at, 1));
  }

  /** A Sentinel told of a failover: nobody is sent to the new primary before that says it is one. */
  async #verify(address: Address): Promise<void> {
    if (this.#trusted && sameAddress(address, this.#last!.address)) return;
    try {
      const settings = { ...this.#nodes, ...address, path: null, db: 0 };
      const [role] = await this.#inquirer.ask(settings, [['ROLE']], this.#rules.timeout);
      if (roleOf(role ?? null)?.kind === 'primary') this.#settle(address, null);
    } catch {
      // Something is going on all the same.
      this.#trusted = false;
    }
  }

  /** Sentinels are heard again that may have told of a failover meanwhile. */
  async #refresh(): Promise<void> {
    if (this.#last === null) return;
    this.#trusted = false;
    // A failure shows when somebody wants to connect.
    await this.#locatePrimary().catch(() => {});
  }

  /** Replicas that are well are taken in turn, the first by chance; those that failed lately only if there is no other. */
  async #locateReplica(): Promise<Address> {
    const { answer } = await this.#askAround<SentinelReplicaAnswer[]>({
      ask: (settings) => askForReplicas(this.#inquirer, settings, this.#service, this.#rules.timeout),
      isGood: (replicas) => replicas.some(({ isUp }) => isUp),
      fallback: (answers) => answers[0],
    });
    const up = answer.filter(({ isUp }) => isUp);
    const linked = up.filter(({ isLinked }) => isLinked);
    const all = (linked.length > 0 ? linked : up).map(({ address }) => mappedAddress(this.#rules.map, address));
    const good = all.filter((address) => !this.#badReplicas.some((bad) => sameAddress(bad, address)));
    if (good.length === 0) this.#badReplicas = [];
    if (all.length === 0) {
      const cause = new Error(`${answer.length} replicas are known`);
      throw new ConnectionError(`no replica of '${this.#service}' is up`, { cause });
    }
    const choice = good.length > 0 ? good : all;
    return choice[this.#turn++ % choice.length]!;
  }

  /**
   * Asks the Sentinels in order until one answers acceptably; one that is slow is not waited for alone. When all have
   * answered and none acceptably, `fallback` may choose.
   */
  #askAround<T>({ ask, isGood, fallback }: Question<T>): Promise<Told<T>> {
    return new Promise((resolve, reject) => {
      const order = [...this.#sentinels];
      const answers: Told<T>[] = [];
      const failures: Failure[] = [];
      const hedge = new Alarm(() => next());
      let asked = 0;
      const settled = (): void => {
        if (answers.length + failures.length === order.length) {
          sharedWheel.clear(hedge);
          const chosen = fallback(answers);
          if (chosen === undefined) reject(this.#failure(answers.length, failures));
          else resolve(chosen);
        } else if (answers.length + failures.length === asked) {
          next();
        }
      };
      const next = (): void => {
        const sentinel = order[asked++];
        if (sentinel === undefined) return;
        sharedWheel.set(hedge, millisNow() + HEDGE_MS);
        ask({ ...this.#settings, ...sentinel }).then(
          (answer) => {
            answers.push({ sentinel, answer });
            if (!isGood(answer)) return settled();
            sharedWheel.clear(hedge);
            asked = order.length;
            resolve({ sentinel, answer });
          },
          (error) => {
            failures.push({ sentinel, error });
            settled();
          },
        );
      };
      next();
    });
  }

  /** Why no Sentinel could help. Only what another attempt may change is a ConnectionError. */
  #failure(answers: number, failures: readonly Failure[]): KeyspanError {
    const names = this.#sentinels.map(addressText).join(', ');
    if (failures.length === 0) return new DataError(`the Sentinels ${names} know no service '${this.#service}'`);
    const { error: cause, sentinel } = failures[0]!;
    const refused = failures.every(({ error }) => error instanceof ReplyError);
    if (answers === 0 && refused)
      return replyErrorOf(`${(cause as Error).message} (from the Sentinel ${addressText(sentinel)})`, { cause });
    const lines = failures.map(
      ({ sentinel: from, error }) => `${addressText(from)} (${error instanceof Error ? error.message : String(error)})`,
    );
    const others = answers === 0 ? '' : `, and the others know no service '${this.#service}'`;
    return new ConnectionError(`no Sentinel of '${this.#service}' could be asked: ${lines.join(', ')}${others}`, {
      cause,
    });
  }
}
