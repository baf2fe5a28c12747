import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { area, bearing, compass, distance, foot, length, metres, squareMetres, within, type Point } from "./plane";

const square: Point[] = [[462000, 103000], [463000, 103000], [463000, 104000], [462000, 104000]];
const point = fc.tuple(fc.integer({ min: 400000, max: 500000 }), fc.integer({ min: 80000, max: 170000 })) as fc.Arbitrary<Point>;

describe("lengths and areas on the National Grid", () => {
  test("a square kilometre has 1,000,000 square metres, whichever way round its ring runs, closed or not", () => {
    expect(area(square)).toBe(1e6);
    expect(area([...square].reverse())).toBe(1e6);
    expect(area([...square, square[0]!])).toBe(1e6);
  });
  test("three sides of it are 3 km long", () => expect(length(square)).toBe(3000));
  test("an area does not change when it is moved", () => {
    fc.assert(fc.property(fc.array(point, { minLength: 3, maxLength: 8 }), (ring) => {
      const moved = ring.map(([e, n]) => [e - 400000, n - 80000] as Point);
      expect(area(moved)).toBeCloseTo(area(ring), 3);
    }));
  });
  test("lengths are told in metres up to 1.5 km, areas in square metres, hectares or square kilometres", () => {
    expect([metres(1234.4), metres(1500), squareMetres(950), squareMetres(123456), squareMetres(4.2e6)])
      .toEqual(["1,234 m", "1.50 km", "950 m²", "12.35 ha", "4.20 km²"]);
  });
});

describe("bearings from grid north", () => {
  test.each([[[0, 1], 0], [[1, 1], 45], [[1, 0], 90], [[0, -1], 180], [[-1, 0], 270]] as [Point, number][])(
    "towards %s is %d degrees", (to, degrees) => expect(bearing([0, 0], to)).toBeCloseTo(degrees));
  test("there is none from a point to itself", () => expect(bearing([1, 1], [1, 1])).toBeNull());
  test("the way back is half a turn away", () => {
    fc.assert(fc.property(point, point, (a, b) => {
      fc.pre(distance(a, b) > 0);
      expect(Math.abs(bearing(a, b)! - bearing(b, a)!)).toBeCloseTo(180);
    }));
  });
  test("each of the eight compass points has its eighth of a turn", () => {
    expect([0, 22, 23, 181, 338, 359].map(compass)).toEqual(["north", "north", "north-east", "south", "north", "north"]);
  });
});

describe("the place on a line nearest to a point", () => {
  test("is in the middle of a segment where that is nearest", () => {
    expect(foot([[0, 0], [10, 0], [10, 10]], [4, 3])).toEqual({ segment: 0, along: 0.4, point: [4, 0], distance: 3 });
  });
  test("is never further than either end", () => {
    fc.assert(fc.property(point, point, point, (a, b, p) => {
      expect(foot([a, b], p)!.distance).toBeLessThanOrEqual(Math.min(distance(a, p), distance(b, p)) + 1e-6);
    }));
  });
});

test("a point in a hole is not within the polygon", () => {
  const hole: Point[] = [[462400, 103400], [462600, 103400], [462600, 103600], [462400, 103600]];
  expect([within([square, hole], [462500, 103500]), within([square, hole], [462100, 103500]), within([square], [461000, 103500])])
    .toEqual([false, true, false]);
});
