import { commands } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';

/** What may be subscribed to: by which commands that begins and ends, and what kind of push carries its messages. */
export const kinds = [
  { on: commands.subscribe, off: commands.unsubscribe, message: 'message' },
  { on: commands.psubscribe, off: commands.punsubscribe, message: 'pmessage' },
  { on: commands.ssubscribe, off: commands.sunsubscribe, message: 'smessage' },
] as const;

/** Channels, patterns, shard channels, by their place in `kinds`. */
export type Kind = 0 | 1 | 2;
export const allKinds: readonly Kind[] = [0, 1, 2];

/** The kind that a command begins or ends subscriptions to; null for any other command. */
export function changeOf(name: string): { readonly kind: Kind; readonly begins: boolean } | null {
  for (const kind of allKinds) {
    if (kinds[kind].on.name === name) return { kind, begins: true };
    if (kinds[kind].off.name === name) return { kind, begins: false };
  }
  return null;
}

/** What one conversation has subscribed to. */
export class Subscriptions {
  readonly #names = kinds.map(() => new Set<Bytes>());

  get isEmpty(): boolean {
    return this.#names.every((names) => names.size === 0);
  }

  of(kind: Kind): Set<Bytes> {
    return this.#names[kind]!;
  }

  /** As servers count: channels and patterns together, shard channels apart. */
  countFor(kind: Kind): number {
    return kind === 2 ? this.of(2).size : this.of(0).size + this.of(1).size;
  }

  /** Notes a command; returns how many confirmations it will get, 0 if it has nothing to do with subscriptions. */
  note(name: string, argv: readonly Bytes[]): number {
    const change = changeOf(name);
    if (change === null) return 0;
    const names = this.of(change.kind);
    const given = argv.slice(1);
    if (change.begins) {
      for (const channel of given) names.add(channel);
      return given.length;
    }
    const confirmations = given.length > 0 ? given.length : Math.max(1, names.size);
    for (const channel of given.length > 0 ? given : [...names]) names.delete(channel);
    return confirmations;
  }
}
