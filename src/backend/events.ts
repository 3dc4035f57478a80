import type { KeyspanError } from '../core/errors.js';

/** Lifecycle events of a backend. An in-process engine only ever emits `end`. */
export interface BackendEvents {
  /** The connection accepts commands, for the first time or again. */
  ready: [];
  /** The connection was lost or could not be made; commands wait for the next one. */
  close: [error: KeyspanError | null];
  /** The next attempt follows after `delay` milliseconds. */
  reconnecting: [details: { attempt: number; delay: number }];
  /** A connection attempt failed, or a connection was lost. Harmless without listeners. */
  error: [error: KeyspanError];
  /** One of several nodes went down (`error` says why), or came back. Names are those of the backend's `nodes`. */
  nodeDown: [node: string, error: KeyspanError];
  nodeUp: [node: string];
  /** Another node is the primary now, at this address; commands go there. */
  moved: [address: string];
  /** A returning node is being synchronised with the others; the last report says that it is done. */
  repair: [progress: RepairProgress];
  /** A reply took longer than the option `slowCommand` allows; `duration` is in milliseconds from the call on. */
  slow: [details: { command: string; duration: number }];
  /** The backend was closed; no further events follow. */
  end: [];
}

/** The progress of a node's repair. */
export interface RepairProgress {
  readonly node: string;
  /** `copy`: keys are copied to it; `clean`: keys that must not be there are removed; `again`: keys written meanwhile. */
  readonly phase: 'copy' | 'clean' | 'again' | 'done';
  /** Keys copied so far, and about how many there are. */
  readonly copied: number;
  readonly total: number;
  readonly removed: number;
}

export type Listener<E extends keyof BackendEvents> = (...args: BackendEvents[E]) => void;

/** Listeners by event. Events without listeners are ignored, `error` included. */
export class Emitter {
  readonly #listeners: { [E in keyof BackendEvents]?: Set<Listener<E>> } = {};

  /** Adds a listener; returns the function that removes it. */
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
        // An error in a listener must not break the connection that reported the event.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
