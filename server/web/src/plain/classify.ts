/** How values are put into classes for a map.
 *
 *  Breaks are the upper ends of all classes but the last, rising. Class k holds the values over break k-1 and up to break k,
 *  so a value on a break belongs to the class below it. Suppressed values are null, and in no class. */

export type Method = "equal" | "quantile" | "natural" | "manual";
export const FEWEST = 3, MOST = 7;

export interface Classes { method: Method; breaks: number[]; lowest: number; highest: number }

/** The classes of values. There are fewer than wanted where there are fewer different values; null where there is none. */
export function classify(values: (number | null)[], method: Method, wanted: number, manual: number[] = []): Classes | null {
  const sorted = values.filter((value): value is number => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
  if (!sorted.length) return null;
  const count = Math.min(MOST, Math.max(FEWEST, Math.round(wanted)));
  const lowest = sorted[0]!, highest = sorted[sorted.length - 1]!;
  const breaks = { equal: () => equal(lowest, highest, count), quantile: () => quantile(sorted, count),
                   natural: () => natural(sorted, count), manual: () => manual }[method]();
  return { method, breaks: rising(breaks, method === "manual" ? Infinity : highest), lowest, highest };
}

/** The class of a value, from 0; null for a suppressed one. */
export function classOf(value: number | null, breaks: number[]): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  let at = 0;
  while (at < breaks.length && value > breaks[at]!) at++;
  return at;
}

function rising(breaks: number[], below: number): number[] {
  const finite = breaks.filter((value) => Number.isFinite(value) && value < below);
  return [...new Set(finite)].sort((a, b) => a - b).slice(0, MOST - 1);
}

/** Steps of the same width between the lowest and the highest value. */
export function equal(lowest: number, highest: number, count: number): number[] {
  return Array.from({ length: count - 1 }, (_, i) => lowest + ((highest - lowest) * (i + 1)) / count);
}

/** As many values in each class as can be; equal values are never parted. */
export function quantile(sorted: number[], count: number): number[] {
  return Array.from({ length: count - 1 }, (_, i) => sorted[Math.ceil((sorted.length * (i + 1)) / count) - 1]!);
}

/** Natural breaks: the classes whose values differ least from the means of their classes (Fisher 1958, Jenks 1967), exactly.
 *  The sum of squares within classes is the least possible. Time grows with the square of the number of different values. */
export function natural(sorted: number[], count: number): number[] {
  const { values, weights } = distinct(sorted);
  if (values.length <= count) return values.slice(0, -1);
  const cost = spread(values, weights);
  let least = values.map((_, i) => cost(0, i));
  const starts: number[][] = [];
  for (let k = 1; k < count; k++) {
    const [next, start] = addClass(least, cost, k);
    starts.push(start);
    least = next;
  }
  const breaks: number[] = [];
  for (let k = count - 2, end = values.length - 1; k >= 0; k--) {
    const start = starts[k]![end]!;
    breaks.unshift(values[start - 1]!);
    end = start - 1;
  }
  return breaks;
}

type Cost = (from: number, to: number) => number;

/** The least cost of one class more, and where that class begins, for the values up to each. */
function addClass(least: number[], cost: Cost, k: number): [number[], number[]] {
  const next = least.map(() => Infinity), start = least.map(() => k);
  for (let end = k; end < least.length; end++) {
    for (let from = k; from <= end; from++) {
      const sum = least[from - 1]! + cost(from, end);
      if (sum < next[end]!) { next[end] = sum; start[end] = from; }
    }
  }
  return [next, start];
}

function distinct(sorted: number[]): { values: number[]; weights: number[] } {
  const values: number[] = [], weights: number[] = [];
  for (const value of sorted) {
    if (values[values.length - 1] === value) weights[weights.length - 1]!++;
    else { values.push(value); weights.push(1); }
  }
  return { values, weights };
}

/** The sum of squared differences from the mean, of values from one place to another, from running sums. */
function spread(values: number[], weights: number[]): Cost {
  const middle = values[values.length >> 1]!; // sums about a middle value lose fewer digits
  const w = [0], s = [0], q = [0];
  values.forEach((value, i) => {
    const v = value - middle, n = weights[i]!;
    w.push(w[i]! + n); s.push(s[i]! + n * v); q.push(q[i]! + n * v * v);
  });
  return (from, to) => {
    const n = w[to + 1]! - w[from]!, sum = s[to + 1]! - s[from]!;
    return Math.max(0, q[to + 1]! - q[from]! - (sum * sum) / n);
  };
}

/** Goodness of variance fit: 1 when the classes say all that the values do, 0 when they say nothing. */
export function fit(values: (number | null)[], breaks: number[]): number {
  const groups: number[][] = Array.from({ length: breaks.length + 1 }, () => []);
  const all: number[] = [];
  for (const value of values) {
    const at = classOf(value, breaks);
    if (at !== null) { groups[at]!.push(value!); all.push(value!); }
  }
  const total = squares(all);
  return total === 0 ? 1 : 1 - groups.reduce((sum, group) => sum + squares(group), 0) / total;
}

function squares(values: number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / (values.length || 1);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/** Breaks typed by a person, as "10, 20, 30"; or the sentence that says what is wrong with them. */
export function readBreaks(text: string): number[] | string {
  const parts = text.split(/[,;\s]+/).filter(Boolean);
  const numbers = parts.map(Number);
  const bad = parts.filter((_, i) => !Number.isFinite(numbers[i]!));
  if (bad.length) return `Not a number: ${bad.join(", ")}. Write breaks as numbers with commas between, such as 10, 20, 30.`;
  if (numbers.length < FEWEST - 1 || numbers.length > MOST - 1)
    return `Type ${FEWEST - 1} to ${MOST - 1} breaks, which make ${FEWEST} to ${MOST} classes. There are ${numbers.length}.`;
  if (numbers.some((value, i) => i > 0 && value <= numbers[i - 1]!)) return "Each break must be higher than the one before it.";
  return numbers;
}
