"""GDAL: ogrinfo and ogr2ogr of the machine, and the newer GDAL in pyogrio's wheel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from reading import FIVE_CM, LAYERS, PLACED, matching, metres_apart, run
from truth import Truth, layers_of

LONLAT, GRID = ("-oo", "CRS=OGC:CRS84"), ("-oo", "CRS=EPSG:27700")


def by_key(truth: Truth, frame: Any) -> tuple[Any, Any]:
    """Geometries of a frame and of the truth, in one order, by the layer's key."""
    key = {"streets": "usrn", "rights_of_way": "row_id", "sinc": "sinc_ref", "schools": "urn"}.get(truth.layer)
    names = [key] if key else ["usrn", "season"]
    expected = dict(zip(zip(*(truth.column(name) for name in names), strict=True), truth.shapes, strict=True))
    order = list(zip(*(frame[name] for name in names), strict=True))
    assert set(order) == set(expected)
    return frame.geometry.to_numpy(), [expected[each] for each in order]


@pytest.fixture
def info(needs: Callable[..., str], url: str) -> Callable[..., str]:
    """`info(layer, ...)`: what ogrinfo says of a layer."""
    program = needs("ogrinfo", "gdal-bin")
    return lambda layer, *more: run(program, "-ro", *more, f"OAPIF:{url}/collections/{layer}", layer)


@pytest.fixture
def copied(needs: Callable[..., str], url: str, tmp_path: Path) -> Callable[..., Any]:
    """`copied(layer, ...)`: the frame that ogr2ogr writes."""
    program, target = needs("ogr2ogr", "gdal-bin"), tmp_path / "copy.gpkg"

    def copy(layer: str, *more: str) -> Any:
        run(program, "-f", "GPKG", target, f"OAPIF:{url}/collections/{layer}", "-nln", "copy", "-oo", "PAGE_SIZE=1000",
            *more)
        return pyogrio.read_dataframe(target, layer="copy")

    return copy


def test_ogrinfo_lists_the_layers(needs: Callable[..., str], url: str) -> None:
    """Every public layer is listed at the landing page, by its name."""
    listed = re.findall(r"^\d+: (\w+)", run(needs("ogrinfo", "gdal-bin"), "-ro", f"OAPIF:{url}"), re.MULTILINE)
    assert sorted(listed) == layers_of("public")


@pytest.mark.parametrize("layer", LAYERS)
def test_ogrinfo_counts(info: Callable[..., str], layer: str) -> None:
    """The count and the kind of geometry are right before a feature is read."""
    count, kind, _ = LAYERS[layer]
    said = info(layer, "-so")
    assert f"Feature Count: {count}\n" in said
    named = re.search(r"^Geometry: (.*)$", said, re.MULTILINE)
    if kind != "none":
        assert named is not None
        assert named[1].replace(" ", "").lower() == kind.lower()


@pytest.mark.parametrize("layer", PLACED)
def test_ogr2ogr_takes_a_whole_layer(copied: Callable[..., Any], true: Callable[[str], Truth], layer: str) -> None:
    """Every feature once, each vertex within 5 cm of the OSTN15 truth."""
    frame, truth = copied(layer), true(layer)
    assert len(frame) == truth.count == LAYERS[layer][0]
    given, expected = by_key(truth, frame)
    degrees = frame.crs.is_geographic
    system = "CRS84" if degrees else "27700"
    moved = dict(zip(map(id, truth.shapes), truth.shapes_in(system), strict=True))
    assert metres_apart(given, [moved[id(each)] for each in expected], degrees=degrees) < FIVE_CM


def test_ogr2ogr_takes_a_table(copied: Callable[..., Any]) -> None:
    """A layer without geometry is copied with all its rows."""
    frame = copied("policy_indicators")
    assert len(frame) == 698
    assert "geometry" not in frame or frame.geometry.isna().all()


@pytest.mark.parametrize("layer", ["streets", "sinc", "schools"])
def test_ogr2ogr_with_a_box(copied: Callable[..., Any], true: Callable[[str], Truth], layer: str) -> None:
    """`-spat` counts the features whose geometry meets the box, as shapely does."""
    box = true(layer).middle("CRS84", 0.8)
    assert len(copied(layer, "-spat", *map(repr, box))) == len(true(layer).meeting(box, "CRS84")) > 0


