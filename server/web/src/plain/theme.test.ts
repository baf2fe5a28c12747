import fc from "fast-check";
import { expect, test } from "vitest";
import { METHODS, plain, ranges, readTheme, signed, writeTheme, type Theme } from "./theme";

const id = fc.stringMatching(/^[a-z][a-z_0-9]{0,12}$/);
const theme: fc.Arbitrary<Theme> = fc.record({
  layer: id, group: id, field: id, mode: fc.constantFrom("value", "change", "change-pct"), year: fc.integer({ min: 1990, max: 2100 }),
  method: fc.constantFrom("equal", "quantile", "natural"), count: fc.integer({ min: 3, max: 7 }), manual: fc.constant([]), steady: fc.boolean(),
  per: fc.constantFrom("none", "area", "population"), ramp: fc.constantFrom("blue", "red", "hatch"), area: fc.option(id, { nil: null }),
});

const again = (keys: Record<string, string | null>): Theme => readTheme((key) => keys[key] ?? null);

test("a link brings the same theme back", () => {
  fc.assert(fc.property(theme, (one) => { expect(again(writeTheme(one))).toEqual({ ...one, manual: again(writeTheme(one)).manual }); }));
});
test("breaks that were typed come back", () => {
  const one = again({ th: "population_forecasts:ward:persons:change-pct", cl: "manual:-5,0,12.5:year" });
  expect([one.method, one.manual, one.steady]).toEqual(["manual", [-5, 0, 12.5], false]);
  expect(again(writeTheme(one))).toEqual(one);
});
test("an address with nonsense is read as if it said nothing", () => {
  const one = again({ th: "x", yr: "soon", cl: "best:99", nm: "cheese", ramp: "pink" });
  expect([one.mode, one.year, one.method, one.count, one.per, one.ramp]).toEqual(["value", null, "natural", 5, "none", "blue"]);
  expect(again({ cl: "manual:1,x" }).method).toBe("natural");
});
test("every method has its words", () => expect(METHODS.map(([key]) => key)).toEqual(["equal", "quantile", "natural", "manual"]));
test("numbers are whole from a hundred up, and a missing one is no nought", () => {
  expect([plain(1234.5), plain(12.346), plain(0.1234), plain(5), plain(null), signed(3), signed(-1500), signed(null)])
    .toEqual(["1,235", "12.35", "0.12", "5", "no number", "+3", "−1,500", "no number"]);
});
test("classes are told without gap or overlap", () => {
  expect(ranges([10, 20], 3, 40, "percent")).toEqual(["3 to 10 %", "over 10 to 20 %", "over 20 to 40 %"]);
  expect(ranges([10, 20], 12, 15)).toEqual(["up to 10", "over 10 to 20", "over 20"]);
  expect([ranges([], 7, 7), ranges([], 7, 9)]).toEqual([["7"], ["7 to 9"]]);
});
