"""Lessons about land and readings, as a pupil does them: far from a library, where to build, and noise."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from pupil import Pupil, number
from watching import Watch

from hantsmap.gridref import parse
from hantsmap.lessons import Example

Of = Callable[[str], Example]
RULES = {"designations": ("5", 0), "ancient_woodland": ("5", 50), "sinc": ("4", 0), "flood_zones": ("5", 0)}


def test_a_pupil_counts_the_areas_far_from_a_library(pupil: Pupil, example: Of) -> None:
    """As many wards as the reference has, and the same ones, the farthest first."""
    found = example("far-from-a-library").figures
    pupil.begin("far-from-a-library")
    page, told = pupil.page, pupil.told("Nearest service")
    pupil.choose(page.get_by_label("Kind of service"), found["category"])
    pupil.write(page.get_by_label("Distance in metres"), "500")
    expect(told).to_contain_text("500 m")
    pupil.write(page.get_by_label("Distance in metres"), f"{found['metres']:.0f}")

    expect(told).to_contain_text(f"{found['count']} of {found['all']} areas")
    names = pupil.panel.get_by_role("table").locator("tbody th").all_inner_texts()
    assert names == found["beyond"]


def test_any_kind_of_service_can_be_measured_from(pupil: Pupil, example: Of) -> None:
    """A library is one of many."""
    example("far-from-a-library")
    pupil.begin("far-from-a-library")
    kinds = pupil.page.get_by_label("Kind of service").locator("option").all_inner_texts()
    assert {"Library", "Pharmacy", "GP surgery"} <= set(kinds)
    pupil.choose(pupil.page.get_by_label("Kind of service"), "Pharmacy")
    expect(pupil.told("Nearest service")).to_contain_text("Pharmacy")


def test_a_pupil_finds_a_place_for_homes(pupil: Pupil, example: Of, tmp_path: Path) -> None:
    """With the rules of the reference there is as much land with nothing against it; a place is judged and given a
    reason; picture and table are saved."""
    found = example("where-to-build")
    pupil.begin("where-to-build")
    page = pupil.page
    for layer, title in zip(found.figures["layers"], found.figures["titles"], strict=True):
        weight, metres = RULES[layer]
        pupil.choose(page.get_by_label("Layer", exact=True), title)
        pupil.press(page.get_by_role("button", name="Add this rule"))
        rule = page.get_by_role("group", name=title, exact=True)
        pupil.choose(rule.get_by_label("Weight"), weight)
        if metres:
            pupil.write(rule.get_by_label("Metres"), str(metres))
    key = page.get_by_role("list", name="Key of suitable land")
    expect(key).to_contain_text("Nothing against")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    hectares = number(key.locator("li").first.inner_text(), r"([\d,]+) hectares")
    assert hectares == pytest.approx(found.figures["hectares"], rel=0.01)

    pupil.point(float(pupil.state["e"]), float(pupil.state["n"]))
    pupil.write(page.get_by_label("Reason for place 1"), "It is near the station, and not in a wood.")
    with page.expect_download() as table:
        pupil.press(page.get_by_role("button", name="Save the decisions (CSV)"))
    rows = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row["reason"] for row in rows] == ["It is near the station, and not in a wood."]
    assert parse(rows[0]["grid_reference"]).size == 100
    with page.expect_download() as picture:
        pupil.press(page.get_by_role("button", name="Save as an image (PNG)"))
    image = Image.open(picture.value.path())
    assert image.format == "PNG"
    assert image.width >= 600


def test_a_pupil_maps_readings_that_stay_in_the_browser(pupil: Pupil, watch: Watch, example: Of) -> None:
    """All readings are on the map and in the table; nothing of them is sent; they are gone when they are deleted, and
    when the page is loaded again."""
    found = example("map-our-readings")
    pupil.begin("map-our-readings")
    page, told = pupil.page, pupil.told("Readings")
    before = len(watch.asked)
    pupil.write(page.get_by_label("Paste your table"), found.paste, end="")
    pupil.press(page.get_by_role("button", name="Show the table on the map"))

    expect(told).to_contain_text(f"{found.figures['count']} readings are on the map")
    rows = page.get_by_role("table", name="Your readings").locator("tbody tr")
    expect(rows).to_have_count(found.figures["count"])
    expect(rows.filter(has_text=found.figures["loudest"])).to_contain_text(found.words["decibels"])
    page.wait_for_load_state("networkidle")
    sent = "\n".join([*watch.since(before), page.url])
    # The heads of its columns are plain words, which names of layers may hold.
    for line in found.paste.splitlines()[1:]:
        for cell in line.split(",")[:2]:
            assert cell.replace(" ", "%20") not in sent
            assert cell not in sent
    assert all(each.post_data is None for each in watch.asked[before:])

    pupil.press(page.get_by_role("button", name="Delete all readings"))
    expect(told).to_have_text("No readings yet.")
    pupil.write(page.get_by_label("Paste your table"), found.paste, end="")
    pupil.press(page.get_by_role("button", name="Show the table on the map"))
    expect(told).to_contain_text("on the map")
    page.reload()
    pupil.ready()
    expect(told).to_have_text("No readings yet.")
