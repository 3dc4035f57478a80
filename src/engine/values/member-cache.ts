import { type Bytes, bytesFromText, textFromBytes } from '../../core/bytes.js';
import { scratch, stage } from './byte-hash.js';

/** A table whose members may be kept here. */
interface MarkedTable {
  mark: number;
  findBytes(buffer: Uint8Array, start: number, length: number): number;
  keyOf(slot: number): Bytes;
}

/**
 * Members of sorted sets, sets and hashes that were lately used as text, for all tables of the process together:
 * found by comparing strings, where encoding, hashing and probing cost five times as much, and read without making a
 * string. As the key cache of a keyspace, but a member belongs to a table, which is known here by its mark.
 *
 *     places   hash of mark and text ──▶ record
 *     records  place by mark and slot:  mark │ slot │ text
 *
 * A record holds while its slot does: `SlotStore` drops it with the slot. A place needs no care, since the record says
 * itself whose it is. Only ASCII is kept, the same as text and as bytes, and only copies: a string given by the caller
 * may be a slice that keeps a whole document alive.
 */
const RECORDS = 16_384;
const PLACES = 32_768;
const TEXT_LENGTH_MAX = 64;
/** A hit pays for four misses; without credit members are not kept for a while, since that only costs when all are used evenly. */
const CREDIT_MAX = 16_384;
const CREDIT_PER_HIT = 4;
const REST_LOOKUPS = 100_000;

const MARK_FACTOR = 0x9e3779b1;

const RECORD_MASK = RECORDS - 1;
const PLACE_MASK = PLACES - 1;

// Memory that nobody has touched yet costs nothing; V8 builds the places of arrays that are never replaced into its code.
const marks = new Float64Array(RECORDS);
const slots = new Int32Array(RECORDS);
const places = new Uint16Array(PLACES);
/** Filled at the first use: most programs keep no such collections. */
const texts: string[] = [];
let lastMark = 0;
let credit = CREDIT_MAX;
let rest = 0;

/** The slot of a member given as text, or −1. O(1). */
export function findMember(table: MarkedTable, text: string): number {
  const { mark } = table;
  if (mark !== 0) {
    const record = places[placeOf(text, mark)];
    if (marks[record] === mark && texts[record] === text) {
      if (credit < CREDIT_MAX) credit += CREDIT_PER_HIT;
      return slots[record];
    }
  }
  return findMissed(table, text);
}

function findMissed(table: MarkedTable, text: string): number {
  const bytes = bytesFromText(text);
  const length = stage(bytes);
  const slot = table.findBytes(scratch, 0, length);
  if (slot < 0) return slot;
  if (rest > 0) rest--;
  else if (--credit < 0) {
    credit = CREDIT_MAX;
    rest = REST_LOOKUPS;
  } else if (bytes === text && length <= TEXT_LENGTH_MAX) {
    const record = recordOf(markOf(table), slot);
    if (marks[record] !== table.mark || slots[record] !== slot) keep(record, table, slot, table.keyOf(slot));
    places[placeOf(text, table.mark)] = record;
  }
  return slot;
}

/** The members in the slots `from[at]`, `from[at + step]` … as texts, written to `into[start … end)`. */
export function memberTexts(
  table: MarkedTable,
  from: Int32Array,
  at: number,
  step: number,
  into: string[],
  start: number,
  end: number,
): void {
  const { mark } = table;
  const first = Math.imul(mark, MARK_FACTOR);
  for (let i = start; i < end; i++) {
    const slot = from[at];
    const record = (first + slot) & RECORD_MASK;
    const known = slots[record] === slot && marks[record] === mark && mark !== 0;
    into[i] = known ? texts[record] : readMissed(table, slot);
    at += step;
  }
}

function readMissed(table: MarkedTable, slot: number): string {
  const bytes = table.keyOf(slot);
  const text = textFromBytes(bytes);
  if (text === bytes && text.length <= TEXT_LENGTH_MAX) keep(recordOf(markOf(table), slot), table, slot, text);
  return text;
}

/** A slot of a table with a mark is about to be freed. */
export function forgetMember(mark: number, slot: number): void {
  const record = recordOf(mark, slot);
  if (slots[record] === slot && marks[record] === mark) marks[record] = 0;
}

function keep(record: number, { mark }: MarkedTable, slot: number, text: string): void {
  marks[record] = mark;
  slots[record] = slot;
  texts[record] = text;
}

/** The table's mark; one that has none is given the next. */
function markOf(table: MarkedTable): number {
  if (table.mark === 0) {
    if (texts.length === 0) for (let i = 0; i < RECORDS; i++) texts.push('');
    table.mark = ++lastMark;
  }
  return table.mark;
}

/** Neighbouring slots of a table have neighbouring records. */
function recordOf(mark: number, slot: number): number {
  return (Math.imul(mark, MARK_FACTOR) + slot) & RECORD_MASK;
}

/** By the length and the last characters. */
function placeOf(text: string, mark: number): number {
  const at = text.length - 4;
  if (at < 0) return shortPlaceOf(text, mark);
  const first = (text.length * 11 + text.charCodeAt(at)) * 11 + text.charCodeAt(at + 1);
  const place = (first * 11 + text.charCodeAt(at + 2)) * 11 + text.charCodeAt(at + 3);
  return (place + Math.imul(mark, MARK_FACTOR)) & PLACE_MASK;
}

function shortPlaceOf(text: string, mark: number): number {
  let place = Math.imul(mark, MARK_FACTOR) + text.length;
  for (let i = 0; i < text.length; i++) place = place * 11 + text.charCodeAt(i);
  return place & PLACE_MASK;
}
