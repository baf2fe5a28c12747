"""GIS formats, written with geopandas and read back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from hantsmap.errors import SourceError

FORMATS = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "gdb": "OpenFileGDB"}
SMALL_GML = """<?xml version="1.0" encoding="UTF-8"?>{doctype}
<c:FeatureCollection xmlns:c="http://example.com/c" xmlns:gml="http://www.opengis.net/gml"><gml:featureMember>
<c:area gml:id="a.1"><c:id>7</c:id><c:g>{shape}</c:g></c:area></gml:featureMember></c:FeatureCollection>"""
GML_POINT = '<gml:Point srsName="urn:ogc:def:crs:EPSG::27700"><gml:pos>442000 112000</gml:pos></gml:Point>'


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_round_trip_keeps_rows_values_and_crs(desk, frame, suffix) -> None:
    """Each format gives back every row in order, text beyond ASCII, gaps as None, whole numbers whole, and its CRS."""
    extra = {"layer_options": {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"}} if suffix == "gdb" else {}
    extra |= {"SPATIAL_INDEX": "NO"} if suffix == "fgb" else {}
    written = frame.dropna(subset="geometry") if suffix == "fgb" else frame
    pyogrio.write_dataframe(written, desk.data / f"things.{suffix}", driver=FORMATS[suffix], **extra)
    raw = desk.read(file=f"things.{suffix}")
    assert raw.frame.crs.to_epsg() == 27700
    assert raw.frame["id"].tolist() == written["id"].tolist()
    assert raw.frame["name"].tolist() == ["Café", None, "Itchen Ferry"][: len(written)]
    assert [None if pd.isna(n) else n for n in raw.frame["count"]] == [1, None, 3][: len(written)]
    assert str(raw.frame["count"].dtype) == "Int64"
    assert raw.frame["width"].tolist() == written["width"].tolist()
    assert raw.frame.geometry.name == "geometry"
    assert raw.frame.geometry.tolist() == written.geometry.tolist()
    assert raw.findings == []
    assert raw.provenance["rows_read"] == len(written) and len(raw.provenance["sha256"]) == 64


def test_geoparquet_round_trip(desk, frame) -> None:
    """GeoParquet is read with the same promises, whatever its geometry column is called."""
    frame.rename_geometry("shape").to_parquet(desk.data / "things.parquet")
    raw = desk.read(file="things.parquet")
    assert raw.frame.crs.to_epsg() == 27700
    assert raw.frame.geometry.tolist() == frame.geometry.tolist()
    assert raw.frame["name"].tolist() == ["Café", None, "Itchen Ferry"]
    assert str(raw.frame["count"].dtype) == "Int64"


def test_parquet_without_geometry_is_a_table(desk, frame) -> None:
    """Plain Parquet serves a layer without geometry, and is refused for one with."""
    pd.DataFrame(frame.drop(columns="geometry")).to_parquet(desk.data / "things.parquet")
    raw = desk.read("none", file="things.parquet")
    assert raw.frame["id"].tolist() == ["a", "b", "c"] and raw.frame.geometry.isna().all()
    with pytest.raises(SourceError, match=r"Parquet without geometry"):
        desk.read(file="things.parquet")


def test_a_layer_without_geometry_takes_the_attributes_only(desk, frame) -> None:
    """Geometry that the layer does not have is left out, not published by accident."""
    frame.to_file(desk.data / "things.gpkg")
    raw = desk.read("none", file="things.gpkg")
    assert raw.frame.geometry.isna().all() and raw.frame["id"].tolist() == ["a", "b", "c"]


def test_gml_is_read_and_nothing_is_written_beside_it(desk) -> None:
    """GML is read without leaving a .gfs behind, and without believing one that lies there."""
    desk.write("area.gml", SMALL_GML.format(doctype="", shape=GML_POINT))
    desk.write("area.gfs", "<GMLFeatureClassList></GMLFeatureClassList>")
    raw = desk.read(file="area.gml")
    assert raw.frame.geometry.tolist() == [shapely.Point(442000, 112000)] and raw.frame["id"].tolist() == [7]
    assert sorted(path.name for path in desk.data.iterdir()) == ["area.gfs", "area.gml"]
    assert list(desk.cache.iterdir()) == []


@pytest.mark.parametrize("trick", ['<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "<!doctype c>"])
def test_gml_with_entities_is_refused(desk, trick) -> None:
    """A document type, with which GML could read files of this machine, is refused before GDAL sees it."""
    desk.write("area.gml", SMALL_GML.format(doctype=trick, shape=GML_POINT))
    with pytest.raises(SourceError, match=r"DOCTYPE or ENTITY"):
        desk.read(file="area.gml")


def test_gml_that_hides_its_entities_is_refused(desk) -> None:
    """UTF-16, in which the search would not see a DOCTYPE, is refused; so is one that straddles two blocks."""
    desk.write("wide.gml", SMALL_GML.format(doctype="<!DOCTYPE c>", shape=GML_POINT).encode("utf-16"))
    with pytest.raises(SourceError, match=r"UTF-16"):
        desk.read(file="wide.gml")
    desk.write("late.gml", "<a>" + " " * ((1 << 20) - 8) + "<!DOCTYPE c>")
    with pytest.raises(SourceError, match=r"DOCTYPE"):
        desk.read(file="late.gml")


def test_curves_become_short_lines(desk) -> None:
    """An arc is straightened, not refused."""
    arc = (
        '<gml:Curve srsName="urn:ogc:def:crs:EPSG::27700"><gml:segments><gml:Arc><gml:posList>450000 110000 450010 '
        "110010 450020 110000</gml:posList></gml:Arc></gml:segments></gml:Curve>"
    )
    desk.write("arc.gml", SMALL_GML.format(doctype="", shape=arc))
    line = desk.read("LineString", file="arc.gml").frame.geometry[0]
    assert line.geom_type == "LineString" and abs(line.length - 31.416) < 0.05


def test_a_description_that_points_elsewhere_is_refused(desk, frame) -> None:
    """A .json or .gml that is in truth a GDAL virtual file, which can name any file or server, is not followed."""
    frame.to_file(desk.data / "secret.gpkg")
    inner = "<OGRVRTLayer name='secret'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer>"
    vrt = f"<OGRVRTDataSource>{inner}</OGRVRTDataSource>"
    for name in ("a.json", "a.gml", "a.gpkg"):
        desk.write(name, vrt.format(desk.data / "secret.gpkg"))
        with pytest.raises(SourceError):
            desk.read(file=name)


def test_the_layer_is_chosen_by_name(desk, frame) -> None:
    """Of several layers the named one is read; with none or a wrong name the error lists what is there."""
    frame.to_file(desk.data / "two.gpkg", layer="first")
    frame.iloc[:1].to_file(desk.data / "two.gpkg", layer="second")
    pyogrio.write_dataframe(pd.DataFrame({"style": ["x"]}), desk.data / "two.gpkg", layer="layer_styles")
    assert len(desk.read(file="two.gpkg", layer="second").frame) == 1
    with pytest.raises(SourceError, match=r"several layers.*`first`, `second`") as caught:
        desk.read(file="two.gpkg")
    assert "layer_styles" not in str(caught.value)
    with pytest.raises(SourceError, match=r"has no layer `third`. It has `first`, `second`, `layer_styles`"):
        desk.read(file="two.gpkg", layer="third")


def test_a_missing_crs_is_said_and_can_be_given(desk, frame) -> None:
    """Without a .prj the error says what to set; with `crs` set the file is read in it."""
    frame.to_file(desk.data / "things.shp")
    (desk.data / "things.prj").unlink()
    with pytest.raises(SourceError, match=r"Set `crs`, most likely to EPSG:27700"):
        desk.read(file="things.shp")
    assert desk.read(file="things.shp", crs="EPSG:27700").frame.crs.to_epsg() == 27700


def test_the_registry_wins_over_the_file_and_says_so(desk, frame, rules) -> None:
    """A CRS that the registry states is used instead of a different one in the file, with a finding; same is silent."""
    frame.to_crs(3857).set_crs(27700, allow_override=True).to_file(desk.data / "things.gpkg")
    assert rules(desk.read(file="things.gpkg", crs="EPSG:3857").findings) == [("crs-differs", "doubtful")]
    assert desk.read(file="things.gpkg", crs="EPSG:27700").findings == []
    with pytest.raises(SourceError, match=r"names no reference system"):
        desk.read(file="things.gpkg", crs="EPSG:nonsense")


def test_geojson_in_metres_without_a_crs_is_caught(desk, frame) -> None:
    """National Grid metres in GeoJSON, which claims degrees by default, are refused until `crs` says what they are."""
    text = frame.set_crs(4326, allow_override=True).to_json(drop_id=True)
    desk.write("metres.geojson", text)
    with pytest.raises(SourceError, match=r"said to be in degrees"):
        desk.read(file="metres.geojson")
    raw = desk.read(file="metres.geojson", crs="EPSG:27700")
    assert raw.frame.crs.to_epsg() == 27700 and raw.findings == []


def test_geojson_values_stay_as_written(desk) -> None:
    """A date stays the text that it is in JSON; longitude stays before latitude."""
    desk.write(
        "a.geojson",
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a","when":"1582-10-15"},'
        '"geometry":{"type":"Point","coordinates":[-1.4,50.9]}}]}',
    )
    raw = desk.read(file="a.geojson")
    assert raw.frame["when"].tolist() == ["1582-10-15"]
    assert (raw.frame.geometry[0].x, raw.frame.geometry[0].y) == (-1.4, 50.9)


def test_faults_name_the_layer_the_file_and_the_remedy(desk, frame) -> None:
    """Missing, misnamed, damaged and empty files each have their own sentence, without this machine's paths."""
    frame.to_file(desk.data / "things.shp")
    (desk.data / "things.shx").unlink()
    desk.write("a.gpkg", "no")
    desk.write("empty.geojson", "")
    desk.write("bad.geojson", '{"type": "FeatureCollection", "features": [')
    desk.write("notes.docx", "x")
    cases = {
        "gone.gpkg": "is not there. Put it into the data folder",
        "THINGS.shp": "`things.shp` is. Write the name with the same capitals",
        "things.shp": "lacks its .shx",
        "a.gpkg": "is not a GeoPackage file",
        "empty.geojson": "is empty",
        "bad.geojson": "cannot be read as GeoJSON",
        "notes.docx": "is of a kind that is not read",
        "../escape.gpkg": "is not inside the data folder",
    }
    for file, told in cases.items():
        with pytest.raises(SourceError) as caught:
            desk.read(file=file)
        assert told in str(caught.value) and str(caught.value).startswith(f"Layer `things`: {file}: ")
        assert str(desk.data) not in str(caught.value)


