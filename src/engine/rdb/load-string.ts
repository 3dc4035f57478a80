import type { Slab } from '../values/slab.js';
import { checkLzfLength, LZF_PIECE_BYTES_MAX, LzfExpansion } from './lzf.js';
import { type RdbReader, STRING_BYTES_MAX } from './rdb-reader.js';
import { ENCODED_LZF } from './rdb-type.js';

/** A longer string is read little by little, straight to where it is kept. */
const LARGE_STRING_BYTES = 256 * 1024;
/** At most so much is read in one step. */
const STEP_BYTES = 1024 * 1024;

/** A long string on its way from a reader to a block of a slab. */
export class LargeString {
  readonly length: number;
  /** The block, which is nobody's until the string is whole. */
  readonly block: number;
  readonly #slab: Slab;
  readonly #expansion: LzfExpansion | null;
  #done = 0;

  private constructor(slab: Slab, length: number, packed: number | null, reader: RdbReader) {
    if (length > STRING_BYTES_MAX) throw reader.corrupt(`a string of ${length} bytes is too long`);
    if (packed !== null) checkLzfLength(packed, length, reader.corrupt);
    reader.expect(packed ?? length);
    this.length = length;
    this.#slab = slab;
    this.block = slab.alloc(length);
    const target = slab.chunkToWrite(this.block);
    this.#expansion = packed === null ? null : new LzfExpansion(target, 0, length, packed, reader.corrupt);
  }

  /** Begins a string if it is long, and reads it as a span otherwise. */
  static begin(reader: RdbReader, slab: Slab): LargeString | null {
    const size = reader.sizeOrEncoding();
    if (size > LARGE_STRING_BYTES) return new LargeString(slab, size, null, reader);
    if (-1 - size === ENCODED_LZF) {
      const packed = reader.size();
      const length = reader.size();
      if (length > LARGE_STRING_BYTES) return new LargeString(slab, length, packed, reader);
      reader.expandedSpan(packed, length);
    } else reader.spanOf(size);
    return null;
  }

  /** Reads on; true once all is there. */
  step(reader: RdbReader): boolean {
    const expansion = this.#expansion;
    if (expansion === null) {
      reader.look(1, Math.min(this.length - this.#done, STEP_BYTES));
      const { spanBytes, spanStart, spanLength } = reader;
      this.#slab.chunkToWrite(this.block).set(spanBytes.subarray(spanStart, spanStart + spanLength), this.#done);
      reader.skip(spanLength);
      this.#done += spanLength;
      return this.#done === this.length;
    }
    reader.look(Math.min(LZF_PIECE_BYTES_MAX + 1, expansion.left), Math.min(expansion.left, STEP_BYTES));
    const { spanBytes, spanStart, spanLength } = reader;
    reader.skip(expansion.take(spanBytes, spanStart, spanStart + spanLength) - spanStart);
    return expansion.left === 0;
  }
}
