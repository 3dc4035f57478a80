import { parseAddress } from '../../commands/cluster-reply.js';
import { millisNow } from '../../core/clock.js';
import { SLOTS } from '../../core/crc16.js';
import {
  ClosedError,
  ConnectionError,
  type KeyspanError,
  QueueFullError,
  ReplyError,
  replyErrorOf,
} from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { ErrorReply } from '../../core/reply.js';
import type { Address, AddressMap } from '../address.js';
import { isHopeless } from '../leftovers.js';
import type { Pending } from '../pending.js';
import { Alarm, DeadlineWatch, sharedWheel } from '../timer-wheel.js';
import type { ClusterNode } from './cluster-node.js';
import type { ClusterReadFrom } from './cluster-options.js';
import { isRouted, type RoutedCommand, type Turnstile } from './routed.js';
import { readerOf, type Shard, SlotMap } from './slot-map.js';
import { askNodes, NodeTable, ownersOf, placeOf, type View } from './topology.js';

export interface RouterOptions {
  readonly seeds: readonly Address[];
  readonly addressMap: AddressMap | undefined;
  readonly readFrom: ClusterReadFrom;
  readonly redirectsMax: number;
  readonly refreshInterval: number;
  /** How many commands may wait here. */
  readonly queueMax: number;
  readonly random: Random;
}

/** Waits of commands that nobody takes at present: the first, and the longest. */
const WAIT_FIRST_MS = 10;
const WAIT_CAP_MS = 400;
/** How often a command without a deadline waits. */
const WAITS_MAX = 100;
/** How often a command is passed on at once: nodes that go on pointing at each other have to agree first. */
const REDIRECTS_AT_ONCE_MAX = 4;
/** Between two looks at who serves what. */
const REFRESH_GAP_MS = 50;
/** How often it is seen to whether nodes are still there that commands wait for, and after how much silence one asks others. */
const WATCH_MS = 250;
const SILENCE_MS = 750;
/** How long a node that serves nothing any more has for the replies it owes. */
const LEAVE_MS = 1000;

const moved = /^\w+ (\d+) (\S+)/;

/**
 * The way of every command: to the node that serves its slot, again to another one where that node says so, and after a
 * wait where nobody takes it at present. One bounded loop: redirections are counted, waits end with the deadline.
 *
 *   submit ──▶ link ──▶ reply
 *     ▲          │ MOVED, ASK: at once, to the node named
 *     │          │ TRYAGAIN, CLUSTERDOWN, LOADING, READONLY, connection lost:
 *     └── held ◀─┘   after a look at who serves what
 */
export class Router implements Turnstile {
  readonly map = new SlotMap();
  readonly nodes: NodeTable;
  readonly #options: RouterOptions;
  /** Commands that wait for a node to take them. */
  #held: RoutedCommand[] = [];
  readonly #watch = new DeadlineWatch((now) => this.#expire(now));
  readonly #release = new Alarm(() => void this.#releaseHeld());
  readonly #next = new Alarm(() => void this.refresh().catch(() => {}));
  readonly #guard = new Alarm((now) => this.#look(now));
  readonly #leaving = new Set<ClusterNode>();
  #nextAt = 0;
  #refreshing: Promise<void> | null = null;
  #lastError: KeyspanError | undefined;
  #closed = false;
  /** How often who serves what was asked. */
  refreshes = 0;
  /** How often commands were sent elsewhere, and how often they had to wait. */
  redirects = 0;
  waits = 0;
  /** Told of each change of who serves what. */
  onChange: () => void = () => {};

  constructor(options: RouterOptions, make: (address: Address) => ClusterNode) {
    this.#options = options;
    this.nodes = new NodeTable(make);
  }

