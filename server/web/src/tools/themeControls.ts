/** The controls of the thematic map: what, of which areas, in which year, in which classes and colours. */
import type { App, Series } from "../app";
import { FEWEST, MOST, readBreaks, type Method } from "../plain/classify";
import { RAMPS, type Ramp } from "../plain/ramps";
import { wholePopulation, type Mode, type Per } from "../plain/series";
import { METHODS, plain, type Theme } from "../plain/theme";
import { groupWords, withSeries } from "./areas";
import { button, choice, element, group, note, numberBox, problem, row, textBox, tick } from "./controls";

/** What is chosen here is told by a part of a theme. */
export type Changed = (part: Partial<Theme>) => void;

/** What is mapped. */
export function subject(app: App, series: Series, theme: Theme, changed: Changed): HTMLElement {
  const layers = withSeries(app), first = series.periods[0]!;
  const fields = Object.entries(series.fields).filter(([id]) => id in series.values).map(([id, { title }]): [string, string] => [id, title]);
  const modes: [Mode, string][] = [["value", "Number in the year"], ["change", `Change since ${first}`], ["change-pct", `Change since ${first}, in percent`]];
  const pers: [Per, string][] = [["none", "Nothing: plain counts"], ["area", "Area: per hectare"], ["population", "Population: percent of all persons"]];
  const whole = theme.field === wholePopulation(series); // all persons are always 100 % of all persons
  return group("What to map",
    layers.length > 1 ? choice("Layer", layers, series.layer, (layer) => changed({ layer, group: "", field: "", area: null })).box : null,
    choice("Areas", series.groups.map((one) => [one, groupWords(one)]), series.group, (one) => changed({ group: one, area: null })).box,
    choice("Number of", fields, theme.field, (field) => changed({ field })).box,
    choice("Show", modes, theme.mode, (mode) => changed({ mode: mode as Mode })).box,
    choice("Divide by", pers.filter(([per]) => !(whole && per === "population")), theme.per, (per) => changed({ per: per as Per })).box);
}

export interface YearControls { box: HTMLElement; set(year: number): void; close(): void }

/** A slider with buttons and a box to type into, and a player that stays still where less motion is wished. */
export function yearControls(periods: number[], year: number, changed: (year: number) => void): YearControls {
  const first = periods[0]!, last = periods[periods.length - 1]!, step = periods.length > 1 ? periods[1]! - first : 1;
  const slider = element("input", { type: "range", min: String(first), max: String(last), step: String(step), value: String(year) });
  slider.setAttribute("aria-label", "Year slider");
  const typed = numberBox("Type a year", year, [first, last, step], (value) => go(value));
  let now = year, timer = 0;
  const set = (value: number): void => {
    now = value;
    slider.value = String(value); typed.control.value = String(value);
    slider.setAttribute("aria-valuetext", String(value));
    before.disabled = value <= first; after.disabled = value >= last;
  };
  const go = (value: number): void => { const to = Math.min(last, Math.max(first, value)); set(to); changed(to); };
  const stop = (): void => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
  const before = button("−", () => { stop(); go(now - step); }, true), after = button("+", () => { stop(); go(now + step); }, true);
  before.setAttribute("aria-label", "Year before");
  after.setAttribute("aria-label", "Year after");
  const play = button("Play", () => {
    if (timer) { stop(); return; }
    go(now >= last ? first : now + step);
    play.textContent = "Pause";
    timer = window.setInterval(() => { if (now >= last) stop(); else go(now + step); }, 1200);
  }, true);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  play.disabled = still;
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  set(year);
  return { box: group("Year", row(before, slider, after), row(typed.box, play),
                      still ? note("Playing is off, because this device asks for less motion. Use + and −.") : null), set, close: stop };
}

/** How values are put into classes. A teacher can lock it, so that a whole class sees the same. */
export function classControls(theme: Theme, breaks: number[], locked: boolean, changed: Changed): HTMLElement {
  const wrong = problem();
  const asManual = breaks.length >= FEWEST - 1 ? breaks.map((value) => Number(value.toPrecision(4))) : [10, 20];
  const method = choice("Method", METHODS, theme.method, (value) =>
    changed(value === "manual" ? { method: "manual", manual: asManual } : { method: value as Method }));
  const counts = Array.from({ length: MOST - FEWEST + 1 }, (_, i): [string, string] => [String(FEWEST + i), String(FEWEST + i)]);
  const count = choice("Number of classes", counts, String(theme.count), (value) => changed({ count: Number(value) }));
  const manual = textBox("Breaks", theme.manual.join(", "), (text) => {
    const read = readBreaks(text);
    if (typeof read === "string") { wrong.tell([read]); return; }
    wrong.tell([]);
    changed({ manual: read });
  }, `The upper end of each class but the last. Now: ${breaks.map(plain).join(", ") || "none"}.`);
  const steady = tick("Same classes in every year", theme.steady, (value) => changed({ steady: value }));
  const ramp = choice("Colours", Object.entries(RAMPS), theme.ramp, (value) => changed({ ramp: value as Ramp }));
  for (const { control } of [method, count, manual, steady]) control.disabled = locked;
  return group("Classes", locked ? note("Your teacher has set the classes of this map.") : null, method.box,
    theme.method === "manual" ? manual.box : count.box, wrong, steady.box, ramp.box);
}
