import { cos } from '../../core/trigonometry.js';
import {
  areaOf,
  cellOf,
  decodePosition,
  degreesOf,
  distance,
  EARTH_RADIUS_M,
  type GeoCell,
  type GeoPosition,
  latitudeDistance,
  roughDistance,
  STEPS_MAX,
  scoreOf,
} from './geo.js';

/** What a search covers, around its centre. Lengths are in units of `conversion` metres, as they were given. */
export type GeoShape =
  | { readonly kind: 'circle'; readonly center: GeoPosition; readonly radius: number; readonly conversion: number }
  | {
      readonly kind: 'box';
      readonly center: GeoPosition;
      readonly width: number;
      readonly height: number;
      readonly conversion: number;
    };

/** Scores from `min`, included, to `max`, excluded. */
export interface ScoreRange {
  readonly min: number;
  readonly max: number;
}

/** An element inside a shape; `distance` from the centre in metres. */
export interface GeoHit {
  readonly position: GeoPosition;
  readonly distance: number;
}

const MERCATOR_MAX_M = 20037726.37;
const RADIANS = Math.PI / 180;
/** Farther off than the rough distance can be wrong. */
const ROUGH_MARGIN = 1 + 1e-9;
const ROUGH_MARGIN_M = 1;

/**
 * The score ranges to look through, in Redis' order: the centre's cell, then its neighbours north, south, east, west,
 * north-east, north-west, south-east, south-west. Neighbours that the shape cannot reach are left out. On a coarse grid
 * neighbours coincide; only one that repeats the range just before it (and not the centre) is left out then,
 * so that the real server's duplicates come out here as well.
 */
export function searchRanges(shape: GeoShape): ScoreRange[] {
  const bounds = boundsOf(shape);
  let cell = cellOf(shape.center, estimateSteps(outerRadius(shape), shape.center.latitude));
  if (cell.steps > 1 && neighboursFallShort(cell, bounds)) cell = cellOf(shape.center, cell.steps - 1);
  const reach = reachFrom(cell, bounds);
  const ranges: ScoreRange[] = [];
  let last: GeoCell | null = null;
  for (const [dx, dy] of order) {
    if ((dx !== 0 && !reach(dx, 0)) || (dy !== 0 && !reach(0, dy))) continue;
    const next = dx === 0 && dy === 0 ? cell : move(cell, dx, dy);
    if (last !== null && last.x === next.x && last.y === next.y) continue;
    ranges.push({ min: scoreOf(next, 0), max: scoreOf(next, 1) });
    if (dx !== 0 || dy !== 0) last = next;
  }
  return ranges;
}

/** Centre, N, S, E, W, NE, NW, SE, SW. */
const order: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** The box in degrees around a shape; as wide as at its edge nearer the pole. */
function boundsOf(shape: GeoShape): Bounds {
  const { longitude, latitude } = shape.center;
  const height = shape.conversion * (shape.kind === 'circle' ? shape.radius : shape.height / 2);
  const width = shape.conversion * (shape.kind === 'circle' ? shape.radius : shape.width / 2);
  const north = latitude + degreesOf(height);
  const south = latitude - degreesOf(height);
  const edge = latitude < 0 ? south : north;
  const span = width / EARTH_RADIUS_M / cos(edge * RADIANS) / RADIANS;
  return { west: longitude - span, east: longitude + span, south, north };
}

/** Metres from the centre to the farthest point of a shape. */
function outerRadius(shape: GeoShape): number {
  if (shape.kind === 'circle') return shape.radius * shape.conversion;
  const { width, height, conversion } = shape;
  return Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * conversion;
}

/** How fine the grid may be so that nine cells cover the radius: coarser towards the poles. */
function estimateSteps(radiusMeters: number, latitude: number): number {
  if (radiusMeters === 0) return STEPS_MAX;
  let steps = -1;
  for (let range = radiusMeters; range < MERCATOR_MAX_M; range *= 2) steps++;
  if (Math.abs(latitude) > 66) steps--;
  if (Math.abs(latitude) > 80) steps--;
  return Math.max(1, Math.min(STEPS_MAX, steps));
}

/** Whether one of the four nearest neighbours ends before the bounds do. Bounds of huge shapes may be NaN: nothing ends before those. */
function neighboursFallShort(cell: GeoCell, bounds: Bounds): boolean {
  return (
    areaOf(move(cell, 0, 1)).north < bounds.north ||
    areaOf(move(cell, 0, -1)).south > bounds.south ||
    areaOf(move(cell, 1, 0)).east < bounds.east ||
    areaOf(move(cell, -1, 0)).west > bounds.west
  );
}

/** Whether the bounds reach beyond the cell's edge on a side. Grids of two columns are searched entirely. */
function reachFrom(cell: GeoCell, bounds: Bounds): (dx: number, dy: number) => boolean {
  if (cell.steps < 2) return () => true;
  const area = areaOf(cell);
  return (dx, dy) => {
    if (dy < 0) return !(area.south < bounds.south);
    if (dy > 0) return !(area.north > bounds.north);
    return dx < 0 ? !(area.west < bounds.west) : !(area.east > bounds.east);
  };
}

/** The neighbour of a cell; columns and rows close to a ring. */
function move(cell: GeoCell, dx: number, dy: number): GeoCell {
  const size = 2 ** cell.steps;
  return {
    x: dx === 0 ? cell.x : (cell.x + dx + size) % size,
    y: dy === 0 ? cell.y : (cell.y + dy + size) % size,
    steps: cell.steps,
  };
}

/** The element with this score if it lies inside the shape, else `null`. */
export function hitOf(shape: GeoShape, score: number): GeoHit | null {
  const position = decodePosition(score);
  const { center, conversion } = shape;
  if (shape.kind === 'circle') {
    const radius = shape.radius * conversion;
    // Most misses are far off; only near ones need the exact distance.
    if (roughDistance(center, position) > radius * ROUGH_MARGIN + ROUGH_MARGIN_M) return null;
    const meters = distance(center, position);
    return meters > radius ? null : { position, distance: meters };
  }
  if (latitudeDistance(position, center) > (shape.height * conversion) / 2) return null;
  const beside = { longitude: center.longitude, latitude: position.latitude };
  const halfWidth = (shape.width * conversion) / 2;
  if (roughDistance(position, beside) > halfWidth * ROUGH_MARGIN + ROUGH_MARGIN_M) return null;
  if (distance(position, beside) > halfWidth) return null;
  return { position, distance: distance(center, position) };
}
