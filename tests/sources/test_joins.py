"""Tables joined to geometry."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from hantsmap.errors import SourceError


@pytest.fixture
def areas(desk) -> gpd.GeoDataFrame:
    """Three squares A1, A2, A3; the last one lies far outside the county."""
    frame = gpd.GeoDataFrame(
        {"code": ["A1", "A2", "A3"], "rank": [1, 2, 3]},
        geometry=[shapely.box(e, 112000, e + 1000, 113000) for e in (442000, 443000, 630000)],
        crs=27700,
    )
    frame.to_file(desk.data / "areas.gpkg")
    return frame


def test_one_row_each_keeps_every_geometry(desk, areas, rules) -> None:
    """Unmatched geometry stays with nothing in the table's columns; both sides' loose ends are named."""
    desk.write("t.csv", "CODE,people\nA2 ,20\nA1,10\nZ9,5\n,7\n")
    raw = desk.read("Polygon", file="areas.gpkg", join={"file": "t.csv", "key": "CODE", "to": "code"})
    assert raw.frame["code"].tolist() == ["A1", "A2", "A3"]
    assert raw.frame["people"].tolist() == ["10", "20", None]
    assert raw.frame["CODE"].tolist() == ["A1", "A2", None]
    assert raw.frame.geometry.tolist() == areas.geometry.tolist() and raw.frame.crs.to_epsg() == 27700
    assert rules(raw.findings) == [
        ("trailing-space", "repaired"), ("unmatched-row", "doubtful"), ("unmatched-row", "doubtful"),
        ("unmatched-geometry", "doubtful"),
    ]  # fmt: skip
    assert [finding.row for finding in raw.findings] == [None, "row 4", "Z9", "A3"]
    assert raw.findings[0].sentence.startswith("1 values of `CODE` in t.csv") and raw.findings[0].field == "CODE"
    assert raw.provenance["join"]["rows_read"] == 4


def test_clip_silences_geometry_that_is_not_ours(desk, areas, rules) -> None:
    """Outside the county an unmatched geometry is not news, and a table row that matches one is not unmatched."""
    desk.write("t.csv", "code,people\nA1,10\nA2,20\n")
    join = {"file": "t.csv", "key": "code", "to": "code"}
    assert rules(desk.read("Polygon", file="areas.gpkg", clip=True, join=join).findings) == [
        ("outside-clip", "dropped")
    ]
    desk.write("t.csv", "code,people\nA1,10\nA2,20\nA3,30\n")
    assert rules(desk.read("Polygon", file="areas.gpkg", clip=True, join=join).findings) == [
        ("outside-clip", "dropped")
    ]


def test_pivot_makes_a_long_table_wide(desk, areas, rules) -> None:
    """Chosen values of the names column become columns; others are left out; a gap is None; our names are used."""
    desk.write("t.csv", "c,what,v\nA1,Total ,10\nA1,Old,3\nA2,Total,20\nA3,Total,1\nA3,Young,9\nA3,Old,\n")
    pivot = {"index": "c", "names": "what", "values": "v", "columns": {"Total": "people", "Old": "people_65"}}
    raw = desk.read(
        "Polygon",
        file="areas.gpkg",
        aliases={"code": "area"},
        join={"file": "t.csv", "key": "c", "to": "code", "pivot": pivot},
    )
    assert raw.frame["people"].tolist() == ["10", "20", "1"]
    assert raw.frame["people_65"].tolist() == ["3", None, None]
    assert raw.frame["area"].tolist() == ["A1", "A2", "A3"] and "v" not in raw.frame
    assert rules(raw.findings) == [("trailing-space", "repaired")] and raw.findings[0].field == "what"


def test_a_pivot_that_is_ambiguous_or_empty_is_an_error(desk, areas) -> None:
    """Two values for one cell, and a name that no row has, are named."""
    pivot = {"index": "c", "names": "what", "values": "v", "columns": {"Total": "people"}}
    join = {"file": "t.csv", "key": "c", "to": "code", "pivot": pivot}
    desk.write("t.csv", "c,what,v\nA1,Total,10\nA1 ,Total,11\n")
    with pytest.raises(SourceError, match=r"`Total` more than once for `A1`"):
        desk.read("Polygon", file="areas.gpkg", join=join)
    desk.write("t.csv", "c,what,v\nA1,Total (2024),10\n")
    with pytest.raises(SourceError, match=r"no row has `Total` in `what`. It has `Total \(2024\)`"):
        desk.read("Polygon", file="areas.gpkg", join=join)


def test_each_gives_one_feature_per_row(desk, areas, rules) -> None:
    """Areas by years: the geometry repeats, and a row whose geometry is not there has none."""
    desk.write("t.csv", "code,year,people\nA1,2024,1\nA1,2025,2\nA2,2024,3\nZ9,2024,4\n")
    raw = desk.read("Polygon", file="areas.gpkg", join={"file": "t.csv", "key": "code", "to": "code", "shape": "each"})
    assert raw.frame[["code", "year", "people", "rank"]].to_numpy().tolist()[:3] == [
        ["A1", "2024", "1", 1], ["A1", "2025", "2", 1], ["A2", "2024", "3", 2],
    ]  # fmt: skip
    assert raw.frame.geometry[1].equals(areas.geometry[0]) and raw.frame.geometry[3] is None
    assert raw.frame["code"][3] == "Z9"
    assert rules(raw.findings) == [("unmatched-row", "doubtful"), ("unmatched-geometry", "doubtful")]
    assert [finding.row for finding in raw.findings] == ["Z9", "A3"]


def test_numbers_match_text(desk, areas) -> None:
    """A whole-number key of the geometry matches the table's text."""
    desk.write("t.csv", "r,people\n1,10\n2,20\n3,30\n")
    raw = desk.read("Polygon", file="areas.gpkg", join={"file": "t.csv", "key": "r", "to": "rank"})
    assert raw.frame["people"].tolist() == ["10", "20", "30"] and raw.findings == []


def test_what_cannot_be_joined_is_explained(desk, areas) -> None:
    """Several rows for one geometry, columns in both, a missing key and a wrong format are named."""
    desk.write("t.csv", "code,id\nA1,1\nA1,2\n")
    with pytest.raises(SourceError, match=r"more than one row for `A1`.*`shape: each`"):
        desk.read("Polygon", file="areas.gpkg", join={"file": "t.csv", "key": "code", "to": "code"})
    areas.assign(id="x").to_file(desk.data / "areas.gpkg")
    with pytest.raises(SourceError, match=r"both have `id`"):
        desk.read("Polygon", file="areas.gpkg", join={"file": "t.csv", "key": "code", "to": "code"})
    with pytest.raises(SourceError, match=r"no column `KEY`, which `join.key` names"):
        desk.read("Polygon", file="areas.gpkg", join={"file": "t.csv", "key": "KEY", "to": "code"})
    with pytest.raises(SourceError, match=r"A joined table is CSV or Excel"):
        desk.read("Polygon", file="areas.gpkg", join={"file": "areas.gpkg", "key": "code", "to": "code"})
    with pytest.raises(SourceError, match=r"gone.csv: is not there"):
        desk.read("Polygon", file="areas.gpkg", join={"file": "gone.csv", "key": "code", "to": "code"})
