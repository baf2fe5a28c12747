/** How tools look on the map: a white casing under each line, so that it is seen on any ground and in black and white. */
import type { FeatureLike } from "ol/Feature.js";
import CircleStyle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import type { Hatch } from "../plain/ramps";

const FONT = "600 14px system-ui, sans-serif";

/** Lines with a casing. */
export function line(colour: string, width = 4, dash?: number[]): Style[] {
  return [new Style({ stroke: new Stroke({ color: "#ffffff", width: width + 3 }) }),
          new Style({ stroke: new Stroke({ color: colour, width, ...(dash ? { lineDash: dash } : {}) }) })];
}

/** A colour with so much of it (0 to 1). */
export function faint(hex: string, share: number): string {
  return `rgba(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(", ")}, ${share})`;
}

/** Words with a white rim. */
export function words(text: string, colour = "#0b0c0c", offset = 0): Text {
  return new Text({ text, font: FONT, offsetY: offset, fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#ffffff", width: 4 }), overflow: true });
}

/** Points that carry a number, with the line or area between them. */
export function numbered(colour: string): (feature: FeatureLike) => Style[] {
  return (feature) => {
    const number = feature.get("number") as number | undefined;
    if (number === undefined) return [...line(colour), new Style({ fill: new Fill({ color: faint(colour, 0.15) }) })];
    const image = new CircleStyle({ radius: 10, fill: new Fill({ color: colour }), stroke: new Stroke({ color: "#ffffff", width: 2 }) });
    return [new Style({ zIndex: 1, image, text: new Text({ text: String(number), font: "600 12px system-ui, sans-serif", fill: new Fill({ color: "#ffffff" }) }) })];
  };
}

/** A disc. */
export function disc(colour: string, radius: number, rim = "#ffffff"): Style {
  return new Style({ image: new CircleStyle({ radius, fill: new Fill({ color: colour }), stroke: new Stroke({ color: rim, width: 2 }) }) });
}

/** Lines on white that fill an area, as far apart on paper as on the screen, so that they are those of the key. */
export function hatched(hatch: Hatch): Style {
  const tile = hatchTile(hatch);
  return new Style({ renderer: (coordinates, { context, pixelRatio, geometry }) => {
    const pattern = context.createPattern(tile, "repeat");
    if (!pattern) return;
    pattern.setTransform(new DOMMatrix().scale(pixelRatio));
    const polygons = (geometry.getType() === "MultiPolygon" ? coordinates : [coordinates]) as unknown as number[][][][];
    context.beginPath();
    for (const ring of polygons.flat()) ring.forEach(([x, y], i) => (i ? context.lineTo(x!, y!) : context.moveTo(x!, y!)));
    context.fillStyle = pattern;
    context.fill("evenodd");
  } });
}

function hatchTile({ spacing, width, angles }: Hatch): HTMLCanvasElement {
  const size = 24, canvas = document.createElement("canvas"), context = canvas.getContext("2d")!;
  canvas.width = canvas.height = size;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, size, size);
  context.lineWidth = width / Math.SQRT2; // the width is along a row
  for (const angle of angles) {
    for (let at = -size; at <= 2 * size; at += spacing) {
      context.beginPath();
      context.moveTo(at, angle < 90 ? size : 0);
      context.lineTo(at + size, angle < 90 ? 0 : size);
      context.stroke();
    }
  }
  return canvas;
}
