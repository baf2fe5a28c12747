import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readReference, reference } from "./gridref";
import { fromGrid, toGrid } from "./lonlat";
import { isDegrees, readPlace } from "./place";

/** Easting, northing, references of 4, 6 and 8 figures, longitude and latitude (OSTN15): made with osbng and PROJ. */
const GOLDEN: [number, number, string, string, string, number, number][] = [
  [447720, 129450, "SU 47 29", "SU 477 294", "SU 4772 2945", -1.3204007, 51.0624052],
  [463900, 152000, "SU 63 52", "SU 639 520", "SU 6390 5200", -1.085534, 51.2635849],
  [442000, 112000, "SU 42 12", "SU 420 120", "SU 4200 1200", -1.4040345, 50.9059418],
  [475000, 105000, "SU 75 05", "SU 750 050", "SU 7500 0500", -0.9361998, 50.8396669],
  [425000, 95000, "SZ 25 95", "SZ 250 950", "SZ 2500 9500", -1.6469593, 50.7540549],
  [464300, 99900, "SZ 64 99", "SZ 643 999", "SZ 6430 9990", -1.0890337, 50.7950959],
  [407500, 113000, "SU 07 13", "SU 075 130", "SU 0750 1300", -1.8946746, 50.9164078],
];

describe("a reference", () => {
  test.each(GOLDEN)("of E %i N %i is %s, %s, %s", (easting, northing, four, six, eight) => {
    expect([4, 6, 8].map((figures) => reference(easting, northing, figures))).toEqual([four, six, eight]);
  });

  test("is cut off and never rounded, at the last centimetre of a square too", () => {
    expect(reference(447799.99, 129499.99, 6)).toBe("SU 477 294");
    expect(reference(499999.99, 99999.99, 4)).toBe("SZ 99 99");
  });

  test("is nothing off the grid", () => {
    expect(reference(-1, 100, 6)).toBeNull();
    expect(reference(700_000, 100, 6)).toBeNull();
  });

  test("names a square that holds the point, whatever the point", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 699_999 }), fc.integer({ min: 0, max: 1_299_999 }), fc.constantFrom(2, 4, 6, 8, 10), (easting, northing, figures) => {
      const square = readReference(reference(easting, northing, figures)!)!;
      expect(easting - square.easting).toBeGreaterThanOrEqual(0);
      expect(easting - square.easting).toBeLessThan(square.side);
      expect(northing - square.northing).toBeGreaterThanOrEqual(0);
      expect(northing - square.northing).toBeLessThan(square.side);
    }));
  });
});

describe("a place by its numbers", () => {
  test.each(["SU 477 294", "su477294", " Su 477294 ", "SU477 294", "S U 477 294"])("%s is a square of 100 m", (text) => {
    expect(readPlace(text)).toMatchObject({ easting: 447700, northing: 129400, side: 100 });
  });

  test.each([["SU47722945", 447720, 129450, 10], ["SU 47 29", 447000, 129000, 1000], ["SU42NE", 445000, 125000, 5000], ["SU4212SW", 442000, 112000, 500],
    ["SZ", 400000, 0, 100000]])("%s is the square at %i, %i", (text, easting, northing, side) => {
    expect(readPlace(text)).toMatchObject({ easting, northing, side });
  });

  test.each(["447720,129450", "447720 129450", "447720, 129450", "E447720 N129450"])("%s is a point", (text) => {
    expect(readPlace(text)).toMatchObject({ easting: 447720, northing: 129450, side: 0 });
  });

  test.each(["51.0624,-1.3204", "51.0624 -1.3204", "-1.3204, 51.0624", "51.0624N 1.3204W", "51.0624° N, 1.3204° W"])("%s is within 10 m of where it is", (text) => {
    const place = readPlace(text, toGrid)!;
    expect(Math.hypot(place.easting - 447720, place.northing - 129450)).toBeLessThan(10);
  });

  test("in degrees is not read before what reads it has been loaded", () => {
    expect(isDegrees("51.0624,-1.3204")).toBe(true);
    expect(isDegrees("447720,129450")).toBe(false);
    expect(readPlace("51.0624,-1.3204")).toBeNull();
  });

  test.each([["SU 47 294", "SU 47294 has 5 figures. A grid reference needs an even number"], ["SU 1", "has 1 figure."],
    ["AA 12 34", "There is no square AA"], ["SU 123456 123456", "12 figures"]])("%s is refused with a sentence", (text, sentence) => {
    expect(() => readPlace(text)).toThrow(sentence);
  });

  test.each([["900000,100", "not on the National Grid"], ["48.85, 2.35", "not in Great Britain"]])("%s is refused, because it is elsewhere", (text, sentence) => {
    expect(() => readPlace(text, toGrid)).toThrow(sentence);
  });

  test.each(["Oakley", "Su Ki Lane", "12 High Street", "", "Fa Cup", "A31"])("%s is a name, not a number", (text) => {
    expect(readPlace(text)).toBeNull();
  });
});

describe("longitude and latitude", () => {
  test.each(GOLDEN)("of E %i N %i come within 5 m of OSTN15", (easting, northing, _, __, ___, longitude, latitude) => {
    const [east, north] = toGrid(longitude, latitude);
    expect(Math.hypot(east - easting, north - northing)).toBeLessThan(5);
    const [back] = fromGrid(east, north);
    expect(back).toBeCloseTo(longitude, 7);
  });
});
