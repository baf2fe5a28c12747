"""The maps of the lessons, as they open and with their answers: for everybody, and on every screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from judging import faults, sideways
from playwright.sync_api import Browser, Page
from pupil import Pupil
from running_server import Running

from hantsmap.lessons import SLUGS, Example, fragment

Of = Callable[[str], Example]


def states(found: Example) -> list[str]:
    """The map as the task opens it, and with the answer."""
    return [fragment(state) for state in (found.opens, found.shows) if state]


@pytest.mark.usefixtures("axe", "built")
@pytest.mark.parametrize("slug", SLUGS)
def test_axe_finds_nothing_on_the_map_of_a_lesson(page: Page, server: Running, example: Of, slug: str) -> None:
    """No violation of WCAG 2.2 AA, neither in the task nor in the answer, with everything on the page opened."""
    for state in states(example(slug)):
        page.goto("about:blank")
        page.goto(f"{server.base}/map#{state}")
        Pupil(page, server.base, "mouse").ready()
        page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
        assert faults(page) == [], state


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("slug", SLUGS)
def test_the_map_of_a_lesson_fits_small_screens(page: Page, server: Running, example: Of, slug: str) -> None:
    """Nothing scrolls sideways on a screen of 320 pixels, nor at twice the size on that of a school's laptop."""
    for state in states(example(slug)):
        for width, height in ((320, 568), (683, 384)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto("about:blank")
            page.goto(f"{server.base}/map#{state}")
            page.wait_for_function("() => document.body.dataset.tool")
            page.wait_for_load_state("networkidle")
            assert sideways(page) == 0, (state, width)


def test_the_map_of_a_lesson_leads_back_to_its_steps(pupil: Pupil) -> None:
    """Who has forgotten what to do is one link away from it."""
    pupil.begin("find-our-school")
    pupil.press(pupil.page.get_by_role("link", name="Lesson 1", exact=True))
    pupil.page.wait_for_url(f"{pupil.base}/schools/1")


@pytest.mark.usefixtures("built")
def test_who_wants_no_motion_gets_none(browser: Browser, server: Running, example: Of) -> None:
    """With reduced motion the years do not play by themselves, and say why; the buttons work."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(f"{server.base}/map#{fragment(example('the-ward-that-grew').opens)}")
    pupil = Pupil(page, server.base, "mouse")
    pupil.ready()
    assert page.get_by_role("button", name="Play").is_disabled()
    assert page.get_by_text("because this device asks for less motion").is_visible()
    pupil.press(page.get_by_role("button", name="Year after"))
    page.wait_for_function("() => location.hash.includes('yr=2024')")
    context.close()