  /** Whether nothing waits anywhere. */
  get isIdle(): boolean {
    if (this.#held.length > 0) return false;
    for (const node of this.nodes.all) if (!node.isIdle) return false;
    for (const node of this.#leaving) if (!node.isIdle) return false;
    return true;
  }

  get held(): number {
    return this.#held.length;
  }

  /** Sends a command to where its slot is served; `timeout` milliseconds from now it is to be settled (0: no limit). */
  submit(routed: RoutedCommand, timeout: number): void {
    const shard = this.map.shardOf(routed.slot);
    if (shard !== null) {
      const node = routed.toReplica ? this.readerOf(shard) : shard.primary;
      if (!node.isDown || !this.#release.isSet) {
        routed.node = node;
        node.link.submit(routed, timeout);
        if (!this.#guard.isSet) sharedWheel.set(this.#guard, millisNow() + WATCH_MS);
        return;
      }
    }
    if (timeout > 0) {
      routed.timeout = timeout;
      routed.deadline = millisNow() + timeout;
    }
    this.#hold(routed);
  }

  /** Whom to ask for a read. */
  readerOf(shard: Shard): ClusterNode {
    return readerOf(shard, this.#options.readFrom, this.#options.random);
  }

  /** Sends a part of a pipeline to its node. */
  submitPart(part: Pending, node: ClusterNode, timeout: number): void {
    node.link.submit(part, timeout);
    if (!this.#guard.isSet) sharedWheel.set(this.#guard, millisNow() + WATCH_MS);
  }

  /** Sends a command to one node, whatever that serves. */
  submitTo(node: ClusterNode, routed: RoutedCommand): void {
    routed.node = node;
    node.link.submit(routed, 0);
  }

  turn(routed: RoutedCommand, reply: ErrorReply): boolean {
    switch (reply.code) {
      case 'MOVED':
      case 'ASK':
        return this.#redirect(routed, reply);
      case 'TRYAGAIN':
      case 'CLUSTERDOWN':
      case 'LOADING':
      case 'MASTERDOWN':
      case 'READONLY':
        return this.#postpone(routed, reply);
      default:
        return false;
    }
  }

  /** What a link lost. */
  homeless(pendings: readonly Pending[], error: KeyspanError | null): void {
    this.#lastError = error ?? undefined;
    for (const pending of pendings) {
      if (pending.settled) continue;
      if (!isRouted(pending)) pending.reject(error ?? new ConnectionError('the node is gone'));
      else this.#hold(pending);
    }
  }

  /** A node said who serves a slot: `MOVED 1234 10.0.0.1:7000`. */
  noteMoved(text: string, from: Address): ClusterNode | null {
    const found = moved.exec(text);
    if (found === null) return null;
    const { host, port } = parseAddress(found[2]!);
    const node = this.nodes.at(placeOf(host, port, from, this.#options.addressMap));
    if (text.startsWith('MOVED')) {
      this.map.move(Number(found[1]) % SLOTS, node);
      this.refreshSoon();
      this.onChange();
    }
    return node;
  }

  /** Looks at who serves what before long; looks that are due already are not added to. */
  refreshSoon(): void {
    if (this.#closed || this.#refreshing !== null) return;
    const at = millisNow() + REFRESH_GAP_MS;
    if (!this.#next.isSet || this.#nextAt > at) this.#refreshAt(at);
  }

  /** Looks at who serves what, unless somebody does that already. Rejects when no node has an answer. */
  refresh(): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError('the client was closed'));
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
      const { refreshInterval } = this.#options;
      if (refreshInterval > 0 && !this.#closed && !this.#next.isSet) this.#refreshAt(millisNow() + refreshInterval);
    });
    return this.#refreshing;
  }

  /** Nothing is asked or waited for any more. */
  stop(): void {
    this.#closed = true;
    for (const alarm of [this.#release, this.#next, this.#guard]) sharedWheel.clear(alarm);
    this.#watch.stop();
    for (const routed of this.#held.splice(0))
      routed.reject(new ClosedError('the client was closed', { command: routed.commandName }));
    for (const node of [...this.nodes.all, ...this.#leaving]) node.destroy();
  }

  #redirect(routed: RoutedCommand, reply: ErrorReply): boolean {
    routed.refusal = reply;
    if (this.#closed || routed.redirects++ >= this.#options.redirectsMax) return false;
    const node = this.noteMoved(reply.text, routed.node!.address);
    if (node === null) return false;
    this.redirects++;
    if (reply.code === 'MOVED' && routed.redirects > REDIRECTS_AT_ONCE_MAX) {
      this.#hold(routed);
      return true;
    }
    routed.asking = reply.code === 'ASK';
    this.submitTo(node, routed);
    return true;
  }

  #postpone(routed: RoutedCommand, reply: ErrorReply): boolean {
    routed.refusal = reply;
    if (this.#closed) return false;
    // The primary may well be able to do what a replica was not.
    if (routed.toReplica && this.#options.readFrom !== 'replica' && reply.code !== 'CLUSTERDOWN') {
      routed.toReplica = false;
      this.submit(routed, 0);
      return true;
    }
    if (this.#isOutOfTime(routed)) return false;
    this.#hold(routed);
    return true;
  }

  #isOutOfTime(routed: RoutedCommand): boolean {
    return routed.deadline === Number.POSITIVE_INFINITY && routed.holds >= WAITS_MAX;
  }

  #hold(routed: RoutedCommand): void {
    if (this.#closed || this.#isOutOfTime(routed)) {
      routed.reject(
        this.#reasonFor(routed) ?? new ClosedError('the client was closed', { command: routed.commandName }),
      );
      return;
    }
    if (this.#held.length >= this.#options.queueMax) {
      const command = routed.commandName;
      routed.reject(new QueueFullError(`${command} was not sent: too many commands wait for a node`, { command }));
      return;
    }
    this.waits++;
    this.#held.push(routed);
    this.#watch.note(routed.deadline);
    if (this.#release.isSet) return;
    const wait = Math.min(WAIT_CAP_MS, WAIT_FIRST_MS * 2 ** Math.min(routed.holds, 10));
    sharedWheel.set(this.#release, millisNow() + wait * (1 - this.#options.random.unit() / 2));
  }

  async #releaseHeld(): Promise<void> {
    const held = this.#held.filter(({ settled }) => !settled);
    // While they wait for the look at who serves what they may still expire.
    this.#held = held;
    try {
      await this.refresh();
    } catch (error) {
      this.#lastError = error as KeyspanError;
      if (isHopeless(this.#lastError) || this.#lastError.name === 'UnsupportedError') {
        for (const routed of this.#held.splice(0)) routed.reject(error);
        return;
      }
      if (this.map.version === 0) return this.#waitOn();
    }
    const due = this.#held.filter(({ settled }) => !settled);
    this.#held = [];
    for (const routed of due) this.#sendHeld(routed);
  }

  /** No node could be asked yet: all wait on. */
  #waitOn(): void {
    const held = this.#held;
    this.#held = [];
    for (const routed of held) {
      routed.holds++;
      this.#hold(routed);
    }
  }

  #sendHeld(routed: RoutedCommand): void {
    routed.holds++;
    const unserved = this.map.shardOf(routed.slot) === null;
    if (unserved || (routed.refusal?.code === 'CLUSTERDOWN' && routed.holds > 1)) {
      const missing = SLOTS - this.map.covered;
      if (missing > 0) {
        routed.reject(unservedError(routed, unserved, missing));
        return;
      }
    }
    this.submit(routed, 0);
  }

  #reasonFor(routed: RoutedCommand): KeyspanError | undefined {
    if (routed.refusal !== null) return replyErrorOf(routed.refusal.text, { command: routed.commandName });
    return this.#lastError;
  }

  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const routed of this.#held) {
      if (routed.settled) continue;
      if (routed.deadline <= now) routed.expire(now, false, this.#reasonFor(routed));
      else next = Math.min(next, routed.deadline);
    }
    this.#held = this.#held.filter(({ settled }) => !settled);
    return next;
  }

  #refreshAt(at: number): void {
    this.#nextAt = at;
    sharedWheel.set(this.#next, at);
  }

  async #refresh(): Promise<void> {
    sharedWheel.clear(this.#next);
    this.refreshes++;
    const view = await askNodes(this.#candidates());
    if (!this.#closed) this.#apply(view);
  }

  /** Nodes that are up first, in an order left to chance; then the others, then where it all began. */
  #candidates(): ClusterNode[] {
    const now = millisNow();
    const rank = (node: ClusterNode): number =>
      (node.isDown || node.link.silence(now) > SILENCE_MS ? 2 : node.link.isReady ? 0 : 1) +
      this.#options.random.unit();
    const known = [...this.nodes.all]
      .map((node) => [rank(node), node] as const)
      .sort(([a], [b]) => a - b)
      .map(([, node]) => node);
    const seeds = this.#options.seeds.map((seed) => this.nodes.at(seed));
    return [...new Set([...known, ...seeds])];
  }

  #apply(view: View): void {
    const nodeAt = (host: string | null, port: number): ClusterNode =>
      this.nodes.at(placeOf(host, port, view.from.address, this.#options.addressMap));
    const changed = this.map.replace(ownersOf(view, nodeAt));
    const wanted = new Set(this.map.shards.flatMap(({ primary, replicas }) => [primary, ...replicas]));
    for (const node of this.nodes.keep(wanted)) this.#leave(node);
    if (this.#options.readFrom === 'nearest') for (const node of wanted) this.#measure(node);
    if (changed) this.onChange();
  }

  /** A node that is not there any more has failed, or has given its slots away and still owes some replies. */
  #leave(node: ClusterNode): void {
    const error = new ConnectionError(`${node.name} serves nothing in the cluster any more`);
    if (node.isDown || node.link.silence(millisNow()) > SILENCE_MS) {
      node.drop(error);
      return;
    }
    this.#leaving.add(node);
    const late = new Alarm(() => {
      this.#leaving.delete(node);
      node.drop(error);
    });
    sharedWheel.set(late, millisNow() + LEAVE_MS);
    void node.close().finally(() => {
      if (!node.isIdle) return;
      sharedWheel.clear(late);
      this.#leaving.delete(node);
    });
  }

  #measure(node: ClusterNode): void {
    if (node.latency !== Number.POSITIVE_INFINITY && node.link.isReady) return;
    askNodes([node]).catch(() => {});
  }

  /** Nodes that keep commands waiting in silence may have failed: the others know. */
  #look(now: number): void {
    let busy = this.#held.length > 0;
    for (const node of this.nodes.all) {
      if (node.isIdle) continue;
      busy = true;
      if (node.link.silence(now) > SILENCE_MS) this.refreshSoon();
    }
    if (busy) sharedWheel.set(this.#guard, now + WATCH_MS);
  }
}

function unservedError(routed: RoutedCommand, unserved: boolean, missing: number): ReplyError {
  const text = unserved
    ? `CLUSTERDOWN slot ${routed.slot} is served by no node`
    : `CLUSTERDOWN the cluster takes no commands: ${missing} of its slots are served by no node`;
  return new ReplyError(text, { command: routed.commandName });
}
