"""The publishers' own files, published whole: every finding, every count, and what is served, exactly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hantsmap.editions import edition_of
from hantsmap.findings import Finding
from hantsmap.publish import Outcome, Workshop, publish
from hantsmap.registry import read
from hantsmap.store import Store
from server import create_app
from server.settings import Settings

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real open data (../shared/data) is not here")

ROWS = {"open_roads": 1466, "byways": 20, "ramsar": 202, "conservation_areas": 20, "national_parks": 2,
        "msoa_forecasts": 170, "wards": 316, "districts": 14, "libraries": 42, "schools": 352, "stations": 60}
COUNTS = {
    ("open_roads", "repaired", "height"): 1,
    ("byways", "dropped", "duplicate-row"): 1,
    ("byways", "doubtful", "far-from-its-group"): 1,
    ("ramsar", "dropped", "outside-clip"): 1,
    ("ramsar", "repaired", "invalid-geometry"): 3,
    ("conservation_areas", "repaired", "bad-value"): 12,
    ("conservation_areas", "repaired", "two-digit-year"): 7,
    ("conservation_areas", "repaired", "date-format"): 1,
    ("conservation_areas", "repaired", "mixed-geometry"): 1,
    ("msoa_forecasts", "repaired", "byte-order-mark"): 1,
    ("msoa_forecasts", "repaired", "trailing-space"): 1,
    ("msoa_forecasts", "doubtful", "unmatched-geometry"): 12,
    ("msoa_forecasts", "repaired", "invalid-geometry"): 1,
    ("msoa_forecasts", "repaired", "mixed-geometry"): 1,
    ("msoa_forecasts", "dropped", "outside-extent"): 12,
    ("libraries", "repaired", "trailing-space"): 16,
}
STRAY = {"E02006823": 24, "E02006824": 27, "E02006825": 114, "E02006826": 118, "E02006827": 175, "E02006828": 175,
         "E02006832": 68, "E02006833": 68, "E02006834": 178, "E02006835": 179, "E02006836": 32, "E02006837": 30}
DATES = {
    "27": "21.01.88", "31": "22.09.88", "32": "09.01.86", "44": "09.01.86", "46": "10.08.05", "9": "09.01.86",
    "11": "08.09.77",
}
NO_DATES = {
    "29": "21.10.96 (Article 4 - 13.2.09)", "33": "19.10.1972, amended 1/5/14", "36": "(19.10.1972)  26.07.74",
    "45": "(19.10.1972)  26.07.74", "68": "06.02.1975, revised 01.08.2010", "15": "02.01.1975, amended 1/5/14",
    "16": "08.09.1977, amended 1/5/14", "70": "06.02.1975, revised 01.08.2010", "69": "06.02.1975, revised 01.08.2010",
    "23": "06.02.1975 (confirmed 01.08.20", "24": "(19.10.1972)  26.07.74", "67": "06.02.1975, revised 01.08.2010",
}  # fmt: skip


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """The registry of the real data, and an empty store."""
    return Workshop(read(HERE / "layers.yaml"), Store(tmp_path_factory.mktemp("real") / "store"), DATA)


@pytest.fixture(scope="module")
def outcomes(workshop: Workshop) -> dict[str, Outcome]:
    """Everything published once."""
    return {outcome.layer: outcome for outcome in publish(workshop)}


def found(outcomes: dict[str, Outcome], layer: str, rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [finding for finding in outcomes[layer].findings if finding.rule == rule]


def test_everything_is_published(outcomes: dict[str, Outcome]) -> None:
    """All eleven layers are published, each with its rows."""
    assert {name: (outcome.state, outcome.rows) for name, outcome in outcomes.items()} == {
        name: ("published", rows) for name, rows in ROWS.items()}


def test_findings_are_these_and_no_others(outcomes: dict[str, Outcome]) -> None:
    """What is wrong with the data is found as often as it is there, and nothing else is found."""
    assert Counter((finding.layer, finding.kind.value, finding.rule) for outcome in outcomes.values()
                   for finding in outcome.findings) == COUNTS


def test_stray_areas(outcomes: dict[str, Outcome]) -> None:
    """The twelve areas of Nottingham, Sutton and elsewhere have no row in the summary and lie 24 to 179 km away."""
    outside, unmatched = (found(outcomes, "msoa_forecasts", rule) for rule in ("outside-extent", "unmatched-geometry"))
    assert {finding.row for finding in unmatched} == set(STRAY)
    assert {finding.row: round(float(finding.sentence.split()[1])) for finding in outside} == STRAY
    assert all(finding.sentence.endswith(" km outside the county's extent.") for finding in outside)


def test_summary_of_the_areas(outcomes: dict[str, Outcome]) -> None:
    """The byte-order mark of the long table, and the 2,890 codes in it with spaces behind them, are told once each."""
    (mark,), (spaces,) = (found(outcomes, "msoa_forecasts", rule) for rule in ("byte-order-mark", "trailing-space"))
    assert mark.sentence == "population/hcc_msoa-summary.csv begins with a byte-order mark, which was taken off."
    assert spaces.field == "MSOACD21" and spaces.sentence.startswith("2,890 values of `MSOACD21` ")
    (bad,) = found(outcomes, "msoa_forecasts", "invalid-geometry")
    assert str(bad) == ("E02004828: was not valid (Self-intersection at E 436562.35 N 114595.20): mended, area changed "
                        "from 22,732,911.07 to 22,732,910.64 m2.")


def test_byways(outcomes: dict[str, Outcome]) -> None:
    """Byway 008/6/1 stands twice (objects 486 and 487): one is left out. Another lies 11 km from its parish."""
    (copy,), (far,) = found(outcomes, "byways", "duplicate-row"), found(outcomes, "byways", "far-from-its-group")
    assert (copy.row, copy.sentence) == ("008/6/1", "row 21 is an exact copy of row 20.")
    assert (far.row, far.field) == ("001/KS101-HST01/1", "parish")
    assert far.sentence == "lies 11.2 km from the nearest other row with parish Abbotts Ann: is it in the right place?"


def test_geometry_of_the_areas(outcomes: dict[str, Outcome]) -> None:
    """The areas and the conservation areas mix polygons and multipolygons: told with how many of each."""
    told = {layer: found(outcomes, layer, "mixed-geometry")[0].sentence for layer in (
        "conservation_areas", "msoa_forecasts")}
    assert told == {
        "conservation_areas": "the source mixes 2 MultiPolygon, 18 Polygon: all become MultiPolygon.",
        "msoa_forecasts": "the source mixes 2 MultiPolygon, 180 Polygon: all become MultiPolygon."}


def test_ramsar_is_cut_to_the_county(outcomes: dict[str, Outcome]) -> None:
    """Of 1,291 sites in England 202 meet the county; three of them crossed themselves and were mended."""
    (cut,) = found(outcomes, "ramsar", "outside-clip")
    assert cut.sentence.startswith("1,089 of 1,291 rows of designations/ramsar_england.csv lie outside")
    assert ROWS["ramsar"] == 1291 - 1089
    assert [finding.row for finding in found(outcomes, "ramsar", "invalid-geometry")] == [
        "ramsar:207", "ramsar:209", "ramsar:218"]


def test_heights_of_the_roads(outcomes: dict[str, Outcome], workshop: Workshop) -> None:
    """All 1,466 road links have heights: kept in the edition, left out of what is served."""
    import shapely

    (height,) = found(outcomes, "open_roads", "height")
    assert height.sentence.startswith("1,466 geometries have heights")
    current = workshop.store.current("open_roads")
    assert shapely.has_z(edition_of(workshop.store, "open_roads", current.edition).curated.shapes).all()


def test_dates_of_the_conservation_areas(outcomes: dict[str, Outcome]) -> None:
    """Seven years of two digits are read and told; twelve remarks are no dates: they are quoted and left empty."""
    short, bad = (found(outcomes, "conservation_areas", rule) for rule in ("two-digit-year", "bad-value"))
    assert {finding.field for finding in short + bad} == {"designation_date"}
    assert {finding.row: finding.sentence.split("'")[1] for finding in short} == DATES
    assert short[0].sentence == "'21.01.88' has a year of two digits: read as 1988-01-21."
    assert {finding.row: finding.sentence for finding in bad} == {
        row: f"{text!r} is not a date: left empty." for row, text in NO_DATES.items()}


def test_libraries(outcomes: dict[str, Outcome], workshop: Workshop) -> None:
    """The county's address has a space behind it sixteen times; the library of Shanklin, which moved, stands twice."""
    spaces = found(outcomes, "libraries", "trailing-space")
    assert {finding.sentence for finding in spaces} == {
        "white space around 'County.Library.HQ@hants.gov.uk ' was removed."}
    table = edition_of(workshop.store, "libraries", workshop.store.current("libraries").edition).curated.table
    shanklin = [row for row in table.to_pylist() if row["name"].startswith("Shanklin")]
    assert [(row["id"].rsplit(".", 1)[1], row["year_opened"], row["year_closed"]) for row in shanklin] == [
        ("PO37-6PG", None, 2020), ("PO37-7LA", 2020, None)]