def test_aliases_give_our_names(desk, frame) -> None:
    """Publisher's columns come under our names; one that is not there is an error that lists those that are."""
    frame.rename(columns={"id": "SITE_ID"}).to_file(desk.data / "things.gpkg")
    raw = desk.read(file="things.gpkg", aliases={"SITE_ID": "id", "width": "name"})
    assert list(raw.frame.columns) == ["id", "count", "name", "geometry"]
    assert raw.frame["name"].tolist() == [1.5, 2.5, -3.0]
    with pytest.raises(SourceError, match=r"no column `REF`.*`SITE_ID`"):
        desk.read(file="things.gpkg", aliases={"REF": "id"})


def test_where_keeps_rows_by_text(desk, frame) -> None:
    """Rows are kept by any of the values, numbers and yes/no included, under our name or the publisher's."""
    frame.assign(live=["TRUE", "false", "True"]).to_file(desk.data / "things.gpkg")
    assert desk.read(file="things.gpkg", where={"count": [3, 4]}).frame["id"].tolist() == ["c"]
    assert desk.read(file="things.gpkg", where={"live": [True]}).frame["id"].tolist() == ["a", "c"]
    assert desk.read(file="things.gpkg", where={"ref": ["b"]}, aliases={"id": "ref"}).frame["ref"].tolist() == ["b"]


