import { expect, test } from "vitest";
import { sentence } from "./sentence";

test("the sentence says how far the map reaches, around which square, and how many of what", () => {
  const layers = [{ title: "Schools", count: 1 }, { title: "Trees", count: 2_413 }];
  expect(sentence({ across: 6_240, up: 850, square: "SU 47 29", layers }))
    .toBe("The map shows 6.2 km across and 850 m up, around grid square SU 47 29. Over the base map: Schools (1) and Trees (2,413).");
});

test("it says no square where that is hidden, and no count before it is known", () => {
  expect(sentence({ across: 12_400, up: 9_000, square: null, layers: [{ title: "Schools", count: null }] }))
    .toBe("The map shows 12 km across and 9 km up. Over the base map: Schools.");
});

test("of many layers it names three", () => {
  const layers = ["A", "B", "C", "D", "E"].map((title) => ({ title, count: null }));
  expect(sentence({ across: 1_000, up: 1_000, square: null, layers })).toContain("Over the base map: A, B, C and 2 more layers.");
});
