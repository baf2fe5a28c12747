/** Route: the shortest walk along rights of way through the places that are put down. */
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import OlPoint from "ol/geom/Point.js";
import type { App, Tool } from "../app";
import { write } from "../plain/csv";
import { readPoints, writePoints } from "../plain/drawing";
import { reference } from "../plain/gridref";
import { snap, type Snapped } from "../plain/network";
import { distance, metres, whole, type Point } from "../plain/plane";
import { minutes, PACE_KMH, route as find, spoken, type Route } from "../plain/route";
import { button, element, finding, group, note, problem, row, save, table, tick } from "./controls";
import { ground } from "./ground";
import { Paths, QUIET, STATUSES } from "./routing";
import { stops } from "./stops";
import { numbered } from "./styles";

const SNAP = 250; // metres from which a place is taken to the nearest path

interface Options { statuses: string[]; circular: boolean }

/** Options as "FP,BW:circular"; footpaths and bridleways when nothing is said. */
function readOptions(text: string | null): Options {
  const [list, round] = (text ?? "FP,BW").split(":");
  return { statuses: (list ?? "").split(",").filter((code) => STATUSES.some(([known]) => known === code)), circular: round === "circular" };
}

const WORDS: Record<string, string> = { FP: "Footpath", BW: "Bridleway", RB: "Restricted byway", BOAT: "Byway open to all traffic", [QUIET]: "Quiet road" };
const statusWords = (code: string): string => WORDS[code] ?? code;

/** How far it would be as the crow flies; of a circular walk nothing. */
function crow(line: Point[]): string {
  const apart = distance(line[0]!, line[line.length - 1]!);
  return apart < 1 ? "It comes back to its start." : `As the crow flies from first to last place: ${metres(apart)}.`;
}

class Walk {
  private readonly paths: Paths;
  private readonly on;
  private readonly told = finding("Route");
  private readonly wrong = problem();
  private readonly list = element("div");
  private readonly paper = element("p", { className: "tool-paper", hidden: true });
  private readonly export: HTMLButtonElement;
  private asked = 0;
  private found: Route | null = null;

  constructor(private readonly app: App, into: HTMLElement) {
    this.paths = new Paths(app);
    this.on = ground(app, numbered("#b3005e"));
    this.export = button("Save the list of paths (CSV)", () => this.save(), true);
    const placed = stops(app, () => this.points(), (points) => this.change({ r: points.length ? writePoints(points) : null }), "Add places to go through");
    this.on.pointed(placed.add);
    into.append(this.told, this.wrong, this.ways(), placed.box, this.list, this.paper, row(this.export),
      note(`Places are taken to the nearest path, up to ${SNAP} m away. Walking time is reckoned at ${PACE_KMH} km/h on the level; `
        + "stops and hills are not counted."));
    void this.show();
  }

  private ways(): HTMLElement {
    const { statuses, circular } = this.options();
    const boxes = STATUSES.map(([code, words]) => tick(words, statuses.includes(code), () => this.setOptions(boxes, round)));
    const round = tick("Come back to the start (circular)", circular, () => this.setOptions(boxes, round));
    return group("Ways to use", ...boxes.map(({ box }) => box), round.box);
  }

  private setOptions(boxes: { control: HTMLInputElement }[], round: { control: HTMLInputElement }): void {
    const list = STATUSES.filter((_, i) => boxes[i]!.control.checked).map(([code]) => code).join();
    this.change({ ro: `${list}${round.control.checked ? ":circular" : ""}` });
  }

  private points(): Point[] { return readPoints(this.app.state.get("r")); }
  private options(): Options { return readOptions(this.app.state.get("ro")); }

  private change(values: Record<string, string | null>): void {
    this.app.state.set(values);
    void this.show();
  }

  private async show(): Promise<void> {
    const asked = ++this.asked, points = this.points(), { statuses, circular } = this.options();
    try {
      const paths = await this.paths.around(points, statuses);
      if (asked !== this.asked) return; // somebody has asked for another route since
      const snapped = points.map((point) => snap(paths, point, SNAP));
      const stopsAt = snapped.filter((place): place is Snapped => place !== null);
      this.found = find(paths, stopsAt, circular);
      this.wrong.tell(this.faults(points, snapped, stopsAt));
      this.draw(points, snapped);
      this.tell(stopsAt.length);
    } catch {
      if (asked === this.asked) this.wrong.tell(["The paths could not be fetched. Look at the connection, and add the last place again."]);
    }
  }

  private faults(points: Point[], snapped: (Snapped | null)[], stopsAt: Snapped[]): string[] {
    const far = points.flatMap((point, i) => (snapped[i] ? []
      : [`Place ${i + 1} (${reference(point, 6) ?? ""}) has none of the chosen ways within ${SNAP} m. Move it, or choose more ways.`]));
    const broken = this.found?.broken;
    if (!broken) return far;
    const place = (stop: Snapped | undefined): number => snapped.indexOf(stop ?? null) + 1;
    const from = place(stopsAt[broken - 2]), to = place(stopsAt[broken - 1] ?? stopsAt[0]); // after the last, home
    return [...far, `The chosen ways do not lead from place ${from} to place ${to}. Choose more ways, such as quiet roads, or another place.`];
  }

  private draw(points: Point[], snapped: (Snapped | null)[]): void {
    const marks = points.map((point, i) => new Feature({ geometry: new OlPoint(snapped[i]?.point ?? point), number: i + 1 }));
    const line = this.found && this.found.line.length > 1 ? [new Feature({ geometry: new LineString(this.found.line) })] : [];
    this.on.draw([...line, ...marks]);
  }

  private tell(places: number): void {
    const { length, stretches, line } = this.found!;
    this.export.disabled = !stretches.length;
    this.told.textContent = places < 2 || !line.length ? `${places === 1 ? "1 place" : `${places} places`}. Put down at least two to make a route.`
      : `Route: ${whole(length)} m (${(length / 1000).toFixed(2)} km), about ${spoken(minutes(length))} on foot. ${crow(line)}`;
    this.paper.textContent = stretches.map(({ way, length: walked }, i) => `${i + 1} ${way.ref}, ${whole(walked)} m`).join(" · ");
    this.list.replaceChildren(stretches.length ? table("Paths in order", ["Order", "Path number", "Status", "Length"],
      stretches.map(({ way, length: walked }, i) => [String(i + 1), way.ref, statusWords(way.status), `${whole(walked)} m`])) : "");
  }

  private save(): void {
    const rows = (this.found?.stretches ?? []).map(({ way, length }, i) => [i + 1, way.ref, statusWords(way.status), Math.round(length)]);
    save("route.csv", write([["order", "path", "status", "metres"], ...rows, ["", "all", "", Math.round(this.found?.length ?? 0)]]), "text/csv");
  }

  close(): void { this.asked++; this.on.close(); }
}

export const route: Tool = {
  id: "route", title: "Route along paths", icon: "M5 19a2 2 0 1 0 .1 0M19 5a2 2 0 1 0 .1 0M7 19h7a3 3 0 0 0 0-7h-4a3 3 0 0 1 0-7h7",
  keys: ["r", "ro"],
  open(app: App, into: HTMLElement): () => void {
    const walk = new Walk(app, into);
    return () => walk.close();
  },
};
