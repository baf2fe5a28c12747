"""Lessons about places, as a pupil does them: find our school, name the symbol, print, and hand out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageChops
from playwright.sync_api import Browser, expect
from pupil import Pupil
from pypdfium2 import PdfDocument
from ruler import millimetres_between_grid_lines

from hantsmap.lessons import Example

Of = Callable[[str], Example]
A4_MM = (210.0, 297.0)
POINTS_A_MM = 72 / 25.4


def test_a_pupil_finds_the_school_and_its_grid_reference(pupil: Pupil, example: Of) -> None:
    """Search by name, then the answer that was hidden: the six-figure reference of the school, as the data has it."""
    found = example("find-our-school")
    pupil.begin("find-our-school")
    page = pupil.page
    expect(page.locator("#centre-reference")).to_have_count(0)

    pupil.write(page.get_by_role("searchbox"), found.words["school"], end="")
    if pupil.by == "mouse":
        pupil.press(pupil.panel.get_by_role("button", name=found.words["school"], exact=True))
    else:
        page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text(found.words["school"])
    pupil.press(page.get_by_role("button", name="Show the answer"))

    expect(page.locator("#centre-reference")).to_have_text(found.words["six"])
    pupil.choose(page.locator("#figures"), "4 figures")
    expect(page.locator("#centre-reference")).to_have_text(found.words["four"])


def test_a_pupil_names_the_symbol_of_a_bridleway(pupil: Pupil, example: Of) -> None:
    """The key is hidden; the map tells what kind of path it is; then the key shows its symbol, unlike all others even
    without colour."""
    found = example("name-the-symbol")
    pupil.begin("name-the-symbol")
    page, place = pupil.page, (found.figures["easting"], found.figures["northing"])
    expect(pupil.panel.locator(".key")).to_have_count(0)

    if pupil.by == "mouse":
        page.mouse.click(*pupil.pixel(*place))
    else:
        pupil.move_to(*place, within=4)
        page.keyboard.press("Enter")
    feature = page.locator("#feature")
    expect(feature.get_by_role("heading", name=found.words["bridleway"])).to_be_visible()
    expect(feature).to_contain_text("Bridleway")

    pupil.press(page.locator("[data-tool=layers]"))
    pupil.press(page.get_by_role("button", name="Show the key"))
    rows = pupil.panel.locator("li.layer", has=page.locator("#layer-rights_of_way")).locator(".key li")
    expect(rows.filter(has_text="Bridleway")).to_have_count(1)
    drawn = [re.sub(r"(stroke|fill|color)=\"[^\"]*\"", "", each.evaluate("row => row.querySelector('svg').innerHTML"))
             for each in rows.all()]
    assert len(drawn) >= 4
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize(("scale", "millimetres"), [("1:25,000", 40.0), ("1:50,000", 20.0)])
def test_a_pupil_prints_a_map_that_can_be_measured(pupil: Pupil, scale: str, millimetres: float) -> None:
    """One page of A4, on which a square of the grid, 1 km, measures 4 cm at 1:25,000, to a fifth of a millimetre."""
    pupil.begin("print-your-map")
    page = pupil.page
    pupil.choose(page.get_by_label("Scale", exact=True), scale)
    pupil.write(page.get_by_label("Title", exact=True), "My town")
    pupil.press(page.get_by_role("button", name="Show the page"))
    expect(page.locator("#said")).to_have_text(re.compile("ready to print"))

    sheets = PdfDocument(page.pdf(prefer_css_page_size=True))

    assert len(sheets) == 1
    assert [round(side / POINTS_A_MM) for side in sheets[0].get_size()] == list(map(round, A4_MM))
    for gaps in millimetres_between_grid_lines(sheets[0]):
        assert gaps
        assert gaps == pytest.approx([millimetres] * len(gaps), abs=0.2)
    words = sheets[0].get_textpage().get_text_range()
    for said in ("My town", scale, "Name", "Date", "©"):
        assert said in words, said


def test_the_code_of_a_worksheet_opens_the_very_same_map(pupil: Pupil, browser: Browser, example: Of) -> None:
    """Read from the paper and opened in a browser that has never been here, it is the map of the lesson."""
    found = example("hand-out-the-worksheet")
    page = pupil.page
    page.goto(f"{pupil.base}/schools/hand-out-the-worksheet/worksheet")
    paper: Image.Image = PdfDocument(page.pdf(prefer_css_page_size=True))[0].render(scale=3).to_pil()
    [code] = zxingcpp.read_barcodes(paper)
    pupil.begin("hand-out-the-worksheet")

    fresh = browser.new_context(viewport=page.viewport_size)
    other = Pupil(fresh.new_page(), pupil.base, "mouse")
    other.page.goto(code.text)
    other.ready()

    assert other.state.items() >= {**found.opens}.items()
    assert other.page.url == page.url
    # The numbers of what is in view are told when all of it is there.
    expect(page.locator("#sentence")).to_contain_text(re.compile(r"colleges \(\d+\)"))
    expect(other.page.locator("#sentence")).to_have_text(page.locator("#sentence").inner_text())
    expect(other.page.locator("#feature")).to_contain_text(found.words["school"])
    assert same(_picture(pupil), _picture(other))
    fresh.close()


def _picture(pupil: Pupil) -> bytes:
    pupil.page.evaluate("() => document.activeElement?.blur()")
    pupil.page.wait_for_timeout(1_000)
    return pupil.page.locator("#map").screenshot(animations="disabled")


def same(one: bytes, other: bytes) -> bool:
    """Whether two pictures are alike: no more than one pixel in a thousand is another one."""
    from io import BytesIO

    pictures = [Image.open(BytesIO(each)).convert("RGB") for each in (one, other)]
    if pictures[0].size != pictures[1].size:
        return False
    apart = ImageChops.difference(*pictures).convert("L").point(lambda level: 255 if level > 24 else 0)
    return apart.histogram()[255] <= apart.width * apart.height / 1_000
