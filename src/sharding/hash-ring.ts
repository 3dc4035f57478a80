import type { Bytes } from '../core/bytes.js';
import { bytesFromText } from '../core/bytes.js';
import { md5FirstWord, md5Words } from '../core/md5.js';
import { KnownPlaces } from './known-places.js';
import { checkHash, checkNodes, type HashName, type NamedNode } from './node-names.js';

export type { HashName } from './node-names.js';

/**
 * Which node has a key. Each way gives all nodes in an order of preference, so that a node that is down has a
 * successor for each of its keys, and others keep theirs.
 */

/** A node on the ring: of twice the weight it has about twice the keys. */
export type RingNode = NamedNode;

/** The places of keys among nodes. The same names, weights and hash give the same places in every process. */
export interface HashRing {
  /** The number of the node (in the order given) that has the key; the next one in its order for which `usable` holds. −1 if none. */
  nodeOf(key: Bytes, usable?: (node: number) => boolean): number;
  /** All nodes in the order in which they would have the key. */
  orderOf(key: Bytes): number[];
}

/** Digests for each unit of weight; each gives up to four points. */
const DIGESTS_PER_WEIGHT = 40;

/** Makes a ring. `hashTags`: of a key with `{…}` in it only what stands between the braces counts. */
export function hashRing(nodes: readonly RingNode[], hash: HashName = 'ketama', hashTags = false): HashRing {
  checkNodes(nodes);
  checkHash(hash);
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
  /** Places on the circle: a digest costs as much as half a command. */
  readonly #known = new KnownPlaces();
  readonly #search = (key: Bytes): number => this.#find(key);

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

  // What is seldom needed stands in methods of its own: this one is to be small enough to become part of its callers.
  nodeOf(key: Bytes, usable?: (node: number) => boolean): number {
    if (this.#nodes === 1 && usable === undefined) return 0;
    const first = this.#known.placeOf(key, this.#search);
    const owner = this.#owners[first]!;
    return usable === undefined || usable(owner) ? owner : this.#next(first, usable);
  }

  orderOf(key: Bytes): number[] {
    const order = new Set<number>();
    const first = this.#known.placeOf(key, this.#search);
    const { length } = this.#owners;
    for (let i = 0; i < length && order.size < this.#nodes; i++) order.add(this.#owners[(first + i) % length]!);
    return [...order];
  }

  #next(first: number, usable: (node: number) => boolean): number {
    const { length } = this.#owners;
    for (let i = 1; i < length; i++) {
      const next = this.#owners[(first + i) % length]!;
      if (usable(next)) return next;
    }
    return -1;
  }

  #find(key: Bytes): number {
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
  /** The node of a key while all are there. */
  readonly #known = new KnownPlaces();
  readonly #draw = (key: Bytes): number => this.#best(key);

  constructor(nodes: readonly RingNode[]) {
    this.#seeds = nodes.map(({ name }) => md5Words(bytesFromText(name)));
    this.#weights = nodes.map(({ weight }) => weight);
  }

  nodeOf(key: Bytes, usable?: (node: number) => boolean): number {
    const first = this.#known.placeOf(key, this.#draw);
    return usable === undefined || usable(first) ? first : this.#best(key, usable);
  }

  orderOf(key: Bytes): number[] {
    const words = md5Words(key);
    const scores = this.#seeds.map((_, node) => this.#score(words, node));
    return scores.map((_, node) => node).sort((a, b) => scores[b]! - scores[a]!);
  }

  #best(key: Bytes, usable?: (node: number) => boolean): number {
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
