import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { network, part, snap, type Way } from "./network";
import { distance, length, type Point } from "./plane";
import { minutes, route, spoken } from "./route";

const way = (ref: string, ...line: Point[]): Way => ({ id: ref, ref, status: "FP", line });
// Two squares side by side, of 100 m, and a path on its own.
const ways = [way("1", [0, 0], [100, 0]), way("2", [100, 0], [100, 100]), way("3", [100.5, 100.5], [0, 100]), way("4", [0, 100], [0, 0]),
              way("5", [100, 0], [200, 0], [200, 100], [100, 100]), way("9", [1000, 1000], [1100, 1000])];
const net = network(ways);
const at = (e: number, n: number) => snap(net, [e, n], 60)!;

describe("a network", () => {
  test("joins ends within a metre, and no others", () => {
    expect(net.nodes.length).toBe(6);
    expect(network(ways, 0.1).nodes.length).toBe(7);
  });
  test("is cut where the end of one path touches the middle of another", () => {
    const tee = network([way("1", [0, 0], [100, 0]), way("2", [40, 0.4], [40, 50])]);
    expect(tee.edges.map(({ way: { ref }, length: metres }) => [ref, Math.round(metres)])).toEqual([["1", 40], ["1", 60], ["2", 50]]);
    expect(tee.nodes.length).toBe(4);
  });
  test("has no path where two cross without a junction", () => {
    expect(network([way("1", [0, 0], [100, 0]), way("2", [50, -50], [50, 50])]).edges.length).toBe(2);
  });
  test("snaps to the middle of a line, and to nothing that is too far", () => {
    expect(snap(net, [50, 10], 20)).toEqual({ edge: 0, at: 50, point: [50, 0], distance: 10 });
    expect(snap(net, [50, 50], 20)).toBeNull();
  });
});

describe("a route", () => {
  test("is the shortest, with the path numbers in order and their metres", () => {
    const found = route(net, [at(50, 0), at(50, 100)]);
    expect(found.stretches.map(({ way: { ref } }) => ref)).toEqual(["1", "4", "3"]);
    expect(found.length).toBeCloseTo(200, 0);
    expect(length(found.line)).toBeCloseTo(found.length, 0);
  });
  test("along one path goes straight there", () => {
    const found = route(net, [at(20, 0), at(70, 0)]);
    expect([found.length, found.line]).toEqual([50, [[20, 0], [70, 0]]]);
  });
  test("goes through every stop in turn", () => {
    expect(route(net, [at(50, 0), at(200, 50), at(50, 100)]).stretches.map(({ way: { ref } }) => ref)).toEqual(["1", "5", "3"]);
  });
  test("that is circular comes home by another way", () => {
    const found = route(net, [at(50, 0), at(50, 100)], true);
    expect(found.line[0]).toEqual(found.line[found.line.length - 1]);
    expect(new Set(found.stretches.map(({ way: { ref } }) => ref))).toEqual(new Set(["1", "2", "3", "4"]));
    expect(found.length).toBeCloseTo(400.5, 2);
  });
  test("says which stop cannot be reached", () => {
    const found = route(net, [at(50, 0), at(100, 50), at(1050, 1000)]);
    expect([found.broken, Math.round(found.length)]).toEqual([3, 100]);
  });
  test("does not name a path that it is on for less than 5 m", () => {
    const crossing = network([way("1", [0, 0], [100, 0]), way("x", [100, 0], [103, 0]), way("2", [103, 0], [200, 0])]);
    const stops = [snap(crossing, [10, 0], 1)!, snap(crossing, [150, 0], 1)!];
    expect(route(crossing, stops).stretches.map(({ way: { ref }, length: walked }) => [ref, walked])).toEqual([["1", 93], ["2", 47]]);
  });
  test("through one stop is nothing", () => expect(route(net, [at(50, 0)])).toEqual({ line: [], length: 0, stretches: [], broken: null }));
});

test("no route on a lattice is shorter than the streets allow, and all are as short (Manhattan distance)", () => {
  const lattice = network(Array.from({ length: 6 }, (_, i) => i * 100).flatMap((k) =>
    Array.from({ length: 5 }, (_, i) => i * 100).flatMap((m) => [way(`h${k}`, [m, k], [m + 100, k]), way(`v${k}`, [k, m], [k, m + 100])])));
  const node = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }));
  fc.assert(fc.property(node, node, ([a, b], [c, d]) => {
    const stops = [snap(lattice, [a * 100, b * 100], 1)!, snap(lattice, [c * 100, d * 100], 1)!];
    expect(route(lattice, stops).length).toBeCloseTo(100 * (Math.abs(a - c) + Math.abs(b - d)));
  }));
});

test("a part of a line is as long as what is between, and turns round when asked to", () => {
  const line: Point[] = [[0, 0], [30, 40], [30, 140]];
  const metre = fc.double({ min: 0, max: 150, noNaN: true });
  fc.assert(fc.property(metre, metre, (from, to) => {
    fc.pre(Math.abs(from - to) > 1e-6);
    const cut = part(line, from, to);
    expect(length(cut)).toBeCloseTo(Math.abs(from - to), 6);
    expect(distance(cut[0]!, part(line, to, from).at(-1)!)).toBeCloseTo(0);
  }));
});

test("5 km take an hour and a quarter at 4 km/h", () => expect(spoken(minutes(5000))).toBe("1 h 15 min"));
