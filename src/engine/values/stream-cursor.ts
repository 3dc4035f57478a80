import type { Bytes } from '../../core/bytes.js';
import { compareIds, type StreamId } from '../../core/stream-id.js';
import { NodeReader, type StreamNode } from './stream-node.js';

/** From where to where, both included. */
export interface IdSpan {
  readonly from: StreamId;
  readonly to: StreamId;
}

/**
 * A walk over the live entries of a span, in either direction: `while (cursor.next()) … cursor.id … cursor.fields()`.
 * The stream must not change meanwhile. `tombstones: true` shows deleted entries too.
 */
export class StreamCursor {
  readonly #nodes: readonly StreamNode[];
  readonly #span: IdSpan;
  readonly #reverse: boolean;
  readonly #tombstones: boolean;
  #index: number;
  #reader: NodeReader | null = null;

  /** `start`: the index of the first node to look at. */
  constructor(
    nodes: readonly StreamNode[],
    span: IdSpan,
    options: { start: number; reverse: boolean; tombstones: boolean },
  ) {
    this.#nodes = nodes;
    this.#span = span;
    this.#reverse = options.reverse;
    this.#tombstones = options.tombstones;
    this.#index = options.start;
  }

  get id(): StreamId {
    return this.#reader!.id;
  }

  /** Fields and values in turn. */
  fields(): Bytes[] {
    return this.#reader!.fields();
  }

  get node(): StreamNode {
    return this.#reader!.node;
  }

  /** Where the entry begins in its node. */
  get offset(): number {
    return this.#reader!.at;
  }

  next(): boolean {
    const { from, to } = this.#span;
    for (;;) {
      if (this.#reader === null) {
        const node = this.#nodes[this.#index];
        if (node === undefined) return false;
        this.#reader = new NodeReader(node, this.#reverse);
      }
      const reader = this.#reader;
      while (this.#reverse ? reader.previous() : reader.next()) {
        if (compareIds(reader.id, this.#reverse ? to : from) * (this.#reverse ? -1 : 1) < 0) continue;
        if (reader.deleted && !this.#tombstones) continue;
        if (compareIds(reader.id, this.#reverse ? from : to) * (this.#reverse ? -1 : 1) > 0) return this.#finish();
        return true;
      }
      this.#reader = null;
      this.#index += this.#reverse ? -1 : 1;
    }
  }

  #finish(): false {
    this.#reader = null;
    this.#index = -1;
    return false;
  }
}
