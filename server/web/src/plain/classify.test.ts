import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify, classOf, fit, readBreaks, type Method } from "./classify";

const values = fc.array(fc.option(fc.integer({ min: -50, max: 50 }), { nil: null }), { maxLength: 14 });
const method = fc.constantFrom<Method>("equal", "quantile", "natural");
const count = fc.integer({ min: 3, max: 7 });

describe("every method", () => {
  test("puts each value in exactly one class, no suppressed value in any, and makes no more classes than wanted", () => {
    fc.assert(fc.property(values, method, count, (list, how, wanted) => {
      const classes = classify(list, how, wanted);
      if (!classes) { expect(list.every((value) => value === null)).toBe(true); return; }
      expect(classes.breaks.length).toBeLessThan(wanted);
      for (const value of list) {
        const at = classOf(value, classes.breaks);
        if (value === null) { expect(at).toBeNull(); continue; }
        expect(value).toBeLessThanOrEqual(classes.breaks[at!] ?? classes.highest);
        expect(value).toBeGreaterThan(at ? classes.breaks[at - 1]! : -Infinity);
      }
    }));
  });
  test("has breaks that rise and lie under the highest value", () => {
    fc.assert(fc.property(values, method, count, (list, how, wanted) => {
      const classes = classify(list, how, wanted);
      const edges = [...(classes?.breaks ?? []), classes?.highest ?? 0];
      expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)).toBe(true);
    }));
  });
  test("has one class for values that are all the same, and none for no values", () => {
    for (const how of ["equal", "quantile", "natural"] as const) {
      expect(classify([7, 7, null, 7], how, 5)!.breaks).toEqual([]);
      expect(classify([null, null], how, 5)).toBeNull();
    }
  });
});

test("equal interval divides the range", () => expect(classify([0, 3, 100], "equal", 4)!.breaks).toEqual([25, 50, 75]));
test("quantile puts as many in each class", () => {
  expect(classify([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "quantile", 4)!.breaks).toEqual([3, 6, 9]);
});
test("quantile never parts equal values", () => expect(classify([1, 1, 1, 1, 1, 2, 3, 4], "quantile", 4)!.breaks).toEqual([1, 2]));

describe("natural breaks", () => {
  test("finds the gaps", () => expect(classify([1, 2, 3, 50, 51, 52, 99, 100], "natural", 3)!.breaks).toEqual([3, 52]));
  test("no other breaks fit the values better (every choice tried)", () => {
    fc.assert(fc.property(values, fc.integer({ min: 3, max: 4 }), (list, wanted) => {
      const classes = classify(list, "natural", wanted);
      if (!classes) return;
      const distinct = [...new Set(list.filter((value): value is number => value !== null))].sort((a, b) => a - b);
      const best = Math.max(...choices(distinct.slice(0, -1), Math.min(wanted, distinct.length) - 1).map((breaks) => fit(list, breaks)));
      expect(fit(list, classes.breaks)).toBeCloseTo(best, 9);
    }));
  });
  test("holds for large values that differ little", () => {
    expect(classify([1e9 + 1, 1e9 + 2, 1e9 + 9, 1e9 + 10, 1e9 + 20], "natural", 3)!.breaks).toEqual([1e9 + 2, 1e9 + 10]);
  });
});

function choices(of: number[], size: number): number[][] {
  if (size <= 0) return [[]];
  return of.flatMap((first, i) => choices(of.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}

describe("breaks that are typed", () => {
  test("are read with commas, semicolons or spaces", () => expect(readBreaks("10, 20;30 40.5")).toEqual([10, 20, 30, 40.5]));
  test.each([["10, x, 30", /Not a number: x/], ["10", /2 to 6 breaks/], ["1 2 3 4 5 6 7", /There are 7/], ["10, 10", /higher/], ["", /There are 0/]])(
    "%j is told what is wrong", (text, sentence) => expect(readBreaks(text)).toMatch(sentence));
  test("may lie outside the values", () => expect(classify([5, 6], "manual", 3, [1, 2, 3])!.breaks).toEqual([1, 2, 3]));
});
