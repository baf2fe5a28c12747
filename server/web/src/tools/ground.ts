/** What a tool puts on the map: one layer of its own, taken away when the tool is closed. */
import type MapBrowserEvent from "ol/MapBrowserEvent.js";
import type Feature from "ol/Feature.js";
import type Geometry from "ol/geom/Geometry.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import type { StyleLike } from "ol/style/Style.js";
import type { App } from "../app";
import type { Point } from "../plain/plane";

export interface Ground {
  layer: VectorLayer;
  /** Shows these features, and nothing else of this tool. */
  draw(features: Feature[]): void;
  /** Calls for each click on the map, until the tool is closed. */
  pointed(told: (point: Point, feature: Feature | null) => void): void;
  close(): void;
}

/** A layer over the others, with listeners that end with it. */
export function ground(app: App, style: StyleLike, zIndex = 900): Ground {
  const source = new VectorSource();
  const layer = new VectorLayer({ source, style, zIndex, updateWhileAnimating: true, updateWhileInteracting: true });
  layer.set("tool", true);
  app.map.addLayer(layer);
  const ends: (() => void)[] = [() => app.map.removeLayer(layer)];
  return {
    layer,
    draw(features) { source.clear(true); source.addFeatures(features); },
    pointed(told) {
      const heard = (event: MapBrowserEvent): void => {
        const hit = app.map.forEachFeatureAtPixel(event.pixel, (feature) => feature as Feature, { layerFilter: (one) => one === layer, hitTolerance: 6 });
        told([event.coordinate[0]!, event.coordinate[1]!], hit ?? null);
      };
      app.map.on("singleclick", heard);
      ends.push(() => app.map.un("singleclick", heard));
    },
    close() { for (const end of ends) end(); },
  };
}

/** The point in the middle of what the map shows, in whole metres. */
export function centre(app: App): Point {
  const [e, n] = app.map.getView().getCenter() ?? [0, 0];
  return [Math.round(e!), Math.round(n!)];
}

/** Calls a tool back when its keys change by other hands than its own, until the tool is closed. */
export function heed(app: App, keys: string[], changed: () => void): { mine(values: Record<string, string | null>): void; close(): void } {
  let open = true, own = false, waiting = false;
  for (const key of keys) app.state.watch(key, () => {
    if (!open || own || waiting) return;
    waiting = true;
    queueMicrotask(() => { waiting = false; if (open) changed(); });
  });
  return {
    mine(values) { own = true; app.state.set(values); own = false; },
    close() { open = false; },
  };
}

/** Moves the map so that a box is seen whole, at once where less motion is wished. */
export function fit(app: App, geometry: Geometry): void {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  app.map.getView().fit(geometry.getExtent(), { padding: [40, 40, 40, 40], maxZoom: 9, duration: still ? 0 : 300 });
}
