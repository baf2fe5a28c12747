"""Every field name that `check` takes works in every format of downloads, whatever that format uses it for."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pyogrio
import pytest
from files_made import Make, maker, seen

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
from workbench import Workbench

from hantsmap.downloads import FORMATS
from hantsmap.downloads.shapefile import short_names
from hantsmap.registry.checks import RESERVED

# What formats and databases call their own columns, SQL's words, and names that are alike when they are cut.
NAMES = (
    "geom", "geom_", "geometry_", "the_geom", "wkb_geometry", "shape", "shape_length", "shape_area", "fid", "fid_",
    "ogc_fid", "gid", "oid", "rowid", "rowid_", "objectid", "pk", "uid", "wkt", "wkt_", "wkb", "x", "y", "z", "m",
    "lat", "lon", "layer", "style", "ogr_style", "ogr_geometry", "ogr_geom_area", "dxf_handle", "dxf_layer",
    "subclasses", "linetype", "entityhandle", "text", "name", "description", "title", "value", "key", "fields", "code_",
    "select", "from", "where", "group", "order", "table", "index", "null", "and", "not", "primary", "values", "default",
    "very_long_name_one", "very_long_name_two", "very_long_1", "deletion_flag", "deleted", "minx", "maxx", "bounds",
    "feature", "features", "collection", "coordinates", "links", "self", "class", "feature_id", "id_", "a" * 63,
)  # fmt: skip


@pytest.fixture(scope="module")
def reserved(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """A layer with all of these names, and its rows."""
    bench = Workbench(tmp_path_factory.mktemp("names") / "bench")
    text = bench.registry.read_text()
    bench.registry.write_text(text[:text.index("  benches:")])
    more = "\n".join(f'      "{name}": {{type: string, title: "A field"}}' for name in NAMES if name != "name")
    bench.say("      name: {type: string, title: Name}", f"      name: {{type: string, title: Name}}\n{more}")
    bench.say("        fields: [code, name, kind, height]\n", "        fields: all\n        downloads: true\n")
    bench.say("        held_back: [{reason: f, sentence: Notes are for the staff., owner: Tester, "
              "review: 2099-01-01}]\n", "")  # fmt: skip
    bench.say("geometry: {x: x, y: y}", "geometry: {x: easting, y: northing}")
    bench.trees([{"code": f"t{n}", "kind": "O", "height": 1, "note": "", "easting": 440000 + n, "northing": 110000,
                  **{name: f"{name} {n}" for name in NAMES}} for n in (1, 2)])  # fmt: skip
    outcome = bench.publish()["trees"]
    assert outcome.state == "published", outcome
    return bench


@pytest.fixture(scope="module")
def made_of_names(reserved: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes files of that layer."""
    return maker(reserved.store.root, tmp_path_factory.mktemp("names-downloads"))


def expected(n: int, names: dict[str, str] | None = None) -> dict[str, str]:
    """Values of a row under the names of the fields, or under others."""
    return {(names or {}).get(name, name): f"{name} {n}" for name in NAMES}


def test_the_names_are_what_check_takes(reserved: Workbench) -> None:
    """None of them is refused, and the rendition has them all."""
    assert not set(NAMES) & set(RESERVED)
    assert set(NAMES) <= set(seen(reserved.store.root, "trees").rendition.fields)


@pytest.mark.parametrize("format_", ["gpkg", "fgb", "geojson"])
def test_formats_of_gdal(made_of_names: Make, format_: str) -> None:
    """Each value is under its name, beside the geometry and the id."""
    frame = pyogrio.read_dataframe(made_of_names("trees", format_).path)
    assert [row.geometry.geom_type for row in frame.itertuples()] == ["Point"] * 2
    assert sorted(frame["id"]) == ["t1", "t2"]
    for _, row in frame.iterrows():
        assert {name: row[name] for name in NAMES} == expected(int(row["id"][1:]))


def test_geopackage_columns_differ_beyond_case(made_of_names: Make) -> None:
    """SQLite takes no two columns whose names are the same but for case; the key and the geometry have their own."""
    path = made_of_names("trees", "gpkg").path
    with closing(sqlite3.connect(path)) as database:
        columns = [row[1].lower() for row in database.execute("pragma table_info(trees)")]
        assert len(set(columns)) == len(columns) and set(NAMES) < set(columns)
        shape, = database.execute("select column_name from gpkg_geometry_columns").fetchone()
        assert shape not in NAMES
        assert database.execute("select count(*) from trees where fid = 'fid 1'").fetchone() == (1,)


