/**
 * One engine's memory account. Every structure that holds data adds what it takes and subtracts what it gives back;
 * `used` is what INFO reports and what `maxmemory` is compared with. In bytes, estimated where V8 owns the object.
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
