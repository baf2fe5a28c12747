import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { along, outline, union, unionArea } from "./circles";
import { beyond, nearest } from "./nearest";
import { area, distance, type Point } from "./plane";

const circle = Math.PI * 1000 ** 2;
const near = fc.tuple(fc.integer({ min: 460000, max: 464000 }), fc.integer({ min: 100000, max: 104000 })) as fc.Arbitrary<Point>;

describe("the land within a kilometre of services", () => {
  test("is a circle for one, two circles for two far apart, and one for two at one place", () => {
    expect(unionArea([[460000, 100000]], 1000)).toBeCloseTo(circle, 3);
    expect(unionArea([[460000, 100000], [463000, 100000]], 1000)).toBeCloseTo(2 * circle, 3);
    expect(unionArea([[460000, 100000], [460000, 100000]], 1000)).toBeCloseTo(circle, 3);
  });
  test("of two that overlap is less by the lens between them", () => {
    const lens = 2 * 1000 ** 2 * Math.acos(0.5) - 500 * Math.sqrt(4 * 1000 ** 2 - 1000 ** 2);
    expect(unionArea([[0, 0], [1000, 0]], 1000)).toBeCloseTo(2 * circle - lens, 3);
  });
  test("has an outline that no service is nearer to than the distance", () => {
    fc.assert(fc.property(fc.array(near, { minLength: 1, maxLength: 8 }), (centres) => {
      for (const point of outline(centres, 1000).flatMap((arc) => along(arc, 1000)))
        expect(Math.min(...centres.map((centre) => distance(centre, point)))).toBeCloseTo(1000, 3);
    }));
  });
  test("as polygons has the same area, within a thousandth", () => {
    fc.assert(fc.property(fc.array(near, { minLength: 1, maxLength: 10 }), (centres) => {
      const polygons = union(centres, 1000).reduce((sum, [outer, ...holes]) => sum + area(outer!) - holes.reduce((less, hole) => less + area(hole), 0), 0);
      expect(Math.abs(polygons / unionArea(centres, 1000) - 1)).toBeLessThan(0.001);
    }));
  });
  test("keeps the hole in a ring of services", () => {
    const centres = Array.from({ length: 8 }, (_, i): Point => [460000 + 1800 * Math.cos((i * Math.PI) / 4), 100000 + 1800 * Math.sin((i * Math.PI) / 4)]);
    expect(union(centres, 1000).map((rings) => rings.length)).toEqual([2]);
  });
  test("has the area that counting squares of 20 m finds, within 1 %", () => {
    fc.assert(fc.property(fc.array(near, { minLength: 1, maxLength: 6 }), (centres) => {
      let counted = 0;
      for (let e = 459010; e < 465000; e += 20) for (let n = 99010; n < 105000; n += 20)
        if (centres.some((centre) => distance(centre, [e, n]) <= 1000)) counted += 400;
      expect(Math.abs(unionArea(centres, 1000) - counted) / counted).toBeLessThan(0.01);
    }), { numRuns: 20 });
  });
});

describe("nearest services", () => {
  const services = [{ name: "A", point: [0, 0] as Point }, { name: "B", point: [3000, 0] as Point }];
  const places = [{ name: "x", point: [1000, 0] as Point }, { name: "y", point: [5000, 0] as Point }];
  test("each place has its nearest, and how far it is", () => {
    expect(nearest(places, services).map(({ place, service, distance: metres }) => [place.name, service.name, metres]))
      .toEqual([["x", "A", 1000], ["y", "B", 2000]]);
  });
  test("a place at the distance is not beyond it", () => expect(beyond(nearest(places, services), 1000).map(({ place }) => place.name)).toEqual(["y"]));
  test("there are none without services", () => expect(nearest(places, [])).toEqual([]));
});
