/** Elements are built, never written as HTML: what comes from data is text wherever it stands. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element. Functions are listeners (`onclick`), `true` is an attribute without a value, null leaves one out. */
export function h<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.replace(/^on/, ""), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  append(made, children);
  return made;
}

/** The name of a control, as a reader of screens tells it. */
export function labelOf(control: Element | null): string | null {
  return control?.getAttribute("aria-label") ?? (control as HTMLInputElement | null)?.labels?.[0]?.textContent ?? control?.closest("button")?.textContent ?? null;
}

/** Controls were made anew: the one that has this name is given the focus. Whether there is one. */
export function refocus(boxes: readonly Element[], name: string | null): boolean {
  const same = name === null ? undefined
    : boxes.flatMap((box) => [...box.querySelectorAll<HTMLElement>("input, select, textarea, button")]).find((control) => labelOf(control) === name);
  same?.focus();
  return same !== undefined;
}

/** Put children into an element, in place of those it has. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: Child[]): void {
  element.append(...children.filter((each): each is Node | string => each !== null && each !== undefined && each !== false));
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element. */
export function svg(name: string, attributes: Record<string, string | number> = {}, ...children: (Node | string)[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** An icon of 24 by 24 from its path. It says nothing to those who do not see it: the words beside it do. */
export function icon(path: string): SVGElement {
  return svg("svg", { viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true", class: "icon" }, svg("path", { d: path }));
}

/** A button with words, or with an icon and a name. */
export function button(name: string, onclick: (event: Event) => void, more: Attributes & { icon?: string } = {}): HTMLButtonElement {
  const { icon: path, ...attributes } = more;
  const shown = path ? [icon(path), h("span", { class: "name" }, name)] : [name];
  return h("button", { type: "button", ...attributes, onclick }, ...shown);
}
