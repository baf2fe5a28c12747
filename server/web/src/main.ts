/** The map: put together here and nowhere else. */
import "ol/ol.css";
import "./style.css";
import type { LayersDocument, Tool } from "./app";
import { Application } from "./application";
import { fill, h } from "./dom";
import { Reading } from "./reading";
import { FragmentState } from "./state";
import { help } from "./tools/help";
import { layers } from "./tools/layers";
import { search } from "./tools/search";

/** The tools in the order of the rail; the details of what is on the map stand behind the search. */
const TOOLS: Tool[] = [layers, search, help];

async function start(): Promise<void> {
  const { root = "", shared } = document.body.dataset, into = document.getElementById("app")!;
  const reading = new Reading(root, shared === "yes");
  try {
    const told = await reading.read("/map/layers.json") as LayersDocument;
    new Application(told, new FragmentState(window), reading, TOOLS).start(into);
  } catch (fault) {
    fill(into, h("main", { class: "wait" }, h("h1", {}, "Map"), h("p", { role: "alert" }, `The map could not be opened. ${(fault as Error).message}`),
      h("p", {}, h("a", { href: `${root}/collections` }, "Every layer has a page"), " with a sketch map and a table.")));
    throw fault;
  }
}

void start();
