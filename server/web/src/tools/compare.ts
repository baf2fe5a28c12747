/** Compare two areas: maps at one scale, numbers with their difference, and a population pyramid of each. */
import type { App, Series, Tool } from "../app";
import { largest, pyramid, shares, type Band } from "../plain/pyramid";
import { percent, perHectare, wholePopulation, type Value } from "../plain/series";
import { plain, signed } from "../plain/theme";
import { areasOf, groupWords, withSeries } from "./areas";
import { pyramidChart } from "./charts";
import { button, choice, element, finding, note, problem, radios, row, table, type Cell } from "./controls";
import { twins } from "./twins";

const DENSITY = "Persons per hectare";

interface Line { words: string; values: [Value, Value]; unit: string }

/** The lines of the table: what the series has of each area in a year. */
function lines(series: Series, pair: [number, number], year: number): Line[] {
  const at = series.periods.indexOf(year), all = wholePopulation(series);
  const value = (field: string, area: number, period = at): Value => series.values[field]?.[area]?.[period] ?? null;
  const both = (words: string, unit: string, of: (area: number) => Value): Line => ({ words, unit, values: [of(pair[0]), of(pair[1])] });
  const share = (part: Value, whole: Value): Value => (part === null || whole === null || whole === 0 ? null : (part * 100) / whole);
  const broad = Object.keys(series.values).filter((field) => /^persons_\d/.test(field));
  return [
    both("Area", "hectares", (area) => series.areas[area]!.area_ha),
    ...(all ? [both(series.fields[all]!.title, "", (area) => value(all, area)),
      both(DENSITY, "", (area) => perHectare(value(all, area), series.areas[area]!.area_ha)),
      both(`Change since ${series.periods[0]}`, "%", (area) => percent(value(all, area, 0), value(all, area)))] : []),
    ...broad.flatMap((field) => [both(series.fields[field]!.title, "", (area) => value(field, area)),
      ...(all ? [both(`${series.fields[field]!.title}, share of all`, "%", (area: number) => share(value(field, area), value(all, area)))] : [])])];
}

const difference = ([a, b]: [Value, Value]): Value => (a === null || b === null ? null : b - a);
const withUnit = (text: string, unit: string): string => (unit && text !== "no number" ? `${text} ${unit}` : text);

class Comparison {
  private readonly maps;
  private readonly wrong = problem();
  private readonly told = finding("Comparison");
  private readonly controls = element("div", { className: "tool-screen" });
  private readonly numbers = element("div");
  private readonly pyramids = element("div");
  private share = true;
  private asked = 0;

  constructor(private readonly app: App, into: HTMLElement) {
    this.maps = twins(app);
    into.append(element("div", { className: "tool-sheet" }, this.controls, this.wrong, this.told, this.maps.box, this.numbers, this.pyramids,
      note(`${app.layers.title}. Numbers that are too small to publish are left out, and are not nought.`)));
    void this.load();
  }

  private async load(): Promise<void> {
    const asked = ++this.asked, layer = withSeries(this.app)[0]?.[0];
    if (!layer) { this.wrong.tell(["No layer has numbers through time."]); return; }
    try {
      const series = await this.app.series(layer, this.app.state.get("cg") ?? "ward"), areas = await areasOf(this.app, series);
      if (asked !== this.asked) return;
      this.wrong.tell([]);
      const pair = this.pair(series), year = this.year(series);
      this.offer(series, pair, year);
      this.maps.show(pair.flatMap((at) => {
        const { id, name } = series.areas[at]!, feature = areas.get(id);
        return feature ? [[feature, name] as [typeof feature, string]] : [];
      }));
      this.tell(series, pair, year);
    } catch (fault) {
      if (asked === this.asked) this.wrong.tell([`The numbers could not be fetched. ${fault instanceof Error ? fault.message : ""}`]);
    }
  }

  /** The two areas of the address; else the first two of the list. */
  private pair(series: Series): [number, number] {
    const [a, b] = (this.app.state.get("cmp") ?? "").split(",").map((id) => series.areas.findIndex((area) => area.id === id));
    const first = a !== undefined && a >= 0 ? a : 0;
    return [first, b !== undefined && b >= 0 ? b : first === 0 ? Math.min(1, series.areas.length - 1) : 0];
  }

  private year(series: Series): number {
    const year = Number(this.app.state.get("yr"));
    return series.periods.includes(year) ? year : series.periods[0]!;
  }

