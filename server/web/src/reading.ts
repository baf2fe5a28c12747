/** What the map reads from the server: documents, features, tiles. Nothing is read from anywhere else. */
import type Feature from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import type { Box, Name, Series } from "./app";
import { CODE, URI } from "./grid";

const MOST = 1_000;
const OFFLINE = "There is no connection to the map's server, and this has not been loaded before. Try again when there is one.";

/** A document that could not be read, with a sentence for people. */
export class ReadingError extends Error {}

export class Reading {
  #kept = new Map<string, Promise<unknown>>();
  #format = new GeoJSON({ dataProjection: CODE, featureProjection: CODE });

  /** `root` is the path of the service (`""` or `/maps`); what is not `shared` is kept nowhere, not in the worker either. */
  constructor(private readonly root: string, private readonly shared: boolean) {}

  /** The address of something of this service. */
  address(path: string): string {
    return this.root + path;
  }

  /** Fetch something of this service. Rejects with a ReadingError where it is not there or cannot be had. */
  async fetch(path: string, signal?: AbortSignal): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(path.startsWith("http") ? path : this.address(path), {
        cache: this.shared ? "default" : "no-store", ...(signal ? { signal } : {}) });
    } catch (fault) {
      if (signal?.aborted) throw fault;
      throw new ReadingError(OFFLINE);
    }
    if (!answer.ok) {
      const told = await answer.json().catch(() => null) as { detail?: string } | null;
      throw new ReadingError(told?.detail ?? `The server answered ${answer.status}.`);
    }
    return answer;
  }

  /** A document, as JSON. */
  async read(path: string): Promise<unknown> {
    return (await this.fetch(path)).json();
  }

  /** A document that is read once. */
  #once<T>(path: string, make: (document: never) => T): Promise<T> {
    let known = this.#kept.get(path);
    if (!known) {
      known = this.read(path).then((document) => make(document as never));
      known.catch(() => this.#kept.delete(path));
      this.#kept.set(path, known);
    }
    return known as Promise<T>;
  }

  /** Features of a layer, in EPSG:27700; page after page. */
  async items(layer: string, query: { bbox?: Box; filter?: string; limit?: number } = {}): Promise<Feature[]> {
    const most = query.limit ?? Infinity;
    const asked = new URLSearchParams({ f: "json", crs: URI, limit: String(Math.min(most, MOST)) });
    if (query.bbox) {
      asked.set("bbox", query.bbox.map((each) => each.toFixed(1)).join());
      asked.set("bbox-crs", URI);
    }
    if (query.filter) asked.set("filter", query.filter);
    const found: Feature[] = [];
    for (let offset = 0; found.length < most; offset += MOST) {
      if (offset) asked.set("offset", String(offset));
      const page = await this.read(`/collections/${encodeURIComponent(layer)}/items?${asked}`) as { numberReturned: number };
      found.push(...this.#format.readFeatures(page));
      if (page.numberReturned < Number(asked.get("limit"))) break;
    }
    return found.slice(0, most === Infinity ? undefined : most);
  }

  /** One feature, with all that the viewer may know of it. */
  async item(layer: string, id: string): Promise<Feature> {
    const document = await this.read(`/collections/${encodeURIComponent(layer)}/items/${encodeURIComponent(id)}?f=json&crs=${encodeURIComponent(URI)}`);
    return this.#format.readFeature(document) as Feature;
  }

  /** All names. */
  names(): Promise<Name[]> {
    return this.#once("/map/names.json", (document: { names: [string, string, number, number, string][] }) =>
      document.names.map(([name, kind, easting, northing, where]) => ({ name, kind, easting, northing, where: where ?? "" })));
  }

  /** Values of areas over time. */
  series(layer: string, group: string): Promise<Series> {
    return this.#once(`/collections/${encodeURIComponent(layer)}/series?group=${encodeURIComponent(group)}`, (document: Series) => document);
  }
}
