/**
 * One engine's memory account. Every structure that holds data adds what it takes and gives it back;
 * `used` is what INFO reports and what `maxmemory` is held against. Bytes, estimated where V8 owns the object.
 */
export class MemoryMeter {
  used = 0;
  peak = 0;

  add(bytes: number): void {
    this.used += bytes;
    if (this.used > this.peak) this.peak = this.used;
  }

  sub(bytes: number): void {
    this.used -= bytes;
  }
}
