/** The numbers of a population pyramid, from fields named f_00_04 … f_90_plus and m_00_04 … m_90_plus. */
import type { Series, Value } from "./series";

export interface Band { label: string; from: number; females: Value; males: Value }

/** The bands of age that a series has for both sexes, youngest first; empty where it has none (by sex is from ward up). */
export function bandsOf(series: Series): { label: string; from: number; suffix: string }[] {
  const names = Object.keys(series.values);
  return names.flatMap((name) => {
    const match = /^f_(\d\d)_(\d\d|plus)$/.exec(name);
    if (!match || !names.includes(`m${name.slice(1)}`)) return [];
    const from = Number(match[1]);
    return [{ from, suffix: name.slice(2), label: match[2] === "plus" ? `${from} and over` : `${from} to ${Number(match[2])}` }];
  }).sort((a, b) => a.from - b.from);
}

/** Females and males of each band in one area and year. Suppressed numbers are null. */
export function pyramid(series: Series, area: string, year: number): Band[] {
  const row = series.areas.findIndex((one) => one.id === area), period = series.periods.indexOf(year);
  const value = (field: string): Value => series.values[field]?.[row]?.[period] ?? null;
  return bandsOf(series).map(({ suffix, ...band }) => ({ ...band, females: value(`f_${suffix}`), males: value(`m_${suffix}`) }));
}

/** The largest number of pyramids, so that several are drawn to one scale. */
export function largest(...pyramids: Band[][]): number {
  return Math.max(0, ...pyramids.flat().flatMap(({ females, males }) => [females ?? 0, males ?? 0]));
}

/** Each band as a percent of all persons of its pyramid, so that a large and a small area can be compared. */
export function shares(bands: Band[]): Band[] {
  const total = bands.reduce((sum, { females, males }) => sum + (females ?? 0) + (males ?? 0), 0);
  const share = (value: Value): Value => (value === null || total === 0 ? null : (value / total) * 100);
  return bands.map((band) => ({ ...band, females: share(band.females), males: share(band.males) }));
}
