"""A pupil who carries out a lesson: with the mouse, or with the keyboard and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator, Page, expect

By = Literal["mouse", "keyboard"]
METRES_A_PIXEL = 896.0
MOST_TABS = 250
# A click is told from a double click by waiting so long; two clicks in less than that are one double click.
BETWEEN_CLICKS_MS = 400
SAID = """() => document.getElementById('sentence')?.textContent
  || document.querySelector('[data-open=compare] .tool-finding')?.textContent"""
HERE = "each => each === document.activeElement"


@dataclass
class Pupil:
    """Works with one page of a browser. `base` is the address of the service."""

    page: Page
    base: str
    by: By

    def begin(self, slug: str) -> None:
        """Go to the page of a lesson, and open its map from there."""
        self.page.goto(f"{self.base}/schools/{slug}")
        self.press(self.page.get_by_role("link", name="Open the map for this lesson"))
        self.page.wait_for_url(re.compile("/map#"))
        self.ready()

    def ready(self) -> None:
        """Wait until the map says in words what it shows; or, where two maps take its place, what those show."""
        self.page.wait_for_function(SAID)
        self.page.wait_for_load_state("networkidle")

    @property
    def state(self) -> Mapping[str, str]:
        """The state of the map, as its address has it."""
        return dict(parse_qsl(urlsplit(self.page.url).fragment))

    @property
    def panel(self) -> Locator:
        """The tool that is open."""
        return self.page.locator("#panel")

    def told(self, name: str) -> Locator:
        """What a tool has found out, in words."""
        return self.page.get_by_role("status", name=name)

    def reach(self, target: Locator) -> None:
        """Come to something by pressing Tab until it has the focus. Raises AssertionError when that never happens."""
        expect(target).to_be_visible()
        for _ in range(MOST_TABS):
            if target.evaluate(HERE):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by pressing Tab {MOST_TABS} times")

    def press(self, target: Locator) -> None:
        """Click something, or come to it and press Enter."""
        if self.by == "mouse":
            target.click()
        else:
            self.reach(target)
            self.page.keyboard.press("Enter")

    def tick(self, target: Locator) -> None:
        """Change a tick box."""
        if self.by == "mouse":
            target.click()
        else:
            self.reach(target)
            self.page.keyboard.press("Space")

    def choose(self, target: Locator, option: str) -> None:
        """Choose from a list by the words of an option."""
        if self.by == "mouse":
            target.select_option(label=option)
            return
        self.reach(target)
        options = [each.strip() for each in target.locator("option").all_inner_texts()]
        at, to = int(target.evaluate("each => each.selectedIndex")), options.index(option)
        for _ in range(abs(to - at)):
            self.page.keyboard.press("ArrowDown" if to > at else "ArrowUp")

    def write(self, target: Locator, text: str, *, end: str = "Tab") -> None:
        """Write into a field in the place of what is there."""
        if self.by == "mouse":
            target.click()
        else:
            self.reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        if end:
            self.page.keyboard.press(end)

    def pixel(self, easting: float, northing: float) -> tuple[float, float]:
        """Where on the screen a place is, in pixels from the top left corner."""
        box = self.page.locator("#map").bounding_box()
        assert box is not None
        state, metres = self.state, METRES_A_PIXEL / 2 ** float(self.state["z"])
        return (box["x"] + box["width"] / 2 + (easting - float(state["e"])) / metres,
                box["y"] + box["height"] / 2 - (northing - float(state["n"])) / metres)

    def point(self, easting: float, northing: float) -> None:
        """Put a point of the tool that is open at a place: click the map, or write where it is."""
        if self.by == "mouse":
            self.page.mouse.click(*self.pixel(easting, northing))
            self.page.wait_for_timeout(BETWEEN_CLICKS_MS)
        else:
            field = self.panel.get_by_label("Grid reference", exact=True)
            self.write(field, f"{easting:.0f}, {northing:.0f}", end="Enter")

    def move_to(self, easting: float, northing: float, within: float) -> None:
        """Move the middle of the map to a place with the arrow keys, in and out, until it is so near."""
        stage = self.page.locator("#map")
        self.reach(stage)
        for _ in range(200):
            before = self.state
            east, north = easting - float(before["e"]), northing - float(before["n"])
            if max(abs(east), abs(north)) <= within:
                return
            if abs(east) >= abs(north):
                self.page.keyboard.press("ArrowRight" if east > 0 else "ArrowLeft")
            else:
                self.page.keyboard.press("ArrowUp" if north > 0 else "ArrowDown")
            self.page.wait_for_timeout(350)
            after = self.state
            step = max(abs(float(after["e"]) - float(before["e"])), abs(float(after["n"]) - float(before["n"])))
            if step > 1.5 * max(abs(east), abs(north)):
                self.page.keyboard.press("+")
                self.page.wait_for_timeout(350)
        raise AssertionError(f"the arrow keys do not lead to {easting:.0f}, {northing:.0f}: {self.state}")


def number(text: str, pattern: str) -> float:
    """The number that stands where the pattern has its brackets, written as people write it: 1,315."""
    found = re.search(pattern, text)
    assert found is not None, f"{pattern} is not in {text!r}"
    return float(found[1].replace(",", "").replace("−", "-"))

