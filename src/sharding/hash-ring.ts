import type { Bytes } from '../core/bytes.js';
import { bytesFromText } from '../core/bytes.js';
import { DataError } from '../core/errors.js';
import { md5FirstWord, md5Words } from '../core/md5.js';

/**
 * Which node has a key. Each way gives all nodes in an order of preference, so that a node that is down has a
 * successor for each of its keys, and others keep theirs.
 */

/**
 * - `ketama`: as Python's `hash_ring` package places keys, and as libketama does but for one point in four: 120 points for
 *   a node of average weight.
 * - `ketama160`: 160 points per unit of weight, whatever the other weights are, so that a change of one weight moves no
 *   more than it must.
 * - `rendezvous`: each node's score for the key is compared. Even, and small; O(nodes) for a key.
 */
export type HashName = 'ketama' | 'ketama160' | 'rendezvous';

/** A node on the ring: of twice the weight it has about twice the keys. */
export interface RingNode {
  readonly name: string;
  readonly weight: number;
}

/** The places of keys among nodes. The same names, weights and hash give the same places in every process. */
export interface HashRing {
  /** The number of the node (in the order given) that has the key; the next one in its order for which `usable` holds. −1 if none. */
  nodeOf(key: Bytes, usable?: (node: number) => boolean): number;
  /** All nodes in the order in which they would have the key. */
  orderOf(key: Bytes): number[];
}

/** Of how many keys the places are kept, in each of two halves, and of which length at the most: 1 MiB of keys. */
const KNOWN_MAX = 4096;
const KNOWN_KEY_BYTES_MAX = 128;

/** Digests for each unit of weight; each gives up to four points. */
const DIGESTS_PER_WEIGHT = 40;

/** Makes a ring. `hashTags`: of a key with `{…}` in it only what stands between the braces counts. */
export function hashRing(nodes: readonly RingNode[], hash: HashName = 'ketama', hashTags = false): HashRing {
  checkNodes(nodes);
  const ring = ringOf(nodes, hash);
  if (!hashTags) return ring;
  return {
    nodeOf: (key, usable) => ring.nodeOf(tagOf(key), usable),
    orderOf: (key) => ring.orderOf(tagOf(key)),
  };
}

function ringOf(nodes: readonly RingNode[], hash: HashName): HashRing {
  switch (hash) {
    case 'ketama':
      return new PointRing(nodes, averageDigests(nodes), 3);
    case 'ketama160':
      return new PointRing(
        nodes,
        nodes.map(({ weight }) => Math.max(1, Math.round(DIGESTS_PER_WEIGHT * weight))),
        4,
      );
    case 'rendezvous':
      return new Rendezvous(nodes);
    default:
      throw new DataError(`there is no hash '${String(hash)}': expected ketama, ketama160 or rendezvous`);
  }
}

function checkNodes(nodes: readonly RingNode[]): void {
  if (nodes.length === 0) throw new DataError('at least one node is needed');
  const names = new Set<string>();
  for (const { name, weight } of nodes) {
    if (names.has(name)) throw new DataError(`two nodes are called '${name}'`);
    names.add(name);
    if (!(weight > 0 && Number.isFinite(weight))) throw new DataError(`the weight of '${name}' must be above 0`);
  }
}

/** The part of a key that decides: what stands between its first `{` and the next `}`, if that is not empty. */
export function tagOf(key: Bytes): Bytes {
  const open = key.indexOf('{');
  if (open < 0) return key;
  const close = key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : key;
}

/** So many digests for each node that those of all together are 40 per node. */
function averageDigests(nodes: readonly RingNode[]): number[] {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  return nodes.map(({ weight }) => Math.max(1, Math.floor((DIGESTS_PER_WEIGHT * nodes.length * weight) / total)));
}

