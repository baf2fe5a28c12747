/** The application: a map, a state, a panel, and what the tools may ask of them. */
import OlMap from "ol/Map.js";
import View from "ol/View.js";
import { defaults } from "ol/interaction/defaults.js";
import type Feature from "ol/Feature.js";
import type { App, Box, LayersDocument, Name, Panel, Series, Tool } from "./app";
import { controls, duration } from "./controls";
import { fill, h } from "./dom";
import { Drawn, identifier } from "./drawn";
import { CODE, nationalGrid, RESOLUTIONS } from "./grid";
import { GridLines } from "./gridlines";
import { reference } from "./gridref";
import { at, type Found } from "./looking";
import { mark } from "./marking";
import { ToolPanel } from "./panel";
import type { Reading } from "./reading";
import { readout } from "./readout";
import { sentence } from "./sentence";
import { listed, type FragmentState } from "./state";
import { detailsOf, later } from "./tools/details";
import { visible } from "./tools/layers";
import { printOf } from "./tools/print";

/** A window narrower than this has no room for a panel that nobody asked for. */
const WIDE = 900;
const USUAL_TOOL = "layers";
/** Tools that leave a click on the map to say what is there; all others take it for themselves. */
const LOOKING = [null, "layers", "search", "details", "print", "help"];
const HELD = { e: 0, n: 0, z: 2 };

/** The tool that names areas on the map. */
const ABOUT_AREAS = "theme";

/** Tools that need more of the map than what every tool has: the application makes them. */
export interface Own {
  details: Tool;
  print: Tool;
}

export class Application implements App {
  readonly map: OlMap;
  readonly drawn: Drawn;
  readonly #panel: ToolPanel;
  readonly #said = h("p", { id: "said", role: "status", "aria-live": "polite" });
  readonly #sentence = h("p", { id: "sentence", "aria-live": "polite" });
  #found: Found[] = [];
  #saying = 0;

