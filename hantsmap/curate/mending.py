"""Invalid geometries made valid. The finding gives the change of area, and a change beyond the layer's share blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from hantsmap.curate.log import Log
from hantsmap.findings import Kind
from hantsmap.layer import Layer

Shapes = NDArray[Any]
# Geometry type of a layer: shapely's single and multi type of that dimension.
KINDS = {
    "Point": (GeometryType.POINT, GeometryType.MULTIPOINT),
    "LineString": (GeometryType.LINESTRING, GeometryType.MULTILINESTRING),
    "Polygon": (GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
}
PROMOTE: dict[str, Any] = {"MultiPoint": shapely.multipoints, "MultiLineString": shapely.multilinestrings,
                           "MultiPolygon": shapely.multipolygons}
PRECISION_M = 0.01


def repaired(log: Log, shapes: Shapes, layer: Layer) -> Shapes:
    """Invalid geometries made valid, keeping the parts of the layer's dimension; None where nothing is left.

    Parts smaller than `sliver_m2` that the repair made are left out beside larger ones. Where the area changes by more
    than `max_repair` of what it was, and by more than a sliver, the finding blocks. Areas are in square metres.
    """
    invalid = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    if not len(invalid):
        return shapes
    reasons = map(_in_metres, shapely.is_valid_reason(shapes[invalid]))
    why = dict(zip(invalid.tolist(), reasons, strict=True))
    mended, told, blocks = shapes.copy(), dict[int, str](), []
    flat = shapely.force_2d(shapes[invalid])
    # Rounding again what was mended could break it again: the precision model rounds and keeps it valid.
    fixed = shapely.set_precision(shapely.make_valid(flat, method="structure", keep_collapsed=False), PRECISION_M)
    for row, before, after in zip(invalid.tolist(), flat, fixed, strict=True):
        parts, slivers = _without_slivers(_of_kind(after, layer.geometry), before, layer.sliver_m2)
        mended[row] = joined(parts, layer.geometry)
        was, now = _ground(before), float(sum(part.area for part in parts))
        tall = ", its heights left out" if shapely.has_z(shapes[row]) else ""
        told[row] = f"was not valid ({why[row]}): mended{_slivers_in_words(slivers)}{_change_in_words(was, now)}{tall}."
        if mended[row] is not None and abs(now - was) > max(layer.max_repair * was, layer.sliver_m2):
            blocks.append(row)
    gone = shapely.is_missing(mended[invalid])
    blocking = np.isin(invalid, blocks)
    log.rows("invalid-geometry", Kind.REPAIRED, invalid[~gone & ~blocking], told.__getitem__)
    log.rows("invalid-geometry", Kind.DROPPED, invalid[gone],
             lambda row: f"is not valid ({why[row]}) and nothing is left of it when mended.")
    log.rows("invalid-geometry", Kind.BLOCKING, invalid[blocking], lambda row: (
        f"{told[row]} That is more than max_repair {layer.max_repair:.0%}. Correct the geometry at its source, or "
        "raise `max_repair`."))
    return mended


def _in_metres(reason: str) -> str:
    """`Self-intersection[1.23456 2.34567]` with its place to the centimetre."""
    return re.sub(r"\[([-\d.e+]+) ([-\d.e+]+)\]", lambda at: f" at E {float(at[1]):.2f} N {float(at[2]):.2f}", reason)


def _of_kind(shape: Any, geometry: str) -> list[Any]:
    """The parts of a geometry that have the layer's dimension."""
    single, _ = KINDS[geometry.removeprefix("Multi")]
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    flat = [leaf for part in parts for leaf in shapely.get_parts(part)]
    return [leaf for leaf in flat if shapely.get_type_id(leaf) == single]


def joined(parts: Sequence[Any], geometry: str) -> Any:
    """Parts of one dimension as one geometry: None for none, the part itself for one, else a multi geometry."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else PROMOTE[f"Multi{geometry.removeprefix('Multi')}"](list(parts))


def of_kind(shape: Any, geometry: str) -> Any:
    """The parts of a geometry that have the layer's dimension, as one geometry, or None."""
    return joined(_of_kind(shape, geometry), geometry)


def _without_slivers(parts: list[Any], before: Any, most: float) -> tuple[list[Any], list[float]]:
    """The parts worth keeping, and the areas of those left out.

    The largest always stays, and so does a small part that the source itself has.
    """
    small = [part for part in parts if part.area < most]
    if not small or shapely.get_dimensions(parts[0]) < 2:
        return parts, []
    own = [part for part in shapely.get_parts(before) if part.is_valid and part.area < most]
    largest = max(parts, key=lambda part: float(part.area))
    slivers = [part for part in small
               if part is not largest and not any(part.intersects(other) for other in own)]
    return [part for part in parts if part not in slivers], [float(part.area) for part in slivers]


def _ground(shape: Any) -> float:
    """The area that a possibly invalid geometry means to cover: its shells without their holes, each made valid."""
    covered = []
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) != GeometryType.POLYGON or part.is_empty:
            continue
        shell = _filled(part.exterior)
        holes = [_filled(hole) for hole in part.interiors]
        covered.append(shapely.difference(shell, shapely.union_all(holes)) if holes else shell)
    return float(shapely.area(shapely.union_all(covered))) if covered else 0.0


def _filled(ring: Any) -> Any:
    return shapely.make_valid(shapely.polygons(ring), method="structure", keep_collapsed=False)


def _slivers_in_words(slivers: list[float]) -> str:
    if not slivers:
        return ""
    return f", {len(slivers)} sliver{'s' if len(slivers) > 1 else ''} of {sum(slivers):.2f} m2 left out"


def _change_in_words(was: float, now: float) -> str:
    if not was and not now:
        return ""
    if abs(now - was) < 0.005:
        return f", area still {now:,.2f} m2"
    share = f" ({(now - was) / was:+.1%})" if was and abs(now - was) >= 0.0005 * was else ""
    return f", area changed from {was:,.2f} to {now:,.2f} m2{share}"
