"""A drawing: audited by ezdxf, and each entity, layer, colour and attribute compared with the rendition."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable
from typing import Any

import ezdxf
import pytest
from files_made import Make, flat, lines_of

from hantsmap.downloads import File
from hantsmap.downloads.classes import drawing_layer

Features = Callable[..., list[dict[str, Any]]]
LAYERS = (("street_segments", "staff"), ("streets", "staff"), ("rights_of_way", "public"), ("sinc", "ecologists"),
          ("schools", "public"), ("designations", "public"), ("species_squares", "public"))


def opened(file: File, layer: str) -> tuple[Any, list[dict[str, str]], str]:
    """The drawing, its table, and its readme."""
    with zipfile.ZipFile(file.path) as archive:
        assert archive.namelist() == [f"{layer}.dxf", f"{layer}.csv", "_README.txt"]
        drawing = ezdxf.read(io.TextIOWrapper(archive.open(f"{layer}.dxf"), encoding="utf-8"))
        table = list(csv.DictReader(io.TextIOWrapper(archive.open(f"{layer}.csv"), encoding="utf-8-sig", newline="")))
        return drawing, table, archive.read("_README.txt").decode()


def vertices(entity: Any) -> list[tuple[float, float]]:
    """Vertices of an entity, in two dimensions."""
    if entity.dxftype() == "POINT":
        return [(entity.dxf.location.x, entity.dxf.location.y)]
    return [(float(x), float(y)) for x, y in entity.get_points("xy")]


@pytest.mark.parametrize(("layer", "audience"), LAYERS)
def test_every_entity(made: Make, features: Features, layer: str, audience: str) -> None:
    """No fault is found in it; every vertex is that of the rendition; the table finds every attribute by its handle."""
    drawing, table, _ = opened(made(layer, "dxf.zip", audience), layer)
    audit = drawing.audit()
    assert not audit.errors and not audit.fixes
    assert drawing.dxfversion == "AC1024" and drawing.header["$INSUNITS"] == 6
    by_handle = {row["dxf_handle"]: row for row in table}
    entities = list(drawing.modelspace())
    assert len(by_handle) == len(table) == len(entities)
    expected = [(each, line) for each in features(layer, audience) for line in lines_of(each["geometry"])]
    for entity, (feature, line) in zip(entities, expected, strict=True):
        assert vertices(entity) == [tuple(place) for place in line]
        assert entity.dxftype() == ("POINT" if feature["geometry"]["type"] == "Point" else "LWPOLYLINE")
        assert getattr(entity, "closed", False) == feature["geometry"]["type"].endswith("Polygon")
        row = by_handle[entity.dxf.handle]
        assert row["id"] == str(feature["id"]) == entity.get_xdata("HANTSMAP")[0].value
        assert row["dxf_layer"] == entity.dxf.layer
        for name, value in flat(feature["properties"]).items():
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            assert row[name] in (text, f"'{text}")


def test_layers_are_classes_and_have_their_colours(made: Make, features: Features) -> None:
    """Each class that occurs, and none, is a layer with a colour of its own; each entity is on that of its class."""
    drawing, _, readme = opened(made("street_segments", "dxf.zip"), "street_segments")
    expected = Counter(drawing_layer("street_segments", each["properties"]["road_class"])
                       for each in features("street_segments"))
    assert Counter(entity.dxf.layer for entity in drawing.modelspace()) == expected
    colours = {layer.dxf.name: layer.color for layer in drawing.layers if layer.dxf.name.startswith("HM-")}
    assert colours == {
        "HM-STREET_SEGMENTS-A_ROAD": 243, "HM-STREET_SEGMENTS-B_ROAD": 21,
        "HM-STREET_SEGMENTS-CLASSIFIED_UNNUMBERED": 44, "HM-STREET_SEGMENTS-UNCLASSIFIED": 8,
        "HM-STREET_SEGMENTS-NOT_CLASSIFIED": 43, "HM-STREET_SEGMENTS-NONE": 45}
    assert all(name in readme for name in colours)


def test_a_layer_without_classes_is_one_layer(made: Make) -> None:
    """Where no field tells a class, everything is on the layer of the layer's name."""
    drawing, _, _ = opened(made("species_squares", "dxf.zip"), "species_squares")
    assert {entity.dxf.layer for entity in drawing.modelspace()} == {"HM-SPECIES_SQUARES"}


@pytest.mark.parametrize("shift", [(450_000, 100_000), (-7, 1_234_567)])
def test_a_shift(made: Make, features: Features, shift: tuple[int, int]) -> None:
    """A shift is taken from each coordinate and from nothing else, to the centimetre; name and readme say so."""
    file = made("schools", "dxf.zip", shift=f"{shift[0]},{shift[1]}")
    drawing, _, readme = opened(file, "schools")
    for entity, feature in zip(drawing.modelspace(), features("schools"), strict=True):
        x, y = feature["geometry"]["coordinates"]
        assert vertices(entity) == [(round(x - shift[0], 2), round(y - shift[1], 2))]
    assert f"shifted-{shift[0]}-{shift[1]}" in file.name and f"Add {shift[0]:,} m to each easting" in readme


def test_the_readme_says_what_a_drawing_cannot(made: Make) -> None:
    """Reference system, units, order, time, licence and attribution: what CAD has no place for."""
    _, _, readme = opened(made("rights_of_way", "dxf.zip"), "rights_of_way")
    for told in ("EPSG:27700", "easting, northing, in metres", "Open Government Licence v3.0", "Attribution:",
                 "Published:", "not shifted", "dxf_handle"):
        assert told in readme, told


@pytest.mark.parametrize(("code", "expected"), [
    ("A Road", "HM-ROADS-A_ROAD"), ("FP", "HM-ROADS-FP"), ("1", "HM-ROADS-1"), ("a/b:*?", "HM-ROADS-A_B"),
    ("–", "HM-ROADS-_"), (None, "HM-ROADS")])
def test_names_of_layers(code: str | None, expected: str) -> None:
    """Capitals, digits, _ and - only: every CAD program takes them."""
    assert drawing_layer("roads", code) == expected
