"""Geometry of the curated table: in the National Grid to the centimetre, valid, of one type, within the county."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from hantsmap import crs
from hantsmap.curate.log import Log
from hantsmap.findings import Kind

Shapes = NDArray[Any]
Mask = NDArray[np.bool_]
# Geometry type of a layer: shapely's single and multi type of that dimension.
KINDS = {
    "Point": (GeometryType.POINT, GeometryType.MULTIPOINT),
    "LineString": (GeometryType.LINESTRING, GeometryType.MULTILINESTRING),
    "Polygon": (GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
}
PROMOTE = {"MultiPoint": shapely.multipoints, "MultiLineString": shapely.multilinestrings,
           "MultiPolygon": shapely.multipolygons}


def present(log: Log, shapes: Shapes) -> Mask:
    """Which rows have a geometry at all; those without are findings."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    log.rows("empty-geometry", Kind.DROPPED, np.flatnonzero(empty), lambda row: "has no geometry, or an empty one")
    return ~empty


def on_grid(shapes: Shapes, source: Any) -> Shapes:
    """Geometries from the source's CRS (pyproj CRS, x, y order) to EPSG:27700 metres by OSTN15, rounded to 1 cm.

    Heights stay as they are. Coordinates that the National Grid does not reach become NaN.
    """
    import pyproj

    is_grid = source.to_epsg() == 27700 or (source.is_compound and source.sub_crs_list[0].to_epsg() == 27700)
    if not is_grid and source.to_epsg() != 4326 and source.to_authority() != ("OGC", "CRS84"):
        lonlat = pyproj.Transformer.from_crs(source, "OGC:CRS84", always_xy=True)
        shapes = shapely.transform(
            shapes, lambda xy: np.column_stack(lonlat.transform(xy[:, 0], xy[:, 1], errcheck=True))
        )
    if not is_grid:
        shapes = shapely.transform(shapes, _move, include_z=bool(shapely.has_z(shapes).any()))
    return np.asarray(shapely.transform(shapes, _round, include_z=bool(shapely.has_z(shapes).any())))


def _move(coordinates: crs.Floats) -> crs.Floats:
    moved = coordinates.copy()
    moved[:, 0], moved[:, 1] = crs.to_grid(coordinates[:, 0], coordinates[:, 1])
    return moved


def _round(coordinates: crs.Floats) -> crs.Floats:
    rounded: crs.Floats = np.round(coordinates, crs.EPSG27700.decimals)
    return rounded


def repaired(log: Log, shapes: Shapes, geometry: str) -> Shapes:
    """Invalid geometries made valid, keeping the parts of the layer's dimension; None where nothing is left."""
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if not len(invalid):
        return shapes
    reasons = shapely.is_valid_reason(shapes[invalid])
    mended = shapes.copy()
    fixed = shapely.make_valid(shapely.force_2d(shapes[invalid]), method="structure", keep_collapsed=False)
    # Rounding again what was mended could break it again: the precision model rounds and keeps it valid.
    mended[invalid] = [_of_kind(shape, geometry) for shape in shapely.set_precision(fixed, 0.01)]
    why = dict(zip(invalid.tolist(), reasons, strict=True))
    alive = np.array([mended[row] is not None for row in invalid])
    log.rows("invalid-geometry", Kind.REPAIRED, invalid[alive], lambda row: f"was not valid ({why[row]}): mended")
    log.rows("invalid-geometry", Kind.DROPPED, invalid[~alive],
             lambda row: f"is not valid ({why[row]}) and nothing is left of it when mended")
    return mended


def _of_kind(shape: Any, geometry: str) -> Any:
    """The parts of a geometry that have the layer's dimension, as one geometry, or None."""
    single, _ = KINDS[geometry.removeprefix("Multi")]
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    flat = [leaf for part in parts for leaf in shapely.get_parts(part)]
    kept = [leaf for leaf in flat if shapely.get_type_id(leaf) == single]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else PROMOTE["Multi" + geometry.removeprefix("Multi")](kept)


def one_type(log: Log, shapes: Shapes, geometry: str) -> Shapes:
    """Geometries of the layer's one type: single ones are promoted to multi; what cannot be is None, and a finding."""
    single, multi = KINDS[geometry.removeprefix("Multi")]
    kinds = shapely.get_type_id(shapes)
    names = Counter(GeometryType(kind).name.title() for kind in kinds.tolist() if kind >= 0)
    goal = multi if geometry.startswith("Multi") else single
    uniform = shapes.copy()
    for row in np.flatnonzero((kinds != goal) & (kinds >= 0)):
        shape = _of_kind(shapes[row], geometry)
        if shape is not None and goal == multi and shapely.get_type_id(shape) == single:
            shape = PROMOTE[geometry]([shape])
        uniform[row] = shape if shape is not None and shapely.get_type_id(shape) == goal else None
    lost = (kinds >= 0) & shapely.is_missing(uniform)
    log.rows("wrong-geometry-type", Kind.DROPPED, np.flatnonzero(lost),
             lambda row: f"is a {shapes[row].geom_type}, which is no {geometry}")
    if len(names) > 1:
        mix = ", ".join(f"{count:,} {name}" for name, count in sorted(names.items()))
        log.whole("mixed-geometry", Kind.REPAIRED, f"the source mixes {mix}: all are {geometry} now")
    heights = int(shapely.has_z(shapes[~shapely.is_missing(shapes)]).sum())
    if heights:
        log.whole("height", Kind.REPAIRED,
                  f"{heights:,} geometries have heights: they are kept in the edition and left out of what is served")
    return uniform


def inside(log: Log, shapes: Shapes, extent: tuple[float, float, float, float]) -> Mask:
    """Which geometries meet the county's extent; the others are findings that say how far off they are."""
    county = shapely.box(*extent)
    here = shapely.intersects(shapes, county)
    away = shapely.distance(shapes, county)
    log.rows("outside-extent", Kind.DROPPED, np.flatnonzero(~here), lambda row: (
        f"lies {away[row] / 1000:,.0f} km outside the county's extent" if np.isfinite(away[row])
        else "has coordinates that the National Grid does not reach"))
    return np.asarray(here)


def apart(log: Log, shapes: Shapes, groups: list[Any], within: float, field: str) -> None:
    """A doubt about each row farther than `within` metres from every other row of its group."""
    members: dict[Any, list[int]] = {}
    for row, group in enumerate(groups):
        if group is not None:
            members.setdefault(group, []).append(row)
    for group, rows in members.items():
        if len(rows) < 2:
            continue
        for row in rows:
            nearest = float(shapely.distance(shapes[row], shapes[[other for other in rows if other != row]]).min())
            if nearest > within:
                log.rows("far-from-its-group", Kind.DOUBTFUL, np.array([row]), lambda _, d=nearest, g=group: (
                    f"lies {d / 1000:.1f} km from the nearest other row with {field} {g}: is it in the right place?"),
                    field)
