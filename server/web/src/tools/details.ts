/** What is on the map, told: the feature that somebody clicked, what lies under the centre, a table of what is in view. */
import type Feature from "ol/Feature.js";
import type { FeatureLike } from "ol/Feature.js";
import type { App, LayerTold, Tool } from "../app";
import { button, fill, h } from "../dom";
import { mark } from "../marking";
import type { Found } from "../looking";
import { counted, day, shown } from "../words";

/** Rows of the table of what is in view: more are not read by anybody. */
const MOST_ROWS = 50;

/** What the details need of the map beside what every tool has. */
export interface Looking {
  /** What lies at the centre of the map, topmost first. */
  atCentre(): Found[];
  /** Features of a layer that are in view. */
  inView(layer: string): FeatureLike[];
  /** One feature, with all its fields. */
  item(layer: string, id: string): Promise<Feature>;
  identifier(feature: FeatureLike): string;
}

/** What people call a feature. */
export function called(feature: { get(name: string): unknown }, layer: LayerTold, id: string): string {
  const name = layer.display ? shown(feature.get(layer.display), layer.fields[layer.display]) : "";
  return name || id || layer.title;
}

/** The details, as a tool. `looking` is told by the application when it is there. */
export function detailsOf(looking: () => Looking, found: () => Found[]): Tool {
  return {
    id: "details",
    title: "What is here",
    icon: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7v.5",
    keys: ["sel"],
    open(app: App, into: HTMLElement) {
      const feature = h("div", { id: "feature", "aria-live": "polite" });
      const near = h("div", { id: "near" });
      const table = h("div", { id: "in-view" });
      let open = true;
      const choose = (layer: string, id: string): void => {
        app.state.set({ sel: `${layer}/${id}` });
        void one(app.state.get("sel"));
      };
      const list = (title: string, hits: Found[]): void => fill(near, h("h3", {}, title), hits.length
        ? h("ul", { class: "results" }, ...hits.slice(0, 20).map((hit) => h("li", {}, button(hit.name, () => choose(hit.layer.id, hit.id)), h("span", { class: "aside" }, hit.layer.title))))
        : h("p", {}, "Nothing. Move the map, or switch on a layer."));
      const one = async (selected: string | null): Promise<void> => {
        if (!selected) return fill(feature), mark(app.map, null);
        const [id, ...rest] = selected.split("/"), layer = app.layers.layers.find((each) => each.id === id);
        if (!layer) return fill(feature, h("p", {}, `There is no layer ${id} here.`));
        try {
          const got = await looking().item(layer.id, rest.join("/"));
          if (!open || app.state.get("sel") !== selected) return;
          mark(app.map, got.getGeometry() ?? null);
          fill(feature, ...told(app, layer, got, rest.join("/")));
        } catch (fault) {
          fill(feature, h("p", { class: "inset" }, (fault as Error).message));
        }
      };
      let before = "";
      const refresh = (): void => {
        if (!open) return;
        const hits = looking().atCentre(), drawn = inView(app, looking());
        // What is the same stays: somebody may have their focus on it.
        const now = JSON.stringify([hits.map((hit) => [hit.layer.id, hit.id]), drawn.map(({ layer, found }) => [layer.id, found.map(looking().identifier)])]);
        if (now === before) return;
        before = now;
        list("Under the centre of the map", hits);
        rows(drawn, looking(), table, choose);
      };
      const moved = later(refresh, 400);
      fill(into, feature, near, table);
      void one(app.state.get("sel"));
      refresh();
      if (found().length) list("Where you clicked", found());
      app.map.on("rendercomplete", moved);
      return () => {
        open = false;
        app.map.un("rendercomplete", moved);
        mark(app.map, null);
      };
    },
  };
}

function told(app: App, layer: LayerTold, feature: Feature, id: string): HTMLElement[] {
  const fields = Object.entries(feature.getProperties()).filter(([name, value]) => name !== "geometry" && !name.endsWith("_text") && value !== null && value !== "");
  const facts = fields.map(([name, value]) => {
    const twin = feature.get(`${name}_text`) as unknown;
    return h("div", {}, h("dt", {}, layer.fields[name]?.title ?? name), h("dd", {}, typeof twin === "string" ? twin : shown(value, layer.fields[name])));
  });
  const page = app.address(`/collections/${encodeURIComponent(layer.id)}/items/${encodeURIComponent(id)}?f=html`);
  return [
    h("h3", {}, called(feature, layer, id)),
    h("p", { class: "aside" }, layer.title),
    h("dl", { class: "facts" }, ...facts),
    h("h4", {}, "Where this comes from"),
    h("dl", { class: "facts" }, ...[["Source", layer.source], ["Published", day(layer.published)], ["Quality", layer.quality], ["Licence", layer.licence.title], ["Whose", layer.attribution]]
      .filter((pair): pair is [string, string] => Boolean(pair[1])).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    ...(layer.notice ? [h("p", { class: "inset" }, layer.notice)] : []),
    h("p", {}, h("a", { href: page }, "The page of this feature")),
  ];
}

interface InView {
  layer: LayerTold;
  found: FeatureLike[];
}

/** Layers that are in view with their features, those of the base map last. */
function inView(app: App, looking: Looking): InView[] {
  return app.layers.layers.map((layer) => ({ layer, found: looking.inView(layer.id) })).filter(({ found }) => found.length)
    .sort((one, other) => Number(one.layer.base) - Number(other.layer.base));
}

/** The table of what is in view, of the layer that somebody chooses. */
function rows(drawn: InView[], looking: Looking, into: HTMLElement, choose: (layer: string, id: string) => void): void {
  if (!drawn.length) return fill(into, h("h3", {}, "In view"), h("p", {}, "Nothing is in view yet."));
  const before = (into.querySelector("select") as HTMLSelectElement | null)?.value;
  const select = h("select", { id: "in-view-layer", onchange: () => put() },
    ...drawn.map(({ layer, found }) => h("option", { value: layer.id, selected: layer.id === before }, `${layer.title} (${found.length})`)));
  const table = h("div", {});
  const put = (): void => {
    const { layer, found } = drawn.find((each) => each.layer.id === select.value) ?? drawn[0]!;
    const named = found.map((feature) => ({ id: looking.identifier(feature), feature, name: called(feature, layer, looking.identifier(feature)) }))
      .sort((one, other) => one.name.localeCompare(other.name, "en-GB", { numeric: true }));
    const kind = layer.key_field, title = kind ? layer.fields[kind]?.title : null;
    fill(table, h("table", {}, h("caption", {}, `${counted(found.length, "feature")} of ${layer.title} in view${found.length > MOST_ROWS ? `; the first ${MOST_ROWS}` : ""}`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Name"), title ? h("th", { scope: "col" }, title) : null)),
      h("tbody", {}, ...named.slice(0, MOST_ROWS).map(({ id, feature, name }) => h("tr", {},
        h("td", {}, button(name, () => choose(layer.id, id), { class: "link" })), title ? h("td", {}, shown(feature.get(kind!), layer.fields[kind!])) : null)))));
  };
  fill(into, h("h3", {}, "In view"), h("label", { for: "in-view-layer" }, "Layer"), select, table);
  put();
}

/** Done once, when nothing has happened for so many milliseconds. */
export function later(what: () => void, pause: number): () => void {
  let waiting = 0;
  return () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(what, pause);
  };
}

