"""The map as a pupil meets it: by mouse and by keys, on a small screen, on paper, and when the Wi-Fi dies."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from judging import faults, sideways, walk
from playwright.sync_api import Browser, Page, expect
from pypdfium2 import PdfDocument
from pypdfium2 import raw as pdfium
from running_server import Running, running
from truth import truth
from watching import Watch

pytestmark = pytest.mark.usefixtures("built")

TOOLS = ("layers", "search", "details", "measure", "draw", "route", "theme", "compare", "nearest", "constraints",
         "readings", "print", "help")
MIDDLE = "e=462500&n=103500&z=6"
MB = 1_000_000
# From the brief of the National Grid: a place, and its references of 4, 6 and 8 figures.
GOLDEN = ((464300, 99900, ("SZ 64 99", "SZ 643 999", "SZ 6430 9990")),
          (459999, 104999, ("SU 59 04", "SU 599 049", "SU 5999 0499")))


def opened(page: Page, server: Running, fragment: str = MIDDLE) -> Page:
    """The map, when it stands still and says what it shows."""
    page.goto(f"{server.base}/map#{fragment}")
    if "tool=compare" in fragment:
        # Two maps stand in the place of the one.
        expect(page.get_by_role("figure").first).to_be_visible(timeout=20_000)
        return page
    expect(page.locator("#sentence")).to_contain_text("The map shows", timeout=20_000)
    return page


def school(store: Path, index: int) -> tuple[str, int, int]:
    """Name, easting and northing of a school."""
    schools = truth(store, "schools", "public")
    return str(schools.column("name")[index]), int(schools.shapes[index].x), int(schools.shapes[index].y)


def where(page: Page) -> dict[str, float]:
    """Centre and zoom, as the address has them."""
    found = dict(part.split("=", 1) for part in page.url.partition("#")[2].split("&") if "=" in part)
    return {key: float(found[key]) for key in ("e", "n", "z") if key in found}


def at(page: Page, condition: str) -> None:
    """Wait until the address says so, of `e`, `n` and `z`."""
    page.wait_for_function("() => { const [e, n, z] = ['e', 'n', 'z'].map(key => +new URLSearchParams(location.hash"
                           f".slice(1)).get(key)); return {condition}; }}")


def until(page: Page, promise: str) -> None:
    """Wait until a promise of the page keeps: `wait_for_function` takes the promise itself for yes."""
    for _ in range(300):
        if page.evaluate(promise):
            return
        page.wait_for_timeout(200)
    raise AssertionError(promise)


def test_the_first_load_is_small(page: Page, watch: Watch, server: Running) -> None:
    """All that a cold browser fetches until the map stands still is less than 1 MB as sent, from one host."""
    opened(page, server, "")
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in watch.asked]
    assert sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes) < MB


def test_a_link_opens_the_same_map(page: Page, server: Running) -> None:
    """Centre, zoom, layers and tool stand in the address, and come from there."""
    opened(page, server, "e=463000&n=102000&z=7.5&on=schools&off=rights_of_way&tool=layers")
    assert where(page) == {"e": 463000, "n": 102000, "z": 7.5}
    expect(page.get_by_label("Schools and colleges", exact=True)).to_be_checked()
    expect(page.get_by_label("Public rights of way", exact=True)).not_to_be_checked()

    page.get_by_label("Schools and colleges", exact=True).uncheck()
    expect(page).to_have_url(re.compile(r"#(?!.*on=schools)"))
    page.goto(page.url.replace("e=463000", "e=461000"))
    expect(page.locator("#centre-reference")).to_have_text("SU 610 020")


@pytest.mark.parametrize(("easting", "northing", "references"), GOLDEN)
def test_the_reference_of_the_centre(page: Page, server: Running, easting: int, northing: int,
                                     references: tuple[str, ...]) -> None:
    """With 4, 6 and 8 figures: cut off, never rounded."""
    opened(page, server, f"e={easting}&n={northing}&z=8")
    for figures, reference in zip((4, 6, 8), references, strict=True):
        page.get_by_label("Figures of the grid reference").select_option(f"{figures}")
        expect(page.locator("#centre-reference")).to_have_text(reference)


def test_the_reference_under_the_pointer(page: Page, server: Running) -> None:
    """It is that of the place that the pointer is at, within a pixel."""
    opened(page, server, "e=462550&n=103550&z=7")
    box = page.locator("#map").bounding_box()
    assert box is not None
    # 7 m to a pixel: a hundred pixels to the right are 700 m to the east.
    page.mouse.move(box["x"] + box["width"] / 2 + 100, box["y"] + box["height"] / 2)
    expect(page.locator("#pointer-reference")).to_have_text("SU 632 035")


def test_the_answer_is_hidden_until_it_is_asked_for(page: Page, server: Running) -> None:
    """With `hide=gridref` no reference is on the page, in no sentence either; one button shows it."""
    opened(page, server, f"{MIDDLE}&hide=gridref")
    assert "SU 6" not in page.locator("#app").inner_text()
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator("#centre-reference")).to_have_text("SU 625 035")


def test_the_key_is_hidden_until_it_is_asked_for(page: Page, server: Running) -> None:
    """With `hide=key` the words of the symbols are not on the page; one button shows them."""
    opened(page, server, f"{MIDDLE}&hide=key&tool=layers")
    expect(page.locator(".key")).to_have_count(0)
    page.get_by_role("button", name="Show the key").click()
    expect(page.locator(".key").first).to_be_visible()


def test_all_of_it_by_keyboard(page: Page, server: Running) -> None:
    """Arrows move the map, plus zooms, Enter tells what is under the centre; Escape closes it again."""
    opened(page, server, f"{MIDDLE}&tool=none")
    page.locator("#map").focus()
    before = where(page)
    page.keyboard.press("ArrowRight")
    at(page, f"e > {before['e']}")
    page.keyboard.press("+")
    at(page, f"z > {before['z']} + 0.9")

    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is here")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("[data-tool=details]")).to_be_focused()


def test_every_movement_has_a_button(page: Page, server: Running) -> None:
    """What dragging and the wheel do, buttons do (WCAG 2.5.7)."""
    opened(page, server, MIDDLE)
    for name, key, sign in (("Zoom in", "z", 1), ("Zoom out", "z", -1), ("Move up", "n", 1), ("Move left", "e", -1),
                            ("Move right", "e", 1), ("Move down", "n", -1)):
        before = where(page)[key]
        page.get_by_role("button", name=name, exact=True).click()
        at(page, f"{sign} * ({key} - {before}) > 0")
    page.get_by_role("button", name="Whole county").click()
    expect(page.locator("#said")).to_have_text("The map shows the whole county.")


def test_what_is_on_the_map_is_told(page: Page, server: Running, county_store: Path) -> None:
    """A click on a school tells its name, source, date, quality and licence, and links to its page."""
    name, easting, northing = school(county_store, 0)
    opened(page, server, f"e={easting}&n={northing}&z=9&on=schools&tool=none")
    page.wait_for_load_state("networkidle")
    page.locator("#map").click()
    panel = page.locator("#feature")
    expect(panel.get_by_role("heading", name=name)).to_be_visible()
    for fact in ("Source", "Published", "Quality", "Licence", "Whose"):
        expect(panel.locator("dt", has_text=fact).first).to_be_visible()
    address = panel.get_by_role("link", name="The page of this feature").get_attribute("href")
    assert server.ask(str(address)).status == 200


def test_a_table_of_what_is_in_view(page: Page, server: Running) -> None:
    """Every layer in view is also a table; a row chosen by keyboard is told."""
    opened(page, server, f"{MIDDLE}&on=schools&tool=details")
    page.get_by_label("Layer", exact=True).select_option("schools")
    table = page.locator("#in-view table")
    count = int(str(re.search(r"\d+", table.locator("caption").inner_text())[0]))  # type: ignore[index]
    assert table.locator("tbody tr").count() == count > 5
    first = table.get_by_role("button").first
    name = first.inner_text()
    first.press("Enter")
    expect(page.locator("#feature").get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize(("typed", "easting", "northing"), [
    ("SU 630 010", 463050, 101050), ("su630010", 463050, 101050), ("SU63000100", 463005, 101005),
    ("463000,101000", 463000, 101000), ("463000 101000", 463000, 101000), ("50.8051, -1.1074", 463000, 101003)])
def test_a_reference_is_found_however_it_is_written(page: Page, server: Running, typed: str, easting: int,
                                                    northing: int) -> None:
    """The map goes to the middle of the square that is named, and nothing that is typed leaves the browser."""
    opened(page, server, f"{MIDDLE}&tool=search")
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("The map shows", timeout=20_000)
    at(page, f"Math.hypot(e - {easting}, n - {northing}) < 12")


def test_a_name_is_found_and_goes_nowhere(page: Page, watch: Watch, server: Running, county_store: Path) -> None:
    """Part of a school's name finds it; no address that is asked has a word of it."""
    name, easting, northing = school(county_store, 3)
    opened(page, server, f"{MIDDLE}&tool=search")
    page.get_by_role("searchbox").press_sequentially(name.upper()[:-2])
    page.locator("#search-results").get_by_role("button", name=name, exact=True).first.click()
    at(page, f"Math.hypot(e - {easting}, n - {northing}) < 5")
    word = name.split()[0].lower()
    assert [each for each in watch.since(0) if word in each.lower()] == []


