import { keysOf, type Spec } from '../commands/spec.js';
import { type Bytes, compareBytes } from '../core/bytes.js';
import { PinnedReply, PushReply, type Reply } from '../core/reply.js';
import type { Engine } from './engine.js';
import type { EngineSession } from './session.js';

const INVALIDATE_CHANNEL = '__redis__:invalidate';
/** Keys that are forgotten in one go when there are too many; more with every go that was not enough. */
const FORGOTTEN_PER_TURN = 100;

/** A session's state of CLIENT TRACKING. */
export interface TrackingState {
  /** The id of the session that gets the messages; 0: the session itself. */
  redirect: number;
  /** BCAST: the prefixes of the keys of interest. Null: keys that the session has read. */
  prefixes: Set<Bytes> | null;
  optIn: boolean;
  optOut: boolean;
  noLoop: boolean;
  /** CLIENT CACHING was given for the next command. */
  caching: boolean;
  /** The session that is to get the messages is gone. */
  broken: boolean;
}

interface TrackedKey {
  readonly key: Bytes;
  /** The ids of sessions that have read it; some may be gone. */
  readonly readers: Set<number>;
  place: number;
}

interface Prefix {
  readonly listeners: Set<EngineSession>;
  /** Keys changed since the last message, and who changed each last. */
  readonly changed: Map<Bytes, EngineSession | null>;
}

/** What changed a key: a command; expiry; or eviction, which the session must learn of before its command runs. */
export type Cause = 'command' | 'expiry' | 'eviction';

/**
 * Client-side caching: who has read which key, and the messages to them when it changes. A session is told once and has
 * to read the key again to be told again. With BCAST nothing is remembered: changes are told by the keys' prefixes, at
 * the end of the turn in which they came about.
 */
