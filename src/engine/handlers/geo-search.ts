import { type Box, type Distance, type Position, readDistance, readPosition } from '../../commands/geo-terms.js';
import { throwLate } from '../../commands/precedence.js';
import type { Bytes } from '../../core/bytes.js';
import { formatHuman } from '../../core/double.js';
import { partialSort } from '../../core/partial-sort.js';
import { DoubleReply, ErrorReply, type Reply } from '../../core/reply.js';
import type { Engine } from '../engine.js';
import { NOTIFY_GENERIC } from '../notify.js';
import type { EngineSession } from '../session.js';
import { decodePosition, formatDistance, type GeoPosition, metersPerUnit } from '../values/geo.js';
import { type GeoShape, hitOf, searchRanges } from '../values/geo-search.js';
import type { ZSetValue } from '../values/zset.js';
import { doubleReply } from './double-reply.js';
import { fillZset, storeZset } from './zset-store.js';

const noMember = new ErrorReply('ERR could not decode requested zset member');
const anyWithoutCount = new ErrorReply('ERR the ANY argument requires COUNT argument');

/** The options that all searches share. */
interface SearchOptions {
  readonly count?: number;
  readonly any?: true;
  readonly asc?: true;
  readonly desc?: true;
  readonly withCoord?: true;
  readonly withDist?: true;
  readonly withHash?: true;
  readonly late?: ErrorReply;
}

/** Where a search's result is stored, if not replied. */
interface Target {
  readonly destination: Bytes;
  readonly byDistance: boolean;
  readonly event: string;
}

interface Found {
  readonly member: Bytes;
  readonly score: number;
  readonly position: GeoPosition;
  /** Metres from the centre. */
  readonly distance: number;
}

interface RadiusParams extends SearchOptions {
  readonly key: Bytes;
  readonly radius: Bytes;
  readonly unit: Bytes;
  readonly store?: Bytes;
  readonly storeDist?: Bytes;
}

/** GEORADIUS. Redis looks at the key's type before it reads a number. */
export function aroundPosition(
  call: EngineSession,
  params: RadiusParams & { longitude: Bytes; latitude: Bytes },
): Reply {
  const zset = call.db.zset(params.key);
  const center = readPosition(params.longitude, params.latitude);
  const shape = circle(center, readDistance(params.radius, params.unit));
  throwLate(params);
  return search(call, zset, shape, params, targetOf(params));
}

/** GEORADIUSBYMEMBER. Without the key, not even the radius is read. */
export function aroundMember(call: EngineSession, params: RadiusParams & { member: Bytes }): Reply {
  const zset = call.db.zset(params.key);
  const center = zset === null ? null : memberPosition(zset, params.member);
  const shape = center === null ? null : circle(center, readDistance(params.radius, params.unit));
  throwLate(params);
  return search(call, zset, shape, params, targetOf(params));
}

interface AreaParams extends SearchOptions {
  readonly fromMember?: Bytes;
  readonly fromLonLat?: Position;
  readonly byRadius?: Distance;
  readonly byBox?: Box;
}

