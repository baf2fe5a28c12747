"""What is in tiles is what is in the rendition: every feature where it belongs, exact at the last zoom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from decoding import Decoded, every_tile

from hantsmap import crs
from hantsmap.layer import FieldType
from hantsmap.registry import read
from hantsmap.rendition import Rendition
from hantsmap.store import Store
from hantsmap.tiles import MATRIX_SETS, MatrixSet
from hantsmap.tiles.making import UNITS, archive_name

ROOT = Path(__file__).parents[2]
REGISTRY = read(ROOT / "layers.yaml")
TILED = [name for name, layer in REGISTRY.layers.items() if layer.tiles]
BOTH = list(MATRIX_SETS)


def renditions(store: Path, layer: str) -> list[Rendition]:
    """All renditions of a layer that somebody sees now."""
    whole = Store(store)
    current = whole.current(layer)
    assert current is not None
    return [Rendition(whole.rendition(layer, name)) for name in sorted(set(current.renditions.values()))]


def tiles(rendition: Rendition, matrix: str) -> dict[int, list[tuple[int, int, Decoded]]]:
    """(column, row, layer) of the tiles of each zoom, as the matrix set counts them."""
    found: dict[int, list[tuple[int, int, Decoded]]] = {}
    path = rendition.folder / archive_name(matrix)
    if not rendition.count:
        assert not path.exists()
        return {}
    for zoom, column, row, layers in every_tile(path):
        assert list(layers) == [rendition.description.layer]
        at = zoom - MATRIX_SETS[matrix].deeper
        found.setdefault(at, []).append((column, row, layers[rendition.description.layer]))
    return found


def declared(rendition: Rendition, matrix: MatrixSet) -> dict[int, set[Any]]:
    """Ids by zoom, as the registry's rule has them: from the first zoom of their class on, once they are large enough.

    Written anew here, feature by feature.
    """
    told = rendition.description
    assert told.tiles is not None
    last = min(told.tiles.last + matrix.later, matrix.last)
    shapes = rendition.geometries(np.arange(rendition.count))
    codes = rendition.column(told.class_field).to_pylist() if told.class_field else [None] * rendition.count
    expected: dict[int, set[Any]] = {zoom: set() for zoom in range(last + 1)}
    for feature_id, shape, code in zip(rendition.ids.to_pylist(), shapes, codes, strict=True):
        if shape is None:
            continue
        first = min(told.tiles.zooms.get(str(code), told.tiles.zoom) + matrix.later, last)
        for zoom in range(first, last + 1):
            if zoom == last or large_enough(shape, matrix, zoom):
                expected[zoom].add(feature_id)
    return expected


def moved_to(matrix: MatrixSet, shape: Any) -> Any:
    """A shape of the National Grid in the reference system of a matrix set."""
    return shapely.transform(shape, lambda xy: np.column_stack(crs.from_grid_xy(xy[:, 0], xy[:, 1], matrix.system)))


def large_enough(shape: Any, matrix: MatrixSet, zoom: int) -> bool:
    """Whether a shape is three units of a tile's grid long (lines), or wide (areas); points always are."""
    if shape.geom_type in ("Point", "MultiPoint"):
        return True
    moved = moved_to(matrix, shape)
    west, south, east, north = moved.bounds
    size = 4 * moved.area / moved.length if "Polygon" in shape.geom_type else max(east - west, north - south)
    return bool(round(size, 3) >= UNITS * matrix.side(zoom) / 4096)


@pytest.mark.parametrize("matrix", BOTH)
@pytest.mark.parametrize("layer", TILED)
def test_each_zoom_has_the_features_that_the_rule_lets_appear(county_store: Path, layer: str, matrix: str) -> None:
    """At each zoom the ids in all tiles are those of the rule: none is missing, none is there too soon."""
    for rendition in renditions(county_store, layer):
        found = {zoom: {feature.properties["id"] for _, _, tile in there for feature in tile.features}
                 for zoom, there in tiles(rendition, matrix).items()}
        expected = declared(rendition, MATRIX_SETS[matrix])
        for zoom, ids in expected.items():
            assert found.get(zoom, set()) == ids, zoom
        assert set(found) <= set(expected)
        assert found.get(max(expected), set()) == set(rendition.ids.to_pylist())


