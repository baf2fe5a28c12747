/** All that the map remembers stands in the fragment of its address, so that a link opens just the same map.
 *
 * A fragment is never sent to a server: what a pupil does stays in the browser, and in the links that they copy.
 */

/** The state of the map, as readable parameters. */
export interface State {
  /** The value of a key, or null. */
  get(key: string): string | null;
  /** Set some keys; null takes one out. */
  set(values: Record<string, string | null>): void;
  /** Be told of a key each time it changes, whoever changes it. */
  watch(key: string, told: (value: string | null) => void): void;
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

  constructor(private readonly page: Window) {
    this.#values = readFragment(page.location.hash);
    page.addEventListener("hashchange", () => this.#replace(readFragment(page.location.hash)));
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

  watch(key: string, told: (value: string | null) => void): void {
    this.#watchers.push([key, told]);
  }

  #replace(next: Map<string, string>): void {
    const before = this.#values;
    this.#values = next;
    for (const [key, told] of this.#watchers) {
      if ((before.get(key) ?? null) !== (next.get(key) ?? null)) told(next.get(key) ?? null);
    }
  }
}

/** Values that stand in one key, separated by commas. */
export function listed(value: string | null): string[] {
  return (value ?? "").split(",").filter((each) => each !== "");
}
