/** Where something could go: squares of the National Grid, each with the sum of the weights of the constraints on it. */
import type { Box, Point } from "./plane";

/** Geometries of GeoJSON in EPSG:27700. */
export interface Shape { type: string; coordinates: unknown }

/** A rule: keep further than a distance (metres) from what a layer shows, or nearer than that. Weight 0 to 5; 0 is not used. */
export interface Constraint { layer: string; weight: number; distance: number; side: "away" | "near" }
export const HEAVIEST = 5;

export interface Grid { west: number; south: number; size: number; columns: number; rows: number }
/** For each square, from the south-west along each row: 1 where the middle is within the distance of a shape, else 0. */
export type Mask = Uint8Array;

/** Whole squares of so many metres that cover a box, on round coordinates. */
export function gridOver([west, south, east, north]: Box, size: number): Grid {
  const [w, s] = [Math.floor(west / size) * size, Math.floor(south / size) * size];
  return { west: w, south: s, size, columns: Math.max(1, Math.ceil((east - w) / size)), rows: Math.max(1, Math.ceil((north - s) / size)) };
}

export const middle = ({ west, south, size, columns }: Grid, square: number): Point =>
  [west + ((square % columns) + 0.5) * size, south + (Math.floor(square / columns) + 0.5) * size];

/** The square that holds a point; null outside. */
export function squareAt({ west, south, size, columns, rows }: Grid, [e, n]: Point): number | null {
  const [x, y] = [Math.floor((e - west) / size), Math.floor((n - south) / size)];
  return x < 0 || y < 0 || x >= columns || y >= rows ? null : y * columns + x;
}

/** Which squares have their middle in a polygon, or within a distance of any shape. */
export function reach(grid: Grid, shapes: Shape[], metres: number): Mask {
  const mask = new Uint8Array(grid.columns * grid.rows);
  for (const shape of shapes) {
    for (const polygon of polygons(shape)) fill(grid, mask, polygon);
    for (const line of lines(shape)) for (let i = 1; i < line.length; i++) mark(grid, mask, line[i - 1]!, line[i]!, metres);
    for (const point of points(shape)) mark(grid, mask, point, point, metres);
  }
  return mask;
}

/** Middles within a distance of a segment. */
function mark(grid: Grid, mask: Mask, a: Point, b: Point, metres: number): void {
  const { west, south, size, columns, rows } = grid;
  const low = (v: number, from: number): number => Math.max(0, Math.ceil((v - metres - from) / size - 0.5));
  const high = (v: number, from: number, most: number): number => Math.min(most - 1, Math.floor((v + metres - from) / size - 0.5));
  const dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
  const lastRow = high(Math.max(a[1], b[1]), south, rows), lastColumn = high(Math.max(a[0], b[0]), west, columns);
  for (let y = low(Math.min(a[1], b[1]), south); y <= lastRow; y++) {
    const n = south + (y + 0.5) * size;
    for (let x = low(Math.min(a[0], b[0]), west); x <= lastColumn; x++) {
      if (mask[y * columns + x]) continue;
      const e = west + (x + 0.5) * size;
      const t = square === 0 ? 0 : Math.min(1, Math.max(0, ((e - a[0]) * dx + (n - a[1]) * dy) / square));
      if ((e - a[0] - t * dx) ** 2 + (n - a[1] - t * dy) ** 2 <= metres * metres) mask[y * columns + x] = 1;
    }
  }
}

/** Middles within a polygon: one line of squares at a time, between the places where its edges cross. */
function fill({ west, south, size, columns, rows }: Grid, mask: Mask, rings: Point[][]): void {
  const northings = rings.flat().map(([, n]) => n);
  const first = Math.max(0, Math.ceil((least(northings) - south) / size - 0.5));
  const last = Math.min(rows - 1, Math.floor((most(northings) - south) / size - 0.5));
  for (let y = first; y <= last; y++) {
    const n = south + (y + 0.5) * size;
    const crossings = rings.flatMap((ring) => ring.flatMap(([e, m], i) => {
      const [f, o] = ring[(i + 1) % ring.length]!;
      return m > n === o > n ? [] : [e + ((n - m) / (o - m)) * (f - e)];
    })).sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil((crossings[i]! - west) / size - 0.5));
      const to = Math.min(columns - 1, Math.floor((crossings[i + 1]! - west) / size - 0.5));
      for (let x = from; x <= to; x++) mask[y * columns + x] = 1;
    }
  }
}

const least = (values: number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity);

/** The weights against each square: a constraint counts where its rule is broken. */
export function against(constraints: Constraint[], masks: Mask[], squares: number): Uint8Array {
  const sums = new Uint8Array(squares);
  constraints.forEach(({ weight, side }, i) => {
    const broken = side === "away" ? 1 : 0;
    for (let square = 0; square < squares; square++) if (masks[i]![square] === broken) sums[square]! += weight;
  });
  return sums;
}

/** The constraints that are broken on one square. */
export const broken = (constraints: Constraint[], masks: Mask[], square: number): Constraint[] =>
  constraints.filter(({ weight, side }, i) => weight > 0 && masks[i]![square] === (side === "away" ? 1 : 0));

/** Shading from 0 (nothing against) to 4 (more than three quarters of all weights against). */
export function shade(sum: number, all: number): number {
  return sum === 0 || all === 0 ? 0 : Math.min(4, Math.ceil((sum / all) * 4));
}

/** How many squares have each shade, over those that an outline leaves in. */
export function counted(sums: Uint8Array, all: number, inside: Mask | null): number[] {
  const counts = [0, 0, 0, 0, 0];
  sums.forEach((sum, square) => { if (!inside || inside[square]) counts[shade(sum, all)]!++; });
  return counts;
}

/** "designations:5:0:away,schools:2:1000:near" */
export const write = (constraints: Constraint[]): string =>
  constraints.map(({ layer, weight, distance, side }) => `${layer}:${weight}:${distance}:${side}`).join(",");

/** Constraints of a text; what cannot be read is left out. */
export function read(text: string | null): Constraint[] {
  return (text ?? "").split(",").flatMap((part) => {
    const match = /^([a-z][a-z0-9_]*):([0-5]):(\d{1,4}):(away|near)$/.exec(part);
    return match ? [{ layer: match[1]!, weight: Number(match[2]), distance: Number(match[3]), side: match[4] as "away" | "near" }] : [];
  });
}

type Rings = Point[][];
const polygons = ({ type, coordinates }: Shape): Rings[] =>
  type === "Polygon" ? [coordinates as Rings] : type === "MultiPolygon" ? (coordinates as Rings[]) : [];
const lines = (shape: Shape): Point[][] => {
  if (shape.type === "LineString") return [shape.coordinates as Point[]];
  if (shape.type === "MultiLineString") return shape.coordinates as Point[][];
  return polygons(shape).flat();
};
const points = ({ type, coordinates }: Shape): Point[] =>
  type === "Point" ? [coordinates as Point] : type === "MultiPoint" ? (coordinates as Point[]) : [];