export class Tracking {
  readonly #engine: Engine;
  /** Whether any session tracks keys: everything that tracking costs depends on this. */
  on = false;
  clients = 0;
  /** Entries of all keys' readers. */
  items = 0;
  readonly #byKey = new Map<Bytes, TrackedKey>();
  /** The same keys, for picking one at random. */
  readonly #keys: TrackedKey[] = [];
  readonly #prefixes = new Map<Bytes, Prefix>();
  #scheduled = false;
  #turnsOverLimit = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get keys(): number {
    return this.#keys.length;
  }

  get prefixes(): number {
    return this.#prefixes.size;
  }

  /** CLIENT TRACKING ON. Prefixes are added to those that the session has. */
  start(
    session: EngineSession,
    wish: Omit<TrackingState, 'caching' | 'broken' | 'prefixes'>,
    prefixes: Bytes[] | null,
  ): void {
    if (session.tracking === null) this.clients++;
    this.on = true;
    const before = session.tracking;
    const state: TrackingState = {
      ...wish,
      prefixes: prefixes === null ? null : (before?.prefixes ?? new Set()),
      caching: before?.caching ?? false,
      broken: false,
    };
    session.tracking = state;
    for (const prefix of prefixes ?? []) {
      state.prefixes!.add(prefix);
      const known = this.#prefixes.get(prefix);
      if (known) known.listeners.add(session);
      else this.#prefixes.set(prefix, { listeners: new Set([session]), changed: new Map() });
    }
  }

  /** CLIENT TRACKING OFF, and the end of a session. With the last session that tracks all that was read is forgotten. */
  stop(session: EngineSession): void {
    const state = session.tracking;
    if (state === null) return;
    session.tracking = null;
    for (const prefix of state.prefixes ?? []) {
      const known = this.#prefixes.get(prefix)!;
      known.listeners.delete(session);
      if (known.listeners.size === 0) this.#prefixes.delete(prefix);
    }
    this.clients--;
    this.on = this.clients > 0;
    if (!this.on) this.#forgetAll();
  }

  /** A reading command has run. Of a script the keys count that it was given. */
  remember(session: EngineSession, spec: Spec, argv: readonly Bytes[]): void {
    if (spec.group === 'scripting' || spec.group === 'pubsub') return;
    const caller = session.inScript ? this.#engine.scripting.current?.caller : session;
    const state = caller?.tracking ?? null;
    if (state === null || state.prefixes !== null) return;
    if (state.optIn ? !state.caching : state.optOut && state.caching) return;
    const words = session.inScript ? caller!.argv : argv;
    for (const { index } of keysOf(session.inScript ? caller!.spec : spec, words) ?? [])
      this.#note(words[index], caller!.id);
  }

  /** CLIENT CACHING holds for one command or transaction. */
  commandOver(session: EngineSession): void {
    if (session.queue === null && session.lastCommand?.name.startsWith('CLIENT ') !== true)
      session.tracking!.caching = false;
  }

  /** A key was changed or removed by the running command. */
  changed(key: Bytes, cause: Cause): void {
    if (this.#prefixes.size > 0) this.#noteForPrefixes(key, cause === 'command' ? this.#writer() : null);
    const tracked = this.#byKey.get(key);
    if (tracked !== undefined) this.#invalidate(tracked, cause !== 'eviction');
  }

  /** All keys of one or all databases were removed. */
  flushed(): void {
    if (!this.on) return;
    for (const session of this.#engine.sessions.values()) {
      if (session.tracking !== null) this.#send(session, new PinnedReply(null, session.protocol), true);
    }
    this.#forgetAll();
  }

  /** Forgets keys chosen by chance, and tells their readers, while there are more than `tracking-table-max-keys`. */
  limit(): void {
    const { trackingTableMaxKeys } = this.#engine.settings;
    if (trackingTableMaxKeys === 0 || this.keys <= trackingTableMaxKeys) {
      this.#turnsOverLimit = 0;
      return;
    }
    const effort = FORGOTTEN_PER_TURN * ++this.#turnsOverLimit;
    for (let i = 0; i < effort && this.keys > trackingTableMaxKeys; i++) {
      this.#invalidate(this.#keys[this.#engine.random.below(this.keys)], false);
    }
    if (this.keys <= trackingTableMaxKeys) this.#turnsOverLimit = 0;
  }

  /** The session a change is attributed to: a script's changes are not those of the client that runs it. */
  #writer(): EngineSession | null {
    return this.#engine.scripting.current?.session ?? this.#engine.current;
  }

  #note(key: Bytes, reader: number): void {
    let tracked = this.#byKey.get(key);
    if (tracked === undefined) {
      tracked = { key, readers: new Set(), place: this.#keys.length };
      this.#byKey.set(key, tracked);
      this.#keys.push(tracked);
    }
    if (tracked.readers.has(reader)) return;
    tracked.readers.add(reader);
    this.items++;
  }

  #invalidate(tracked: TrackedKey, later: boolean): void {
    const { key, readers, place } = tracked;
    this.#byKey.delete(key);
    const last = this.#keys.pop()!;
    if (last !== tracked) {
      this.#keys[place] = last;
      last.place = place;
    }
    this.items -= readers.size;
    for (const id of readers) {
      const session = this.#engine.sessions.get(id);
      const state = session?.tracking;
      if (!state || state.prefixes !== null || (state.noLoop && session === this.#engine.current)) continue;
      this.#send(session, [key], later);
    }
  }

  #forgetAll(): void {
    this.#byKey.clear();
    this.#keys.length = 0;
    this.items = 0;
  }

  /** Sends the message that `keys` are stale. What a session's own command changed comes after its reply. */
  #send(session: EngineSession, keys: Reply, later: boolean): void {
    const state = session.tracking!;
    let receiver = session;
    if (state.redirect !== 0) {
      const other = this.#engine.sessions.get(state.redirect);
      if (other === undefined) {
        state.broken = true;
        if (session.protocol > 2)
          deliver(session, ['tracking-redir-broken', state.redirect], later && this.#isCurrent(session));
        return;
      }
      receiver = other;
    }
    const words =
      receiver.protocol > 2
        ? ['invalidate', keys]
        : receiver !== session && receiver.subscribed
          ? ['message', INVALIDATE_CHANNEL, keys]
          : null;
    if (words !== null) deliver(receiver, words, later && this.#isCurrent(session) && this.#isCurrent(receiver));
  }

  #isCurrent(session: EngineSession): boolean {
    return session === this.#engine.current;
  }

  #noteForPrefixes(key: Bytes, writer: EngineSession | null): void {
    for (const [prefix, { changed }] of this.#prefixes) if (key.startsWith(prefix)) changed.set(key, writer);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#broadcast());
  }

  #broadcast(): void {
    this.#scheduled = false;
    const inOrder = [...this.#prefixes].sort(([a], [b]) => compareBytes(a, b));
    for (const [, { listeners, changed }] of inOrder) {
      if (changed.size === 0) continue;
      const all = [...changed].sort(([a], [b]) => compareBytes(a, b));
      changed.clear();
      for (const session of listeners) {
        const own = session.tracking!.noLoop ? all.filter(([, writer]) => writer !== session) : all;
        if (own.length > 0)
          this.#send(
            session,
            own.map(([key]) => key),
            false,
          );
      }
    }
  }
}

function deliver(session: EngineSession, words: Reply[], later: boolean): void {
  const message = new PushReply(words);
  if (later) session.pushLater(message);
  else session.push(message);
}
