/** References of the National Grid, as Ordnance Survey writes them: two letters and an even number of digits. */
import type { Point } from "./plane";

const LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"; // no I

/** Easting and northing of the middle of the square that a reference names, in metres; null where it is none. */
export function readReference(text: string): Point | null {
  const match = /^([A-HJ-Z])([A-HJ-Z])((?:\d\d){0,5})$/.exec(text.toUpperCase().replace(/[\s,]/g, ""));
  if (!match) return null;
  const first = LETTERS.indexOf(match[1]!), second = LETTERS.indexOf(match[2]!), digits = match[3]!;
  const east = ((first % 5) - 2) * 5 + (second % 5);
  const north = (3 - Math.floor(first / 5)) * 5 + 4 - Math.floor(second / 5);
  if (east < 0 || east > 6 || north < 0 || north > 12) return null;
  const half = digits.length / 2, size = 10 ** (5 - half);
  const part = (from: number): number => (half ? Number(digits.slice(from, from + half)) : 0) * size;
  return [east * 1e5 + part(0) + (half === 5 ? 0 : size / 2), north * 1e5 + part(half) + (half === 5 ? 0 : size / 2)];
}

/** The reference of a point with so many figures (4, 6, 8 or 10), as "SU 123 456"; the square that holds it, never rounded up. */
export function reference(point: Point, figures = 6): string | null {
  const [e, n] = [Math.floor(point[0]), Math.floor(point[1])];
  const east = Math.floor(e / 1e5), north = Math.floor(n / 1e5);
  if (!(east >= 0 && east <= 6 && north >= 0 && north <= 12)) return null;
  const first = (3 - Math.floor(north / 5)) * 5 + Math.floor(east / 5) + 2;
  const second = (4 - (north % 5)) * 5 + (east % 5);
  const half = figures / 2;
  const part = (metres: number): string => String(metres % 1e5).padStart(5, "0").slice(0, half);
  return `${LETTERS[first]}${LETTERS[second]} ${part(e)} ${part(n)}`;
}

/** A place typed by a person: a grid reference, or "easting, northing" in metres; null where it is neither. */
export function readPlace(text: string): Point | null {
  const numbers = /^\s*(\d{1,6}(?:\.\d+)?)(?:\s*[,;]\s*|\s+)(\d{1,7}(?:\.\d+)?)\s*$/.exec(text);
  if (!numbers) return readReference(text);
  const point: Point = [Number(numbers[1]), Number(numbers[2])];
  return point[0] < 700_000 && point[1] < 1_300_000 ? point : null;
}
