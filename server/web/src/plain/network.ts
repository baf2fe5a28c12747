/** A graph of lines on the ground: paths that meet at their ends, or where the end of one touches the middle of another. */
import { distance, foot, length, type Point } from "./plane";

export interface Way { id: string; ref: string; status: string; line: Point[] }
/** A part of one way between two junctions. `from` and `to` are numbers of nodes. */
export interface Edge { way: Way; line: Point[]; length: number; from: number; to: number }
/** A place on an edge, so many metres from its beginning; `distance` is how far it was from the point asked for. */
export interface Snapped { edge: number; at: number; point: Point; distance: number }

export interface Network { edges: Edge[]; nodes: Point[]; meeting: number[][] }

const CELL = 250; // metres; about the length of a path between junctions

/** The network of ways. Ends nearer than the tolerance (metres) are one junction. */
export function network(ways: Way[], tolerance = 1): Network {
  const sound = ways.filter(({ line }) => line.length > 1 && length(line) > 0);
  const cuts = touching(sound, tolerance);
  const ends = new Ends(tolerance);
  const edges = sound.flatMap((way, i) => split(way.line, cuts[i]!).map((line): Edge =>
    ({ way, line, length: length(line), from: ends.at(line[0]!), to: ends.at(line[line.length - 1]!) })));
  const meeting: number[][] = ends.nodes.map(() => []);
  edges.forEach(({ from, to }, i) => { meeting[from]!.push(i); if (to !== from) meeting[to]!.push(i); });
  return { edges, nodes: ends.nodes, meeting };
}

/** The place on the network that is nearest to a point; null where none is within so many metres. */
export function snap({ edges }: Network, point: Point, within: number): Snapped | null {
  let best: Snapped | null = null;
  edges.forEach(({ line }, edge) => {
    const found = foot(line, point);
    if (!found || found.distance > within || (best && found.distance >= best.distance)) return;
    const at = length(line.slice(0, found.segment + 1)) + distance(line[found.segment]!, found.point);
    best = { edge, at, point: found.point, distance: found.distance };
  });
  return best;
}

/** The part of a line between two places, in metres from its beginning; turned round when the second comes first. */
export function part(line: Point[], from: number, to: number): Point[] {
  if (from > to) return part(line, to, from).reverse();
  const out: Point[] = [];
  let gone = 0;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1]!, b = line[i]!, step = distance(a, b);
    const place = (metres: number): Point => {
      const t = step === 0 ? 0 : (metres - gone) / step;
      return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    };
    if (!out.length && from <= gone + step) out.push(from <= gone ? a : place(from));
    if (out.length && to < gone + step) { out.push(place(to)); return out; }
    if (out.length) out.push(b);
    gone += step;
  }
  return out;
}

/** Nodes, found again by place. */
class Ends {
  readonly nodes: Point[] = [];
  private readonly cells = new Map<string, number[]>();
  constructor(private readonly tolerance: number) {}

  at(point: Point): number {
    const size = Math.max(this.tolerance, 1e-6);
    const [x, y] = [Math.floor(point[0] / size), Math.floor(point[1] / size)];
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++)
      for (const node of this.cells.get(`${x + dx},${y + dy}`) ?? [])
        if (distance(this.nodes[node]!, point) <= this.tolerance) return node;
    const node = this.nodes.push(point) - 1, key = `${x},${y}`;
    this.cells.set(key, [...(this.cells.get(key) ?? []), node]);
    return node;
  }
}

/** For each way, the metres along it at which the end of another touches it. */
function touching(ways: Way[], tolerance: number): number[][] {
  const cuts: number[][] = ways.map(() => []);
  const index = segments(ways);
  ways.forEach(({ line }, i) => {
    for (const end of [line[0]!, line[line.length - 1]!]) {
      for (const j of new Set(index.get(cellOf(end)) ?? [])) {
        const found = i === j ? null : foot(ways[j]!.line, end);
        if (!found || found.distance > tolerance) continue;
        const other = ways[j]!.line;
        const at = length(other.slice(0, found.segment + 1)) + distance(other[found.segment]!, found.point);
        if (at > tolerance && at < length(other) - tolerance) cuts[j]!.push(at);
      }
    }
  });
  return cuts.map((list) => list.sort((a, b) => a - b).filter((at, k) => k === 0 || at - list[k - 1]! > tolerance));
}

const cellOf = ([e, n]: Point): string => `${Math.floor(e / CELL)},${Math.floor(n / CELL)}`;

/** Which ways have a segment whose box is in, or beside, each cell. */
function segments(ways: Way[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  ways.forEach(({ line }, way) => {
    for (let i = 1; i < line.length; i++) {
      const [a, b] = [line[i - 1]!, line[i]!];
      const low = (k: 0 | 1): number => Math.floor((Math.min(a[k], b[k]) - 2) / CELL);
      const high = (k: 0 | 1): number => Math.floor((Math.max(a[k], b[k]) + 2) / CELL);
      for (let x = low(0); x <= high(0); x++) for (let y = low(1); y <= high(1); y++) {
        const list = index.get(`${x},${y}`);
        if (list) list.push(way); else index.set(`${x},${y}`, [way]);
      }
    }
  });
  return index;
}

function split(line: Point[], cuts: number[]): Point[][] {
  const places = [0, ...cuts, length(line)];
  return cuts.length ? places.slice(1).map((to, i) => part(line, places[i]!, to)) : [line];
}
