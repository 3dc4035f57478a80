import type { Sink } from './backend/session.js';
import { bytesFromText, textFromBytes } from './core/bytes.js';
import { PushReply, type Reply } from './core/reply.js';
import type { EngineSession } from './engine/session.js';

/** An object that receives messages. */
export interface Subscriber {
  message(channel: string, message: string, pattern?: string): void;
}

type Kind = 'SUBSCRIBE' | 'PSUBSCRIBE';

/**
 * Keeps track of which objects subscribe to what, over one session of the engine. An object that subscribes twice
 * receives messages once.
 */
export class Subscribers {
  readonly #session: EngineSession;
  readonly #byChannel = new Map<string, Set<Subscriber>>();
  readonly #byPattern = new Map<string, Set<Subscriber>>();

  constructor(connect: (sink: Pick<Sink, 'reply' | 'push'>) => EngineSession) {
    this.#session = connect({ reply: () => {}, push: (message) => this.#heard(message) });
    this.#session.protocol = 3;
  }

  add(kind: Kind, name: string, subscriber: Subscriber): void {
    const map = this.#mapOf(kind);
    const there = map.get(name);
    if (there) there.add(subscriber);
    else {
      map.set(name, new Set([subscriber]));
      this.#session.call([kind, bytesFromText(name)]);
    }
  }

  remove(kind: Kind, name: string, subscriber: Subscriber): void {
    const map = this.#mapOf(kind);
    const there = map.get(name);
    if (!there?.delete(subscriber) || there.size > 0) return;
    map.delete(name);
    this.#session.call([`${kind === 'SUBSCRIBE' ? '' : 'P'}UNSUBSCRIBE`, bytesFromText(name)]);
  }

  /** The channels, or patterns, with subscribers, and their numbers. */
  list(kind: Kind): Record<string, number> {
    return Object.fromEntries([...this.#mapOf(kind)].map(([name, { size }]) => [name, size]));
  }

  close(): void {
    this.#session.end();
  }

  #mapOf(kind: Kind): Map<string, Set<Subscriber>> {
    return kind === 'SUBSCRIBE' ? this.#byChannel : this.#byPattern;
  }

  #heard(push: Reply): void {
    if (!(push instanceof PushReply)) return;
    const [kind, ...rest] = push.items as string[];
    const texts = rest.map((word) => (typeof word === 'string' ? textFromBytes(word) : ''));
    if (kind === 'message') {
      for (const one of [...(this.#byChannel.get(texts[0]) ?? [])]) one.message(texts[0], texts[1]);
    } else if (kind === 'pmessage') {
      for (const one of [...(this.#byPattern.get(texts[0]) ?? [])]) one.message(texts[1], texts[2], texts[0]);
    }
  }
}