@pytest.mark.parametrize(("typed", "sentence"), [
    ("SU 123 45", "needs an even number"), ("ZZ 12 34", "There is no square ZZ"), ("xyzzy", "Nothing here"),
    ("48.85, 2.35", "not in Great Britain")])
def test_what_cannot_be_found_is_said_in_a_sentence(page: Page, server: Running, typed: str, sentence: str) -> None:
    """A pupil is told what is wrong, and what to write."""
    opened(page, server, f"{MIDDLE}&tool=search")
    page.get_by_role("searchbox").fill(typed)
    expect(page.locator("#search-told")).to_contain_text(sentence)


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("tool", TOOLS)
def test_axe_finds_nothing(page: Page, server: Running, tool: str) -> None:
    """No violation of WCAG 2.2 AA with any tool open, on a laptop and on a small screen."""
    opened(page, server, f"{MIDDLE}&on=schools&tool={tool}")
    assert faults(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert faults(page) == []


@pytest.mark.parametrize("tool", TOOLS)
def test_it_fits_small_screens(page: Page, server: Running, tool: str) -> None:
    """Nothing scrolls sideways at 320 pixels and at 200 % of a laptop's screen, and the map keeps its place."""
    for width, height in ((320, 640), (683, 384)):
        page.set_viewport_size({"width": width, "height": height})
        opened(page, server, f"{MIDDLE}&tool={tool}")
        assert sideways(page) == 0
        panel = page.locator("#panel")
        assert panel.evaluate("at => at.scrollWidth - at.clientWidth") <= 0, (tool, width)
        box = page.locator("#map").bounding_box() if tool != "compare" else {"width": 150, "height": 150}
        assert box is not None and min(box["width"], box["height"]) >= 150, (tool, box)


def test_targets_are_large_and_focus_is_seen(page: Page, server: Running) -> None:
    """Tab comes to everything, each stop at least 24 pixels wide and high or a link in a line, and shows itself."""
    opened(page, server, f"{MIDDLE}&tool=layers")
    stops = walk(page)
    names = " ".join(stop["name"] for stop in stops)
    for name in ("Skip to the map", "Layers and key", "Zoom in", "Copy link", "Map"):
        assert name in names
    assert [stop for stop in stops if stop["tag"] != "a" and min(stop["width"], stop["height"]) < 24] == []
    assert [stop for stop in stops if not stop["outline"]] == []


def test_it_is_there_when_the_wifi_dies(page: Page, watch: Watch, server: Running) -> None:
    """After the first load, the same link opens without a connection, with its layers; older files have gone."""
    opened(page, server, f"{MIDDLE}&on=schools")
    page.evaluate("async () => { await caches.open('hantsmap-assets-older'); }")
    expect(page.locator("#sentence")).to_contain_text("Schools and colleges (", timeout=20_000)
    until(page, """async () => {
        const kept = (await (await caches.open('hantsmap-data')).keys()).map(each => new URL(each.url).pathname);
        const loaded = performance.getEntriesByType('resource').map(each => new URL(each.name).pathname);
        const older = await caches.has('hantsmap-assets-older');
        return navigator.serviceWorker.controller && !older && kept.includes('/map')
            && loaded.every(each => kept.includes(each) || !/^\\/(map|tiles|collections)\\//.test(each)); }""")
    watch.context.set_offline(True)
    watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    page.reload()
    expect(page.locator("#sentence")).to_contain_text("Schools and colleges (", timeout=20_000)
    watch.context.set_offline(False)


@pytest.fixture(scope="module")
def staff_server(county_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose every visitor counts as staff."""
    log = tmp_path_factory.mktemp("staff") / "server.log"
    with running(county_store, log, HANTSMAP_AUDIENCE="staff") as served:
        yield served


def test_what_is_not_for_everybody_is_kept_nowhere(browser: Browser, staff_server: Running) -> None:
    """Staff get the same map with their layers; no worker stands behind it, and no cache has anything of it."""
    context = browser.new_context()
    page = context.new_page()
    opened(page, staff_server, MIDDLE)
    page.wait_for_timeout(4_000)
    kept: list[Any] = page.evaluate("async () => [(await caches.keys()).length, "
                                    "(await navigator.serviceWorker.getRegistrations()).length]")
    context.close()
    assert kept == [0, 0]


@pytest.mark.parametrize(("scale", "orientation", "millimetres"), [
    (10_000, "portrait", 100), (25_000, "portrait", 40), (25_000, "landscape", 40), (50_000, "landscape", 20),
    (100_000, "portrait", 10)])
def test_a_kilometre_on_paper(page: Page, server: Running, tmp_path: Path, scale: int, orientation: str,
                              millimetres: int) -> None:
    """One page of A4 on which the lines of the grid are as far apart as the scale says, to a tenth of a millimetre."""
    opened(page, server, f"{MIDDLE}&on=schools&tool=print")
    page.get_by_label("Scale", exact=True).select_option(f"{scale}")
    page.get_by_label("Paper").select_option(orientation)
    page.get_by_label("Title").fill("Our village")
    page.get_by_role("button", name="Show the page").click()
    page.locator("#sheet[data-ready=yes]").wait_for()
    page.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)

    with PdfDocument(tmp_path / "map.pdf") as printed:
        assert len(printed) == 1
        size = tuple(round(length * 25.4 / 72) for length in printed[0].get_size())
        assert size == ((210, 297) if orientation == "portrait" else (297, 210))
        text = printed[0].get_textpage().get_text_bounded()
        upright = lines(printed[0])
    for words in ("Our village", "Name", "Date", f"1:{scale:,}", "Synthetic County Council"):
        assert words in text
    gaps = [later - earlier for earlier, later in pairwise(upright)]
    assert gaps and all(math.isclose(gap, millimetres, abs_tol=0.1) for gap in gaps)


def lines(page: Any) -> list[float]:
    """Places of the upright lines of the grid, in millimetres from the left: thin, and as long as the frame is high."""
    found = set()
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = (length * 25.4 / 72 for length in each.get_bounds())
        if right - left < 1 and top - bottom > 100:
            found.add(round((left + right) / 2, 2))
    return sorted(found)
