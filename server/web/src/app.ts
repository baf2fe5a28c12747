/** What the parts of the map know of each other: the application, its tools, and the documents of the server. */
import type OlMap from "ol/Map.js";
import type Feature from "ol/Feature.js";
import type { Box } from "./plain/plane";
import type { Series } from "./plain/series";
import type { State } from "./state";

export type { Box, Series };

/** The application, as every tool sees it. */
export interface App {
  map: OlMap;
  layers: LayersDocument;
  state: State;
  /** Say something to those who listen instead of looking (and to all, in the line under the map). */
  say(text: string): void;
  /** All features of a layer that meet the question, in EPSG:27700; paged to the end. */
  items(layer: string, query?: { bbox?: Box; filter?: string; limit?: number }): Promise<Feature[]>;
  /** Values of areas over time. Fetched once. */
  series(layer: string, group: string): Promise<Series>;
  /** All that can be searched for. Fetched once. */
  names(): Promise<Name[]>;
  /** Switch a layer on or off. */
  show(layer: string, visible: boolean): void;
  /** What the map shows now, as one picture. */
  picture(): HTMLCanvasElement;
  panel: Panel;
  /** The address of something of this service: `address("/collections/schools")`. */
  address(path: string): string;
  /** A document of this service. Rejects with a sentence for people. */
  read(path: string): Promise<unknown>;
}

/** The place where one tool is open at a time. */
export interface Panel {
  /** The tool that is open, or null. */
  readonly tool: string | null;
  open(tool: string): void;
  close(): void;
}

/** Something that is done with the map. `open` builds its controls from what the state says, and gives what ends it. */
export interface Tool {
  id: string;
  title: string;
  /** Path data of an icon of 24 by 24. */
  icon: string;
  /** Keys of the fragment that it shows. When the address changes one of them, the tool is opened anew. */
  keys: readonly string[];
  open(app: App, into: HTMLElement): () => void;
}

/** `/map/layers.json`. */
export interface LayersDocument {
  title: string;
  publisher: string | null;
  notice: string | null;
  extent: Box;
  synthetic: boolean;
  background: { url: string; attribution: string; matrix: string } | null;
  layers: LayerTold[];
}

/** A layer, as the server tells of it. */
export interface LayerTold {
  id: string;
  title: string;
  description: string;
  group: string;
  order: number;
  base: boolean;
  geometry: string;
  count: number;
  display: string | null;
  key_field: string | null;
  /** West, south, east, north in EPSG:27700; null where no feature has a place. */
  extent: Box | null;
  licence: { title: string; url: string };
  attribution: string;
  published: string;
  source: string;
  cadence: string;
  capture_scale: number | null;
  notice: string | null;
  quality: string;
  fields: Record<string, FieldTold>;
  /** Zooms of the tiles by matrix set, their fields, and their version: another after a publication. */
  tiles: (Record<string, { minzoom: number; maxzoom: number }> & { fields?: unknown; version?: unknown }) | null;
  style: unknown[] | null;
  key: KeyEntry[] | null;
  series: { area: string; period: string; group: string } | null;
}

/** A field of a layer. */
export interface FieldTold {
  title: string;
  type: string;
  unit: string | null;
  codes: Record<string, string> | null;
}

/** A line of the key: a symbol and what it means. */
export interface KeyEntry {
  label: string;
  code: string | null;
  symbol: SymbolTold;
}

/** A symbol, so that it can be drawn small. */
export interface SymbolTold {
  kind: "line" | "fill" | "point" | "text";
  colour?: string;
  width?: number;
  dash?: number[] | null;
  outline?: string | null;
  pattern?: string | null;
  icon?: string | null;
  casing?: string | null;
  [more: string]: unknown;
}

/** A row of `/map/names.json`: name, kind, easting, northing, what it is or where. */
export interface Name {
  name: string;
  kind: string;
  easting: number;
  northing: number;
  where: string;
}
