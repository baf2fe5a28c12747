/** The layers, in groups, with switches and the key in words. */
import type { App, KeyEntry, LayerTold, Tool } from "../app";
import { button, fill, h } from "../dom";
import { listed } from "../state";
import { symbol } from "../symbol";
import { counted, day } from "../words";

/** The base map comes last: what somebody switches on comes first. */
const BASE = "Base map";

/** Layers by group, in the order of the document; those of the base map under one heading. */
export function grouped(layers: readonly LayerTold[]): [string, LayerTold[]][] {
  const groups = new Map<string, LayerTold[]>();
  for (const layer of layers.filter((each) => each.geometry !== "none")) {
    const group = layer.base ? BASE : layer.group || "More layers";
    groups.set(group, [...(groups.get(group) ?? []), layer]);
  }
  return [...groups].sort(([one], [other]) => Number(one === BASE) - Number(other === BASE));
}

/** Which layers the address says are on: those of the base map less `off`, and those that `on` names. */
export function visible(layers: readonly LayerTold[], on: string | null, off: string | null): Set<string> {
  const chosen = new Set(listed(on)), without = new Set(listed(off));
  return new Set(layers.filter((layer) => (layer.base ? !without.has(layer.id) : chosen.has(layer.id))).map((layer) => layer.id));
}

function entries(layer: LayerTold): KeyEntry[] {
  return layer.key ?? [];
}

function keyOf(layer: LayerTold): HTMLElement {
  return h("ul", { class: "key" }, ...entries(layer).map((entry) => h("li", {}, symbol(entry.symbol), h("span", {}, entry.label))));
}

function about(layer: LayerTold): HTMLElement {
  return h("details", { class: "about" }, h("summary", {}, `About this layer`, h("span", { class: "hidden" }, `: ${layer.title}`)),
    h("p", {}, layer.description),
    h("p", {}, `${counted(layer.count, "feature")}. Published ${day(layer.published)}. ${layer.quality ?? ""}`),
    layer.notice ? h("p", { class: "inset" }, layer.notice) : null,
    h("p", {}, "Licence: ", layer.licence.url ? h("a", { href: layer.licence.url, rel: "noopener" }, layer.licence.title) : layer.licence.title, `. ${layer.attribution}`));
}

function row(layer: LayerTold, on: boolean, hidden: boolean, show: (on: boolean) => void): HTMLElement {
  const box = h("input", { type: "checkbox", id: `layer-${layer.id}`, "data-layer": layer.id, checked: on,
    onchange: (event) => show((event.target as HTMLInputElement).checked) });
  const name = h("label", { for: `layer-${layer.id}` }, layer.title);
  const single = entries(layer).length === 1 ? symbol(entries(layer)[0]!.symbol) : null;
  return h("li", { class: "layer" }, h("div", { class: "switch" }, box, name, hidden ? null : single),
    on ? h("p", { class: "aside far", "data-from": String(layer.tiles?.["BritishNationalGrid"]?.minzoom ?? 0), hidden: true }, "Zoom in to see it.") : null,
    on && !hidden && entries(layer).length > 1 ? keyOf(layer) : null, on ? about(layer) : null);
}

/** Say of each layer that is on and too small to be drawn that it is there. */
function tellOfZoom(app: App, into: HTMLElement): void {
  const zoom = app.map.getView().getZoom() ?? 0;
  for (const told of into.querySelectorAll<HTMLElement>(".far")) told.hidden = Number(told.dataset["from"]) <= zoom + 0.02;
}

export const layers: Tool = {
  id: "layers",
  title: "Layers and key",
  icon: "M12 4l9 5-9 5-9-5zM3 13l9 5 9-5",
  keys: ["on", "off", "hide"],
  open(app: App, into: HTMLElement) {
    let revealed = false;
    const chosen = new Map<string, boolean>();
    const groupOf = ([group, found]: [string, LayerTold[]], shown: ReadonlySet<string>, hidden: boolean): HTMLElement => {
      const on = found.filter((layer) => shown.has(layer.id)).length;
      const made = h("details", { class: "group", open: chosen.get(group) ?? (on > 0) }, h("summary", {}, h("span", {}, group), " ", h("span", { class: "aside" }, `${on} of ${found.length} on`)),
        h("ul", {}, ...found.map((layer) => row(layer, shown.has(layer.id), hidden, (yes) => { app.show(layer.id, yes); draw(); }))));
      made.addEventListener("toggle", () => chosen.set(group, made.open));
      return made;
    };
    const draw = (): void => {
      const hidden = !revealed && listed(app.state.get("hide")).includes("key"), focused = document.activeElement?.id;
      const shown = visible(app.layers.layers, app.state.get("on"), app.state.get("off"));
      fill(into,
        hidden ? h("p", { class: "inset" }, "The key is hidden, so that you can find out yourself. ", button("Show the key", () => { revealed = true; draw(); }, { class: "plain" })) : null,
        ...grouped(app.layers.layers).map((group) => groupOf(group, shown, hidden)));
      tellOfZoom(app, into);
      if (focused) document.getElementById(focused)?.focus();
    };
    const moved = (): void => tellOfZoom(app, into);
    app.map.on("moveend", moved);
    draw();
    return () => app.map.un("moveend", moved);
  },
};
