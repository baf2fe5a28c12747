/** Buttons on the map: all that dragging and the wheel do, and the link to what is shown. */
import type { App, Box } from "./app";
import { button, h } from "./dom";

const PLUS = "M12 5v14M5 12h14", MINUS = "M5 12h14", HOME = "M4 11l8-7 8 7M6 10v9h12v-9", LINK = "M9 15l6-6M8 11l-2 2a3.5 3.5 0 0 0 5 5l2-2M16 13l2-2a3.5 3.5 0 0 0-5-5l-2 2";
const ARROWS: [string, string, number, number][] = [
  ["Move up", "M12 6v12M6 12l6-6 6 6", 0, 1], ["Move left", "M6 12h12M12 6l-6 6 6 6", -1, 0],
  ["Move right", "M6 12h12M12 6l6 6-6 6", 1, 0], ["Move down", "M12 6v12M6 12l6 6 6-6", 0, -1],
];
/** Share of the map that one press of an arrow moves it by. */
const MOVE = 0.25;

/** Milliseconds that a movement takes: none for who wants no motion. */
export function duration(): number {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250;
}

export function controls(app: App): HTMLElement {
  const view = app.map.getView();
  const zoom = (by: number): void => view.animate({ zoom: view.getConstrainedZoom((view.getZoom() ?? 0) + by) ?? 0, duration: duration() });
  const pan = (x: number, y: number): void => {
    const [width, height] = app.map.getSize() ?? [0, 0], at = view.getCenter(), metres = view.getResolution() ?? 1;
    if (at) view.animate({ center: [at[0]! + x * width! * MOVE * metres, at[1]! + y * height! * MOVE * metres], duration: duration() });
  };
  return h("div", { class: "controls", role: "group", "aria-label": "Map controls" },
    button("Zoom in", () => zoom(1), { icon: PLUS, title: "Zoom in" }), button("Zoom out", () => zoom(-1), { icon: MINUS, title: "Zoom out" }),
    button("Whole county", () => whole(app), { icon: HOME, title: "Whole county" }),
    h("div", { class: "arrows", role: "group", "aria-label": "Move the map" }, ...ARROWS.map(([name, path, x, y]) => button(name, () => pan(x, y), { icon: path, title: name, class: name.split(" ")[1]! }))),
    button("Copy link", () => void copy(app), { icon: LINK, title: "Copy link", id: "copy-link" }));
}

/** Show all of the county. */
export function whole(app: App): void {
  app.map.getView().fit(app.layers.extent as Box, { padding: [20, 20, 20, 20], duration: duration() });
  app.say("The map shows the whole county.");
}

async function copy(app: App): Promise<void> {
  const link = window.location.href;
  try {
    await navigator.clipboard.writeText(link);
    app.say("The link is copied. It opens the same map on any machine.");
  } catch {
    // Without a secure connection browsers give no clipboard: the link is shown, chosen, to be copied by hand.
    const field = h("input", { id: "link", readonly: true, value: link, "aria-label": "Link to this map" });
    const box = h("dialog", { class: "link-box", "aria-labelledby": "link-title" }, h("h2", { id: "link-title" }, "Link to this map"), h("p", {}, "Copy it with Ctrl and C."), field,
      button("Close", () => box.close()));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
    field.select();
  }
}
