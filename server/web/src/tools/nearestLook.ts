/** How the nearest services look on the map: the land within reach, services, and areas near (round) and far (square), so that they
 *  are told apart without colour. */
import type { FeatureLike } from "ol/Feature.js";
import Fill from "ol/style/Fill.js";
import RegularShape from "ol/style/RegularShape.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import { disc, faint, line } from "./styles";

const COLOUR = "#0057b8", FAR = "#b3005e", QUIET = "#505a5f";

const WITHIN = [new Style({ fill: new Fill({ color: faint(COLOUR, 0.16) }) }), ...line(COLOUR, 2)];
const LINE_NEAR = [new Style({ stroke: new Stroke({ color: QUIET, width: 1.5 }) })];
const LINE_FAR = [new Style({ stroke: new Stroke({ color: FAR, width: 1.5, lineDash: [6, 4] }) })];
const NEAR = [disc(QUIET, 3)];
const BEYOND = [new Style({ zIndex: 1, image: new RegularShape({
  points: 4, angle: Math.PI / 4, radius: 7, fill: new Fill({ color: FAR }), stroke: new Stroke({ color: "#ffffff", width: 1.5 }) }) })];
const SERVICE = [new Style({ zIndex: 2, image: new RegularShape({
  points: 5, radius: 12, radius2: 5.5, fill: new Fill({ color: COLOUR }), stroke: new Stroke({ color: "#ffffff", width: 2 }) }) })];

/** What a feature is stands in `is`. */
export function look(feature: FeatureLike): Style[] {
  switch (feature.get("is") as string) {
    case "within": return WITHIN;
    case "line": return feature.get("far") ? LINE_FAR : LINE_NEAR;
    case "far": return BEYOND;
    case "near": return NEAR;
    default: return SERVICE;
  }
}
