import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, test } from 'node:test';
import { bytesFromText } from '../../src/core/bytes.js';
import { DataError } from '../../src/core/errors.js';
import { md5 } from '../../src/core/md5.js';
import { type HashName, hashRing, type RingNode } from '../../src/sharding/hash-ring.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const hashes: readonly HashName[] = ['ketama', 'ketama160', 'rendezvous'];

describe('MD5', () => {
  // RFC 1321, appendix A.5.
  const vectors = [
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ] as const;
  for (const [text, digest] of vectors) it(JSON.stringify(text), () => assert.equal(hex(md5(text)), digest));

  it('is the platform’s for every length around a block', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
      assert.equal(hex(md5(bytes)), createHash('md5').update(bytes).digest('hex'), `${length} bytes`);
    }
  });
});

/** Computed by a separate Python program after the published algorithm of the package `hash_ring`. */
describe('ketama places keys as hash_ring does', () => {
  const keys = '|a|b|foo|bar|user:1|user:2|user:1000|session:42|counter|queue|board|hello|world|ключ|日本'
    .split('|')
    .concat('x'.repeat(100));
  const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
    [
      [1, 1],
      [1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1],
    ],
    [
      [1, 1, 1],
      [2, 1, 0, 2, 2, 2, 1, 2, 2, 0, 1, 1, 1, 0, 1, 1, 2],
    ],
    [
      [1, 1, 1, 1, 1],
      [2, 1, 0, 4, 4, 2, 1, 2, 2, 3, 1, 3, 1, 4, 4, 1, 3],
    ],
    [
      [1, 2, 1],
      [2, 1, 0, 1, 1, 1, 1, 2, 2, 0, 1, 1, 1, 2, 1, 1, 2],
    ],
  ];
  for (const [weights, places] of cases) {
    it(`nodes 0…${weights.length - 1} of weights ${weights.join(', ')}`, () => {
      const ring = hashRing(weights.map((weight, i) => ({ name: String(i), weight })));
      assert.deepEqual(
        keys.map((key) => ring.nodeOf(bytesFromText(key))),
        places,
      );
    });
  }

  const digests = [
    [2, '24f3a52fd1646cce98312a80dd306932'],
    [3, 'b18cd64140cca1f91a5a0aea68bfda63'],
    [5, '02960d4ed3b230c32d443cfb4ae11ef3'],
    [8, 'b2658a6c762225af70aa5e53685bf12d'],
  ] as const;
  for (const [count, digest] of digests) {
    it(`10,000 keys over ${count} nodes`, () => {
      const ring = hashRing(nodesOf(count));
      const places = Uint8Array.from({ length: 10_000 }, (_, i) => ring.nodeOf(`key:${i}`));
      assert.equal(hex(md5(places)), digest);
    });
  }
});

for (const hash of hashes) {
  describe(hash, () => {
    const KEYS = 20_000;
    const placesOf = (nodes: readonly RingNode[]): number[] => {
      const ring = hashRing(nodes, hash);
      return Array.from({ length: KEYS }, (_, i) => ring.nodeOf(`key:${i}`));
    };

    it('gives each node about its share, by weight', () => {
      for (const weights of [
        [1, 1, 1, 1],
        [1, 2, 3],
      ]) {
        const total = weights.reduce((sum, weight) => sum + weight);
        const places = placesOf(weights.map((weight, i) => ({ name: `node-${i}`, weight })));
        weights.forEach((weight, node) => {
          const share = places.filter((place) => place === node).length / KEYS / (weight / total);
          assert.ok(share > 0.7 && share < 1.35, `node ${node} has ${share} of its share`);
        });
      }
    });

    it('one node more takes about 1/(n+1) of the keys, and moves no other', () => {
      for (const count of [1, 2, 4, 9]) {
        const before = placesOf(nodesOf(count));
        const after = placesOf(nodesOf(count + 1));
        const moved = after.filter((place, i) => place !== before[i]);
        assert.ok(
          moved.every((place) => place === count),
          'a key moved between old nodes',
        );
        const share = (moved.length / KEYS) * (count + 1);
        assert.ok(share > 0.7 && share < 1.35, `${count} nodes: ${share} of 1/(n+1)`);
      }
    });

    it('a node that is not usable loses its keys to the next in their order, others keep theirs', () => {
      const ring = hashRing(nodesOf(4), hash);
      for (let i = 0; i < 500; i++) {
        const key = `key:${i}`;
        const order = ring.orderOf(key);
        assert.deepEqual([...order].sort(), [0, 1, 2, 3]);
        assert.equal(ring.nodeOf(key), order[0]);
        assert.equal(
          ring.nodeOf(key, (node) => node !== order[0]),
          order[1],
        );
        assert.equal(
          ring.nodeOf(key, (node) => node === order[3]),
          order[3],
        );
        assert.equal(
          ring.nodeOf(key, () => false),
          -1,
        );
      }
    });

    it('a key has the same place whether or not it was asked for before', () => {
      // More than a ring keeps, some of them alike in all but a few characters, and some too long to be kept.
      const keys = Array.from({ length: 12_000 }, (_, i) => `user:${i}:${'name'.repeat(i % 50)}`).concat(
        '',
        'a',
        '{}',
        'é',
      );
      const first = nodesOf(5);
      const once = hashRing(first, hash);
      const expected = keys.map((key) => once.nodeOf(key));
      const ring = hashRing(first, hash);
      for (let round = 0; round < 3; round++) {
        for (const [i, key] of keys.entries()) {
          const found = [ring.nodeOf(key), ring.nodeOf(keys[i >> 1]!), ring.nodeOf(key)];
          assert.deepEqual(found, [expected[i], expected[i >> 1], expected[i]], key);
        }
      }
    });

    it('hash tags keep keys together, where they are asked for', () => {
      const tagged = hashRing(nodesOf(5), hash, true);
      const plain = hashRing(nodesOf(5), hash);
      const places = (ring: typeof tagged): Set<number> =>
        new Set(Array.from({ length: 50 }, (_, i) => ring.nodeOf(`{user}:${i}`)));
      assert.equal(places(tagged).size, 1);
      assert.ok(places(plain).size > 1);
      assert.equal(tagged.nodeOf('{user}:1'), plain.nodeOf('user'));
    });
  });
}

test('rings that cannot be are refused', () => {
  assert.throws(() => hashRing([]), DataError);
  assert.throws(() => hashRing([{ name: 'a', weight: 0 }]), DataError);
  assert.throws(
    () =>
      hashRing([
        { name: 'a', weight: 1 },
        { name: 'a', weight: 1 },
      ]),
    DataError,
  );
});

function nodesOf(count: number): RingNode[] {
  return Array.from({ length: count }, (_, i) => ({ name: String(i), weight: 1 }));
}
