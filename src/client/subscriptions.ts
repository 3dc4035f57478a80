import type { Request } from '../backend/backend.js';
import { commands } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';

const kinds = [
  { on: commands.subscribe, off: 'UNSUBSCRIBE' },
  { on: commands.psubscribe, off: 'PUNSUBSCRIBE' },
  { on: commands.ssubscribe, off: 'SUNSUBSCRIBE' },
] as const;

/** What a subscriber wants to hear, so that it can be asked for again. */
export class Subscriptions {
  readonly #wanted = kinds.map(() => new Set<Bytes>());

  get isEmpty(): boolean {
    return this.#wanted.every((names) => names.size === 0);
  }

  /** Notes a command; returns how many confirmations it will get, 0 if it has nothing to do with subscriptions. */
  note(name: string, argv: readonly Bytes[]): number {
    for (const [i, { on, off }] of kinds.entries()) {
      const names = this.#wanted[i]!;
      if (name === on.name) {
        for (const channel of argv.slice(1)) names.add(channel);
        return argv.length - 1;
      }
      if (name !== off) continue;
      const confirmations = argv.length > 1 ? argv.length - 1 : Math.max(1, names.size);
      for (const channel of argv.length > 1 ? argv.slice(1) : [...names]) names.delete(channel);
      return confirmations;
    }
    return 0;
  }

  /** The commands that subscribe to all of it. */
  requests(): Request[] {
    return kinds.flatMap(({ on }, i) => {
      const names = [...this.#wanted[i]!];
      return names.length === 0 ? [] : [{ spec: on, argv: [on.name, ...names] }];
    });
  }
}
