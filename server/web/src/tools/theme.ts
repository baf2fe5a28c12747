/** Thematic map: areas coloured by a number, through the years. All years are fetched once; moving the slider asks nobody. */
import Feature from "ol/Feature.js";
import type { App, Series, Tool } from "../app";
import { labelOf, refocus } from "../dom";
import { classify, classOf, type Classes } from "../plain/classify";
import { everyYear, mapped, rawCounts } from "../plain/series";
import { KEYS, readTheme, writeTheme, type Theme } from "../plain/theme";
import { areasOf, inside, withSeries } from "./areas";
import { element, finding, note, problem } from "./controls";
import { fit, ground } from "./ground";
import { shaded, type Shading } from "./shading";
import { classControls, subject, yearControls, type YearControls } from "./themeControls";
import { histogramOf, key, ranking, sentence, throughTime, type Shown } from "./themeTold";

const WARNING = "Careful: plain counts. A large area can look important only because it is large. Divide by area or by population to compare areas fairly.";

class ThematicMap {
  private readonly on;
  private readonly wrong = problem();
  private readonly told = finding("Thematic map");
  private readonly warning = note(WARNING);
  private readonly parts = { year: element("div"), key: element("div"), area: element("div"), subject: element("div"), ranking: element("div"),
    classes: element("div"), histogram: element("div") };
  private shading: Shading = { classes: new Map(), ramp: "blue", count: 1, chosen: null, shown: false };
  private series: Series | null = null;
  private years: YearControls | null = null;
  private all = false;
  private asked = 0;
  private drawn = "";
  private found: { asked: string; classes: Classes | null } = { asked: "", classes: null };

  constructor(private readonly app: App, into: HTMLElement) {
    this.on = ground(app, shaded(() => this.shading), 500);
    this.on.layer.setDeclutter("layers"); // names of places and of areas give way to each other
    this.warning.classList.add("tool-warning");
    this.on.pointed((_, feature) => { if (feature) this.choose(String(feature.get("area"))); });
    const { parts } = this;
    into.append(this.wrong, this.told, parts.year, parts.key, this.warning, parts.area, parts.subject, parts.ranking, parts.classes, parts.histogram,
      note("Areas with few people have no number, so that nobody can be recognised. They count as unknown, not as nought."));
    void this.load();
  }

  private theme(): Theme { return readTheme((name) => this.app.state.get(name)); }

  /** Fetches what is not there yet, and shows it. */
  private async load(): Promise<void> {
    const asked = ++this.asked, theme = this.theme();
    const layers = withSeries(this.app), layer = layers.find(([id]) => id === theme.layer)?.[0] ?? layers[0]?.[0];
    if (!layer) { this.wrong.tell(["No layer has numbers through time."]); return; }
    try {
      const series = await this.app.series(layer, theme.group || "ward");
      const areas = await areasOf(this.app, series);
      if (asked !== this.asked) return;
      this.series = series;
      this.wrong.tell([]);
      if (this.app.state.get("th") === null) this.app.state.set(writeTheme(this.full())); // so that a link says all of it
      this.place(series, areas);
      this.controls();
      this.show();
    } catch (fault) {
      if (asked === this.asked) this.wrong.tell([`The numbers could not be fetched. ${fault instanceof Error ? fault.message : ""}`]);
    }
  }

  /** The theme with everything that the address leaves open filled in from the series. */
  private full(): Theme & { year: number } {
    const theme = this.theme(), { layer, group, periods, values } = this.series!;
    const year = theme.year !== null && periods.includes(theme.year) ? theme.year : theme.mode === "value" ? periods[0]! : periods[periods.length - 1]!;
    return { ...theme, layer, group, year, field: theme.field in values ? theme.field : "persons" in values ? "persons" : Object.keys(values)[0]! };
  }

  private place(series: Series, areas: Map<string, Feature>): void {
    const name = `${series.layer}:${series.group}`;
    if (this.drawn === name) return;
    this.drawn = name;
    const features = series.areas.flatMap(({ id, name: title }) => {
      const geometry = areas.get(id)?.getGeometry();
      return geometry ? [new Feature({ geometry, area: id, name: title, label: inside(geometry) })] : [];
    });
    this.on.draw(features);
  }

