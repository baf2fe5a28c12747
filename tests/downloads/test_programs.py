"""The programs that people open files with: QGIS, GDAL and LibreCAD, as Debian has them.

GeoParquet is not here: Debian's GDAL is built without it. test_contents.py reads it with pyarrow and geopandas.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from files_made import Make, as_dbf, flat, lines_of

from hantsmap.downloads.shapefile import short_names

SCRIPT = Path(__file__).parent / "qgis_opens.py"
PYTHON = "/usr/bin/python3"
LIMIT_S = 120
LAYERS = {"streets": "Multi Line String", "rights_of_way": "Line String", "sinc": "Multi Polygon", "schools": "Point"}
FORMATS = ("gpkg", "fgb", "geojson", "csv", "shp.zip", "dxf.zip")
Features = Callable[..., list[dict[str, Any]]]


def run(*command: object) -> str:
    """What a program says; fails with what it says of its fault."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=LIMIT_S,
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=False)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr[-2_000:]}"
    assert "ERROR" not in done.stderr, done.stderr[-2_000:]
    return done.stdout


def inside(path: Path, layer: str, folder: Path) -> Path:
    """The drawing of a zip; any other file is itself."""
    if not path.name.endswith(".dxf.zip"):
        return path
    with zipfile.ZipFile(path) as archive:
        return Path(archive.extract(f"{layer}.dxf", folder))


def entities(features: list[dict[str, Any]]) -> int:
    """How many entities a drawing of features has."""
    return sum(len(lines_of(each["geometry"])) for each in features)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("format_", FORMATS)
def test_ogrinfo(needs: Callable[..., str], made: Make, features: Features, tmp_path: Path, layer: str, format_: str
                 ) -> None:
    """ogrinfo finds every feature, the kind of geometry, and the reference system where the format has one."""
    needs("ogrinfo", "gdal-bin")
    path = inside(made(layer, format_).path, layer, tmp_path)
    drawing = format_ == "dxf.zip"
    name = "entities" if drawing else path.name.removesuffix(".csv") if format_ == "csv" else layer
    said = run("ogrinfo", "-ro", "-so", path, name)
    count = entities(features(layer)) if drawing else len(features(layer))
    assert f"Feature Count: {count}\n" in said
    if format_ not in ("csv", "dxf.zip"):
        # A Shapefile does not tell one line from several.
        kinds = (LAYERS[layer], LAYERS[layer].removeprefix("Multi ")) if format_ == "shp.zip" else (LAYERS[layer],)
        assert any(f"Geometry: {kind}\n" in said for kind in kinds)
        assert ('ID["EPSG",27700]' if format_ != "geojson" else 'ID["EPSG",4326]') in said
    assert "may only be partially supported" not in said


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("format_", ["gpkg", "fgb", "shp.zip"])
def test_ogr2ogr_reads_every_value(needs: Callable[..., str], made: Make, features: Features, tmp_path: Path,
                                   layer: str, format_: str) -> None:
    """GDAL 3.6 reads each value of each feature, with its type."""
    needs("ogr2ogr", "gdal-bin")
    out = tmp_path / "read.json"
    run("ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=10", out, made(layer, format_).path, layer)
    read = {each["properties"]["id"]: each["properties"] for each in json.loads(out.read_bytes())["features"]}
    expected = features(layer)
    names = short_names(["id", *expected[0]["properties"]]) if format_ == "shp.zip" else {}
    for feature in expected:
        row = read[feature["id"]]
        for name, value in feature["properties"].items():
            assert alike(row.get(names.get(name, name)), value, short=format_ == "shp.zip"), (name, value)


def alike(read: Any, value: Any, *, short: bool) -> bool:
    """Whether a value that a program read is the one of the rendition."""
    if isinstance(value, list):
        return bool(read == value or read == flat({"": value})[""])
    if isinstance(value, bool):
        return read in (value, int(value), "T" if value else "F")
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d.*", value):
        return str(read).replace("/", "-")[:10] == value[:10]
    return bool(read == (as_dbf(value) if short else value))


