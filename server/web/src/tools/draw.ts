/** Draw and annotate: points, lines, areas and words, kept in the address of the map and nowhere else. */
import Feature from "ol/Feature.js";
import type { FeatureLike } from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import OlPoint from "ol/geom/Point.js";
import Polygon from "ol/geom/Polygon.js";
import Fill from "ol/style/Fill.js";
import Style from "ol/style/Style.js";
import type { App, Tool } from "../app";
import { COLOURS, FEWEST_POINTS, geojson, LONGEST_TEXT, read, write, type Item, type Kind } from "../plain/drawing";
import { reference } from "../plain/gridref";
import { area, length, metres, squareMetres, type Point } from "../plain/plane";
import { button, choice, element, finding, focusNext, note, problem, radios, row, rowButton, save, table, textBox } from "./controls";
import { ground } from "./ground";
import { stops } from "./stops";
import { disc, faint, line, words } from "./styles";

const KINDS: [Kind, string][] = [["point", "Point"], ["line", "Line"], ["area", "Area"], ["text", "Words on the map"]];
const named = (kind: Kind): string => ({ point: "Point", line: "Line", area: "Area", text: "Words" })[kind];

/** How an item, or one that is not finished, looks. */
function look(feature: FeatureLike): Style[] {
  const { kind, colour, text } = feature.get("item") as Item, hex = COLOURS[colour]!.hex;
  const label = text ? [new Style({ text: words(text, hex, kind === "point" ? -18 : 0), zIndex: 2 })] : [];
  if (feature.getGeometry()!.getType() === "Point") return kind === "text" ? label : [disc(hex, 8), ...label];
  const inside = kind === "area" ? [new Style({ fill: new Fill({ color: faint(hex, 0.2) }) })] : [];
  return [...inside, ...line(hex), ...label];
}

function shapes(item: Item): Feature[] {
  const { kind, points } = item;
  if (!points.length) return [];
  const geometry = kind === "area" && points.length > 2 ? new Polygon([[...points, points[0]!]])
    : points.length > 1 ? new LineString(points) : new OlPoint(points[0]!);
  return [new Feature({ geometry, item })];
}

/** How long or large an item is, or where. */
function measured({ kind, points }: Item): string {
  if (kind === "line") return metres(length(points));
  if (kind === "area") return squareMetres(area(points));
  return reference(points[0]!, 8) ?? "";
}

/** The name of an item among those of its kind: "line 2". */
function title(items: Item[], at: number): string {
  const kind = items[at]!.kind;
  return `${named(kind).toLowerCase()} ${items.slice(0, at + 1).filter((item) => item.kind === kind).length}`;
}

class Drawing {
  kind: Kind = "point";
  colour = 1;
  private begun: Point[] = [];
  private readonly on;
  private readonly told = finding("Drawing");
  private readonly wrong = problem();
  private readonly list = element("div");
  private readonly text = textBox("Words", "", () => undefined, `Shown beside what you draw. At most ${LONGEST_TEXT} letters.`);
  private readonly finish = button("Finish", () => this.end());

  constructor(private readonly app: App, into: HTMLElement) {
    this.on = ground(app, look);
    this.text.control.maxLength = LONGEST_TEXT;
    const placed = stops(app, () => this.begun, (points) => this.point(points), "Add points", () => this.undo());
    this.on.pointed(placed.add);
    into.append(this.told,
      radios("What to draw", KINDS, this.kind, (kind) => { this.kind = kind as Kind; this.begun = []; this.show(); }),
      choice("Colour", COLOURS.map(({ name }, i) => [String(i), name]), String(this.colour), (value) => { this.colour = Number(value); this.show(); }).box,
      this.text.box, placed.box, row(this.finish), this.wrong, this.list,
      row(button("Save as GeoJSON", () => save("drawing.geojson", JSON.stringify(geojson(this.items()), null, 1), "application/geo+json"), true),
          button("Delete the whole drawing", () => { this.keep([]); this.app.say("The drawing is deleted."); }, true)),
      note("Nothing is uploaded. The drawing is in the address of this page: whoever has the link can see it, so do not write names of people."));
    this.show();
  }

  private items(): Item[] { return read(this.app.state.get("d") ?? ""); }

  private keep(items: Item[]): void {
    this.app.state.set({ d: items.length ? write(items) : null });
    this.begun = [];
    this.show();
  }

  /** Points and words are done with their first point; lines and areas are ended by the button. */
  private point(points: Point[]): void {
    this.begun = points;
    this.wrong.tell([]);
    if (points.length && FEWEST_POINTS[this.kind] === 1) this.end();
    else this.show();
  }

  /** With nothing begun, the last thing that was drawn is undone. */
  private undo(): void {
    const items = this.items();
    if (!items.length) return;
    this.app.say(`Undone: ${title(items, items.length - 1)}.`);
    this.keep(items.slice(0, -1));
  }

  private end(): void {
    const fewest = FEWEST_POINTS[this.kind], text = this.text.control.value.trim();
    const missing = [
      ...(this.begun.length < fewest ? [`${named(this.kind)}: at least ${fewest} points are needed. There are ${this.begun.length}.`] : []),
      ...(this.kind === "text" && !text ? ["Type the words first, in the box called Words."] : [])];
    this.wrong.tell(missing);
    if (missing.length) { if (fewest === 1) this.begun = []; this.show(); return; }
    this.text.control.value = "";
    this.keep([...this.items(), this.now(text)]);
  }

  private now(text = ""): Item { return { kind: this.kind, colour: this.colour, points: this.begun, text }; }

  private show(): void {
    const items = this.items();
    this.on.draw([...items, this.now()].flatMap(shapes));
    this.finish.textContent = this.kind === "area" ? "Finish area" : "Finish line";
    this.finish.parentElement!.hidden = FEWEST_POINTS[this.kind] === 1;
    const part = this.begun.length ? ` ${this.begun.length} points of the ${this.kind} that you are drawing.` : "";
    this.told.textContent = `${items.length === 1 ? "1 thing is" : `${items.length} things are`} drawn.${part}`;
    this.list.replaceChildren(items.length ? table("What is drawn", ["What", "Colour", "Words", "Size or place", "Delete"], items.map((item, i) => [
      title(items, i), COLOURS[item.colour]!.name, item.text, measured(item),
      rowButton("Delete", `Delete ${title(items, i)}`, () => { this.keep(items.filter((_, other) => other !== i)); focusNext(this.list, i); })])) : "");
  }

  close(): void { this.on.close(); }
}

export const draw: Tool = {
  id: "draw", title: "Draw", icon: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  keys: ["d"],
  open(app: App, into: HTMLElement): () => void {
    const drawing = new Drawing(app, into);
    return () => drawing.close();
  },
};
