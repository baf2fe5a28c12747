/** Lengths, areas and bearings on the plane of the National Grid (EPSG:27700): easting first, metres.
 *
 *  A length on the grid differs from one on the ground by the grid's local scale: at most 4 parts in 10,000 in Great Britain
 *  (a guide to coordinate systems in Great Britain, Ordnance Survey). Bearings are from grid north, clockwise. */

/** EPSG:27700 metres. */
export type Point = [easting: number, northing: number];
/** EPSG:27700 metres. */
export type Box = [west: number, south: number, east: number, north: number];

export const distance = (a: Point, b: Point): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** Metres along a line. */
export function length(line: Point[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distance(line[i - 1]!, line[i]!);
  return sum;
}

/** Square metres within a ring, closed or not; positive when it runs anticlockwise. */
export function signedArea(ring: Point[]): number {
  const first = ring[0];
  if (!first) return 0;
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [ax, ay] = ring[i]!;
    const [bx, by] = ring[(i + 1) % ring.length]!;
    sum += (ax - first[0]) * (by - first[1]) - (bx - first[0]) * (ay - first[1]);
  }
  return sum / 2;
}

export const area = (ring: Point[]): number => Math.abs(signedArea(ring));

/** Degrees clockwise from grid north, from 0 up to 360; null when the points are one. */
export function bearing(from: Point, to: Point): number | null {
  if (from[0] === to[0] && from[1] === to[1]) return null;
  const degrees = (Math.atan2(to[0] - from[0], to[1] - from[1]) * 180) / Math.PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

const COMPASS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

/** The nearest of the eight compass points, in words. */
export const compass = (degrees: number): string => COMPASS[Math.round(degrees / 45) % 8]!;

/** The place on a line that is nearest to a point: which segment, how far along it (0 to 1), where, and how far away. */
export interface Foot { segment: number; along: number; point: Point; distance: number }

export function foot(line: Point[], point: Point): Foot | null {
  let best: Foot | null = null;
  for (let i = 0; i + 1 < line.length; i++) {
    const found = footOn(line[i]!, line[i + 1]!, point);
    if (!best || found.distance < best.distance) best = { segment: i, ...found };
  }
  return best;
}

function footOn(a: Point, b: Point, p: Point): Omit<Foot, "segment"> {
  const dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square));
  const point: Point = [a[0] + along * dx, a[1] + along * dy];
  return { along, point, distance: distance(point, p) };
}

/** Whether a point is within a polygon of an outer ring and holes. A point on the border may be either. */
export function within(rings: Point[][], p: Point): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[i]!, b = ring[j]!;
      if (a[1] > p[1] !== b[1] > p[1] && p[0] < ((b[0] - a[0]) * (p[1] - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
    }
  }
  return inside;
}

/** The box around points, or null of none. */
export function boxOf(points: Point[]): Box | null {
  if (!points.length) return null;
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [e, n] of points) {
    box[0] = Math.min(box[0], e); box[1] = Math.min(box[1], n);
    box[2] = Math.max(box[2], e); box[3] = Math.max(box[3], n);
  }
  return box;
}

/** "1,234 m" below a kilometre and a half, else "12.35 km". */
export function metres(value: number): string {
  return value < 1500 ? `${whole(value)} m` : `${(value / 1000).toFixed(2)} km`;
}

/** "950 m²", "12.35 ha" or "4.20 km²". */
export function squareMetres(value: number): string {
  if (value < 1e4) return `${whole(value)} m²`;
  return value < 1e6 ? `${(value / 1e4).toFixed(2)} ha` : `${(value / 1e6).toFixed(2)} km²`;
}

/** A number in the English way: 12,345. */
export const whole = (value: number): string => Math.round(value).toLocaleString("en-GB");