@pytest.mark.parametrize("epsg", [27700, 4326, 3857])
def test_clip_keeps_what_meets_the_county(desk, rules, epsg) -> None:
    """In any CRS a row stays that meets the extent, or has no geometry; the rest is one finding with a count."""
    places = [
        (442000, 112000),
        (402999, 100000),
        (403001, 100000),
        (530000, 180000),
        (450000, 165999),
        (450000, 166001),
    ]
    points = gpd.GeoDataFrame(
        {"id": [*map(str, range(6)), "none"]}, geometry=[*map(shapely.Point, places), None], crs=27700
    )
    if epsg != 27700:
        from hantsmap.crs import CRS84, EPSG3857, served

        moved = served(points.geometry.to_numpy(), {4326: CRS84, 3857: EPSG3857}[epsg])
        points = gpd.GeoDataFrame({"id": points["id"]}, geometry=moved, crs=epsg)
    points.to_file(desk.data / "things.gpkg")
    raw = desk.read(file="things.gpkg", clip=True)
    assert raw.frame["id"].tolist() == ["0", "2", "4", "none"]
    assert rules(raw.findings) == [("outside-clip", "dropped")]
    assert raw.findings[0].row is None and "3 of 7 rows" in raw.findings[0].sentence


def test_importing_the_package_loads_no_reader() -> None:
    """A server that only asks for fingerprints does not pay for pandas and GDAL."""
    code = (
        "import sys, hantsmap.sources, hantsmap.sources.fingerprints as f; "
        "print(sorted({'pandas', 'geopandas', 'pyogrio', 'shapely', 'numpy'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
