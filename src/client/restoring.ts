import type { Bytes } from '../core/bytes.js';
import { type KeyspanError, replyErrorOf } from '../core/errors.js';
import { ErrorReply, type PushReply, type Reply } from '../core/reply.js';
import { ChannelCommand, type Era } from './channel-command.js';
import type { Connection } from './connection.js';
import { allKinds, type Kind, kinds } from './subscriptions.js';

/** How many names one command subscribes to again. */
const NAMES_MAX = 1000;
/** How many messages may wait until everything is subscribed again. */
const HELD_MAX = 1000;

interface RestoringListener {
  /** For each command; 0 for none. */
  readonly timeout: number;
  confirmed(kind: Kind, name: Bytes): void;
  /** The server does not allow it any more. */
  refused(kind: Kind, name: Bytes, error: KeyspanError): void;
  /** All names have their answers. `held` is what came meanwhile. */
  done(held: readonly PushReply[]): void;
}

const noop = (): void => {};

/**
 * Subscribes on a new connection to what the one before it held. Messages that come before all of it is confirmed are
 * held back: they belong behind the gap.
 */
export class Restoring {
  readonly #connection: Connection;
  readonly #era: Era;
  readonly #listener: RestoringListener;
  readonly #held: PushReply[] = [];
  /** How many commands wait for their answers. */
  #left = 0;

  constructor(connection: Connection, era: Era, listener: RestoringListener) {
    this.#connection = connection;
    this.#era = era;
    this.#listener = listener;
  }

  begin(heard: readonly (readonly Bytes[])[]): void {
    for (const kind of allKinds) {
      const names = heard[kind]!;
      for (let at = 0; at < names.length; at += NAMES_MAX) this.#ask(kind, names.slice(at, at + NAMES_MAX));
    }
  }

  /** Keeps a message; of too many the oldest goes: it is one of those that may be missing. */
  hold(push: PushReply): void {
    if (this.#held.length === HELD_MAX) this.#held.shift();
    this.#held.push(push);
  }

  #ask(kind: Kind, names: readonly Bytes[]): void {
    this.#left++;
    const { on } = kinds[kind];
    let due = names.length;
    const heard = (reply: Reply): void => {
      if (reply instanceof ErrorReply) {
        this.#refuse(kind, names, reply);
      } else {
        const { items } = reply as PushReply;
        this.#listener.confirmed(kind, items[1] as Bytes);
        if (--due > 0) return;
      }
      if (--this.#left === 0) this.#listener.done(this.#held);
    };
    const command = new ChannelCommand({ spec: on, argv: [on.name, ...names] }, this.#era, heard);
    const { timeout } = this.#listener;
    command.retry = 'never';
    command.timeout = timeout;
    if (timeout > 0) command.deadline = this.#connection.turnTime() + timeout;
    // Should its time be over, its confirmations are heard all the same; a peer that is silent is replaced.
    command.promise.catch(noop);
    this.#connection.send(command);
  }

  /** One name of several may be to blame: then each is asked for by itself. */
  #refuse(kind: Kind, names: readonly Bytes[], reply: ErrorReply): void {
    if (names.length > 1 && this.#connection.ready) for (const name of names) this.#ask(kind, [name]);
    else for (const name of names) this.#listener.refused(kind, name, replyErrorOf(reply.text, {}));
  }
}
