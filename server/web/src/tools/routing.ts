/** The paths (and quiet roads) around some places, fetched once for each part of the county, as a network. */
import type LineString from "ol/geom/LineString.js";
import type MultiLineString from "ol/geom/MultiLineString.js";
import type Feature from "ol/Feature.js";
import type { App, Box } from "../app";
import { network, type Network, type Way } from "../plain/network";
import { boxOf, type Point } from "../plain/plane";

/** Ways that a route may use: the code of `r`'s options, and its words. */
export const STATUSES: [string, string][] = [["FP", "Footpaths"], ["BW", "Bridleways"], ["RB", "Restricted byways"],
  ["BOAT", "Byways open to all traffic"], ["quiet", "Quiet roads (unclassified)"]];
export const QUIET = "quiet";
const AROUND = 3000, SQUARE = 5000; // metres: how far a detour may lead, and the parts that are fetched

export class Paths {
  private readonly ways = new Map<string, Promise<Way[]>>();
  private made: { key: string; network: Network } | null = null;
  constructor(private readonly app: App) {}

  /** The network of the chosen statuses around places. */
  async around(places: Point[], statuses: string[]): Promise<Network> {
    const box = boxOf(places);
    if (!box) return network([]);
    const squares = squaresOf(box), key = `${statuses.join()}|${squares.map((square) => square.join()).join(";")}`;
    if (this.made?.key === key) return this.made.network;
    const parts = await Promise.all(squares.flatMap((square) => [
      this.fetch("rights_of_way", square, pathOf), ...(statuses.includes(QUIET) ? [this.fetch("street_segments", square, roadOf)] : [])]));
    const once = new Map(parts.flat().filter(({ status }) => statuses.includes(status)).map((way) => [way.id, way]));
    this.made = { key, network: network([...once.values()]) };
    return this.made.network;
  }

  private fetch(layer: string, square: Box, made: (feature: Feature) => Way[]): Promise<Way[]> {
    const key = `${layer}:${square.join()}`;
    const found = this.ways.get(key) ?? this.app.items(layer, { bbox: square }).then((features) => features.flatMap(made));
    this.ways.set(key, found);
    found.catch(() => this.ways.delete(key)); // asked again next time
    return found;
  }
}

/** Parts of a fixed chequer-board, so that a part is fetched once however the places move. */
function squaresOf([west, south, east, north]: Box): Box[] {
  const from = (value: number): number => Math.floor((value - AROUND) / SQUARE), to = (value: number): number => Math.floor((value + AROUND) / SQUARE);
  const out: Box[] = [];
  for (let x = from(west); x <= to(east); x++) for (let y = from(south); y <= to(north); y++)
    out.push([x * SQUARE, y * SQUARE, (x + 1) * SQUARE, (y + 1) * SQUARE]);
  return out;
}

function linesOf(feature: Feature): Point[][] {
  const geometry = feature.getGeometry();
  if (geometry?.getType() === "LineString") return [(geometry as LineString).getCoordinates() as Point[]];
  if (geometry?.getType() === "MultiLineString") return (geometry as MultiLineString).getCoordinates() as Point[][];
  return [];
}

const flat = (line: Point[]): Point[] => line.map(([e, n]) => [e, n]);

/** A path that is closed by an order is no way to walk. */
function pathOf(feature: Feature): Way[] {
  if (feature.get("order_state") === "E") return [];
  return linesOf(feature).map((line, i) => ({ id: `row:${feature.getId()}:${i}`, ref: String(feature.get("prow_ref") ?? feature.getId()),
    status: String(feature.get("status")), line: flat(line) }));
}

function roadOf(feature: Feature): Way[] {
  if (!["Unclassified", "Not Classified"].includes(String(feature.get("road_class")))) return [];
  return linesOf(feature).map((line, i) => ({ id: `road:${feature.getId()}:${i}`, ref: "Quiet road", status: QUIET, line: flat(line) }));
}
