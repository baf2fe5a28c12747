/** Kinds of service that there are on the map, and the places that stand for areas. */
import type Feature from "ol/Feature.js";
import type OlPoint from "ol/geom/Point.js";
import type { App, LayerTold } from "../app";
import { gridOver, middle, reach, type Shape } from "../plain/constraints";
import type { Named } from "../plain/nearest";
import type { Box, Point } from "../plain/plane";
import { areasOf, groupWords, inside, withSeries } from "./areas";

/** A kind of service: a code of a layer of points. `slug` is its name in the address. */
export interface Category { slug: string; words: string; layer: LayerTold; code: string }

const slugOf = (words: string): string => words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
/** Layers of services, in the order of the list; and what stands in `status` for one that is open. */
const OPEN: Record<string, string[]> = { services: ["active"], schools: ["1", "3"] };

export function categories(app: App): Category[] {
  return Object.keys(OPEN).flatMap((id) => {
    const layer = app.layers.layers.find((one) => one.id === id);
    if (!layer?.key_field) return [];
    const codes = Object.entries(layer.fields[layer.key_field]?.codes ?? {});
    const known = codes.length ? codes : (layer.key ?? []).flatMap(({ code, label }) => (code === null ? [] : [[code, label] as [string, string]]));
    return known.map(([code, words]) => ({ slug: slugOf(words), words: id === "schools" ? `School: ${words.toLowerCase()}` : words, layer, code }));
  });
}

/** The services of a kind that are open, with their names. */
export async function openServices(app: App, { layer, code }: Category): Promise<Named[]> {
  const field = layer.key_field!, number = layer.fields[field]?.type === "integer";
  const features = await app.items(layer.id, { filter: `${field}=${number ? code : `'${code.replace(/'/g, "''")}'`}` });
  return features.flatMap((feature) => {
    const status = feature.get("status") as unknown, open = status === undefined || OPEN[layer.id]!.includes(String(status));
    const point = feature.getGeometry() as OlPoint | undefined;
    return open && point ? [{ name: String(feature.get(layer.display ?? "name") ?? feature.getId()), point: point.getCoordinates().slice(0, 2) as Point }] : [];
  });
}

export const SQUARE = 250;
const BUILT = /^built_up/;

/** From what it can be measured: kinds of area, and squares of built-up land where a layer tells of it. */
export function origins(app: App, groups: string[]): [string, string][] {
  const built = app.layers.layers.some(({ id }) => BUILT.test(id));
  return [...(built ? [["squares", `Built-up squares of ${SQUARE} m`] as [string, string]] : []),
          ...groups.map((group): [string, string] => [group, `${groupWords(group)} (middle of each)`])];
}

/** The places that stand for areas: a point within each, or the middles of built-up squares in a box. */
export async function places(app: App, origin: string, box: Box): Promise<Named[]> {
  if (origin === "squares") return builtUp(app, box);
  const layer = withSeries(app)[0]?.[0];
  if (!layer) return [];
  const series = await app.series(layer, origin), areas = await areasOf(app, series);
  return series.areas.flatMap(({ id, name }) => {
    const point = inside(areas.get(id)?.getGeometry())?.getCoordinates();
    return point ? [{ name, point: [point[0]!, point[1]!] as Point }] : [];
  });
}

async function builtUp(app: App, box: Box): Promise<Named[]> {
  const layer = app.layers.layers.find(({ id }) => BUILT.test(id));
  if (!layer) return [];
  const grid = gridOver(box, SQUARE), display = layer.display;
  const features = await app.items(layer.id, { bbox: box });
  return features.flatMap((feature) => {
    const mask = reach(grid, [shapeOf(feature)], 0);
    const name = display ? String(feature.get(display) ?? "Built-up land") : "Built-up land";
    return [...mask].flatMap((hit, square) => (hit ? [{ name, point: middle(grid, square) }] : []));
  });
}

/** The geometry of a feature as plain numbers, east and north only. */
export function shapeOf(feature: Feature): Shape {
  const geometry = feature.getGeometry() as { getType(): string; getCoordinates(): unknown } | undefined;
  return geometry ? { type: geometry.getType(), coordinates: geometry.getCoordinates() } : { type: "none", coordinates: [] };
}
