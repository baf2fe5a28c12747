import { describe, expect, test } from "vitest";
import type { Name } from "./app";
import { Finder, plain } from "./finding";

const name = (name: string, kind: string, where = ""): Name => ({ name, kind, easting: 1, northing: 2, where });
const NAMES = [
  name("Oakley Primary School", "school", "Oakley"), name("Oakley", "place", "Oakley parish"), name("Oak Lane", "street", "Alderford"),
  name("Church Oakley", "place"), name("SO23", "postcode"), name("St Mary’s C of E Primary School", "school", "Wexmoor"), name("Alderford FP 12", "path"),
];
const found = (text: string) => new Finder(NAMES).find(text).map((each) => each.name);

describe("finding", () => {
  test("gives the whole name first, then beginnings, then words within", () => {
    expect(found("oakley")).toEqual(["Oakley", "Oakley Primary School", "Church Oakley"]);
  });
  test("does not mind case, accents and marks", () => {
    expect(found("ST MARYS")).toEqual(["St Mary’s C of E Primary School"]);
    expect(plain("Café  O'Neill's")).toBe("cafe oneills");
  });
  test("knows a whole postcode by its district", () => {
    expect(found("so23 9ab")).toEqual(["SO23"]);
    expect(found("SO239AB")).toEqual(["SO23"]);
  });
  test("finds by the beginnings of several words, in any order", () => {
    expect(found("prim oak")).toEqual(["Oakley Primary School"]);
    expect(found("fp 12")).toEqual(["Alderford FP 12"]);
  });
  test("of nothing is nothing", () => {
    expect(found("  ")).toEqual([]);
    expect(found("zzz")).toEqual([]);
  });
});
