"""The names that people search a map for, and where each is: from what one viewer may see, and from nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from hantsmap.catalogue import Catalogue
from hantsmap.on_map import Named
from hantsmap.rendition import Rendition

Floats = NDArray[np.float64]
# The first half of a postcode is its district; the second half would lead to a few houses.
POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?\d[A-Z]{2}")
DISTRICT_WORDS = "postcode district"


class Name(NamedTuple):
    """A name, its kind (hantsmap.on_map.KINDS), easting and northing (EPSG:27700, whole metres), and what or where the
    named thing is."""

    name: str
    kind: str
    easting: int
    northing: int
    where: str


def names(catalogue: Catalogue) -> list[Name]:
    """All names of a catalogue's layers, in the order of where they are, so that neighbours stand together.

    Things of one name, kind and place, such as the links of a path, are one name, at the one nearest to their middle.
    Postcodes are named by district, at the mean of the places that have one.
    """
    found: dict[tuple[str, str, str], list[Floats]] = defaultdict(list)
    for entry in catalogue.entries.values():
        for named in entry.rendition.description.names:
            for name, where, point in _of_layer(entry.rendition, named):
                found[(name, named.kind, where)].append(point)
    told = [_one(name, kind, where, np.array(points)) for (name, kind, where), points in found.items()]
    return sorted(told, key=lambda one: (one.kind, one.where, one.name, one.easting, one.northing))


def _one(name: str, kind: str, where: str, points: Floats) -> Name:
    middle = points.mean(axis=0)
    if kind != "postcode":
        middle = points[np.argmin(np.hypot(*(points - middle).T))]
    return Name(name, kind, round(float(middle[0])), round(float(middle[1])), where)


def _of_layer(rendition: Rendition, named: Named) -> Iterator[tuple[str, str, Floats]]:
    """Name, where, and point of each feature that has a name and a place."""
    positions = np.flatnonzero(rendition.placed())
    if not len(positions):
        return
    points = _points(rendition, positions)
    written = rendition.column(named.field).take(positions).to_pylist()
    wheres = zip(*(_words(rendition, name, positions) for name in named.where), strict=True) \
        if named.where else iter([()] * len(positions))
    for value, where, point in zip(written, wheres, points, strict=True):
        if value is None or str(value).strip() == "":
            continue
        if named.kind != "postcode":
            yield str(value), ", ".join(word for word in where if word), point
        elif (read := POSTCODE.fullmatch(str(value).strip().upper())) is not None:
            yield read[1], DISTRICT_WORDS, point


def _words(rendition: Rendition, name: str, positions: NDArray[np.intp]) -> list[str]:
    """A field's values as people read them: codes in words, nothing for null."""
    field = rendition.fields[name]
    codes = rendition.description.code_lists[field.codes].values if field.codes else {}
    values: list[Any] = rendition.column(name).take(positions).to_pylist()
    return ["" if value is None else codes.get(str(value), str(value)) for value in values]


def _points(rendition: Rendition, positions: NDArray[np.intp]) -> Floats:
    """A point on each feature, (n, 2): a point itself, the middle of the longest line, a point inside an area."""
    shape = rendition.geometries(positions)
    if "LineString" in rendition.geometry_type:
        part, owner = shapely.get_parts(shape, return_index=True)
        # The longest part of each comes last, and is the one that stays.
        order = np.lexsort((shapely.length(part), owner))
        last = np.append(np.diff(owner[order]) > 0, True)
        shape = shapely.line_interpolate_point(part[order][last], 0.5, normalized=True)
    elif "Polygon" in rendition.geometry_type:
        shape = shapely.point_on_surface(shape)
    elif rendition.geometry_type == "MultiPoint":
        shape = shapely.get_geometry(shape, 0)
    return np.column_stack([shapely.get_x(shape), shapely.get_y(shape)])
