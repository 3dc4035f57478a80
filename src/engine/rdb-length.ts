import type { Bytes } from '../core/bytes.js';
import { parseInteger } from '../core/integer.js';
import type { Keyspace } from './keyspace.js';
import { HashValue } from './values/hash.js';
import { ListValue } from './values/list.js';
import { SetValue } from './values/set.js';
import { StreamValue } from './values/stream.js';

const SCORE_BYTES = 8;
/** Of a stream's node: a string of 16 bytes. */
const ID_BYTES = 17;

/** How many bytes the value of a slot takes in a snapshot, before any compression: element by element. O(n). */
export function rdbLength(keyspace: Keyspace, slot: number): number {
  if (keyspace.typeOf(slot) === 0) return stringLength(keyspace.stringOf(slot));
  const value = keyspace.collection(slot);
  let total = prefixLength(value.size);
  if (value instanceof ListValue) {
    value.forEachInRange(0, value.size - 1, (element) => {
      total += stringLength(element);
    });
  } else if (value instanceof SetValue) {
    value.forEach((member) => {
      total += stringLength(member);
    });
  } else if (value instanceof HashValue) {
    value.forEach((field, content) => {
      total += stringLength(field) + stringLength(content);
    });
  } else if (value instanceof StreamValue) {
    for (const { listpackBytes } of value.nodes) total += ID_BYTES + prefixLength(listpackBytes) + listpackBytes;
  } else {
    value.forEach((member) => {
      total += stringLength(member) + SCORE_BYTES;
    });
  }
  return total;
}

/** Small integers take 2, 3 or 5 bytes, other strings a length and their bytes. */
function stringLength(bytes: Bytes): number {
  const integer = bytes.length <= 11 ? parseInteger(bytes) : null;
  if (typeof integer === 'number') {
    if (integer >= -128 && integer < 128) return 2;
    if (integer >= -32_768 && integer < 32_768) return 3;
    if (integer >= -2_147_483_648 && integer < 2_147_483_648) return 5;
  }
  return prefixLength(bytes.length) + bytes.length;
}

function prefixLength(length: number): number {
  if (length < 64) return 1;
  return length < 16_384 ? 2 : 5;
}
