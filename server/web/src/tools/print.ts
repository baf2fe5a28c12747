/** Printing: one page of A4 at a true scale. */
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import Feature from "ol/Feature.js";
import { fromExtent } from "ol/geom/Polygon.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import type { App, Tool } from "../app";
import { button, fill, h } from "../dom";
import type { Drawn } from "../drawn";
import { paper, type Paper } from "../paper";
import { area, readWanted, SCALES, writeWanted, type Orientation, type Wanted } from "../sheet";
import { visible } from "./layers";

const USUAL: Wanted = { scale: 25_000, orientation: "portrait", grey: false };
const EDGE = [new Style({ stroke: new Stroke({ color: "#fff", width: 5 }) }), new Style({ stroke: new Stroke({ color: "#16211f", width: 2, lineDash: [8, 5] }) })];

/** The tool; `drawn` makes layers for a map of its own. */
export function printOf(drawn: () => Drawn): Tool {
  return {
    id: "print",
    title: "Print",
    icon: "M7 8V3h10v5M7 17H4v-7h16v7h-3M7 14h10v7H7z",
    keys: ["print", "title", "on", "off", "e", "n"],
    open(app: App, into: HTMLElement) {
      let sheet: Paper | null = null, rules: CSSStyleSheet | null = null;
      let wanted = readWanted(app.state.get("print")) ?? USUAL;
      const place = h("div", { class: "sheet-area", tabindex: 0, role: "region", "aria-label": "The page, as it will be printed" });
      const outline = new VectorSource(), edge = new VectorLayer({ source: outline, style: EDGE, zIndex: 98_000, properties: { id: "print-area" } });
      app.map.addLayer(edge);
      const show = (): void => {
        outline.clear();
        const centre = app.map.getView().getCenter();
        if (centre) outline.addFeature(new Feature(fromExtent(area(centre, wanted))));
      };
      const remove = (): void => {
        sheet?.remove();
        sheet = null;
        place.remove();
        document.body.classList.remove("has-sheet");
        if (rules) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== rules);
        rules = null;
      };
      const make = (): void => {
        remove();
        const centre = app.map.getView().getCenter();
        if (!centre) return;
        const on = visible(app.layers.layers, app.state.get("on"), app.state.get("off"));
        sheet = paper(app, drawn(), on, centre, wanted, title.value);
        place.replaceChildren(sheet.element);
        document.getElementById("map-area")!.append(place);
        document.body.classList.add("has-sheet");
        rules = new CSSStyleSheet();
        rules.replaceSync(`@page { size: A4 ${wanted.orientation}; margin: 0; }`);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, rules];
        put();
        void sheet.ready.then(() => app.say("The page is ready to print."));
      };
      const choose = (change: Partial<Wanted>): void => {
        wanted = { ...wanted, ...change };
        show();
        if (sheet) app.state.set({ print: writeWanted(wanted) }), make();
      };
      const scale = h("select", { id: "print-scale", onchange: () => choose({ scale: Number(scale.value) }) },
        ...SCALES.map((each) => h("option", { value: each, selected: each === wanted.scale }, `1:${each.toLocaleString("en-GB")}`)));
      const orientation = h("select", { id: "print-orientation", onchange: () => choose({ orientation: orientation.value as Orientation }) },
        ...(["portrait", "landscape"] as const).map((each) => h("option", { value: each, selected: each === wanted.orientation }, each === "portrait" ? "Upright (portrait)" : "Sideways (landscape)")));
      const grey = h("input", { type: "checkbox", id: "print-grey", checked: wanted.grey, onchange: () => choose({ grey: grey.checked }) });
      const title = h("input", { type: "text", id: "print-title", maxlength: 70, value: app.state.get("title") ?? "", onchange: () => { app.state.set({ title: title.value || null }); if (sheet) make(); } });
      const actions = h("div", { class: "actions" });
      const put = (): void => fill(actions, ...(sheet
        ? [button("Print this page", () => window.print(), { class: "main", id: "print-now" }), button("Back to the map", () => { app.state.set({ print: null }); remove(); put(); }, { id: "print-back" })]
        : [button("Show the page", () => { app.state.set({ print: writeWanted(wanted) }); make(); actions.querySelector("button")?.focus(); }, { class: "main", id: "print-show" })]));
      fill(into, h("p", {}, "One page of A4. The broken line on the map is its edge: move the map until what you want is within."),
        h("div", { class: "field" }, h("label", { for: "print-scale" }, "Scale"), scale),
        h("div", { class: "field" }, h("label", { for: "print-orientation" }, "Paper"), orientation),
        h("div", { class: "field" }, h("label", { for: "print-title" }, "Title"), title),
        h("div", { class: "switch" }, grey, h("label", { for: "print-grey" }, "For a black and white printer")),
        actions, h("p", { class: "aside" }, "In the browser’s own window, choose a scale of 100 % and no margins. Then check it with a ruler."));
      app.map.getView().on("change:center", show);
      show();
      put();
      if (readWanted(app.state.get("print"))) make();
      return () => {
        app.map.getView().un("change:center", show);
        app.map.removeLayer(edge);
        remove();
      };
    },
  };
}
