"""Coordinates: the National Grid as stored, and the three reference systems derived from it, exact by OSTN15.

`convertbng` is the one implementation of OSTN15, on every machine: it reproduces the points that Ordnance Survey
publishes to 0.0 mm. PROJ's NTv2 grid of OSTN15 differs from them by up to 5 cm, and without the grid PROJ errs by up to
1.8 m in Hampshire. ETRS89 and WGS 84 are taken to be the same (docs/decisions/0022). Axis order inside HantsMap is
always x, y (easting, northing; longitude, latitude); the order of the authority is applied at the edge, by `Crs.swaps`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hantsmap.errors import DatumError, QueryError

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

# Ordnance Survey's published test point TP20 of OSTN15, and how far off the transformation may be there (metres).
CHECK_GRID, CHECK_LONLAT, CHECK_TOLERANCE = (422242.186, 433818.701), (-1.66379168242, 53.8002151963), 0.001
# Where a transverse Mercator centred on 2 degrees west still makes sense; a question beyond it is cut to it.
SENSIBLE = shapely.box(-30.0, 35.0, 25.0, 72.0)
MERCATOR_RADIUS = 6378137.0
# OSGB36 by a Helmert shift (EPSG:1314), within about 5 m: for places outside OSTN15, where nothing of ours lies.
HELMERT = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
    "+step +inv +proj=helmert +convention=position_vector +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 "
    "+rz=0.842 +s=-20.489 +step +inv +proj=cart +ellps=airy "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)


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
# OGC 09-048r5: `urn:ogc:def:crs:AUTHORITY:VERSION:CODE`, the version may be empty.
URN = re.compile(r"urn:ogc:def:crs:(epsg|ogc):[\d.]*:(\w+)", re.ASCII)
SAFE = re.compile(r"\[[^\[\]]*\]")


def named(uri: str, parameter: str) -> Crs:
    """The served system with this name, in capitals or small letters.

    A name is a URI, a URN (`urn:ogc:def:crs:EPSG::27700`, with or without a version), a CURIE (`EPSG:27700`) or a safe
    CURIE (`[EPSG:27700]`). Raises QueryError, naming the parameter and the systems to choose from.
    """
    wanted = uri.strip().lower().replace("https://", "http://", 1)
    urn = URN.fullmatch(wanted)
    wanted = f"{urn[1]}:{urn[2]}" if urn else wanted.removeprefix("[").removesuffix("]") if SAFE.fullmatch(wanted) \
        else wanted
    for crs in SERVED:
        if wanted in (crs.uri.lower(), crs.name.lower()) or (crs is CRS84 and wanted == CRS84H.lower()):
            return crs
    choice = ", ".join(crs.uri for crs in SERVED)
    raise QueryError(f"{parameter} `{uri}` is not served here. Choose one of {choice}.", parameter)


@dataclass(frozen=True, slots=True)
class Datum:
    """A way between the National Grid and longitude, latitude, and what it is called. NaN where it is not defined."""

    name: str
    to_lonlat: Callable[[Any, Any], Pair]
    to_grid: Callable[[Any, Any], Pair]


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
    """The transformation, after a check in both directions. Raises DatumError where it is off by over a millimetre."""
    chosen = _by_convertbng()
    lon, lat = chosen.to_lonlat(np.array(CHECK_GRID[:1]), np.array(CHECK_GRID[1:]))
    there = np.hypot((lon[0] - CHECK_LONLAT[0]) * 65_900, (lat[0] - CHECK_LONLAT[1]) * 111_300)
    e, n = chosen.to_grid(np.array(CHECK_LONLAT[:1]), np.array(CHECK_LONLAT[1:]))
    back = np.hypot(e[0] - CHECK_GRID[0], n[0] - CHECK_GRID[1])
    off = max(there, back) if np.isfinite(there) and np.isfinite(back) else np.inf
    if not off <= CHECK_TOLERANCE:
        raise DatumError(
            f"{chosen.name} puts Ordnance Survey's test point TP20 {off:.3f} m from where it is. Reinstall the package "
            "convertbng."
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

    return pyproj.Transformer.from_pipeline(HELMERT)


def _to_grid_anywhere(lon: Floats, lat: Floats) -> Pair:
    """As to_grid; outside OSTN15, where nothing of ours lies, a Helmert shift is near enough."""
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
