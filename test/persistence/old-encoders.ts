/** What servers since Redis 2.8 have written into files, made by hand: bytes as one-byte strings. */
import { arrayFromBytes } from '../../src/core/bytes.js';
import { crc64 } from '../../src/core/crc64.js';

export function u16(value: number): string {
  return String.fromCharCode(value & 255, (value >> 8) & 255);
}

export function u32(value: number): string {
  return u16(value & 0xffff) + u16(value >>> 16);
}

export function u64(value: number | bigint): string {
  const wide = BigInt.asUintN(64, BigInt(value));
  return u32(Number(wide & 0xffff_ffffn)) + u32(Number(wide >> 32n));
}

export function bigEndian(value: number | bigint, bytes: number): string {
  return [...u64(value)].slice(0, bytes).reverse().join('');
}

export function double(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.toString('latin1');
}

/** A length in as few bytes as it takes, or in the given width. */
export function size(value: number, width: 'short' | 'u32' | 'u64' = 'short'): string {
  if (width === 'u64') return `\x81${bigEndian(value, 8)}`;
  if (width === 'u32' || value >= 1 << 14) return `\x80${bigEndian(value, 4)}`;
  return value < 64 ? String.fromCharCode(value) : String.fromCharCode(0x40 | (value >> 8), value & 255);
}

/** A string as its bytes. */
export const text = (bytes: string): string => size(bytes.length) + bytes;

/** A string that is an integer, as one. */
export function integer(value: number): string {
  if (value >= -128 && value < 128) return `\xc0${String.fromCharCode(value & 255)}`;
  return value >= -32_768 && value < 32_768 ? `\xc1${u16(value)}` : `\xc2${u32(value)}`;
}

/** A string that LZF has packed: literals, and what is repeated of the first bytes once. */
export function packed(bytes: string, times: number): string {
  const literal = String.fromCharCode(bytes.length - 1) + bytes;
  const offset = bytes.length - 1;
  const more = bytes.length * (times - 1);
  const back =
    more - 2 < 7
      ? String.fromCharCode(((more - 2) << 5) | (offset >> 8), offset & 255)
      : String.fromCharCode((7 << 5) | (offset >> 8), more - 9, offset & 255);
  return `\xc3${size(literal.length + back.length)}${size(bytes.length * times)}${literal}${back}`;
}

/** A string as LZF has it where nothing repeats. */
export function unpacked(bytes: string): string {
  const runs = bytes.match(/.{1,32}/gs) ?? [];
  const literals = runs.map((run) => String.fromCharCode(run.length - 1) + run).join('');
  return `\xc3${size(literals.length)}${size(bytes.length)}${literals}`;
}

/** A file of one version, with what it holds; since version 5 it ends with a checksum. */
export function file(version: number, ...parts: string[]): Uint8Array {
  return signed(`REDIS${String(version).padStart(4, '0')}`, version, parts);
}

/** As Valkey 9 begins its files. */
export function valkeyFile(version: number, ...parts: string[]): Uint8Array {
  return signed(`VALKEY${String(version).padStart(3, '0')}`, version, parts);
}

function signed(header: string, version: number, parts: readonly string[]): Uint8Array {
  const body = `${header}${parts.join('')}\xff`;
  return arrayFromBytes(version < 5 ? body : body + u64(crc64(arrayFromBytes(body))));
}

/** One element of a ziplist: a string, or what a test wants there. */
export type ZipEntry = string | number | bigint | { readonly raw: string };

/** A ziplist; `wide` states every length of the entry before in five bytes. */
export function ziplist(entries: readonly ZipEntry[], { wide = false, count = entries.length } = {}): string {
  let body = '';
  let previous = 0;
  let last = 10;
  for (const entry of entries) {
    const back = wide || previous >= 254 ? `\xfe${u32(previous)}` : String.fromCharCode(previous);
    const encoded = back + zipEntry(entry);
    last = 10 + body.length;
    body += encoded;
    previous = encoded.length;
  }
  return `${u32(body.length + 11) + u32(last) + u16(Math.min(count, 0xffff)) + body}\xff`;
}

function zipEntry(entry: ZipEntry): string {
  if (typeof entry === 'object') return entry.raw;
  if (typeof entry === 'string') {
    const { length } = entry;
    if (length < 64) return String.fromCharCode(length) + entry;
    if (length < 1 << 14) return String.fromCharCode(0x40 | (length >> 8), length & 255) + entry;
    return `\x80${bigEndian(length, 4)}${entry}`;
  }
  const value = BigInt(entry);
  const fits = (bits: bigint): boolean => value >= -(1n << (bits - 1n)) && value < 1n << (bits - 1n);
  if (value >= 0n && value <= 12n) return String.fromCharCode(0xf1 + Number(value));
  if (fits(8n)) return `\xfe${u64(value).slice(0, 1)}`;
  if (fits(16n)) return `\xc0${u64(value).slice(0, 2)}`;
  if (fits(24n)) return `\xf0${u64(value).slice(0, 3)}`;
  return fits(32n) ? `\xd0${u64(value).slice(0, 4)}` : `\xe0${u64(value)}`;
}

