import type { RepairProgress } from '../backend/events.js';
import { bytesOf, itemsOf } from '../commands/shape.js';
import { commands } from '../commands/table.js';
import type { Bytes } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { ConnectionError } from '../core/errors.js';
import { ErrorReply, type Reply } from '../core/reply.js';
import { checked, copiesOf } from './copy-keys.js';
import type { KeyOrder } from './key-order.js';
import type { Node } from './node.js';

/** How many keys are copied at a time; writes on them wait meanwhile. */
const PAGE_KEYS = 64;

export interface RepairHost {
  readonly order: KeyOrder;
  readonly clock: Clock;
  report(progress: RepairProgress): void;
}

/**
 * Makes a node equal to another while writes go on, which go to both.
 *
 *  1. copy: every key that SCAN finds at the source is copied. Until then writes on it do to the node whatever they do.
 *  2. clean: every key that SCAN finds at the node and the source has not is deleted.
 *  3. again: keys that were written during 1 and 2 may have been made by neither; they are copied once more. From here
 *     on a write can only spoil the node if one of its keys is among those.
 */
export class Repair {
  readonly #source: Node;
  readonly #node: Node;
  readonly #host: RepairHost;
  readonly #written = new Set<Bytes>();
  #phase: RepairProgress['phase'] = 'copy';
  #copied = 0;
  #total = 0;
  #removed = 0;

  constructor(source: Node, node: Node, host: RepairHost) {
    this.#source = source;
    this.#node = node;
    this.#host = host;
  }

  /** Keys are about to be written, at both. */
  noteWrite(keys: readonly Bytes[]): void {
    if (this.#phase === 'again' && !keys.some((key) => this.#written.has(key))) return;
    for (const key of keys) this.#written.add(key);
  }

  /** Resolves when the node is equal. Rejects if it or the source failed. */
  async run(): Promise<void> {
    this.#total = Number(checked(await this.#ask(this.#source, ['DBSIZE']), 'DBSIZE'));
    await this.#copyFunctions();
    await this.#scan(this.#source, (keys) => this.#copy(keys));
    this.#enter('clean');
    await this.#scan(this.#node, (keys) => this.#clean(keys));
    this.#enter('again');
    while (this.#written.size > 0) await this.#copy([...take(this.#written, PAGE_KEYS)]);
    this.#enter('done');
  }

  #enter(phase: RepairProgress['phase']): void {
    this.#phase = phase;
    this.#report();
  }

  #report(): void {
    const { name } = this.#node;
    this.#host.report({
      node: name,
      phase: this.#phase,
      copied: this.#copied,
      total: this.#total,
      removed: this.#removed,
    });
  }

  async #scan(node: Node, visit: (keys: readonly Bytes[]) => Promise<void>): Promise<void> {
    let cursor = '0';
    do {
      const page = itemsOf(checked(await this.#ask(node, ['SCAN', cursor, 'COUNT', String(PAGE_KEYS)]), 'SCAN')) ?? [];
      cursor = bytesOf(page[0] ?? '0') ?? '0';
      const keys = [...new Set((itemsOf(page[1] ?? []) ?? []).map((key) => bytesOf(key) ?? ''))];
      for (let at = 0; at < keys.length; at += PAGE_KEYS) await visit(keys.slice(at, at + PAGE_KEYS));
      this.#report();
    } while (cursor !== '0');
  }

  async #copy(keys: readonly Bytes[]): Promise<void> {
    await this.#held(keys, async (sent) => {
      for (const key of keys) this.#written.delete(key);
      const copies = await copiesOf(this.#source, keys, this.#host.clock);
      const replies = this.#node.guard(this.#node.backend.batch(copies));
      sent();
      for (const reply of await replies) this.#check(reply);
      this.#copied += copies.filter(({ spec }) => spec === commands.restore).length;
    });
  }

  async #clean(keys: readonly Bytes[]): Promise<void> {
    await this.#held(keys, async (sent) => {
      const asked = keys.map((key) => ({ spec: commands.exists, argv: ['EXISTS', key] }));
      const replies = await this.#source.guard(this.#source.backend.batch(asked));
      const strangers = keys.filter((_, i) => replies[i] === 0);
      if (strangers.length === 0) return;
      const request = { spec: commands.del, argv: ['DEL', ...strangers] };
      const reply = this.#node.answer(this.#node.backend.call(request));
      sent();
      this.#check(await reply);
      this.#removed += strangers.length;
    });
  }

  /** Holds the keys until `work` has sent what it has to. */
  async #held(keys: readonly Bytes[], work: (sent: () => void) => Promise<void>): Promise<void> {
    const turn = this.#host.order.enter(keys);
    try {
      const wait = turn.begin();
      if (wait !== null) await wait;
      await work(() => turn.end());
    } finally {
      turn.end();
    }
  }

  /** Libraries of functions. Servers before 7.0 have none. */
  async #copyFunctions(): Promise<void> {
    const payload = await this.#ask(this.#source, ['FUNCTION', 'DUMP']);
    const bytes = payload instanceof ErrorReply ? null : bytesOf(payload);
    if (bytes !== null) await this.#ask(this.#node, ['FUNCTION', 'RESTORE', bytes, 'FLUSH']);
  }

  #ask(node: Node, argv: Bytes[]): Promise<Reply> {
    const spec = { DBSIZE: commands.dbsize, SCAN: commands.scan }[argv[0]!];
    const wanted = spec ?? (argv[1] === 'DUMP' ? commands.functionDump : commands.functionRestore);
    return node.answer(node.backend.call({ spec: wanted, argv }));
  }

  #check(reply: Reply): void {
    if (reply instanceof ErrorReply) {
      throw new ConnectionError(`node '${this.#node.name}' cannot be made equal: ${reply.text}`);
    }
  }
}

function* take<T>(from: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const item of from) {
    if (left-- === 0) return;
    yield item;
  }
}
