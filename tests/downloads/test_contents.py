"""What is in a file is what is in the rendition: each feature, each value, each coordinate, in the same order."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely
from files_made import Make, as_dbf, flat

from hantsmap import crs
from hantsmap.downloads import FORMATS
from hantsmap.downloads.shapefile import short_names

# One of each kind: points, lines, multilines, polygons, squares, lists, dates with times, many codes, no geometry.
LAYERS = (("streets", "staff"), ("street_segments", "staff"), ("rights_of_way", "public"), ("sinc", "ecologists"),
          ("schools", "public"), ("species_squares", "public"), ("policy_indicators", "public"),
          ("works", "highways"), ("designations", "public"))
PLACED = tuple(each for each in LAYERS if each[0] != "policy_indicators")
SYSTEMS = {"27700": crs.EPSG27700.uri, "crs84": crs.CRS84.uri}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
Features = Callable[..., list[dict[str, Any]]]


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def rows_of(table: Any, drop: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of an arrow table, as JSON has values."""
    return [{name: plain(value) for name, value in row.items() if name not in drop} for row in table.to_pylist()]


def same_places(wkb: list[bytes | None], expected: list[dict[str, Any]]) -> bool:
    """Whether geometries are those of features, vertex by vertex, bit by bit."""
    shapes = shapely.from_wkb(wkb)
    truth = [None if each["geometry"] is None else shapely.geometry.shape(each["geometry"]) for each in expected]
    return len(shapes) == len(truth) and all(
        one is None if other is None else one is not None and one.geom_type == other.geom_type
        and shapely.equals_exact(one, other) for one, other in zip(shapes, truth, strict=True))


def with_id(feature: dict[str, Any], lists: bool) -> dict[str, Any]:
    """A feature as a row: its id, then its properties."""
    return {"id": feature["id"], **(feature["properties"] if lists else flat(feature["properties"]))}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("layer", "audience"), LAYERS)
def test_geopackage(made: Make, features: Features, layer: str, audience: str, system: str) -> None:
    """A GeoPackage holds every feature, value, type and vertex, in the order served."""
    expected = features(layer, audience, system)
    file = made(layer, "gpkg", audience, crs=SYSTEMS[system])
    meta, table = pyogrio.read_arrow(file.path, layer=layer)
    geometry = meta["geometry_name"] or "wkb_geometry"
    assert rows_of(table, (geometry, "wkb_geometry")) == [with_id(each, lists=False) for each in expected]
    if (layer, audience) in PLACED:
        assert same_places(table[geometry].to_pylist(), expected)
        assert meta["crs"] == ("EPSG:27700" if system == "27700" else "EPSG:4326")
    assert file.rows == len(expected)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("layer", "audience"), PLACED)
def test_flatgeobuf(made: Make, features: Features, layer: str, audience: str, system: str) -> None:
    """A FlatGeobuf holds every feature, value and vertex, in the order of its index; it knows a day as its midnight."""
    expected = {each["id"]: each for each in features(layer, audience, system)}
    file = made(layer, "fgb", audience, crs=SYSTEMS[system])
    meta, table = pyogrio.read_arrow(file.path)
    rows = rows_of(table, ("wkb_geometry",))
    assert {row["id"]: row for row in rows} == {
        key: {name: f"{value}T00:00:00Z" if DAY.fullmatch(str(value)) else value
              for name, value in with_id(each, lists=False).items()} for key, each in expected.items()}
    assert same_places(table["wkb_geometry"].to_pylist(), [expected[row["id"]] for row in rows])
    assert meta["crs"] == ("EPSG:27700" if system == "27700" else "EPSG:4326")
    assert meta["geometry_type"] == expected[rows[0]["id"]]["geometry"]["type"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("layer", "audience"), LAYERS)
def test_geoparquet(made: Make, features: Features, layer: str, audience: str, system: str) -> None:
    """A GeoParquet holds every feature, value, list and vertex, and says where it is; geopandas reads it."""
    expected = features(layer, audience, system)
    file = made(layer, "parquet", audience, crs=SYSTEMS[system])
    table = pq.read_table(file.path)
    assert rows_of(table, ("geometry",)) == [with_id(each, lists=True) for each in expected]
    if (layer, audience) not in PLACED:
        assert b"geo" not in (table.schema.metadata or {})
        return
    assert same_places(table["geometry"].to_pylist(), expected)
    geo = json.loads(table.schema.metadata[b"geo"])
    (column,) = geo["columns"].values()
    assert geo["version"] == "1.1.0" and column["geometry_types"] == [expected[0]["geometry"]["type"]]
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS("OGC:CRS84" if system == "crs84" else 27700)
    assert column["bbox"] == pytest.approx(list(file.extent or ()))
    from geopandas import read_parquet

    assert len(read_parquet(file.path)) == len(expected)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("layer", "audience"), LAYERS)
def test_geojson(made: Make, features: Features, layer: str, audience: str, system: str) -> None:
    """A GeoJSON holds the features as they lie written, and in metres it says so."""
    document = json.loads(made(layer, "geojson", audience, crs=SYSTEMS[system]).path.read_bytes())
    in_metres = system == "27700" or (layer, audience) not in PLACED
    assert document["features"] == features(layer, audience, system)
    assert ("crs" in document) == in_metres


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("layer", "audience"), LAYERS)
def test_csv(made: Make, features: Features, layer: str, audience: str, system: str) -> None:
    """A CSV holds every feature as a line, its geometry as WKT, and no cell that a spreadsheet would run."""
    expected = features(layer, audience, system)
    with made(layer, "csv", audience, crs=SYSTEMS[system]).path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows[:1]] == [[
        "id", *expected[0]["properties"], *(["WKT"] if (layer, audience) in PLACED else [])]]
    for row, feature in zip(rows, expected, strict=True):
        for name, value in flat(feature["properties"]).items():
            assert row[name] in (as_text(value), f"'{value}"), (name, value)
        if feature["geometry"]:
            assert shapely.equals_exact(shapely.from_wkt(row["WKT"]), shapely.geometry.shape(feature["geometry"]))


