/** The symbols of the key, drawn small: the same colours, dashes and patterns as on the map. */
import type { SymbolTold } from "./app";
import { svg } from "./dom";

const WIDTH = 36, HEIGHT = 20, MIDDLE = HEIGHT / 2;
let patterns = 0;

/** A symbol as a small picture. The words beside it say what it is. */
export function symbol(told: SymbolTold): SVGElement {
  const made = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: "symbol", "aria-hidden": "true" });
  const colour = told.colour ?? "#333";
  if (told.kind === "line") made.append(...line(told, colour));
  else if (told.kind === "fill") made.append(...area(told, colour));
  else if (told.kind === "text") made.append(svg("text", { x: WIDTH / 2, y: MIDDLE + 5, "text-anchor": "middle", "font-size": 13, fill: colour }, "Abc"));
  else made.append(point(told, colour));
  return made;
}

function line(told: SymbolTold, colour: string): SVGElement[] {
  const width = Math.min(told.width ?? 2, 8), across = { x1: 2, x2: WIDTH - 2, y1: MIDDLE, y2: MIDDLE };
  const dash: Record<string, string> = told.dash?.length ? { "stroke-dasharray": told.dash.join(" ") } : {};
  const casing = told.casing ? [svg("line", { ...across, stroke: told.casing, "stroke-width": width + 2 })] : [];
  return [...casing, svg("line", { ...across, stroke: colour, "stroke-width": width, ...dash })];
}

function area(told: SymbolTold, colour: string): SVGElement[] {
  const box = { x: 3, y: 2, width: WIDTH - 6, height: HEIGHT - 4 };
  const opacity = typeof told["opacity"] === "number" ? told["opacity"] : 1;
  const dash: Record<string, string> = told.dash?.length ? { "stroke-dasharray": told.dash.join(" ") } : {};
  const made = [svg("rect", { ...box, fill: colour, "fill-opacity": opacity })];
  if (told.pattern) {
    const id = `pattern-${++patterns}`;
    made.push(svg("defs", {}, svg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
      svg("image", { href: told.pattern, width: 8, height: 8 }))), svg("rect", { ...box, fill: `url(#${id})` }));
  }
  if (told.outline) made.push(svg("rect", { ...box, fill: "none", stroke: told.outline, "stroke-width": Math.min(told.width ?? 1, 3), ...dash }));
  return made;
}

function point(told: SymbolTold, colour: string): SVGElement {
  if (told.icon) return svg("image", { href: told.icon, x: WIDTH / 2 - 10, y: 0, width: 20, height: 20 });
  return svg("circle", { cx: WIDTH / 2, cy: MIDDLE, r: 6, fill: String(told["fill"] ?? colour), stroke: told.outline ?? "#fff", "stroke-width": 1.5 });
}
