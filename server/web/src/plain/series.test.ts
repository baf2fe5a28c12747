import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bandsOf, largest, pyramid, shares } from "./pyramid";
import { change, everyYear, mapped, percent, perHectare, perHundred, ranked, rawCounts, unitOf, type Series } from "./series";

const series: Series = {
  layer: "population_forecasts", title: "Forecasts", base_year: 2023, area: "area_gss", period: "year", periods: [2023, 2024],
  group: "ward", groups: ["ward"],
  areas: [{ id: "E1", name: "Ash", parent: null, area_ha: 200 }, { id: "E2", name: "Birch", parent: null, area_ha: 0 },
          { id: "E3", name: "Cedar", parent: null, area_ha: 50 }],
  fields: { persons: { title: "Persons", unit: "persons" }, f_00_04: { title: "", unit: "persons" } },
  values: { persons: [[1000, 1100], [500, null], [0, 40]],
            f_00_04: [[20, 30], [null, 5], [0, 1]], m_00_04: [[25, 30], [6, 5], [0, 0]], f_90_plus: [[2, 3], [1, null], [0, 0]],
            m_90_plus: [[1, 1], [1, 1], [0, 0]], p_00_04: [[45, 60], [9, 10], [0, 1]] },
};

describe("a suppressed value", () => {
  test("is never made a number by any arithmetic", () => {
    fc.assert(fc.property(fc.integer(), (n) => {
      for (const made of [change, percent, perHectare, perHundred]) expect([made(null, n), made(n, null)]).toEqual([null, null]);
    }));
  });
  test("is no row of the ranking", () => {
    expect(ranked(series, [5, null, 9]).map(({ area, rank }) => [area.name, rank])).toEqual([["Cedar", 1], ["Ash", 2]]);
  });
});

test("nothing is a percent of nothing, nor so many per no hectare", () => {
  expect([percent(0, 40), perHectare(5, 0), perHundred(5, 0)]).toEqual([null, null, null]);
});

describe("what is mapped", () => {
  const asked = { field: "persons", year: 2024, mode: "value", per: "none" } as const;
  test("is the value of the year", () => expect(mapped(series, asked)).toEqual([1100, null, 40]));
  test("is the change since the first year", () => expect(mapped(series, { ...asked, mode: "change" })).toEqual([100, null, 40]));
  test("is the change in percent", () => expect(mapped(series, { ...asked, mode: "change-pct" })).toEqual([10, null, null]));
  test("is so many per hectare", () => expect(mapped(series, { ...asked, per: "area" })).toEqual([5.5, null, 0.8]));
  test("is so many of a hundred persons", () => {
    expect(mapped(series, { field: "p_00_04", year: 2023, mode: "value", per: "population" })).toEqual([4.5, 1.8, null]);
  });
  test("is nothing in a year that the series has not", () => expect(mapped(series, { ...asked, year: 1990 })).toEqual([null, null, null]));
  test("of every year together leaves the first out of a change", () => {
    expect(everyYear(series, asked)).toEqual([1000, 500, 0, 1100, null, 40]);
    expect(everyYear(series, { ...asked, mode: "change" })).toEqual([100, null, 40]);
  });
  test("has its unit in words, and a warning when it is a count", () => {
    expect([unitOf(series, { ...asked, per: "area" }), unitOf(series, { ...asked, mode: "change-pct" })]).toEqual(["persons per hectare", "percent"]);
    expect([rawCounts(asked), rawCounts({ mode: "change-pct", per: "none" }), rawCounts({ ...asked, per: "area" })]).toEqual([true, false, false]);
  });
});

describe("a pyramid", () => {
  test("has the bands that there are for both sexes, youngest first", () => {
    expect(bandsOf(series).map(({ label }) => label)).toEqual(["0 to 4", "90 and over"]);
  });
  test("keeps suppressed numbers apart from nought", () => {
    expect(pyramid(series, "E2", 2023)).toEqual([
      { from: 0, label: "0 to 4", females: null, males: 6 }, { from: 90, label: "90 and over", females: 1, males: 1 }]);
  });
  test("is drawn to the scale of the largest", () => expect(largest(pyramid(series, "E1", 2024), pyramid(series, "E2", 2024))).toBe(30));
  test("in percent sums to 100", () => {
    const sum = shares(pyramid(series, "E1", 2024)).reduce((all, { females, males }) => all + females! + males!, 0);
    expect(sum).toBeCloseTo(100);
  });
});
