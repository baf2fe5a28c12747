/** The rail of tools, and the place beside the map where one of them is open at a time. */
import type { App, Panel, Tool } from "./app";
import { button, fill, h, labelOf, refocus } from "./dom";
import type { FragmentState } from "./state";

const CLOSE = "M6 6l12 12M18 6L6 18";
const MENU = "M4 6h16M4 12h16M4 18h16";
/** What the fragment says when somebody has closed the panel. */
const NONE = "none";

export class ToolPanel implements Panel {
  readonly rail: HTMLElement;
  readonly place: HTMLElement;
  #open: Tool | null = null;
  #end: (() => void) | null = null;
  #buttons = new Map<string, HTMLButtonElement>();
  #app!: App;

  constructor(private readonly tools: readonly Tool[]) {
    const list = h("ul", { id: "tool-list" });
    for (const tool of tools) {
      const made = button(tool.title, () => (this.tool === tool.id ? this.close() : this.#choose(tool.id)),
        { icon: tool.icon, "data-tool": tool.id, "aria-expanded": "false", "aria-controls": "panel" });
      this.#buttons.set(tool.id, made);
      list.append(h("li", {}, made));
    }
    const menu = button("Tools", () => {
      const shown = this.rail.classList.toggle("open");
      menu.setAttribute("aria-expanded", String(shown));
    }, { icon: MENU, class: "menu", "aria-expanded": "false", "aria-controls": "tool-list" });
    this.rail = h("nav", { class: "rail", "aria-label": "Tools" }, menu, list);
    this.place = h("section", { id: "panel", "aria-labelledby": "panel-title", hidden: true });
  }

  /** Begin: open what the address says, or what `usual` says where it says nothing. */
  start(app: App, state: FragmentState, usual: string | null): void {
    this.#app = app;
    document.body.dataset["tool"] = NONE;
    state.watch("tool", (tool) => this.#show(tool));
    state.watchAddress((changed) => { if (this.#open?.keys.some((key) => changed.has(key))) this.#again(this.#open); });
    this.#show(app.state.get("tool") ?? usual, false);
  }

  get tool(): string | null {
    return this.#open?.id ?? null;
  }

  open(tool: string): void {
    if (this.tool === tool) return;
    this.#app.state.set({ tool });
    // Where the address said so already, nobody is told of a change.
    this.#show(tool);
  }

  /** Open a tool anew: one that is open already begins again. */
  reopen(tool: string): void {
    if (this.tool === tool) this.#show(NONE, false);
    this.open(tool);
    this.#show(tool);
  }

  close(): void {
    const was = this.tool;
    this.#app.state.set({ tool: NONE });
    this.#show(NONE);
    if (was) this.#buttons.get(was)?.focus();
  }

  #choose(tool: string): void {
    this.rail.classList.remove("open");
    this.rail.querySelector(".menu")?.setAttribute("aria-expanded", "false");
    this.open(tool);
  }

  /** The address has changed under a tool: it is opened anew, so that all of it shows what the address says. */
  #again(tool: Tool): void {
    const into = this.place.querySelector<HTMLElement>(".tool")!, held = document.activeElement, top = this.place.scrollTop;
    const name = into.contains(held) ? labelOf(held) : null;
    this.#end?.();
    fill(into);
    this.#end = tool.open(this.#app, into);
    this.place.scrollTop = top;
    if (held?.isConnected) (held as HTMLElement).focus();
    else if (!refocus([into], name)) document.getElementById("panel-title")?.focus();
  }

  #show(id: string | null, focus = true): void {
    const tool = this.tools.find((each) => each.id === id) ?? null;
    if (tool === this.#open) return;
    this.#end?.();
    this.#end = null;
    this.#open = tool;
    for (const [each, made] of this.#buttons) made.setAttribute("aria-expanded", String(each === tool?.id));
    this.place.hidden = tool === null;
    document.body.dataset["tool"] = tool?.id ?? NONE;
    fill(this.place);
    if (tool) {
      const title = h("h2", { id: "panel-title", tabindex: -1 }, tool.title);
      const into = h("div", { class: "tool", "data-open": tool.id });
      fill(this.place, h("div", { class: "panel-head" }, title, button("Close", () => this.close(), { icon: CLOSE, class: "close" })), into);
      this.#end = tool.open(this.#app, into);
      if (focus) title.focus();
    }
    this.#app.map.updateSize();
  }
}
