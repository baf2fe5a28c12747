"""Geometry of the curated table: in the National Grid to the centimetre, valid, of one type, within the county."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from hantsmap import crs
from hantsmap.curate.log import Log
from hantsmap.findings import Kind
from hantsmap.reprojection import Move, reprojection

Shapes = NDArray[Any]
Mask = NDArray[np.bool_]
# A transformation that may be off by more than this (metres) is a doubt.
EXACT_ENOUGH_M = 0.1
TYPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
         "GeometryCollection")
# Geometry type of a layer: shapely's single and multi type of that dimension.
KINDS = {
    "Point": (GeometryType.POINT, GeometryType.MULTIPOINT),
    "LineString": (GeometryType.LINESTRING, GeometryType.MULTILINESTRING),
    "Polygon": (GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
}
PROMOTE: dict[str, Any] = {"MultiPoint": shapely.multipoints, "MultiLineString": shapely.multilinestrings,
                           "MultiPolygon": shapely.multipolygons}


def curated(log: Log, shapes: Shapes, source: Any, geometry: str, extent: tuple[float, float, float, float]) -> Shapes:
    """Geometries of a layer, from the source's CRS (pyproj CRS, x, y order); None where a row has to be dropped."""
    here = present(log, shapes)
    here = on_grid(log, here, source)
    kinds = shapely.get_type_id(here)
    here = repaired(log, here, geometry)
    return inside(log, one_type(log, here, geometry, kinds), extent)


def present(log: Log, shapes: Shapes) -> Shapes:
    """Geometries that are there and whose coordinates are numbers; the others are None, and findings."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    log.rows("empty-geometry", Kind.DROPPED, np.flatnonzero(empty), lambda row: "has no geometry, or an empty one.")
    broken = _broken(shapes)
    log.rows("bad-coordinates", Kind.DROPPED, np.flatnonzero(broken),
             lambda row: "has coordinates that are not numbers.")
    return _without(shapes, empty | broken)


def _broken(shapes: Shapes) -> Mask:
    coordinates, rows = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[rows[~np.isfinite(coordinates).all(axis=1)]] = True
    return broken


def _without(shapes: Shapes, mask: Mask) -> Shapes:
    kept = shapes.copy()
    kept[mask] = None
    return kept


def on_grid(log: Log, shapes: Shapes, source: Any) -> Shapes:
    """Geometries from the source's CRS to EPSG:27700 metres by OSTN15, rounded to 1 cm. Heights stay as they are.

    What the National Grid does not reach is None, and a finding.
    """
    flat = source.sub_crs_list[0] if source.is_compound else source
    if flat.to_epsg() != 27700:
        way = reprojection(flat)
        shapes = _moved(shapes, way.to_grid)
        if way.accuracy is None or way.accuracy > EXACT_ENOUGH_M:
            within = "an unknown distance" if way.accuracy is None else f"{way.accuracy:g} m"
            log.whole("inexact-transformation", Kind.DOUBTFUL, f"the source is in {way.name}. Its coordinates in the "
                      f"National Grid are accurate to {within}. Ask for EPSG:27700 or EPSG:4326 if that is too little.")
    beyond = _broken(shapes)
    log.rows("outside-extent", Kind.DROPPED, np.flatnonzero(beyond),
             lambda row: "has coordinates that the National Grid does not reach.")
    return _moved(_without(shapes, beyond), lambda xy: np.round(xy, crs.EPSG27700.decimals))


def _moved(shapes: Shapes, move: Move) -> Shapes:
    """`move` is given x and y; heights are kept, and not made where there are none."""
    moved = shapes.copy()
    tall = shapely.has_z(shapes)
    for rows, with_z in ((np.flatnonzero(~tall), False), (np.flatnonzero(tall), True)):
        moved[rows] = shapely.transform(
            shapes[rows], lambda xyz: np.column_stack((move(xyz[:, :2]), xyz[:, 2:])), include_z=with_z)
    return moved


def repaired(log: Log, shapes: Shapes, geometry: str) -> Shapes:
    """Invalid geometries made valid, keeping the parts of the layer's dimension; None where nothing is left."""
    invalid = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    if not len(invalid):
        return shapes
    why = dict(zip(invalid.tolist(), map(_in_metres, shapely.is_valid_reason(shapes[invalid])), strict=True))
    mended = shapes.copy()
    fixed = shapely.make_valid(shapely.force_2d(shapes[invalid]), method="structure", keep_collapsed=False)
    # Rounding again what was mended could break it again: the precision model rounds and keeps it valid.
    mended[invalid] = [_of_kind(shape, geometry) for shape in shapely.set_precision(fixed, 0.01)]
    gone = shapely.is_missing(mended[invalid])
    log.rows("invalid-geometry", Kind.REPAIRED, invalid[~gone], lambda row: f"was not valid ({why[row]}): mended.")
    log.rows("invalid-geometry", Kind.DROPPED, invalid[gone],
             lambda row: f"is not valid ({why[row]}) and nothing is left of it when mended.")
    return mended


