import { type Bytes, sliceBytes } from '../../core/bytes.js';
import type { ListBlock, ListChain } from './list-chain.js';
import { lengthAt, lengthBefore, varintSize } from './list-node.js';

/**
 * Walks elements of a list in either direction: after `next()` has returned true, the element is
 * `buffer[start … start + length)`. Ends with the list's next change.
 */
export class ListCursor {
  buffer: Uint8Array = NONE;
  start = 0;
  length = 0;
  readonly #blocks: readonly ListBlock[];
  readonly #forward: boolean;
  #rest: number;
  #blockAt: number;
  #nodeAt: number;
  /** Where the next entry begins, or ends when walking backward. */
  #at: number;
  /** Where the entries of this node end in the direction of the walk. */
  #end: number;

  /** From element `index` on, at most `count` elements; both lie within the list. */
  constructor(chain: ListChain, index: number, count: number, forward: boolean) {
    this.#blocks = chain.blocks;
    this.#forward = forward;
    this.#rest = count;
    this.#blockAt = 0;
    this.#nodeAt = 0;
    this.#at = 0;
    this.#end = 0;
    if (count === 0) return;
    const node = chain.locate(index);
    this.#blockAt = chain.blockAt;
    this.#nodeAt = chain.nodeAt;
    this.buffer = node.bytes;
    this.#at = chain.offset;
    this.#end = node.tail;
    if (!forward) {
      const length = lengthAt(node.bytes, chain.offset);
      this.#at += length + 2 * varintSize(length);
      this.#end = node.head;
    }
  }

  /** Moves to the next element; false at the end. O(1). */
  next(): boolean {
    if (this.#rest === 0) return false;
    this.#rest--;
    if (this.#at === this.#end) this.#enterNode();
    if (this.#forward) {
      const length = lengthAt(this.buffer, this.#at);
      const width = varintSize(length);
      this.length = length;
      this.start = this.#at + width;
      this.#at = this.start + length + width;
    } else {
      const length = lengthBefore(this.buffer, this.#at);
      const width = varintSize(length);
      this.length = length;
      this.start = this.#at - width - length;
      this.#at = this.start - width;
    }
    return true;
  }

  /** The element as Bytes. */
  value(): Bytes {
    return sliceBytes(this.buffer, this.start, this.start + this.length);
  }

  #enterNode(): void {
    if (this.#forward) {
      if (++this.#nodeAt === this.#blocks[this.#blockAt].nodes.length) {
        this.#blockAt++;
        this.#nodeAt = 0;
      }
    } else if (--this.#nodeAt < 0) {
      this.#blockAt--;
      this.#nodeAt = this.#blocks[this.#blockAt].nodes.length - 1;
    }
    const node = this.#blocks[this.#blockAt].nodes[this.#nodeAt];
    this.buffer = node.bytes;
    this.#at = this.#forward ? node.head : node.tail;
    this.#end = this.#forward ? node.tail : node.head;
  }
}

const NONE = new Uint8Array(0);
