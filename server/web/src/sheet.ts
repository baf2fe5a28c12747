/** A sheet of A4 with a map at a true scale: where everything is, in CSS pixels (96 to the inch) and metres. */
import type { Box } from "./app";
import { lines, number } from "./gridlines";

/** Scales that schools use, as the number that 1 stands for. */
export const SCALES = [10_000, 25_000, 50_000, 100_000] as const;
export type Orientation = "portrait" | "landscape";
/** Millimetres in a CSS pixel, on paper. */
export const MM = 25.4 / 96;
/** The frame of the map, in whole pixels, so that a pixel of the map is a pixel of the paper. */
export const FRAMES: Record<Orientation, [number, number]> = { portrait: [680, 736], landscape: [760, 640] };

/** What somebody wants printed. */
export interface Wanted {
  scale: number;
  orientation: Orientation;
  /** For printers without colours. */
  grey: boolean;
}

/** `25000:portrait` or `25000:landscape:bw`, as the address has it; null for what is neither. */
export function readWanted(text: string | null): Wanted | null {
  const found = /^(\d+):(portrait|landscape)(:bw)?$/.exec(text ?? "");
  const scale = Number(found?.[1]);
  return found && (SCALES as readonly number[]).includes(scale) ? { scale, orientation: found[2] as Orientation, grey: Boolean(found[3]) } : null;
}

export function writeWanted(wanted: Wanted): string {
  return `${wanted.scale}:${wanted.orientation}${wanted.grey ? ":bw" : ""}`;
}

/** Metres to a pixel at a scale. */
export function sheetResolution(scale: number): number {
  return (scale * MM) / 1_000;
}

/** The area that a sheet around this centre shows (EPSG:27700 metres). */
export function area(centre: readonly number[], wanted: Wanted): Box {
  const [width, height] = FRAMES[wanted.orientation], metres = sheetResolution(wanted.scale);
  const [e, n] = [centre[0]!, centre[1]!];
  return [e - (width / 2) * metres, n - (height / 2) * metres, e + (width / 2) * metres, n + (height / 2) * metres];
}

/** A line of the grid on the sheet: its place from the left or the top, in pixels, and its number. */
export interface GridLine {
  upright: boolean;
  at: number;
  number: string;
}

/** Lines of 1 km, at every scale. */
export function gridLines(box: Box, scale: number): GridLine[] {
  const metres = sheetResolution(scale), [west, south, east, north] = box;
  return [...lines(west, east, 1_000).map((at) => ({ upright: true, at: (at - west) / metres, number: number(at, 1_000) })),
    ...lines(south, north, 1_000).map((at) => ({ upright: false, at: (north - at) / metres, number: number(at, 1_000) }))];
}

/** What a kilometre measures on the paper, in words: `4 cm on this map is 1 km on the ground`. */
export function inWords(scale: number): string {
  return `${100_000 / scale} cm on this map is 1 km on the ground`;
}
