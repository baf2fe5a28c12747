/** What a thematic map shows, as the keys of the map's address: th, yr, cl, nm, ramp and ta. */
import { FEWEST, MOST, readBreaks, type Method } from "./classify";
import { RAMPS, type Ramp } from "./ramps";
import type { Mode, Per } from "./series";

export interface Theme {
  layer: string; group: string; field: string; mode: Mode; year: number | null;
  method: Method; count: number; manual: number[];
  /** Classes are made of the values of every year, so that a colour means the same in each; else of the year that is shown. */
  steady: boolean;
  per: Per; ramp: Ramp; area: string | null;
}

export const KEYS = ["th", "yr", "cl", "nm", "ramp", "ta"];
export const METHODS: [Method, string][] = [["equal", "Equal steps (equal interval)"], ["quantile", "As many areas in each class (quantile)"],
  ["natural", "Natural breaks (Jenks)"], ["manual", "My own breaks (manual)"]];
const MODES: Mode[] = ["value", "change", "change-pct"], PERS: Per[] = ["none", "area", "population"];

const oneOf = <T extends string>(value: string | null | undefined, known: readonly T[], otherwise: T): T =>
  known.find((one) => one === value) ?? otherwise;

/** The theme of an address. What cannot be read is as it would be when nothing is said. */
export function readTheme(get: (key: string) => string | null): Theme {
  const [layer, group, field, mode] = (get("th") ?? "").split(":");
  const [method, numbers, only] = (get("cl") ?? "").split(":");
  const year = Number(get("yr")), count = Number(numbers), manual = readBreaks(numbers ?? "");
  return {
    layer: layer ?? "", group: group ?? "", field: field ?? "", mode: oneOf(mode, MODES, "value"),
    year: Number.isInteger(year) && year > 0 ? year : null,
    method: method === "manual" && typeof manual === "string" ? "natural" : oneOf(method, METHODS.map(([key]) => key), "natural"),
    count: Number.isInteger(count) && count >= FEWEST && count <= MOST ? count : 5,
    manual: typeof manual === "string" ? [] : manual, steady: only !== "year",
    per: oneOf(get("nm"), PERS, "none"), ramp: oneOf(get("ramp"), Object.keys(RAMPS) as Ramp[], "blue"), area: get("ta"),
  };
}

/** The keys that say a theme. */
export function writeTheme(theme: Theme): Record<string, string | null> {
  const numbers = theme.method === "manual" ? theme.manual.join() : String(theme.count);
  return { th: [theme.layer, theme.group, theme.field, theme.mode].join(":"), yr: theme.year === null ? null : String(theme.year),
           cl: `${theme.method}:${numbers}${theme.steady ? "" : ":year"}`, nm: theme.per, ramp: theme.ramp, ta: theme.area };
}

/** A number as it is read: whole from a hundred up, else to two places. */
export function plain(value: number | null): string {
  if (value === null) return "no number";
  const places = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString("en-GB", { minimumFractionDigits: 0, maximumFractionDigits: places });
}

/** The same with its sign, for changes. */
export const signed = (value: number | null): string => (value !== null && value > 0 ? `+${plain(value)}` : plain(value).replace(/^-/, "−"));

/** Each class in words: "3 to 10", "over 10 to 20", "over 20 to 40"; "up to 10" and "over 20" where no value lies in an end class. */
export function ranges(breaks: number[], lowest: number, highest: number, unit = ""): string[] {
  const tail = unit === "percent" ? " %" : "", last = breaks.length - 1;
  if (last < 0) return [lowest === highest ? `${plain(lowest)}${tail}` : `${plain(lowest)} to ${plain(highest)}${tail}`];
  const between = breaks.slice(1).map((to, i) => `over ${plain(breaks[i]!)} to ${plain(to)}${tail}`);
  return [`${lowest <= breaks[0]! ? plain(lowest) + " " : "up "}to ${plain(breaks[0]!)}${tail}`, ...between,
          `over ${plain(breaks[last]!)}${highest > breaks[last]! ? ` to ${plain(highest)}` : ""}${tail}`];
}
