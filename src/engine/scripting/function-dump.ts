import type { ServerVersion } from '../../commands/version.js';
import { allocBytes, arrayFromBytes, type Bytes, bytesFromArray } from '../../core/bytes.js';
import { Crc64 } from '../../core/crc64.js';
import { ErrorReply } from '../../core/reply.js';
import { isDumpPayload } from '../rdb/dump-payload.js';
import { RdbReader } from '../rdb/rdb-reader.js';
import { FUNCTION_2, RDB_VERSION } from '../rdb/rdb-type.js';
import { RdbWriter } from '../rdb/rdb-writer.js';
import type { Library } from './function-libraries.js';

const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 10;

const badPayload = new ErrorReply('ERR DUMP payload version or checksum are wrong');
const noFunction = new ErrorReply('ERR given type is not a function');
const unreadable = new ErrorReply('ERR failed loading the given functions payload');

/** The sources of libraries as FUNCTION DUMP answers them, and as a file keeps them. O(n). */
export function dumpLibraries(libraries: Iterable<Library>): Bytes {
  const out = new RdbWriter(true);
  for (const { source } of libraries) {
    out.byte(FUNCTION_2);
    out.string(source);
  }
  out.u16(RDB_VERSION);
  const sum = allocBytes(CHECKSUM_BYTES);
  new Crc64().update(out.view).writeTo(sum, 0);
  out.raw(sum);
  return bytesFromArray(out.view);
}

/** The sources in a payload of FUNCTION DUMP; throws an ErrorReply on any other. */
export function librariesOf(payload: Bytes, checkSum: boolean, version: ServerVersion): Bytes[] {
  if (!isDumpPayload(payload, checkSum, version)) throw badPayload;
  const bytes = arrayFromBytes(payload);
  const reader = new RdbReader(bytes.subarray(0, bytes.length - FOOTER_BYTES));
  const sources: Bytes[] = [];
  while (!reader.atEnd) {
    const type = reader.byte();
    if (type !== FUNCTION_2) throw noFunction;
    try {
      sources.push(reader.string());
    } catch {
      throw unreadable;
    }
  }
  return sources;
}
