import type { Address } from './address.js';
import type { ConnectionSettings } from './client-options.js';

/** What a connection expects of the node that it was sent to. */
export type NodeRole = 'primary' | 'replica' | 'sentinel';

/**
 * Who knows where to connect, where that changes: asked before each connection, and told when an address was no good.
 * The connection itself checks that the node has the role.
 */
export interface Locator {
  readonly role: NodeRole;
  /** Milliseconds between questions to the node whether it still has the role; 0 for never. */
  readonly checkInterval: number;
  /** Milliseconds that a node has for connection and handshake, once it is known where it is. */
  readonly connectTimeout: number;
  /**
   * Where to connect now. Rejects with ConnectionError when there is no such node at present, with another error when
   * asking again would not help: credentials refused, a service that nobody knows.
   */
  locate(): Promise<Address>;
  /** A connection to this address failed or was lost, or the node there has another role. */
  doubt(address: Address): void;
  /** Calls `listener` when the node is another one now; returns what ends that. */
  onMove(listener: (address: Address) => void): () => void;
}

/** A primary with its replicas, wherever they are at a given time. */
export interface Topology {
  readonly primary: Locator;
  readonly replica: Locator;
  /** How to reach those who know the topology, where there are such: commands for Sentinels go there. */
  readonly sentinels: ConnectionSettings | null;
  /** Nothing is asked or listened to any more. */
  close(): void;
}

/** Tells listeners of moves. */
export class Moves {
  readonly #listeners = new Set<(address: Address) => void>();

  on(listener: (address: Address) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(address: Address): void {
    for (const listener of [...this.#listeners]) listener(address);
  }
}
