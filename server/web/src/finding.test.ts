import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Name } from "./app";
import { Finder, plain, rank } from "./finding";

const name = (name: string, kind: string, where = ""): Name => ({ name, kind, easting: 1, northing: 2, where });
const NAMES = [
  name("Oakley Primary School", "school", "Oakley"), name("Oakley", "place", "Oakley parish"), name("Oak Lane", "street", "Alderford"),
  name("Church Oakley", "place"), name("SO23", "postcode"), name("St Mary’s C of E Primary School", "school", "Wexmoor"), name("Alderford FP 12", "path"),
];
const MIDDLE: [number, number] = [0, 0];
const found = (text: string) => new Finder(NAMES).find(text, MIDDLE).map((each) => each.name);

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

describe("the order of what is found", () => {
  const at = (name: string, kind: string, where: string, easting: number): Name => ({ name, kind, where, easting, northing: 0 });
  const order = (names: Name[], text: string, middle = MIDDLE) => new Finder(names).find(text, middle).map(({ name, where }) => `${name}, ${where}`);

  test("is first how well the name answers: whole, beginning, beginning of a word, any part", () => {
    const names = [at("Broadwell", "street", "Fen", 1), at("Upper Wells", "street", "Fen", 1), at("Wellow", "street", "Fen", 9), at("Well", "street", "Fen", 99)];
    expect(order(names, "well")).toEqual(["Well, Fen", "Wellow, Fen", "Upper Wells, Fen", "Broadwell, Fen"]);
  });

  test("is then the size of a settlement, however near others are", () => {
    const names = [at("Alder", "street", "Fen", 0), at("Alder", "place", "Hamlet, Fen", 1), at("Alder", "area", "Parish", 1), at("Alder", "place", "Town, Fen", 9),
      at("Alder", "place", "Village, Fen", 5), at("Alder", "place", "Railway Station", 2)];
    expect(order(names, "alder")).toEqual(["Alder, Town, Fen", "Alder, Village, Fen", "Alder, Hamlet, Fen", "Alder, Fen", "Alder, Parish", "Alder, Railway Station"]);
  });

  test("is then how near to the middle of the map it is", () => {
    const names = [at("Church Lane", "street", "Ash", 10), at("Church Lane", "street", "Beck", 20), at("Church Lane", "street", "Cove", 30)];
    expect(order(names, "church", [0, 0])).toEqual(["Church Lane, Ash", "Church Lane, Beck", "Church Lane, Cove"]);
    expect(order(names, "church", [29, 0])).toEqual(["Church Lane, Cove", "Church Lane, Beck", "Church Lane, Ash"]);
  });

  test("is the alphabet for things at one place, and never that of the list", () => {
    const names = [at("Mill, the old", "wood", "B", 1), at("Mill Copse", "wood", "B", 1), at("Mill Copse", "wood", "A", 1)];
    expect(order(names, "mill")).toEqual(["Mill Copse, A", "Mill Copse, B", "Mill, the old, B"]);
    expect(order([...names].reverse(), "mill")).toEqual(order(names, "mill"));
  });

  test("never puts a name that answers worse before one that answers better", () => {
    const one = fc.record({ name: fc.stringMatching(/^[ab]{1,3}( [ab]{1,3})?$/), kind: fc.constantFrom("place", "street", "school"),
      where: fc.constantFrom("Town, X", "Hamlet, X", "X"), easting: fc.nat(9), northing: fc.nat(9) });
    fc.assert(fc.property(fc.array(one), fc.stringMatching(/^[ab]{1,3}$/), (names, asked) => {
      const ranks = new Finder(names).find(asked, [5, 5], 1000).map(({ name }) => rank(plain(name), asked)!);
      expect(ranks).toEqual([...ranks].sort());
      expect(ranks.length).toBe(names.filter(({ name }) => rank(plain(name), asked) !== null).length);
    }));
  });
});
