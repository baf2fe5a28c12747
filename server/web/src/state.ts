/** All that the map remembers stands in the fragment of its address, so that a link opens just the same map.
 *
 * A fragment is never sent to a server: what a pupil does stays in the browser, and in the links that they copy.
 */

/** The state of the map, as readable parameters. A tool reads and writes it; it is opened anew when the address changes, and
 *  so has nothing to watch, and nothing to leave behind. */
export interface State {
  /** The value of a key, or null. */
  get(key: string): string | null;
  /** Set some keys; null takes one out. */
  set(values: Record<string, string | null>): void;
}

/** Characters that need no escaping in a fragment (RFC 3986, 3.5), so that links stay readable. */
const PLAIN = /%(2C|3A|3B|2F|3F|40|24|21|28|29|2A|27)/gi;

/** A fragment as its parameters. What cannot be read is left out: an old link still opens. */
export function readFragment(fragment: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 1) continue;
    try {
      found.set(decodeURIComponent(part.slice(0, at)), decodeURIComponent(part.slice(at + 1).replace(/\+/g, " ")));
    } catch {
      continue;
    }
  }
  return found;
}

/** Parameters as a fragment. */
export function writeFragment(values: Map<string, string>): string {
  const plain = (text: string): string => encodeURIComponent(text).replace(PLAIN, (code) => decodeURIComponent(code));
  const parts = [...values].map(([key, value]) => `${plain(key)}=${plain(value)}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

/** The state of the page that is open. It follows the address when somebody changes that by hand or by a link. */
export class FragmentState implements State {
  #values: Map<string, string>;
  #watchers: [string, (value: string | null) => void][] = [];
  #addressWatchers: ((changed: ReadonlySet<string>) => void)[] = [];

  constructor(private readonly page: Window) {
    this.#values = readFragment(page.location.hash);
    page.addEventListener("hashchange", () => {
      const changed = this.#replace(readFragment(page.location.hash));
      if (changed.size) for (const told of this.#addressWatchers) told(changed);
    });
  }

  get(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  set(values: Record<string, string | null>): void {
    const next = new Map(this.#values);
    for (const [key, value] of Object.entries(values)) {
      if (value === null) next.delete(key);
      else next.set(key, value);
    }
    // Not a new step of the history: going back should leave the map, not undo each move of it.
    this.page.history.replaceState(this.page.history.state, "", writeFragment(next) || this.page.location.pathname);
    this.#replace(next);
  }

  /** Be told of a key each time it changes, whoever changes it, as long as the page is there. */
  watch(key: string, told: (value: string | null) => void): void {
    this.#watchers.push([key, told]);
  }

  /** Be told of the keys that have changed when the address is changed from outside: by hand, by a link, by Back or Forward. */
  watchAddress(told: (changed: ReadonlySet<string>) => void): void {
    this.#addressWatchers.push(told);
  }

  /** How many watch. */
  get watched(): number {
    return this.#watchers.length + this.#addressWatchers.length;
  }

  #replace(next: Map<string, string>): Set<string> {
    const before = this.#values;
    this.#values = next;
    const changed = new Set([...before.keys(), ...next.keys()].filter((key) => before.get(key) !== next.get(key)));
    for (const [key, told] of this.#watchers) if (changed.has(key)) told(next.get(key) ?? null);
    return changed;
  }
}

/** Values that stand in one key, separated by commas. */
export function listed(value: string | null): string[] {
  return (value ?? "").split(",").filter((each) => each !== "");
}
