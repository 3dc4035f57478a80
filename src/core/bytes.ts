/**
 * Bytes are one-byte ("binary") JavaScript strings throughout the library: each character is one byte, 0–255. They
 * compare, hash and concatenate at native speed and take one byte of memory per byte. Text becomes Bytes once, at the
 * façade (UTF-8), and raw bytes become Bytes once, at the RESP codec.
 *
 * `TextDecoder('latin1')` is windows-1252, hence not binary-safe, and must not be used for this.
 */
export type Bytes = string;

interface NodeBytes extends Uint8Array {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, at: number): number;
  utf8Slice(start: number, end: number): string;
  utf8Write(text: string, at: number): number;
}
interface NodeBufferConstructor {
  allocUnsafeSlow(size: number): NodeBytes;
  alloc(size: number): NodeBytes;
  from(buffer: ArrayBufferLike, offset: number, length: number): NodeBytes;
  byteLength(text: string): number;
}
/** Node's Buffer where it exists: its latin1 copies are native. Other runtimes fall back to the loops below. */
const NodeBuffer = (globalThis as unknown as { Buffer?: NodeBufferConstructor }).Buffer;

/** Strings up to this length are built and written byte by byte, which is cheaper than a native call. */
const SHORT_BYTES_MAX = 16;

/** A zeroed byte array whose slices convert natively where the runtime can. */
export function allocBytes(size: number): Uint8Array {
  return NodeBuffer ? NodeBuffer.alloc(size) : new Uint8Array(size);
}

/** Like `allocBytes`, but uninitialised: for buffers that are written before they are read. */
export function allocBytesUnsafe(size: number): Uint8Array {
  return NodeBuffer ? NodeBuffer.allocUnsafeSlow(size) : new Uint8Array(size);
}

/** Bytes `start`…`end` of `source` as a one-byte string. O(end − start). */
export function sliceBytes(source: Uint8Array, start: number, end: number): Bytes {
  const length = end - start;
  if (length <= SHORT_BYTES_MAX) return shortSlice(source, start, length);
  if (NodeBuffer) return nativeView(source).latin1Slice(start, end);
  let text = '';
  for (let at = start; at < end; at += 8192) {
    text += String.fromCharCode.apply(null, source.subarray(at, Math.min(end, at + 8192)) as unknown as number[]);
  }
  return text;
}

/** Writes `bytes` into `target` from `at`; returns the offset after the last byte. The caller made room. */
export function writeBytes(target: Uint8Array, bytes: Bytes, at: number): number {
  const length = bytes.length;
  if (length <= SHORT_BYTES_MAX || !NodeBuffer) {
    for (let i = 0; i < length; i++) target[at + i] = bytes.charCodeAt(i);
  } else {
    nativeView(target).latin1Write(bytes, at);
  }
  return at + length;
}

function nativeView(source: Uint8Array): NodeBytes {
  // Read the property rather than test with `in`, which does a fresh lookup each time.
  if ((source as Partial<NodeBytes>).latin1Slice !== undefined) return source as NodeBytes;
  return NodeBuffer!.from(source.buffer, source.byteOffset, source.byteLength);
}

