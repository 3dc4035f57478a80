/** Two lower-case hexadecimal digits per byte. O(length). */
export function hexDigits(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += (byte < 16 ? '0' : '') + byte.toString(16);
  return hex;
}
