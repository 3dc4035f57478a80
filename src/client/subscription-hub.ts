import type { CallOptions, Request } from '../backend/backend.js';
import { GAP } from '../backend/messages.js';
import { bytesOf } from '../commands/shape.js';
import type { Bytes } from '../core/bytes.js';
import { millisNow } from '../core/clock.js';
import { type KeyspanError, TimeoutError } from '../core/errors.js';
import { PushReply, type Reply } from '../core/reply.js';
import type { Address } from './address.js';
import { ANEW, ChannelCommand } from './channel-command.js';
import type { Connection } from './connection.js';
import { Restoring } from './restoring.js';
import type { Lender } from './shared-options.js';
import type { SignalGroups } from './signal-groups.js';
import type { LineListener, OwnLine, SubscriptionLine } from './subscription-line.js';
import { allKinds, type Kind, kinds, type Subscriptions } from './subscriptions.js';

/** A conversation that hears channels. */
export interface Hearer {
  readonly isOver: boolean;
  readonly names: Subscriptions;
  push(push: PushReply): void;
  /** The server has confirmed a name; `names` is to have it. */
  joined(kind: Kind, name: Bytes): void;
  /** As the server ends a subscription unasked; `names` is not to have it any more. */
  expelled(kind: Kind, name: Bytes): void;
  /** Nothing more will come. */
  end(error: KeyspanError | null): void;
}

/** Who hears a name. */
interface Entry {
  readonly hearers: Set<Hearer>;
  /** How many commands are under way that subscribe to it. */
  joining: number;
  /** The server sends its messages to the connection that is there now. */
  isThere: boolean;
}

export interface HubArguments {
  /** The connection that all commands share: in RESP3 subscriptions go by it. */
  readonly main: SubscriptionLine;
  /** Where RESP2 is spoken they get a connection of their own, lent by the pool. */
  openOwn(lender: Lender): OwnLine;
  readonly pool: Lender;
  readonly groups: SignalGroups;
  /** For calls that name none. */
  readonly timeout: number;
  readonly retry: 'never' | 'safe' | 'always';
}

const noop = (): void => {};

/**
 * All subscriptions of a client, on one connection: that of its commands in RESP3, one beside it in RESP2. A name that
 * several conversations hear is subscribed to once. SUBSCRIBE is sent for each of them all the same, so that each has the
 * server's own answer; UNSUBSCRIBE is sent for the last. What a lost connection held is subscribed to again on the next,
 * before any command, and a push of kind `gap` says so.
 *
 *   subscribe ──▶ joining ──confirmed──▶ heard ──▶ messages
 *                    ▲                     │ connection lost: restored by the next, then the gap is told
 *                    └── sent again ◀──────┘
 */
export class SubscriptionHub {
  /** Another number for each connection, so that what a former one says is not believed. */
  era = 0;
  readonly #args: HubArguments;
  readonly #entries: readonly Map<Bytes, Entry>[] = kinds.map(() => new Map());
  readonly #hearers = new Set<Hearer>();
  /** Commands of callers that have no answer. */
  readonly #asked = new Set<ChannelCommand>();
  #own: OwnLine | null = null;
  /** Lines that are not needed any more and take their leave, with their ends. */
  readonly #leaving = new Map<OwnLine, Promise<void>>();
  #restoring: Restoring | null = null;
  /** Sharing a connection has done harm: see `#partWays`. */
  #mustPart = false;
  #closed = false;

  constructor(args: HubArguments) {
    this.#args = args;
    args.main.listener = this.#listenerFor(args.main);
  }

  /** How many connections there are beside the shared one. */
  get connections(): number {
    return this.#own?.gauges.connections ?? 0;
  }