// biome-ignore format: a line for each length
function shortSlice(b: Uint8Array, s: number, length: number): Bytes {
  switch (length) {
    case 0: return '';
    case 1: return String.fromCharCode(b[s]);
    case 2: return String.fromCharCode(b[s], b[s + 1]);
    case 3: return String.fromCharCode(b[s], b[s + 1], b[s + 2]);
    case 4: return String.fromCharCode(b[s], b[s + 1], b[s + 2], b[s + 3]);
    case 5: return String.fromCharCode(b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4]);
    case 6: return String.fromCharCode(b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5]);
    case 7: return String.fromCharCode(b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6]);
    case 8: return String.fromCharCode(b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6], b[s + 7]);
    case 13: return String.fromCharCode(
      b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6], b[s + 7],
      b[s + 8], b[s + 9], b[s + 10], b[s + 11], b[s + 12]);
    case 14: return String.fromCharCode(
      b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6], b[s + 7],
      b[s + 8], b[s + 9], b[s + 10], b[s + 11], b[s + 12], b[s + 13]);
    case 15: return String.fromCharCode(
      b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6], b[s + 7],
      b[s + 8], b[s + 9], b[s + 10], b[s + 11], b[s + 12], b[s + 13], b[s + 14]);
    case 16: return String.fromCharCode(
      b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6], b[s + 7],
      b[s + 8], b[s + 9], b[s + 10], b[s + 11], b[s + 12], b[s + 13], b[s + 14], b[s + 15]);
    // A concatenation of more than 12 characters is not flat, and flattening costs more than building it here.
    default: return shortSlice(b, s, 8) + shortSlice(b, s + 8, length - 8);
  }
}

const encoder = new TextEncoder();
/** A byte order mark is a character of the text like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Non-ASCII text up to this size is recoded through one shared buffer. */
const RECODED_BYTES_MAX = 65_536;
let recoded: NodeBytes | null = null;
/** Up to this length a loop beats a native call. */
const LOOP_CHARACTERS_MAX = 16;
// A one-byte string whose UTF-8 form is itself.
const ascii = /^[\0-\x7f]*$/;

/** Whether all characters are below 128, so that the string is the same as text and as bytes. */
export function isAscii(text: string): boolean {
  const length = text.length;
  if (length > LOOP_CHARACTERS_MAX) return NodeBuffer ? NodeBuffer.byteLength(text) === length : ascii.test(text);
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Text as UTF-8 bytes. ASCII text is already its own encoding and is returned unchanged. */
export function bytesFromText(text: string): Bytes {
  return isAscii(text) ? text : encodeText(text);
}

function encodeText(text: string): Bytes {
  // A UTF-16 unit takes three bytes at most.
  if (NodeBuffer && text.length * 3 <= RECODED_BYTES_MAX) {
    recoded ??= NodeBuffer.allocUnsafeSlow(RECODED_BYTES_MAX);
    return recoded.latin1Slice(0, recoded.utf8Write(text, 0));
  }
  const encoded = encoder.encode(text);
  return sliceBytes(encoded, 0, encoded.length);
}

/** UTF-8 bytes as text; ill-formed sequences become U+FFFD, as in every UTF-8 decoder of the platform. */
export function textFromBytes(bytes: Bytes): string {
  return isAscii(bytes) ? bytes : decodeText(bytes);
}

function decodeText(bytes: Bytes): string {
  if (!NodeBuffer || bytes.length > RECODED_BYTES_MAX) return decoder.decode(arrayFromBytes(bytes));
  recoded ??= NodeBuffer.allocUnsafeSlow(RECODED_BYTES_MAX);
  recoded.latin1Write(bytes, 0);
  return recoded.utf8Slice(0, bytes.length);
}

/** What C would read as a string: the bytes before the first NUL, at most `bytes_max` of them. */
export function asCString(bytes: Bytes, bytes_max = Number.POSITIVE_INFINITY): Bytes {
  const nul = bytes.indexOf('\0');
  return bytes.slice(0, nul < 0 ? bytes_max : Math.min(nul, bytes_max));
}

/** A copy of `bytes` as a Uint8Array of its own. */
export function arrayFromBytes(bytes: Bytes): Uint8Array {
  const array = new Uint8Array(bytes.length);
  writeBytes(array, bytes, 0);
  return array;
}

export function bytesFromArray(array: Uint8Array): Bytes {
  return sliceBytes(array, 0, array.length);
}

/** −1, 0 or 1 by unsigned byte order (memcmp, then length), which is exactly JavaScript's `<` on one-byte strings. */
export function compareBytes(a: Bytes, b: Bytes): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The arrays concatenated; `length` must be the sum of their lengths. */
export function joinArrays(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
