import { describe, expect, test } from "vitest";
import { area, FRAMES, gridLines, inWords, MM, readWanted, SCALES, sheetResolution, writeWanted } from "./sheet";

describe("a sheet", () => {
  test.each([[10_000, 100], [25_000, 40], [50_000, 20], [100_000, 10]])("at 1:%i shows 1 km as %i mm", (scale, millimetres) => {
    const lines = gridLines(area([447_720, 129_450], { scale, orientation: "portrait", grey: false }), scale).filter((line) => line.upright);
    expect((lines[1]!.at - lines[0]!.at) * MM).toBeCloseTo(millimetres, 9);
    expect((1_000 / sheetResolution(scale)) * MM).toBeCloseTo(millimetres, 9);
  });

  test.each(["portrait", "landscape"] as const)("in %s has room for its frame on A4, with a margin of 10 mm", (orientation) => {
    const [width, height] = FRAMES[orientation].map((pixels) => pixels * MM) as [number, number], paper = orientation === "portrait" ? [210, 297] : [297, 210];
    expect(width).toBeLessThan(paper[0]! - 20);
    expect(height).toBeLessThan(paper[1]! - 20);
  });

  test("has its centre in the middle, and numbers in the order of the corridor and the stairs", () => {
    const box = area([450_000, 130_000], { scale: 25_000, orientation: "portrait", grey: false });
    expect([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]).toEqual([450_000, 130_000]);
    const found = gridLines(box, 25_000);
    expect(found.filter((line) => line.upright).map((line) => line.number)).toEqual(["48", "49", "50", "51", "52"]);
    expect(found.filter((line) => !line.upright).map((line) => line.number)).toEqual(["28", "29", "30", "31", "32"]);
    expect(found.find((line) => line.upright && line.number === "50")!.at).toBeCloseTo(FRAMES.portrait[0] / 2, 9);
  });

  test("is said in the address, and what is not a sheet is none", () => {
    for (const scale of SCALES) expect(readWanted(writeWanted({ scale, orientation: "landscape", grey: true }))).toEqual({ scale, orientation: "landscape", grey: true });
    expect(readWanted("25000:portrait")).toEqual({ scale: 25_000, orientation: "portrait", grey: false });
    for (const text of [null, "", "12345:portrait", "25000", "25000:sideways", "25000:portrait:pink"]) expect(readWanted(text)).toBeNull();
  });

  test("says its scale in words that a ruler can check", () => {
    expect(SCALES.map(inWords)).toEqual(["10 cm", "4 cm", "2 cm", "1 cm"].map((length) => `${length} on this map is 1 km on the ground`));
  });
});
