import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';
import {
  addUint64,
  bytesOfId,
  compareIds,
  idAfter,
  isZeroId,
  MAX_ID,
  MIN_ID,
  type StreamId,
  type Uint64,
} from '../../core/stream-id.js';
import type { EncodingLimits, ValueContext } from '../value.js';
import { radixNodeCount } from './radix-nodes.js';
import { type IdSpan, StreamCursor } from './stream-cursor.js';
import { StreamGroup, UNKNOWN_READ } from './stream-group.js';
import { StreamNode } from './stream-node.js';

type StreamContext = Pick<ValueContext, 'meter' | 'limits'>;

/**
 * A stream: entries in the order of their ids, in nodes of packed bytes (stream-node.ts) that are found by binary search,
 * and groups of consumers that read it together (stream-group.ts). Nodes are filled as Redis fills its own, so that
 * trimming by whole nodes keeps the same entries.
 *
 * For a codec, the whole state is:
 *
 *     nodes          StreamNode[]: `id`, `toListpack()`; back: `addNode(StreamNode.fromListpack(id, listpack))`, in order
 *     size, firstId, lastId, maxDeletedId, entriesAdded            back: `restore({ … })`, after the nodes
 *     groups()       StreamGroup[]: `name`, `lastId`, `entriesRead`; back: `addGroup(name, lastId, entriesRead)`
 *       .consumers() StreamConsumer[]: `name`, `seenAt`, `activeAt`, `pending`; back: `addConsumer(name, seenAt, activeAt)`
 *       .pending     PendingList of `{ id, consumer, deliveredAt, deliveries }`, by id, with `size` and `forEach`;
 *                    back: `addPending(id, consumer, deliveredAt, deliveries)`, which enters it with the consumer too
 *
 * or entry by entry: `cursor()` walks the live ones, `append(id, words)` adds one.
 */
export class StreamValue {
  readonly type = 'stream';
  /** The first live entry; 0-0 if there is none. */
  firstId: StreamId = MIN_ID;
  /** The highest id ever, of an entry or by XSETID. */
  lastId: StreamId = MIN_ID;
  /** The highest id that XDEL deleted. */
  maxDeletedId: StreamId = MIN_ID;
  /** How many entries there ever were. */
  entriesAdded: Uint64 = 0;
  readonly #meter: MemoryMeter;
  readonly #limits: EncodingLimits;
  #nodes: StreamNode[] = [];
  #size = 0;
  #bytes = STREAM_OVERHEAD;
  /** The master fields of the last node; null: to be read from it. */
  #tailFields: Bytes[] | null = null;
  #groups: Map<Bytes, StreamGroup> | null = null;

  constructor({ meter, limits }: StreamContext) {
    this.#meter = meter;
    this.#limits = limits;
    meter.add(STREAM_OVERHEAD);
  }

  get encoding(): 'stream' {
    return 'stream';
  }

  /** Live entries. */
  get size(): number {
    return this.#size;
  }

  get nodes(): readonly StreamNode[] {
    return this.#nodes;
  }

