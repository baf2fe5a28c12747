/** The British National Grid: the map's reference system and its tiles (Ordnance Survey's matrix set, EPSG:27700). */
import Projection from "ol/proj/Projection.js";
import { addProjection, get } from "ol/proj.js";
import TileGrid from "ol/tilegrid/TileGrid.js";
import type { Box } from "./app";

export const CODE = "EPSG:27700";
/** The name of the reference system in OGC addresses. */
export const URI = "http://www.opengis.net/def/crs/EPSG/0/27700";
/** Metres to a pixel at zoom 0; each zoom halves them. */
export const FIRST = 896;
export const ORIGIN: [number, number] = [-238375, 1376256];
/** Tiles are made to this zoom; beyond it they are drawn larger. */
export const LAST_TILES = 9;
/** 0.11 m to a pixel. */
export const CLOSEST = 13;
/** The area in which the National Grid has letters. */
export const EXTENT: Box = [0, 0, 700_000, 1_300_000];

/** The reference system, known to OpenLayers from the first call on. Metres of the grid are metres on the screen. */
export function nationalGrid(): Projection {
  const known = get(CODE);
  if (known) return known;
  const made = new Projection({ code: CODE, units: "m", extent: [-238375, 0, 900_000, 1_376_256], getPointResolution: (resolution) => resolution });
  addProjection(made);
  return made;
}

/** Metres to a pixel at a zoom, which may lie between two. */
export function resolution(zoom: number): number {
  return FIRST / 2 ** zoom;
}

/** Resolutions of the view, zoom by zoom. */
export const RESOLUTIONS = Array.from({ length: CLOSEST + 1 }, (_, zoom) => resolution(zoom));

/** The matrices from one zoom to another; no tile is asked for outside an extent. */
export function tileGrid(first = 0, last = LAST_TILES, extent: Box = [-238375, 0, 900_000, 1_376_256]): TileGrid {
  return new TileGrid({ origin: ORIGIN, resolutions: RESOLUTIONS.slice(0, last + 1), minZoom: first, tileSize: 256, extent });
}
