/** Places as people write them: references of the National Grid, or eastings and northings, as points in metres. */
import { NoReference, readReference as squareOf, reference as written } from "../gridref";
import type { Point } from "./plane";

/** The reference of the square that holds a point; null off the grid. */
export const reference = ([easting, northing]: Point, figures = 6): string | null => written(easting, northing, figures);

/** The middle of the square that a reference names, to the metre; else the sentence that says what is wrong. */
export function readReference(text: string): Point | string {
  try {
    const square = squareOf(text);
    if (!square || square.side > 10_000) return text.trim() ? `"${text.trim()}" is not a grid reference such as SU 123 456.` : "The grid reference is missing.";
    const half = Math.floor(square.side / 2);
    return [square.easting + half, square.northing + half];
  } catch (fault) {
    if (fault instanceof NoReference) return fault.message;
    throw fault;
  }
}

/** A place typed by a person: a grid reference, or "easting, northing" in metres; else the sentence that says what is wrong. */
export function readPlace(text: string): Point | string {
  const numbers = /^\s*(\d{1,6}(?:\.\d+)?)(?:\s*[,;]\s*|\s+)(\d{1,7}(?:\.\d+)?)\s*$/.exec(text);
  if (!numbers) return readReference(text);
  const point: Point = [Number(numbers[1]), Number(numbers[2])];
  return point[0] < 700_000 && point[1] < 1_300_000 ? point : `${text.trim()} is outside Great Britain. Write the easting first.`;
}
