"""Which reference system coordinates are in: what the file says, what the registry says, and what the numbers allow."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from hantsmap.findings import Finding, Kind
from hantsmap.sources.case import Case

GRID = pyproj.CRS.from_epsg(27700)


def declared(case: Case) -> pyproj.CRS | None:
    """The registry's `crs`, or None. Raises SourceError when it names nothing."""
    if case.source.crs is None:
        return None
    try:
        return pyproj.CRS.from_user_input(case.source.crs)
    except CRSError as error:
        raise case.fault(f"`crs: {case.source.crs}` names no reference system. Write one like EPSG:27700.") from error


def settled(case: Case, stated: object, *, assumed: bool = False) -> tuple[pyproj.CRS, list[Finding]]:
    """The system to use: the registry's if it has one, else the file's.

    `assumed` says that the file's system is the format's default (GeoJSON) and nobody wrote it. Raises SourceError when
    neither says anything.
    """
    wanted = declared(case)
    found = pyproj.CRS.from_user_input(stated) if stated is not None else None
    chosen = wanted if wanted is not None else found
    if chosen is None:
        raise case.fault("does not say what its coordinates are. Set `crs`, most likely to EPSG:27700.")
    findings = []
    if wanted is not None and found is not None and not assumed and not _same(wanted, found):
        sentence = (
            f"{case.place} says that it is in {found.name}; the registry's `crs`, {wanted.name}, is used instead."
        )
        findings.append(case.finding("crs-differs", Kind.DOUBTFUL, sentence))
    # An ESRI .prj names the National Grid in its own words; one name for it spares every later step the question.
    return (GRID if is_grid(chosen) else chosen), findings


def is_grid(crs: pyproj.CRS) -> bool:
    """True for the National Grid, by whatever description, in two dimensions."""
    return len(crs.axis_info) < 3 and (crs.equals(GRID) or crs.to_epsg(min_confidence=60) == 27700)


def _same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    # CRS84 and EPSG:4326 differ in axis order alone, and in a frame x comes first whichever it is.
    return one.equals(other, ignore_axis_order=True) or one.to_epsg(60) == other.to_epsg(60) is not None or (
        one.is_geographic and other.is_geographic and _datum(one) == _datum(other)
    )  # fmt: skip


def _datum(crs: pyproj.CRS) -> str:
    return (crs.datum.name if crs.datum else crs.name).replace(" ensemble", "")


def plausible(case: Case, geometries: object, crs: pyproj.CRS) -> None:
    """Raises SourceError where every coordinate contradicts the system: metres called degrees, or the reverse."""
    bounds = shapely.bounds(np.asarray(geometries, dtype=object))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return
    degrees = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    if crs.is_geographic and not degrees.any():
        raise case.fault(f"is said to be in degrees ({crs.name}) but none of it is. Set `crs`, perhaps to EPSG:27700.")
    if crs == GRID and degrees.all():
        raise case.fault(
            "is said to be in National Grid metres but all of it looks like degrees. Set `crs: OGC:CRS84`."
        )
