"""Coordinates of any reference system to and from the National Grid, the same on every machine.

There is one way between longitude, latitude and the National Grid: OSTN15, by `hantsmap.crs`. pyproj only undoes map
projections and moves between other datums and ETRS89, and it never uses grid files for that: a grid that one machine
has and another lacks would give two results for one source. ETRS89 and WGS 84 are taken to be the same
(docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hantsmap import crs
from hantsmap.errors import DatumError

if TYPE_CHECKING:
    import pyproj

Move = Callable[[crs.Floats], crs.Floats]

ETRS89, OSGB36, NATIONAL_GRID = 4258, 4277, 27700
# Datums that are ETRS89, or WGS 84, which this project takes to be ETRS89.
_LIKE_ETRS89 = ("World Geodetic System 1984", "European Terrestrial Reference ", "IRENET95")
# Helmert parameters that OSGB36 definitions carry (PROJ strings, .prj files with TOWGS84) begin with this shift.
_OSGB36_SHIFT = 446.448
# Where Great Britain lies, in degrees: west, south, east, north. Choices between datum shifts are made for it.
_GREAT_BRITAIN = (-9.0, 49.75, 2.01, 61.01)


@dataclass(frozen=True, slots=True)
class Reprojection:
    """A way from a reference system to the National Grid and back.

    `to_grid` and `from_grid` take and return (n, 2) arrays, x before y; NaN where OSTN15 does not reach. `accuracy` is
    in metres and adds to that of OSTN15: 0 where only a map projection is undone, None where it is not known.
    """

    name: str
    to_grid: Move
    from_grid: Move
    accuracy: float | None


def reprojection(system: pyproj.CRS) -> Reprojection:
    """The way between a horizontal reference system and the National Grid.

    Raises DatumError where the system's datum can only be reached with a grid file, or not at all.
    """
    import pyproj

    flat = system.to_2d()
    own = flat.source_crs if flat.is_bound and flat.source_crs is not None else flat
    if flat.to_epsg() == NATIONAL_GRID:
        return Reprojection(flat.name, lambda xy: xy, lambda xy: xy, 0.0)
    if _is_osgb36(flat):
        first = pyproj.Transformer.from_crs(own, own.geodetic_crs, always_xy=True)
        then = pyproj.Transformer.from_crs(OSGB36, NATIONAL_GRID, always_xy=True)
        return Reprojection(own.name, lambda xy: _run(then, _run(first, xy)),
                            lambda xy: _run(first, _run(then, xy, back=True), back=True), 0.0)
    if own.geodetic_crs is not None and _datum(own).startswith(_LIKE_ETRS89):
        return _through_ostn15(flat.name, pyproj.Transformer.from_crs(own, own.geodetic_crs, always_xy=True), 0.0)
    best = _without_grids(flat)
    return _through_ostn15(flat.name, best, best.accuracy if best.accuracy >= 0 else None)


def _through_ostn15(name: str, lonlat: pyproj.Transformer, accuracy: float | None) -> Reprojection:
    def to_grid(xy: crs.Floats) -> crs.Floats:
        degrees = _run(lonlat, xy)
        return np.column_stack(crs.to_grid(degrees[:, 0], degrees[:, 1]))

    def from_grid(xy: crs.Floats) -> crs.Floats:
        return _run(lonlat, np.column_stack(crs.to_lonlat(xy[:, 0], xy[:, 1])), back=True)

    return Reprojection(name, to_grid, from_grid, accuracy)


def _run(transformer: pyproj.Transformer, xy: crs.Floats, *, back: bool = False) -> crs.Floats:
    x, y = transformer.transform(xy[:, 0], xy[:, 1], direction="INVERSE" if back else "FORWARD")
    return np.column_stack((x, y))


def _datum(system: pyproj.CRS) -> str:
    geodetic = system.geodetic_crs
    return geodetic.datum.name if geodetic is not None and geodetic.datum is not None else ""


def _is_osgb36(system: pyproj.CRS) -> bool:
    """True for systems on the National Grid's own datum, by its name or by the shift that a definition carries."""
    own = system.source_crs if system.is_bound and system.source_crs is not None else system
    if own.geodetic_crs is not None and own.geodetic_crs.to_epsg(min_confidence=60) == OSGB36:
        return True
    shift = list(system.coordinate_operation.towgs84) if system.coordinate_operation is not None else []
    return system.is_bound and shift[:1] == [_OSGB36_SHIFT]


def _without_grids(system: pyproj.CRS) -> pyproj.Transformer:
    """The best transformation to ETRS89 in Great Britain that needs no grid file."""
    import warnings

    from pyproj.aoi import AreaOfInterest
    from pyproj.transformer import TransformerGroup

    # pyproj's types name another class than the one that its documentation tells callers to use.
    area: Any = AreaOfInterest(*_GREAT_BRITAIN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # That a better way needs a grid is the reason for this function.
        group = TransformerGroup(system, ETRS89, always_xy=True, allow_ballpark=False,
                                 area_of_interest=area)
    for transformer in group.transformers:
        if not any(operation.grids for operation in transformer.operations or ()):
            return transformer
    raise DatumError(
        f"{system.name} cannot be transformed to the National Grid here: its datum needs a grid file, and those differ "
        "between machines. Transform the source first, to EPSG:27700, EPSG:4258 or EPSG:4326."
    )
