/** The few controls that all tools are built of. Each has a label that is its accessible name (README.md lists them). */
import "./tools.css";

type Child = Node | string | null;

/** An element with properties and children: `element("p", { className: "tool-note" }, "words")`. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, properties: Partial<HTMLElementTagNameMap[K]> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child): child is Node | string => child !== null));
  return made;
}

let counted = 0;
const newId = (): string => `tool-control-${++counted}`;

export function button(text: string, pressed: () => void, quiet = false): HTMLButtonElement {
  const made = element("button", { type: "button", className: quiet ? "" : "main" }, text);
  made.addEventListener("click", pressed);
  return made;
}

/** A button that says more to those who listen than to those who see it: "Delete" beside a row, "Delete line 2" aloud. */
export function rowButton(text: string, aloud: string, pressed: () => void): HTMLButtonElement {
  const made = button(text, pressed, true);
  made.setAttribute("aria-label", aloud);
  return made;
}

function labelled(label: string, control: HTMLElement, hint?: string): HTMLDivElement {
  control.id = newId();
  const said = hint ? element("span", { className: "tool-hint", id: newId() }, hint) : null;
  if (said) control.setAttribute("aria-describedby", said.id);
  return element("div", { className: "tool-field" }, element("label", { htmlFor: control.id }, label), said, control);
}

export interface Field<C extends HTMLElement> { box: HTMLDivElement; control: C }

/** A choice of one from a list: [value, words]. */
export function choice(label: string, options: [string, string][], value: string, changed: (value: string) => void, hint?: string): Field<HTMLSelectElement> {
  const control = element("select");
  offer(control, options, value);
  control.addEventListener("change", () => changed(control.value));
  return { box: labelled(label, control, hint), control };
}

/** Puts new options into a choice. */
export function offer(control: HTMLSelectElement, options: [string, string][], value: string): void {
  control.replaceChildren(...options.map(([key, words]) => element("option", { value: key, selected: key === value }, words)));
}

export function textBox(label: string, value: string, changed: (value: string) => void, hint?: string): Field<HTMLInputElement> {
  const control = element("input", { type: "text", value, autocomplete: "off", spellcheck: false });
  control.addEventListener("change", () => changed(control.value));
  return { box: labelled(label, control, hint), control };
}

/** A number between two others, in steps; what is typed beyond them becomes the nearest that may be. */
export function numberBox(
  label: string, value: number, [least, most, step]: [number, number, number], changed: (value: number) => void,
): Field<HTMLInputElement> {
  const control = element("input", { type: "number", min: String(least), max: String(most), step: String(step), value: String(value) });
  control.addEventListener("change", () => {
    const typed = Math.min(most, Math.max(least, Math.round(Number(control.value) / step) * step || least));
    control.value = String(typed);
    changed(typed);
  });
  return { box: labelled(label, control), control };
}

export function tick(label: string, checked: boolean, changed: (checked: boolean) => void): Field<HTMLInputElement> {
  const control = element("input", { type: "checkbox", checked, id: newId() });
  control.addEventListener("change", () => changed(control.checked));
  return { box: element("div", { className: "tool-tick" }, control, element("label", { htmlFor: control.id }, label)), control };
}

/** A choice of one, all of them seen: [value, words]. */
export function radios(legend: string, options: [string, string][], value: string, changed: (value: string) => void): HTMLFieldSetElement {
  const name = newId();
  return group(legend, ...options.map(([key, words]) => {
    const control = element("input", { type: "radio", name, value: key, checked: key === value, id: newId() });
    control.addEventListener("change", () => { if (control.checked) changed(key); });
    return element("div", { className: "tool-tick" }, control, element("label", { htmlFor: control.id }, words));
  }));
}

/** Controls that belong together, with a legend. */
export function group(legend: string, ...children: Child[]): HTMLFieldSetElement {
  return element("fieldset", { className: "tool-group" }, element("legend", {}, legend), ...children);
}

export const row = (...children: Child[]): HTMLDivElement => element("div", { className: "tool-row" }, ...children);
export const note = (text: string): HTMLParagraphElement => element("p", { className: "tool-note" }, text);

/** After the button of one row is gone with its row: the focus goes to that of the next, or of the one before, or to what follows. */
export function focusNext(list: HTMLElement, at: number): void {
  const buttons = list.querySelectorAll("button"), after = list.nextElementSibling?.querySelector("button");
  (buttons[at] ?? buttons[at - 1] ?? after)?.focus();
}

/** What a tool has found, in a sentence that is read aloud when it changes. */
export function finding(name: string): HTMLParagraphElement {
  const made = element("p", { className: "tool-finding" });
  made.setAttribute("role", "status");
  made.setAttribute("aria-label", name);
  return made;
}

/** What is wrong, read aloud at once; hidden while it says nothing. */
export function problem(): HTMLElement & { tell(lines: string[]): void } {
  const made = element("div", { className: "tool-problem", hidden: true });
  made.setAttribute("role", "alert");
  return Object.assign(made, { tell(lines: string[]): void {
    made.hidden = !lines.length;
    made.replaceChildren(...lines.map((line) => element("p", {}, line)));
  } });
}

export type Cell = string | number | Node | null;

/** A table with a caption. A number stands to the right; null is "–", which is said as "no number". */
export function table(caption: string, heads: string[], rows: Cell[][]): HTMLElement {
  const made = element("table", { className: "tool-table" }, element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map(cellOf)))));
  const scroller = element("div", { className: "tool-scroll", tabIndex: 0 }, made);
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", `${caption}, table`);
  return scroller;
}

function cellOf(cell: Cell, column: number): HTMLTableCellElement {
  const made = column === 0 ? element("th", { scope: "row" }) : element("td");
  if (typeof cell === "number") made.className = "tool-number";
  if (cell === null) {
    const dash = element("span", {}, "–");
    dash.setAttribute("aria-hidden", "true");
    made.append(dash, element("span", { className: "tool-aloud" }, "no number"));
    made.className = "tool-number";
  } else made.append(typeof cell === "number" ? cell.toLocaleString("en-GB") : cell);
  return made;
}

/** Gives a file to the person at the browser; nothing is sent anywhere. */
export function save(name: string, content: string | Blob, type = "text/plain"): void {
  const blob = typeof content === "string" ? new Blob([content], { type: `${type};charset=utf-8` }) : content;
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
