/** The sheet as it is printed: the map's picture, the grid in lines, title, key, scale bar, north arrow, whose it is. */
import BaseLayer from "ol/layer/Base.js";
import VectorLayer from "ol/layer/Vector.js";
import OlMap from "ol/Map.js";
import View from "ol/View.js";
import type { App, Box, KeyEntry, LayerTold } from "./app";
import { fill, h, svg } from "./dom";
import type { Drawn } from "./drawn";
import { CODE } from "./grid";
import { bar } from "./readout";
import { area, FRAMES, gridLines, inWords, sheetResolution, type Wanted } from "./sheet";
import { symbol } from "./symbol";
import { carriedWords } from "./tools/carried";
import { metres } from "./words";

/** Dots to the inch of the map's picture. */
const DOTS = 240;
/** Pixels around the frame for the numbers of the grid. */
const EDGE = 20;
/** Layers of the screen that have no place on paper. */
const OF_THE_SCREEN = ["grid-lines", "mark", "print-area"];

/** A sheet that stands in the page. */
export interface Paper {
  element: HTMLElement;
  /** When the picture is whole. */
  ready: Promise<void>;
  remove(): void;
}

/** Make a sheet around a centre. `drawn` are layers of its own, `visible` those that are shown. */
export function paper(app: App, drawn: Drawn, visible: ReadonlySet<string>, centre: readonly number[], wanted: Wanted, title: string): Paper {
  const [width, height] = FRAMES[wanted.orientation], box = area(centre, wanted);
  const target = h("div", { class: "sheet-map" });
  size(target, width, height);
  const frame = h("div", { class: "sheet-frame" }, target, overlay(box, wanted.scale, width, height));
  size(frame, width + 2 * EDGE, height + 2 * EDGE);
  const key = h("div", { class: "sheet-key" });
  const thanks = [...new Set(app.layers.layers.filter((layer) => visible.has(layer.id)).map((layer) => layer.attribution)), app.layers.background?.attribution];
  const element = h("section", { id: "sheet", class: `sheet ${wanted.orientation}${wanted.grey ? " grey" : ""}`, "aria-label": "The page to print", "data-ready": "no", "data-scale": wanted.scale },
    h("header", {}, h("p", { class: "sheet-title" }, title || app.layers.title),
      h("p", { class: "sheet-name" }, h("span", {}, "Name "), h("span", { class: "write" }), h("span", {}, " Date "), h("span", { class: "write short" }))),
    frame,
    h("div", { class: "sheet-side" }, h("div", { class: "sheet-scale" }, northArrow(), scaleBar(wanted.scale), h("p", {}, `Scale 1:${wanted.scale.toLocaleString("en-GB")}`, h("br"), inWords(wanted.scale))),
      key, h("p", { class: "sheet-thanks" }, thanks.filter(Boolean).join(" · "), app.layers.notice ? ` ${app.layers.notice}` : "")));
  const map = new OlMap({ target, controls: [], interactions: [], pixelRatio: DOTS / 96, layers: [...drawn.layers, ...copies(app.map.getLayers().getArray(), drawn)],
    view: new View({ projection: CODE, center: [...centre], resolution: sheetResolution(wanted.scale), constrainResolution: false }) });
  drawn.show(visible);
  const ready = new Promise<void>((done) => map.once("rendercomplete", () => {
    fill(key, carriedWords(), ...keys(app.layers.layers.filter((layer) => visible.has(layer.id)), drawn, box));
    shrink(key);
    element.dataset["ready"] = "yes";
    done();
  }));
  return { element, ready, remove: () => { map.setTarget(); element.remove(); } };
}

/** Smaller words where the key is long; and where even these have no room, it says so. */
function shrink(key: HTMLElement): void {
  const full = (): boolean => key.scrollHeight > key.clientHeight + 1 || key.scrollWidth > key.clientWidth + 1;
  for (const small of ["", "many", "dense"]) {
    key.className = `sheet-key ${small}`;
    if (!full()) return;
  }
  const more = h("p", { class: "sheet-entry" }, "… and more: see the key on the screen.");
  key.append(more);
  while (full() && more.previousElementSibling) more.previousElementSibling.remove();
}

