import type { Bytes } from '../../core/bytes.js';
import type { MemoryMeter } from '../../core/memory.js';

/** What V8 takes for a string in an array, estimated. */
const STRING_BYTES = 24;

function bytesOf(member: Bytes): number {
  return STRING_BYTES + ((member.length + 7) & ~7);
}

/** The members of a small set in the order in which they came: what Redis since 7.2 calls a listpack. */
export class PackedMembers {
  readonly #meter: MemoryMeter;
  #members: Bytes[];
  bytesUsed = 0;

  constructor(meter: MemoryMeter, members: Bytes[] = []) {
    this.#meter = meter;
    this.#members = members;
    this.#charge(members.reduce((sum, member) => sum + bytesOf(member), 0));
  }

  get size(): number {
    return this.#members.length;
  }

  at(index: number): Bytes {
    return this.#members[index];
  }

  /** O(n), as all that asks for a member by its bytes. */
  has(member: Bytes): boolean {
    return this.#members.includes(member);
  }

  /** Adds a member that is not there. */
  push(member: Bytes): void {
    this.#members.push(member);
    this.#charge(bytesOf(member));
  }

  delete(member: Bytes): boolean {
    const index = this.#members.indexOf(member);
    if (index >= 0) this.removeAt(index);
    return index >= 0;
  }

  removeAt(index: number): void {
    const [member] = this.#members.splice(index, 1);
    this.#charge(-bytesOf(member));
  }

  clone(meter: MemoryMeter): PackedMembers {
    return new PackedMembers(meter, this.#members.slice());
  }

  dispose(): void {
    this.#charge(-this.bytesUsed);
    this.#members = [];
  }

  #charge(bytes: number): void {
    this.bytesUsed += bytes;
    this.#meter.add(bytes);
  }
}
