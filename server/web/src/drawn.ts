/** The layers as they are drawn: the base map in one request for each tile, others one by one, on a canvas. */
import type Feature from "ol/Feature.js";
import type { FeatureLike } from "ol/Feature.js";
import MVT from "ol/format/MVT.js";
import BaseLayer from "ol/layer/Base.js";
import TileLayer from "ol/layer/Tile.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorTileLayer from "ol/layer/VectorTile.js";
import { tile as byTile } from "ol/loadingstrategy.js";
import { flatStyleLikeToStyleFunction } from "ol/render/canvas/style.js";
import RenderFeature from "ol/render/Feature.js";
import VectorSource from "ol/source/Vector.js";
import VectorTileSource from "ol/source/VectorTile.js";
import XYZ from "ol/source/XYZ.js";
import type { FlatStyleLike } from "ol/style/flat.js";
import type { StyleFunction } from "ol/style/Style.js";
import type VectorTile from "ol/VectorTile.js";
import type { Extent } from "ol/extent.js";
import type Projection from "ol/proj/Projection.js";
import type { Box, LayersDocument, LayerTold } from "./app";
import { CODE, LAST_TILES, nationalGrid, resolution, tileGrid } from "./grid";
import type { Reading } from "./reading";
import { usualStyle } from "./usual_style";

const MATRIX = "BritishNationalGrid";
/** Without tiles, a layer of more features than this is drawn only when the map is near. */
const MANY = 3_000;
const NEAR = 14;
/** Beneath what tools shade. */
const BENEATH = 450;
/** The property of a tile's feature that names its layer. */
export const LAYER = "layer";

/** Draws the layers of a document; which of them are visible is for the caller to say. */
export class Drawn {
  readonly layers: BaseLayer[] = [];
  #visible = new Set<string>();
  #drawers = new Map<string, StyleFunction>();
  #ground = new Map<string, VectorTileLayer>();
  #single = new Map<string, VectorTileLayer | VectorLayer>();

  constructor(told: LayersDocument, private readonly reading: Reading, private readonly failed: (sentence: string) => void) {
    nationalGrid();
    const spatial = told.layers.filter((layer) => layer.geometry !== "none");
    for (const layer of spatial) {
      this.#drawers.set(layer.id, flatStyleLikeToStyleFunction(steady(layer.style?.length ? layer.style : usualStyle(layer)) as FlatStyleLike));
    }
    if (told.background) this.layers.push(background(told.background));
    // A tile of several layers is there as far as all of them have tiles.
    const tiled = spatial.filter((layer) => layer.base && layer.tiles?.[MATRIX]?.maxzoom === LAST_TILES);
    if (tiled.length) {
      const source = this.#source(`/tiles/${MATRIX}/{z}/{y}/{x}?collections=${tiled.map((layer) => layer.id).join()}&v=${tiled.map(version).join("-")}`, tiled, LAST_TILES);
      // Points of the base map are the names of places: they lie above what is switched on, and give way to nothing.
      for (const part of [tiled.filter((layer) => !isPoint(layer)), tiled.filter(isPoint)].filter((each) => each.length)) {
        const made = this.#tiles(source, firstZoom(tiled), Math.min(...part.map((layer) => layer.order)), new Set(part.map((layer) => layer.id)));
        for (const layer of part) this.#ground.set(layer.id, made);
        this.layers.push(made);
      }
    }
    for (const layer of spatial.filter((each) => !tiled.includes(each))) {
      const zooms = layer.tiles?.[MATRIX];
      const made = zooms
        ? this.#tiles(this.#source(`/collections/${encodeURIComponent(layer.id)}/tiles/${MATRIX}/{z}/{y}/{x}?v=${version(layer)}`, [layer], zooms.maxzoom), zooms.minzoom, layer.order, new Set([layer.id]))
        : this.#features(layer);
      made.setVisible(false);
      this.#single.set(layer.id, made);
      this.layers.push(made);
    }
  }

