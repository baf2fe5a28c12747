/** Readings: a pupil's own table on the map. It stays in this page's memory: nothing is sent, nothing is kept. */
import Feature from "ol/Feature.js";
import type { FeatureLike } from "ol/Feature.js";
import OlPoint from "ol/geom/Point.js";
import { boundingExtent } from "ol/extent.js";
import { fromExtent } from "ol/geom/Polygon.js";
import { fromLonLat } from "ol/proj.js";
import type { App, Tool } from "../app";
import { classify, classOf } from "../plain/classify";
import { write } from "../plain/csv";
import { reference } from "../plain/gridref";
import type { Point } from "../plain/plane";
import { colours } from "../plain/ramps";
import { radius, readings as read, valueColumns, valued, type Fault, type Readings } from "../plain/readings";
import { plain, ranges } from "../plain/theme";
import { button, choice, element, finding, group, note, problem, row, save, table } from "./controls";
import { disc, words } from "./styles";
import { fit, ground } from "./ground";
import { patch } from "./shading";
import Style from "ol/style/Style.js";

const SECRET = "Your table stays in this browser. Nothing is uploaded, and it is gone when you close or reload the page.";
const HEADER = "The first line has the names of the columns: grid reference (or easting and northing, or latitude and longitude), and what "
  + "you measured.";
const MANY = 12; // faults that are shown one by one
const EXAMPLE = "grid reference,noise dB\nSU 446 297,61\nSU 447 297,54";

/** What was read last: it outlives the tool's panel, and ends with the page. */
let held: { table: Readings; column: string; by: string } | null = null;

function look(feature: FeatureLike): Style[] {
  const size = feature.get("size") as number, label = feature.get("label") as string;
  return [disc(feature.get("colour") as string, size, "#0b0c0c"), new Style({ text: words(label, "#0b0c0c", -size - 9) })];
}

class Sheet {
  private readonly on;
  private readonly wrong = problem();
  private readonly told = finding("Readings");
  private readonly choices = element("div");
  private readonly list = element("div");
  private readonly text = element("textarea", { rows: 5, spellcheck: false, id: "readings-text", placeholder: EXAMPLE });
  private readonly file = element("input", { type: "file", accept: ".csv,.txt,.tsv,text/csv,text/plain", id: "readings-file" });

  constructor(private readonly app: App, into: HTMLElement) {
    this.on = ground(app, look, 700);
    this.file.addEventListener("change", () => void this.load());
    into.append(note(SECRET), this.told, this.wrong,
      group("Your table",
        note(HEADER),
        element("div", { className: "tool-field" }, element("label", { htmlFor: "readings-text" }, "Paste your table"), this.text),
        row(button("Show the table on the map", () => this.take(this.text.value))),
        element("div", { className: "tool-field" }, element("label", { htmlFor: "readings-file" }, "Or open a CSV file"), this.file)),
      this.choices, this.list,
      row(button("Save the table (CSV)", () => this.save(), true), button("Delete all readings", () => this.forget(), true)));
    this.show();
  }

  private async load(): Promise<void> {
    const file = this.file.files?.[0];
    if (file) this.take(await file.text());
  }

  private take(text: string): void {
    const found = read(text, (longitude, latitude) => fromLonLat([longitude, latitude], "EPSG:27700").map((metre) => Math.round(metre)) as Point);
    held = { table: found, column: valueColumns(found)[0] ?? "", by: "both" };
    this.show();
    if (found.rows.length) fit(this.app, fromExtent(boundingExtent(found.rows.map(({ point }) => point))));
  }

  private forget(): void {
    held = null;
    this.text.value = ""; this.file.value = "";
    this.show();
    this.app.say("All readings are deleted.");
  }