/** A zipmap of fields and values in turn; each value is followed by as many unused bytes as `unused` says. */
export function zipmap(items: readonly string[], { unused = 0, count = items.length / 2 } = {}): string {
  const length = (of: string): string => (of.length < 254 ? String.fromCharCode(of.length) : `\xfe${u32(of.length)}`);
  let out = String.fromCharCode(Math.min(count, 254));
  items.forEach((item, i) => {
    out += i % 2 === 0 ? length(item) + item : length(item) + String.fromCharCode(unused) + item + '?'.repeat(unused);
  });
  return `${out}\xff`;
}

/** Integers in order, each in `width` bytes. */
export function intset(width: 2 | 4 | 8, values: readonly (number | bigint)[]): string {
  return u32(width) + u32(values.length) + values.map((value) => u64(value).slice(0, width)).join('');
}

/** A listpack: integers in the shortest form, strings as strings. */
export function listpack(entries: readonly (string | number | bigint)[]): string {
  let body = '';
  for (const entry of entries) {
    const data = packEntry(entry);
    body += data + backLength(data.length);
  }
  return `${u32(body.length + 7) + u16(Math.min(entries.length, 0xffff)) + body}\xff`;
}

function packEntry(entry: string | number | bigint): string {
  if (typeof entry === 'string') {
    const { length } = entry;
    if (length < 64) return String.fromCharCode(0x80 | length) + entry;
    if (length < 4096) return String.fromCharCode(0xe0 | (length >> 8), length & 255) + entry;
    return `\xf0${u32(length)}${entry}`;
  }
  const value = BigInt(entry);
  const fits = (bits: bigint): boolean => value >= -(1n << (bits - 1n)) && value < 1n << (bits - 1n);
  if (value >= 0n && value < 128n) return String.fromCharCode(Number(value));
  if (fits(13n)) return bigEndian(BigInt.asUintN(13, value) | 0xc000n, 2);
  if (fits(16n)) return `\xf1${u64(value).slice(0, 2)}`;
  if (fits(24n)) return `\xf2${u64(value).slice(0, 3)}`;
  return fits(32n) ? `\xf3${u64(value).slice(0, 4)}` : `\xf4${u64(value)}`;
}

/** The most significant digit first; all that follow have their highest bit set. */
function backLength(length: number): string {
  const digits = [length & 127];
  for (let rest = length >> 7; rest > 0; rest >>= 7) digits.unshift(rest & 127);
  return digits.map((digit, i) => String.fromCharCode(i === 0 ? digit : digit | 128)).join('');
}

export interface OldGroup {
  readonly name: string;
  readonly last: readonly [ms: number, seq: number];
  /** Absent in the first version. */
  readonly read?: number;
  readonly pending: readonly { readonly id: readonly [number, number]; readonly at: number; readonly count: number }[];
  readonly consumers: readonly {
    readonly name: string;
    readonly seen: number;
    /** Only the third version has it. */
    readonly active?: number;
    readonly pending: readonly (readonly [number, number])[];
  }[];
}

const rawId = ([ms, seq]: readonly [number, number]): string => bigEndian(ms, 8) + bigEndian(seq, 8);
const sizedId = ([ms, seq]: readonly [number, number]): string => size(ms) + size(seq);

/**
 * A stream of one node whose entries all have the field `f`: ids are `ms-0`; those whose value is null are deleted ones.
 * Version 1 is Redis 5's, 2 that of 7.0, 3 that of 7.2.
 */
export function stream(
  version: 1 | 2 | 3,
  entries: readonly (readonly [ms: number, value: string | null])[],
  groups: readonly OldGroup[] = [],
): string {
  const [[base] = [0]] = entries;
  const live = entries.filter(([, value]) => value !== null);
  const dead = entries.filter(([, value]) => value === null);
  const lastMs = entries.at(-1)?.[0] ?? 0;
  const elements: (string | number)[] = [live.length, dead.length, 1, 'f', 0];
  for (const [ms, value] of entries) elements.push(value === null ? 3 : 2, ms - base, 0, value ?? 'gone', 4);
  let out = entries.length === 0 ? size(0) : size(1) + text(rawId([base, 0])) + text(listpack(elements));
  out += size(live.length) + sizedId([lastMs, 0]);
  if (version > 1) {
    out += sizedId([live[0]?.[0] ?? 0, 0]) + sizedId([dead.at(-1)?.[0] ?? 0, 0]) + size(entries.length);
  }
  out += size(groups.length);
  for (const group of groups) {
    out += text(group.name) + sizedId(group.last) + (version > 1 ? size(group.read ?? 0) : '');
    out += size(group.pending.length);
    for (const { id, at, count } of group.pending) out += rawId(id) + u64(at) + size(count);
    out += size(group.consumers.length);
    for (const consumer of group.consumers) {
      out += text(consumer.name) + u64(consumer.seen) + (version > 2 ? u64(consumer.active ?? -1) : '');
      out += size(consumer.pending.length) + consumer.pending.map(rawId).join('');
    }
  }
  return out;
}
