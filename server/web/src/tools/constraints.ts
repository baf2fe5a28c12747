/** Constraints exercise: where could something go? Layers as rules with weights, squares shaded by them, and decisions with reasons. */
import Feature from "ol/Feature.js";
import OlPoint from "ol/geom/Point.js";
import type { App, Box, Tool } from "../app";
import { broken, read, shade, squareAt, write, type Constraint, type Shape } from "../plain/constraints";
import { write as writeTable } from "../plain/csv";
import { readPoints, writePoints } from "../plain/drawing";
import { reference } from "../plain/gridref";
import { whole, type Point } from "../plain/plane";
import { areasOf, withSeries } from "./areas";
import { button, choice, element, finding, focusNext, group, note, problem, row, save } from "./controls";
import { adder, brokenWords, decision, rule, ruleWords, shadeKey } from "./constraintControls";
import { ground } from "./ground";
import { shapeOf } from "./services";
import { pictureWith, Shapes, squaresLayer, suitability, SHADE_WORDS, TooMany, type Suitability } from "./suitability";
import { stops } from "./stops";
import { numbered } from "./styles";

const OFFLINE = "A layer could not be fetched. Look at the connection, and change a rule to try again.";

/** Reasons that were typed, by place: they stay in this page, and are in no address. */
const reasons = new Map<string, string>();

class Exercise {
  private readonly on;
  private readonly squares;
  private readonly shapes: Shapes;
  private readonly wrong = problem();
  private readonly told = finding("Suitable land");
  private readonly parts = { rules: element("div"), where: element("div"), key: element("div"), decisions: element("div") };
  private found: Suitability | null = null;
  private districts = new Map<string, Feature>();
  private asked = 0;
  private closed = false;

  constructor(private readonly app: App, into: HTMLElement) {
    this.shapes = new Shapes(app);
    this.squares = squaresLayer();
    app.map.addLayer(this.squares.layer);
    this.on = ground(app, numbered("#0b0c0c"));
    const placed = stops(app, () => this.places(), (points) => this.keep(points), "Choose places");
    this.on.pointed(placed.add);
    into.append(this.told, this.wrong, this.parts.key, group("Rules", this.parts.rules), this.parts.where, placed.box, this.parts.decisions,
      row(button("Save as an image (PNG)", () => void this.picture(), true), button("Save the decisions (CSV)", () => this.save(), true)),
      note("The reasons that you type stay in this page. They are not sent anywhere, and not in the link."));
    this.controls();
    void this.begin();
  }

  private rules(): Constraint[] { return read(this.app.state.get("cons")); }
  private places(): Point[] { return readPoints(this.app.state.get("cd")); }
  private title(layer: string): string { return this.app.layers.layers.find(({ id }) => id === layer)?.title ?? layer; }

  private keep(places: Point[]): void {
    this.app.state.set({ cd: places.length ? writePoints(places) : null });
    this.decide();
  }

  private change(constraints: Constraint[]): void {
    this.app.state.set({ cons: constraints.length ? write(constraints) : null });
    void this.show();
  }

  /** Rules are added and taken away: their controls are made anew, and the focus goes to the new one, or to what adds another. */
  private changeList(constraints: Constraint[]): void {
    const more = constraints.length > this.rules().length;
    this.change(constraints);
    this.controls();
    const boxes = this.parts.rules.children, to = boxes[more ? constraints.length - 1 : boxes.length - 1];
    to?.querySelector<HTMLElement>("select, button")?.focus();
  }

  private controls(): void {
    this.parts.rules.replaceChildren(...this.rules().map((one, i) => rule(this.title(one.layer), one,
      (next) => this.change(this.rules().map((other, j) => (j === i ? next : other))), () => this.changeList(this.rules().filter((_, j) => j !== i)))),
      adder(this.app, this.rules(), (added) => this.changeList([...this.rules(), added])));
  }

  /** Districts, to choose one of; the exercise works without them. */
  private async begin(): Promise<void> {
    const layer = withSeries(this.app)[0]?.[0];
    if (layer) try {
      const series = await this.app.series(layer, "district"), areas = await areasOf(this.app, series);
      if (this.closed) return;
      this.districts = areas;
      const names = series.areas.map(({ id, name }): [string, string] => [id, name]);
      this.parts.where.append(choice("Look at", [["view", "What the map shows now"], ...names], this.district() ?? "view", (value) => this.look(value)).box);
    } catch { /* without districts: the view */ }
    if (this.closed) return; // the address is another's by now
    this.parts.where.append(row(button("Look at what the map shows now", () => this.look("view"), true)));
    if (!this.app.state.get("ca")) this.app.state.set({ ca: this.view().join() });
    await this.show();
  }

