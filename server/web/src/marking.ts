/** Marks on the map: a place that was found, a feature that is told of. */
import Feature from "ol/Feature.js";
import type Geometry from "ol/geom/Geometry.js";
import Point from "ol/geom/Point.js";
import { fromExtent } from "ol/geom/Polygon.js";
import VectorLayer from "ol/layer/Vector.js";
import type OlMap from "ol/Map.js";
import VectorSource from "ol/source/Vector.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import type { Box } from "./app";

const EDGE = new Stroke({ color: "#16211f", width: 7 }), LIGHT = new Stroke({ color: "#ffcf4a", width: 4 });
// Dark beneath light: seen on any ground, and in black and white.
const STYLES = [
  new Style({ stroke: EDGE, image: new CircleStyle({ radius: 13, stroke: EDGE }) }),
  new Style({ stroke: LIGHT, fill: new Fill({ color: "rgba(255, 207, 74, 0.25)" }), image: new CircleStyle({ radius: 13, stroke: LIGHT }) }),
];
const made = new WeakMap<OlMap, VectorSource>();

function source(map: OlMap): VectorSource {
  let found = made.get(map);
  if (!found) {
    found = new VectorSource();
    made.set(map, found);
    map.addLayer(new VectorLayer({ source: found, style: STYLES, zIndex: 99_000, properties: { id: "mark" } }));
  }
  return found;
}

/** Mark a point, a box or a geometry, in place of what was marked; null takes the mark away. */
export function mark(map: OlMap, what: [number, number] | Box | Geometry | null): void {
  const marks = source(map);
  marks.clear();
  if (what === null) return;
  const geometry = !Array.isArray(what) ? what : what.length === 2 ? new Point(what) : fromExtent(what);
  marks.addFeature(new Feature(geometry));
}
