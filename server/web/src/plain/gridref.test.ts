import fc from "fast-check";
import { expect, test } from "vitest";
import { readPlace, readReference, reference } from "./gridref";

test("Ordnance Survey's own example: TG 51409 13177 is easting 651409, northing 313177", () => {
  expect(readReference("TG 51409 13177")).toEqual([651409, 313177]);
  expect(reference([651409, 313177], 10)).toBe("TG 51409 13177");
});
test("a six-figure reference names a square of 100 m, and is read as its middle", () => {
  expect(readReference("SU 446 297")).toEqual([444650, 129750]);
  expect(reference([444699.9, 129700])).toBe("SU 446 297");
});
test("a point is always in the square that its reference names", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 699999 }), fc.integer({ min: 0, max: 1299999 }), fc.constantFrom(4, 6, 8, 10),
    (e, n, figures) => {
      const [x, y] = readReference(reference([e, n], figures)!)!, half = figures === 10 ? 1 : 10 ** (5 - figures / 2) / 2;
      expect(Math.abs(x - e)).toBeLessThanOrEqual(half);
      expect(Math.abs(y - n)).toBeLessThanOrEqual(half);
    }));
});
test.each(["SU", "su446297", " SU 446 297 "])("%j is a reference", (text) => expect(readReference(text)).not.toBeNull());
test.each(["", "S", "SI 44 29", "SU 446 29", "SU 446 297 x", "AA 11 11"])("%j is not", (text) => expect(readReference(text)).toBeNull());
test("an easting and a northing are a place too", () => {
  expect([readPlace("462000, 103000"), readPlace("462000 103000.5"), readPlace("SU 446 297"), readPlace("50.9, -1.3"), readPlace("999999 1")])
    .toEqual([[462000, 103000], [462000, 103000.5], [444650, 129750], null, null]);
});
