/** What MD5, SHA-1 and SHA-256 have in common: messages are padded to blocks of 64 bytes. */
export const BLOCK_BYTES = 64;

/** The message, a bit 1, zeros, and the length in bits: a whole number of blocks. */
export function paddedMessage(message: Uint8Array, littleEndian = false): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  const high = Math.floor(message.length / 2 ** 29);
  const low = (message.length << 3) >>> 0;
  view.setUint32(padded.length - 8, littleEndian ? low : high, littleEndian);
  view.setUint32(padded.length - 4, littleEndian ? high : low, littleEndian);
  return padded;
}
