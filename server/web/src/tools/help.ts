/** How the map is used: with a mouse, with fingers, with keys. */
import type { App, Tool } from "../app";
import { h } from "../dom";

const KEYS: [string, string][] = [
  ["Arrow keys", "move the map"], ["+ and −", "zoom in and out"], ["Enter", "tell what is under the centre"], ["Tab", "go to the next control"],
  ["Escape", "close the panel"],
];

export const help: Tool = {
  id: "help",
  title: "Help",
  icon: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17v.2",
  keys: [],
  open(app: App, into: HTMLElement) {
    into.append(
      h("h3", {}, "Move and zoom"),
      h("p", {}, "Drag the map, or use the arrow buttons. Zoom with the wheel, with two fingers, or with the + and − buttons."),
      h("h3", {}, "Keys"),
      h("p", {}, "Go to the map with Tab, then:"),
      h("dl", { class: "facts" }, ...KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)))),
      h("h3", {}, "Grid references"),
      h("p", {}, "Blue lines are the National Grid. The squares are 1 km wide; 10 km when the map shows a wide area, 100 m when it is near."),
      h("p", {}, "Along the corridor, up the stairs: read the number of the line to the left of the place, then that of the line below it. ",
        "A reference names a square, so figures are cut off and never rounded."),
      h("h3", {}, "Keep and share"),
      h("p", {}, "The address of this page holds all that you see. Copy it with “Copy link”: it opens the same map on any machine. ",
        "What you do stays in your browser. There is no account and there are no cookies."),
      h("p", {}, "When the connection is lost, what you have looked at is still there."),
      h("p", {}, h("a", { href: app.address("/collections") }, "All layers, as pages and tables"), " · ", h("a", { href: app.address("/schools") }, "For schools"), " · ", h("a", { href: app.address("/accessibility") }, "Accessibility statement"), " · ", h("a", { href: app.address("/privacy") }, "Privacy")),
    );
    return () => undefined;
  },
};
