/** A pupil's own table: where each row is on the map, and every line that cannot be used, with the reason. */
import { rows, type Row } from "./csv";
import { readReference } from "./gridref";
import type { Point } from "./plane";

export interface Reading { line: number; point: Point; cells: string[] }
export interface Fault { line: number; reason: string }
export interface Readings { columns: string[]; places: string; rows: Reading[]; faults: Fault[] }
/** Longitude and latitude to easting and northing. */
export type ToGrid = (longitude: number, latitude: number) => Point;

const NAMES = {
  reference: /^(grid ?ref(erence)?|gridref|os ?grid( ?ref(erence)?)?|ngr)$/i,
  easting: /^(e|x|easting|eastings|geox|x_?coord(inate)?)$/i, northing: /^(n|y|northing|northings|geoy|y_?coord(inate)?)$/i,
  latitude: /^(lat|latitude)$/i, longitude: /^(lon|long|lng|longitude)$/i,
};

const WANTED = "Name the columns in the first line: grid reference, or easting and northing, or latitude and longitude.";

/** The readings of a text. Nothing is guessed: a line without a place in Great Britain is told, with its number. */
export function readings(text: string, toGrid: ToGrid): Readings {
  const [header, ...body] = rows(text);
  if (!header) return { columns: [], places: "", rows: [], faults: [{ line: 1, reason: `There is nothing to read. ${WANTED}` }] };
  const columns = header.cells;
  const place = placing(columns, toGrid);
  if (!place) return { columns, places: "", rows: [], faults: [{ line: header.line, reason: `No column says where. ${WANTED}` }] };
  const found: Reading[] = [], faults: Fault[] = [];
  for (const row of body) {
    const point = row.cells.length > columns.length
      ? `There are ${row.cells.length} cells, and ${columns.length} columns.` : place.read(row);
    if (typeof point === "string") faults.push({ line: row.line, reason: point });
    else found.push({ line: row.line, point, cells: columns.map((_, i) => row.cells[i] ?? "") });
  }
  if (!body.length) faults.push({ line: header.line, reason: "There are column names, and no readings under them." });
  return { columns, places: place.told, rows: found, faults };
}

interface Placing { told: string; read: (row: Row) => Point | string }

function placing(columns: string[], toGrid: ToGrid): Placing | null {
  const at = (name: keyof typeof NAMES): number => columns.findIndex((column) => NAMES[name].test(column.trim()));
  const [ref, e, n, lat, lon] = [at("reference"), at("easting"), at("northing"), at("latitude"), at("longitude")];
  if (ref >= 0) return { told: "grid reference", read: ({ cells }) => readReference(cells[ref] ?? "") };
  if (e >= 0 && n >= 0) return { told: "easting and northing", read: ({ cells }) => {
    const [x, y] = [number(cells[e]), number(cells[n])];
    if (x === null || y === null) return `"${cells[e] ?? ""}" and "${cells[n] ?? ""}" are not an easting and a northing in metres.`;
    return onGrid([x, y]) ? [x, y] : `Easting ${x}, northing ${y} is outside Great Britain.`;
  } };
  if (lat >= 0 && lon >= 0) return { told: "latitude and longitude", read: ({ cells }) => {
    const [y, x] = [number(cells[lat]), number(cells[lon])];
    if (y === null || x === null) return `"${cells[lat] ?? ""}" and "${cells[lon] ?? ""}" are not a latitude and a longitude in degrees.`;
    if (y < 49 || y > 61.5 || x < -9 || x > 2.5)
      return `Latitude ${y}, longitude ${x} is outside Great Britain. Are the two the wrong way round?`;
    return toGrid(x, y);
  } };
  return null;
}

const onGrid = ([e, n]: Point): boolean => e >= 0 && e <= 700_000 && n >= 0 && n <= 1_300_000;

/** A number as people write it, also "1,234.5"; null where it is none. */
export function number(text: string | undefined): number | null {
  const clean = (text ?? "").trim().replace(/^[+]/, "").replace(/(\d),(?=\d{3}(\D|$))/g, "$1");
  return /^-?(\d+\.?\d*|\.\d+)$/.test(clean) ? Number(clean) : null;
}

/** The columns that hold a number in at least half of the rows, other than those that say where. */
export function valueColumns({ columns, rows: found }: Readings): string[] {
  const where = Object.values(NAMES);
  return columns.filter((column, i) => !where.some((name) => name.test(column.trim()))
    && found.filter(({ cells }) => number(cells[i]) !== null).length * 2 >= Math.max(1, found.length));
}

/** The values of a column: the rows that have one, and a fault for each that has none. */
export function valued(table: Readings, column: string): { values: { reading: Reading; value: number }[]; faults: Fault[] } {
  const at = table.columns.indexOf(column);
  const values: { reading: Reading; value: number }[] = [], faults: Fault[] = [];
  for (const reading of table.rows) {
    const text = reading.cells[at] ?? "", value = number(text);
    if (value === null) faults.push({ line: reading.line, reason: text ? `${column} "${text}" is not a number.` : `${column} is missing.` });
    else values.push({ reading, value });
  }
  return { values, faults };
}

/** Radius of a symbol in pixels: its area grows with the value, so that twice the value has twice the ink. */
export function radius(value: number, highest: number, largest = 24, least = 4): number {
  return highest <= 0 || value <= 0 ? least : Math.max(least, largest * Math.sqrt(value / highest));
}
