/** What tools have drawn stays where it is wanted though the tool is closed: a drawing always, and, while a page is printed, what
 *  the tool before showed. Tools are opened once more for it, out of sight and deaf to clicks; the address tells them all. */
import type { App, Tool } from "../app";
import type { FragmentState } from "../state";
import { element } from "./controls";
import { deaf } from "./ground";

/** Tools that can be carried, and the key that says that they have something to show. */
const KEYS: Record<string, string> = { draw: "d", measure: "m", route: "r", theme: "th", nearest: "near", constraints: "cons", readings: "" };
const PRINT = "print";

const open = new Map<string, { tool: Tool; place: HTMLElement; close: () => void }>();

/** Keeps what is wanted on the map, from now on. To be called before the panel opens its first tool. */
export function carry(app: App, state: FragmentState, tools: readonly Tool[]): void {
  let before: string[] = Object.keys(KEYS).filter((id) => KEYS[id] && state.get(KEYS[id]) !== null); // a link to a page: all that it tells of
  const settle = (now: string | null): void => {
    if (now !== PRINT) before = now !== null && now in KEYS ? [now] : [];
    const wanted = new Set(now === PRINT ? before : []);
    if (state.get("d") !== null) wanted.add("draw");
    if (now !== null) wanted.delete(now);
    for (const [id, { close }] of [...open]) if (!wanted.has(id)) { open.delete(id); close(); }
    for (const tool of tools) {
      if (!wanted.has(tool.id) || open.has(tool.id)) continue;
      const place = element("div");
      open.set(tool.id, { tool, place, close: deaf(() => tool.open(app, place)) });
    }
  };
  state.watch("tool", settle);
  state.watch("d", () => settle(state.get("tool")));
  state.watchAddress((changed) => {
    for (const each of open.values()) {
      if (!each.tool.keys.some((key) => changed.has(key))) continue;
      each.close();
      each.place.replaceChildren();
      each.close = deaf(() => each.tool.open(app, each.place));
    }
  });
  settle(state.get("tool"));
}

/** What the tools that are carried say, for the page that is printed: sentences and keys, also those that come later. */
export function carriedWords(): HTMLElement {
  const box = element("div", { className: "tool-carried" });
  const write = (): void => box.replaceChildren(...[...open.values()].flatMap(({ place }) => wordsOf(place)));
  const late = new MutationObserver(() => { if (box.isConnected) write(); else late.disconnect(); });
  for (const { place } of open.values()) late.observe(place, { childList: true, subtree: true, characterData: true });
  write();
  return box;
}

function wordsOf(place: HTMLElement): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>(".tool-finding, .tool-key, .tool-paper")].filter(({ textContent }) => textContent?.trim()).map((one) => {
    const copy = one.cloneNode(true) as HTMLElement;
    for (const name of ["role", "aria-label", "hidden"]) copy.removeAttribute(name); // on paper nothing is news
    return copy;
  });
}
