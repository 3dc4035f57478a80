import type { Bytes } from '../../core/bytes.js';
import { LISTPACK_HEADER_BYTES, textBytes } from './listpack.js';

/** `list-max-listpack-size`, read whenever a list grows or shrinks, and whether small lists are listpacks at all. */
export interface ListLimits {
  readonly listMaxListpackSize: number;
  readonly compact: boolean;
}

/** Bytes for the sizes −1 … −5. */
const SIZES = [4096, 8192, 16_384, 32_768, 65_536];
/** A limit that counts elements holds for no more bytes than this. */
const COUNTED_BYTES_MAX = 8192;
const FRAME_BYTES = LISTPACK_HEADER_BYTES + 1;
/** An element takes at least this. */
const ELEMENT_BYTES_MIN = 2;
/** An integer of 20 digits takes 10 bytes: nothing shrinks more in a listpack. */
const SHRINKING_MAX = 3;

/** What of a list its form depends on. */
export interface Measured {
  readonly size: number;
  /** Bytes of all elements, maybe with what frames them here; null if they are many. O(1). */
  readonly roughBytes: number | null;
  forEachInRange(start: number, stop: number, visit: (element: Bytes) => void): number;
}

/** What Redis would keep a list as: one listpack, or since it outgrew that a chain of them. */
export class ListForm {
  readonly #limits: ListLimits;
  #chained = false;
  /** Bytes of the listpack, while they are known. */
  #bytes = -1;

  constructor(limits: ListLimits) {
    this.#limits = limits;
  }

  get name(): 'listpack' | 'quicklist' {
    return this.#limits.compact && !this.#chained ? 'listpack' : 'quicklist';
  }

  /** A form of its own that is the same. */
  copy(limits: ListLimits = this.#limits): ListForm {
    const copy = new ListForm(limits);
    copy.#chained = this.#chained;
    copy.#bytes = this.#bytes;
    return copy;
  }

  /** Before elements with `bytes` bytes are added: what would outgrow a listpack becomes a chain. */
  growing(list: Measured, count: number, bytes: number): void {
    if (this.#chained || !this.#limits.compact) return;
    const rough = list.roughBytes;
    const most = rough === null ? Infinity : rough + list.size * 11 + FRAME_BYTES;
    this.#chained = this.#exceeds(most + bytes, list.size + count)
      ? this.#exceeds(this.#measure(list) + bytes, list.size + count)
      : false;
  }

  /** After elements were taken out: a chain that is half as small as it might be becomes a listpack. */
  shrunk(list: Measured): void {
    if (this.#chained && this.#limits.compact) this.#join(list, 2);
  }

  /** After a list was made in one go. */
  settle(list: Measured): void {
    if (!this.#limits.compact) return;
    this.#chained = true;
    this.#join(list, 1);
  }

  /** An element was added. */
  added(element: Bytes): void {
    if (this.#bytes >= 0) this.#bytes += textBytes(element);
  }

  removed(element: Bytes): void {
    if (this.#bytes >= 0) this.#bytes -= textBytes(element);
  }

  /** Something else happened to the elements. */
  changed(): void {
    this.#bytes = -1;
  }

  get isMeasured(): boolean {
    return this.#bytes >= 0;
  }

  #join(list: Measured, divisor: number): void {
    const rough = list.roughBytes;
    const least = Math.max(list.size * ELEMENT_BYTES_MIN, (rough ?? Infinity) / SHRINKING_MAX);
    const [bytesMax, countMax] = this.#room();
    if (list.size > Math.trunc(countMax / divisor) || least > bytesMax / divisor) return;
    if (this.#measure(list) <= Math.trunc(bytesMax / divisor)) this.#chained = false;
  }

  #exceeds(bytes: number, count: number): boolean {
    const size = this.#limits.listMaxListpackSize;
    if (size < 0) return bytes > SIZES[Math.min(-size, SIZES.length) - 1];
    return bytes > COUNTED_BYTES_MAX || count > Math.max(size, 1);
  }

  #room(): [bytes: number, count: number] {
    const size = this.#limits.listMaxListpackSize;
    return size < 0 ? [SIZES[Math.min(-size, SIZES.length) - 1], Infinity] : [Infinity, Math.max(size, 1)];
  }

  #measure(list: Measured): number {
    if (this.#bytes < 0) {
      let sum = FRAME_BYTES;
      list.forEachInRange(0, -1, (element) => {
        sum += textBytes(element);
      });
      this.#bytes = sum;
    }
    return this.#bytes;
  }
}
