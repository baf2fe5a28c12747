/** A place that somebody writes by its numbers: a grid reference, easting and northing, or latitude and longitude. */
import { readReference } from "./gridref";

/** Where it is: a box in EPSG:27700 metres (a point is a box of no size), and how it was read. */
export interface Place {
  easting: number;
  northing: number;
  /** Side of the square that was named, in metres; 0 for a point. */
  side: number;
  /** What it was read as, in words. */
  read: string;
}

/** Longitude and latitude (WGS 84) to easting and northing, within about 5 m; the caller loads what it takes. */
export type ToGrid = (longitude: number, latitude: number) => [number, number];

const PAIR = /^\s*(-?\d+(?:\.\d+)?)\s*°?\s*([NSEW])?\s*(?:[,;]|\s)\s*(-?\d+(?:\.\d+)?)\s*°?\s*([NSEW])?\s*$/i;

/** Whether the text is a pair of degrees, so that what changes them into metres is needed. */
export function isDegrees(text: string): boolean {
  const found = PAIR.exec(text);
  return found !== null && Math.abs(Number(found[1])) <= 90 && Math.abs(Number(found[3])) <= 90;
}

/** The place that the text names by numbers; null where it is not meant as one. Throws with a sentence where it names none. */
export function readPlace(text: string, toGrid?: ToGrid): Place | null {
  const square = readReference(text);
  if (square) return { ...square, read: square.side >= 1_000 ? `square of ${square.side / 1_000} km` : `square of ${square.side} m` };
  const found = PAIR.exec(text.replace(/[EN]\s*[:=]?\s*(?=\d{5})/gi, ""));
  if (!found) return null;
  const [first, second] = [Number(found[1]), Number(found[3])];
  if (isDegrees(text)) return toGrid ? degrees(signed(first, found[2]), signed(second, found[4]), found[2], toGrid) : null;
  if (first < 0 || first >= 700_000 || second < 0 || second >= 1_300_000) {
    throw new Error(`${found[1]}, ${found[3]} is not on the National Grid. Write the easting first (0 to 700,000) and then the northing, such as 447720, 129450.`);
  }
  return { easting: first, northing: second, side: 0, read: "easting and northing" };
}

/** West and south are below nothing. */
function signed(number: number, letter: string | undefined): number {
  return letter && /[WS]/i.test(letter) ? -Math.abs(number) : number;
}

function degrees(first: number, second: number, letter: string | undefined, toGrid: ToGrid): Place {
  // Great Britain is north of 49° and west of 2° east: which number is the latitude can be told from them.
  const swapped = letter ? /[EW]/i.test(letter) : Math.abs(first) < 15 && Math.abs(second) > 40;
  const [latitude, longitude] = swapped ? [second, first] : [first, second];
  if (latitude < 49 || latitude > 61.5 || longitude < -9 || longitude > 2.5) {
    throw new Error(`${latitude}, ${longitude} is not in Great Britain. Write the latitude first and then the longitude, such as 51.0624, -1.3204.`);
  }
  const [easting, northing] = toGrid(longitude, latitude);
  return { easting: Math.round(easting * 10) / 10, northing: Math.round(northing * 10) / 10, side: 0, read: "latitude and longitude" };
}
