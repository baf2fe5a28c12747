import { describe, expect, test } from "vitest";
import { busy, keepable, outdated, surplus, way } from "./caching";

describe("the worker", () => {
  test.each([
    ["/static/map/map-abc.js", "cors", "asset"], ["/static/favicon.svg", "no-cors", "asset"], ["/map", "navigate", "current"], ["/schools/3", "navigate", "current"],
    ["/map/layers.json", "cors", "current"], ["/tiles/BritishNationalGrid/3/4/5?collections=a,b", "cors", "current"], ["/collections/schools/items?f=json", "cors", "current"],
    ["/tiles/BritishNationalGrid/3/4/5?collections=a,b&v=12ab-34cd", "cors", "tile"], ["/collections/schools/tiles/BritishNationalGrid/3/4/5?v=12ab", "cors", "tile"],
    ["/collections/schools/tiles/BritishNationalGrid/3/4/5", "cors", "current"],
    ["/collections/population_forecasts/series?group=ward", "cors", "current"], ["/collections/schools/items/1?f=html", "navigate", "elsewhere"],
    ["/collections/schools/downloads/schools.gpkg", "cors", "elsewhere"], ["/me", "navigate", "elsewhere"], ["/licence", "cors", "elsewhere"], ["/sign-in", "navigate", "elsewhere"],
  ])("answers %s (%s) as %s", (path, mode, expected) => {
    expect(way("GET", path, mode, "default")).toBe(expected);
  });

  test("leaves alone what is sent, and what somebody signed in asks for", () => {
    expect(way("POST", "/map/layers.json", "cors", "default")).toBe("elsewhere");
    expect(way("GET", "/map/layers.json", "cors", "no-store")).toBe("elsewhere");
  });

  test.each([["public, no-cache", 200, true], ["public, max-age=31536000, immutable", 200, true], ["public, no-cache", 204, true], ["private, no-store", 200, false],
    ["no-store", 200, false], [null, 200, false], ["public, no-cache", 404, false], ["public, no-cache", 503, false]])("of %s and status %i it keeps: %s", (rule, status, kept) => {
    expect(keepable(status, rule)).toBe(kept);
  });

  test.each([[200, false], [204, false], [404, false], [429, true], [500, true], [503, true]])("takes status %i for no answer: %s", (status, no) => {
    expect(busy(status)).toBe(no);
  });

  test("lets the oldest go beyond its bound", () => {
    expect(surplus(["a", "b", "c", "d"], 3)).toEqual(["a"]);
    expect(surplus(["a"], 3)).toEqual([]);
  });

  test("takes away the files of other releases, and nothing that is not ours", () => {
    expect(outdated(["hantsmap-assets-1", "hantsmap-assets-2", "hantsmap-data", "other"], "2")).toEqual(["hantsmap-assets-1"]);
  });
});
