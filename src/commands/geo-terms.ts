import type { Bytes } from '../core/bytes.js';
import { formatFixed, parseDouble } from '../core/double.js';
import { DataError } from '../core/errors.js';
import { LATITUDE_MAX, LONGITUDE_MAX } from '../core/geo-limits.js';
import { ErrorReply, replyErrors } from '../core/reply.js';
import { docOf, doubleKind, lateNumberKind, valueKind, wordKind } from './kind.js';
import type { ArgCursor, Encode, Kind, Term } from './term.js';

const badUnit = new ErrorReply('ERR unsupported unit provided. please use M, KM, FT, MI');
const badRadius = new ErrorReply('ERR need numeric radius');
const negativeRadius = new ErrorReply('ERR radius cannot be negative');
const badWidth = new ErrorReply('ERR need numeric width');
const badHeight = new ErrorReply('ERR need numeric height');
const negativeBox = new ErrorReply('ERR height or width cannot be negative');

export type GeoUnit = 'm' | 'km' | 'ft' | 'mi';
export type Position = readonly [longitude: number, latitude: number];
export type Distance = readonly [length: number, unit: GeoUnit];
export type Box = readonly [width: number, height: number, unit: GeoUnit];

/** `M | KM | FT | MI`, in any case. */
export const unitKind: Kind<GeoUnit> = wordKind(['M', 'KM', 'FT', 'MI'], badUnit);

/** Parses a longitude and a latitude; throws the error reply if they are invalid. */
export function readPosition(longitude: Bytes, latitude: Bytes): Position {
  const x = parseDouble(longitude);
  if (x === null) throw replyErrors.notFloat;
  const y = parseDouble(latitude);
  if (y === null) throw replyErrors.notFloat;
  if (Math.abs(x) > LONGITUDE_MAX || Math.abs(y) > LATITUDE_MAX) {
    throw new ErrorReply(`ERR invalid longitude,latitude pair ${formatFixed(x, 6)},${formatFixed(y, 6)}`);
  }
  return [x, y];
}

/** Parses a radius and its unit; throws the error reply if they are invalid. */
export function readDistance(radius: Bytes, unit: Bytes): Distance {
  const length = parseDouble(radius);
  if (length === null) throw badRadius;
  if (length < 0) throw negativeRadius;
  return [length, unitKind.parse(unit)];
}

function readBox(width: Bytes, height: Bytes, unit: Bytes): Box {
  const w = parseDouble(width);
  if (w === null) throw badWidth;
  const h = parseDouble(height);
  if (h === null) throw badHeight;
  if (w < 0 || h < 0) throw negativeBox;
  return [w, h, unitKind.parse(unit)];
}

/** One option argument of several parts that are validated together; the façade takes them as a tuple. */
function parts<N extends string, V extends readonly unknown[]>(
  name: N,
  kinds: readonly (readonly [string, Kind<unknown>])[],
  read: (...args: Bytes[]) => V,
): Term<{ [K in N]: V }> {
  const size = kinds.length;
  return {
    name,
    type: `readonly [${kinds.map(([, kind]) => kind.type).join(', ')}]`,
    doc: { name, type: 'block', arguments: kinds.map(([part, kind]) => docOf(part, kind)) },
    min: size,
    max: size,
    optional: false,
    parse(cursor, params) {
      params[name] = read(...cursor.argv.slice(cursor.at, cursor.at + size));
      cursor.at += size;
    },
    print(params, out, encode) {
      const value = params[name];
      if (!Array.isArray(value) || value.length !== size)
        throw new DataError(`argument '${name}' takes ${size} values`);
      kinds.forEach(([, kind], i) => {
        out.push(kind.print(value[i], encode));
      });
    },
  };
}

const number = doubleKind();

export const fromLonLat = parts(
  'fromLonLat',
  [
    ['longitude', number],
    ['latitude', number],
  ],
  readPosition,
);
export const byRadius = parts(
  'byRadius',
  [
    ['radius', number],
    ['unit', unitKind],
  ],
  readDistance,
);
export const byBox = parts(
  'byBox',
  [
    ['width', number],
    ['height', number],
    ['unit', unitKind],
  ],
  readBox,
);

type Place = readonly [position: Position, member: Bytes];

/** `longitude latitude member [longitude latitude member ...]`; the façade takes `{ member: [longitude, latitude] }`. */
export const places: Term<{ places: Place[] }> = {
  name: 'places',
  type: "Places<V['input']>",
  doc: {
    name: 'data',
    type: 'block',
    multiple: true,
    arguments: [
      { name: 'longitude', type: 'double' },
      { name: 'latitude', type: 'double' },
      { name: 'member', type: 'string' },
    ],
  },
  min: 3,
  max: Infinity,
  optional: false,
  parse(cursor: ArgCursor, params) {
    const { nx, xx } = params;
    if ((cursor.end - cursor.at) % 3 !== 0 || (nx && xx)) throw replyErrors.syntax;
    const found: Place[] = [];
    for (; cursor.at < cursor.end; cursor.at += 3) {
      const [longitude, latitude, member] = cursor.argv.slice(cursor.at, cursor.at + 3);
      found.push([readPosition(longitude, latitude), member]);
    }
    params.places = found;
  },
  print(params, out, encode) {
    for (const [position, member] of placesOf(params.places, encode)) {
      if (!Array.isArray(position) || position.length !== 2) throw new DataError('a position is [longitude, latitude]');
      out.push(
        lateNumberKind.print(position[0], encode),
        lateNumberKind.print(position[1], encode),
        valueKind.print(member, encode),
      );
    }
  },
};

function placesOf(value: unknown, encode: Encode): (readonly [unknown, unknown])[] {
  if (value === null || typeof value !== 'object')
    throw new DataError("argument 'places' must be an object, a Map or pairs");
  const pairs =
    Symbol.iterator in value ? [...(value as Iterable<readonly [unknown, unknown]>)] : Object.entries(value);
  if (pairs.length === 0) throw new DataError("argument 'places' is empty");
  return encode.asParsed ? pairs : pairs.map(([member, position]) => [position, member]);
}
