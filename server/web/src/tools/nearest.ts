/** Nearest service: the land within a distance of a kind of service, and the areas that lie beyond it. Areas, never addresses. */
import Feature from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import MultiPolygon from "ol/geom/MultiPolygon.js";
import OlPoint from "ol/geom/Point.js";
import type { App, Tool } from "../app";
import { union, unionArea } from "../plain/circles";
import { write } from "../plain/csv";
import { reference } from "../plain/gridref";
import { beyond, nearest as links, type Link, type Named } from "../plain/nearest";
import { metres, squareMetres, whole, type Box } from "../plain/plane";
import { withSeries } from "./areas";
import { button, choice, element, finding, note, numberBox, problem, row, save, table, tick, type Cell } from "./controls";
import { ground } from "./ground";
import { look } from "./nearestLook";
import { categories, openServices, origins, places, SQUARE, type Category } from "./services";

const LEAST = 100, MOST = 5000, STEP = 50, ROWS = 25;

class Nearest {
  private readonly on;
  private readonly kinds: Category[];
  private readonly wrong = problem();
  private readonly told = finding("Nearest service");
  private readonly controls = element("div");
  private readonly list = element("div");
  private groups: string[] = [];
  private asked = 0;
  private far: Link[] = [];

  constructor(private readonly app: App, into: HTMLElement) {
    this.kinds = categories(app);
    this.on = ground(app, look, 600);
    into.append(this.told, this.controls, this.wrong, this.list,
      row(button("Look again in this view", () => void this.show(), true), button("Save the table (CSV)", () => this.save(), true)),
      note("Distances are as the crow flies, on the National Grid. Areas are counted, never addresses: an area is near or far by one point within it."));
    void this.begin();
  }

  /** "library:1000" */
  private asks(): { kind: Category | undefined; distance: number; origin: string; lines: boolean } {
    const [slug, far] = (this.app.state.get("near") ?? "").split(":"), typed = Number(far);
    const known = origins(this.app, this.groups).map(([key]) => key), origin = this.app.state.get("na") ?? "";
    const usual = known.find((key) => key === "squares" || key === "ward") ?? "ward";
    return { kind: this.kinds.find((kind) => kind.slug === slug) ?? this.kinds[0], distance: typed >= LEAST && typed <= MOST ? typed : 1000,
             origin: known.includes(origin) ? origin : usual, lines: this.app.state.get("nl") !== "0" };
  }

  private async begin(): Promise<void> {
    const layer = withSeries(this.app)[0]?.[0];
    this.groups = layer ? await this.app.series(layer, "ward").then(({ groups }) => groups, () => []) : [];
    const { kind, distance, origin, lines } = this.asks();
    if (!kind) { this.wrong.tell(["There is no layer of services that you may see."]); return; }
    const change = (values: Record<string, string>): void => { this.app.state.set(values); void this.show(); };
    const near = (slug: string, far: number): void => change({ near: `${slug}:${far}` });
    this.controls.append(
      choice("Kind of service", this.kinds.map(({ slug, words }) => [slug, words]), kind.slug, (slug) => near(slug, this.asks().distance)).box,
      this.distances(distance, (far) => near(this.asks().kind!.slug, far)),
      choice("Measure from", origins(this.app, this.groups), origin, (na) => change({ na })).box,
      tick("Draw a line from each area to its nearest service", lines, (on) => change({ nl: on ? "1" : "0" })).box);
    await this.show();
  }

  private distances(value: number, changed: (far: number) => void): HTMLElement {
    const slider = element("input", { type: "range", min: String(LEAST), max: String(MOST), step: String(STEP), value: String(value) });
    slider.setAttribute("aria-label", "Distance slider");
    const typed = numberBox("Distance in metres", value, [LEAST, MOST, STEP], (far) => { slider.value = String(far); changed(far); });
    slider.addEventListener("input", () => { typed.control.value = slider.value; changed(Number(slider.value)); });
    const step = (by: number): void => { slider.value = String(Number(slider.value) + by); slider.dispatchEvent(new Event("input")); };
    const less = button("−", () => step(-STEP), true), more = button("+", () => step(STEP), true);
    less.setAttribute("aria-label", "Less distance");
    more.setAttribute("aria-label", "More distance");
    return element("div", {}, typed.box, row(less, slider, more));
  }

