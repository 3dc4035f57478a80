import { type Bytes, writeBytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import { entrySize, ListNode, lengthAt, NODE_BYTES_MAX, NODE_BYTES_MIN, varintSize } from './list-node.js';

/** Up to this many nodes stand in one block. */
const BLOCK_NODES_MAX = 128;
/** Beyond this an element decides the size of its node, so that few large elements leave no hole at its end. */
const SHARED_ENTRY_BYTES_MAX = 1536;
/** The first nodes of a list begin smaller than the later ones: most lists are short. */
const SHORT_CHAIN_NODES = 4;
/** What V8 takes for a node, its typed array and its buffer, besides the bytes. */
const NODE_OVERHEAD = 320;

/** Neighbouring nodes and the number of elements in them. */
export interface ListBlock {
  nodes: ListNode[];
  count: number;
}

/**
 * Nodes in blocks, blocks in an array: an index is found by skipping blocks, then nodes, then entries, each from the
 * nearer end. A million short elements are a dozen blocks; a node enters or leaves by moving at most 128 pointers.
 *
 * The `reserve…` methods make room for an element and leave the writing of its bytes to the caller:
 * they return the offset in `target.bytes`.
 */
export class ListChain {
  size = 0;
  nodeCount = 0;
  /** What the nodes take, overhead included. */
  bytes = 0;
  blocks: ListBlock[] = [];
  target!: ListNode;
  #meter: MemoryMeter | null;
  /** The place that `locate` found: a block, a node in it, an offset in the node's bytes. */
  blockAt = 0;
  nodeAt = 0;
  offset = 0;
  /** How many entries of that node lie before it. */
  #kept = 0;

  constructor(meter: MemoryMeter | null) {
    this.#meter = meter;
  }

  /** The entries of all nodes. O(nodes). */
  get usedBytes(): number {
    let sum = 0;
    for (const { nodes } of this.blocks) for (const node of nodes) sum += node.used;
    return sum;
  }

  /** From now on `meter` (or nobody) accounts for what the nodes take. */
  adopt(meter: MemoryMeter | null): void {
    this.#meter?.sub(this.bytes);
    this.#meter = meter;
    meter?.add(this.bytes);
  }

  /** Replaces all elements by entries packed in a string of at most `NODE_BYTES_MIN` bytes. */
  load(packed: Bytes, count: number): void {
    if (count === 0 || this.nodeCount !== 1) this.clear();
    if (count === 0) return;
    if (this.nodeCount === 0) this.blocks.push({ nodes: [this.#newNode(packed.length, false)], count: 0 });
    const block = this.blocks[0];
    const node = block.nodes[0];
    node.head = (node.capacity - packed.length) >> 1;
    node.tail = writeBytes(node.bytes, packed, node.head);
    this.size = block.count = node.count = count;
  }

  /** The node at one end; the chain is not empty. */
  endNode(atHead: boolean): ListNode {
    const { blocks } = this;
    if (atHead) return blocks[0].nodes[0];
    const { nodes } = blocks[blocks.length - 1];
    return nodes[nodes.length - 1];
  }

  reserveEnd(length: number, atHead: boolean): number {
    const size = entrySize(length);
    const { blocks } = this;
    if (blocks.length === 0) return this.#reserveNewEnd(length, size, atHead);
    const block = atHead ? blocks[0] : blocks[blocks.length - 1];
    const node = atHead ? block.nodes[0] : block.nodes[block.nodes.length - 1];
    if ((atHead ? node.head : node.bytes.length - node.tail) < size && !this.#makeRoom(node, size, atHead)) {
      return this.#reserveNewEnd(length, size, atHead);
    }
    block.count++;
    this.size++;
    return this.#frameEnd(node, length, size, atHead);
  }

  /** Room for an element before element `index` < size. */
  reserveAt(index: number, length: number): number {
    if (index === 0) return this.reserveEnd(length, true);
    this.locate(index);
    return this.#reserveHere(length);
  }

  /** Room for an element in the place of element `index` < size. */
  reserveReplace(index: number, length: number): number {
    this.locate(index);
    const block = this.blocks[this.blockAt];
    const node = block.nodes[this.nodeAt];
    if (lengthAt(node.bytes, this.offset) === length) {
      this.target = node;
      return this.offset + varintSize(length);
    }
    const size = entrySize(length);
    this.size--;
    block.count--;
    this.offset = node.remove(this.offset);
    if (this.#kept < node.count) return this.#reserveHere(length);
    if (node.count > 0) return this.#reserveBetween(this.nodeAt + 1, length, size);
    const fresh = new ListNode(this.#capacityFor(size));
    this.#account(0, fresh.capacity - node.capacity);
    node.release();
    block.nodes[this.nodeAt] = fresh;
    block.count++;
    this.size++;
    return this.#frameEnd(fresh, length, size, false);
  }

  /** Takes element `index` out. */
  remove(index: number): void {
    this.locate(index);
    const block = this.blocks[this.blockAt];
    const node = block.nodes[this.nodeAt];
    node.remove(this.offset);
    block.count--;
    this.size--;
    if (node.count === 0) this.#removeNode(this.blockAt, this.nodeAt);
    else if (node.used * 8 < NODE_BYTES_MAX) this.#mergeAround(block, this.nodeAt);
  }

  /** Forgets `count` ≤ size elements from one end. O(nodes) plus one node. */
  drop(count: number, fromHead: boolean): void {
    this.size -= count;
    const { blocks } = this;
    while (count > 0) {
      const block = fromHead ? blocks[0] : blocks[blocks.length - 1];
      const node = fromHead ? block.nodes[0] : block.nodes[block.nodes.length - 1];
      const taken = Math.min(count, node.count);
      count -= taken;
      block.count -= taken;
      if (taken < node.count) node.drop(taken, fromHead);
      else {
        node.release();
        this.#account(-1, -node.capacity);
        if (fromHead) block.nodes.shift();
        else block.nodes.pop();
        if (block.nodes.length === 0) fromHead ? blocks.shift() : blocks.pop();
      }
    }
  }

  /** Removes up to `max` elements equal to the needle, from one end on; returns how many. O(bytes). */
  removeMatching(needle: Uint8Array, length: number, max: number, fromHead: boolean): number {
    const { blocks } = this;
    let removed = 0;
    for (let i = 0; i < blocks.length && removed < max; i++) {
      const block = blocks[fromHead ? i : blocks.length - 1 - i];
      const { nodes } = block;
      const before = block.count;
      for (let j = 0; j < nodes.length && removed < max; j++) {
        const node = nodes[fromHead ? j : nodes.length - 1 - j];
        const here = node.removeMatching(needle, length, max - removed, fromHead);
        removed += here;
        block.count -= here;
      }
      if (block.count < before) this.#tidyBlock(block);
    }
    this.size -= removed;
    if (removed > 0) this.blocks = blocks.filter((block) => block.count > 0);
    return removed;
  }

  /** Finds element `index` < size and returns its node. */
  locate(index: number): ListNode {
    const { blocks } = this;
    let blockAt = 0;
    if (index * 2 < this.size) {
      while (index >= blocks[blockAt].count) index -= blocks[blockAt++].count;
    } else {
      blockAt = blocks.length - 1;
      let rest = this.size - index;
      while (rest > blocks[blockAt].count) rest -= blocks[blockAt--].count;
      index = blocks[blockAt].count - rest;
    }
    const { nodes, count } = blocks[blockAt];
    let nodeAt = 0;
    if (index * 2 < count) {
      while (index >= nodes[nodeAt].count) index -= nodes[nodeAt++].count;
    } else {
      nodeAt = nodes.length - 1;
      let rest = count - index;
      while (rest > nodes[nodeAt].count) rest -= nodes[nodeAt--].count;
      index = nodes[nodeAt].count - rest;
    }
    this.blockAt = blockAt;
    this.nodeAt = nodeAt;
    this.#kept = index;
    this.offset = nodes[nodeAt].offsetOf(index);
    return nodes[nodeAt];
  }

  /** A copy, with node buffers as large as their content. */
  clone(meter: MemoryMeter): ListChain {
    const copy = new ListChain(meter);
    copy.size = this.size;
    copy.blocks = this.blocks.map((block) => {
      const nodes = block.nodes.map((node) => {
        const twin = new ListNode(node.used);
        twin.absorb(node);
        copy.#account(1, twin.capacity);
        return twin;
      });
      return { nodes, count: block.count };
    });
    return copy;
  }

  /** Gives everything back; the chain is empty then. */
  clear(): void {
    for (const block of this.blocks) {
      for (const node of block.nodes) {
        node.release();
        this.#account(-1, -node.capacity);
      }
    }
    this.blocks = [];
    this.size = 0;
  }

  #frameEnd(node: ListNode, length: number, size: number, atHead: boolean): number {
    this.target = node;
    if (atHead) {
      node.head -= size;
      return node.frame(node.head, length);
    }
    node.tail += size;
    return node.frame(node.tail - size, length);
  }

  #reserveNewEnd(length: number, size: number, atHead: boolean): number {
    const { blocks } = this;
    let block = atHead ? blocks[0] : blocks[blocks.length - 1];
    if (block === undefined || block.nodes.length >= BLOCK_NODES_MAX) {
      block = { nodes: [], count: 0 };
      if (atHead) blocks.unshift(block);
      else blocks.push(block);
    }
    const node = this.#newNode(size, atHead);
    if (atHead) block.nodes.unshift(node);
    else block.nodes.push(node);
    block.count++;
    this.size++;
    return this.#frameEnd(node, length, size, atHead);
  }

  /** Room before the entry that `locate` found. */
  #reserveHere(length: number): number {
    const size = entrySize(length);
    const block = this.blocks[this.blockAt];
    const node = block.nodes[this.nodeAt];
    const before = node.capacity;
    const at = node.openGap(this.offset, size);
    this.#account(0, node.capacity - before);
    if (at >= 0) {
      block.count++;
      this.size++;
      this.target = node;
      return node.frame(at, length);
    }
    if (this.#kept === 0) return this.#reserveBetween(this.nodeAt, length, size);
    const right = node.split(this.offset, this.#kept, NODE_BYTES_MAX);
    this.#insertNode(this.nodeAt + 1, right);
    return this.#reserveBetween(this.nodeAt + 1, length, size);
  }

  /** Room between node `at` − 1 and node `at` of the block: in the first, in the second, or in a node of its own. */
  #reserveBetween(at: number, length: number, size: number): number {
    const { nodes } = this.blocks[this.blockAt];
    let node: ListNode;
    let atHead = false;
    if (at > 0 && this.#makeRoom(nodes[at - 1], size, false)) node = nodes[at - 1];
    else if (at < nodes.length && this.#makeRoom(nodes[at], size, true)) {
      node = nodes[at];
      atHead = true;
    } else {
      node = this.#newNode(size, false);
      this.#insertNode(at, node, false);
    }
    const offset = this.#frameEnd(node, length, size, atHead);
    this.blocks[this.blockAt].count++;
    this.size++;
    this.#divideBlock(this.blockAt);
    return offset;
  }

  #makeRoom(node: ListNode, size: number, atHead: boolean): boolean {
    const before = node.capacity;
    const made = node.makeRoom(size, atHead);
    if (node.capacity !== before) this.#account(0, node.capacity - before);
    return made;
  }

  #capacityFor(size: number): number {
    if (size > SHARED_ENTRY_BYTES_MAX) return Math.max(size, size * Math.floor(NODE_BYTES_MAX / size));
    if (this.nodeCount >= SHORT_CHAIN_NODES) return NODE_BYTES_MAX;
    let capacity = this.nodeCount === 0 ? NODE_BYTES_MIN : NODE_BYTES_MIN * 4;
    while (capacity < size) capacity *= 2;
    return capacity;
  }

  #newNode(size: number, atHead: boolean): ListNode {
    const node = new ListNode(this.#capacityFor(size));
    if (atHead) node.head = node.tail = node.capacity;
    this.#account(1, node.capacity);
    return node;
  }

  /** Puts a node into the located block; a node made by splitting is not accounted for yet. */
  #insertNode(at: number, node: ListNode, isNew = true): void {
    this.blocks[this.blockAt].nodes.splice(at, 0, node);
    if (isNew) this.#account(1, node.capacity);
  }

  #divideBlock(blockAt: number): void {
    const block = this.blocks[blockAt];
    if (block.nodes.length <= BLOCK_NODES_MAX) return;
    const nodes = block.nodes.splice(BLOCK_NODES_MAX >> 1);
    const count = countEntries(nodes);
    block.count -= count;
    this.blocks.splice(blockAt + 1, 0, { nodes, count });
  }

  #removeNode(blockAt: number, nodeAt: number): void {
    const block = this.blocks[blockAt];
    const [node] = block.nodes.splice(nodeAt, 1);
    node.release();
    this.#account(-1, -node.capacity);
    if (block.nodes.length === 0) {
      this.blocks.splice(blockAt, 1);
      return;
    }
    const next = this.blocks[blockAt + 1];
    if (next !== undefined && block.nodes.length + next.nodes.length <= BLOCK_NODES_MAX >> 1) {
      block.nodes.push(...next.nodes);
      block.count += next.count;
      this.blocks.splice(blockAt + 1, 1);
    }
  }

  #mergeAround(block: ListBlock, at: number): void {
    const { nodes } = block;
    const left = at > 0 && canMerge(nodes[at - 1], nodes[at]) ? at - 1 : at;
    if (left + 1 >= nodes.length || !canMerge(nodes[left], nodes[left + 1])) return;
    this.#absorb(nodes[left], nodes[left + 1]);
    nodes.splice(left + 1, 1);
  }

  #absorb(node: ListNode, other: ListNode): void {
    const before = node.capacity;
    node.absorb(other);
    other.release();
    this.#account(-1, node.capacity - before - other.capacity);
  }

  /** Drops empty nodes and joins small neighbours. */
  #tidyBlock(block: ListBlock): void {
    const tidy: ListNode[] = [];
    for (const node of block.nodes) {
      const last = tidy[tidy.length - 1];
      if (node.count === 0) {
        node.release();
        this.#account(-1, -node.capacity);
      } else if (last !== undefined && canMerge(last, node)) this.#absorb(last, node);
      else tidy.push(node);
    }
    block.nodes = tidy;
  }

  #account(nodes: number, capacity: number): void {
    const bytes = capacity + nodes * NODE_OVERHEAD;
    this.nodeCount += nodes;
    this.bytes += bytes;
    if (bytes >= 0) this.#meter?.add(bytes);
    else this.#meter?.sub(-bytes);
  }
}

function canMerge(left: ListNode, right: ListNode): boolean {
  return (left.used + right.used) * 2 <= NODE_BYTES_MAX;
}

function countEntries(nodes: readonly ListNode[]): number {
  let count = 0;
  for (const node of nodes) count += node.count;
  return count;
}
