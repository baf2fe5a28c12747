"""Coordinates: the National Grid as stored, and the three reference systems derived from it, exact by OSTN15.

Without the OSTN15 grid PROJ errs by 0.8 to 1.8 m in Hampshire and says nothing. So PROJ is used only where it has the
grid (`accuracy=1.0` fails when it has not), and otherwise `convertbng`, which carries OSTN15. Both are checked once
against a known point. Axis order inside HantsMap is always x, y (easting, northing; longitude, latitude); the order of
the authority is applied at the edge, by `Crs.swaps`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from glob import glob
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hantsmap.errors import DatumError, QueryError

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

# Ordnance Survey, OSTN15: the point every transformation is tried on, and how far off it may be (metres).
CHECK_GRID, CHECK_LONLAT, CHECK_TOLERANCE = (442000.0, 112000.0), (-1.4040345, 50.9059418), 0.05
# Where a transverse Mercator centred on 2 degrees west still makes sense; a question beyond it is cut to it.
SENSIBLE = shapely.box(-30.0, 35.0, 25.0, 72.0)
MERCATOR_RADIUS = 6378137.0
GRID_FILE = "uk_os_OSTN15*.tif"


@dataclass(frozen=True, slots=True)
class Crs:
    """A reference system that HantsMap serves: its OGC URI, EPSG code, axis order and written precision."""

    uri: str
    name: str
    swaps: bool
    decimals: int
    degrees: bool

    @property
    def urn(self) -> str:
        """URN for the `crs` member of projected GeoJSON (GeoJSON 2008, section 3)."""
        authority, _, code = self.name.partition(":")
        return f"urn:ogc:def:crs:{authority}::{code}"


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84", swaps=False, decimals=7, degrees=True)
EPSG4326 = Crs("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326", swaps=True, decimals=7, degrees=True)
EPSG27700 = Crs("http://www.opengis.net/def/crs/EPSG/0/27700", "EPSG:27700", swaps=False, decimals=2, degrees=False)
EPSG3857 = Crs("http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857", swaps=False, decimals=2, degrees=False)
SERVED = (CRS84, EPSG27700, EPSG4326, EPSG3857)
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"


def named(uri: str, parameter: str) -> Crs:
    """The served system with this URI (or safe CURIE, `[EPSG:27700]`).

    Raises QueryError, naming the parameter and the systems to choose from.
    """
    wanted = uri.strip().replace("https://", "http://", 1)
    for crs in SERVED:
        if wanted in (crs.uri, f"[{crs.name}]", crs.name) or (crs is CRS84 and wanted == CRS84H):
            return crs
    choice = ", ".join(crs.uri for crs in SERVED)
    raise QueryError(f"{parameter} `{uri}` is not served here. Choose one of {choice}.", parameter)


@dataclass(frozen=True, slots=True)
class Datum:
    """A way between the National Grid and longitude, latitude, and what it is called. NaN where it is not defined."""

    name: str
    to_lonlat: Callable[[Any, Any], Pair]
    to_grid: Callable[[Any, Any], Pair]


def _by_proj() -> Datum | None:
    import pyproj
    from pyproj.exceptions import ProjError

    folder = os.environ.get("HANTSMAP_GRID_DIR")
    if folder:
        pyproj.datadir.append_data_dir(folder)
    # PROJ takes most of a second to find out by itself that it has no grid.
    mine = pyproj.datadir.get_user_data_dir()  # type: ignore[attr-defined]  # it is documented as public
    places = [*pyproj.datadir.get_data_dir().split(os.pathsep), str(mine)]
    if not any(glob(os.path.join(place, GRID_FILE)) for place in places):  # noqa: PTH118, PTH207
        return None
    pyproj.network.set_network_enabled(False)  # type: ignore[attr-defined]  # it is documented as public
    try:
        out = pyproj.Transformer.from_crs(27700, "OGC:CRS84", always_xy=True, accuracy=1.0)
        back = pyproj.Transformer.from_crs("OGC:CRS84", 27700, always_xy=True, accuracy=1.0)
    except ProjError:
        return None

    def run(transformer: pyproj.Transformer, x: Any, y: Any) -> Pair:
        ends = transformer.transform(np.asarray(x, np.float64), np.asarray(y, np.float64))
        return _finite(*ends)

    return Datum("OSTN15 (PROJ)", lambda e, n: run(out, e, n), lambda x, y: run(back, x, y))


def _by_convertbng() -> Datum:
    from convertbng import cutil

    return Datum(
        "OSTN15 (convertbng)",
        lambda e, n: _finite(*cutil.convert_lonlat(np.asarray(e, np.float64), np.asarray(n, np.float64))),
        lambda x, y: _finite(*cutil.convert_bng(np.asarray(x, np.float64), np.asarray(y, np.float64))),
    )


def _finite(x: Any, y: Any) -> Pair:
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    broken = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(broken, np.nan, x), np.where(broken, np.nan, y)


@cache
def datum() -> Datum:
    """The exact transformation of this machine, tried on a known point. Raises DatumError when it is off."""
    chosen = _by_proj() or _by_convertbng()
    lon, lat = chosen.to_lonlat(np.array([CHECK_GRID[0]]), np.array([CHECK_GRID[1]]))
    off = np.hypot((lon[0] - CHECK_LONLAT[0]) * 70_200, (lat[0] - CHECK_LONLAT[1]) * 111_250)
    if not off <= CHECK_TOLERANCE:
        raise DatumError(
            f"{chosen.name} puts E 442000 N 112000 {off:.2f} m from where it is. Reinstall the packages, "
            "or point HANTSMAP_GRID_DIR at the OSTN15 grid."
        )
    return chosen


def to_lonlat(easting: Any, northing: Any) -> Pair:
    """Eastings and northings (metres, arrays of one shape) to longitudes and latitudes (degrees). NaN off the grid."""
    return datum().to_lonlat(easting, northing)


def to_grid(lon: Any, lat: Any) -> Pair:
    """Longitudes and latitudes (degrees, arrays of one shape) to eastings and northings (metres). NaN off the grid."""
    return datum().to_grid(lon, lat)


@cache
def _roughly() -> Any:
    import pyproj

    return pyproj.Transformer.from_crs("OGC:CRS84", 27700, always_xy=True)


def _to_grid_anywhere(lon: Floats, lat: Floats) -> Pair:
    """As to_grid; off the OSTN15 grid, where nothing of ours lies, a Helmert shift is near enough."""
    e, n = to_grid(lon, lat)
    beyond = np.isnan(e)
    if beyond.any():
        e[beyond], n[beyond] = _roughly().transform(lon[beyond], lat[beyond])
    return e, n


def mercator(lon: Floats, lat: Floats) -> Pair:
    """Longitudes and latitudes (degrees) to x and y of Web Mercator (metres)."""
    return np.radians(lon) * MERCATOR_RADIUS, np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) * MERCATOR_RADIUS


def _unmercator(x: Floats, y: Floats) -> Pair:
    return np.degrees(x / MERCATOR_RADIUS), np.degrees(2 * np.arctan(np.exp(y / MERCATOR_RADIUS)) - np.pi / 2)


def from_grid_xy(x: Floats, y: Floats, crs: Crs) -> Pair:
    """Grid coordinates in `crs`, in x, y order (longitude first), not rounded."""
    if crs is EPSG27700:
        return x, y
    lon, lat = to_lonlat(x, y)
    return mercator(lon, lat) if crs is EPSG3857 else (lon, lat)


def served(geometries: Any, crs: Crs) -> Any:
    """Grid geometries (array of shapely, 2-D) as served in `crs`: its axis order, rounded to its precision."""

    def move(xy: Floats) -> Floats:
        x, y = from_grid_xy(xy[:, 0], xy[:, 1], crs)
        ends = np.column_stack((y, x) if crs.swaps else (x, y))
        return np.asarray(np.round(ends, crs.decimals), np.float64)

    return shapely.transform(geometries, move)


def question(geometry: Any, crs: Crs) -> Any:
    """A geometry that somebody asks about, written in `crs` with its axis order, as a geometry in the National Grid.

    Its edges are straight in `crs`, so they are cut into short pieces before they are moved: two corners would do for
    a square field and lose features along the edge of a county.
    """
    if crs is EPSG27700:
        return shapely.force_2d(geometry)
    flat = shapely.transform(geometry, lambda xy: xy[:, ::-1] if crs.swaps else xy)
    if crs is EPSG3857:
        flat = shapely.transform(flat, lambda xy: np.column_stack(_unmercator(xy[:, 0], xy[:, 1])))
    cut = flat if SENSIBLE.contains(flat) else shapely.intersection(flat, SENSIBLE)
    left, bottom, right, top = shapely.bounds(cut)
    if not np.isfinite(left):
        return cut
    # A parallel bends away from its chord by about 10 cm over 2 km: pieces of 0.01 degree stay within 2 cm of it.
    piece = max((right - left) / 500, (top - bottom) / 500, 0.01)
    return shapely.transform(
        shapely.segmentize(cut, piece), lambda xy: np.column_stack(_to_grid_anywhere(xy[:, 0], xy[:, 1]))
    )
