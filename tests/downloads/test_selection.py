"""A cut holds the features that items would give for the same parameters, in the same order, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from files_made import seen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap import crs
from hantsmap.downloads import FORMATS, Kept, named, want
from hantsmap.downloads.making import make
from hantsmap.errors import QueryError
from hantsmap.query import Reader, ask, texts
from hantsmap.store import Store

FILTERS = ("speed_limit_mph > {}", "speed_limit_mph BETWEEN {0} AND 60", "NOT speed_limit_mph = 30",
           "road_class = 'A Road'", "road_number LIKE 'B%'",
           "road_class IN ('B Road','Unclassified') AND speed_limit_mph < {}",
           "S_INTERSECTS(geometry, BBOX(-1.15,50.80,-1.10,50.85))")


@st.composite
def questions(draw: st.DrawFn) -> dict[str, str]:
    """Parameters that choose segments: a box in metres or degrees, a filter, a property."""
    asked: dict[str, str] = {}
    if draw(st.booleans()):
        west, south = draw(st.floats(455_000, 468_000)), draw(st.floats(98_000, 108_000))
        box = (west, south, west + draw(st.floats(1, 9_000)), south + draw(st.floats(1, 9_000)))
        asked |= {"bbox": ",".join(f"{edge:.2f}" for edge in box), "bbox-crs": crs.EPSG27700.uri}
    if draw(st.booleans()):
        asked["filter"] = draw(st.sampled_from(FILTERS)).format(draw(st.integers(0, 70)))
    if draw(st.booleans()):
        asked["speed_limit_mph"] = str(draw(st.sampled_from((20, 30, 40, 60))))
    return asked


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions(), in_degrees=st.booleans())
def test_a_cut_is_what_items_give(county_store: Path, tmp_path: Path, asked: dict[str, str], in_degrees: bool) -> None:
    """The features of a cut are the features of all pages of items, text by text."""
    entry = seen(county_store, "street_segments")
    system = crs.CRS84 if in_degrees else crs.EPSG27700
    query = ask(entry.rendition, {**asked, "crs": system.uri, "limit": "10000"})
    page = Reader(entry.rendition).page(query)
    expected = json.loads("[" + b"".join(bytes(text) for text in texts(entry.rendition, query, page.positions)).decode()
                          + "]")
    kept = Kept(tmp_path)
    download = want(entry.rendition, entry.published, FORMATS["geojson"], {**asked, "crs": system.uri})
    file = kept.find(download)
    if file is None:
        folder = tmp_path / ".making" / download.key
        folder.mkdir(parents=True)
        file = make(Store(county_store), kept, download, folder)
    assert json.loads(file.path.read_bytes())["features"] == expected
    assert file.rows == page.matched


@pytest.mark.parametrize(("format_", "asked", "sentence"), [
    ("gpkg", {"limit": "5"}, "`limit` is not a parameter"),
    ("gpkg", {"sortby": "name"}, "`sortby` is not a parameter"),
    ("gpkg", {"properties": "name"}, "`properties` is not a parameter"),
    ("gpkg", {"shift": "1,2"}, "`shift` is not a parameter"),
    ("gpkg", {"f": "json"}, "`f` is not a parameter"),
    ("gpkg", {"crs": crs.EPSG3857.uri}, "is not offered for gpkg files"),
    ("gpkg", {"crs": "EPSG:1"}, "is not served here"),
    ("dxf.zip", {"crs": crs.CRS84.uri}, "is not offered for dxf.zip files"),
    ("dxf.zip", {"shift": "450000"}, "is not an easting and a northing"),
    ("dxf.zip", {"shift": "1.5,2"}, "is not an easting and a northing"),
    ("csv", {"filter": "no_such = 1"}, "no_such"),
    ("csv", {"bbox": "1,2,3"}, "is not four numbers"),
    ("csv", {"capacity": "many"}, "is not a number"),
])
def test_what_cannot_be_meant_is_refused(
    county_store: Path, format_: str, asked: dict[str, str], sentence: str
) -> None:
    """A parameter that a file does not have, or that says nothing, is refused before anything is made."""
    entry = seen(county_store, "schools")
    with pytest.raises(QueryError, match=sentence):
        want(entry.rendition, entry.published, FORMATS[format_], asked)


def test_the_same_question_is_the_same_file(county_store: Path) -> None:
    """What is said twice over, or says what is so anyway, makes no other file; what chooses other features does."""
    entry = seen(county_store, "schools")

    def key(format_: str = "gpkg", **asked: str) -> str:
        return want(entry.rendition, entry.published, FORMATS[format_], asked).key

    assert key() == key(crs=crs.EPSG27700.uri) == key(filter=" ") != key(crs=crs.CRS84.uri)
    assert key("dxf.zip", shift="0,0") == key("dxf.zip") != key("dxf.zip", shift="1,0") != key()
    assert key(filter="capacity > 1") != key(filter="capacity > 2")


@pytest.mark.parametrize(("layer", "name", "found"), [
    ("schools", "schools.gpkg", "gpkg"), ("schools", "schools.shp.zip", "shp.zip"), ("schools", "streets.gpkg", None),
    ("schools", "schools.zip", None), ("schools", "schools.", None),
    ("policy_indicators", "policy_indicators.csv", "csv"),
    ("policy_indicators", "policy_indicators.fgb", None), ("policy_indicators", "policy_indicators.dxf.zip", None)])
def test_names_of_files(county_store: Path, layer: str, name: str, found: str | None) -> None:
    """A file is named by its layer and format; a table is offered in formats that can be tables."""
    format_ = named(seen(county_store, layer).rendition, name)
    assert (format_.name if format_ else None) == found