/** Nodes own points on a circle of 2^32; a key belongs to the first point behind its own. O(log points) for a key. */
class PointRing implements HashRing {
  /** Ascending, no point twice. */
  readonly #points: Uint32Array;
  readonly #owners: Uint16Array;
  readonly #nodes: number;
  /** The places of keys of late. What is used again moves from the older half to the newer; a full half is the older one. */
  #known = new Map<Bytes, number>();
  #older = new Map<Bytes, number>();

  constructor(nodes: readonly RingNode[], digests: readonly number[], wordsUsed: number) {
    const owners = new Map<number, number>();
    nodes.forEach(({ name }, node) => {
      const stem = bytesFromText(name);
      for (let i = 0; i < digests[node]!; i++) {
        const words = md5Words(`${stem}-${i}`);
        // Where two nodes own the same point the later one has it.
        for (let w = 0; w < wordsUsed; w++) owners.set(words[w]! >>> 0, node);
      }
    });
    this.#nodes = nodes.length;
    this.#points = Uint32Array.from(owners.keys()).sort();
    this.#owners = Uint16Array.from(this.#points, (point) => owners.get(point)!);
  }

  nodeOf(key: Bytes, usable?: (node: number) => boolean): number {
    if (this.#nodes === 1 && usable === undefined) return 0;
    const first = this.#indexOf(key);
    const owner = this.#owners[first]!;
    if (usable === undefined || usable(owner)) return owner;
    const { length } = this.#owners;
    for (let i = 1; i < length; i++) {
      const next = this.#owners[(first + i) % length]!;
      if (usable(next)) return next;
    }
    return -1;
  }

  orderOf(key: Bytes): number[] {
    const order = new Set<number>();
    const first = this.#indexOf(key);
    const { length } = this.#owners;
    for (let i = 0; i < length && order.size < this.#nodes; i++) order.add(this.#owners[(first + i) % length]!);
    return [...order];
  }

  /** The place of a key on the circle; those of late are kept, as a digest costs as much as half a command. */
  #indexOf(key: Bytes): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.#older.get(key) ?? this.#search(key);
    if (this.#known.size >= KNOWN_MAX) {
      this.#older = this.#known;
      this.#known = new Map();
    }
    if (key.length <= KNOWN_KEY_BYTES_MAX) this.#known.set(key, index);
    return index;
  }

  #search(key: Bytes): number {
    const points = this.#points;
    const point = md5FirstWord(key);
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle]! > point) high = middle;
      else low = middle + 1;
    }
    return low === points.length ? 0 : low;
  }
}

/** Each node draws a score for the key from both their digests; the highest has it. */
class Rendezvous implements HashRing {
  readonly #seeds: readonly Int32Array[];
  readonly #weights: readonly number[];

  constructor(nodes: readonly RingNode[]) {
    this.#seeds = nodes.map(({ name }) => md5Words(bytesFromText(name)));
    this.#weights = nodes.map(({ weight }) => weight);
  }

  nodeOf(key: Bytes, usable?: (node: number) => boolean): number {
    const words = md5Words(key);
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let node = 0; node < this.#seeds.length; node++) {
      if (usable !== undefined && !usable(node)) continue;
      const score = this.#score(words, node);
      if (score <= highest) continue;
      best = node;
      highest = score;
    }
    return best;
  }

  orderOf(key: Bytes): number[] {
    const words = md5Words(key);
    const scores = this.#seeds.map((_, node) => this.#score(words, node));
    return scores.map((_, node) => node).sort((a, b) => scores[b]! - scores[a]!);
  }

  /** −weight ÷ ln(u) for a u in (0, 1) drawn by node and key: the share of keys is that of the weight. */
  #score(words: Int32Array, node: number): number {
    const seed = this.#seeds[node]!;
    let mixed = words[0]! ^ seed[0]!;
    for (let i = 1; i < 4; i++) mixed = spread(mixed ^ words[i]!) ^ seed[i]!;
    const unit = ((spread(mixed) >>> 0) + 0.5) / 2 ** 32;
    return -this.#weights[node]! / Math.log(unit);
  }
}

/** murmur3's last step: each bit of the word reaches all others. */
function spread(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
