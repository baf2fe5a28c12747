/** Reading tables of text (RFC 4180), also with semicolons or tabs, with or without a byte order mark. */

export interface Row { line: number; cells: string[] }

/** The rows of a text, each with the number of the line it begins on, from 1. Blank lines are left out. */
export function rows(text: string, delimiter = delimiterOf(text)): Row[] {
  const clean = text.replace(/^\uFEFF/, "");
  const out: Row[] = [];
  let cells: string[] = [], cell = "", quoted = false, line = 1, begun = 1;
  const endCell = (): void => { cells.push(cell.trim()); cell = ""; };
  const endRow = (): void => {
    endCell();
    if (cells.some((one) => one !== "")) out.push({ line: begun, cells });
    cells = []; begun = line;
  };
  for (let i = 0; i < clean.length; i++) {
    const c = clean[i]!;
    if (c === "\n") line++;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (clean[i + 1] === '"') { cell += c; i++; }
      else quoted = false;
    } else if (c === '"' && cell.trim() === "") { quoted = true; cell = ""; }
    else if (c === delimiter) endCell();
    else if (c === "\n") endRow();
    else if (c === "\r") { if (clean[i + 1] !== "\n") { line++; endRow(); } }
    else cell += c;
  }
  endRow();
  return out;
}

/** What stands between the cells of the first line: whichever of comma, semicolon and tab it has most of. */
export function delimiterOf(text: string): string {
  const first = text.replace(/^\uFEFF/, "").split(/\r?\n/).find((line) => line.trim() !== "") ?? "";
  const bare = first.replace(/"[^"]*"/g, "");
  return [",", ";", "\t"].map((c) => [bare.split(c).length, c] as const).reduce((a, b) => (b[0] > a[0] ? b : a))[1];
}

/** A table as text with commas and CRLF. A cell that a spreadsheet would run as a formula is told to be text. */
export function write(table: (string | number | null)[][]): string {
  const cell = (value: string | number | null): string => {
    const raw = value === null ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return table.map((row) => row.map(cell).join(",") + "\r\n").join("");
}
