"""Which columns and rows are ours: aliases give columns our names, `where` keeps rows by value, `clip` by place."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from hantsmap.sources.case import Case, listed
from hantsmap.sources.frames import as_text, names, texts
from hantsmap.sources.reference import is_grid

Extent = tuple[float, float, float, float]
_PIECE_M = 1000.0


def renamed(case: Case, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns under our names. A column that already has a name which an alias gives to another gives way.

    Raises SourceError where the publisher's column is not there.
    """
    aliases = case.source.aliases
    lost = [name for name in aliases if name not in frame.columns]
    if lost:
        raise case.fault(
            f"has no column {listed(lost)}, which `aliases` names. Its columns are {listed(names(frame))}."
        )
    surplus = [name for name in frame.columns if name in set(aliases.values()) and name not in aliases]
    return frame.drop(columns=surplus).rename(columns=dict(aliases))


def wanted(case: Case, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows whose values are among those of `where`, compared as text. Raises SourceError for a missing column."""
    for name, values in case.source.where.items():
        column = case.column(names(frame), name, "where")
        said = texts(frame[column])
        # A file may write yes as True, TRUE or true; a registry writes it as YAML's true.
        keep = said.isin([as_text(value) for value in values])
        flags = [as_text(value) for value in values if isinstance(value, bool)]
        if flags:
            keep |= said.map(lambda text: text.lower() if text else "").isin(flags)
        frame = frame[keep]
    return frame


def inside(frame: gpd.GeoDataFrame, extent: Extent) -> gpd.GeoDataFrame:
    """The rows whose geometry meets the extent (EPSG:27700 metres), and those that have none.

    Raises DatumError when the extent has to be transformed and cannot be, exactly.
    """
    geometries = np.asarray(frame.geometry.array, dtype=object)
    area = extent_in(frame.crs, extent)
    shapely.prepare(area)
    keep = shapely.is_missing(geometries)
    try:
        keep |= shapely.intersects(area, geometries)
    except shapely.errors.GEOSException:  # A broken geometry: its box decides here, and curation mends it.
        keep |= shapely.intersects(area, shapely.box(*shapely.bounds(geometries).T))
    return frame[keep]


def extent_in(crs: pyproj.CRS, extent: Extent) -> Any:
    """The extent as a polygon in another system, x before y, its edges cut into pieces of 1 km so that they bend."""
    flat = pyproj.CRS(crs.sub_crs_list[0]) if crs.is_compound else crs
    area = shapely.box(*extent)
    if is_grid(flat):
        return area
    from hantsmap.crs import HELMERT, datum
    from hantsmap.reprojection import reprojection

    datum()
    area = shapely.segmentize(area, _PIECE_M)
    way = reprojection(flat)
    exact = shapely.transform(area, way.from_grid)
    if np.isfinite(shapely.get_coordinates(exact)).all():
        return exact
    # An extent that reaches beyond OSTN15, into the open sea: a few metres do not matter there.
    roughly = pyproj.Transformer.from_pipeline(HELMERT)
    degrees = shapely.transform(area, lambda xy: np.column_stack(
        roughly.transform(xy[:, 0], xy[:, 1], direction="INVERSE")))
    onwards = pyproj.Transformer.from_crs("OGC:CRS84", flat, always_xy=True)
    return shapely.transform(degrees, lambda xy: np.column_stack(onwards.transform(xy[:, 0], xy[:, 1])))
