import type { Bytes } from '../../core/bytes.js';
import { formatFixed } from '../../core/double.js';
import { LATITUDE_MAX, LONGITUDE_MAX } from '../../core/geo-limits.js';
import { asin, cos, sin } from '../../core/trigonometry.js';

/**
 * Positions are sorted-set scores: longitude and latitude as 26-bit fractions of their ranges, bits interleaved,
 * longitude first. A coarser grid's squares are the scores' leading bits.
 */
export const STEPS_MAX = 26;

export const EARTH_RADIUS_M = 6372797.560856;
const RADIANS = Math.PI / 180;
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const HASH_CHARACTERS = 10;
const TWO_32 = 2 ** 32;

export interface GeoPosition {
  readonly longitude: number;
  readonly latitude: number;
}

/** Metres in one unit: `m`, `km`, `ft`, `mi` in any case; `null` for anything else. */
export function metersPerUnit(unit: Bytes): number | null {
  switch (unit.toLowerCase()) {
    case 'm':
      return 1;
    case 'km':
      return 1000;
    case 'ft':
      return 0.3048;
    case 'mi':
      return 1609.34;
    default:
      return null;
  }
}

/** A square of the grid with 2^steps columns and rows: x counts eastwards, y northwards. */
export interface GeoCell {
  readonly x: number;
  readonly y: number;
  readonly steps: number;
}

/** The cell that holds a valid position. The utmost east and north lie in a column and row of their own. */
export function cellOf(position: GeoPosition, steps: number, latitudeMax: number = LATITUDE_MAX): GeoCell {
  const x = ((position.longitude + LONGITUDE_MAX) / (LONGITUDE_MAX * 2)) * 2 ** steps;
  const y = ((position.latitude + latitudeMax) / (latitudeMax * 2)) * 2 ** steps;
  return { x: Math.trunc(x), y: Math.trunc(y), steps };
}

/** The score of a valid position. */
export function encodePosition(position: GeoPosition): number {
  return scoreOf(cellOf(position, STEPS_MAX), 0);
}

/** The centre of the cell that a score means. Any score is accepted, as any sorted set may be asked for positions. */
export function decodePosition(score: number): GeoPosition {
  const bits = unsigned64(score);
  const area = areaOf({
    x: (odd(bits.high) << 16) | odd(bits.low),
    y: (even(bits.high) << 16) | even(bits.low),
    steps: STEPS_MAX,
  });
  return {
    longitude: clamp((area.west + area.east) / 2, LONGITUDE_MAX),
    latitude: clamp((area.south + area.north) / 2, LATITUDE_MAX),
  };
}

/** A score as the machine converts it to 64 bits: cut, negative ones as two's complement, too large ones 0. */
function unsigned64(score: number): { high: number; low: number } {
  if (score >= 0 && score < 2 ** 53) return { high: Math.floor(score / TWO_32), low: score >>> 0 };
  if (score >= 2 ** 64) return { high: 0, low: 0 };
  const bits = score >= -(2 ** 63) ? BigInt.asUintN(64, BigInt(Math.trunc(score))) : 2n ** 63n;
  return { high: Number(bits >> 32n), low: Number(bits & 0xffffffffn) };
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

export interface GeoArea {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** The edges of a cell. Columns and rows count in 32 bits, as foreign scores show. */
export function areaOf({ x, y, steps }: GeoCell): GeoArea {
  const size = 2 ** steps;
  return {
    west: -LONGITUDE_MAX + ((x >>> 0) / size) * (LONGITUDE_MAX * 2),
    east: -LONGITUDE_MAX + (((x + 1) >>> 0) / size) * (LONGITUDE_MAX * 2),
    south: -LATITUDE_MAX + ((y >>> 0) / size) * (LATITUDE_MAX * 2),
    north: -LATITUDE_MAX + (((y + 1) >>> 0) / size) * (LATITUDE_MAX * 2),
  };
}

/** The least score in the cell `after` places behind `cell` in the order of scores. */
export function scoreOf(cell: GeoCell, after: 0 | 1): number {
  const high = interleave(cell.y >>> 16, cell.x >>> 16);
  const low = interleave(cell.y & 0xffff, cell.x & 0xffff);
  // One rounding, as in the conversion of a 64-bit integer: low + 1 is exact.
  return (high * TWO_32 + (low + after)) * 4 ** (STEPS_MAX - cell.steps);
}

/** Bits of `y` at even, of `x` at odd places; both below 2^16. */
function interleave(y: number, x: number): number {
  return (spread(y) | (spread(x) << 1)) >>> 0;
}

function spread(value: number): number {
  let x = value;
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

function even(bits: number): number {
  let x = bits & 0x55555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}

function odd(bits: number): number {
  return even(bits >>> 1);
}

/** The standard geohash of a score's position: 10 characters of the usual base 32 on a grid from pole to pole, and a `0`. */
export function geohashText(score: number): Bytes {
  const { x, y } = cellOf(decodePosition(score), STEPS_MAX, 90);
  let text = '';
  // Each character takes five bits, of x and y in turn; from the top of 26 bits each.
  for (let taken = 0; taken < HASH_CHARACTERS * 5; taken += 5) {
    let index = 0;
    for (let i = taken; i < taken + 5; i++) {
      const source = i % 2 === 0 ? x : y;
      index = (index << 1) | ((source >> (STEPS_MAX - 1 - (i >> 1))) & 1);
    }
    text += ALPHABET[index];
  }
  return `${text}0`;
}

/** The distance along the earth's surface in metres (haversine on a sphere), to the last bit of the C library's. */
export function distance(a: GeoPosition, b: GeoPosition): number {
  const v = sin((b.longitude * RADIANS - a.longitude * RADIANS) / 2);
  if (v === 0) return latitudeDistance(a, b);
  const latitudeA = a.latitude * RADIANS;
  const latitudeB = b.latitude * RADIANS;
  const u = sin((latitudeB - latitudeA) / 2);
  return 2 * EARTH_RADIUS_M * asin(Math.sqrt(u * u + cos(latitudeA) * cos(latitudeB) * v * v));
}

/** As `distance`, with the engine's own functions: some units in the last place off, and several times as fast. */
export function roughDistance(a: GeoPosition, b: GeoPosition): number {
  const u = Math.sin(((b.latitude - a.latitude) * RADIANS) / 2);
  const v = Math.sin(((b.longitude - a.longitude) * RADIANS) / 2);
  const haversine = u * u + Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(Math.min(1, haversine)));
}

/** The distance between two latitudes in metres. */
export function latitudeDistance(a: GeoPosition, b: GeoPosition): number {
  return EARTH_RADIUS_M * Math.abs(b.latitude * RADIANS - a.latitude * RADIANS);
}

/** The angle in degrees that `meters` span along a meridian. */
export function degreesOf(meters: number): number {
  return meters / EARTH_RADIUS_M / RADIANS;
}

/** A distance as replies show it: four decimals, rounded from the scaled double, ties to even. */
export function formatDistance(value: number): Bytes {
  if (value === 0) return '0.0000';
  return tenThousandths(roundHalfEven(value * 10_000));
}

function tenThousandths(scaled: number): Bytes {
  const digits = formatFixed(Math.abs(scaled), 0).padStart(5, '0');
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

function roundHalfEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
}
