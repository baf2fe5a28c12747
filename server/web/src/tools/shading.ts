/** How a thematic map is drawn: a fill for each class, white with dots where there is no number, and the chosen area's rim. */
import type { FeatureLike } from "ol/Feature.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { colours, hatches, type Ramp } from "../plain/ramps";
import { faint, hatched, words } from "./styles";
import { svg } from "../dom";

export interface Shading { classes: Map<string, number | null>; ramp: Ramp; count: number; chosen: string | null; shown: boolean }

const NONE = new Style({ fill: new Fill({ color: "rgba(255, 255, 255, 0.75)" }) });
// The fill is there to be clicked: what is drawn by hand is not found by its place.
const EDGE = new Style({ fill: new Fill({ color: "rgba(255, 255, 255, 0.01)" }), stroke: new Stroke({ color: "#505a5f", width: 1 }) });
const CHOSEN = new Stroke({ color: "#0b0c0c", width: 4 }), CASING = new Stroke({ color: "#ffffff", width: 7 });

/** A style for areas that carry `area` (the code) and `name`. Colours let the map shine through a little. */
export function shaded(now: () => Shading): (feature: FeatureLike) => Style[] {
  let key = "", fills: Style[] = [];
  return (feature) => {
    const { classes, ramp, count, chosen, shown } = now();
    if (!shown) return [];
    if (key !== `${ramp}${count}`) { key = `${ramp}${count}`; fills = fillsOf(ramp, count); }
    const area = String(feature.get("area")), at = classes.get(area) ?? null;
    const label = new Style({ geometry: "label", text: words(String(feature.get("name"))), zIndex: 2 });
    const base = [at === null ? NONE : fills[at] ?? NONE, EDGE];
    if (area !== chosen) return [...base, label];
    return [...base, new Style({ stroke: CASING, zIndex: 1 }), new Style({ stroke: CHOSEN, zIndex: 1 }), label];
  };
}

function fillsOf(ramp: Ramp, count: number): Style[] {
  return ramp === "hatch" ? hatches(count).map(hatched) : colours(ramp, count).map((hex) => new Style({ fill: new Fill({ color: faint(hex, 0.85) }) }));
}

/** The patch of a class in the key. */
export function patch(ramp: Ramp, count: number, at: number | null): SVGElement {
  const box = { x: 0.5, y: 0.5, width: 31, height: 19, class: "tool-patch" };
  const made = svg("svg", { viewBox: "0 0 32 20", width: 32, height: 20, "aria-hidden": "true" });
  made.append(svg("rect", { ...box, fill: at === null ? "#ffffff" : colours(ramp, count)[at] ?? "#ffffff" }));
  if (at !== null && ramp === "hatch") {
    const { spacing, width, angles } = hatches(count)[at]!;
    for (const angle of angles) for (let x = -20; x < 32; x += spacing) {
      const [low, high] = [Math.max(0, x), Math.min(32, x + 20)]; // the part of the line that is in the box
      const y = (at: number): number => (angle < 90 ? 20 - (at - x) : at - x);
      made.append(svg("line", { x1: low, y1: y(low), x2: high, y2: y(high), stroke: "#000000", "stroke-width": width / Math.SQRT2 }));
    }
  }
  if (at === null) made.append(svg("line", { x1: 2, y1: 18, x2: 30, y2: 2, stroke: "#505a5f" }));
  made.append(svg("rect", { ...box, fill: "none" }));
  return made;
}
