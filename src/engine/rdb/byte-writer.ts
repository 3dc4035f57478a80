import { allocBytesUnsafe, type Bytes, writeBytes } from '../../core/bytes.js';
import { copyBytes } from '../values/byte-ranges.js';

const CAPACITY_MIN = 256;

/** Bytes being written, one after the other, into a buffer that grows. Numbers are little endian unless they say so. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number = CAPACITY_MIN) {
    this.#bytes = allocBytesUnsafe(Math.max(capacity, CAPACITY_MIN));
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, where it lies: good until the next write. */
  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written; the writer is empty then. */
  take(): Uint8Array {
    // Not `slice`: where the bytes are a Buffer of Node, that is no copy.
    const taken = allocBytesUnsafe(this.#length);
    taken.set(this.view);
    this.#length = 0;
    return taken;
  }

  /** A copy of what was written from `start` on, which is taken back. */
  cut(start: number): Uint8Array {
    const taken = allocBytesUnsafe(this.#length - start);
    taken.set(this.#bytes.subarray(start, this.#length));
    this.#length = start;
    return taken;
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
  }

  u32(value: number): void {
    const at = this.#room(4);
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  u32BigEndian(value: number): void {
    const at = this.#room(4);
    const bytes = this.#bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  /** The low 64 bits of `value`, signed or not. */
  u64(value: bigint): void {
    this.u32(Number(BigInt.asIntN(32, value)));
    this.u32(Number(BigInt.asIntN(32, value >> 32n)));
  }

  u64BigEndian(value: bigint): void {
    this.u32BigEndian(Number(BigInt.asIntN(32, value >> 32n)));
    this.u32BigEndian(Number(BigInt.asIntN(32, value)));
  }

  double(value: number): void {
    const at = this.#room(8);
    float[0] = value;
    for (let i = 0; i < 8; i++) this.#bytes[at + i] = floatBytes[littleEndian ? i : 7 - i];
  }

  text(value: Bytes): void {
    const at = this.#room(value.length);
    writeBytes(this.#bytes, value, at);
  }

  raw(source: Uint8Array): void {
    this.range(source, 0, source.length);
  }

  /** As `raw`, `length` bytes of `source` from `start` on. */
  range(source: Uint8Array, start: number, length: number): void {
    const at = this.#room(length);
    copyBytes(source, start, length, this.#bytes, at);
  }

  /** Makes room for `size` more bytes and counts them as written; returns where they begin. */
  #room(size: number): number {
    const at = this.#length;
    const end = at + size;
    if (end > this.#bytes.length) {
      const grown = allocBytesUnsafe(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = end;
    return at;
  }
}

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);
float[0] = 1;
const littleEndian = floatBytes[7] === 0x3f;
