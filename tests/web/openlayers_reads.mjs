// Run by Node: `openlayers_reads.mjs OL`, where OL is the folder of OpenLayers; questions as JSON on stdin, answers on
// stdout. A question is {rules, resolution, tiles: [base64, ...]}: what OpenLayers finds in the tiles, and how it would
// draw it by the rules.
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {pathToFileURL} from "node:url";

// A picture that is never looked at: styles name icons and hatches, and nothing is drawn here.
globalThis.HTMLImageElement = globalThis.Image = class {
  addEventListener() {}
  removeEventListener() {}
  decode() { return new Promise(() => {}); }
};
const from = async (name) => import(pathToFileURL(join(process.argv[2], name)).href);
const {default: MVT} = await from("format/MVT.js");
const {flatStyleLikeToStyleFunction} = await from("render/canvas/style.js");

const answers = JSON.parse(readFileSync(0, "utf8")).map(({rules, resolution, tiles}) => {
  const format = new MVT(), style = flatStyleLikeToStyleFunction(rules);
  const found = new Map();
  for (const tile of tiles) {
    for (const feature of format.readFeatures(Buffer.from(tile, "base64"))) {
      const {layer, ...properties} = feature.getProperties();
      const drawn = style(feature, resolution) ?? [];
      const colours = drawn.flatMap((each) => each.getStroke()?.getColor() ?? []);
      found.set(properties.id, {layer, kind: feature.getType(), properties, styles: drawn.length, colours});
    }
  }
  return [...found.values()];
});
process.stdout.write(JSON.stringify(answers));
