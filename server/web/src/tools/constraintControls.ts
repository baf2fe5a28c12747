/** The rules of the constraints exercise: a row of controls for each, and one to add another. */
import type { App } from "../app";
import { svg } from "../dom";
import { HEAVIEST, type Constraint } from "../plain/constraints";
import { reference } from "../plain/gridref";
import { whole, type Point } from "../plain/plane";
import { button, choice, element, group, note, numberBox, row, rowButton } from "./controls";
import { SHADES, SHADE_WORDS } from "./suitability";

/** One rule. It keeps its controls while they are used, so that the focus stays where it is. */
export function rule(title: string, one: Constraint, changed: (next: Constraint) => void, removed: () => void): HTMLElement {
  let now = one;
  const set = (part: Partial<Constraint>): void => { now = { ...now, ...part }; changed(now); };
  const weights = Array.from({ length: HEAVIEST + 1 }, (_, i): [string, string] => [String(i), i === 0 ? "0 (not used)" : String(i)]);
  const remove = button("Delete", removed, true);
  remove.setAttribute("aria-label", `Delete the rule for ${title}`);
  return group(title,
    choice("Rule", [["away", "Keep away from it"], ["near", "Be near it"]], one.side, (side) => set({ side: side as Constraint["side"] })).box,
    row(numberBox("Metres", one.distance, [0, 5000, 50], (distance) => set({ distance })).box,
        choice("Weight", weights, String(one.weight), (weight) => set({ weight: Number(weight) })).box, remove));
}

/** Layers that can be rules, and a button to take one. Land can be kept off; of lines and points a distance is kept. */
export function adder(app: App, taken: Constraint[], added: (one: Constraint) => void): HTMLElement {
  const free = app.layers.layers.filter(({ id, geometry, series }) => geometry !== "none" && series === null && !taken.some(({ layer }) => layer === id));
  if (!free.length) return element("div");
  const select = choice("Layer", free.map(({ id, title }) => [id, title]), free[0]!.id, () => undefined);
  return row(select.box, button("Add this rule", () => {
    const land = /Polygon/.test(free.find(({ id }) => id === select.control.value)?.geometry ?? "");
    added({ layer: select.control.value, weight: 3, distance: land ? 0 : 100, side: "away" });
  }));
}

/** The key: how much land has which shade. */
export function shadeKey(counts: number[], size: number): HTMLElement {
  const list = element("ul", { className: "tool-key" });
  list.setAttribute("aria-label", "Key of suitable land");
  SHADES.forEach((fill, i) => list.append(element("li", {},
    svg("svg", { viewBox: "0 0 32 20", width: 32, height: 20, "aria-hidden": "true" },
      svg("rect", { x: 0.5, y: 0.5, width: 31, height: 19, fill, class: "tool-patch" })),
    element("span", {}, `${SHADE_WORDS[i]}: ${whole((counts[i]! * size * size) / 1e4)} hectares`))));
  return list;
}

/** A rule as a sentence has it: "keep off Woods", "be within 1,000 m of Schools". */
export function ruleWords({ side, distance }: Constraint, title: string): string {
  if (side === "near") return `be within ${whole(distance)} m of ${title}`;
  return distance ? `keep ${whole(distance)} m away from ${title}` : `keep off ${title}`;
}

/** How a place breaks a rule: "on Woods", "within 50 m of Woods", "more than 1,000 m from Schools". */
export function brokenWords({ side, distance }: Constraint, title: string): string {
  if (side === "near") return `more than ${whole(distance)} m from ${title}`;
  return distance ? `within ${whole(distance)} m of ${title}` : `on ${title}`;
}

/** A place that was chosen: what speaks against it, and a box for the reason why it was chosen all the same, or not. */
export function decision(number: number, point: Point, judged: string, reasons: Map<string, string>, removed: () => void): HTMLElement {
  const box = element("textarea", { rows: 2, value: reasons.get(point.join()) ?? "", id: `reason-${number}` });
  box.addEventListener("input", () => reasons.set(point.join(), box.value));
  return group(`Place ${number}, ${reference(point, 6) ?? ""}`, note(`${judged}.`),
    element("div", { className: "tool-field" }, element("label", { htmlFor: box.id }, `Reason for place ${number}`), box),
    rowButton("Delete", `Delete place ${number}`, removed));
}
