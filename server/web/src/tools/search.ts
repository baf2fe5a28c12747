/** Search: names, grid references, coordinates. The list of names is fetched once; what is typed goes nowhere. */
import type { App, Name, Tool } from "../app";
import { button, fill, h } from "../dom";
import { Finder, kindName } from "../finding";
import { reference } from "../gridref";
import { mark } from "../marking";
import { isDegrees, readPlace, type Place } from "../place";
import { counted } from "../words";

/** Metres to a pixel that a place of each kind is shown at. */
const NEARNESS: Record<string, number> = { place: 7, postcode: 14, area: 14 };

/** Go there, mark it, and say so. */
function goTo(app: App, easting: number, northing: number, side: number, resolution: number, name: string): void {
  const view = app.map.getView();
  const centre: [number, number] = [easting + side / 2, northing + side / 2];
  if (side > 1) view.fit([easting, northing, easting + side, northing + side], { padding: [60, 60, 60, 60], minResolution: 0.5 });
  else view.setResolution(resolution);
  view.setCenter(centre);
  mark(app.map, side > 1 ? [easting, northing, easting + side, northing + side] : centre);
  app.say(`The map shows ${name}.`);
}

async function numbered(text: string): Promise<Place | null> {
  return isDegrees(text) ? readPlace(text, (await import("../lonlat")).toGrid) : readPlace(text);
}

export const search: Tool = {
  id: "search",
  title: "Search",
  icon: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21",
  keys: ["q"],
  open(app: App, into: HTMLElement) {
    let finder: Finder | null = null, current = 0;
    const results = h("ul", { id: "search-results", class: "results" });
    const told = h("p", { id: "search-told", role: "status" });
    const field = h("input", { type: "search", id: "search-text", autocomplete: "off", spellcheck: "false", "aria-describedby": "search-hint",
      oninput: () => void look() });
    const choose = (name: Name): void => goTo(app, name.easting, name.northing, 0, NEARNESS[name.kind] ?? 2.5, name.name);
    const row = (name: Name): HTMLElement => h("li", {}, button(name.name, () => choose(name)),
      h("span", { class: "aside" }, [kindName(name.kind), name.where].filter(Boolean).join(", ")));
    const placeRow = (place: Place): HTMLElement => {
      const words = place.side ? reference(place.easting, place.northing, figures(place.side)) ?? "" : `E ${Math.round(place.easting)} N ${Math.round(place.northing)}`;
      return h("li", {}, button(`Go to ${words}`, () => goTo(app, place.easting, place.northing, place.side, 2.5, words)), h("span", { class: "aside" }, place.read));
    };
    async function look(): Promise<void> {
      const text = field.value, mine = ++current;
      if (text.trim().length < 2) return fill(results), fill(told);
      try {
        const place = await numbered(text);
        if (mine !== current) return;
        if (place) return fill(results, placeRow(place)), fill(told, "1 place.");
        finder ??= new Finder(await app.names());
        if (mine !== current) return;
        const found = finder.find(text, (app.map.getView().getCenter() ?? [0, 0]) as [number, number]);
        fill(results, ...found.map(row));
        fill(told, found.length ? `${counted(found.length, "place")}.` : "Nothing here has this name. Check the spelling, or try a part of it.");
      } catch (fault) {
        if (mine !== current) return;
        fill(results);
        fill(told, h("strong", {}, (fault as Error).message));
      }
    }
    const form = h("form", { class: "search", role: "search", onsubmit: (event) => {
      event.preventDefault();
      void look().then(() => results.querySelector("button")?.click());
    } }, h("label", { for: "search-text" }, "Place, postcode, school, street, path or grid reference"),
    h("p", { id: "search-hint", class: "aside" }, "For example SU 477 294. Along the corridor, up the stairs: easting first, then northing."),
    h("div", { class: "line" }, field, h("button", { type: "submit" }, "Find")));
    fill(into, form, told, results, h("p", { class: "aside" }, "What you type stays in this browser."));
    const asked = app.state.get("q");
    if (asked) {
      field.value = asked;
      void look();
    }
    field.focus();
    return () => mark(app.map, null);
  },
};

/** Figures of the reference of a square of this side. */
function figures(side: number): number {
  return side >= 100_000 ? 0 : Math.max(0, Math.min(10, (5 - Math.floor(Math.log10(side))) * 2));
}