  private show(): void {
    if (!held) {
      this.on.draw([]); this.wrong.tell([]); this.choices.replaceChildren(); this.list.replaceChildren();
      this.told.textContent = "No readings yet.";
      return;
    }
    const { table: sheet, column, by } = held, { values, faults } = valued(sheet, column);
    const columns = valueColumns(sheet), ways: [string, string][] = [["both", "Size and colour"], ["size", "Size only"], ["colour", "Colour only"]];
    this.wrong.tell(faultLines([...sheet.faults, ...(column ? faults : [])]));
    this.choices.replaceChildren(...(columns.length ? [
      choice("Value", columns.map((name) => [name, name]), column, (value) => { held!.column = value; this.show(); }).box,
      choice("Show values by", ways, by, (value) => { held!.by = value; this.show(); }).box] : []));
    const points = column ? values : sheet.rows.map((reading) => ({ reading, value: null }));
    this.draw(points, by);
    this.tell(sheet, column, values.map(({ value }) => value));
    this.list.append(table("Your readings", ["Line", "Grid reference", ...sheet.columns], points.map(({ reading }) =>
      [String(reading.line), reference(reading.point, 8) ?? "", ...reading.cells])));
  }

  private draw(points: { reading: { point: Point }; value: number | null }[], by: string): void {
    const all = points.map(({ value }) => value), highest = Math.max(0, ...all.map((value) => value ?? 0));
    const classes = classify(all, "natural", 5), fills = colours("red", (classes?.breaks.length ?? 0) + 1);
    const size = (value: number | null): number => (by === "colour" || value === null ? 9 : radius(value, highest));
    const colour = (value: number | null): string =>
      by === "size" || value === null ? "#1d70b8" : fills[classOf(value, classes?.breaks ?? []) ?? 0]!;
    const drawn = points.map(({ reading, value }) => new Feature({
      geometry: new OlPoint(reading.point), label: value === null ? "" : plain(value), size: size(value), colour: colour(value) }));
    this.on.draw(drawn.sort((a, b) => (b.get("size") as number) - (a.get("size") as number))); // small ones on top
    this.list.replaceChildren();
    if (!classes || by === "size") return;
    const list = element("ul", { className: "tool-key" }, ...ranges(classes.breaks, classes.lowest, classes.highest).map((range, at) =>
      element("li", {}, patch("red", fills.length, at), element("span", {}, range))));
    list.setAttribute("aria-label", "Key of the readings");
    this.list.append(list);
  }

  private tell(sheet: Readings, column: string, values: number[]): void {
    const lines = sheet.rows.length === 1 ? "1 reading is" : `${sheet.rows.length} readings are`, sorted = [...values].sort((a, b) => a - b), n = sorted.length;
    const median = n ? (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2 : 0, mean = sorted.reduce((a, b) => a + b, 0) / n;
    this.told.textContent = !sheet.rows.length ? "No reading can be shown." : `${lines} on the map, placed by ${sheet.places}.`
      + (n && column ? ` ${column}: from ${plain(sorted[0]!)} to ${plain(sorted[n - 1]!)}, mean ${plain(mean)}, median ${plain(median)}.` : "");
  }

  private save(): void {
    if (!held) return;
    const { columns, rows } = held.table;
    save("readings.csv", write([[...columns, "easting", "northing"], ...rows.map(({ cells, point }) => [...cells, ...point.map(Math.round)])]), "text/csv");
  }

  close(): void { this.on.close(); }
}

function faultLines(faults: Fault[]): string[] {
  if (!faults.length) return [];
  const head = faults.length === 1 ? "1 line cannot be used." : `${faults.length} lines cannot be used.`;
  const rest = faults.length > MANY ? [`And ${faults.length - MANY} more: lines ${faults.slice(MANY).map(({ line }) => line).join(", ")}.`] : [];
  return [head, ...faults.slice(0, MANY).map(({ line, reason }) => `Line ${line}: ${reason}`), ...rest];
}

export const readings: Tool = {
  id: "readings", title: "Your own readings", icon: "M4 20h16M7 20v-6M12 20V9M17 20V4",
  keys: [],
  open(app: App, into: HTMLElement): () => void {
    const sheet = new Sheet(app, into);
    return () => sheet.close();
  },
};
