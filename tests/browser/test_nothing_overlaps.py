"""Where the window is small, controls keep clear of each other: on a phone, at 400 %, on a tablet and a laptop."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from running_server import Running

pytestmark = pytest.mark.usefixtures("built")

TOOLS = ("none", "layers", "search", "details", "measure", "draw", "route", "theme", "compare", "nearest",
         "constraints", "readings", "print", "help")
# 320 by 256 is a laptop's window at 400 % (WCAG 2.2, 1.4.10).
SIZES = ((320, 568), (320, 256), (768, 1024), (1366, 768))
# Pairs of controls whose boxes meet, and those that stick out of the map or sideways out of the window. What a panel
# has scrolled out of sight does not count.
MET = """() => {
  const within = (box, rim) => ({ left: Math.max(box.left, rim.left), top: Math.max(box.top, rim.top),
    right: Math.min(box.right, rim.right), bottom: Math.min(box.bottom, rim.bottom) });
  const scrolls = at => ['auto', 'hidden', 'scroll'].includes(getComputedStyle(at).overflowY);
  // A link that is broken into two lines has a box in each.
  const boxesOf = at => [...at.getClientRects()].map(box => {
    for (let up = at.parentElement; up && up !== document.body; up = up.parentElement)
      if (scrolls(up)) box = within(box, up.getBoundingClientRect());
    return [at, box];
  });
  const name = at => at.getAttribute('aria-label') || at.title || `${at.textContent.trim().slice(0, 30)} ${at.id}`;
  const wanted = 'a, button, input, select, textarea, summary, output, .readout, .scale-bar, .foot p, #panel h2';
  const found = [...document.querySelectorAll(wanted)]
    .filter(at => at.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .flatMap(boxesOf).filter(([, box]) => box.right - box.left > 2 && box.bottom - box.top > 2 && box.right > 0);
  const met = found.flatMap(([one, a], i) => found.slice(i + 1).filter(([other, b]) =>
      !one.contains(other) && !other.contains(one) && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5)
    .map(([other]) => `${name(one)} meets ${name(other)}`));
  const stage = document.querySelector('.stage').getBoundingClientRect();
  const out = found.filter(([at, box]) => box.right > innerWidth + 0.5 || at.closest('.stage')
      && (box.left < stage.left || box.right > stage.right || box.top < stage.top || box.bottom > stage.bottom))
    .map(([at]) => `${name(at)} sticks out`);
  return [found.length, [...met, ...out]];
}"""


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_two_controls_meet(page: Page, server: Running, width: int, height: int) -> None:
    """With no panel and with each, and with a hidden answer: boxes are apart, on the map or beside it."""
    page.set_viewport_size({"width": width, "height": height})
    for more in ("", "&hide=gridref"):
        page.goto("about:blank")
        page.goto(f"{server.base}/map#e=462500&n=103500&z=6&on=schools&tool=none{more}")
        expect(page.locator("#sentence")).to_contain_text("The map shows")
        for tool in TOOLS if not more else ("none", "layers"):
            page.evaluate("tool => { const { panel } = document.querySelector('#app').app;"
                          " if (tool === 'none') panel.close(); else panel.open(tool); window.scrollTo(0, 0); }", tool)
            page.wait_for_load_state("networkidle")
            count, met = page.evaluate(MET)
            assert count > 8 and met == [], (tool, more)


def test_at_400_percent_all_of_it_can_be_scrolled_to(page: Page, server: Running) -> None:
    """The map keeps 150 pixels of height under an open panel, and the end of the panel is reached."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(f"{server.base}/map#e=462500&n=103500&z=6&tool=help")
    expect(page.locator("#sentence")).to_contain_text("The map shows")
    box = page.locator("#map").bounding_box()
    assert box is not None and box["height"] >= 150
    last = page.locator("#panel").get_by_role("link", name="Privacy")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
