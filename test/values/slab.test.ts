import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocBytes, arrayFromBytes } from '../../src/core/bytes.js';
import { MemoryMeter } from '../../src/core/memory.js';
import { Random } from '../../src/core/random.js';
import { LARGE_BLOCK_BYTES_MIN, Slab } from '../../src/engine/values/slab.js';

interface Block {
  ptr: number;
  size: number;
  fill: number;
}

function fillBlock(slab: Slab, block: Block): void {
  const at = slab.offsetOf(block.ptr);
  slab.chunkOf(block.ptr).fill(block.fill, at, at + slab.capacityOf(block.size));
}

function checkBlock(slab: Slab, block: Block): void {
  const at = slab.offsetOf(block.ptr);
  const bytes = slab.chunkOf(block.ptr).subarray(at, at + slab.capacityOf(block.size));
  assert.ok(
    bytes.every((byte) => byte === block.fill),
    `block of ${block.size} bytes at ${block.ptr} was overwritten`,
  );
}

test('a block holds what was written, whatever its size', () => {
  const slab = new Slab(new MemoryMeter());
  for (const size of [
    0,
    1,
    7,
    8,
    9,
    16,
    17,
    64,
    65,
    1000,
    5000,
    LARGE_BLOCK_BYTES_MIN - 1,
    LARGE_BLOCK_BYTES_MIN,
    3e5,
  ]) {
    const text = String.fromCharCode(...Array.from({ length: 251 }, (_, i) => i))
      .repeat(size / 251 + 1)
      .slice(0, size);
    const ptr = slab.alloc(size);
    slab.write(ptr, text);
    assert.equal(slab.read(ptr, size), text);
    const source = arrayFromBytes(`##${text}##`);
    const copied = slab.alloc(size);
    slab.copyIn(copied, source, 2, 2 + size);
    assert.equal(slab.read(copied, size), text);
    assert.ok(slab.equals(copied, size, source, 2));
    if (size > 1) {
      assert.equal(slab.byteAt(ptr, size - 1), (size - 1) % 251);
      source[1 + size] ^= 1;
      assert.ok(!slab.equals(copied, size, source, 2));
    }
    const target = allocBytes(size + 4);
    assert.equal(slab.copyOut(ptr, size, target, 3), size + 3);
    assert.deepEqual([target[2], target[size + 3]], [0, 0]);
    assert.ok(slab.equals(ptr, size, target, 3));
  }
});

test('blocks compare in memcmp order, then by length', () => {
  const slab = new Slab(new MemoryMeter());
  const long = 'x'.repeat(100);
  const texts = ['', 'a', 'a\0', 'ab', 'b', `${long}a`, `${long}a\0`, `${long}b`, `${long}\xff`, '\x80', '\xff'];
  const ptrs = texts.map((text) => {
    const ptr = slab.alloc(text.length);
    slab.write(ptr, text);
    return ptr;
  });
  for (const [i, a] of texts.entries()) {
    for (const [j, b] of texts.entries()) {
      const expected = a < b ? -1 : a > b ? 1 : 0;
      const source = arrayFromBytes(`_${b}`);
      assert.equal(slab.compare(ptrs[i], a.length, source, 1, b.length), expected);
      assert.equal(slab.compareBlocks(ptrs[i], a.length, ptrs[j], b.length), expected);
    }
  }
});

for (const seed of [1, 2, 3]) {
  test(`random blocks never overlap and the meter is exact (seed ${seed})`, () => {
    const random = new Random(seed);
    const meter = new MemoryMeter();
    const slab = new Slab(meter);
    const blocks: Block[] = [];
    let expected = 0;
    const sizes = [16, 100, 700, 9000, 70000];
    for (let step = 0; step < 30000; step++) {
      // The population swells and shrinks, so that free blocks split and merge.
      const growing = Math.floor(step / 5000) % 2 === 0;
      if (blocks.length === 0 || random.below(10) < (growing ? 7 : 3)) {
        const size = 1 + random.below(sizes[random.below(random.below(20) === 0 ? 5 : 3)]);
        const block = { ptr: slab.alloc(size), size, fill: random.below(256) };
        fillBlock(slab, block);
        blocks.push(block);
        expected += slab.capacityOf(size);
      } else {
        const at = random.below(blocks.length);
        const block = blocks[at];
        checkBlock(slab, block);
        blocks[at] = blocks[blocks.length - 1];
        blocks.pop();
        slab.free(block.ptr, block.size);
        expected -= slab.capacityOf(block.size);
      }
      assert.equal(slab.usedBytes, expected);
    }
    for (const block of blocks) checkBlock(slab, block);
    assert.equal(meter.used, expected);
    for (const block of blocks) slab.free(block.ptr, block.size);
    assert.equal(meter.used, 0);
    assert.ok(slab.heldBytes <= 2 * 1024 * 1024, `an empty slab holds ${slab.heldBytes} bytes`);
  });
}

test('space freed by one size serves any other: sizes that drift do not grow the slab', () => {
  const slab = new Slab(new MemoryMeter());
  const random = new Random(7);
  const blocks: Block[] = Array.from({ length: 4000 }, () => ({ ptr: 0, size: 0, fill: 0 }));
  let bytes = 0;
  for (let round = 0; round < 30; round++) {
    // Every round replaces all blocks, in random order, by blocks of other sizes around the same mean.
    const mean = 400 + (round % 2) * 300;
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[random.below(blocks.length)];
      slab.free(block.ptr, block.size);
      block.size = mean - 100 + random.below(200);
      block.ptr = slab.alloc(block.size);
    }
    bytes = Math.max(bytes, slab.usedBytes);
  }
  assert.ok(slab.heldBytes < bytes * 1.35, `${slab.heldBytes} bytes held for at most ${bytes} used`);
});

test('a small slab stays small, and blocks survive its growth', () => {
  const slab = new Slab(new MemoryMeter());
  const first = slab.alloc(100);
  slab.write(first, 'y'.repeat(100));
  assert.equal(slab.heldBytes, 1024);
  for (let i = 0; i < 3000; i++) slab.alloc(1000);
  assert.equal(slab.read(first, 100), 'y'.repeat(100));
  assert.ok(slab.heldBytes <= 4 * 1024 * 1024);
});

test('large blocks go back at once and their pointers are used again', () => {
  const slab = new Slab(new MemoryMeter());
  const ptr = slab.alloc(1_000_000);
  assert.ok(ptr < 0);
  assert.ok(slab.heldBytes >= 1_000_000);
  slab.free(ptr, 1_000_000);
  assert.equal(slab.heldBytes, 0);
  assert.equal(slab.alloc(200_000), ptr);
});

test('dispose gives the meter everything back and leaves an empty slab', () => {
  const meter = new MemoryMeter();
  const slab = new Slab(meter);
  for (let i = 0; i < 1000; i++) slab.alloc(i * 100);
  assert.ok(meter.used > 0);
  slab.dispose();
  assert.deepEqual([meter.used, slab.usedBytes, slab.heldBytes], [0, 0, 0]);
  const ptr = slab.alloc(5);
  slab.write(ptr, 'again');
  assert.equal(slab.read(ptr, 5), 'again');
});