  private view(): Box {
    const box = this.app.map.getView().calculateExtent(this.app.map.getSize());
    return box.map((value) => Math.round(value / 100) * 100) as Box;
  }

  private district(): string | null { const at = this.app.state.get("ca"); return at && this.districts.has(at) ? at : null; }

  private look(where: string): void {
    const select = this.parts.where.querySelector("select");
    if (select) select.value = where;
    this.app.state.set({ ca: where === "view" ? this.view().join() : where });
    void this.show();
  }

  /** The box that is looked at, and the district, if one is; else all of them: what is outside the county is nobody's to choose. */
  private where(): { box: Box; within: Shape[] } {
    const district = this.district(), feature = district ? this.districts.get(district) : undefined;
    if (feature) return { box: feature.getGeometry()!.getExtent() as Box, within: [shapeOf(feature)] };
    const box = (this.app.state.get("ca") ?? "").split(",").map(Number);
    const sound = box.length === 4 && box.every(Number.isFinite) && box[2]! > box[0]! && box[3]! > box[1]!;
    return { box: sound ? box as Box : this.view(), within: [...this.districts.values()].map(shapeOf) };
  }

  private async show(): Promise<void> {
    const asked = ++this.asked, constraints = this.rules(), { box, within } = this.where();
    try {
      const found = await suitability(this.shapes, box, within, constraints);
      if (asked !== this.asked) return;
      this.found = found.all ? found : null;
      this.wrong.tell([]);
    } catch (fault) {
      if (asked === this.asked) this.wrong.tell([fault instanceof TooMany ? fault.message : OFFLINE]);
      return;
    }
    this.squares.show(this.found);
    this.told.textContent = this.sentence();
    this.parts.key.replaceChildren(this.found ? shadeKey(this.found.counts, this.found.grid.size) : "");
    this.decide();
  }

  private sentence(): string {
    if (!this.found) return "Add a rule, and give it a weight from 1 to 5. The darker a square becomes, the more suitable it is.";
    const { counts, grid } = this.found, hectares = (grid.size * grid.size) / 1e4, total = counts.reduce((a, b) => a + b, 0);
    const free = counts[0]!, share = total ? Math.round((free / total) * 100) : 0;
    return `${whole(free * hectares)} of ${whole(total * hectares)} hectares (${share} %) have nothing against them. `
      + `Squares of ${grid.size} m; each is judged by its middle.`;
  }

  /** What speaks against a place, in words. */
  private judged(point: Point): string {
    const square = this.found ? squareAt(this.found.grid, point) : null;
    if (!this.found || square === null || (this.found.inside && !this.found.inside[square])) return "Outside the land that is looked at";
    const rules = broken(this.rules(), this.found.masks, square), words = SHADE_WORDS[shade(this.found.sums[square]!, this.found.all)]!;
    return rules.length ? `${words}: ${rules.map((one) => `${brokenWords(one, this.title(one.layer))} (${one.weight})`).join("; ")}` : words;
  }

  private decide(): void {
    const points = this.places();
    this.on.draw(points.map((point, i) => new Feature({ geometry: new OlPoint(point), number: i + 1 })));
    this.parts.decisions.replaceChildren(...points.map((point, i) => decision(i + 1, point, this.judged(point), reasons, () => {
      this.keep(points.filter((_, j) => j !== i));
      focusNext(this.parts.decisions, i);
    })));
  }

  private rows(): string[][] {
    return this.places().map((point, i) =>
      [String(i + 1), reference(point, 6) ?? "", String(point[0]), String(point[1]), this.judged(point), reasons.get(point.join()) ?? ""]);
  }

  private async picture(): Promise<void> {
    const rules = this.rules().map((one) => `Rule: ${ruleWords(one, this.title(one.layer))}, weight ${one.weight}.`);
    const lines = [this.told.textContent ?? "", ...rules, ...this.rows().map(([n, ref, , , judged, why]) => `Place ${n}, ${ref}. ${judged}. ${why}`)];
    const blob = await pictureWith(this.app, "Where could it go?", lines);
    if (blob) save("constraints.png", blob);
  }

  private save(): void {
    save("decisions.csv", writeTable([["place", "grid_reference", "easting", "northing", "against", "reason"], ...this.rows()]), "text/csv");
  }

  close(): void { this.closed = true; this.asked++; this.app.map.removeLayer(this.squares.layer); this.on.close(); }
}

export const constraints: Tool = {
  id: "constraints", title: "Where could it go?", icon: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 16l3 3 5-6",
  keys: ["cons", "ca", "cd"],
  open(app: App, into: HTMLElement): () => void {
    const exercise = new Exercise(app, into);
    return () => exercise.close();
  },
};