  /** Whether the line of all commands is none for subscriptions. */
  get #isApart(): boolean {
    const { main } = this.#args;
    return this.#mustPart || main.protocol === 2 || main.live?.greeting.protocol === 2;
  }

  get #line(): SubscriptionLine {
    return this.#own ?? this.#args.main;
  }

  get #isEmpty(): boolean {
    return this.#entries.every((entries) => entries.size === 0);
  }

  add(hearer: Hearer): void {
    this.#hearers.add(hearer);
  }

  /** SUBSCRIBE and its kin. The hearer has joined a name when its confirmation comes, before any message of it. */
  async subscribe(kind: Kind, names: readonly Bytes[], hearer: Hearer, options: CallOptions): Promise<Reply> {
    const entries = names.map((name) => this.#entry(kind, name));
    for (const entry of entries) entry.joining++;
    let isWanted = true;
    const { on } = kinds[kind];
    const heard = (reply: Reply): void => {
      if (!(reply instanceof PushReply)) return;
      const name = bytesOf(reply.items[1] ?? null) ?? '';
      const entry = this.#entry(kind, name);
      entry.isThere = true;
      if (isWanted && !hearer.isOver) {
        entry.hearers.add(hearer);
        hearer.joined(kind, name);
      } else {
        this.#tidy(kind, [name]);
      }
    };
    const ask = this.#asker({ spec: on, argv: [on.name, ...names] }, options, heard);
    try {
      for (;;) {
        const reply = await ask();
        if (reply !== ANEW) return reply;
      }
    } finally {
      isWanted = false;
      for (const entry of entries) entry.joining--;
      this.#tidy(kind, names);
    }
  }

  /** UNSUBSCRIBE and its kin. From now on nothing of it is heard; the server is told if nobody else hears it. */
  async unsubscribe(kind: Kind, names: readonly Bytes[], hearer: Hearer, options: CallOptions): Promise<Reply> {
    const gone = this.#forget(kind, names, hearer);
    if (gone.length === 0) return null;
    const { off } = kinds[kind];
    try {
      // A connection that has been replaced has nothing left to end.
      const reply = await this.#asker({ spec: off, argv: [off.name, ...gone] }, options, noop)();
      return reply === ANEW ? null : reply;
    } finally {
      this.#leaveIfEmpty();
    }
  }

  /** The conversation is over. */
  drop(hearer: Hearer): void {
    this.#hearers.delete(hearer);
    for (const kind of allKinds) {
      const gone = this.#forget(kind, [...hearer.names.of(kind)], hearer);
      this.#endQuietly(kind, gone);
    }
    this.#leaveIfEmpty();
  }

  /** The primary is at another address now. */
  moved(address: Address): void {
    this.#own?.moved(address);
  }

  /** Ends all conversations; resolves when no connection is left but the shared one. */
  async close(timeout: number): Promise<void> {
    this.#end();
    this.#leaveOwn(timeout);
    await Promise.all(this.#leaving.values());
  }

  destroy(): void {
    this.#end();
    this.#own?.destroy();
    for (const line of this.#leaving.keys()) line.destroy();
  }

  #end(): void {
    this.#closed = true;
    for (const hearer of [...this.#hearers]) hearer.end(null);
  }

  /** Sends a command, each time it is called, within the time that the call has as a whole. */
  #asker(request: Request, options: CallOptions, heard: (reply: Reply) => void): () => Promise<Reply | typeof ANEW> {
    const { timeout = this.#args.timeout, signal, retry = this.#args.retry } = options;
    const deadline = timeout > 0 ? millisNow() + timeout : Number.POSITIVE_INFINITY;
    let left = timeout;
    return async () => {
      signal?.throwIfAborted();
      if (timeout > 0 && left <= 0) {
        const command = request.spec.name;
        throw new TimeoutError(`${command} had no reply within ${timeout} ms`, { command });
      }
      const command = new ChannelCommand(request, this, heard);
      command.retry = retry;
      if (signal !== undefined) command.follow(signal, this.#args.groups);
      this.#lineForCommand().submit(command, left);
      this.#asked.add(command);
      try {
        return (await command.promise) as Reply | typeof ANEW;
      } finally {
        this.#asked.delete(command);
        left = timeout > 0 ? deadline - millisNow() : 0;
      }
    };
  }

  #lineForCommand(): SubscriptionLine {
    if (this.#own === null && this.#isApart) this.#openOwn();
    return this.#line;
  }

  #openOwn(): void {
    const { pool } = this.#args;
    const own = this.#args.openOwn({
      // What the former line has of the pool is given back first: there may be no more to be had.
      acquire: () => Promise.all(this.#leaving.values()).then(() => pool.acquire()),
      release: (connection) => pool.release(connection),
    });
    this.era++;
    this.#own = own;
    own.listener = this.#listenerFor(own);
    for (const command of [...this.#asked]) command.divert();
  }

  /**
   * Servers end connections that hear channels when more than 32 MB wait for them (client-output-buffer-limit), be it one
   * large reply. Where that may have happened twice the two get connections of their own as long as anything is heard.
   */
  #partWays(): void {
    if (this.#own !== null || this.#isEmpty || this.#closed) return;
    this.#mustPart = true;
    this.#openOwn();
    this.#own!.prepare();
  }

  #listenerFor(line: SubscriptionLine): LineListener {
    const ifInUse = (tell: () => void): void => {
      if (line === this.#line) tell();
    };
    return {
      opened: (connection) => ifInUse(() => this.#opened(connection)),
      left: (isSilent) => ifInUse(() => this.#left(isSilent)),
      suspected: () => ifInUse(() => this.#partWays()),
      push: (push) => ifInUse(() => this.#push(push)),
      gone: (error) => ifInUse(() => this.#gone(error)),
    };
  }

  #opened(connection: Connection): void {
    if (this.#own === null && connection.greeting.protocol === 2) {
      if (this.#isEmpty) return;
      this.#openOwn();
      this.#own!.prepare();
      return;
    }
    const heard = kinds.map((_, kind) => {
      for (const [name, { hearers, joining }] of this.#entries[kind]!)
        if (hearers.size + joining === 0) this.#entries[kind]!.delete(name);
      return [...this.#entries[kind]!].filter(([, { hearers }]) => hearers.size > 0).map(([name]) => name);
    });
    if (heard.every((names) => names.length === 0)) return;
    const hearers = [...this.#hearers].filter(({ names }) => !names.isEmpty);
    const restoring = new Restoring(connection, this, {
      timeout: this.#args.timeout,
      confirmed: (kind, name) => {
        this.#entry(kind, name).isThere = true;
        this.#tidy(kind, [name]);
      },
      refused: (kind, name, error) => {
        for (const hearer of [...(this.#entries[kind]!.get(name)?.hearers ?? [])]) hearer.end(error);
      },
      done: (held) => {
        if (this.#restoring === restoring) this.#restored(hearers, held);
      },
    });
    this.#restoring = restoring;
    restoring.begin(heard);
  }

  #restored(hearers: readonly Hearer[], held: readonly PushReply[]): void {
    this.#restoring = null;
    for (const hearer of hearers) if (!hearer.isOver && !hearer.names.isEmpty) hearer.push(new PushReply([GAP]));
    for (const push of held) this.#push(push);
  }

  #left(isSilent: boolean): void {
    this.era++;
    this.#restoring = null;
    // What a silent one owes is asked of the next; what it says after all is not believed.
    if (isSilent) for (const command of [...this.#asked]) command.divert();
    for (const entries of this.#entries) for (const entry of entries.values()) entry.isThere = false;
  }

  #gone(error: KeyspanError): void {
    for (const hearer of [...this.#hearers]) if (!hearer.names.isEmpty) hearer.end(error);
  }

  #push(push: PushReply): void {
    const what = bytesOf(push.items[0] ?? null);
    if (what === 'sunsubscribe') {
      this.#expel(2, bytesOf(push.items[1] ?? null) ?? '');
      return;
    }
    const kind = what === 'message' ? 0 : what === 'pmessage' ? 1 : what === 'smessage' ? 2 : null;
    if (kind === null) return;
    if (this.#restoring !== null) {
      this.#restoring.hold(push);
      return;
    }
    const hearers = this.#entries[kind]!.get(bytesOf(push.items[1] ?? null) ?? '')?.hearers;
    if (hearers !== undefined) for (const hearer of hearers) hearer.push(push);
  }

  /** The server has ended a subscription. If that was asked for nobody hears the name any more. */
  #expel(kind: Kind, name: Bytes): void {
    const entry = this.#entries[kind]!.get(name);
    if (entry === undefined) return;
    entry.isThere = false;
    const hearers = [...entry.hearers];
    entry.hearers.clear();
    this.#tidy(kind, [name]);
    for (const hearer of hearers) hearer.expelled(kind, name);
  }

  #entry(kind: Kind, name: Bytes): Entry {
    const entries = this.#entries[kind]!;
    let entry = entries.get(name);
    if (entry === undefined) {
      entry = { hearers: new Set(), joining: 0, isThere: false };
      entries.set(name, entry);
    }
    return entry;
  }

  /** Ends what one hears of names; returns those that the server need not send any more. */
  #forget(kind: Kind, names: readonly Bytes[], hearer: Hearer): Bytes[] {
    const mine = names.filter((name) => this.#entries[kind]!.get(name)?.hearers.delete(hearer));
    return this.#unheard(kind, mine);
  }

  /** Forgets those of the names that nobody hears; returns those of them that the server sends messages of. */
  #unheard(kind: Kind, names: readonly Bytes[]): Bytes[] {
    const entries = this.#entries[kind]!;
    return names.filter((name) => {
      const entry = entries.get(name);
      if (entry === undefined || entry.hearers.size + entry.joining > 0) return false;
      entries.delete(name);
      return entry.isThere;
    });
  }

  /** Lets the server send nothing that nobody hears. */
  #tidy(kind: Kind, names: readonly Bytes[]): void {
    this.#endQuietly(kind, this.#unheard(kind, names));
    this.#leaveIfEmpty();
  }

  #endQuietly(kind: Kind, names: readonly Bytes[]): void {
    const { live } = this.#line;
    if (names.length === 0 || live === null || this.#closed) return;
    const { off } = kinds[kind];
    const command = new ChannelCommand({ spec: off, argv: [off.name, ...names] }, this, noop);
    command.retry = 'never';
    command.timeout = this.#args.timeout;
    if (command.timeout > 0) command.deadline = live.turnTime() + command.timeout;
    command.promise.catch(noop);
    live.send(command);
  }

  #leaveIfEmpty(): void {
    if (this.#own !== null && this.#isEmpty) this.#leaveOwn(this.#args.timeout);
  }

  #leaveOwn(timeout: number): void {
    const own = this.#own;
    if (own === null) return;
    this.#own = null;
    this.#mustPart = false;
    this.era++;
    this.#leaving.set(
      own,
      own.close(timeout).then(() => void this.#leaving.delete(own)),
    );
  }
}
