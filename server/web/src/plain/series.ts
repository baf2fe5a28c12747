/** Arithmetic of areas through time. A suppressed value is null, and whatever is reckoned from it is null too: never nought. */

export type Value = number | null;
export type Mode = "value" | "change" | "change-pct";
export type Per = "none" | "area" | "population";

export interface Area { id: string; name: string; parent: string | null; area_ha: number | null }

/** `/collections/{id}/series`: for each field, for each area, for each period; null where it is suppressed. */
export interface Series {
  layer: string; title: string; base_year: number | null; area: string; period: string; periods: number[]; group: string;
  groups: string[]; areas: Area[]; fields: Record<string, { title: string; unit: string | null }>; values: Record<string, Value[][]>;
}

export const change = (first: Value, last: Value): Value => (first === null || last === null ? null : last - first);

/** Percent of the first value; null where that is nought, since nothing can be a percent of nothing. */
export const percent = (first: Value, last: Value): Value =>
  first === null || last === null || first === 0 ? null : ((last - first) * 100) / first;

/** So many in each hectare. */
export const perHectare = (value: Value, hectares: Value): Value =>
  value === null || hectares === null || hectares <= 0 ? null : value / hectares;

/** So many of each 100 persons who live in the area. */
export const perHundred = (value: Value, persons: Value): Value =>
  value === null || persons === null || persons <= 0 ? null : (value * 100) / persons;

/** The field that counts all persons of an area, among those that a series has: what "by population" divides by. */
export function wholePopulation(series: Series): string | null {
  return ["persons", "p_all"].find((field) => field in series.values) ?? null;
}

export interface Asked { field: string; year: number; mode: Mode; per: Per }

/** The value of each area that a theme maps, in the order of series.areas. Change is from the first period; it is reckoned of
 *  what is mapped, so a change per hectare is the difference of two densities. */
export function mapped(series: Series, asked: Asked): Value[] {
  const at = series.periods.indexOf(asked.year);
  const value = (area: number, period: number): Value => normal(series, asked, area, period);
  return series.areas.map((_, area) => {
    if (at < 0) return null;
    if (asked.mode === "value") return value(area, at);
    return (asked.mode === "change" ? change : percent)(value(area, 0), value(area, at));
  });
}

function normal(series: Series, { field, per }: Asked, area: number, period: number): Value {
  const raw = series.values[field]?.[area]?.[period] ?? null;
  if (per === "area") return perHectare(raw, series.areas[area]?.area_ha ?? null);
  if (per === "none") return raw;
  const all = wholePopulation(series);
  return perHundred(raw, all ? (series.values[all]?.[area]?.[period] ?? null) : null);
}

/** Values of every period together: classes made of these stay the same while the year moves. */
export function everyYear(series: Series, asked: Omit<Asked, "year">): Value[] {
  const periods = asked.mode === "value" ? series.periods : series.periods.slice(1);
  return periods.flatMap((year) => mapped(series, { ...asked, year }));
}

/** What the mapped number is of, in words: "persons per hectare", "percent of all persons". */
export function unitOf(series: Series, { field, mode, per }: Omit<Asked, "year">): string {
  if (mode === "change-pct") return "percent";
  const unit = series.fields[field]?.unit ?? "";
  if (per === "area") return `${unit} per hectare`.trim();
  if (per === "population") return mode === "change" ? "percentage points" : "percent of all persons";
  return unit;
}

/** Whether counts are mapped as they are: large areas then look important because they are large. */
export const rawCounts = ({ mode, per }: Pick<Asked, "mode" | "per">): boolean => per === "none" && mode !== "change-pct";

/** Areas with their values, highest first; suppressed ones are left out. */
export function ranked(series: Series, values: Value[]): { area: Area; value: number; rank: number }[] {
  const rows = series.areas.flatMap((area, i) => (values[i] === null || values[i] === undefined ? [] : [{ area, value: values[i]! }]));
  rows.sort((a, b) => b.value - a.value || a.area.name.localeCompare(b.area.name));
  return rows.map((row) => ({ ...row, rank: 1 + rows.findIndex((other) => other.value === row.value) }));
}