function size(element: HTMLElement, width: number, height: number): void {
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

/** What the tools have drawn on the screen, drawn again: a layer may be in one map only, what it is made of in several. */
function copies(layers: readonly BaseLayer[], drawn: Drawn): BaseLayer[] {
  const known = new Set(drawn.layers.map((layer) => layer.get("id") as string));
  return layers.filter((layer): layer is VectorLayer => layer instanceof VectorLayer && layer.getVisible())
    .filter((layer) => !OF_THE_SCREEN.includes(layer.get("id") as string) && !(layer.get("id") && known.has(layer.get("id") as string)))
    .map((layer) => new VectorLayer({ source: layer.getSource()!, style: layer.getStyleFunction() ?? null, zIndex: layer.getZIndex() ?? 50_000, opacity: layer.getOpacity() }));
}

/** Grid lines of 1 km with their numbers outside the frame, as lines and not as dots. */
function overlay(box: Box, scale: number, width: number, height: number): SVGElement {
  const made = svg("svg", { class: "sheet-grid", viewBox: `${-EDGE} ${-EDGE} ${width + 2 * EDGE} ${height + 2 * EDGE}`, width: width + 2 * EDGE, height: height + 2 * EDGE, "aria-hidden": "true" });
  for (const line of gridLines(box, scale)) {
    const at = line.at.toFixed(4);
    made.append(svg("line", line.upright ? { x1: at, x2: at, y1: 0, y2: height } : { x1: 0, x2: width, y1: at, y2: at }));
    const places = line.upright ? [[line.at, -6], [line.at, height + 14]] : [[-10, line.at + 4], [width + 10, line.at + 4]];
    if (line.at > 6 && line.at < (line.upright ? width : height) - 6) {
      for (const [x, y] of places) made.append(svg("text", { x: x!.toFixed(1), y: y!.toFixed(1), "text-anchor": "middle" }, line.number));
    }
  }
  made.append(svg("rect", { x: 0, y: 0, width, height, class: "neatline" }));
  return made;
}

function northArrow(): SVGElement {
  return svg("svg", { viewBox: "0 0 30 44", width: 30, height: 44, class: "north", role: "img", "aria-label": "North is up" },
    svg("path", { d: "M15 2l9 26-9-6-9 6z" }), svg("text", { x: 15, y: 42, "text-anchor": "middle" }, "N"));
}

function scaleBar(scale: number): HTMLElement {
  const [length, pixels] = bar(sheetResolution(scale), 80 * 96 / 25.4);
  const half = pixels / 2, made = svg("svg", { viewBox: `-4 0 ${pixels + 50} 32`, width: pixels + 54, height: 32, role: "img", "aria-label": `Scale bar: ${metres(length)}` },
    svg("rect", { x: 0, y: 2, width: half, height: 7, class: "dark" }), svg("rect", { x: half, y: 2, width: half, height: 7, class: "light" }),
    ...([[0, "0"], [half, metres(length / 2)], [pixels, metres(length)]] as [number, string][]).map(([x, text]) => svg("text", { x, y: 24, "text-anchor": x ? "middle" : "start" }, text)));
  const box = h("div", { class: "sheet-bar", "data-metres": length });
  box.append(made);
  return box;
}

/** The key of what is in the frame, and of nothing else: a page has little room. */
function keys(layers: readonly LayerTold[], drawn: Drawn, box: Box): HTMLElement[] {
  return layers.flatMap((layer) => {
    const found = drawn.within(layer.id, box), there = new Set(found.map((feature) => String(feature.get(layer.key_field ?? "") ?? "")));
    const entries: readonly KeyEntry[] = found.length ? layer.key ?? [] : [];
    const shown = entries.length === 1 ? entries : entries.filter((entry) => there.has(entry.code ?? ""));
    // Words such as “confirmed” say nothing without the layer that they are said of.
    const heading = !layer.base && entries.length > 1 && shown.length ? [h("p", { class: "sheet-entry sheet-layer" }, layer.title)] : [];
    return [...heading, ...shown.map((entry) => h("p", { class: "sheet-entry" }, symbol(entry.symbol), h("span", {}, entries.length === 1 ? layer.title : entry.label)))];
  });
}