@pytest.fixture(scope="module")
def opened(needs: Callable[..., str], made: Make, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What QGIS makes of every layer in every format, in one process."""
    needs("qgis", "qgis and python3-qgis")
    needs(PYTHON, "python3-qgis")
    folder = tmp_path_factory.mktemp("drawings")
    paths = {f"{layer} {format_}": inside(made(layer, format_).path, layer, folder)
             for layer in LAYERS for format_ in FORMATS}
    uris = [f"{path}|layername={key.split()[0]}" if key.endswith("gpkg") else str(path) for key, path in paths.items()]
    done = subprocess.run([PYTHON, SCRIPT], input=json.dumps(uris), capture_output=True, text=True, check=False,
                          timeout=LIMIT_S, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert done.returncode == 0, done.stderr[-2_000:]
    return dict(zip(paths, json.loads(done.stdout[done.stdout.index("["):]), strict=True))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("format_", FORMATS)
def test_qgis(opened: dict[str, Any], features: Features, layer: str, format_: str) -> None:
    """QGIS opens the file and reads every feature; in the National Grid, vertex by vertex."""
    answer, expected = opened[f"{layer} {format_}"], features(layer)
    assert answer["valid"], answer
    if format_ == "dxf.zip":
        assert answer["count"] == entities(expected)
        return
    assert answer["count"] == len(answer["features"]) == len(expected)
    if format_ == "geojson":
        assert answer["crs"] in ("EPSG:4326", "OGC:CRS84")
        return
    names = short_names(["id", *expected[0]["properties"]]) if format_ == "shp.zip" else {}
    places = {str(each["id"]): shapely.geometry.shape(each["geometry"]) for each in expected}
    for row, wkb in answer["features"]:
        assert shapely.equals(shapely.normalize(shapely.from_wkb(bytes.fromhex(wkb))),
                              shapely.normalize(places[str(row["id"]).lstrip("'")]))
    if format_ == "csv":
        return
    assert answer["crs"] == "EPSG:27700"
    rows = {row["id"]: row for row, _ in answer["features"]}
    for feature in expected:
        for name, value in feature["properties"].items():
            assert alike(rows[feature["id"]][names.get(name, name)], value, short=format_ == "shp.zip"), (name, value)


def test_qgis_shows_the_style_that_is_inside(opened: dict[str, Any]) -> None:
    """QGIS draws a GeoPackage by class, shows titles for names and words for codes, and knows dates as dates."""
    answer = opened["rights_of_way gpkg"]
    assert answer["classes"] == {
        "FP": ["Footpath", "#23822f"], "BW": ["Bridleway", "#23822f"], "RB": ["Restricted byway", "#23822f"],
        "BOAT": ["Byway open to all traffic", "#23822f"], "": ["Not stated", "#6f6f6f"]}
    # Of one colour all of them: it is the dashes that tell them apart.
    assert {code: answer["dashes"][code] for code in ("FP", "BW", "RB", "BOAT")} == {
        "FP": [4, 3], "BW": [12, 4], "RB": [12, 3, 2, 3], "BOAT": [12, 3, 2, 3, 2, 3]}
    assert answer["aliases"]["length_m"] == "Length (m)"
    kind, told = answer["widgets"]["status"]
    assert kind == "ValueMap" and {"Footpath": "FP"} in told["map"]
    assert answer["types"]["length_m"] == "Real" and answer["types"]["last_update_date"] == "Date"
    assert answer["types"]["link_no"] == "Integer64" and answer["types"]["promoted"] == "Boolean"


@pytest.mark.parametrize("layer", ["streets", "rights_of_way", "sinc"])
def test_librecad_draws_every_line(needs: Callable[..., str], made: Make, features: Features, tmp_path: Path,
                                   layer: str) -> None:
    """LibreCAD prints the drawing: as many strokes as there are pieces of line, in the colours of the layers."""
    needs("librecad")
    drawing = inside(made(layer, "dxf.zip").path, layer, tmp_path)
    run("librecad", "dxf2pdf", "-a", drawing)
    drawn = b"".join(_inflated(drawing.with_suffix(".pdf").read_bytes()))
    pieces = sum(len(line) - (0 if layer == "sinc" else 1)
                 for each in features(layer) for line in lines_of(each["geometry"]))
    # One stroke more is the frame of the page.
    assert drawn.count(b"\nS\n") in (pieces, pieces + 1)


def _inflated(pdf: bytes) -> list[bytes]:
    """The streams of a PDF that are compressed texts."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found
