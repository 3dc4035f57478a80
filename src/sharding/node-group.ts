import type { Backend, BackendStats, Capabilities, Request } from '../backend/backend.js';
import { type BackendEvents, Emitter, type Listener } from '../backend/events.js';
import type { Bytes } from '../core/bytes.js';
import { ClosedError, DataError, type KeyspanError } from '../core/errors.js';
import { type HashName, type HashRing, hashRing } from './hash-ring.js';
import { type Asked, type HealthOptions, Node, type NodeHost, type NodeInput } from './node.js';

/** How keys find their nodes. */
export interface PlacementOptions {
  /** How keys are placed; `ketama` unless given. */
  readonly hash?: HashName;
  /** Whether of a key with `{…}` in it only what stands between the braces counts; false unless given. */
  readonly hashTags?: boolean;
}

/** The nodes of a ring or mirror: their names, places and events, and their common end. */
export abstract class NodeGroup implements NodeHost {
  readonly members: readonly Node[];
  readonly placement: HashRing;
  readonly emitter = new Emitter();
  readonly capabilities: Capabilities;
  protected closed = false;
  #allUp = true;
  readonly #views: ReadonlyMap<string, Backend>;

  constructor(inputs: readonly NodeInput[], placement: PlacementOptions, health: HealthOptions) {
    if (!Array.isArray(inputs)) throw new DataError('expected a list of nodes');
    this.members = inputs.map((input, index) => new Node(input, index, this, health));
    this.placement = hashRing(this.members, placement.hash, placement.hashTags);
    this.#views = new Map(this.members.map(({ name, backend }) => [name, backend]));
    const all = (what: keyof Capabilities): boolean => this.members.every(({ backend }) => backend.capabilities[what]);
    this.capabilities = {
      transactions: all('transactions'),
      blocking: all('blocking'),
      pubsub: all('pubsub'),
      manyNodes: true,
    };
  }

  abstract instead(node: Node, asked: Asked, error: unknown): Promise<unknown>;
  abstract nodeLost(node: Node, error: KeyspanError): void;
  abstract nodeAnswers(node: Node): Promise<void> | void;
  abstract nodeReady(node: Node): void;

  /** Whether all nodes are up. */
  get isWhole(): boolean {
    return this.#allUp;
  }

  /** The backend of each node by name, in the order of the nodes. */
  get nodes(): ReadonlyMap<string, Backend> {
    return this.#views;
  }

  /** The node that has a key now; null if none is up that could. */
  nodeOf(key: Bytes): Node | null {
    const index = this.placement.nodeOf(key, this.#allUp ? undefined : this.usable);
    return index < 0 ? null : this.members[index]!;
  }

  /** The first node that is up. */
  firstUp(): Node | null {
    return this.members.find((node) => node.isUp) ?? null;
  }

  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    return this.emitter.on(event, listener);
  }

  /** Connects all nodes now. Rejects with the first failure. */
  async connect(): Promise<void> {
    this.checkOpen();
    await Promise.all(this.members.map((node) => node.backend.connect?.()));
  }

  /** Lets what was given be answered; then closes the nodes that are its own. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.end();
    await Promise.all(this.members.map(({ owned, backend }) => (owned ? backend.close() : undefined)));
    this.emitter.emit('end');
  }

  destroy(): void {
    if (this.closed) return;
    this.end();
    for (const { owned, backend } of this.members) {
      if (!owned) continue;
      if (backend.destroy === undefined) void backend.close();
      else backend.destroy();
    }
    this.emitter.emit('end');
  }

  protected end(): void {
    this.closed = true;
    for (const node of this.members) node.end();
  }

  /** Those of each node, and what all of them were given: commands, and error replies by code. */
  protected nodeStats(): BackendStats {
    const nodes = this.members.map((node) => [node.name, node.stats()] as const);
    let commands = 0;
    const errors: Record<string, number> = {};
    for (const [, stats] of nodes) {
      commands += Number(stats.commands ?? 0);
      for (const [code, count] of Object.entries(stats.errors ?? {}))
        errors[code] = (errors[code] ?? 0) + Number(count);
    }
    return { commands, errors, nodes: Object.fromEntries(nodes) };
  }

  protected checkOpen(request?: Request): void {
    if (this.closed) throw new ClosedError('it was closed', request && { command: request.spec.name });
  }

  protected readonly usable = (index: number): boolean => this.members[index]!.isUp;

  /** To be called when a node went or came. */
  protected statesChanged(): void {
    this.#allUp = this.members.every((node) => node.isUp);
  }
}