def test_parquet(made_of_names: Make) -> None:
    """The columns and the geometry."""
    table = pq.read_table(made_of_names("trees", "parquet").path)
    assert {"id", "geometry", *NAMES} <= set(table.column_names)
    for row in table.to_pylist():
        assert {name: row[name] for name in NAMES} == expected(int(row["id"][1:]))


def test_csv(made_of_names: Make) -> None:
    """The columns, each heading once whatever its case, and the geometry in a column of its own that GDAL finds."""
    path = made_of_names("trees", "csv").path
    text = path.read_text(encoding="utf-8-sig")
    heading = next(csv.reader(io.StringIO(text)))
    assert len({name.lower() for name in heading}) == len(heading)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [{name: row[name] for name in NAMES} for row in rows] == [expected(int(row["id"][1:])) for row in rows]
    assert all(row[heading[-1]].startswith("POINT (") for row in rows)


def test_shapefile(made_of_names: Make, tmp_path: Path) -> None:
    """Short names are unique, and each value is under its short name."""
    with zipfile.ZipFile(made_of_names("trees", "shp.zip").path) as archive:
        archive.extractall(tmp_path)
    frame = pyogrio.read_dataframe(next(tmp_path.glob("*.shp")))
    with next(tmp_path.glob("*_fields.csv")).open(encoding="utf-8-sig", newline="") as told:
        short = {row["name"]: row["short_name"] for row in csv.DictReader(told)}
    assert set(NAMES) < set(short) and len({name.lower() for name in short.values()}) == len(short)
    for _, row in frame.iterrows():
        assert {short[name]: row[short[name]] for name in NAMES} == expected(int(row[short["id"]][1:]), short)


def test_drawing(made_of_names: Make) -> None:
    """The table beside the drawing has each heading once, and each value under its name."""
    with zipfile.ZipFile(made_of_names("trees", "dxf.zip").path) as archive:
        text = archive.read(next(name for name in archive.namelist() if name.endswith(".csv"))).decode("utf-8-sig")
    heading = next(csv.reader(io.StringIO(text)))
    assert len({name.lower() for name in heading}) == len(heading)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [{name: row[name] for name in NAMES} for row in rows] == [expected(int(row["id"][1:])) for row in rows]


def test_short_names_are_unique_whatever_the_order() -> None:
    """Also where a name that is cut meets one that is short by itself."""
    for names in (list(NAMES), list(reversed(NAMES)), ["abcdefghijk", "abcdefgh_1", "abcdefghijl", "abcdefghij"]):
        short = short_names(names)
        assert len(set(short.values())) == len(names) and max(map(len, short.values())) <= 10


def test_every_format_was_tried() -> None:
    """A format that is added is tried here too."""
    assert set(FORMATS) == {"gpkg", "fgb", "geojson", "parquet", "csv", "shp.zip", "dxf.zip"}


def test_columns_of_a_pulled_copy_differ_from_all_fields() -> None:
    """`hantsmap pull` finds free names for its own columns too, and GDAL makes the table."""
    from hantsmap.pull.table import Table, lay

    fields = (*NAMES, "feature_geom", "hantsmap_geom", "feature_fid", "hantsmap_fid")
    table = Table("trees", tuple((name, "string", None) for name in fields), "Point")
    with closing(sqlite3.connect(":memory:")) as file:
        lay(file, table)
        columns = [row[1].lower() for row in file.execute("pragma table_info(trees)")]
    assert len(set(columns)) == len(columns) and {"id", *fields} < set(columns)


def test_a_field_called_geom(tmp_path: Path) -> None:
    """The case that made the GeoPackage fail for ever: both values of the field come back."""
    case = Path(__file__).parents[3] / "shared" / "cases" / "field_called_geom.csv"
    if not case.is_file():
        pytest.skip("the cases (../shared/cases) are not beside the repository")
    bench = Workbench(tmp_path / "bench")
    shutil.copy(case, bench.data / "trees.csv")
    text = bench.registry.read_text()
    head = text[:text.index("    fields:")].replace("key: code", "key: ref").replace("display: name", "display: geom")
    bench.registry.write_text(f"""{head.replace("{x: x, y: y}", "{x: E, y: N}")}    fields:
      ref: {{type: string, title: Reference}}
      geom: {{type: string, title: How it was found}}
    grants: {{public: {{fields: all, downloads: true}}}}
""")
    assert bench.publish()["trees"].state == "published"
    frame = pyogrio.read_dataframe(maker(bench.store.root, tmp_path / "files")("trees", "gpkg").path, layer="trees")
    assert frame[["id", "ref", "geom"]].sort_values("id").to_numpy().tolist() == [
        ["G1", "G1", "surveyed"], ["G2", "G2", "sketched"]]
