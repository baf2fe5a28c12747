/** What a pupil draws, as short text for the address of the map, and as GeoJSON. Coordinates are whole metres. */
import type { Point } from "./plane";

export type Kind = "point" | "line" | "area" | "text";
export interface Item { kind: Kind; colour: number; points: Point[]; text: string }

/** Colours with names, dark enough for lines on white paper (3:1 and more) and apart in hue for colour-blind eyes. */
export const COLOURS = [
  { name: "Black", hex: "#0b0c0c" }, { name: "Blue", hex: "#0057b8" }, { name: "Red", hex: "#c2261c" },
  { name: "Green", hex: "#00703c" }, { name: "Purple", hex: "#6f2da8" }, { name: "Orange", hex: "#b85c00" },
] as const;

const LETTERS: Record<Kind, string> = { point: "p", line: "l", area: "a", text: "t" };
const KINDS = Object.fromEntries(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind as Kind]));
export const FEWEST_POINTS: Record<Kind, number> = { point: 1, line: 2, area: 3, text: 1 };
export const LONGEST_TEXT = 80;

/** Items with a semicolon between: the kind's letter, the colour's number, the first point in base 36, then the steps from each
 *  point to the next, and, after an exclamation mark, the words. */
export function write(items: Item[]): string {
  return items.map(({ kind, colour, points, text }) => {
    let [e, n] = [0, 0];
    const numbers = points.flatMap(([x, y]) => {
      const step = [Math.round(x) - e, Math.round(y) - n];
      [e, n] = [Math.round(x), Math.round(y)];
      return step;
    });
    return `${LETTERS[kind]}${colour}${numbers.map((number) => number.toString(36)).join(".")}${text ? `!${escape(text)}` : ""}`;
  }).join(";");
}

/** The items of a text. What cannot be read is left out, so that an address cut short still shows what is whole. */
export function read(text: string): Item[] {
  return text.split(";").flatMap((part) => {
    const match = /^([plat])(\d)((?:-?[0-9a-z]+)(?:\.-?[0-9a-z]+)*)(?:!(.*))?$/s.exec(part);
    const numbers = (match?.[3] ?? "").split(".").map((number) => parseInt(number, 36));
    if (!match || numbers.length % 2 || !COLOURS[Number(match[2])]) return [];
    const kind = KINDS[match[1]!]!, points: Point[] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      const last = points[points.length - 1] ?? [0, 0];
      points.push([last[0] + numbers[i]!, last[1] + numbers[i + 1]!]);
    }
    if (points.length < FEWEST_POINTS[kind]) return [];
    return [{ kind, colour: Number(match[2]), points, text: unescape(match[4] ?? "").slice(0, LONGEST_TEXT) }];
  });
}

const escape = (text: string): string => text.slice(0, LONGEST_TEXT).replace(/[~;]/g, (c) => (c === "~" ? "~t" : "~s"));
const unescape = (text: string): string => text.replace(/~([ts])/g, (_, c: string) => (c === "t" ? "~" : ";"));

/** The drawing as a GeoJSON document in EPSG:27700, which it names, as GDAL and QGIS read it. */
export function geojson(items: Item[]): object {
  return {
    type: "FeatureCollection", name: "drawing",
    crs: { type: "name", properties: { name: "urn:ogc:def:crs:EPSG::27700" } },
    features: items.map((item, i) => ({
      type: "Feature", id: i + 1, geometry: geometry(item),
      properties: { kind: item.kind, colour: COLOURS[item.colour]!.name, text: item.text },
    })),
  };
}

function geometry({ kind, points }: Item): object {
  if (kind === "line") return { type: "LineString", coordinates: points };
  if (kind === "area") return { type: "Polygon", coordinates: [[...points, points[0]]] };
  return { type: "Point", coordinates: points[0] };
}

/** Points as "e,n;e,n" in whole metres: the way places are written in the map's address. */
export const writePoints = (points: Point[]): string => points.map(([e, n]) => `${Math.round(e)},${Math.round(n)}`).join(";");

/** Points of a text; what is not a point is left out. */
export function readPoints(text: string | null): Point[] {
  return (text ?? "").split(";").flatMap((part) => {
    const match = /^(\d{1,6}(?:\.\d+)?),(\d{1,7}(?:\.\d+)?)$/.exec(part.trim());
    return match ? [[Number(match[1]), Number(match[2])] as Point] : [];
  });
}
