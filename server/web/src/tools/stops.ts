/** Places put down one after another: by clicking the map, at the map's centre, or by typing a grid reference. */
import type { App } from "../app";
import { readPlace, reference } from "../plain/gridref";
import type { Point } from "../plain/plane";
import { button, element, group, note, problem, row, textBox } from "./controls";
import { centre } from "./ground";

export interface Stops { box: HTMLElement; add(point: Point): void }

/** Controls that change a list of points. `changed` is given the new list; `now` tells the list as it is. `undoOther` undoes what
 *  came before the points, when there is none left. */
export function stops(app: App, now: () => Point[], changed: (points: Point[]) => void, legend = "Add points", undoOther: () => void = () => undefined): Stops {
  const wrong = problem();
  const add = (point: Point): void => {
    wrong.tell([]);
    const rounded: Point = [Math.round(point[0]), Math.round(point[1])];
    const number = now().length + 1;
    changed([...now(), rounded]);
    app.say(`Point ${number} added at ${reference(rounded, 8) ?? rounded.join(", ")}.`);
  };
  const typed = textBox("Grid reference", "", () => undefined, "For example SU 446 297, or easting and northing: 444650, 129750");
  const read = (): void => {
    const point = readPlace(typed.control.value);
    if (typeof point === "string") { wrong.tell([point]); return; }
    add(point);
    typed.control.value = "";
  };
  const form = element("form", {}, typed.box, row(element("button", { type: "submit" }, "Add this grid reference")));
  form.addEventListener("submit", (event) => { event.preventDefault(); read(); });
  const box = group(legend, note("Click the map. Or move it until the cross is at the place, and use the button, or Enter on the map."),
    row(button("Add a point at the map's centre", () => add(centre(app)))), form, wrong,
    row(button("Undo last point", () => {
      if (!now().length) { undoOther(); return; }
      changed(now().slice(0, -1));
      app.say(`Last point taken away. ${now().length} left.`);
    }, true), button("Clear all points", () => { changed([]); app.say("All points taken away."); }, true)));
  return { box, add };
}
