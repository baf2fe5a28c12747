"""Lessons about walks, as a pupil does them: measure the way to the library, and plan a round."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pupil import Pupil, number

from hantsmap.lessons import Example

Of = Callable[[str], Example]


def test_a_pupil_measures_the_walk_to_the_library(pupil: Pupil, example: Of) -> None:
    """Point by point along the paths, and as the crow flies: both within one part in a hundred of the reference."""
    found = example("measure-the-walk")
    pupil.begin("measure-the-walk")

    for place in found.figures["clicks"]:
        pupil.point(*place)
    measured = pupil.told("Measurement")
    expect(measured).to_contain_text("Length: ")

    words = measured.inner_text()
    assert number(words, r"Length: ([\d,]+) m") == pytest.approx(found.figures["walk"], rel=0.01)
    assert number(words, r"first to last point: ([\d,]+) m") == pytest.approx(found.figures["crow"], rel=0.01)


def test_a_point_that_was_wrong_is_taken_back(pupil: Pupil, example: Of) -> None:
    """Undo takes the last point away, and the length is what it was before."""
    found = example("measure-the-walk")
    pupil.begin("measure-the-walk")
    measured, clicks = pupil.told("Measurement"), found.figures["clicks"]
    for place in clicks[:3]:
        pupil.point(*place)
    before = measured.inner_text()
    pupil.point(*clicks[-1])
    expect(measured).not_to_have_text(before)

    pupil.press(pupil.page.get_by_role("button", name="Undo last point"))
    expect(measured).to_have_text(before)


def test_a_pupil_plans_a_round_of_five_kilometres(pupil: Pupil, example: Of) -> None:
    """On footpaths and bridleways only: its length, and the numbers of its paths in their order, are those of the
    reference."""
    found = example("plan-a-circular-walk")
    pupil.begin("plan-a-circular-walk")
    ways = pupil.panel.get_by_role("group", name="Ways to use")
    for name, ticked in (("Footpaths", True), ("Bridleways", True), ("Restricted byways", False)):
        assert ways.get_by_label(name, exact=True).is_checked() is ticked, name

    for place in found.figures["stops"]:
        pupil.point(*place)
    expect(pupil.told("Route")).to_contain_text("Route: ")

    told = pupil.panel.get_by_role("table", name="Paths in order").locator("tbody tr")
    paths = [row.locator("td").nth(0).inner_text() for row in told.all()]
    length = number(pupil.told("Route").inner_text(), r"Route: ([\d,]+) m")
    assert length == pytest.approx(found.figures["length"], rel=0.01)
    assert 4_000 <= length <= 6_000
    assert list(dict.fromkeys(paths)) == found.figures["paths"]
    assert {row.locator("td").nth(1).inner_text() for row in told.all()} <= {"Footpath", "Bridleway"}
