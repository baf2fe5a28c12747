/** Two maps side by side that are locked together: what one does, the other does, each around its own area. */
import type Feature from "ol/Feature.js";
import BaseLayer from "ol/layer/Base.js";
import TileLayer from "ol/layer/Tile.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorTileLayer from "ol/layer/VectorTile.js";
import OlMap from "ol/Map.js";
import VectorSource from "ol/source/Vector.js";
import type VectorTileSource from "ol/source/VectorTile.js";
import View from "ol/View.js";
import type { App } from "../app";
import { length } from "../plain/plane";
import { button, element, row } from "./controls";
import { line } from "./styles";

/** The layers that the map shows now, made again: a layer belongs to one map, its data may belong to several. */
function copies(app: App): BaseLayer[] {
  return app.map.getLayers().getArray().flatMap((layer): BaseLayer[] => {
    if (!layer.getVisible() || layer.get("tool") || layer.get("id") === "mark") return [];
    const zIndex = layer.getZIndex() ?? 0;
    if (layer instanceof VectorTileLayer) {
      const source = layer.getSource() as VectorTileSource, style = layer.getStyle()!;
      return [new VectorTileLayer({ source, style, declutter: layer.getDeclutter(), zIndex, renderMode: "hybrid", renderBuffer: 128 })];
    }
    if (layer instanceof VectorLayer) {
      const source = layer.getSource() as VectorSource, style = layer.getStyle();
      return [new VectorLayer({ source, style, declutter: layer.getDeclutter(), zIndex, maxResolution: layer.getMaxResolution() })];
    }
    return layer instanceof TileLayer ? [new TileLayer({ source: layer.getSource()!, zIndex })] : [];
  });
}

export interface Twins { box: HTMLElement; show(areas: [Feature, string][]): void; close(): void }

/** Places for two maps, with buttons for what dragging and the wheel do. */
export function twins(app: App): Twins {
  const places = [0, 1].map(() => element("div", { className: "tool-twin", tabIndex: 0 }));
  const titles = [0, 1].map(() => element("figcaption"));
  let maps: OlMap[] = [];
  const close = (): void => { for (const map of maps) { map.setTarget(undefined); map.dispose(); } maps = []; };
  const each = (done: (view: View) => void): void => { const view = maps[0]?.getView(); if (view) done(view); };
  const move = (x: number, y: number): void => each((view) => {
    const [e, n] = view.getCenter() as [number, number], step = 80 * view.getResolution()!;
    view.setCenter([e + x * step, n + y * step]);
  });
  const zoom = (factor: number): void => each((view) => view.setResolution(view.getResolution()! * factor));
  const ways: [string, number, number][] = [["left", -1, 0], ["right", 1, 0], ["up", 0, 1], ["down", 0, -1]];
  const buttons = row(button("Zoom both in", () => zoom(1 / 1.5), true), button("Zoom both out", () => zoom(1.5), true),
    ...ways.map(([name, x, y]) => button(`Move both ${name}`, () => move(x, y), true)));
  buttons.classList.add("tool-screen");
  const scale = element("div", { className: "tool-scale" });
  const box = element("div", {}, buttons, element("div", { className: "tool-pair" }, ...places.map((place, i) => element("figure", {}, titles[i]!, place))),
    element("div", { className: "tool-scaled" }, scale, element("span", {}, "Both maps have the same scale.")));
  const paper = matchMedia("print"), printed = (): void => { for (const map of maps) { map.updateSize(); map.renderSync(); } };
  paper.addEventListener("change", printed);
  return { box, close: () => { paper.removeEventListener("change", printed); close(); }, show(areas) {
    close();
    maps = areas.map(([feature, name], i) => {
      titles[i]!.textContent = name;
      places[i]!.setAttribute("role", "application");
      places[i]!.setAttribute("aria-label", `Map of ${name}`);
      return mapOf(app, places[i]!, feature);
    });
    lock(maps, (resolution) => {
      const metres = [100, 200, 500, 1000, 2000, 5000, 10000, 20000].find((one) => one / resolution > 60) ?? 50000;
      scale.style.width = `${metres / resolution}px`;
      scale.textContent = metres < 1000 ? `${metres} m` : `${metres / 1000} km`;
    });
  } };
}

function mapOf(app: App, target: HTMLElement, feature: Feature): OlMap {
  const rim = new VectorLayer({ source: new VectorSource({ features: [feature] }), style: line("#b3005e", 3), zIndex: 900 });
  const main = app.map.getView();
  const view = new View({ projection: main.getProjection(), resolutions: main.getResolutions()!, constrainResolution: false, enableRotation: false });
  const map = new OlMap({ target, layers: [...copies(app), rim], controls: [], view });
  view.fit(feature.getGeometry()!.getExtent(), { size: [target.clientWidth || 400, target.clientHeight || 320], padding: [12, 12, 12, 12] });
  return map;
}

/** Both have the scale at which the larger area is seen whole; then they move by the same steps. */
function lock(maps: OlMap[], scaled: (resolution: number) => void): void {
  const views = maps.map((map) => map.getView()), most = Math.max(...views.map((view) => view.getResolution()!));
  for (const view of views) view.setResolution(most);
  const homes = views.map((view) => view.getCenter() as [number, number]);
  scaled(most);
  views.forEach((view, i) => {
    const other = views[1 - i], [home, away] = [homes[i]!, homes[1 - i]];
    if (!other || !away) return;
    view.on("change", () => {
      const [e, n] = view.getCenter() as [number, number], wanted: [number, number] = [away[0] + e - home[0], away[1] + n - home[1]];
      const now = other.getCenter() as [number, number];
      if (Math.abs(other.getResolution()! - view.getResolution()!) > 1e-9) { other.setResolution(view.getResolution()); scaled(view.getResolution()!); }
      if (length([now, wanted]) > 1e-6) other.setCenter(wanted);
    });
  });
}
