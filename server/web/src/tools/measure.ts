/** Measure: length along points, or the area within them, on the plane of the National Grid. */
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import OlPoint from "ol/geom/Point.js";
import Polygon from "ol/geom/Polygon.js";
import type { App, Tool } from "../app";
import { readPoints, writePoints } from "../plain/drawing";
import { reference } from "../plain/gridref";
import { area, bearing, compass, distance, length, metres, squareMetres, whole, type Point } from "../plain/plane";
import { element, finding, note, radios, table, type Cell } from "./controls";
import { ground } from "./ground";
import { stops } from "./stops";
import { numbered } from "./styles";

/** "1,234 m (1.23 km)": both, since pupils are asked for both. */
const bothUnits = (value: number): string => `${whole(value)} m (${(value / 1000).toFixed(2)} km)`;

function told(points: Point[], what: string): string {
  if (what === "area") {
    if (points.length < 3) return `${points.length} of at least 3 points. An area needs three.`;
    const around = length([...points, points[0]!]);
    return `Area: ${squareMetres(area(points))} (${whole(area(points))} m²). Length around it: ${bothUnits(around)}.`;
  }
  if (points.length < 2) return points.length ? "1 point. Add another to measure." : "No points yet.";
  const first = points[0]!, last = points[points.length - 1]!, degrees = bearing(first, last);
  const towards = degrees === null ? "" : `, bearing ${String(Math.round(degrees) % 360).padStart(3, "0")}° (${compass(degrees)})`;
  return `Length: ${bothUnits(length(points))}. Straight line from first to last point: ${bothUnits(distance(first, last))}${towards}.`;
}

function rows(points: Point[]): Cell[][] {
  let total = 0;
  return points.map((point, i) => {
    const from = points[i - 1], leg = from ? distance(from, point) : 0, degrees = from ? bearing(from, point) : null;
    total += leg;
    return [String(i + 1), reference(point, 8) ?? "", from ? metres(leg) : "", from ? metres(total) : "start",
            degrees === null ? "" : `${Math.round(degrees) % 360}°`];
  });
}

function shapes(points: Point[], what: string): Feature[] {
  const marks = points.map((point, i) => new Feature({ geometry: new OlPoint(point), number: i + 1 }));
  if (points.length < 2) return marks;
  const shape = what === "area" && points.length > 2 ? new Polygon([[...points, points[0]!]]) : new LineString(points);
  return [new Feature({ geometry: shape }), ...marks];
}

export const measure: Tool = {
  id: "measure", title: "Measure", icon: "M3 17 17 3l4 4L7 21zM7 13l2 2M10 10l2 2M13 7l2 2",
  keys: ["m", "md"],
  open(app: App, into: HTMLElement): () => void {
    const on = ground(app, numbered("#6f2da8"));
    const result = finding("Measurement"), list = element("div");
    const points = (): Point[] => readPoints(app.state.get("m"));
    const what = (): string => (app.state.get("md") === "area" ? "area" : "length");
    const show = (): void => {
      on.draw(shapes(points(), what()));
      result.textContent = told(points(), what());
      list.replaceChildren(points().length ? table("Points measured", ["Point", "Grid reference", "From last", "Total", "Bearing"], rows(points())) : "");
    };
    const change = (next: Point[]): void => { app.state.set({ m: next.length ? writePoints(next) : null }); show(); };
    const placed = stops(app, points, change);
    on.pointed(placed.add);
    into.append(result,
      radios("What to measure", [["length", "Length"], ["area", "Area"]], what(), (value) => { app.state.set({ md: value }); show(); }),
      placed.box, list,
      note("Measured flat on the National Grid: hills are not counted. Bearings are from grid north."));
    show();
    return () => { on.close(); };
  },
};
