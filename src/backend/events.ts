import type { KeyspanError } from '../core/errors.js';

/** What happens to a backend, beside its commands. An engine in the process only ever ends. */
export interface BackendEvents {
  /** The connection takes commands, for the first time or again. */
  ready: [];
  /** The connection was lost, or could not be made; commands wait for the next. */
  close: [error: KeyspanError | null];
  /** The next attempt is due in so many milliseconds. */
  reconnecting: [details: { attempt: number; delay: number }];
  /** An attempt to connect failed, or a connection was lost. Nobody need listen. */
  error: [error: KeyspanError];
  /** A node of several went down (`error` says why), or came back. Its name is as the backend's `nodes` have it. */
  nodeDown: [node: string, error: KeyspanError];
  nodeUp: [node: string];
  /** The primary is another node now, at this address: commands go there. */
  moved: [address: string];
  /** A node that comes back is being made equal to the others; the last report is that it is done. */
  repair: [progress: RepairProgress];
  /** A reply took longer than the option `slowCommand` allows: how many milliseconds, from the call on. */
  slow: [details: { command: string; duration: number }];
  /** The backend was closed: nothing will happen any more. */
  end: [];
}

/** How far a node has been made equal. */
export interface RepairProgress {
  readonly node: string;
  /** `copy`: keys are copied to it; `clean`: keys that must not be there are removed; `again`: keys written meanwhile. */
  readonly phase: 'copy' | 'clean' | 'again' | 'done';
  /** Keys copied so far, of about so many. */
  readonly copied: number;
  readonly total: number;
  readonly removed: number;
}

export type Listener<E extends keyof BackendEvents> = (...args: BackendEvents[E]) => void;

/** Listeners by event. An event without listeners is nothing special, `error` included. */
export class Emitter {
  readonly #listeners: { [E in keyof BackendEvents]?: Set<Listener<E>> } = {};

  /** Adds a listener; returns what takes it off. */
  on<E extends keyof BackendEvents>(event: E, listener: Listener<E>): () => void {
    this.#listeners[event] ??= new Set() as never;
    const listeners = this.#listeners[event] as unknown as Set<Listener<E>>;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<E extends keyof BackendEvents>(event: E, ...args: BackendEvents[E]): void {
    const listeners = this.#listeners[event] as unknown as Set<Listener<E>> | undefined;
    for (const listener of [...(listeners ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        // The listener's own error must not break the connection that it was told of.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
