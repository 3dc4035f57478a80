/** Lane numbers; `lanes.ts` dispatches on them. */
export const LANE_PING = 0;
export const LANE_GET = 1;
export const LANE_SET = 2;
export const LANE_MSET = 3;
export const LANE_INCR = 4;
export const LANE_DECR = 5;
export const LANE_INCRBY = 6;
export const LANE_DECRBY = 7;
export const LANE_DEL = 8;
export const LANE_EXISTS = 9;
export const LANE_LPUSH = 10;
export const LANE_RPUSH = 11;
export const LANE_LPOP = 12;
export const LANE_RPOP = 13;
export const LANE_LRANGE = 14;
export const LANE_SADD = 15;
export const LANE_HSET = 16;
export const LANE_HGET = 17;
export const LANE_ZADD = 18;

const ANY = 0x7fffffff;

/** By lane: the command, and the range of word counts (its name included) for which it is plain. */
export const laneNames: readonly (readonly [name: string, words_min: number, words_max: number])[] = [
  ['ping', 1, 1],
  ['get', 2, 2],
  ['set', 3, 3],
  ['mset', 3, ANY],
  ['incr', 2, 2],
  ['decr', 2, 2],
  ['incrby', 3, 3],
  ['decrby', 3, 3],
  ['del', 2, 2],
  ['exists', 2, 2],
  ['lpush', 3, ANY],
  ['rpush', 3, ANY],
  ['lpop', 2, 2],
  ['rpop', 2, 2],
  ['lrange', 4, 4],
  ['sadd', 3, ANY],
  ['hset', 4, ANY],
  ['hget', 3, 3],
  ['zadd', 4, 4],
];

const NAME_BYTES_MIN = 3;
const NAME_BYTES_MAX = 6;
/** A perfect hash: each place has a record of the name's length and letters, the lane, and the least and most words. */
const RECORD_BITS = 3;
const PLACE_BITS = 6;
/** Clears the bit that makes letters lower case; it turns no other byte into a letter. */
const CAPITAL = 0xdf;

const letters = new Uint8Array(1 << (PLACE_BITS + RECORD_BITS));
const lanes = new Int32Array(1 << PLACE_BITS).fill(-1);
const wordsMin = new Int32Array(1 << PLACE_BITS);
const wordsMax = new Int32Array(1 << PLACE_BITS);
const multiplier = buildTable();

/** The lane of a request, by its first word and its word count; −1 if there is none. */
export function laneOf(bytes: Uint8Array, start: number, end: number, words: number): number {
  const length = end - start;
  if (length < NAME_BYTES_MIN || length > NAME_BYTES_MAX) return -1;
  const place = placeOf(bytes[start], bytes[start + 1], bytes[end - 1], multiplier);
  let at = place << RECORD_BITS;
  if (letters[at] !== length) return -1;
  for (let i = start; i < end; i++) if ((bytes[i] & CAPITAL) !== letters[++at]) return -1;
  return words >= wordsMin[place] && words <= wordsMax[place] ? lanes[place] : -1;
}

/** The first, second and last letter identify every name. */
function placeOf(first: number, second: number, last: number, by: number): number {
  const mixed = ((first & CAPITAL) << 16) | ((second & CAPITAL) << 8) | (last & CAPITAL);
  return Math.imul(mixed, by) >>> (32 - PLACE_BITS);
}

/** Finds a multiplier that puts every name in a place of its own, and fills the table. */
function buildTable(): number {
  for (let by = 0x9e3779b1; ; by += 2) {
    const places = laneNames.map(([name]) => {
      const last = name.charCodeAt(name.length - 1);
      return placeOf(name.charCodeAt(0), name.charCodeAt(1), last, by);
    });
    if (new Set(places).size < places.length) continue;
    places.forEach((place, lane) => {
      const [name, min, max] = laneNames[lane];
      letters[place << RECORD_BITS] = name.length;
      for (let i = 0; i < name.length; i++) letters[(place << RECORD_BITS) + 1 + i] = name.charCodeAt(i) & CAPITAL;
      lanes[place] = lane;
      wordsMin[place] = min;
      wordsMax[place] = max;
    });
    return by;
  }
}
