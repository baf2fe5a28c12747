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

/** Kinds of names as people call them. */
const KINDS: Record<string, string> = {
  place: "Place", postcode: "Postcode district", school: "School", service: "Service", street: "Street", path: "Path", area: "Area", site: "Site",
  water: "Water", wood: "Wood", green: "Open space",
};

export function kindName(kind: string): string {
  return KINDS[kind] ?? kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** A whole postcode is looked for by its district: no list of postcodes is kept. */
const POSTCODE = /^([a-z]{1,2}\d[a-z\d]?) ?\d[a-z]{2}$/;

/** Settlements, the largest first: local types of OS Open Names, which stand first in what is said of a place. */
const SETTLEMENTS = ["City", "Town", "Village", "Suburban Area", "Hamlet", "Other Settlement"];

/** How small a settlement is, from 0; all that is none, or tells nothing of its size, is smaller than any. */
function smallness({ kind, where }: Name): number {
  const at = kind === "place" ? SETTLEMENTS.indexOf(where.split(",")[0]!) : -1;
  return at < 0 ? SETTLEMENTS.length : at;
}

/** Names that answer what is asked.
 *
 * Their order: first by how well the name answers (`rank`); of those that answer as well, settlements before all else, the larger
 * first, because somebody who types a town's name means the town and not a road that is called after it; then what is nearest to
 * the middle of the map, because a class asks for what is around it. The alphabet decides only between things at one place.
 */
export class Finder {
  readonly #plain: string[];

  constructor(private readonly names: readonly Name[]) {
    this.#plain = names.map((name) => plain(name.name));
  }

  /** At most so many; `middle` is that of the map, easting and northing. */
  find(text: string, middle: readonly [number, number], most = 12): Name[] {
    const asked = plain(text);
    if (!asked) return [];
    const district = POSTCODE.exec(asked)?.[1] ?? asked;
    const found = this.names.flatMap((name, index) => {
      const well = rank(this.#plain[index]!, district);
      return well === null ? [] : [{ name, order: [well, smallness(name), Math.hypot(name.easting - middle[0], name.northing - middle[1])] }];
    });
    found.sort((one, other) => one.order.map((value, at) => value - other.order[at]!).find((apart) => apart !== 0)
      ?? (one.name.name.localeCompare(other.name.name, "en-GB") || one.name.where.localeCompare(other.name.where, "en-GB")));
    return found.slice(0, most).map(({ name }) => name);
  }
}