  /** Nodes of Redis' radix tree over the ids of `nodes`. O(nodes). */
  get radixNodes(): number {
    return radixNodeCount(this.#nodes.map(({ id }) => bytesOfId(id)));
  }

  /** Bytes accounted for this stream. O(groups). */
  get memoryBytes(): number {
    let bytes = this.#bytes;
    for (const group of this.#groups?.values() ?? []) bytes += group.memoryBytes;
    return bytes;
  }

  /** Adds an entry with an id above `lastId`: fields and values alternate in `words` from `from` on. O(1) amortised. */
  append(id: StreamId, words: readonly Bytes[], from = 0): void {
    let node = this.#nodes.at(-1);
    if (node !== undefined && this.#isFull(node, words, from)) {
      this.#resized(node, () => node!.seal());
      node = undefined;
    }
    if (node === undefined) {
      node = StreamNode.begin(id, words, from);
      this.#nodes.push(node);
      this.#tailFields = null;
      this.#account(node.memoryBytes);
    }
    this.#tailFields ??= node.masterFields();
    const before = node.bytes.length;
    node.append(id, words, from, hasFields(this.#tailFields, words, from));
    if (node.bytes.length !== before) this.#account(node.bytes.length - before);
    this.#size++;
    this.entriesAdded = addUint64(this.entriesAdded, 1);
    this.lastId = id;
    if (this.#size === 1) this.firstId = id;
  }

  /** A walk over the live entries of a span, or over all. O(log n) to begin. */
  cursor(span: IdSpan = ALL, options: { reverse?: boolean; tombstones?: boolean } = {}): StreamCursor {
    const { reverse = false, tombstones = false } = options;
    const at = this.#nodeAt(reverse ? span.to : span.from);
    const start = at >= 0 ? at : reverse ? this.#nodes.length - 1 : 0;
    return new StreamCursor(this.#nodes, span, { start, reverse, tombstones });
  }

  has(id: StreamId): boolean {
    return this.cursor({ from: id, to: id }).next();
  }

  /** The highest id of a live entry, 0-0 if there is none. */
  get lastLiveId(): StreamId {
    const cursor = this.cursor(ALL, { reverse: true });
    return cursor.next() ? cursor.id : MIN_ID;
  }

  /** The first id that is still packed, deleted or not. */
  get firstPackedId(): StreamId {
    const cursor = this.cursor(ALL, { tombstones: true });
    return cursor.next() ? cursor.id : MAX_ID;
  }

  /** Deletes entries (XDEL); returns how many there were. O(log n) each. */
  delete(ids: readonly StreamId[]): number {
    let deleted = 0;
    let first = false;
    for (const id of ids) {
      if (!this.#deleteOne(id)) continue;
      deleted++;
      if (compareIds(id, this.firstId) === 0) first = true;
      if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    }
    if (deleted > 0 && (first || this.#size === 0)) this.#findFirst();
    return deleted;
  }

  /** Deletes entries from the front until no more than `length` are left. `whole` and `limit` as in `#trim`. */
  trimToLength(length: number, whole: boolean, limit: number): number {
    return this.#trim({
      done: () => this.#size <= length,
      covers: ({ count }) => this.#size - count >= length,
      keeps: () => this.#size <= length,
      whole,
      limit,
    });
  }

  /** Deletes entries from the front whose ids are below `id`. */
  trimBelow(id: StreamId, whole: boolean, limit: number): number {
    return this.#trim({
      done: () => false,
      covers: (node) => compareIds(lastIdOf(node), id) < 0,
      keeps: (entry) => compareIds(entry, id) >= 0,
      whole,
      limit,
    });
  }

  /** Whether an entry was deleted from the middle that lies at or behind `from`: then entries cannot be counted by ids. */
  hasTombstonesFrom(from: StreamId, exact: boolean): boolean {
    if (this.#size === 0 || isZeroId(this.maxDeletedId)) return false;
    return (exact || compareIds(this.firstId, this.maxDeletedId) <= 0) && compareIds(from, this.maxDeletedId) <= 0;
  }

  /** How many entries there ever were up to `id`, as far as that can be told without counting; else `UNKNOWN_READ`. */
  countUpTo(id: StreamId, exact: boolean): number | bigint {
    if (this.entriesAdded === 0) return 0;
    const toLast = compareIds(id, this.lastId);
    if (toLast === 0 || (this.#size === 0 && toLast < 0)) return signed(this.entriesAdded);
    if (toLast > 0 || (exact && !isZeroId(id) && compareIds(id, this.maxDeletedId) < 0)) return UNKNOWN_READ;
    if (isZeroId(this.maxDeletedId) || compareIds(this.maxDeletedId, this.firstId) < 0) {
      const toFirst = compareIds(id, this.firstId);
      if (toFirst < 0) return signed(addUint64(this.entriesAdded, -this.#size));
      if (toFirst === 0) return signed(addUint64(this.entriesAdded, 1 - this.#size));
    }
    return UNKNOWN_READ;
  }

  /** How many entries a group has still to read; null if that cannot be told. */
  lagOf(group: StreamGroup, exact: boolean): number | bigint | null {
    if (this.entriesAdded === 0) return 0;
    if (exact) {
      if (this.#size === 0) return 0;
      const { firstId } = this;
      if (compareIds(group.lastId, firstId) < 0 && compareIds(this.maxDeletedId, firstId) < 0) return this.#size;
    }
    const counted = group.entriesRead !== UNKNOWN_READ && !this.hasTombstonesFrom(group.lastId, exact);
    const read = counted ? group.entriesRead : this.countUpTo(group.lastId, exact);
    if (read === UNKNOWN_READ) return null;
    return signed(addUint64(this.entriesAdded, -read as number | bigint));
  }

  // Groups.

  get groupCount(): number {
    return this.#groups?.size ?? 0;
  }

  group(name: Bytes): StreamGroup | null {
    return this.#groups?.get(name) ?? null;
  }

  /** By name, in byte order. O(n log n). */
  groups(): StreamGroup[] {
    return [...(this.#groups?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Adds a group that the stream does not have. */
  addGroup(name: Bytes, lastId: StreamId, entriesRead: number | bigint = UNKNOWN_READ): StreamGroup {
    const group = new StreamGroup(name, lastId, entriesRead, this.#meter);
    this.#groups ??= new Map();
    this.#groups.set(name, group);
    return group;
  }

  removeGroup(group: StreamGroup): void {
    this.#groups!.delete(group.name);
    group.dispose();
  }

  // Rebuilding.

  /** Adds a node behind all others. */
  addNode(node: StreamNode): void {
    this.#nodes.push(node);
    this.#tailFields = null;
    this.#size += node.count;
    this.#account(node.memoryBytes);
  }

  /** Sets what the nodes do not tell. */
  restore(facts: Pick<StreamValue, 'firstId' | 'lastId' | 'maxDeletedId' | 'entriesAdded'>): void {
    this.firstId = facts.firstId;
    this.lastId = facts.lastId;
    this.maxDeletedId = facts.maxDeletedId;
    this.entriesAdded = facts.entriesAdded;
  }

  /** A stream of its own with the same entries and groups, on the same or another context. O(bytes). */
  clone(context: StreamContext = { meter: this.#meter, limits: this.#limits }): StreamValue {
    const copy = new StreamValue(context);
    for (const node of this.#nodes) copy.addNode(node.clone());
    copy.restore(this);
    for (const group of this.#groups?.values() ?? []) {
      copy.#groups ??= new Map();
      copy.#groups.set(group.name, group.clone(context.meter));
    }
    return copy;
  }

  /** Gives all memory back. The stream is not used afterwards. */
  dispose(): void {
    this.#meter.sub(this.#bytes);
    for (const group of this.#groups?.values() ?? []) group.dispose();
    this.#bytes = 0;
    this.#nodes = [];
    this.#groups = null;
    this.#size = 0;
  }

  #isFull(node: StreamNode, words: readonly Bytes[], from: number): boolean {
    const { streamNodeMaxBytes, streamNodeMaxEntries } = this.#limits;
    let added = 0;
    for (let i = from; i < words.length; i++) added += words[i].length;
    const bytesMax =
      streamNodeMaxBytes === 0 || streamNodeMaxBytes > LISTPACK_BYTES_MAX ? LISTPACK_BYTES_MAX : streamNodeMaxBytes;
    if (node.listpackBytes + added >= bytesMax) return true;
    return streamNodeMaxEntries !== 0 && node.count + node.deleted >= streamNodeMaxEntries;
  }

  /** The index of the last node whose first id is not above `id`; −1 if there is none. */
  #nodeAt(id: StreamId): number {
    const nodes = this.#nodes;
    let low = 0;
    let high = nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds(nodes[middle].id, id) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #deleteOne(id: StreamId): boolean {
    const index = this.#nodeAt(id);
    if (index < 0) return false;
    const cursor = new StreamCursor(
      this.#nodes,
      { from: id, to: id },
      { start: index, reverse: false, tombstones: false },
    );
    if (!cursor.next()) return false;
    const { node } = cursor;
    if (node.count === 1) this.#dropNodes(index, 1);
    else node.markDeleted(cursor.offset);
    this.#size--;
    return true;
  }

  /**
   * Drops nodes from the front while they are covered, then marks single entries of the next one unless only whole nodes
   * may go. `limit`: entries to delete at most, counted by nodes; 0: all. Returns how many went.
   */
  #trim({ done, covers, keeps, whole, limit }: Trim): number {
    const before = this.#size;
    let dropped = 0;
    for (const node of this.#nodes) {
      if (done() || (limit > 0 && before - this.#size + node.count > limit)) break;
      if (!covers(node)) {
        if (!whole) this.#markUntil(node, keeps);
        break;
      }
      this.#size -= node.count;
      dropped++;
    }
    this.#dropNodes(0, dropped);
    const deleted = before - this.#size;
    if (deleted > 0 || this.#size === 0) this.#findFirst();
    return deleted;
  }

  #markUntil(node: StreamNode, keeps: (id: StreamId) => boolean): void {
    const cursor = new StreamCursor([node], ALL, { start: 0, reverse: false, tombstones: false });
    while (cursor.next() && !keeps(cursor.id)) {
      node.markDeleted(cursor.offset);
      this.#size--;
    }
  }

  #dropNodes(index: number, count: number): void {
    if (count === 0) return;
    if (index === 0 && count === 1) this.#account(-this.#nodes.shift()!.memoryBytes);
    else for (const node of this.#nodes.splice(index, count)) this.#account(-node.memoryBytes);
    this.#tailFields = null;
  }

  #findFirst(): void {
    const cursor = this.cursor();
    this.firstId = cursor.next() ? cursor.id : MIN_ID;
  }

  #resized(node: StreamNode, work: () => void): void {
    const before = node.bytes.length;
    work();
    this.#account(node.bytes.length - before);
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0) this.#meter.add(bytes);
    else this.#meter.sub(-bytes);
  }
}

const STREAM_OVERHEAD = 320;
/** No node grows beyond this, whatever the settings say. */
const LISTPACK_BYTES_MAX = 2 ** 30;
const ALL: IdSpan = { from: MIN_ID, to: MAX_ID };

interface Trim {
  /** There is nothing more to delete. */
  done(): boolean;
  /** The whole node goes. */
  covers(node: StreamNode): boolean;
  /** This entry and all that follow stay. */
  keeps(id: StreamId): boolean;
  readonly whole: boolean;
  readonly limit: number;
}

function lastIdOf(node: StreamNode): StreamId {
  const cursor = new StreamCursor([node], ALL, { start: 0, reverse: true, tombstones: true });
  return cursor.next() ? cursor.id : node.id;
}

function hasFields(fields: readonly Bytes[], words: readonly Bytes[], from: number): boolean {
  if (fields.length * 2 !== words.length - from) return false;
  for (let i = 0; i < fields.length; i++) if (fields[i] !== words[from + i * 2]) return false;
  return true;
}

/** A count as Redis replies it: a signed 64-bit integer. */
function signed(count: Uint64): number | bigint {
  return typeof count === 'number' ? count : BigInt.asIntN(64, count);
}

/** The first id that is above `id`; after the last one, 0-0. */
export function startAfter(id: StreamId): StreamId {
  return idAfter(id) ?? MIN_ID;
}
