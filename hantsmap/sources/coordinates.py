"""The geometry of a table: from columns x and y, from WKT, or from National Grid references.

A row without usable coordinates keeps its values, has no geometry, and has a note that says why.
"""

from __future__ import annotations

import math
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hantsmap import gridref
from hantsmap.fields import without_commas
from hantsmap.findings import Kind, RowNote
from hantsmap.sources import reference
from hantsmap.sources.case import Case
from hantsmap.sources.frames import located, names, number

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# Degrees between which Great Britain lies: west, east and south, north.
_LON, _LAT = (-9.5, 2.5), (49.0, 61.5)
_LEFT_OUT = ": the row is left out."
# By the row's number in the source.
Notes = dict[int, RowNote]


def placed(case: Case, frame: pd.DataFrame) -> tuple[gpd.GeoDataFrame, Notes]:
    """The rows of a table with their geometry, and what was met. Raises SourceError."""
    way = case.source.geometry
    if way is None:
        raise case.fault("is a table. Say with `source.geometry` which columns hold the coordinates.")
    if way.grid_reference:
        return _by_reference(case, frame, case.column(names(frame), way.grid_reference, "grid_reference"))
    crs = reference.declared(case) or reference.GRID
    crs = reference.GRID if reference.is_grid(crs) else crs
    notes: Notes = {}
    if way.wkt:
        geometry = _by_wkt(case, frame, case.column(names(frame), way.wkt, "wkt"), notes)
    else:
        x, y = (case.column(names(frame), name, "source.geometry") for name in (way.x or "", way.y or ""))
        geometry = _by_numbers(case, frame, (x, y), crs, notes)
    reference.plausible(case, geometry, crs)
    return located(frame, geometry, crs), notes


def _number(text: Any, *, metres: bool) -> float:
    """The number that a text says, or NaN; "inf", "nan" and 1_000 are not numbers here.

    Metres may have thousands commas, as in number fields; in degrees a comma could be a decimal one.
    """
    stripped = text.strip() if isinstance(text, str) else ""
    stripped = without_commas(stripped) if metres else stripped
    return float(stripped) if _NUMBER.fullmatch(stripped) else math.nan


def _by_numbers(case: Case, frame: pd.DataFrame, columns: tuple[str, str], crs: Any, notes: Notes) -> Any:
    (x, y), grid, metres = columns, crs == reference.GRID, not crs.is_geographic
    xs = np.array([_number(value, metres=metres) for value in frame[x]], dtype=np.float64)
    ys = np.array([_number(value, metres=metres) for value in frame[y]], dtype=np.float64)
    # E 0 N 0 is in the Atlantic: it is what a program writes that has no coordinates.
    blank = ~(np.isfinite(xs) & np.isfinite(ys)) | ((xs == 0) & (ys == 0) & grid)
    if grid:
        _degrees_to_grid(case, frame, xs, ys, blank, notes)
    for at in np.flatnonzero(blank):
        row = frame.iloc[at]
        sentence = f"has no usable coordinates: `{x}` is `{row[x] or ''}` and `{y}` is `{row[y] or ''}`{_LEFT_OUT}"
        notes[number(frame, at)] = RowNote("blank-coordinates", Kind.DROPPED, sentence, case.ours(x))
    points = np.full(len(frame), None, dtype=object)
    points[~blank] = shapely.points(xs[~blank], ys[~blank])
    return points


def _degrees_to_grid(case: Case, frame: pd.DataFrame, xs: Any, ys: Any, blank: Any, notes: Notes) -> None:
    """Rows whose numbers can only be degrees are converted in place; those that are not in Britain become blank."""
    small = ~blank & (np.abs(xs) <= 180) & (np.abs(ys) <= 90)
    if not small.any():
        return
    from hantsmap.crs import to_grid

    for at in np.flatnonzero(small):
        lon, lat = xs[at], ys[at]
        swapped = _within(lat, _LON) and _within(lon, _LAT)
        if swapped:  # As copied from a web map, which says latitude first.
            lon, lat = lat, lon
        e, n = to_grid(np.array([lon]), np.array([lat]))
        if not (_within(lon, _LON) and _within(lat, _LAT) and np.isfinite(e[0]) and np.isfinite(n[0])):
            blank[at] = True
            continue
        order = "latitude and longitude" if swapped else "longitude and latitude"
        sentence = f"had {order} ({xs[at]:g}, {ys[at]:g}) for grid metres: moved to E {e[0]:.2f} N {n[0]:.2f}."
        notes[number(frame, at)] = RowNote("coordinates-in-degrees", Kind.REPAIRED, sentence)
        xs[at], ys[at] = e[0], n[0]


def _within(value: float, ends: tuple[float, float]) -> bool:
    return ends[0] <= value <= ends[1]


def _by_wkt(case: Case, frame: pd.DataFrame, column: str, notes: Notes) -> Any:
    written = np.array([text.strip() if isinstance(text, str) else "" for text in frame[column]], dtype=object)
    filled = written != ""
    geometry = np.full(len(frame), None, dtype=object)
    geometry[filled] = shapely.from_wkt(written[filled], on_invalid="ignore")
    for at in np.flatnonzero(shapely.is_missing(geometry)):
        bad = f"has no WKT in `{column}` but `{written[at][:40]}`{_LEFT_OUT}"
        notes[number(frame, at)] = (
            RowNote("bad-wkt", Kind.DROPPED, bad, case.ours(column)) if filled[at] else _blank(case, column))
    return geometry


def _blank(case: Case, column: str) -> RowNote:
    sentence = f"has no usable coordinates: `{column}` is blank{_LEFT_OUT}"
    return RowNote("blank-coordinates", Kind.DROPPED, sentence, case.ours(column))


def _by_reference(case: Case, frame: pd.DataFrame, column: str) -> tuple[gpd.GeoDataFrame, Notes]:
    kind = case.layer.geometry
    if kind not in ("Point", "MultiPoint", "Polygon", "MultiPolygon"):
        raise case.fault(f"has grid references, which name squares; a {kind} layer cannot be made of them.")
    declared = reference.declared(case)
    if declared is not None and not reference.is_grid(declared):
        raise case.fault("has grid references, which are EPSG:27700. Take `crs` out of the registry.")
    notes: Notes = {}
    geometry = np.full(len(frame), None, dtype=object)
    for at, text in enumerate(frame[column]):
        if not text or not text.strip():
            notes[number(frame, at)] = _blank(case, column)
            continue
        try:
            square = gridref.parse(text)
        except ValueError as error:
            sentence = f"has no usable grid reference{_LEFT_OUT} {error}"
            notes[number(frame, at)] = RowNote("bad-grid-reference", Kind.DROPPED, sentence, case.ours(column))
            continue
        geometry[at] = shapely.Point(*square.centre) if "Point" in kind else shapely.box(*square.bounds)
    return located(frame, geometry, reference.GRID), notes
