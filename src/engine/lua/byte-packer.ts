import { type Bytes, sliceBytes } from '../../core/bytes.js';

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** `size` bytes of an integer, 1…32; what is beyond 8 bytes repeats the sign. */
export function packInteger(value: bigint, size: number, little: boolean): Bytes {
  scratch.setBigInt64(0, BigInt.asIntN(64, value), true);
  const fill = value < 0n ? 0xff : 0;
  const codes: number[] = [];
  for (let i = 0; i < size; i++) codes.push(i < 8 ? scratchBytes[i] : fill);
  if (!little) codes.reverse();
  return String.fromCharCode(...codes);
}

export function unpackInteger(text: Bytes, at: number, size: number, little: boolean, signed: boolean): bigint {
  let value = 0n;
  for (let i = 0; i < Math.min(size, 8); i++) {
    const code = text.charCodeAt(little ? at + i : at + size - 1 - i);
    value |= BigInt(code) << BigInt(8 * i);
  }
  const width = Math.min(size, 8) * 8;
  return signed ? BigInt.asIntN(width, value) : value;
}

export function packFloat(value: number, size: 4 | 8, little: boolean): Bytes {
  if (size === 4) scratch.setFloat32(0, value, little);
  else scratch.setFloat64(0, value, little);
  return sliceBytes(scratchBytes, 0, size);
}

export function unpackFloat(text: Bytes, at: number, size: 4 | 8, little: boolean): number {
  for (let i = 0; i < size; i++) scratchBytes[i] = text.charCodeAt(at + i);
  return size === 4 ? scratch.getFloat32(0, little) : scratch.getFloat64(0, little);
}
