/** Lines of the National Grid over the map, with the numbers that Ordnance Survey prints beside them. */
import Layer from "ol/layer/Layer.js";
import type { FrameState } from "ol/Map.js";

const LINE = "rgba(32, 110, 160, 0.55)";
const INK = "#0d4a73";

/** Metres between lines at a resolution (metres to a pixel): far enough apart to be counted. */
export function step(resolution: number): number {
  if (resolution <= 0.9) return 100;
  return resolution <= 30 ? 1_000 : 10_000;
}

/** Where lines stand between two coordinates. */
export function lines(from: number, to: number, every: number): number[] {
  const found: number[] = [];
  for (let at = Math.ceil(from / every) * every; at <= to; at += every) found.push(at);
  return found;
}

/** What stands beside a line: two figures for kilometres, three for hundreds of metres. */
export function number(at: number, every: number): string {
  const within = ((at % 100_000) + 100_000) % 100_000;
  return every === 100 ? String(within / 100).padStart(3, "0") : String(within / 1_000).padStart(2, "0");
}

/** The lines, drawn anew with each frame, so that the numbers stay at the edges while the map moves. */
export class GridLines extends Layer {
  readonly #canvas = document.createElement("canvas");

  constructor() {
    super({ zIndex: 100_000, properties: { id: "grid-lines" } });
    this.#canvas.className = "grid-lines";
  }

  override render(frame: FrameState | null): HTMLElement | null {
    if (!frame?.extent) return null;
    const [width, height] = frame.size as [number, number], sharp = frame.pixelRatio, canvas = this.#canvas;
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      canvas.width = Math.round(width * sharp);
      canvas.height = Math.round(height * sharp);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
      canvas.style.position = "absolute";
    }
    const pen = canvas.getContext("2d")!;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    const { center, resolution } = frame.viewState, every = step(resolution);
    const west = center[0]! - (width / 2) * resolution, north = center[1]! + (height / 2) * resolution;
    const x = (easting: number): number => Math.round((easting - west) / resolution) + 0.5;
    const y = (northing: number): number => Math.round((north - northing) / resolution) + 0.5;
    const upright = lines(west, west + width * resolution, every), level = lines(north - height * resolution, north, every);
    this.#strokes(pen, upright.map(x), level.map(y), width, height, [...upright, ...level].map((at) => at % (every * 10) === 0));
    pen.font = "600 14px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const at of upright) written(pen, number(at, every), x(at), 12);
    for (const at of level) if (y(at) > 30) written(pen, number(at, every), 16, y(at));
    return canvas;
  }

  #strokes(pen: CanvasRenderingContext2D, upright: number[], level: number[], width: number, height: number, strong: boolean[]): void {
    pen.strokeStyle = LINE;
    [...upright.map((at) => [at, 0, at, height]), ...level.map((at) => [0, at, width, at])].forEach(([x1, y1, x2, y2], index) => {
      pen.lineWidth = strong[index] ? 1.6 : 0.8;
      pen.beginPath();
      pen.moveTo(x1!, y1!);
      pen.lineTo(x2!, y2!);
      pen.stroke();
    });
  }
}

function written(pen: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  pen.strokeStyle = "rgba(255, 255, 255, 0.9)";
  pen.strokeText(text, x, y);
  pen.fillStyle = INK;
  pen.fillText(text, x, y);
}
