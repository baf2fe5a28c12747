/** What the thematic map says beside its colours: a sentence, the key, the histogram, the table, and one area through time. */
import type { Series } from "../app";
import { classOf, fit, type Classes } from "../plain/classify";
import { histogram } from "../plain/histogram";
import { mapped, ranked, unitOf, type Value } from "../plain/series";
import { plain, ranges, signed, type Theme } from "../plain/theme";
import { button, element, note, rowButton, table } from "./controls";
import { histogramChart, lineChart } from "./charts";
import { patch } from "./shading";

export interface Shown { series: Series; theme: Theme & { year: number }; values: Value[]; classes: Classes | null }

const number = ({ theme: { mode } }: Shown, value: Value): string => (mode === "value" ? plain(value) : signed(value));

/** What is mapped, in words: "Persons, change since 2023 to 2030 (percent)". */
function subjectOf({ series, theme }: Shown): string {
  const first = series.periods[0]!;
  return withUnit(series, theme, theme.mode === "value" ? `${theme.year}` : `change from ${first} to ${theme.year}`);
}

/** The field and the time, and the unit where the field's name does not say it. */
function withUnit(series: Series, theme: Theme, when: string): string {
  const title = series.fields[theme.field]?.title ?? theme.field, unit = unitOf(series, theme);
  return `${title}, ${when}${title.toLowerCase().startsWith(unit) ? "" : ` (${unit})`}`;
}

export function sentence(shown: Shown): string {
  const rows = ranked(shown.series, shown.values), missing = shown.values.length - rows.length;
  const without = missing ? ` ${missing} ${missing === 1 ? "area has" : "areas have"} no number.` : "";
  if (!rows.length) return `${subjectOf(shown)}: there are no numbers for these areas.`;
  const high = rows[0]!, low = rows[rows.length - 1]!;
  return `${subjectOf(shown)}: highest in ${high.area.name} (${number(shown, high.value)}), `
    + `lowest in ${low.area.name} (${number(shown, low.value)}), of ${rows.length} areas.${without}`;
}

/** The key: a patch, a range and the number of areas in each class. */
export function key(shown: Shown): HTMLElement {
  const { classes, values, theme } = shown, list = element("ul", { className: "tool-key" });
  list.setAttribute("aria-label", "Key of the classes");
  if (!classes) return list;
  const count = classes.breaks.length + 1, of = values.map((value) => classOf(value, classes.breaks));
  const areas = (at: number | null): string => { const n = of.filter((one) => one === at).length; return n === 1 ? "1 area" : `${n} areas`; };
  ranges(classes.breaks, classes.lowest, classes.highest, unitOf(shown.series, theme)).forEach((range, at) =>
    list.append(element("li", {}, patch(theme.ramp, count, at), element("span", {}, `${range}: ${areas(at)}`))));
  if (of.includes(null)) list.append(element("li", {}, patch(theme.ramp, count, null), element("span", {}, `No number, too few to publish: ${areas(null)}`)));
  return element("div", {}, element("h3", {}, subjectOf(shown)), list);
}

export function histogramOf({ values, classes, theme }: Shown): HTMLElement {
  const bins = histogram(values), breaks = classes?.breaks ?? [];
  const at = breaks.length ? ` at ${breaks.map(plain).join(", ")}` : "";
  const name = `Histogram of ${values.filter((value) => value !== null).length} areas with ${breaks.length} breaks${at}`;
  const goodness = classes ? ` They explain ${Math.round(fit(values, breaks) * 100)} % of the variance of ${theme.year}.` : "";
  return element("figure", { className: "tool-figure" }, histogramChart(name, bins, breaks),
    element("figcaption", {}, `How many areas have which value. The upright lines are the breaks of the classes.${goodness}`));
}

/** The ten highest, or all; the name of each is a button that shows the area. */
export function ranking(shown: Shown, all: boolean, choose: (area: string) => void, toggle: () => void): HTMLElement {
  const rows = ranked(shown.series, shown.values), seen = all ? rows : rows.slice(0, 10);
  const more = rows.length > 10 ? button(all ? "Show the ten highest" : `Show all ${rows.length} areas`, toggle, true) : null;
  return element("div", {}, table(all ? "All areas, highest first" : "The ten highest", ["Rank", "Area", unitOf(shown.series, shown.theme)],
    seen.map(({ area, value, rank }) => {
      const name = rowButton(area.name, `Show ${area.name}`, () => choose(area.id));
      name.className = "link";
      return [String(rank), name, number(shown, value)];
    })), more);
}

/** One area through all years, as a line and a table. */
export function throughTime(shown: Shown, area: string, close: () => void): HTMLElement | null {
  const { series, theme } = shown, at = series.areas.findIndex(({ id }) => id === area);
  if (at < 0) return null;
  const values = series.periods.map((year) => mapped(series, { ...theme, year })[at] ?? null), name = series.areas[at]!.name;
  const parent = series.areas[at]!.parent, first = series.periods[0], last = series.periods[series.periods.length - 1];
  const when = `${theme.mode === "value" ? "" : "change since the first year, "}${first} to ${last}`;
  const box = element("section", { className: "tool-area" }, element("h3", {}, name),
    note(`${withUnit(series, theme, when)}. Code ${area}${parent ? `, counted in ${parent}` : ""}.`));
  if (values.some((value) => value !== null))
    box.append(lineChart(`${name}, ${first} to ${last}`, series.periods, values));
  box.append(table(`${name} through the years`, ["Year", unitOf(series, theme)], series.periods.map((year, i) => [String(year), number(shown, values[i]!)])),
    button("Close this area", close, true));
  return box;
}