  constructor(readonly layers: LayersDocument, readonly state: FragmentState, private readonly reading: Reading, tools: (own: Own) => readonly Tool[]) {
    nationalGrid();
    this.drawn = new Drawn(layers, reading, rarely((told) => this.say(told)));
    const [west, south, east, north] = layers.extent;
    const room = Math.max(east - west, north - south) / 2;
    this.map = new OlMap({
      layers: [...this.drawn.layers, new GridLines()], controls: [], moveTolerance: 3,
      interactions: defaults({ altShiftDragRotate: false, pinchRotate: false, zoomDuration: duration() }),
      view: new View({ projection: CODE, resolutions: RESOLUTIONS, constrainResolution: false, enableRotation: false, minZoom: 1, maxZoom: RESOLUTIONS.length - 1,
        extent: [west - room, south - room, east + room, north + room], constrainOnlyCenter: true, center: [(west + east) / 2, (south + north) / 2], zoom: 3 }),
    });
    const looking = { atCentre: () => this.#atCentre(), inView: (layer: string) => this.drawn.within(layer, this.#box()), item: (layer: string, id: string) => reading.item(layer, id), identifier };
    const details = detailsOf(() => looking, () => this.#found);
    const print = printOf(() => new Drawn(layers, reading, () => undefined));
    this.#panel = new ToolPanel(tools({ details, print }));
  }

  get panel(): Panel {
    return this.#panel;
  }

  say(text: string): void {
    // The same words again are news too: a reader of screens tells only of what changes.
    this.#said.textContent = this.#said.textContent === text ? `${text}\u00a0` : text;
    // It goes out of sight after a while, and stays where a reader of screens finds it.
    this.#said.classList.remove("old");
    window.clearTimeout(this.#saying);
    this.#saying = window.setTimeout(() => this.#said.classList.add("old"), 8_000);
  }

  items(layer: string, query?: { bbox?: Box; filter?: string; limit?: number }): Promise<Feature[]> {
    return this.reading.items(layer, query);
  }

  series(layer: string, group: string): Promise<Series> {
    return this.reading.series(layer, group);
  }

  names(): Promise<Name[]> {
    return this.reading.names();
  }

  read(path: string): Promise<unknown> {
    return this.reading.read(path);
  }

  address(path: string): string {
    return this.reading.address(path);
  }

  show(layer: string, on: boolean): void {
    const told = this.layers.layers.find((each) => each.id === layer);
    if (!told) return;
    const key = told.base ? "off" : "on", named = new Set(listed(this.state.get(key)));
    if (on !== told.base) named.add(layer);
    else named.delete(layer);
    this.state.set({ [key]: [...named].join() || null });
    this.say(`${told.title}: ${on ? "on" : "off"}.`);
  }

  picture(): HTMLCanvasElement {
    const size = this.map.getSize() ?? [1, 1], sharp = window.devicePixelRatio || 1, made = h("canvas", { width: Math.round(size[0]! * sharp), height: Math.round(size[1]! * sharp) });
    const pen = made.getContext("2d")!;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, made.width, made.height);
    for (const canvas of this.map.getViewport()!.querySelectorAll<HTMLCanvasElement>("canvas.ol-layer, .ol-layer canvas, canvas.grid-lines")) {
      if (!canvas.width) continue;
      pen.globalAlpha = Number(canvas.parentElement?.style.opacity || canvas.style.opacity || 1);
      const matrix = /^matrix\((.*)\)$/.exec(canvas.style.transform);
      const [a, b, c, d, e, f] = matrix ? matrix[1]!.split(",").map(Number) : [canvas.clientWidth / canvas.width || 1 / sharp, 0, 0, canvas.clientHeight / canvas.height || 1 / sharp, 0, 0];
      pen.setTransform(a! * sharp, b! * sharp, c! * sharp, d! * sharp, e! * sharp, f! * sharp);
      pen.drawImage(canvas, 0, 0);
    }
    return made;
  }

  /** Put everything into the page. */
  start(into: HTMLElement): void {
    const target = h("div", { id: "map", tabindex: 0, role: "application", "aria-label": "Map", "aria-roledescription": "map", "aria-describedby": "sentence map-keys",
      onkeydown: (event) => this.#key(event as KeyboardEvent) });
    const stage = h("div", { class: "stage" }, target, h("div", { class: "cross", "aria-hidden": "true" }));
    const area = h("main", { id: "map-area", tabindex: -1 }, h("h1", { class: "hidden" }, "Map"), stage);
    const foot = h("div", { class: "foot" }, this.#sentence, h("p", { id: "attribution" }));
    fill(into, this.#panel.rail, this.#panel.place, area);
    area.append(h("p", { id: "map-keys", class: "hidden" }, "Arrow keys move the map, plus and minus zoom, Enter tells what is under the centre, or puts a point there for a tool that wants one."));
    this.map.setTarget(target);
    stage.append(controls(this), readout(this, this.state), this.#said);
    area.append(foot);
    this.#see(true);
    this.#arrange();
    this.map.on("moveend", () => this.#moved());
    const settled = later(() => this.#tell(true), 700);
    this.map.on("moveend", () => this.#tell(false));
    this.map.on("rendercomplete", settled);
    this.map.on("singleclick", (event) => this.#clicked(event.pixel));
    for (const key of ["e", "n", "z"]) this.state.watch(key, () => this.#see(false));
    for (const key of ["on", "off"]) this.state.watch(key, () => this.#arrange());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && this.#panel.tool && this.#panel.place.contains(document.activeElement)) this.#panel.close();
    });
    const aboutAreas = (tool: string | null): void => this.drawn.giveWay(tool === ABOUT_AREAS);
    this.state.watch("tool", aboutAreas);
    aboutAreas(this.state.get("tool"));
    const placed = this.state.get("e") !== null;
    this.#panel.start(this, this.state, window.innerWidth >= WIDE ? USUAL_TOOL : null);
    // The panel has taken its room: what is left has to hold the county.
    if (!placed) this.map.getView().fit(this.layers.extent, { padding: [20, 20, 20, 20] });
  }

  /** The view that the address says; the whole county where it says none. */
  #see(first: boolean): void {
    const [e, n, z] = ["e", "n", "z"].map((key) => (this.state.get(key) === null ? NaN : Number(this.state.get(key))));
    const view = this.map.getView();
    if (Number.isFinite(e) && Number.isFinite(n)) {
      const held = view.getCenter() ?? [0, 0];
      if (Math.hypot(held[0]! - e!, held[1]! - n!) > 1) view.setCenter([e!, n!]);
    } else if (first) view.fit(this.layers.extent, { padding: [20, 20, 20, 20] });
    if (Number.isFinite(z) && Math.abs((view.getZoom() ?? 0) - z!) > 10 ** -HELD.z) view.setZoom(z!);
  }

  #moved(): void {
    const view = this.map.getView(), centre = view.getCenter();
    if (!centre) return;
    this.state.set({ e: centre[0]!.toFixed(HELD.e), n: centre[1]!.toFixed(HELD.n), z: String(Number((view.getZoom() ?? 0).toFixed(HELD.z))) });
  }

  #arrange(): void {
    const on = visible(this.layers.layers, this.state.get("on"), this.state.get("off"));
    this.drawn.show(on);
    const thanks = new Set(this.layers.layers.filter((layer) => on.has(layer.id)).map((layer) => layer.attribution));
    if (this.layers.background) thanks.add(this.layers.background.attribution);
    fill(document.getElementById("attribution")!, [...thanks].filter(Boolean).join(" · "));
  }

  /** What the map shows now, in words; how many of each layer when all of them are `loaded`. */
  #tell(loaded: boolean): void {
    if (!this.map.getSize()?.every(Boolean)) return;
    const [west, south, east, north] = this.#box(), centre = this.map.getView().getCenter();
    const on = visible(this.layers.layers, this.state.get("on"), this.state.get("off"));
    const layers = this.layers.layers.filter((layer) => !layer.base && on.has(layer.id))
      .map((layer) => ({ title: layer.title, count: loaded ? this.drawn.within(layer.id, this.#box()).length : null }));
    const hidden = listed(this.state.get("hide")).includes("gridref");
    const told = sentence({ across: east - west, up: north - south, square: centre && !hidden ? reference(centre[0]!, centre[1]!, 4) : null, layers });
    if (this.#sentence.textContent !== told) this.#sentence.textContent = told;
  }

  #box(): Box {
    return this.map.getView().calculateExtent(this.map.getSize()) as Box;
  }

  #atCentre(): Found[] {
    const size = this.map.getSize() ?? [0, 0];
    return at(this.map, this.drawn, this.layers, [size[0]! / 2, size[1]! / 2]);
  }

  #clicked(pixel: number[]): void {
    if (!LOOKING.includes(this.#panel.tool)) return;
    this.#tellOf(at(this.map, this.drawn, this.layers, pixel), "Nothing is there that could be told of.");
  }

  #tellOf(found: Found[], nothing: string): void {
    this.#found = found;
    if (!found.length) return this.say(nothing);
    this.state.set({ sel: `${found[0]!.layer.id}/${found[0]!.id}` });
    this.#panel.reopen("details");
    this.#found = [];
    this.say(`${found[0]!.name}, ${found[0]!.layer.title}.`);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Enter" && event.target === event.currentTarget) {
      event.preventDefault();
      this.#tellOf(this.#atCentre(), "Nothing is under the centre of the map.");
    }
    if (event.key === "Escape") mark(this.map, null);
  }
}

/** The same sentence is said once in a while, however often it comes: thirty tiles may fail at once. */
function rarely(say: (told: string) => void): (told: string) => void {
  let last = 0;
  return (told) => {
    if (Date.now() - last < 10_000) return;
    last = Date.now();
    say(told);
  };
}