def as_text(value: Any) -> str:
    """A value as a cell of a table."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("layer", "audience"), PLACED)
def test_shapefile(made: Make, features: Features, layer: str, audience: str) -> None:
    """A Shapefile holds every feature and value under short names, and its table of fields tells which is which."""
    expected = features(layer, audience)
    file = made(layer, "shp.zip", audience)
    meta, table = pyogrio.read_arrow(file.path)
    with zipfile.ZipFile(file.path) as archive:
        assert archive.read(f"{layer}.cpg") == b"UTF-8"
        fields = list(csv.DictReader(archive.read(f"{layer}_fields.csv").decode("utf-8-sig").splitlines()))
    names = {row["name"]: row["short_name"] for row in fields}
    assert list(names) == ["id", *expected[0]["properties"]]
    assert len(set(names.values())) == len(names) and all(len(name) <= 10 for name in names.values())
    rows = rows_of(table, ("wkb_geometry",))
    for row, feature in zip(rows, expected, strict=True):
        for name, value in with_id(feature, lists=False).items():
            assert row[names[name]] == as_dbf(value), name
    single = [shapely.geometry.shape(each["geometry"]) for each in expected]
    shapes = shapely.from_wkb(table["wkb_geometry"].to_pylist())
    assert all(shapely.equals(shapely.normalize(one), shapely.normalize(other))
               for one, other in zip(shapes, single, strict=True))
    assert pyproj.CRS(meta["crs"]).to_epsg(min_confidence=25) == 27700


def test_short_names() -> None:
    """Names that are short stay; others are cut, and numbered where they would meet."""
    names = short_names(["id", "status", "status_text", "status_texture", "status_tex", "a_very_long_name"])
    assert names == {"id": "id", "status": "status", "status_tex": "status_tex", "status_text": "status_t_1",
                     "status_texture": "status_t_2", "a_very_long_name": "a_very_lon"}


def test_a_long_text_is_cut_where_it_must_be_and_told(made: Make, features: Features) -> None:
    """What no Shapefile can hold is counted in its table of fields; nowhere is half a character."""
    long = {name: sum(len(str(each["properties"][name]).encode()) > 254 for each in features("rights_of_way", "staff")
                      if each["properties"][name] is not None)
            for name in ("location_text", "detail_text") if name in features("rights_of_way", "staff")[0]["properties"]}
    with zipfile.ZipFile(made("rights_of_way", "shp.zip", "staff").path) as archive:
        fields = list(csv.DictReader(archive.read("rights_of_way_fields.csv").decode("utf-8-sig").splitlines()))
    cut = {row["name"]: int(row["values_cut"]) for row in fields}
    assert {name: cut[name] for name in long} == long


def test_a_geopackage_has_its_style_metadata_and_codes(made: Make) -> None:
    """Style, metadata record, titles and codes are inside, and say what the layer says."""
    path = made("rights_of_way", "gpkg").path
    with sqlite3.connect(path) as database:
        (style,) = database.execute("SELECT styleQML FROM layer_styles WHERE useAsDefault").fetchone()
        (metadata,) = database.execute("SELECT metadata FROM gpkg_metadata").fetchone()
        codes = dict(database.execute("SELECT value, description FROM gpkg_data_column_constraints "
                                      "WHERE constraint_name = 'row_status'").fetchall())
        (title,) = database.execute("SELECT title FROM gpkg_data_columns WHERE column_name = 'length_m'").fetchone()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    tree = ElementTree.fromstring(style.partition("\n")[2])
    assert [each.get("value") for each in tree.iter("category")] == ["FP", "BW", "RB", "BOAT", ""]
    assert codes == {"FP": "Footpath", "BW": "Bridleway", "RB": "Restricted byway",
                     "BOAT": "Byway open to all traffic"}
    assert title == "Length"
    said = {"".join(each.itertext()).strip() for each in ElementTree.fromstring(metadata).iter()}
    assert {"Public rights of way", "http://www.opengis.net/def/crs/EPSG/0/27700"} <= said


def test_nothing_at_all_is_a_whole_file_too(made: Make) -> None:
    """A cut in which nothing lies is a file of each format, with no rows."""
    for name in FORMATS:
        file = made("rights_of_way", name, filter="name = 'There is no such path'")
        assert file.rows == 0 and file.extent is None
        if name not in ("parquet", "csv", "dxf.zip"):
            assert len(pyogrio.read_arrow(file.path, layer="rights_of_way")[1]) == 0, name
    assert pq.read_table(made("rights_of_way", "parquet", filter="name = 'There is no such path'").path).num_rows == 0


def test_files_are_called_what_they_are(made: Make) -> None:
    """The name tells layer, reference system and day; of a cut or a shifted drawing, that too."""
    whole, cut = made("schools", "gpkg"), made("schools", "gpkg", bbox="-1.2,50.8,-1.1,50.9")
    shifted = made("schools", "dxf.zip", shift="450000,100000")
    assert Path(whole.name).name.startswith("schools-27700-20") and whole.name.endswith(".gpkg")
    assert "-cut-" in cut.name and shifted.name.endswith("-shifted-450000-100000.dxf.zip")
