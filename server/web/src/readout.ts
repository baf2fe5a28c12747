/** The live grid reference of the pointer and of the map's centre, and the scale bar. */
import type { App } from "./app";
import { button, fill, h } from "./dom";
import { reference } from "./gridref";
import { listed, type FragmentState } from "./state";
import { metres } from "./words";

const FIGURES = [4, 6, 8];
const USUAL = 6;

/** The longest round length that fits into so many pixels: [metres, pixels]. */
export function bar(resolution: number, room: number): [number, number] {
  const most = resolution * room, power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((times) => times * power).find((each) => each <= most) ?? power;
  return [length, length / resolution];
}

/** The card at the foot of the map. */
export function readout(app: App, state: FragmentState): HTMLElement {
  const centre = h("output", { id: "centre-reference" }), pointer = h("output", { id: "pointer-reference" });
  const scale = h("div", { class: "scale-bar", role: "img" });
  const references = h("div", { class: "references" });
  let revealed = false, at: number[] | null = null;
  const figures = (): number => (FIGURES.includes(Number(app.state.get("fig"))) ? Number(app.state.get("fig")) : USUAL);
  const choice = h("select", { id: "figures", onchange: () => app.state.set({ fig: choice.value }) },
    ...FIGURES.map((each) => h("option", { value: String(each), selected: each === figures() }, `${each} figures`)));
  const written = (place: number[] | null | undefined): string => (place ? reference(place[0]!, place[1]!, figures()) ?? "off the grid" : "–");
  const put = (): void => {
    centre.textContent = written(app.map.getView().getCenter());
    pointer.textContent = written(at);
  };
  const arrange = (): void => {
    const hidden = listed(app.state.get("hide")).includes("gridref") && !revealed;
    if (hidden) fill(references, button("Show the answer", () => { revealed = true; arrange(); app.say(`The centre is at ${centre.textContent}.`); }, { id: "reveal" }));
    else {
      fill(references, h("p", {}, h("span", { class: "label" }, "Centre "), centre), h("p", { class: "pointer" }, h("span", { class: "label" }, "Pointer "), pointer),
        h("label", { for: "figures", class: "hidden" }, "Figures of the grid reference"), choice);
    }
    choice.value = String(figures());
    put();
  };
  const measure = (): void => {
    const [length, pixels] = bar(app.map.getView().getResolution() ?? 1, 110);
    scale.style.width = `${pixels}px`;
    scale.setAttribute("aria-label", `Scale bar: ${metres(length)}`);
    fill(scale, h("span", {}, metres(length)));
  };
  app.map.on("pointermove", (event) => { at = event.coordinate; put(); });
  app.map.getViewport()!.addEventListener("pointerleave", () => { at = null; put(); });
  app.map.getView().on("change:center", put);
  app.map.getView().on("change:resolution", () => { put(); measure(); });
  state.watch("hide", () => { revealed = false; arrange(); });
  state.watch("fig", arrange);
  arrange();
  measure();
  return h("div", { class: "readout", role: "group", "aria-label": "Grid reference and scale" }, references, scale);
}