def _in_metres(reason: str) -> str:
    """`Self-intersection[1.23456 2.34567]` with its place to the centimetre."""
    return re.sub(r"\[([-\d.e+]+) ([-\d.e+]+)\]", lambda at: f" at E {float(at[1]):.2f} N {float(at[2]):.2f}", reason)


def _of_kind(shape: Any, geometry: str) -> Any:
    """The parts of a geometry that have the layer's dimension, as one geometry, or None."""
    single, _ = KINDS[geometry.removeprefix("Multi")]
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    flat = [leaf for part in parts for leaf in shapely.get_parts(part)]
    kept = [leaf for leaf in flat if shapely.get_type_id(leaf) == single]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else PROMOTE[f"Multi{geometry.removeprefix('Multi')}"](kept)


def one_type(log: Log, shapes: Shapes, geometry: str, kinds: NDArray[Any]) -> Shapes:
    """Geometries of the layer's one type: single ones are promoted to multi; what cannot be is None, and a finding.

    `kinds` are the types (shapely's numbers) that the source had.
    """
    single, multi = KINDS[geometry.removeprefix("Multi")]
    goal, uniform = (multi if geometry.startswith("Multi") else single), shapes.copy()
    now = shapely.get_type_id(shapes)
    if goal == multi:
        alone = np.flatnonzero(now == single)
        uniform[alone] = PROMOTE[geometry](shapes[alone], indices=np.arange(len(alone)))
    for row in np.flatnonzero((now >= 0) & (now != single) & (now != goal) | (now == multi) & (goal == single)):
        shape = _of_kind(shapes[row], geometry)
        if shape is not None and goal == multi and shapely.get_type_id(shape) == single:
            shape = PROMOTE[geometry]([shape])
        uniform[row] = shape if shape is not None and shapely.get_type_id(shape) == goal else None
    lost = ~shapely.is_missing(shapes) & shapely.is_missing(uniform)
    log.rows("wrong-geometry-type", Kind.DROPPED, np.flatnonzero(lost),
             lambda row: f"is a {shapes[row].geom_type}, which is no {geometry}.")
    names = Counter(TYPES[kind] for kind in kinds.tolist() if kind >= 0)
    if len(names) > 1:
        mix = ", ".join(f"{count:,} {name}" for name, count in sorted(names.items()))
        log.whole("mixed-geometry", Kind.REPAIRED, f"the source mixes {mix}: all are {geometry} now.")
    heights = int(shapely.has_z(uniform).sum())
    if heights:
        log.whole("height", Kind.REPAIRED,
                  f"{heights:,} geometries have heights: they are kept in the edition and left out of what is served.")
    return uniform


def inside(log: Log, shapes: Shapes, extent: tuple[float, float, float, float]) -> Shapes:
    """Geometries that meet the county's extent; the others are None, and findings that say how far off they are."""
    county = shapely.box(*extent)
    away = ~shapely.is_missing(shapes) & ~shapely.intersects(shapes, county)
    metres = shapely.distance(shapes, county)
    log.rows("outside-extent", Kind.DROPPED, np.flatnonzero(away),
             lambda row: f"lies {metres[row] / 1000:,.1f} km outside the county's extent.")
    return _without(shapes, away)


def apart(log: Log, shapes: Shapes, groups: list[Any], within: float, field: str) -> None:
    """A doubt about each row farther than `within` metres from every other row of its group."""
    members: dict[Any, list[int]] = {}
    for row, group in enumerate(groups):
        if group is not None:
            members.setdefault(group, []).append(row)
    off = {row: metres for rows in members.values() if len(rows) > 1
           for row, metres in _far(shapes, np.array(rows), within)}
    log.rows("far-from-its-group", Kind.DOUBTFUL, np.array(sorted(off), dtype=np.intp), lambda row: (
        f"lies {off[row] / 1000:.1f} km from the nearest other row with {field} {groups[row]}: is it in the right "
        "place?"), field)


def _far(shapes: Shapes, rows: NDArray[Any], within: float) -> Iterator[tuple[int, float]]:
    """Rows, and metres to the nearest other of them, where that is more than `within`."""
    # Cheaply first: whoever has another's first vertex near its own is near. The few others are measured exactly.
    coordinates, owner = shapely.get_coordinates(shapes[rows], return_index=True)
    vertices = np.asarray(shapely.points(coordinates[np.unique(owner, return_index=True)[1]]))
    (known, _), metres = shapely.STRtree(vertices).query_nearest(
        vertices, exclusive=True, all_matches=False, return_distance=True)
    rest = rows[np.setdiff1d(np.arange(len(rows)), known[metres <= within])]
    tree = shapely.STRtree(shapes[rows])
    (asking, _), metres = tree.query_nearest(shapes[rest], exclusive=True, all_matches=False, return_distance=True)
    far = metres > within
    # An equal geometry was passed over just now, and is the nearest there can be.
    near = np.bincount(tree.query(shapes[rest[asking[far]]], "dwithin", distance=within)[0], minlength=int(far.sum()))
    for at, distance in zip(asking[far][near < 2].tolist(), metres[far][near < 2].tolist(), strict=True):
        yield int(rest[at]), float(distance)
