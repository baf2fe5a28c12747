/** The shortest way along a network through places in turn (Dijkstra 1959). */
import { part, type Edge, type Network, type Snapped, type Way } from "./network";
import type { Point } from "./plane";

/** Walked: a part of one edge, in metres from its beginning; backwards when `from` is over `to`. */
interface Piece { edge: number; from: number; to: number }
/** A stretch along one path: its way, its metres. */
export interface Stretch { way: Way; length: number }
export interface Route { line: Point[]; length: number; stretches: Stretch[]; broken: number | null }

const AGAIN = 3; // on the way home, a metre that was walked already counts as three

/** The shortest route through the stops. A circular one comes home to the first, by other paths where that is not much longer.
 *  Where a stop cannot be reached from the one before it, `broken` is its number (from 1), and the route ends before it. */
export function route(network: Network, stops: Snapped[], circular = false): Route {
  const pieces: Piece[] = [];
  const targets = circular && stops.length > 1 ? [...stops.slice(1), stops[0]!] : stops.slice(1);
  let broken: number | null = null;
  for (let i = 0; i < targets.length; i++) {
    const home = circular && i === targets.length - 1;
    const found = leg(network, stops[i]!, targets[i]!, home ? new Set(pieces.map(({ edge }) => edge)) : new Set());
    if (!found) { broken = i + 2; break; }
    pieces.push(...found);
  }
  return { ...told(network, pieces), broken };
}

/** What "along FP 3, 240 m" is made of: neighbours with the same reference are one stretch. */
function told({ edges }: Network, pieces: Piece[]): Omit<Route, "broken"> {
  const line: Point[] = [], stretches: Stretch[] = [];
  let total = 0;
  for (const { edge, from, to } of pieces) {
    const { way, line: whole } = edges[edge]!;
    const walked = Math.abs(to - from), last = stretches[stretches.length - 1];
    if (walked === 0) continue;
    line.push(...part(whole, from, to).slice(line.length ? 1 : 0));
    total += walked;
    if (last && last.way.ref === way.ref && last.way.status === way.status) last.length += walked;
    else stretches.push({ way, length: walked });
  }
  return { line, length: total, stretches: withoutCrumbs(stretches) };
}

const CRUMB = 5; // metres

/** Where paths cross at a slant, a route is on the crossed one for a step or two: nobody would name it. Its metres go to the path before. */
function withoutCrumbs(stretches: Stretch[]): Stretch[] {
  return stretches.reduce<Stretch[]>((kept, stretch) => {
    const last = kept[kept.length - 1];
    if (last && (stretch.length < CRUMB || last.way.ref === stretch.way.ref)) last.length += stretch.length;
    else kept.push({ ...stretch });
    return kept;
  }, []);
}

/** The pieces from one place to another, or null. Edges in `walked` count as longer than they are. */
function leg(network: Network, start: Snapped, end: Snapped, walked: Set<number>): Piece[] | null {
  const { edges } = network;
  const cost = (edge: number, metres: number): number => (walked.has(edge) ? AGAIN : 1) * metres;
  const direct = start.edge === end.edge ? cost(start.edge, Math.abs(end.at - start.at)) : Infinity;
  const found = dijkstra(network, start, cost);
  const last = edges[end.edge]!;
  const ways: [number, number][] = [[last.from, 0], [last.to, last.length]]; // a node, and where it is on the last edge
  const costs = ways.map(([node, at]) => (found.costs.get(node) ?? Infinity) + cost(end.edge, Math.abs(end.at - at)));
  const best = costs[1]! < costs[0]! ? 1 : 0;
  if (direct === Infinity && costs[best] === Infinity) return null;
  if (direct <= costs[best]!) return [{ edge: start.edge, from: start.at, to: end.at }];
  const [node, at] = ways[best]!;
  return [...back(edges, found.through, node, start), { edge: end.edge, from: at, to: end.at }];
}

interface Found { costs: Map<number, number>; through: Map<number, number> }

/** The cost of every node from a place, and the edge by which it is reached (the first edge itself for its two ends). */
function dijkstra({ edges, meeting }: Network, start: Snapped, cost: (edge: number, metres: number) => number): Found {
  const costs = new Map<number, number>(), through = new Map<number, number>(), done = new Set<number>();
  const queue = new Queue();
  const reach = (node: number, sum: number, edge: number): void => {
    if (sum >= (costs.get(node) ?? Infinity)) return;
    costs.set(node, sum); through.set(node, edge); queue.push(sum, node);
  };
  const first = edges[start.edge]!;
  reach(first.from, cost(start.edge, start.at), -1);
  reach(first.to, cost(start.edge, first.length - start.at), -1);
  for (let node = queue.pop(); node !== null; node = queue.pop()) {
    if (done.has(node)) continue;
    done.add(node);
    for (const edge of meeting[node]!) {
      const { from, to, length } = edges[edge]!;
      reach(from === node ? to : from, costs.get(node)! + cost(edge, length), edge);
    }
  }
  return { costs, through };
}

/** The pieces from the start to a node, from the notes of the search. */
function back(edges: Edge[], through: Map<number, number>, node: number, start: Snapped): Piece[] {
  const pieces: Piece[] = [];
  for (let at = node, edge = through.get(at)!; ; edge = through.get(at)!) {
    const first = edges[edge === -1 ? start.edge : edge]!;
    if (edge === -1) {
      pieces.unshift({ edge: start.edge, from: start.at, to: nearer(first, at, start) });
      return pieces;
    }
    const forwards = first.to === at;
    pieces.unshift({ edge, from: forwards ? 0 : first.length, to: forwards ? first.length : 0 });
    at = forwards ? first.from : first.to;
  }
}

/** Which end of the first edge a node is; of a loop, whose ends are one node, the nearer. */
function nearer(first: Edge, node: number, start: Snapped): number {
  if (first.from === first.to) return start.at < first.length / 2 ? 0 : first.length;
  return first.from === node ? 0 : first.length;
}

/** A binary heap of nodes by cost. */
class Queue {
  private readonly heap: [number, number][] = [];

  push(cost: number, node: number): void {
    let i = this.heap.push([cost, node]) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (this.heap[up]![0] <= this.heap[i]![0]) break;
      this.swap(i, up); i = up;
    }
  }

  pop(): number | null {
    const top = this.heap[0], last = this.heap.pop();
    if (!top || !last) return null;
    if (this.heap.length) { this.heap[0] = last; this.sink(); }
    return top[1];
  }

  private sink(): void {
    for (let i = 0; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < this.heap.length && this.heap[left]![0] < this.heap[least]![0]) least = left;
      if (right < this.heap.length && this.heap[right]![0] < this.heap[least]![0]) least = right;
      if (least === i) return;
      this.swap(i, least); i = least;
    }
  }

  private swap(a: number, b: number): void {
    [this.heap[a], this.heap[b]] = [this.heap[b]!, this.heap[a]!];
  }
}

/** Minutes at 4 km/h on the level, the pace that schools plan a walk with; stops and hills not counted. */
export const PACE_KMH = 4;
export const minutes = (metres: number): number => (metres / 1000 / PACE_KMH) * 60;

/** "1 h 15 min" */
export function spoken(total: number): string {
  const whole = Math.max(1, Math.round(total)), hours = Math.floor(whole / 60);
  return hours ? `${hours} h ${whole % 60} min` : `${whole} min`;
}