@pytest.mark.parametrize("layer", LAYERS)
def test_ogr2ogr_with_a_filter(copied: Callable[..., Any], true: Callable[[str], Truth], layer: str) -> None:
    """`-where` gives the rows of the edition that the filter has."""
    truth = true(layer)
    expected = matching(layer, {name: truth.column(name) for name in truth.fields})
    assert len(copied(layer, "-where", LAYERS[layer][2])) == expected > 0


def test_one_feature_by_its_number(info: Callable[..., str]) -> None:
    """`-fid` finds a street by its USRN."""
    assert "OGRFeature(streets):99000021" in info("streets", "-al", "-q", "-fid", "99000021")


def test_a_date_as_gdal_writes_it(copied: Callable[..., Any], true: Callable[[str], Truth]) -> None:
    """GDAL writes a day in a filter as `2017-09-08T`: the whole of that day is meant."""
    days = [day for day in true("streets").column("last_update_date") if day is not None]
    expected = sum(day.isoformat() >= "2017-09-08" for day in days)
    assert len(copied("streets", "-where", "last_update_date >= '2017-09-08'")) == expected > 0


@pytest.mark.parametrize("layer", PLACED)
def test_pyogrio_in_the_national_grid(url: str, true: Callable[[str], Truth], layer: str) -> None:
    """Read in EPSG:27700: the frame says so, and each vertex is within 5 cm of the edition."""
    frame = pyogrio.read_dataframe(f"OAPIF:{url}/collections/{layer}", CRS="EPSG:27700")
    assert frame.crs.to_epsg() == 27700
    assert len(frame) == LAYERS[layer][0]
    given, expected = by_key(true(layer), frame)
    assert metres_apart(given, expected, degrees=False) < FIVE_CM


@pytest.mark.parametrize("system", ["OGC:CRS84", "EPSG:4326", "EPSG:3857", "EPSG:27700"])
def test_pyogrio_in_every_system(url: str, true: Callable[[str], Truth], system: str) -> None:
    """Each of the four systems is read in its own order of axes: the schools are where they are."""
    frame = pyogrio.read_dataframe(f"OAPIF:{url}/collections/schools", CRS=system)
    truth = true("schools")
    name = {"OGC:CRS84": "CRS84", "EPSG:4326": "CRS84", "EPSG:3857": "3857", "EPSG:27700": "27700"}[system]
    places = dict(zip(truth.ids, truth.shapes_in(name), strict=True))
    degrees = name == "CRS84"
    given = frame.geometry.to_numpy()
    assert metres_apart(given, [places[urn] for urn in frame["urn"]], degrees=degrees) < FIVE_CM * 1.6


@pytest.mark.parametrize("layer", ["streets", "sinc", "schools"])
def test_pyogrio_with_a_box(url: str, true: Callable[[str], Truth], layer: str) -> None:
    """A box in the National Grid meets the features that shapely says."""
    box = true(layer).middle("27700", 0.8)
    frame = pyogrio.read_dataframe(f"OAPIF:{url}/collections/{layer}", CRS="EPSG:27700", bbox=box)
    assert len(frame) == len(true(layer).meeting(box)) > 0
    assert shapely.intersects(frame.geometry.to_numpy(), shapely.box(*box)).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_pyogrio_with_a_filter(url: str, true: Callable[[str], Truth], layer: str) -> None:
    """`where` gives the rows of the edition that the filter has."""
    truth = true(layer)
    frame = pyogrio.read_dataframe(f"OAPIF:{url}/collections/{layer}", where=LAYERS[layer][2])
    assert len(frame) == matching(layer, {name: truth.column(name) for name in truth.fields}) > 0


def test_pyogrio_reads_values_and_types(url: str, true: Callable[[str], Truth]) -> None:
    """Numbers, dates, truth and text come out as they are in the edition, null as null."""
    frame = pyogrio.read_dataframe(f"OAPIF:{url}/collections/streets").set_index("usrn")
    truth = true("streets")
    for name in ("length_m", "street_descriptor", "surface", "synthetic"):
        expected = dict(zip(truth.ids, truth.column(name), strict=True))
        for usrn, value in frame[name].items():
            assert value == expected[usrn] or (expected[usrn] is None and value != value) or value is expected[usrn]
    assert frame["last_update_date"].dtype.kind == "M"
    # What is always null in a frame is always null in the edition.
    dead = [name for name in frame.columns if name != "geometry" and frame[name].isna().all()]
    assert dead == [name for name in truth.fields if all(value is None for value in truth.column(name))]