def test_served(outcomes: dict[str, Outcome], workshop: Workshop) -> None:
    """Every layer is served: to everybody, with all its rows, its count and a geometry."""
    client = create_app(Settings(workshop.store.root)).test_client()
    assert [layer["id"] for layer in client.get("/collections?f=json").json["collections"]] == sorted(ROWS)
    for name, rows in ROWS.items():
        page = client.get(f"/collections/{name}/items?f=json&limit=3").json
        assert (name, page["numberMatched"], len(page["features"])) == (name, rows, min(rows, 3))
        assert all(feature["geometry"]["coordinates"] for feature in page["features"])
    public = client.get("/collections/msoa_forecasts/items?f=json&limit=1").json["features"][0]["properties"]
    assert set(public) == {"msoa", "name", "residents_2023", "change_2030_pct"}
    staff = create_app(Settings(workshop.store.root, audience="staff")).test_client()
    assert "over_65_2023" in staff.get("/collections/msoa_forecasts/items?limit=1").json["features"][0]["properties"]


def test_publishing_twice(outcomes: dict[str, Outcome], workshop: Workshop) -> None:
    """A second publication changes nothing: every layer is unchanged, and no file of the store is touched."""
    files = {path: path.stat().st_mtime_ns for kind in ("editions", "renditions", "promotions")
             for path in (workshop.store.root / kind).rglob("*")}
    again = publish(workshop)
    assert {(outcome.layer, outcome.state, outcome.rows) for outcome in again} == {
        (name, "unchanged", rows) for name, rows in ROWS.items()}
    assert files == {path: path.stat().st_mtime_ns for kind in ("editions", "renditions", "promotions")
                     for path in (workshop.store.root / kind).rglob("*")}
