/** How many values fall into bins of one width. */

export interface Bin { from: number; to: number; count: number }

/** Bins of one round width from the lowest value to the highest; the last holds its upper end. Null values are not counted. */
export function histogram(values: (number | null)[], wanted = 16): Bin[] {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (!known.length) return [];
  const lowest = Math.min(...known), highest = Math.max(...known);
  if (lowest === highest) return [{ from: lowest, to: highest, count: known.length }];
  const width = roundStep((highest - lowest) / wanted);
  const first = Math.floor(lowest / width);
  const bins = Array.from({ length: Math.max(1, Math.ceil(highest / width - first)) }, (_, i) => ({
    from: tidy((first + i) * width, width), to: tidy((first + i + 1) * width, width), count: 0 }));
  for (const value of known) bins[Math.min(bins.length - 1, Math.max(0, Math.floor(value / width) - first))]!.count++;
  return bins;
}

/** The smallest of 1, 2, 5 times a power of ten that is not under a step. */
export function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= step * (1 - 1e-9))!;
}

/** Round numbers from at or under the lowest to at or over the highest, for an axis. */
export function ticks(lowest: number, highest: number, wanted = 5): number[] {
  if (!(highest > lowest)) return [lowest];
  const step = roundStep((highest - lowest) / wanted);
  const out: number[] = [];
  for (let i = Math.floor(lowest / step + 1e-9); i * step < highest + step * (1 - 1e-9); i++) out.push(tidy(i * step, step));
  return out;
}

function tidy(value: number, step: number): number {
  return Number(value.toFixed(Math.max(0, 1 - Math.floor(Math.log10(step)))));
}
