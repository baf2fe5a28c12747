/** Finding names: in the browser, so that nothing that somebody types leaves it. */
import type { Name } from "./app";

/** Text without case, accents and marks, so that `st marys` finds `St Mary’s`. */
export function plain(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/['’`.]/g, "").replace(/[^a-z0-9]+/g, " ").trim();
}

/** How well a name answers: 0 is the whole name, then its beginning, the beginnings of words, any part; null not at all. */
export function rank(name: string, asked: string): number | null {
  if (name === asked) return 0;
  if (name.startsWith(asked)) return 1;
  const words = name.split(" "), wanted = asked.split(" ");
  if (wanted.every((each) => words.some((word) => word.startsWith(each)))) return 2;
  return asked.length > 2 && name.includes(asked) ? 3 : null;
}

/** Kinds of names as people call them, in the order in which they are told. */
const KINDS: Record<string, string> = {
  place: "Place", postcode: "Postcode district", school: "School", service: "Service", street: "Street", path: "Path", area: "Area", site: "Site",
  water: "Water", wood: "Wood", green: "Open space",
};

export function kindName(kind: string): string {
  return KINDS[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** A whole postcode is looked for by its district: no list of postcodes is kept. */
const POSTCODE = /^([a-z]{1,2}\d[a-z\d]?) ?\d[a-z]{2}$/;

/** The names that answer best, at most so many. */
export class Finder {
  readonly #plain: string[];
  readonly #order: Map<string, number>;

  constructor(private readonly names: readonly Name[]) {
    this.#plain = names.map((name) => plain(name.name));
    this.#order = new Map(Object.keys(KINDS).map((kind, index) => [kind, index]));
  }

  find(text: string, most = 12): Name[] {
    const asked = plain(text);
    if (!asked) return [];
    const district = POSTCODE.exec(asked)?.[1] ?? asked;
    const found: [number, number, Name][] = [];
    this.#plain.forEach((name, index) => {
      const each = this.names[index]!, well = rank(name, district);
      if (well !== null) found.push([well, this.#order.get(each.kind) ?? 99, each]);
    });
    found.sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2].name.localeCompare(other[2].name, "en-GB") || one[2].where.localeCompare(other[2].where, "en-GB"));
    return found.slice(0, most).map(([, , name]) => name);
  }
}
