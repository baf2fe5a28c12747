/** The land within one distance of any of some points: the union of circles of one radius, exactly. */
import { distance, signedArea, within, type Point } from "./plane";

/** A part of a circle's edge that is within no other circle: angles in radians, anticlockwise from east, from < to. */
export interface Arc { centre: Point; from: number; to: number }

const TURN = 2 * Math.PI;

/** The outline of the union, as arcs. Points at the same place count once. */
export function outline(centres: Point[], radius: number): Arc[] {
  const once = [...new Map(centres.map((point) => [point.join(), point])).values()];
  return once.flatMap((centre, i) => {
    const hidden = once.flatMap((other, j): [number, number][] => {
      const apart = i === j ? Infinity : distance(centre, other);
      if (apart >= 2 * radius) return [];
      const towards = Math.atan2(other[1] - centre[1], other[0] - centre[0]), half = Math.acos(apart / (2 * radius));
      const from = ((towards - half) % TURN + TURN) % TURN, to = from + 2 * half;
      return to > TURN ? [[from, TURN], [0, to - TURN]] : [[from, to]];
    }).sort((a, b) => a[0] - b[0]);
    return gaps(hidden).map(([from, to]) => ({ centre, from, to }));
  });
}

/** What of a full turn is in none of some intervals, which are in order. */
function gaps(hidden: [number, number][]): [number, number][] {
  const out: [number, number][] = [];
  let reached = 0;
  for (const [from, to] of hidden) {
    if (from > reached + 1e-12) out.push([reached, from]);
    reached = Math.max(reached, to);
  }
  if (reached < TURN - 1e-12) out.push([reached, TURN]);
  return out;
}

/** Square metres of the union: Green's theorem along its outline. Exact but for rounding. */
export function unionArea(centres: Point[], radius: number): number {
  const origin = centres[0] ?? [0, 0];
  return outline(centres, radius).reduce((sum, { centre, from, to }) => {
    const x = centre[0] - origin[0], y = centre[1] - origin[1];
    return sum + (radius / 2) * (radius * (to - from) + x * (Math.sin(to) - Math.sin(from)) - y * (Math.cos(to) - Math.cos(from)));
  }, 0);
}

/** Points along an arc, close enough that no chord is further than a hundredth of a percent of the radius from it. */
export function along({ centre, from, to }: Arc, radius: number): Point[] {
  const steps = Math.max(1, Math.ceil((to - from) / (TURN / 128)));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = from + ((to - from) * i) / steps;
    return [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle)] as Point;
  });
}

/** The union as polygons: each an outer ring and the holes in it, rings closed. */
export function union(centres: Point[], radius: number): Point[][][] {
  const rings = chained(outline(centres, radius).map((arc) => along(arc, radius)));
  const outer = rings.filter((ring) => signedArea(ring) > 0).map((ring) => [ring]);
  for (const hole of rings.filter((ring) => signedArea(ring) <= 0)) outer.find(([ring]) => within([ring!], hole[0]!))?.push(hole);
  return outer;
}

/** Lines put end to end until they close: where one arc ends, another begins. */
function chained(lines: Point[][]): Point[][] {
  const left = new Set(lines), rings: Point[][] = [];
  for (const first of lines) {
    if (!left.delete(first)) continue;
    const ring = [...first];
    for (;;) {
      const end = ring[ring.length - 1]!;
      let next: Point[] | null = null, least = distance(end, ring[0]!);
      for (const line of left) {
        const apart = distance(end, line[0]!);
        if (apart < least) { next = line; least = apart; }
      }
      if (!next) break;
      left.delete(next);
      ring.push(...next.slice(1));
    }
    ring[ring.length - 1] = ring[0]!;
    rings.push(ring);
  }
  return rings;
}
