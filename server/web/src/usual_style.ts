/** How a layer is drawn that brings no style of its own. */
import type { LayerTold } from "./app";

const INK = "#0b5a8a";

/** A flat style by the kind of geometry, with the display field as a label where the map is near. */
export function usualStyle(layer: LayerTold): Record<string, unknown>[] {
  const kind = layer.geometry.replace("Multi", "");
  if (kind === "Point") return [{ "circle-radius": 6, "circle-fill-color": INK, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 }];
  if (kind === "LineString") return [{ "stroke-color": INK, "stroke-width": 2 }];
  return [{ "fill-color": [11, 90, 138, 0.15], "stroke-color": INK, "stroke-width": 1.5 }];
}
