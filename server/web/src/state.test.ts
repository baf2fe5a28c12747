import { describe, expect, test } from "vitest";
import { FragmentState, listed, readFragment, writeFragment } from "./state";

describe("the fragment", () => {
  test("is readable: commas, colons and slashes stand as they are", () => {
    const values = new Map([["e", "462000"], ["on", "rights_of_way,schools"], ["sel", "schools/850001"], ["cl", "manual:10,20"]]);
    expect(writeFragment(values)).toBe("#e=462000&on=rights_of_way,schools&sel=schools/850001&cl=manual:10,20");
  });

  test("comes back as it went, whatever is in it", () => {
    const values = new Map([["title", "Ann & Bob's #1 map, 50% = half + é"], ["q", "a+b"]]);
    expect(readFragment(writeFragment(values))).toEqual(values);
  });

  test("of an old or broken link still gives what can be read", () => {
    expect(readFragment("#e=1&&=5&broken&n=%E0%A4%A&z=7")).toEqual(new Map([["e", "1"], ["z", "7"]]));
  });

  test("lists leave out what is empty", () => {
    expect(listed(",a,,b,")).toEqual(["a", "b"]);
    expect(listed(null)).toEqual([]);
  });
});

describe("the state", () => {
  const page = (hash: string) => {
    const listeners: (() => void)[] = [];
    const location = { hash, pathname: "/map" };
    const history = { state: null, replaceState: (_: unknown, __: string, to: string) => { location.hash = to.startsWith("#") ? to : ""; } };
    const made = { location, history, addEventListener: (_: string, told: () => void) => listeners.push(told) };
    return { made: made as unknown as Window, location, go: (to: string) => { location.hash = to; listeners.forEach((each) => each()); } };
  };

  test("tells only those whose key has changed, also when the address is changed by hand", () => {
    const { made, go } = page("#e=1&z=3");
    const state = new FragmentState(made);
    const told: (string | null)[] = [];
    state.watch("z", (value) => told.push(value));
    state.set({ e: "2" });
    state.set({ z: "4" });
    go("#e=2");
    expect(told).toEqual(["4", null]);
  });

  test("tells of an address that was changed from outside, once, after those that watch one key; not of what the page sets itself", () => {
    const { made, go } = page("#m=1&z=3&q=a");
    const state = new FragmentState(made), told: string[] = [];
    state.watchAddress((changed) => told.push([...changed].sort().join()));
    state.watch("m", (value) => told.push(`m is ${value}`));
    state.set({ q: "b" });
    go("#m=2&new=1&q=b");
    go("#new=1&m=2&q=b");
    expect(told).toEqual(["m is 2", "m,new,z"]);
    expect(state.watched).toBe(2);
  });

  test("is in the address, without a step in the history", () => {
    const { made, location } = page("#e=1");
    new FragmentState(made).set({ e: null, n: "5" });
    expect(location.hash).toBe("#n=5");
  });
});
