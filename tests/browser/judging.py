"""What is asked of every page: axe finds nothing, nothing scrolls sideways, and the keyboard comes everywhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "server/web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is wider than the window, and does not scroll in a part of its own that says so.
SIDEWAYS = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
FOCUSED = """() => { const at = document.activeElement; if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const name = at.getAttribute('aria-label') || at.innerText || at.value || at.title || at.id || at.tagName;
  return { name: name.trim().slice(0, 60), tag: at.tagName.toLowerCase(), width: box.width, height: box.height,
           outline: style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderStyle !== 'none' }; }"""


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def faults(page: Page, within: str | None = None) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA (and its advice), one line for each: rule, where, what is wrong.

    The page's policy lets no other script in, so axe runs as the test's own code does.
    """
    page.evaluate(f"() => {{ {_axe()}; window.axe = window.axe || axe; }}")
    found: dict[str, Any] = page.evaluate(
        "async ([within, tags]) => await axe.run(within ? document.querySelector(within) : document, "
        "{ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })", [within, TAGS])
    return [f"{each['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
            for each in found["violations"] for node in each["nodes"]]


def sideways(page: Page) -> int:
    """By how many pixels the page scrolls sideways; 0 when it does not."""
    return int(page.evaluate(SIDEWAYS))


def walk(page: Page, most: int = 150) -> list[dict[str, Any]]:
    """Press Tab until the focus comes round; where it stopped on the way. Raises AssertionError when it is trapped."""
    page.evaluate("() => { document.activeElement?.blur?.(); window.getSelection()?.removeAllRanges(); }")
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"after {most} times Tab the focus is still in the page: {stops[-3:]}")
