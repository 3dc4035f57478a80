/** Writes under load with a record of what became of each: nothing acknowledged may be lost, nothing done twice. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClosedError, KeyspanError } from '../../src/core/errors.js';
import type { Redis } from '../../src/index.js';

type Write = (db: Redis, key: string, id: string) => Promise<unknown>;

/** One entry of a list per write. */
const push: Write = (db, key, id) => db.rpush(key, id);

export class Ledger {
  readonly acknowledged = new Set<string>();
  /** Those whose error says that they may have been carried out. */
  readonly unclear = new Set<string>();
  /** Those whose error says that they were not. */
  readonly failed = new Map<string, unknown>();
  /** The longest time that one writer waited for the end of a write, in milliseconds. */
  longest_ms = 0;
  readonly #db: Redis;
  readonly #key: string;
  readonly #write: Write;
  #count = 0;
  #running = true;
  #writers: Promise<void>[] = [];

  constructor(db: Redis, key: string, write: Write = push) {
    this.#db = db;
    this.#key = key;
    this.#write = write;
  }

  /** Begins to write, by so many writers that each wait for their reply. */
  start(writers: number): this {
    this.#writers = Array.from({ length: writers }, () => this.#work());
    return this;
  }

  /** Waits for the writes that were begun. Every one ends, by its reply or its deadline. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#writers);
  }

  /** Compares with what a server holds in the end. `mayLose` are writes that replication itself may have lost. */
  check(entries: readonly string[], mayLose: (id: string) => boolean = () => false): void {
    const held = new Set(entries);
    assert.equal(held.size, entries.length, 'nothing was carried out twice');
    const lost = [...this.acknowledged].filter((id) => !held.has(id) && !mayLose(id));
    assert.deepEqual(lost, [], 'nothing acknowledged was lost');
    const denied = [...this.failed.keys()].filter((id) => held.has(id));
    assert.deepEqual(denied, [], 'nothing was carried out whose error says that it was not');
    for (const id of held) assert.ok(this.acknowledged.has(id) || this.unclear.has(id), `${id} was never written`);
  }

  get summary(): string {
    const { acknowledged, unclear, failed, longest_ms } = this;
    return `${acknowledged.size} acknowledged, ${unclear.size} unclear, ${failed.size} failed, longest wait ${longest_ms} ms`;
  }

  async #work(): Promise<void> {
    while (this.#running) {
      const id = String(++this.#count);
      const start = performance.now();
      try {
        await this.#write(this.#db, this.#key, id);
        this.acknowledged.add(id);
      } catch (error) {
        // The test is over, be it by a failure.
        if (error instanceof ClosedError) return;
        if (error instanceof KeyspanError && error.applied === 'maybe') this.unclear.add(id);
        else this.failed.set(id, error);
      }
      this.longest_ms = Math.max(this.longest_ms, Math.round(performance.now() - start));
      await sleep(1);
    }
  }
}
