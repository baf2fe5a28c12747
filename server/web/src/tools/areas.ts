/** The polygons of a series' areas, fetched once for each group. */
import type Feature from "ol/Feature.js";
import type Geometry from "ol/geom/Geometry.js";
import type MultiPolygon from "ol/geom/MultiPolygon.js";
import OlPoint from "ol/geom/Point.js";
import type Polygon from "ol/geom/Polygon.js";
import type { App, Series } from "../app";

const fetched = new WeakMap<App, Map<string, Promise<Map<string, Feature>>>>();

/** The feature of each area, by its code: one year of the series' own layer, which has them all. */
export function areasOf(app: App, series: Series): Promise<Map<string, Feature>> {
  const mine = fetched.get(app) ?? new Map<string, Promise<Map<string, Feature>>>();
  fetched.set(app, mine);
  const key = `${series.layer}:${series.group}`, known = mine.get(key);
  if (known) return known;
  const groupField = app.layers.layers.find(({ id }) => id === series.layer)?.series?.group ?? "geography";
  const made = app.items(series.layer, { filter: `${groupField}='${series.group}' AND ${series.period}=${series.periods[0]}` })
    .then((features) => new Map(features.map((feature) => [String(feature.get(series.area)), feature])));
  mine.set(key, made);
  made.catch(() => mine.delete(key));
  return made;
}

/** Layers that have numbers through time: id and title. */
export function withSeries(app: App): [string, string][] {
  return app.layers.layers.filter(({ series }) => series !== null).map(({ id, title }) => [id, title]);
}

/** The words for a kind of area. */
export const groupWords = (group: string): string =>
  ({ ward: "Wards", district: "Districts", MSOA: "Middle layer super output areas (MSOA)", LSOA: "Lower layer super output areas (LSOA)",
     OA: "Output areas", parish: "Parishes" })[group] ?? group;

/** A point within an area: in the middle of its widest part. Null of what is no area. */
export function inside(geometry: Geometry | undefined): OlPoint | null {
  if (geometry?.getType() === "Polygon") return (geometry as Polygon).getInteriorPoint();
  if (geometry?.getType() !== "MultiPolygon") return null;
  const points = (geometry as MultiPolygon).getInteriorPoints().getCoordinates(); // the third number is how wide it is there
  const widest = points.sort((a, b) => b[2]! - a[2]!)[0];
  return widest ? new OlPoint([widest[0]!, widest[1]!]) : null;
}