@pytest.mark.parametrize("matrix", BOTH)
@pytest.mark.parametrize("layer", TILED)
def test_attributes_are_those_of_the_rendition(county_store: Path, layer: str, matrix: str) -> None:
    """Every feature of every tile has the values of the rendition, of the declared fields and of no other."""
    for rendition in renditions(county_store, layer):
        told = rendition.description.tiles
        assert told is not None and told.fields is not None and set(told.fields) <= set(rendition.fields)
        values = {name: texts(rendition, name) for name in told.fields}
        expected = {feature_id: {"id": feature_id, **{name: each[number] for name, each in values.items()
                                                      if each[number] is not None}}
                    for number, feature_id in enumerate(rendition.ids.to_pylist())}
        for there in tiles(rendition, matrix).values():
            for _, _, tile in there:
                for feature in tile.features:
                    assert feature.properties == expected[feature.properties["id"]]


def texts(rendition: Rendition, name: str) -> list[Any]:
    """Values of a field as tiles carry them: lists and objects as JSON, dates as ISO text."""
    kind, values = rendition.fields[name].type, rendition.column(name).to_pylist()
    if kind in (FieldType.STRINGS, FieldType.INTEGERS):
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return [None if value is None else value.isoformat().replace("+00:00", "Z") for value in values]
    return values


@pytest.mark.parametrize("matrix", BOTH)
@pytest.mark.parametrize("layer", ["street_segments", "rights_of_way", "schools", "districts", "designations"])
def test_the_last_zoom_is_exact_to_centimetres(county_store: Path, layer: str, matrix: str) -> None:
    """Put together again, the tiles of the last zoom are the features, to 4 cm in the units of the matrix set."""
    matrix_set = MATRIX_SETS[matrix]
    rendition = renditions(county_store, layer)[0]
    found = tiles(rendition, matrix)
    last = max(found)
    pieces: dict[Any, list[Any]] = {}
    for column, row, tile in found[last]:
        side, unit = matrix_set.side(last), matrix_set.side(last) / tile.extent
        assert unit <= 0.04
        corner = matrix_set.corner[0] + column * side, matrix_set.corner[1] - row * side
        cell = shapely.box(corner[0], corner[1] - side, corner[0] + side, corner[1])
        for feature in tile.features:
            places = [[(corner[0] + x * unit, corner[1] - y * unit) for x, y in part] for part in feature.parts]
            for shape in drawn(feature.kind, places):
                inside = shapely.intersection(shape, cell)
                if not inside.is_empty:
                    pieces.setdefault(feature.properties["id"], []).append(inside)
    shapes = rendition.geometries(np.arange(rendition.count))
    for feature_id, shape in zip(rendition.ids.to_pylist(), shapes, strict=True):
        true = moved_to(matrix_set, shape)
        together = shapely.union_all(pieces[feature_id], grid_size=0.001)
        edges = (true.boundary, together.boundary) if "Polygon" in shape.geom_type else (true, together)
        assert shapely.hausdorff_distance(*edges) < 0.06, feature_id


def drawn(kind: int, parts: list[list[tuple[float, float]]]) -> list[Any]:
    """The parts of a feature as shapes; the rings of an area follow each other, each with its holes."""
    if kind == 1:
        return [shapely.Point(place) for part in parts for place in part]
    if kind == 2:
        return [shapely.LineString(part) for part in parts]
    areas: list[Any] = []
    for part in parts:
        ring = shapely.Polygon(part)
        # An outer ring goes round with the clock where y points down, and so against it here.
        if shapely.is_ccw(ring.exterior):
            areas.append(shapely.difference(areas.pop(), shapely.make_valid(ring)))
        else:
            areas.append(shapely.make_valid(ring))
    return areas
