import type { ServerVersion } from '../../commands/version.js';
import { allocBytes, arrayFromBytes, type Bytes, bytesFromArray } from '../../core/bytes.js';
import { Crc64, crc64 } from '../../core/crc64.js';
import type { Keyspace } from '../keyspace.js';
import type { ValueContext } from '../value.js';
import { type LoadedValue, loadValue } from './load-value.js';
import { RdbError } from './rdb-error.js';
import { RdbReader } from './rdb-reader.js';
import { RDB_VERSION, RDB_VERSION_TIMED } from './rdb-type.js';
import { RdbWriter } from './rdb-writer.js';
import { type ListNodeLimits, savedType, saveValue, versionFor } from './save-value.js';

/** A payload ends with two bytes of version and eight of checksum. */
const FOOTER_BYTES = 10;
const CHECKSUM_BYTES = 8;

/** What DUMP answers with: the value of a slot by itself, byte for byte as Redis stores it in a file. O(n). */
export function dumpValue(keyspace: Keyspace, slot: number, limits: ListNodeLimits, compress: boolean): Bytes {
  const out = new RdbWriter(compress);
  const type = savedType(keyspace, slot);
  out.byte(type);
  saveValue(out, keyspace, slot, limits);
  out.u16(versionFor(type));
  const sum = allocBytes(CHECKSUM_BYTES);
  new Crc64().update(out.view).writeTo(sum, 0);
  out.raw(sum);
  return bytesFromArray(out.view);
}

/** The newest format of payloads that a server of some version takes. */
function newestFor(version: ServerVersion): number {
  if (version === '7.0') return RDB_VERSION;
  return version === '7.2' ? RDB_VERSION + 1 : RDB_VERSION_TIMED;
}

/** Whether a payload ends as one does: with a version that is understood and the checksum of what it holds. */
export function isDumpPayload(payload: Bytes, checkSum: boolean, version: ServerVersion): boolean {
  if (payload.length < FOOTER_BYTES) return false;
  const bytes = arrayFromBytes(payload);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - CHECKSUM_BYTES;
  if (view.getUint16(end - 2, true) > newestFor(version)) return false;
  return !checkSum || crc64(bytes, 0, end) === view.getBigUint64(end, true);
}

/**
 * The value in a payload that `isDumpPayload`. Null if it is an empty collection; throws an RdbError if it is no value.
 * What follows the value is ignored, as Redis does.
 */
export function restoreValue(payload: Bytes, context: ValueContext): LoadedValue | null {
  const bytes = arrayFromBytes(payload);
  if (bytes.length <= FOOTER_BYTES) throw new RdbError('empty payload', 0);
  // Redis would read on into the footer; here a value that needs it is corrupt.
  const reader = new RdbReader(bytes.subarray(0, bytes.length - FOOTER_BYTES));
  return loadValue(reader, reader.byte(), context);
}
