/** What lies at a place of the map: the features under a pointer, or under the centre for those who use keys. */
import type { FeatureLike } from "ol/Feature.js";
import type OlMap from "ol/Map.js";
import type { LayersDocument, LayerTold } from "./app";
import { identifier, type Drawn } from "./drawn";
import { called } from "./tools/details";

/** A feature that was found: its layer, its id and what people call it. */
export interface Found {
  layer: LayerTold;
  id: string;
  name: string;
}

/** Pixels around a place that still count: a finger is wider than a pointer. */
const AROUND = 6;

/** Features at a pixel, topmost first, each once. What cannot be told of (without an id) is left out. */
export function at(map: OlMap, drawn: Drawn, told: LayersDocument, pixel: number[]): Found[] {
  const found = new Map<string, Found>();
  map.forEachFeatureAtPixel(pixel, (feature: FeatureLike, source) => {
    const layer = told.layers.find((each) => each.id === drawn.layerOf(feature, source as never));
    const id = layer ? identifier(feature) : "";
    if (layer && id) found.set(`${layer.id}/${id}`, { layer, id, name: called(feature, layer, id) });
  }, { hitTolerance: AROUND });
  return [...found.values()].sort((one, other) => Number(one.layer.base) - Number(other.layer.base) || other.layer.order - one.layer.order);
}
