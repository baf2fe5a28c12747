"""Literal geometries (OGC 21-065, Basic Spatial Functions): WKT, GeoJSON and BBOX as geometries in the National Grid.

A literal that is empty, broken or off the Earth is refused, never guessed at.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from hantsmap.crs import EPSG27700, SENSIBLE, Crs, question
from hantsmap.filters.limits import MAX_VERTICES, refusal, shown

TYPES = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
FURTHEST = 1e8  # metres; beyond it a coordinate in metres is a mistake
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A literal in EPSG:27700. Whatever lies in the box `within` (minx, miny, maxx, maxy) lies in it, if there is one.

    `geometry` is empty where the literal is far from Great Britain.
    """

    geometry: Any
    within: Box | None = None


def shape_of(tree: Any, crs: Crs, room: int = MAX_VERTICES) -> Shape:
    """A literal of the tree, written in `crs` with its axis order, of at most `room` vertices. Raises QueryError."""
    if isinstance(tree, dict) and "bbox" in tree:
        return _boxed(tree["bbox"], crs)
    written: Any = tree if isinstance(tree, shapely.Geometry) else _from_geojson(tree)
    geometry: Any = shapely.force_2d(written)
    if shapely.is_empty(geometry):
        raise refusal("A geometry in the filter is empty.")
    xy = shapely.get_coordinates(geometry)
    _check_range(xy, crs)
    with np.errstate(all="ignore"):
        fault = shapely.is_valid_reason(geometry)
    if fault != "Valid Geometry":
        raise refusal(f"A geometry in the filter is not valid: {shown(fault)}.")
    if len(xy) + _pieces(geometry, crs) > room:
        raise refusal(f"The geometries in the filter have more than {MAX_VERTICES:,} vertices once their edges are "
                      "cut.")
    return Shape(_moved(geometry, crs))


def _from_geojson(tree: dict[str, Any]) -> Any:
    if tree.get("type") not in TYPES:
        raise refusal(f"A geometry in the filter needs a `type`, one of {', '.join(TYPES)}.")
    try:
        return shapely.from_geojson(json.dumps(tree, allow_nan=False))
    except (shapely.GEOSException, ValueError, RecursionError):
        raise refusal(
            f"A {tree['type']} in the filter has coordinates that are not those of a {tree['type']}."
        ) from None


def _check_range(xy: Any, crs: Crs) -> None:
    if not np.isfinite(xy).all():
        raise refusal("A geometry in the filter has a coordinate that is not a number.")
    lon, lat = (xy[:, 1], xy[:, 0]) if crs.swaps else (xy[:, 0], xy[:, 1])
    if crs.degrees and (np.abs(lon).max() > 180 or np.abs(lat).max() > 90):
        order = "latitude, longitude" if crs.swaps else "longitude, latitude"
        raise refusal(f"A geometry in the filter is off the Earth: {crs.name} coordinates are {order} in degrees.")
    if not crs.degrees and np.abs(xy).max() > FURTHEST:
        raise refusal(f"A geometry in the filter is off the Earth: {crs.name} coordinates are metres.")


def _pieces(geometry: Any, crs: Crs) -> float:
    """At most how many vertices `question` adds: it cuts edges into pieces of 1/500 of the extent.

    A zigzag with many long edges would grow five hundredfold.
    """
    if crs is EPSG27700:
        return 0.0
    left, bottom, right, top = shapely.bounds(geometry)
    extent = max(right - left, top - bottom)
    return float(500 * shapely.length(geometry) / extent) if extent > 0 else 0.0


def _moved(geometry: Any, crs: Crs) -> Any:
    with np.errstate(all="ignore"):
        try:
            moved = question(geometry, crs)
        except shapely.GEOSException as fault:
            raise refusal(f"A geometry in the filter cannot be used: {shown(str(fault))}.") from None
    shapely.prepare(moved)
    return moved


def _boxed(numbers: Any, crs: Crs) -> Shape:
    """BBOX of four numbers, or of six with heights, which are left out. One that crosses the antimeridian is two."""
    plain = isinstance(numbers, list) and all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
    if not plain or len(numbers) not in (4, 6):
        raise refusal("BBOX takes four numbers, or six with heights: minx, miny, maxx, maxy.")
    half = len(numbers) // 2
    try:
        low, high = [float(n) for n in numbers[:2]], [float(n) for n in numbers[half : half + 2]]
    except OverflowError:
        raise refusal("BBOX has a number that is too large.") from None
    _check_range(np.array([low, high]), crs)
    east = 1 if crs.swaps else 0
    crosses = crs.degrees and low[east] > high[east]
    if low[1 - east] > high[1 - east] or (low[east] > high[east] and not crosses):
        raise refusal("BBOX has a minimum above its maximum.")
    if not crosses:
        return _rectangle(low, high, crs)
    left_low, right_high = [*low], [*high]
    left_low[east], right_high[east] = -180.0, 180.0
    return Shape(
        _prepared(
            shapely.union_all([_rectangle(*pair, crs).geometry for pair in ((low, right_high), (left_low, high))])
        )
    )


def _prepared(geometry: Any) -> Any:
    shapely.prepare(geometry)
    return geometry


def _rectangle(low: list[float], high: list[float], crs: Crs) -> Shape:
    """A box of `crs`; one without width or height is a line or a point, as a bbox parameter would have it."""
    (a, b), (c, d) = low, high
    if a == c or b == d:
        flat = shapely.Point(a, b) if (a, b) == (c, d) else shapely.LineString([(a, b), (c, d)])
        return Shape(_moved(flat, crs))
    box = shapely.box(a, b, c, d)
    moved = _moved(box, crs)
    if crs is EPSG27700:
        return Shape(moved, (a, b, c, d))
    return Shape(moved, _inside(low, high, crs))


def _inside(low: list[float], high: list[float], crs: Crs) -> Box | None:
    """A rectangle of the grid within a box of another system: between the innermost points of its four edges."""
    if crs.swaps:
        low, high = low[::-1], high[::-1]
    (a, b), (c, d) = low, high
    if crs.degrees and not SENSIBLE.contains(shapely.box(a, b, c, d)):
        return None
    ends = [[(a, b), (a, d)], [(a, b), (c, b)], [(c, b), (c, d)], [(a, d), (c, d)]]
    edges = shapely.MultiLineString([[xy[::-1] for xy in pair] if crs.swaps else pair for pair in ends])
    moved = shapely.get_parts(question(edges, crs))
    if len(moved) != len(ends):
        return None  # one was cut where the National Grid ends
    west, south, east, north = shapely.bounds(moved)
    # One metre in hand for edges that are cut at other places than those of the box.
    box = (float(west[2]) + 1, float(south[3]) + 1, float(east[0]) - 1, float(north[1]) - 1)
    return box if all(math.isfinite(n) for n in box) and box[0] < box[2] and box[1] < box[3] else None
