/** The squares of the constraints exercise: fetched, reckoned and painted. */
import Feature from "ol/Feature.js";
import { fromExtent } from "ol/geom/Polygon.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import Style from "ol/style/Style.js";
import type { App, Box } from "../app";
import { against, counted, gridOver, reach, shade, type Constraint, type Grid, type Mask, type Shape } from "../plain/constraints";
import { whole } from "../plain/plane";
import { shapeOf } from "./services";

/** From nothing against (dark) to most against (light): "Greens" of ColorBrewer.org. Darker is better, also in grey print. */
export const SHADES = ["#006d2c", "#31a354", "#74c476", "#bae4b3", "#edf8e9"];
export const SHADE_WORDS = ["Nothing against", "Up to a quarter of the weights against", "Up to half against", "Up to three quarters against",
  "More than three quarters against"];
const SIZES = [100, 250, 500, 1000, 2500], MOST_SQUARES = 40_000, MOST_FEATURES = 30_000;

/** Shapes are asked for a little beyond the box, since what is near it counts too; each layer once for each box and distance. */
export class Shapes {
  private readonly kept = new Map<string, Promise<Shape[]>>();
  constructor(private readonly app: App) {}

  /** A whole county of streets would take minutes to fetch: that is told before it is asked for. */
  private guard(id: string, squareMetres: number): void {
    const layer = this.app.layers.layers.find((one) => one.id === id), [west, south, east, north] = this.app.layers.extent;
    const about = (layer?.count ?? 0) * Math.min(1, squareMetres / ((east - west) * (north - south)));
    if (about > MOST_FEATURES) throw new TooMany(`${layer?.title} has about ${whole(about)} features here. Zoom in, or look at one district.`);
  }

  of(layer: string, [west, south, east, north]: Box, beyond: number): Promise<Shape[]> {
    this.guard(layer, (east - west) * (north - south));
    const box: Box = [west - beyond, south - beyond, east + beyond, north + beyond], key = `${layer}:${box.join()}`;
    const found = this.kept.get(key) ?? this.app.items(layer, { bbox: box }).then((features) => features.map(shapeOf));
    this.kept.set(key, found);
    found.catch(() => this.kept.delete(key));
    return found;
  }
}

/** More is being asked for than a browser should be given; the message says so to people. */
export class TooMany extends Error {}

export interface Suitability { grid: Grid; masks: Mask[]; sums: Uint8Array; all: number; inside: Mask | null; counts: number[] }

/** The smallest of the usual sizes whose squares in a box are not too many to reckon at once. */
function sizeFor([west, south, east, north]: Box): number {
  return SIZES.find((size) => ((east - west) / size) * ((north - south) / size) <= MOST_SQUARES) ?? SIZES[SIZES.length - 1]!;
}

/** What speaks against each square of a box that lies in one of some areas; in any, where there are none. */
export async function suitability(shapes: Shapes, box: Box, within: Shape[], constraints: Constraint[]): Promise<Suitability> {
  const grid = gridOver(box, sizeFor(box));
  const masks = await Promise.all(constraints.map(async ({ layer, distance }) => reach(grid, await shapes.of(layer, box, distance), distance)));
  const sums = against(constraints, masks, grid.columns * grid.rows), all = constraints.reduce((sum, { weight }) => sum + weight, 0);
  const inside = within.length ? reach(grid, within, 0) : null;
  return { grid, masks, sums, all, inside, counts: counted(sums, all, inside) };
}

/** A layer that paints squares: one shape, the box of them all, into which they are drawn. */
export function squaresLayer(): { layer: VectorLayer; show(found: Suitability | null): void } {
  let tile: HTMLCanvasElement | null = null;
  const style = new Style({ renderer: (corners, { context }) => {
    const ring = (corners as number[][][])[0]!, xs = ring.map(([x]) => x!), ys = ring.map(([, y]) => y!);
    context.imageSmoothingEnabled = false; // squares, not clouds
    if (tile) context.drawImage(tile, Math.min(...xs), Math.min(...ys), Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  } });
  const source = new VectorSource();
  const layer = new VectorLayer({ source, style, opacity: 0.7, zIndex: 500, updateWhileAnimating: true, updateWhileInteracting: true });
  layer.set("tool", true);
  return { layer, show(found) {
    source.clear();
    if (!found) return;
    const { west, south, size, columns, rows } = found.grid;
    tile = painted(found);
    source.addFeature(new Feature(fromExtent([west, south, west + columns * size, south + rows * size])));
  } };
}

/** The squares, each as one pixel, the northernmost row first. */
function painted({ grid: { columns, rows }, sums, all, inside }: Suitability): HTMLCanvasElement {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d")!;
  [canvas.width, canvas.height] = [columns, rows];
  sums.forEach((sum, square) => {
    if (inside && !inside[square]) return;
    context.fillStyle = SHADES[shade(sum, all)]!;
    context.fillRect(square % columns, rows - 1 - Math.floor(square / columns), 1, 1);
  });
  return canvas;
}

/** A picture of the map with words under it, as a PNG. */
export async function pictureWith(app: App, title: string, lines: string[]): Promise<Blob | null> {
  const map = app.picture(), canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  const unit = Math.max(12, Math.round(map.width / 70)), wrapped = context ? lines.flatMap((line) => wrap(context, line, unit, map.width - 2 * unit)) : lines;
  [canvas.width, canvas.height] = [map.width, map.height + unit * 1.6 * (wrapped.length + 2)];
  if (!context) return null;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(map, 0, 0);
  context.fillStyle = "#0b0c0c";
  context.font = `700 ${unit * 1.2}px system-ui, sans-serif`;
  context.fillText(title, unit, map.height + unit * 1.6);
  context.font = `${unit}px system-ui, sans-serif`;
  wrapped.forEach((line, i) => context.fillText(line, unit, map.height + unit * 1.6 * (i + 2)));
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function wrap(context: CanvasRenderingContext2D, text: string, unit: number, width: number): string[] {
  context.font = `${unit}px system-ui, sans-serif`;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && context.measureText(longer).width > width) { lines.push(line); line = word; } else line = longer;
  }
  return [...lines, line];
}
