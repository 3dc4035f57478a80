import { bytesOf } from '../commands/shape.js';
import { millisNow } from '../core/clock.js';
import { ConnectionError, type KeyspanError, ReplyError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { ErrorReply } from '../core/reply.js';
import { type Address, type AddressMap, addAddresses, addressText, mappedAddress, sameAddress } from './address.js';
import type { ConnectionSettings } from './client-options.js';
import { Inquirer } from './inquiry.js';
import { type Locator, Moves, type Topology } from './locator.js';
import { type Role, roleOf, roleOfInfo } from './role.js';
import { Alarm, sharedWheel } from './timer-wheel.js';

export interface DiscoveryRules {
  readonly map: AddressMap | undefined;
  /** Milliseconds for one node to answer. */
  readonly timeout: number;
  readonly checkInterval: number;
  readonly random: Random;
}

/** How long the other hosts may still say that they are the primary when one has said so. */
const RIVAL_GRACE_MS = 50;
const HOSTS_MAX = 64;

interface Found {
  readonly address: Address;
  readonly role: Role;
}

/**
 * Several hosts of which one is the primary. Nobody else knows which: all of them are asked, and those that they name.
 * Of two that say they are it, the one with more replicas is believed, then the one that was it before, then the first.
 */
export class FailoverTopology implements Topology {
  readonly primary: Locator;
  readonly replica: Locator;
  readonly sentinels = null;
  readonly #known: Address[];
  readonly #settings: ConnectionSettings;
  readonly #rules: DiscoveryRules;
  readonly #inquirer = new Inquirer();
  readonly #moves = new Moves();
  readonly #replicaMoves = new Moves();
  /** The last primary that was found. */
  #last: Address | null = null;
  /** Whether there is no reason to doubt it. */
  #trusted = false;
  #search: Promise<Address> | null = null;
  #turn: number;

  constructor(hosts: readonly Address[], settings: ConnectionSettings, rules: DiscoveryRules) {
    this.#known = [];
    addAddresses(this.#known, hosts, HOSTS_MAX);
    this.#settings = settings;
    this.#rules = rules;
    this.#turn = Math.floor(rules.random.unit() * HOSTS_MAX);
    this.primary = {
      role: 'primary',
      checkInterval: rules.checkInterval,
      connectTimeout: rules.timeout,
      locate: () => this.#locatePrimary(),
      doubt: (address) => {
        if (sameAddress(address, this.#last)) this.#trusted = false;
      },
      onMove: (listener) => this.#moves.on(listener),
    };
    this.replica = {
      role: 'replica',
      checkInterval: rules.checkInterval,
      connectTimeout: rules.timeout,
      locate: () => this.#locateReplica(),
      doubt: () => {},
      onMove: (listener) => this.#replicaMoves.on(listener),
    };
  }

  close(): void {
    this.#inquirer.close();
  }

  async #locatePrimary(): Promise<Address> {
    if (this.#trusted) return this.#last!;
    this.#search ??= this.#findPrimary().finally(() => {
      this.#search = null;
    });
    return await this.#search;
  }

  async #findPrimary(): Promise<Address> {
    const survey = new Survey(this.#known, (address) => this.#ask(address));
    const found = (await survey.take(({ role }) => role.kind === 'primary')).sort(
      (a, b) => this.#rank(b) - this.#rank(a),
    );
    if (found.length === 0) throw survey.failure('no primary');
    const { address } = found[0]!;
    const moved = this.#last !== null && !sameAddress(this.#last, address);
    this.#last = address;
    this.#trusted = true;
    if (moved) this.#moves.tell(address);
    return address;
  }

  /** Replicas are taken in turn; the first one by chance, so that clients spread over them. */
  async #locateReplica(): Promise<Address> {
    const survey = new Survey(this.#known, (address) => this.#ask(address));
    const replicas = await survey.take(({ role }) => role.kind === 'replica');
    if (replicas.length === 0) throw survey.failure('no replica');
    const linked = replicas.filter(({ role }) => role.isLinked);
    // One that lost its primary has old data, which is better than none.
    const sorted = (linked.length > 0 ? linked : replicas)
      .map(({ address }) => address)
      .sort((a, b) => (addressText(a) < addressText(b) ? -1 : 1));
    return sorted[this.#turn++ % sorted.length]!;
  }

  #rank({ address, role }: Found): number {
    return role.replicas.length * 2 + (sameAddress(address, this.#last) ? 1 : 0);
  }

  async #ask(address: Address): Promise<Role> {
    const { map, timeout } = this.#rules;
    const settings = { ...this.#settings, ...address, path: null, db: 0 };
    const [role, info] = await this.#inquirer.ask(settings, [['ROLE'], ['INFO', 'replication']], timeout);
    const said = role instanceof ErrorReply ? roleOfInfo(bytesOf(info ?? null) ?? '') : roleOf(role ?? null);
    if (said === null) throw new ConnectionError(role instanceof ErrorReply ? role.text : 'it does not tell its role');
    const named = said.primary === null ? said.replicas : [said.primary];
    addAddresses(
      this.#known,
      named.map((other) => mappedAddress(map, other)),
      HOSTS_MAX,
    );
    return said;
  }
}

/** One round of questions to all hosts, those included that the answers name. */
class Survey {
  readonly #hosts: readonly Address[];
  readonly #ask: (address: Address) => Promise<Role>;
  readonly #answers: Found[] = [];
  readonly #failures = new Map<string, unknown>();
  #asked = 0;

  /** `hosts` may grow while answers come in. */
  constructor(hosts: readonly Address[], ask: (address: Address) => Promise<Role>) {
    this.#hosts = hosts;
    this.#ask = ask;
  }

  /** Those that fit; soon after the first of them, or when all have answered or failed. */
  take(fits: (found: Found) => boolean): Promise<Found[]> {
    return new Promise((resolve) => {
      const grace = new Alarm(() => resolve(this.#answers.filter(fits)));
      const settled = (): void => {
        this.#askMore(settled);
        if (this.#answers.length + this.#failures.size < this.#asked) {
          if (!grace.isSet && this.#answers.some(fits)) sharedWheel.set(grace, millisNow() + RIVAL_GRACE_MS);
          return;
        }
        sharedWheel.clear(grace);
        resolve(this.#answers.filter(fits));
      };
      this.#askMore(settled);
    });
  }

  /** Why there is none: what each host said. One error that all share, such as a wrong password, is handed on itself. */
  failure(what: string): KeyspanError {
    const errors = [...this.#failures.values()];
    const refusal = errors[0];
    if (this.#answers.length === 0 && refusal instanceof ReplyError && errors.every((one) => one instanceof ReplyError))
      return refusal;
    const lines = this.#hosts.map((host) => {
      const text = addressText(host);
      const answer = this.#answers.find(({ address }) => sameAddress(address, host));
      return `${text} ${answer === undefined ? `(${messageOf(this.#failures.get(text))})` : `is ${describe(answer.role)}`}`;
    });
    const cause = refusal ?? new Error(lines.join('; '));
    return new ConnectionError(`${what} among ${lines.join(', ')}`, { cause });
  }

  #askMore(settled: () => void): void {
    for (const address of this.#hosts.slice(this.#asked)) {
      this.#asked++;
      this.#ask(address).then(
        (role) => {
          this.#answers.push({ address, role });
          settled();
        },
        (error) => {
          this.#failures.set(addressText(address), error);
          settled();
        },
      );
    }
  }
}

function describe({ kind, primary, isLinked }: Role): string {
  if (kind !== 'replica') return kind === 'primary' ? 'a primary' : 'a Sentinel';
  return `a replica of ${primary === null ? 'nobody' : addressText(primary)}${isLinked ? '' : ', not connected to it'}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