/** GEOSEARCH and GEOSEARCHSTORE. */
export function searchArea(call: EngineSession, key: Bytes, params: AreaParams, target: Target | null): Reply {
  const { fromMember, fromLonLat, byRadius, byBox } = params;
  const zset = call.db.zset(key);
  const member = zset !== null && fromMember !== undefined ? memberPosition(zset, fromMember) : null;
  throwLate(params);
  if (target !== null) refuseDetails(params, 'GEOSEARCHSTORE');
  const name = call.argv[0];
  if (fromMember === undefined && fromLonLat === undefined) {
    throw new ErrorReply(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
  }
  if (byRadius === undefined && byBox === undefined) {
    throw new ErrorReply(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`);
  }
  const center: Position | null = fromLonLat ?? member;
  const shape = center === null ? null : byRadius ? circle(center, byRadius) : box(center, byBox!);
  return search(call, zset, shape, params, target);
}

function memberPosition(zset: ZSetValue, member: Bytes): Position {
  const score = zset.score(member);
  if (score === null) throw noMember;
  const { longitude, latitude } = decodePosition(score);
  return [longitude, latitude];
}

function circle([longitude, latitude]: Position, [radius, unit]: Distance): GeoShape {
  return { kind: 'circle', center: { longitude, latitude }, radius, conversion: metersPerUnit(unit)! };
}

function box([longitude, latitude]: Position, [width, height, unit]: Box): GeoShape {
  return { kind: 'box', center: { longitude, latitude }, width, height, conversion: metersPerUnit(unit)! };
}

function targetOf(params: RadiusParams): Target | null {
  const destination = params.store ?? params.storeDist;
  if (destination === undefined) return null;
  refuseDetails(params, 'STORE option in GEORADIUS');
  return { destination, byDistance: params.storeDist !== undefined, event: 'georadiusstore' };
}

function refuseDetails({ withDist, withHash, withCoord }: SearchOptions, what: string): void {
  if (withDist || withHash || withCoord) {
    throw new ErrorReply(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
  }
}

/** The search itself: everything has been read and checked but ANY. `shape` is null only if `zset` is. */
function search(
  call: EngineSession,
  zset: ZSetValue | null,
  shape: GeoShape | null,
  options: SearchOptions,
  target: Target | null,
): Reply {
  const { count, any } = options;
  if (any && count === undefined) throw anyWithoutCount;
  if (zset === null) return target === null ? [] : removeTarget(call, target.destination);
  const found = findIn(zset, shape!, any ? count! : Infinity);
  const wanted = Math.min(count ?? Infinity, found.length);
  sort(found, wanted, options);
  found.length = wanted;
  const { conversion } = shape!;
  if (target === null) return found.map((hit) => hitReply(hit, { conversion, engine: call.engine }, options));
  const scored = found.map((hit): [Bytes, number] => [
    hit.member,
    target.byDistance ? hit.distance / conversion : hit.score,
  ]);
  const result = fillZset(call.db.newZset(), scored);
  storeZset(call.db, target.destination, result, target.event, wanted);
  return wanted;
}

function removeTarget({ db }: EngineSession, destination: Bytes): number {
  if (db.remove(destination)) db.changed(destination, NOTIFY_GENERIC, 'del');
  return 0;
}

/** The elements inside the shape, in the order of the squares that are looked through; `max` ends the search early. */
function findIn(zset: ZSetValue, shape: GeoShape, max: number): Found[] {
  const found: Found[] = [];
  for (const { min, max: end } of searchRanges(shape)) {
    if (found.length >= max) break;
    const { first, count } = zset.scoreSpan({ min, max: end, minExclusive: false, maxExclusive: true });
    zset.forEachByRank(first, first + count - 1, false, (member, score) => {
      if (found.length >= max) return;
      const hit = hitOf(shape, score);
      if (hit !== null) found.push({ member, score, position: hit.position, distance: hit.distance });
    });
  }
  return found;
}

const nearer = (a: Found, b: Found): number => (a.distance > b.distance ? 1 : a.distance === b.distance ? 0 : -1);
const farther = (a: Found, b: Found): number => -nearer(a, b);

/** The first `wanted` in the order asked for; COUNT without ANY means the nearest. Ties come as Redis' sorts leave them. */
function sort(found: Found[], wanted: number, { count, any, asc, desc }: SearchOptions): void {
  if (!asc && !desc && (count === undefined || any)) return;
  const compare = desc ? farther : nearer;
  if (wanted === found.length) found.sort(compare);
  else partialSort(found, compare, 0, wanted - 1);
}

function hitReply(
  { member, score, position, distance }: Found,
  { conversion, engine }: { conversion: number; engine: Engine },
  { withDist, withHash, withCoord }: SearchOptions,
): Reply {
  if (!withDist && !withHash && !withCoord) return member;
  const reply: Reply[] = [member];
  if (withDist) reply.push(formatDistance(distance / conversion));
  if (withHash) reply.push(wholeScore(score));
  if (withCoord) reply.push(positionReply(engine, position));
  return reply;
}

/** A score converted to a 64-bit integer as x86 does: what does not fit becomes -2^63. */
function wholeScore(score: number): number | bigint {
  const whole = Math.trunc(score);
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole;
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : -(2n ** 63n);
}

/** Coordinates had digits of their own until 8.0, in both protocols. */
export function positionReply(engine: Engine, { longitude, latitude }: GeoPosition): Reply {
  if (engine.commands.since.v80) return [doubleReply(engine, longitude), doubleReply(engine, latitude)];
  return [new DoubleReply(longitude, formatHuman(longitude)), new DoubleReply(latitude, formatHuman(latitude))];
}
