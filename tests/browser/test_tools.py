"""Tools of the map beyond the lessons: links that bring them back, what they refuse, and where the focus goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page, expect
from pupil import Pupil, number
from running_server import Running
from watching import Watch

from hantsmap.catalogue import Catalogue
from hantsmap.lessons.themes import theme

WARDS = "population_forecasts:ward:persons"
# Each tool: what its `status` is called, and an address that has it show something.
SHOWN = {
    "measure": ("Measurement", "m=462000,103000;463000,104000&md=length"),
    "draw": ("Drawing", "d=p19whc.27h4;l29vfb.28px.120.-j0!our%20walk"),
    "route": ("Route", "r=463000,103500;465000,102500&ro=FP,BW,RB,BOAT,quiet"),
    "theme": ("Thematic map", f"th={WARDS}:change-pct&yr=2029&cl=quantile:4&nm=none&ramp=hatch"),
    "compare": ("Comparison", "cmp=E05999002,E05999009&yr=2025"),
    "nearest": ("Nearest service", "near=library:1500&na=ward"),
    "constraints": ("Suitable land", "cons=designations:5:0:away,schools:2:1000:near&ca=E07999001&cd=463000,106000"),
}


def opened(page: Page, server: Running, fragment: str) -> Page:
    """The map, when it has told what it shows."""
    page.goto(f"{server.base}/map#{fragment}")
    expect(page.locator("#sentence")).not_to_be_empty()
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("tool", SHOWN)
def test_a_link_brings_a_tool_back(tool: str, page: Page, watch: Watch, server: Running, built: None) -> None:
    """Whoever opens the address that the map has now is told the same sentence."""
    name, fragment = SHOWN[tool]
    told = opened(page, server, f"tool={tool}&{fragment}").get_by_role("status", name=name)
    expect(told).to_contain_text(" ")
    page.wait_for_timeout(500)
    other = watch.context.new_page()
    other.goto(page.url)

    expect(other.get_by_role("status", name=name)).to_have_text(told.inner_text())


def test_a_length_is_that_of_the_grid(page: Page, server: Running, built: None) -> None:
    """The diagonal of a square kilometre, its bearing, and the area of half of it."""
    opened(page, server, "tool=measure&m=462000,103000;463000,104000")
    told = page.get_by_role("status", name="Measurement")
    expect(told).to_contain_text("Length: 1,414 m (1.41 km)")
    expect(told).to_contain_text("bearing 045° (north-east)")

    page.get_by_label("Grid reference", exact=True).fill("463000, 103000")
    page.keyboard.press("Enter")
    page.get_by_label("Area", exact=True).check()
    expect(told).to_contain_text("Area: 50.00 ha (500,000 m²)")


def test_enter_on_the_map_is_a_click_at_its_centre(page: Page, server: Running, built: None) -> None:
    """Who has no mouse puts points down where the cross is."""
    opened(page, server, "e=462000&n=103000&z=8&tool=measure")
    page.locator("#map").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status", name="Measurement")).to_have_text("1 point. Add another to measure.")
    assert "m=462000,103000" in page.url


def test_a_drawing_is_kept_in_the_address_and_nowhere_else(
    page: Page, server: Running, built: None, tmp_path: Path
) -> None:
    """A line with words, saved as GeoJSON in the National Grid; undone and deleted; seen while another tool is open."""
    opened(page, server, "e=462000&n=103000&z=8&tool=draw")
    told = page.get_by_role("status", name="Drawing")
    page.get_by_label("Line", exact=True).check()
    for place in ("462000, 103000", "463000, 104000"):
        page.get_by_label("Grid reference", exact=True).fill(place)
        page.keyboard.press("Enter")
    page.get_by_label("Words", exact=True).fill("to school")
    page.get_by_role("button", name="Finish line").click()
    expect(told).to_have_text("1 thing is drawn.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as GeoJSON").click()
    document = json.loads(Path(saved.value.path()).read_text())

    assert document["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::27700"
    assert document["features"][0]["geometry"] == {
        "type": "LineString", "coordinates": [[462000, 103000], [463000, 104000]]}
    assert document["features"][0]["properties"]["text"] == "to school"

    page.get_by_role("button", name="Delete line 1").click()
    expect(told).to_have_text("0 things are drawn.")
    assert "d=" not in page.url


@pytest.mark.parametrize(("tool", "box", "typed", "told"), [
    ("measure", "Grid reference", "SU 44 2", "even number"),
    ("route&r=", "Grid reference", "pond", "is not a grid reference"),
    (f"theme&th={WARDS}:value&cl=manual:1000,2000", "Breaks", "10, x", "Not a number: x"),
])
def test_what_cannot_be_meant_is_told(
    tool: str, box: str, typed: str, told: str, page: Page, server: Running, built: None
) -> None:
    """In a sentence that is read aloud, and nothing changes."""
    opened(page, server, f"tool={tool}")
    field = page.get_by_label(box, exact=True)
    before = page.url
    field.fill(typed)
    field.press("Enter")

    expect(page.locator("#panel").get_by_role("alert").filter(has_text=told)).to_be_visible()
    assert page.url == before


def test_the_land_near_services_is_the_union_of_circles(
    page: Page, server: Running, built: None, catalogue: Catalogue
) -> None:
    """As large as the buffer that GEOS makes with 512 corners to a quarter, within a thousandth."""
    services = theme(catalogue, "services", "service_type", "status", geometry="Point")
    wanted = zip(services.columns["service_type"], services.columns["status"], strict=True)
    points = services.where([kind == "Pharmacy" and status == "active" for kind, status in wanted]).shapes
    exact = shapely.union_all(shapely.buffer(points, 1500, quad_segs=512)).area / 1e6
    opened(page, server, "tool=nearest&near=pharmacy:1500&na=ward")
    told = page.get_by_role("status", name="Nearest service")
    expect(told).to_contain_text("any of them is")

    assert number(told.inner_text(), r"any of them is ([\d.,]+) km²") == pytest.approx(exact, rel=0.001)


def test_the_focus_stays_while_a_rule_is_changed(page: Page, server: Running, built: None) -> None:
    """A weight is changed by arrow keys, one after the other; after a rule is deleted, another can be added."""
    pupil = Pupil(page, server.base, "keyboard")
    opened(page, server, "tool=constraints&cons=designations:3:0:away")
    rule = page.get_by_role("group", name="Environmental and heritage designations", exact=True)
    pupil.choose(rule.get_by_label("Weight"), "5")
    expect(rule.get_by_label("Weight")).to_be_focused()
    assert "designations:5:0:away" in page.url

    pupil.press(page.get_by_role("button", name="Delete the rule for Environmental and heritage designations"))
    expect(page.get_by_label("Layer", exact=True)).to_be_focused()


def test_the_printed_page_says_what_the_tool_before_said(page: Page, server: Running, built: None) -> None:
    """A thematic map is printed with its sentence and its key."""
    opened(page, server, f"e=462000&n=103000&z=6&tool=theme&{SHOWN['theme'][1]}")
    sentence = page.get_by_role("status", name="Thematic map").inner_text()
    page.get_by_role("navigation", name="Tools").get_by_role("button", name="Print", exact=True).click()
    page.get_by_role("button", name="Show the page").click()
    words = page.locator("#sheet .tool-carried")

    expect(words).to_contain_text(sentence)
    expect(words.get_by_role("listitem")).to_have_count(4)
