import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { KeyspanError } from '../../../src/core/errors.js';

/** What became of things that were to be done once: each has an id that the server keeps. */
export class Book {
  readonly acknowledged = new Set<string>();
  /** Those that may have been done, by their errors. */
  readonly unclear = new Set<string>();
  /** Those that were not, by their errors. */
  readonly denied = new Map<string, unknown>();

  done(...ids: string[]): void {
    for (const id of ids) this.acknowledged.add(id);
  }

  failed(error: unknown, ...ids: string[]): void {
    for (const id of ids) {
      // A reason of an abort says nothing of effects.
      if (error instanceof KeyspanError && error.applied === 'no') this.denied.set(id, error);
      else this.unclear.add(id);
    }
  }

  /** Compares with what the server holds. */
  check(held: readonly string[], what: string): void {
    const set = new Set(held);
    assert.equal(set.size, held.length, `${what}: something was done twice`);
    const lost = [...this.acknowledged].filter((id) => !set.has(id));
    assert.deepEqual(lost, [], `${what}: acknowledged, and not there`);
    for (const [id, error] of this.denied)
      assert.ok(!set.has(id), `${what}: done, though its error says that it was not: ${id}, ${inspect(error)}`);
    for (const id of held)
      assert.ok(this.acknowledged.has(id) || this.unclear.has(id), `${what}: nobody asked for ${id}`);
  }
}

/** Elements that are put into a queue by one, and popped by anybody. */
export class QueueBook {
  readonly pushed = new Book();
  readonly popped = new Set<string>();
  /** How many pops ended without saying that they took nothing. */
  unclearPops = 0;

  took(id: string): void {
    assert.ok(!this.popped.has(id), `${id} was popped twice`);
    this.popped.add(id);
  }

  popFailed(error: unknown): void {
    if (!(error instanceof KeyspanError) || error.applied === 'maybe') this.unclearPops++;
  }

  check(left: readonly string[]): void {
    for (const id of left) assert.ok(!this.popped.has(id), `${id} was popped, and is there still`);
    const gone = [...this.pushed.acknowledged].filter((id) => !this.popped.has(id) && !left.includes(id));
    assert.ok(
      gone.length <= this.unclearPops,
      `${gone.length} elements are lost, ${this.unclearPops} pops are unclear`,
    );
    const never = [...this.pushed.denied.keys()].filter((id) => this.popped.has(id) || left.includes(id));
    assert.deepEqual(never, [], 'in the queue, though their errors say that they are not');
  }
}
