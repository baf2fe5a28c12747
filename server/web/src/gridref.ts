/** References of the National Grid. A reference names a square and not a point: figures are cut off, never rounded. */

const LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"; // no I

/** Figures of a reference, and the side of the square that they name in metres. */
export const SIDES: Record<number, number> = { 0: 100_000, 2: 10_000, 4: 1_000, 6: 100, 8: 10, 10: 1 };

/** The two letters of the 100 km square of a point (EPSG:27700 metres), or null off the grid. */
export function letters(easting: number, northing: number): string | null {
  const east = Math.floor(easting / 100_000), north = Math.floor(northing / 100_000);
  if (!(east >= 0 && east < 7 && north >= 0 && north < 13)) return null;
  const first = (3 - Math.floor(north / 5)) * 5 + Math.floor(east / 5) + 2;
  const second = (4 - (north % 5)) * 5 + (east % 5);
  return `${LETTERS[first]}${LETTERS[second]}`;
}

/** The reference of a point with so many figures: `SU 477 294`. Null off the grid. */
export function reference(easting: number, northing: number, figures = 6): string | null {
  const square = letters(easting, northing);
  if (!square) return null;
  const half = figures / 2;
  // A millionth of a metre is no distance: 447719.9999999 is what arithmetic makes of 447720.
  const cut = (metres: number): string => String(Math.floor(metres + 1e-6) % 100_000).padStart(5, "0").slice(0, half);
  return half ? `${square} ${cut(easting)} ${cut(northing)}` : square;
}

/** A square of the National Grid: its south-west corner and its side, in metres. */
export interface Square {
  easting: number;
  northing: number;
  side: number;
}

/** What somebody wrote is meant as a reference, and cannot be one: why, in words that a pupil understands. */
export class NoReference extends Error {}

const QUADRANTS: Record<string, [number, number]> = { SW: [0, 0], SE: [1, 0], NW: [0, 1], NE: [1, 1] };

/** The square that a reference names; null where the text is not meant as one. Throws where it is, and names none. */
export function readReference(text: string): Square | null {
  const match = /^\s*([A-Za-z])\s?([A-Za-z])\s*((?:\d[\s,]*)*)(NE|NW|SE|SW)?\s*$/i.exec(text);
  if (!match) return null;
  const digits = match[3]!.replace(/\D/g, ""), name = (match[1]! + match[2]!).toUpperCase();
  if (digits === "" && !/^(S[UZ]|[HJNOST][A-HJ-Z])$/.test(name)) return null;
  const corner = squareOf(name);
  if (!corner) throw new NoReference(`There is no square ${name} on the National Grid of Great Britain. In this county the letters are SU or SZ.`);
  if (digits.length % 2) {
    throw new NoReference(`${name} ${digits} has ${digits.length} ${digits.length === 1 ? "figure" : "figures"}. A grid reference needs an even number: ` +
      "half of them to go along the corridor (easting), and the same number to go up the stairs (northing), such as SU 477 294.");
  }
  if (digits.length > 10) throw new NoReference(`${name} ${digits} has ${digits.length} figures. Ten figures name a square of one metre, and nobody needs more.`);
  const half = digits.length / 2, side = 10 ** (5 - half);
  const quadrant = match[4] ? QUADRANTS[match[4].toUpperCase()]! : null;
  const size = quadrant ? side / 2 : side;
  return {
    easting: corner[0] + (half ? Number(digits.slice(0, half)) * side : 0) + (quadrant ? quadrant[0] * size : 0),
    northing: corner[1] + (half ? Number(digits.slice(half)) * side : 0) + (quadrant ? quadrant[1] * size : 0),
    side: size,
  };
}

function squareOf(name: string): [number, number] | null {
  const first = LETTERS.indexOf(name[0]!), second = LETTERS.indexOf(name[1]!);
  if (first < 0 || second < 0) return null;
  const east = ((first % 5) - 2) * 5 + (second % 5), north = (3 - Math.floor(first / 5)) * 5 + 4 - Math.floor(second / 5);
  return east >= 0 && east < 7 && north >= 0 && north < 13 ? [east * 100_000, north * 100_000] : null;
}