  private change(part: Partial<Theme>): void {
    const before = this.full(), next = { ...before, ...part }, { periods } = this.series!;
    // Since the first year nothing has changed in it: whoever asks for a change means the whole of the time.
    if (before.mode === "value" && next.mode !== "value" && next.year === periods[0]) next.year = periods[periods.length - 1]!;
    this.app.state.set(writeTheme(next));
    if ("layer" in part || "group" in part) { void this.load(); return; }
    if (!("year" in part) && !("area" in part)) this.controls();
    this.show();
  }

  private choose(area: string | null): void {
    const name = (id: string | null): string => this.series?.areas.find((one) => one.id === id)?.name ?? "", before = name(this.theme().area);
    this.change({ area });
    if (area !== null) this.app.say(`${name(area)} is shown through the years, under the key.`);
    else refocus([this.parts.ranking], `Show ${before}`);
    const feature = area === null ? undefined : this.on.layer.getSource()!.getFeatures().find((one) => one.get("area") === area);
    if (feature && !this.inView(feature)) fit(this.app, feature.getGeometry()!);
  }

  private toggle(): void {
    this.all = !this.all;
    this.show();
    this.parts.ranking.querySelector<HTMLElement>(":scope > div > button")?.focus();
  }

  private inView(feature: Feature): boolean {
    const [west, south, east, north] = this.app.map.getView().calculateExtent(this.app.map.getSize()) as [number, number, number, number];
    const [w, s, e, n] = feature.getGeometry()!.getExtent() as [number, number, number, number];
    return e > west && w < east && n > south && s < north;
  }

  /** Controls are made anew, and the one that had the focus has it again. */
  private controls(): void {
    const theme = this.full(), { classes } = this.reckoned(), changed = (part: Partial<Theme>): void => this.change(part);
    const held = labelOf(document.activeElement);
    this.years?.close();
    this.years = yearControls(this.series!.periods, theme.year, (year) => this.change({ year }));
    this.parts.subject.replaceChildren(subject(this.app, this.series!, theme, changed));
    this.parts.year.replaceChildren(this.years.box);
    this.parts.classes.replaceChildren(classControls(theme, classes?.breaks ?? [], (this.app.state.get("lock") ?? "").split(",").includes("classes"), changed));
    refocus([this.parts.subject, this.parts.classes, this.parts.year], held);
  }

  private reckoned(): { values: (number | null)[]; classes: Classes | null } {
    const theme = this.full(), values = mapped(this.series!, theme), { layer, group, field, mode, per, method, count, manual, steady, year } = theme;
    const asked = [layer, group, field, mode, per, method, count, manual, steady ? "" : year].join("|"); // found once: the slider must not wait
    if (this.found.asked !== asked) this.found = { asked, classes: classify(steady ? everyYear(this.series!, theme) : values, method, count, manual) };
    return { values, classes: this.found.classes };
  }

  private show(): void {
    const held = labelOf(document.activeElement);
    const series = this.series!, theme = this.full(), { values, classes } = this.reckoned(), shown: Shown = { series, theme, values, classes };
    this.shading = { classes: new Map(series.areas.map(({ id }, i) => [id, classes ? classOf(values[i]!, classes.breaks) : null])),
      ramp: theme.ramp, count: (classes?.breaks.length ?? 0) + 1, chosen: theme.area, shown: true };
    this.on.layer.changed();
    this.years?.set(theme.year);
    this.warning.hidden = !rawCounts(theme);
    this.told.textContent = sentence(shown);
    this.parts.key.replaceChildren(key(shown));
    this.parts.histogram.replaceChildren(histogramOf(shown));
    this.parts.ranking.replaceChildren(ranking(shown, this.all, (area) => this.choose(area), () => this.toggle()));
    this.parts.area.replaceChildren(...[theme.area === null ? null : throughTime(shown, theme.area, () => this.choose(null))].filter((one) => one !== null));
    if (document.activeElement === document.body) refocus([this.parts.ranking, this.parts.area], held);
  }

  close(): void { this.asked++; this.years?.close(); this.on.close(); }
}

export const theme: Tool = {
  id: "theme", title: "Thematic map", icon: "M3 5l6-2 6 2 6-2v16l-6 2-6-2-6 2zM9 3v16M15 5v16",
  keys: [...KEYS, "lock"],
  open(app: App, into: HTMLElement): () => void {
    const map = new ThematicMap(app, into);
    return () => map.close();
  },
};
