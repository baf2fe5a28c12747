/** The map: put together here and nowhere else. */
import "ol/ol.css";
import "./style.css";
import type { LayersDocument, Tool } from "./app";
import { Application, type Own } from "./application";
import { fill, h } from "./dom";
import { Reading } from "./reading";
import { FragmentState } from "./state";
import { carry } from "./tools/carried";
import { compare } from "./tools/compare";
import { constraints } from "./tools/constraints";
import { draw } from "./tools/draw";
import { help } from "./tools/help";
import { layers } from "./tools/layers";
import { measure } from "./tools/measure";
import { nearest } from "./tools/nearest";
import { readings } from "./tools/readings";
import { route } from "./tools/route";
import { search } from "./tools/search";
import { theme } from "./tools/theme";

/** Tools whose drawings stay on the map while a page of it is printed. */
const CARRIED = [measure, draw, route, theme, nearest, constraints, readings];

/** The tools in the order of the rail. The page to print shows what was carried to it. */
const tools = ({ details, print }: Own): Tool[] => [layers, search, details, measure, draw, route, theme, compare, nearest, constraints, readings,
  { ...print, keys: [...print.keys, ...CARRIED.flatMap(({ keys }) => keys)] }, help];

async function start(): Promise<void> {
  const { root = "", shared } = document.body.dataset, into = document.getElementById("app")!;
  const reading = new Reading(root, shared === "yes");
  try {
    const told = await reading.read("/map/layers.json") as LayersDocument;
    const state = new FragmentState(window), app = new Application(told, state, reading, tools);
    back(state, root);
    carry(app, state, CARRIED);
    app.start(into);
    Object.assign(into, { app }); // for who looks at the map from the browser's console, and for tests
  } catch (fault) {
    fill(into, h("main", { class: "wait" }, h("h1", {}, "Map"), h("p", { role: "alert" }, `The map could not be opened. ${(fault as Error).message}`),
      h("p", {}, h("a", { href: `${root}/collections` }, "Every layer has a page"), " with a sketch map and a table.")));
    throw fault;
  }
}

/** Who comes from a lesson finds the way back to it, and to its steps. */
function back(state: FragmentState, root: string): void {
  const link = document.getElementById("for-schools") as HTMLAnchorElement | null;
  const show = (lesson: string | null): void => {
    if (!link || !/^\d{1,2}$/.test(lesson ?? "")) return;
    link.href = `${root}/schools/${lesson}`;
    link.textContent = `Lesson ${lesson}`;
  };
  state.watch("lesson", show);
  show(state.get("lesson"));
}

void start();

// Not before the map is there: what the worker fetches would be in its way. Somebody signed in has no need of one.
if (document.body.dataset["shared"] === "yes" && "serviceWorker" in navigator) {
  window.addEventListener("load", () => window.setTimeout(() => void keep(), 3_000));
}

/** Have the worker keep what is loaded; the first time also what was loaded before it was there. */
async function keep(): Promise<void> {
  const workers = navigator.serviceWorker, first = !workers.controller;
  try {
    await workers.register(`${document.body.dataset["root"] ?? ""}/sw.js`);
    const { active } = await workers.ready;
    const loaded = performance.getEntriesByType("resource").map((each) => each.name);
    if (first) active?.postMessage({ keep: [window.location.href.split("#")[0]!, ...loaded] });
  } catch {
    // Without a worker the map is the same while there is a connection.
  }
}
