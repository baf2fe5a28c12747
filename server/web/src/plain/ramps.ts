/** Colours of classes, light to dark, for 3 to 7 classes. They stay apart for colour-blind eyes and in grey print.
 *  Values of the schemes YlGnBu and OrRd: ColorBrewer.org, Cynthia A. Brewer, Pennsylvania State University. */

export type Ramp = "blue" | "red" | "hatch";

export const RAMPS: Record<Ramp, string> = { blue: "Yellow to blue", red: "Cream to red", hatch: "Hatching (black and white)" };

const COLOURS: Record<"blue" | "red", Record<number, string>> = {
  blue: {
    3: "edf8b1 7fcdbb 2c7fb8", 4: "ffffcc a1dab4 41b6c4 225ea8", 5: "ffffcc a1dab4 41b6c4 2c7fb8 253494",
    6: "ffffcc c7e9b4 7fcdbb 41b6c4 2c7fb8 253494", 7: "ffffcc c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 0c2c84",
  },
  red: {
    3: "fee8c8 fdbb84 e34a33", 4: "fef0d9 fdcc8a fc8d59 d7301f", 5: "fef0d9 fdcc8a fc8d59 e34a33 b30000",
    6: "fef0d9 fdd49e fdbb84 fc8d59 e34a33 b30000", 7: "fef0d9 fdd49e fdbb84 fc8d59 ef6548 d7301f 990000",
  },
};

/** The fill of each class. One or two classes have the first of three colours. A hatch is on white. */
export function colours(ramp: Ramp, count: number): string[] {
  if (ramp === "hatch") return Array.from({ length: count }, () => "#ffffff");
  return COLOURS[ramp][Math.min(7, Math.max(3, count))]!.split(" ").slice(0, count).map((hex) => `#${hex}`);
}

/** Black lines on white, in pixels: how far apart along a row, how wide along it, and how they run. All fit a tile of 24. */
export interface Hatch { spacing: number; width: number; angles: number[] }

const HATCHES: Hatch[] = [
  { spacing: 24, width: 0, angles: [] }, { spacing: 24, width: 1.2, angles: [45] }, { spacing: 12, width: 1.2, angles: [135] },
  { spacing: 12, width: 1.2, angles: [45, 135] }, { spacing: 6, width: 1.5, angles: [45] }, { spacing: 6, width: 1.5, angles: [45, 135] },
  { spacing: 4, width: 1.6, angles: [45, 135] },
];

/** The hatches of so many classes, from the lightest to the darkest. */
export function hatches(count: number): Hatch[] {
  return Array.from({ length: count }, (_, i) => HATCHES[count < 2 ? 0 : Math.round((i * (HATCHES.length - 1)) / (count - 1))]!);
}

/** The share of a hatch that is black, from 0 to 1. */
export function ink({ spacing, width, angles }: Hatch): number {
  return 1 - (1 - width / spacing) ** angles.length;
}

/** CIE lightness of a colour, 0 black to 100 white: what is left of it in grey print. */
export function lightness(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (y * 24389) / 27;
}
