"""Geometry of the curated table: in the National Grid to the centimetre, valid, of one type, within the county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hantsmap import crs
from hantsmap.curate import mending
from hantsmap.curate.log import Log
from hantsmap.findings import Kind, RowNote
from hantsmap.layer import Layer
from hantsmap.reprojection import Move, reprojection

Shapes = NDArray[Any]
Mask = NDArray[np.bool_]
# A transformation that may be off by more than this (metres) is a doubt.
EXACT_ENOUGH_M = 0.1
TYPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
         "GeometryCollection")


def curated(log: Log, shapes: Shapes, source: Any, layer: Layer, extent: tuple[float, float, float, float],
            notes: Mapping[int, RowNote]) -> Shapes:
    """Geometries of a layer, from the source's CRS (pyproj CRS, x, y order); None where a row has to be dropped."""
    here = present(log, shapes, notes)
    here = on_grid(log, here, source)
    kinds = shapely.get_type_id(here)
    here = mending.repaired(log, here, layer)
    here = inside(log, one_type(log, here, layer.geometry, kinds), extent)
    # The same polygon is the same edition, whichever way round the source writes its rings.
    return np.asarray(shapely.orient_polygons(here), dtype=object)


def present(log: Log, shapes: Shapes, notes: Mapping[int, RowNote]) -> Shapes:
    """Geometries that are there and whose coordinates are numbers; the others are None, and findings.

    Where reading the source found why a row has none, that is the finding.
    """
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    known = [row for row, note in notes.items() if note.kind is Kind.DROPPED]
    untold = np.setdiff1d(np.flatnonzero(empty), np.array(known, dtype=np.intp))
    log.rows("empty-geometry", Kind.DROPPED, untold, lambda row: "has no geometry, or an empty one.")
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


def one_type(log: Log, shapes: Shapes, geometry: str, kinds: NDArray[Any]) -> Shapes:
    """Geometries of the layer's one type: single ones are promoted to multi; what cannot be is None, and a finding.

    `kinds` are the types (shapely's numbers) that the source had.
    """
    single, multi = mending.KINDS[geometry.removeprefix("Multi")]
    goal, uniform = (multi if geometry.startswith("Multi") else single), shapes.copy()
    now = shapely.get_type_id(shapes)
    if goal == multi:
        alone = np.flatnonzero(now == single)
        uniform[alone] = mending.PROMOTE[geometry](shapes[alone], indices=np.arange(len(alone)))
    for row in np.flatnonzero((now >= 0) & (now != single) & (now != goal) | (now == multi) & (goal == single)):
        shape = mending.of_kind(shapes[row], geometry)
        if shape is not None and goal == multi and shapely.get_type_id(shape) == single:
            shape = mending.PROMOTE[geometry]([shape])
        uniform[row] = shape if shape is not None and shapely.get_type_id(shape) == goal else None
    _tell_types(log, shapes, uniform, geometry, kinds)
    heights = int(shapely.has_z(uniform).sum())
    if heights:
        log.whole("height", Kind.REPAIRED,
                  f"{heights:,} {'geometry has' if heights == 1 else 'geometries have'} heights: they are kept in the "
                  "edition and left out of what is served.")
    return uniform


def _tell_types(log: Log, shapes: Shapes, uniform: Shapes, geometry: str, kinds: NDArray[Any]) -> None:
    lost = ~shapely.is_missing(shapes) & shapely.is_missing(uniform)
    several = lost & (shapely.get_type_id(shapes) == mending.KINDS[geometry.removeprefix("Multi")][1])
    log.rows("wrong-geometry-type", Kind.BLOCKING, np.flatnonzero(several), lambda row: (
        f"has {shapely.get_num_geometries(shapes[row])} parts, and the layer's geometry is {geometry}. Set "
        f"`geometry: Multi{geometry}`."))
    log.rows("wrong-geometry-type", Kind.DROPPED, np.flatnonzero(lost & ~several), lambda row: (
        f"is a {shapes[row].geom_type}, and the layer's geometry is {geometry}."))
    names = Counter(TYPES[kind] for kind in kinds.tolist() if kind >= 0)
    if len(names) > 1:
        mix = ", ".join(f"{count:,} {name}" for name, count in sorted(names.items()))
        made = int((~shapely.is_missing(uniform)).sum())
        others = int((kinds >= 0).sum()) - made
        end = f"{made:,} become {geometry} and {others:,} do not" if others else f"all become {geometry}"
        log.whole("mixed-geometry", Kind.REPAIRED, f"the source mixes {mix}: {end}.")


def inside(log: Log, shapes: Shapes, extent: tuple[float, float, float, float]) -> Shapes:
    """Geometries that meet the county's extent; the others are None, and findings that say how far off they are."""
    county = shapely.box(*extent)
    away = ~shapely.is_missing(shapes) & ~shapely.intersects(shapes, county)
    metres = shapely.distance(shapes, county)
    rows = np.flatnonzero(away)
    swapped = set(rows[shapely.intersects(shapely.transform(shapes[rows], lambda xy: xy[:, ::-1]), county)].tolist())
    log.rows("outside-extent", Kind.DROPPED, rows, lambda row: _away(metres[row], row in swapped))
    return _without(shapes, away)


def _away(metres: float, swapped: bool) -> str:
    far = f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:,.2f} m"
    hint = (" Easting and northing look swapped: with them exchanged it is inside. Exchange `x` and `y` in "
            "`source.geometry`, or correct the source.") if swapped else ""
    return f"lies {far} outside the county's extent.{hint}"


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
