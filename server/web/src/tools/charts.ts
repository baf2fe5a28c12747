/** Charts as SVG, made element by element: the policy of the page allows no inline style, and every chart has a table beside it. */
import { svg } from "../dom";
import { ticks, type Bin } from "../plain/histogram";
import type { Band } from "../plain/pyramid";
import type { Value } from "../plain/series";
import { plain } from "../plain/theme";

/** A drawing with its name and what it shows in a sentence, for those who listen. */
function picture(width: number, height: number, name: string, ...children: Node[]): SVGElement {
  const made = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "tool-chart", role: "img", "aria-label": name }, ...children);
  return made;
}

const label = (x: number, y: number, text: string, anchor = "middle"): SVGElement => svg("text", { x, y, "text-anchor": anchor }, text);
const rule = (x1: number, y1: number, x2: number, y2: number, kind = "grid"): SVGElement => svg("line", { x1, y1, x2, y2, class: `tool-chart-${kind}` });

/** A line through time; a gap where a number is suppressed. The axis begins at nought unless that would hide the line. */
export function lineChart(name: string, periods: number[], values: Value[]): SVGElement {
  const [width, height, left, bottom, top] = [320, 170, 52, 22, 10];
  const known = values.filter((value): value is number => value !== null);
  const lowest = Math.min(...known), highest = Math.max(...known), span = highest - lowest;
  const low = lowest >= 0 && span > highest / 3 ? 0 : lowest - span * 0.1, marks = ticks(low, highest + (span === 0 ? Math.abs(highest) * 0.1 || 1 : 0), 4);
  const [from, to] = [marks[0]!, marks[marks.length - 1]!];
  const x = (i: number): number => left + 12 + ((width - left - 24) * i) / Math.max(1, periods.length - 1);
  const y = (value: number): number => height - bottom - ((height - bottom - top) * (value - from)) / (to - from || 1);
  const path = values.map((value, i) => (value === null ? "" : `${i === 0 || values[i - 1] === null ? "M" : "L"}${x(i)},${y(value)}`)).join("");
  return picture(width, height, name,
    ...marks.flatMap((mark) => [rule(left, y(mark), width - 4, y(mark)), label(left - 6, y(mark) + 4, plain(mark), "end")]),
    ...periods.flatMap((period, i) => (dated(i, periods.length) ? [label(x(i), height - 6, String(period))] : [])),
    svg("path", { d: path, class: "tool-chart-line" }),
    ...values.flatMap((value, i) => (value === null ? [] : [svg("circle", { cx: x(i), cy: y(value), r: 4, class: "tool-chart-dot" })])));
}

/** Which periods are written under the axis: about five, and always the last. */
function dated(i: number, count: number): boolean {
  const step = Math.ceil(count / 5);
  return i === count - 1 || (i % step === 0 && count - 1 - i >= step);
}

/** How many areas have which value, with the breaks of the classes as upright lines. */
export function histogramChart(name: string, bins: Bin[], breaks: number[]): SVGElement {
  const [width, height, left, bottom, top] = [320, 150, 30, 24, 10];
  if (!bins.length) return picture(width, 20, name);
  const most = Math.max(...bins.map(({ count }) => count)), marks = ticks(0, most, 3).filter(Number.isInteger);
  const from = Math.min(bins[0]!.from, ...breaks), to = Math.max(bins[bins.length - 1]!.to, ...breaks);
  const x = (value: number): number => left + ((width - left - 26) * (value - from)) / (to - from || 1);
  const y = (count: number): number => height - bottom - ((height - bottom - top) * count) / (marks[marks.length - 1] || 1);
  const seen = ticks(from, to, 4).filter((tick) => tick >= from && tick <= to);
  return picture(width, height, name,
    ...marks.flatMap((mark) => [rule(left, y(mark), width - 4, y(mark)), label(left - 5, y(mark) + 4, String(mark), "end")]),
    ...bins.map((bin) => svg("rect", { x: x(bin.from) + 0.5, y: y(bin.count), width: Math.max(2, x(bin.to) - x(bin.from) - 1),
                                       height: y(0) - y(bin.count), class: "tool-chart-bar" })),
    ...seen.map((tick) => label(x(tick), height - 7, plain(tick))),
    ...breaks.map((value) => rule(x(value), top - 6, x(value), height - bottom + 4, "break")));
}

/** Males to the left, females to the right, the youngest at the bottom, a dash where a number is suppressed. `most` is the end of
 *  the scale, so that several can be compared. */
export function pyramidChart(name: string, bands: Band[], most: number, unit: string): SVGElement {
  const [width, row, middle, top] = [320, 11, 78, 18], half = (width - middle) / 2, height = top + bands.length * row + 24;
  const marks = ticks(0, most, 3), end = marks[marks.length - 1] || 1;
  const long = (value: Value): number => ((half - 8) * (value ?? 0)) / end;
  const [left, right] = [half, half + middle];
  return picture(width, height, name,
    label(left / 2, 11, "Males"), label(width / 2, 11, "Age"), label(right + half / 2, 11, "Females"),
    ...marks.flatMap((mark) => {
      const [west, east, words] = [left - long(mark), right + long(mark), plain(mark) + unit];
      const written = label(west, height - 9, words, mark === end ? "start" : "middle");
      const again = mark === 0 ? [] : [label(east, height - 9, words, mark === end ? "end" : "middle")];
      return [rule(west, top, west, height - 22), rule(east, top, east, height - 22), written, ...again];
    }),
    ...bands.flatMap((band, i) => {
      const y = height - 24 - (i + 1) * row, each = { y: y + 1, height: row - 2 };
      return [svg("rect", { ...each, x: left - long(band.males), width: long(band.males), class: "tool-chart-males" }),
              svg("rect", { ...each, x: right, width: long(band.females), class: "tool-chart-females" }),
              ...(band.males === null ? [label(left - 5, y + row - 2, "–")] : []), ...(band.females === null ? [label(right + 5, y + row - 2, "–")] : []),
              label(width / 2, y + row - 2, band.label)];
    }));
}