  /** Show these layers, and no others. */
  show(visible: ReadonlySet<string>): void {
    this.#visible = new Set(visible);
    for (const [id, layer] of this.#single) layer.setVisible(visible.has(id));
    for (const layer of new Set(this.#ground.values())) layer.changed();
  }

  /** Names of places give way to those of areas, where a map is about areas. */
  giveWay(yes: boolean): void {
    for (const layer of new Set(this.#ground.values())) {
      const order = layer.get("order") as number;
      layer.setZIndex(yes ? Math.min(order, BENEATH) : order);
    }
  }

  /** Which layer a feature on the map belongs to. */
  layerOf(feature: FeatureLike, layer: BaseLayer | null): string | null {
    return feature.get(LAYER) as string | undefined ?? (layer?.get("id") as string | undefined) ?? null;
  }

  /** Features of a layer that are drawn within a box, each once. Of a tiled layer they may be cut at the tiles' edges. */
  within(id: string, box: Box): FeatureLike[] {
    const layer = this.#single.get(id) ?? this.#ground.get(id);
    if (!layer || !this.#visible.has(id)) return [];
    if (layer instanceof VectorLayer) return (layer.getSource() as VectorSource).getFeaturesInExtent(box);
    const found = new Map<string, FeatureLike>();
    for (const feature of (layer as VectorTileLayer).getFeaturesInExtent(box)) {
      if (feature.get(LAYER) === id) found.set(identifier(feature), feature);
    }
    return [...found.values()];
  }

  #tiles(source: VectorTileSource, first: number, order: number, members: ReadonlySet<string>): VectorTileLayer {
    const style: StyleFunction = (feature, resolution) => {
      const id = feature.get(LAYER) as string;
      return members.has(id) && this.#visible.has(id) ? this.#drawers.get(id)?.(feature, resolution) : undefined;
    };
    // Below the first zoom there are no tiles. The little more is for a view that stands at that zoom, give or take a rounding.
    return new VectorTileLayer({ source, style, maxResolution: resolution(first) * 1.000001, properties: { order }, declutter: "layers", zIndex: order, renderBuffer: 128, renderMode: "hybrid", preload: 0 });
  }

  #source(path: string, layers: LayerTold[], last: number): VectorTileSource {
    return new VectorTileSource({
      format: new MVT({ layerName: LAYER }), tileGrid: tileGrid(0, last, together(layers)), projection: CODE, url: path, zDirection: 1, wrapX: false,
      tileLoadFunction: (tile, url) => this.#load(tile as VectorTile<RenderFeature>, url),
    });
  }

  #load(tile: VectorTile<RenderFeature>, url: string): void {
    tile.setLoader((extent, _, projection) => void this.#fill(tile, url, extent, projection));
  }

  async #fill(tile: VectorTile<RenderFeature>, url: string, extent: Extent, projection: Projection): Promise<void> {
    try {
      const answer = await this.reading.fetch(url);
      const bytes = answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer();
      const format = tile.getFormat() as MVT;
      tile.setFeatures(format.readFeatures(bytes, { extent, featureProjection: projection }) as unknown as RenderFeature[]);
    } catch (fault) {
      tile.onError();
      this.failed((fault as Error).message);
    }
  }

  #features(layer: LayerTold): VectorLayer {
    const source: VectorSource = new VectorSource({
      strategy: byTile(tileGrid(2, 6)),
      loader: (extent, _, __, done, failed) => {
        this.reading.items(layer.id, { bbox: extent as Box }).then((found) => {
          source.addFeatures(found.filter((feature) => !source.getFeatureById(feature.getId()!)));
          done?.(found);
        }, (fault: Error) => {
          source.removeLoadedExtent(extent);
          failed?.();
          this.failed(fault.message);
        });
      },
    });
    const made = new VectorLayer({ source, zIndex: layer.order, declutter: "layers", style: this.#drawers.get(layer.id)!,
      ...(layer.count > MANY ? { maxResolution: NEAR } : {}) });
    made.set("id", layer.id);
    return made;
  }
}

/** The id of a feature as the server knows it: tiles carry only numbers as ids, so there it stands among the properties. */
export function identifier(feature: FeatureLike): string {
  return String(feature.get("id") ?? (feature as Feature).getId() ?? "");
}

/** The version of a layer's tiles. It is in their address, so that what was kept before a publication is not shown after it. */
/** The first zoom at which one of the layers has tiles. */
function firstZoom(layers: readonly LayerTold[]): number {
  return Math.min(...layers.map((layer) => layer.tiles?.[MATRIX]?.minzoom ?? 0));
}

/** The extent of layers together: outside it the server has no tiles of them (404). */
function together(layers: readonly LayerTold[]): Box | undefined {
  const boxes = layers.flatMap((layer) => (layer.extent ? [layer.extent] : []));
  if (!boxes.length) return undefined;
  const edge = (at: number, choose: (...values: number[]) => number): number => choose(...boxes.map((box) => box[at] as number));
  return [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
}

function version(layer: LayerTold): string {
  return String(layer.tiles?.version);
}

function isPoint(layer: LayerTold): boolean {
  return layer.geometry.endsWith("Point");
}

/** The same style, with markers that stand whatever stands near them: only words give way. */
function steady(rules: readonly unknown[]): unknown[] {
  return JSON.parse(JSON.stringify(rules), (_, value: unknown) =>
    (typeof value === "object" && value !== null && "icon-src" in value ? { ...value, "icon-declutter-mode": "none" } : value)) as unknown[];
}

function background(told: NonNullable<LayersDocument["background"]>): TileLayer {
  const source = new XYZ({ url: told.url, projection: CODE, tileGrid: tileGrid(0, CLOSEST_BACKGROUND), crossOrigin: "anonymous", attributions: told.attribution });
  return new TileLayer({ source, zIndex: -1 });
}

/** OS Maps has its raster tiles to this zoom. */
const CLOSEST_BACKGROUND = 13;
