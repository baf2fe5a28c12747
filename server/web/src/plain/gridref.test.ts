import fc from "fast-check";
import { expect, test } from "vitest";
import { readPlace, readReference, reference } from "./gridref";

test("Ordnance Survey's own example: TG 51409 13177 is easting 651409, northing 313177", () => {
  expect(readReference("TG 51409 13177")).toEqual([651409, 313177]);
});
test("a six-figure reference names a square of 100 m, and is read as its middle", () => {
  expect(readReference("SU 446 297")).toEqual([444650, 129750]);
  expect(reference([444699.9, 129700])).toBe("SU 446 297");
});
test("the reference of what was read is the reference that was written", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 699999 }), fc.integer({ min: 0, max: 1299999 }), fc.constantFrom(4, 6, 8, 10), (e, n, figures) => {
    const text = reference([e, n], figures)!;
    expect(reference(readReference(text) as [number, number], figures)).toBe(text);
  }));
});
test.each([["", /missing/], ["SU", /not a grid reference/], ["pond", /not a grid reference/], ["SU 446 29", /5 figures/], ["SI 44 29", /no square SI/]])(
  "%j is told what is wrong", (text, sentence) => expect(readReference(text)).toMatch(sentence));
test("an easting and a northing are a place too", () => {
  expect([readPlace("462000, 103000"), readPlace("462000 103000.5"), readPlace("SU 446 297")])
    .toEqual([[462000, 103000], [462000, 103000.5], [444650, 129750]]);
  expect([readPlace("50.9, -1.3"), readPlace("999999 1")]).toEqual([expect.stringMatching(/not a grid/), expect.stringMatching(/outside Great Britain/)]);
});