  private async show(): Promise<void> {
    const asked = ++this.asked, { kind, distance, origin, lines } = this.asks();
    if (!kind) return;
    const box = this.app.map.getView().calculateExtent(this.app.map.getSize()) as Box;
    try {
      const [services, from] = await Promise.all([this.services(kind), places(this.app, origin, box)]);
      if (asked !== this.asked) return;
      const all = links(from, services);
      this.far = beyond(all, distance);
      this.wrong.tell(services.length ? [] : [`There is no open service of this kind: ${kind.words}.`]);
      this.draw(services, all, distance, lines);
      this.tell(kind, services, all, distance, origin);
    } catch {
      if (asked === this.asked) this.wrong.tell(["The services could not be fetched. Look at the connection, and choose again."]);
    }
  }

  private readonly kept = new Map<string, Promise<Named[]>>();
  private services(kind: Category): Promise<Named[]> {
    const found = this.kept.get(kind.slug) ?? openServices(this.app, kind);
    this.kept.set(kind.slug, found);
    found.catch(() => this.kept.delete(kind.slug));
    return found;
  }

  private draw(services: Named[], all: Link[], distance: number, lines: boolean): void {
    this.on.draw([
      new Feature({ geometry: new MultiPolygon(union(services.map(({ point }) => point), distance)), is: "within" }),
      ...(lines ? all.map((link) =>
        new Feature({ geometry: new LineString([link.place.point, link.service.point]), is: "line", far: link.distance > distance })) : []),
      ...all.map((link) => new Feature({ geometry: new OlPoint(link.place.point), is: link.distance > distance ? "far" : "near" })),
      ...services.map(({ point }) => new Feature({ geometry: new OlPoint(point), is: "service" }))]);
  }

  private tell(kind: Category, services: Named[], all: Link[], distance: number, origin: string): void {
    const what = origin === "squares" ? `built-up squares of ${SQUARE} m in this view` : "areas", far = this.far.length;
    const land = squareMetres(unionArea(services.map(({ point }) => point), distance));
    const furthest = far ? ` Furthest: ${this.far[0]!.place.name}, ${metres(this.far[0]!.distance)}.` : "";
    this.told.textContent = services.length ? `${far} of ${all.length} ${what} are more than ${metres(distance)} from ${kind.words}. `
      + `${services.length} open; the land within ${metres(distance)} of any of them is ${land}.${furthest}` : "";
    const heads = ["Area", "Distance", "Nearest", "Grid reference"], rows = this.rows();
    this.list.replaceChildren(far ? table(`Areas beyond ${metres(distance)}, furthest first`, heads, rows.slice(0, ROWS)) : "",
      far > ROWS ? note(`The ${ROWS} furthest of ${whole(far)} are shown; the file has all.`) : "");
  }

  private rows(): Cell[][] {
    return this.far.map(({ place, service, distance }) => [place.name, `${whole(distance)} m`, service.name, reference(place.point, 6) ?? ""]);
  }

  private save(): void {
    const rows = this.far.map(({ place, service, distance }) =>
      [place.name, reference(place.point, 6) ?? "", ...place.point.map(Math.round), service.name, Math.round(distance)]);
    save("areas-beyond.csv", write([["area", "grid_reference", "easting", "northing", "nearest", "metres"], ...rows]), "text/csv");
  }

  close(): void { this.asked++; this.on.close(); }
}

export const nearest: Tool = {
  id: "nearest", title: "Nearest service", icon: "M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11zM12 7v6M9 10h6",
  keys: ["near", "na", "nl"],
  open(app: App, into: HTMLElement): () => void {
    const tool = new Nearest(app, into);
    return () => tool.close();
  },
};