  private offer(series: Series, pair: [number, number], year: number): void {
    const held = document.activeElement?.id, change = (values: Record<string, string | null>): void => { this.app.state.set(values); void this.load(); };
    const names = series.areas.map(({ id, name }): [string, string] => [id, name]).sort((a, b) => a[1].localeCompare(b[1], "en", { numeric: true }));
    const ids = pair.map((at) => series.areas[at]!.id);
    const boxes = [
      choice("Areas", series.groups.map((group) => [group, groupWords(group)]), series.group, (cg) => change({ cg, cmp: null })),
      choice("First area", names, ids[0]!, (id) => change({ cmp: `${id},${ids[1]}` })),
      choice("Second area", names, ids[1]!, (id) => change({ cmp: `${ids[0]},${id}` })),
      choice("Year", series.periods.map((period) => [String(period), String(period)]), String(year), (yr) => change({ yr }))];
    const labels = ["compare-group", "compare-first", "compare-second", "compare-year"];
    boxes.forEach(({ box, control }, i) => { control.id = labels[i]!; box.querySelector("label")!.htmlFor = labels[i]!; });
    this.controls.replaceChildren(row(...boxes.map(({ box }) => box), button("Swap the two areas", () => change({ cmp: `${ids[1]},${ids[0]}` }), true),
      button("Print this comparison", () => window.print(), true)));
    if (held && labels.includes(held)) document.getElementById(held)?.focus();
  }

  private tell(series: Series, pair: [number, number], year: number): void {
    const [a, b] = pair.map((at) => series.areas[at]!.name) as [string, string], rows = lines(series, pair, year);
    const [x, y] = rows.find(({ words }) => words === DENSITY)?.values ?? [null, null];
    this.numbers.replaceChildren(table(`${a} and ${b} in ${year}`, ["What", a, b, "Difference (second less first)"],
      rows.map(({ words, values, unit }): Cell[] => [words, ...values.map((value) => withUnit(plain(value), unit)),
        withUnit(signed(difference(values)), unit === "%" ? "points" : unit)])));
    const denser = x === y ? `${a} and ${b} are as densely peopled` : `${(x ?? 0) > (y ?? 0) ? a : b} is more densely peopled`;
    this.told.textContent = x === null || y === null ? `${a} and ${b}, ${year}.`
      : `${denser}: ${plain(x)} persons per hectare in ${a}, ${plain(y)} in ${b} (${year}).`;
    this.draw(series, pair, year);
  }

  private draw(series: Series, pair: [number, number], year: number): void {
    const of = pair.map((at) => pyramid(series, series.areas[at]!.id, year)), names = pair.map((at) => series.areas[at]!.name);
    if (!of[0]!.length) { this.pyramids.replaceChildren(note("There is no population by age and sex for these areas. Wards and districts have it.")); return; }
    const bands = this.share ? of.map(shares) : of, most = largest(...bands), unit = this.share ? "%" : "";
    const which = radios("Pyramids show", [["share", "Percent of all persons"], ["count", "Numbers of persons"]], this.share ? "share" : "count", (value) => {
      this.share = value === "share";
      this.draw(series, pair, year);
      this.pyramids.querySelector<HTMLInputElement>(`input[value="${value}"]`)?.focus();
    });
    which.classList.add("tool-screen");
    this.pyramids.replaceChildren(which,
      element("div", { className: "tool-pair" }, ...bands.map((one, i) => element("figure", {}, element("figcaption", {}, `${names[i]}, ${year}`),
        pyramidChart(`Population pyramid of ${names[i]}, ${year}`, one, most, unit)))),
      element("details", { className: "tool-screen" }, element("summary", {}, "The pyramids as a table"), ageTable(bands, names, year, unit)));
  }

  close(): void { this.asked++; this.maps.close(); }
}

function ageTable(bands: Band[][], names: string[], year: number, unit: string): HTMLElement {
  const cell = (value: Value): Cell => (value === null ? null : withUnit(plain(value), unit));
  return table(`Males and females by age, ${year}`, ["Age", ...names.flatMap((name) => [`${name}, males`, `${name}, females`])],
    bands[0]!.map(({ label }, i) => [label, ...bands.flatMap((one) => [cell(one[i]?.males ?? null), cell(one[i]?.females ?? null)])]));
}

export const compare: Tool = {
  id: "compare", title: "Compare two areas", icon: "M3 5h8v14H3zM13 5h8v14h-8zM6 12h2M16 12h2",
  keys: ["cmp", "cg", "yr"],
  open(app: App, into: HTMLElement): () => void {
    const comparison = new Comparison(app, into);
    return () => comparison.close();
  },
};
