import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { delimiterOf, rows, write } from "./csv";
import { number, radius, readings, valueColumns, valued } from "./readings";

describe("tables of text", () => {
  test("what is written is read again", () => {
    const word = fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => text === text.trim() && !/^[=+\-@]/.test(text) && !/\r/.test(text));
    fc.assert(fc.property(fc.array(fc.array(word, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }), (table) => {
      const whole = table.filter((row) => row.some((cell) => cell !== ""));
      expect(rows(write(table), ",").map(({ cells }) => cells)).toEqual(whole);
    }));
  });
  test("semicolons, tabs, quotes, a byte order mark and Windows' line ends are understood", () => {
    expect(rows('\uFEFFa;"b;c"\r\n1;"say ""hi"""\r\n')).toEqual([{ line: 1, cells: ["a", "b;c"] }, { line: 2, cells: ["1", 'say "hi"'] }]);
    expect(delimiterOf("a\tb\tc, d")).toBe("\t");
  });
  test("a row knows the line that it begins on, also after a cell of two lines and a blank line", () => {
    expect(rows('a,b\n"1\n2",3\n\n4,5').map(({ line }) => line)).toEqual([1, 2, 5]);
  });
  test("a cell that a spreadsheet would run is written as text", () => expect(write([["=1+1", -3]])).toBe("'=1+1,-3\r\n"));
});

const toGrid = (): [number, number] => [444650, 129750];

describe("readings", () => {
  test.each([["Grid ref,Noise dB\nSU 446 297,61", "grid reference"], ["Easting;Northing;Noise dB\n444650;129750;61", "easting and northing"],
             ["lat\tlon\tNoise dB\n51.06\t-1.36\t61", "latitude and longitude"]])("%j has its places by %s", (text, told) => {
    const table = readings(text, toGrid);
    expect([table.places, table.rows[0]!.point, table.faults]).toEqual([told, [444650, 129750], []]);
    expect(valued(table, "Noise dB").values[0]!.value).toBe(61);
  });
  test("every line that cannot be used is told, with its number and the reason, all at once", () => {
    const table = readings("gridref,dB\nSU 446 297,61\nnowhere,55\n,50\nSU 447 297,60,7", toGrid);
    expect(table.rows.length).toBe(1);
    expect(table.faults).toEqual([{ line: 3, reason: '"nowhere" is not a grid reference such as SU 123 456.' },
      { line: 4, reason: "The grid reference is missing." }, { line: 5, reason: "There are 3 cells, and 2 columns." }]);
  });
  test("latitude and longitude the wrong way round are told", () => {
    expect(readings("lat,lon\n-1.36,51.06", toGrid).faults[0]!.reason).toMatch(/wrong way round/);
  });
  test("a value that is no number is told, and is no nought", () => {
    const table = readings("gridref,dB\nSU 446 297,loud\nSU 446 297,\nSU 446 297,61", toGrid);
    expect(valued(table, "dB").values.map(({ value }) => value)).toEqual([61]);
    expect(valued(table, "dB").faults).toEqual([{ line: 2, reason: 'dB "loud" is not a number.' }, { line: 3, reason: "dB is missing." }]);
  });
  test.each([["", /nothing to read/], ["dB,who\n1,x", /No column says where/], ["gridref,dB", /no readings/]])("%j is told", (text, sentence) => {
    expect(readings(text, toGrid).faults[0]!.reason).toMatch(sentence);
  });
  test("columns of numbers are offered as values, coordinates and words are not", () => {
    expect(valueColumns(readings("easting,northing,who,dB\n444650,129750,Sam,61", toGrid))).toEqual(["dB"]);
  });
  test("numbers with commas for thousands are numbers; dates and decimal commas are not", () => {
    expect(["1,234.5", "-3", ".5", "12,5", "2026-01-01", ""].map(number)).toEqual([1234.5, -3, 0.5, null, null, null]);
  });
  test("a symbol of twice the value has twice the area", () => expect((radius(50, 100) / radius(100, 100)) ** 2).toBeCloseTo(0.5));
});
