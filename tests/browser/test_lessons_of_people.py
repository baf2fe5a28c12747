"""Lessons about people, as a pupil does them: the ward that grew, classes, and two wards beside each other."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect
from pupil import Pupil, number
from pypdfium2 import PdfDocument
from watching import Watch

from hantsmap.lessons import Example

Of = Callable[[str], Example]
STEPS = 7


def ranked(pupil: Pupil) -> tuple[str, str]:
    """Who stands first in the table of the thematic map, and the value."""
    first = pupil.panel.get_by_role("table", name="The ten highest").locator("tbody tr").first
    return first.get_by_role("button").inner_text(), first.locator("td").last.inner_text()


def test_the_years_move_without_asking_anybody(pupil: Pupil, watch: Watch, example: Of) -> None:
    """From the first year to the last, step by step, and not one request."""
    found = example("the-ward-that-grew").figures
    pupil.begin("the-ward-that-grew")
    told = pupil.told("Thematic map")
    expect(told).to_contain_text(str(found["first"]))
    watch.settle(pupil.page)
    before = len(watch.asked)

    for year in found["years"][1:]:
        if pupil.by == "mouse":
            pupil.press(pupil.page.get_by_role("button", name="Year after"))
        else:
            pupil.reach(pupil.page.get_by_role("slider", name="Year slider"))
            pupil.page.keyboard.press("ArrowRight")
        expect(told).to_contain_text(f"Persons, {year}")
    pupil.page.wait_for_timeout(500)

    assert watch.since(before, of_page=True) == []
    assert pupil.state["yr"] == str(found["last"])


def test_a_pupil_finds_the_ward_that_grew_most(pupil: Pupil, example: Of) -> None:
    """In number and in percent: the first of the table, and the value, are those of the reference."""
    found = example("the-ward-that-grew").figures
    pupil.begin("the-ward-that-grew")
    page, told = pupil.page, pupil.told("Thematic map")

    pupil.choose(page.get_by_label("Show", exact=True), f"Change since {found['first']}")
    pupil.write(page.get_by_label("Type a year"), str(found["last"]))
    expect(told).to_contain_text(f"change from {found['first']} to {found['last']}")
    name, value = ranked(pupil)
    assert name in found["most"]
    assert number(value, r"([\d,.−-]+)") == found["change"]

    pupil.choose(page.get_by_label("Show", exact=True), f"Change since {found['first']}, in percent")
    expect(told).to_contain_text("percent")
    name, value = ranked(pupil)
    assert name in found["fastest"]
    assert abs(number(value, r"([\d,.−-]+)") - found["percent"]) < 0.06


def test_a_pupil_chooses_classes_and_is_warned(pupil: Pupil, example: Of) -> None:
    """Raw counts are warned of, densities are not; each way to make classes puts as many wards into each as the
    reference."""
    found = example("choose-the-classes")
    pupil.begin("choose-the-classes")
    page, warning = pupil.page, pupil.panel.get_by_text("Careful: plain counts.")
    expect(warning).to_be_visible()
    pupil.choose(page.get_by_label("Divide by", exact=True), "Area: per hectare")
    expect(warning).to_be_hidden()

    for row in found.answers[0].rows:
        title = {"Equal": "Equal steps (equal interval)", "Natur": "Natural breaks (Jenks)"}.get(
            row[0][:5] if "steps" in row[0] or "Nat" in row[0] else "", "As many areas in each class (quantile)")
        pupil.choose(page.get_by_label("Method", exact=True), title)
        wanted = [int(cell.rpartition(": ")[2]) for cell in row[1:] if cell]
        expect(page.get_by_label("Method", exact=True).locator("option:checked")).to_have_text(title)
        assert _counts(page.get_by_role("list", name="Key of the classes")) == wanted, title

    pupil.choose(page.get_by_label("Number of classes"), "3")
    assert len(_counts(page.get_by_role("list", name="Key of the classes"))) == 3


def test_a_teacher_locks_the_classes(pupil: Pupil, example: Of) -> None:
    """A map whose address locks them shows the classes, and lets nobody change them."""
    example("choose-the-classes")
    pupil.begin("choose-the-classes")
    pupil.page.goto(f"{pupil.page.url}&lock=classes")
    pupil.page.reload()
    pupil.ready()
    expect(pupil.page.get_by_label("Method", exact=True)).to_be_disabled()
    expect(pupil.page.get_by_label("Number of classes")).to_be_disabled()


def test_a_pupil_compares_two_wards_on_one_sheet(pupil: Pupil, example: Of) -> None:
    """Persons and density of both are those of the reference; the comparison prints on one page of A4."""
    found = example("compare-two-wards").figures
    pupil.begin("compare-two-wards")
    page = pupil.page
    pupil.choose(page.get_by_label("First area"), found["names"][0])
    expect(pupil.told("Comparison")).to_contain_text(found["names"][0])
    pupil.choose(page.get_by_label("Second area"), found["names"][1])
    expect(pupil.told("Comparison")).to_contain_text(found["names"][1])
    expect(pupil.panel.get_by_role("img", name=re.compile("Population pyramid"))).to_have_count(2)

    rows = {row.locator("th").inner_text(): row.locator("td").all_inner_texts()
            for row in pupil.panel.get_by_role("table", name=re.compile(" in 20")).first.locator("tbody tr").all()}
    persons = next(cells for words, cells in rows.items() if words.startswith("Persons") and "hectare" not in words)
    assert [number(cell, r"([\d,.]+)") for cell in persons[:2]] == found["persons"]
    density = [number(cell, r"([\d,.]+)") for cell in rows["Persons per hectare"][:2]]
    assert all(abs(one - other) < 0.06 for one, other in zip(density, found["density"], strict=True))

    page.wait_for_timeout(500)
    sheets = PdfDocument(page.pdf(prefer_css_page_size=True, format="A4"))
    words = sheets[0].get_textpage().get_text_range()
    assert len(sheets) == 1
    assert all(name in words for name in found["names"])


def _counts(key: Locator) -> list[int]:
    return [int(number(each, r": (\d+) areas?$")) for each in key.locator("li").all_inner_texts()]
