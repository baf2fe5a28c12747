"""The pages without a map, in a browser: for everybody, on every screen, by keyboard, and with nothing kept."""

from __future__ import annotations

import pytest
import zxingcpp
from judging import faults, sideways, walk
from PIL import Image
from playwright.sync_api import Page
from pypdfium2 import PdfDocument
from running_server import Running

from hantsmap.lessons import SLUGS

SCHOOLS = ("/schools", *(f"/schools/{slug}{end}" for slug in SLUGS for end in ("", "/worksheet")))
OTHERS = ("/", "/collections", "/collections/schools", "/collections/rights_of_way/items?limit=20&f=html", "/privacy",
          "/accessibility")
A4_POINTS = (595, 842)


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("address", (*SCHOOLS, *OTHERS))
def test_axe_finds_nothing(page: Page, server: Running, address: str) -> None:
    """No violation of WCAG 2.2 AA, with everything on the page opened."""
    page.goto(server.base + address)
    page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
    assert faults(page) == []


@pytest.mark.parametrize("address", (*SCHOOLS, *OTHERS))
def test_nothing_scrolls_sideways(page: Page, server: Running, address: str) -> None:
    """Not on a screen of 320 pixels, and not at twice the size (WCAG 1.4.10, 1.4.4)."""
    for width in (320, 683):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(server.base + address)
        page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
        assert sideways(page) == 0, width


def test_a_lesson_is_read_by_keyboard(page: Page, server: Running) -> None:
    """Tab comes to the map, to the worksheet and to the answers, and shows where it is."""
    page.goto(f"{server.base}/schools/3")
    stops = walk(page)
    names = [stop["name"] for stop in stops]

    assert names[0] == "Skip to main content"
    for name in ("Open the map for this lesson", "Worksheet to print, with answers on page 2", "Show the answers"):
        assert name in names
    assert all(stop["outline"] for stop in stops)


def test_answers_open_by_keyboard(page: Page, server: Running) -> None:
    """They are closed until somebody asks."""
    page.goto(f"{server.base}/schools/3")
    answers = page.locator("details")
    assert not answers.locator("dl").is_visible()
    answers.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answers.locator("dl").is_visible()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_worksheet_is_two_sheets_of_a4_with_a_code(page: Page, server: Running, slug: str) -> None:
    """Questions on the first, answers on the second; the code read from the paper is the link of the lesson."""
    page.goto(f"{server.base}/schools/{slug}")
    opens = page.get_by_role("link", name="Open the map for this lesson").get_attribute("href")
    page.goto(f"{server.base}/schools/{slug}/worksheet")
    sheets = PdfDocument(page.pdf(prefer_css_page_size=True))

    assert [tuple(round(side) for side in sheet.get_size()) for sheet in sheets] == [A4_POINTS] * 2
    assert "Name" in sheets[0].get_textpage().get_text_range()
    assert "Answers" not in sheets[0].get_textpage().get_text_range()
    assert "Answers" in sheets[1].get_textpage().get_text_range()
    picture: Image.Image = sheets[0].render(scale=3).to_pil()
    assert [each.text for each in zxingcpp.read_barcodes(picture)] == [opens]
