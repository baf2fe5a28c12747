import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { against, broken, counted, gridOver, middle, reach, read as readConstraints, shade, squareAt, write as writeConstraints,
         type Constraint } from "./constraints";
import { geojson, read, readPoints, write, writePoints, type Item } from "./drawing";
import { distance, foot, within, type Point } from "./plane";
import { colours, hatches, ink, lightness } from "./ramps";

const point = fc.tuple(fc.integer({ min: 0, max: 699999 }), fc.integer({ min: 0, max: 1299999 })) as fc.Arbitrary<Point>;
const item: fc.Arbitrary<Item> = fc.record({ kind: fc.constantFrom("point", "line", "area", "text"), colour: fc.integer({ min: 0, max: 5 }),
  points: fc.array(point, { minLength: 3, maxLength: 6 }), text: fc.string({ maxLength: 20 }) });

describe("a drawing in the address", () => {
  test("comes back as it was drawn, whatever its words", () => {
    fc.assert(fc.property(fc.array(item, { maxLength: 5 }), (items) => { expect(read(write(items))).toEqual(items); }));
  });
  test("is short: a line of three points near each other takes 24 characters", () => {
    expect(write([{ kind: "line", colour: 1, points: [[462000, 103000], [462100, 103050], [462090, 102900]], text: "" }])).toBe("l19whc.27h4.2s.1e.-a.-46");
  });
  test("that is cut short still shows what is whole", () => {
    expect(read("p19whc.27h4;l19whc.27")).toHaveLength(1);
    expect(read("nonsense;p9zz;x")).toEqual([]);
  });
  test("is GeoJSON that names its grid, with areas closed", () => {
    const made = geojson([{ kind: "area", colour: 2, points: [[0, 0], [1, 0], [1, 1]], text: "pond" }]) as { crs: unknown; features: object[] };
    expect(made.crs).toEqual({ type: "name", properties: { name: "urn:ogc:def:crs:EPSG::27700" } });
    expect(made.features[0]).toEqual({ type: "Feature", id: 1, properties: { kind: "area", colour: "Red", text: "pond" },
      geometry: { type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] } });
  });
});

test("points of the address come back to the metre, and what is no point is left out", () => {
  fc.assert(fc.property(fc.array(point), (points) => { expect(readPoints(writePoints(points))).toEqual(points); }));
  expect(readPoints("1,2;x;3")).toEqual([[1, 2]]);
  expect(readPoints(null)).toEqual([]);
});

describe("the squares of the constraints", () => {
  const grid = gridOver([462010, 103010, 464000, 105000], 100);
  const ring: Point[] = [[462150, 103120], [463810, 103400], [463300, 104750], [462480, 104210], [462150, 103120]];
  test("lie on round coordinates and cover the box", () => expect(grid).toEqual({ west: 462000, south: 103000, size: 100, columns: 20, rows: 20 }));
  test("in a polygon are those whose middle is within it", () => {
    const mask = reach(grid, [{ type: "Polygon", coordinates: [ring] }], 0);
    expect([...mask].map(Boolean)).toEqual([...mask].map((_, i) => within([ring], middle(grid, i))));
  });
  test("near a line are those whose middle is within the distance", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 900 }), (metres) => {
      const mask = reach(grid, [{ type: "LineString", coordinates: ring }], metres);
      expect([...mask].map(Boolean)).toEqual([...mask].map((_, i) => foot(ring, middle(grid, i))!.distance <= metres));
    }), { numRuns: 20 });
  });
  test("near a point are those of a circle, also when it lies outside", () => {
    const mask = reach(grid, [{ type: "Point", coordinates: [461900, 104000] }], 500);
    expect([...mask].map(Boolean)).toEqual([...mask].map((_, i) => distance([461900, 104000], middle(grid, i)) <= 500));
  });
  test("are found again by their middle", () => expect(squareAt(grid, middle(grid, 137))).toBe(137));
  test("sum the weights of the rules that are broken there", () => {
    const rules: Constraint[] = [{ layer: "sinc", weight: 5, distance: 0, side: "away" }, { layer: "schools", weight: 2, distance: 900, side: "near" }];
    const masks = [Uint8Array.of(1, 0, 1, 0), Uint8Array.of(1, 1, 0, 0)];
    const sums = against(rules, masks, 4);
    expect([...sums]).toEqual([5, 0, 7, 2]);
    expect([...sums].map((sum) => shade(sum, 7))).toEqual([3, 0, 4, 2]);
    expect(counted(sums, 7, Uint8Array.of(1, 1, 1, 0))).toEqual([1, 0, 0, 1, 1]);
    expect(broken(rules, masks, 3).map(({ layer }) => layer)).toEqual(["schools"]);
    expect(readConstraints(writeConstraints(rules))).toEqual(rules);
  });
});

describe("colours of classes", () => {
  test.each([3, 4, 5, 6, 7])("%d classes grow darker by at least 6 of 100 in grey print", (count) => {
    for (const ramp of ["blue", "red"] as const) {
      const steps = colours(ramp, count).map(lightness);
      expect(Math.min(...steps.slice(1).map((step, i) => steps[i]! - step)), ramp).toBeGreaterThan(6);
    }
  });
  test.each([2, 3, 4, 5, 6, 7])("%d hatches have more ink with each class", (count) => {
    const black = hatches(count).map(ink);
    expect(black.every((share, i) => i === 0 || share > black[i - 1]! + 0.04)).toBe(true);
  });
});
