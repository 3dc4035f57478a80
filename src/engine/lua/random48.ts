/** The 48-bit linear congruential generator of the C library: the same numbers for the same seed everywhere. */
export class Random48 {
  #state = 0n;

  constructor(seed: number) {
    this.seed(seed);
  }

  seed(seed: number): void {
    this.#state = (BigInt.asUintN(32, BigInt(Math.trunc(seed) || 0)) << 16n) | 0x330en;
  }

  /** The next number of 0…2^31 − 1. */
  next(): number {
    this.#state = BigInt.asUintN(48, this.#state * 0x5deece66dn + 0xbn);
    return Number(this.#state >> 17n);
  }
}
