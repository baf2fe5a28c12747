/** What the service worker keeps, and how it answers: so that the map is still there when the Wi-Fi is not. */

/** Documents and tiles that are kept; the oldest go first. About 30 MB of tiles. */
export const MOST = 1_500;
/** Milliseconds that a page is waited for before the one that was kept is shown. */
export const PATIENCE = 4_000;

/** How a request is answered. */
export type Way = "asset" | "tile" | "current" | "elsewhere";

/** Addresses below the root that the map asks for while it is used. */
const DATA = /^\/(map\/|tiles\/|collections\/[^/]+\/(tiles|items|series|styles)(\/|$|\?))/;
/** A tile whose address says which version it is. */
const TILE = /^(\/collections\/[^/]+)?\/tiles\/[^?]*\?(.*&)?v=/;
const PAGES = /^\/(map|schools(\/.*)?)$/;

/** How to answer a request for an address (path with query) below the root.
 *
 * What a signed-in viewer asks for is asked with `no-store`: it goes to the server each time, and is kept nowhere.
 */
export function way(method: string, path: string, mode: string, cache: string): Way {
  if (method !== "GET" || cache === "no-store") return "elsewhere";
  if (path.startsWith("/static/")) return "asset";
  if (mode === "navigate") return PAGES.test(path.split("?")[0]!) ? "current" : "elsewhere";
  if (TILE.test(path)) return "tile";
  return DATA.test(path) ? "current" : "elsewhere";
}

/** Whether an answer is for everybody, so that it may be kept. */
export function keepable(status: number, cacheControl: string | null): boolean {
  const rules = (cacheControl ?? "").toLowerCase().split(",").map((each) => each.trim());
  return (status === 200 || status === 204) && rules.includes("public") && !rules.includes("private") && !rules.includes("no-store");
}

/** Whether a server answers that it cannot answer now. */
export function busy(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Of kept addresses, oldest first, those that have to go. */
export function surplus<T>(kept: readonly T[], most = MOST): T[] {
  return kept.slice(0, Math.max(0, kept.length - most));
}

/** Of the caches that there are, those of other releases. Data outlives a release: it is asked for anew anyway. */
export function outdated(names: readonly string[], release: string): string[] {
  return names.filter((name) => name.startsWith("hantsmap-assets-") && name !== `hantsmap-assets-${release}`);
}
