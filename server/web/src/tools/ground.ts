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

let deafNow = false;

/** Opens something that shall hear no clicks. */
export function deaf<T>(opened: () => T): T {
  deafNow = true;
  try { return opened(); } finally { deafNow = false; }
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
      if (deafNow) return;
      const at = (pixel: number[], [e, n]: number[]): void => {
        const hit = app.map.forEachFeatureAtPixel(pixel, (feature) => feature as Feature, { layerFilter: (one) => one === layer, hitTolerance: 6 });
        told([e!, n!], hit ?? null);
      };
      const clicked = (event: MapBrowserEvent): void => at(event.pixel, event.coordinate);
      // On the map, Enter is the click of those without a mouse: at the cross in its middle.
      const pressed = (event: KeyboardEvent): void => {
        const size = app.map.getSize();
        if (event.key !== "Enter" || event.target !== app.map.getTargetElement() || !size) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        at([size[0]! / 2, size[1]! / 2], centre(app));
      };
      const target = app.map.getTargetElement()!;
      app.map.on("singleclick", clicked);
      target.addEventListener("keydown", pressed, { capture: true });
      document.body.dataset["clicks"] = "taken"; // the shell's own answer to a click would come between
      ends.push(() => {
        app.map.un("singleclick", clicked);
        target.removeEventListener("keydown", pressed, { capture: true });
        delete document.body.dataset["clicks"];
      });
    },
    close() { for (const end of ends) end(); },
  };
}

/** The point in the middle of what the map shows, in whole metres. */
export function centre(app: App): Point {
  const [e, n] = app.map.getView().getCenter() ?? [0, 0];
  return [Math.round(e!), Math.round(n!)];
}

/** Moves the map so that a box is seen whole, at once where less motion is wished. */
export function fit(app: App, geometry: Geometry): void {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  app.map.getView().fit(geometry.getExtent(), { padding: [40, 40, 40, 40], maxZoom: 9, duration: still ? 0 : 300 });
}
