"""The formats of downloads: what each is called, and what it can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hantsmap import crs
from hantsmap.crs import Crs
from hantsmap.rendition import Description

GRID, DEGREES = crs.EPSG27700, crs.CRS84


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is the end of a file's name. The first of `systems` is the one of a file that nobody asked otherwise for.

    `media_type` is what an answer says it is. `tables` says whether it can hold a layer without geometry.
    """

    name: str
    title: str
    media_type: str
    systems: tuple[Crs, ...] = (GRID, DEGREES)
    tables: bool = True


FORMATS: Mapping[str, Format] = {format_.name: format_ for format_ in (
    Format("gpkg", "GeoPackage, with style and metadata inside", "application/geopackage+sqlite3"),
    Format("parquet", "GeoParquet", "application/vnd.apache.parquet"),
    Format("fgb", "FlatGeobuf", "application/vnd.flatgeobuf", tables=False),
    # RFC 7946 knows longitude and latitude only: metres are for those who ask for them.
    Format("geojson", "GeoJSON", "application/geo+json", (DEGREES, GRID)),
    Format("csv", "CSV, geometry as WKT", "text/csv; charset=utf-8"),
    Format("shp.zip", "Shapefile, zipped, with the list of its short names", "application/zip", tables=False),
    Format("dxf.zip", "DXF drawing, zipped, with attributes as CSV", "application/zip", (GRID,), tables=False),
)}


def offered(description: Description) -> tuple[Format, ...]:
    """The formats that a rendition can be downloaded in; none where its grant gives no downloads."""
    if not description.downloads:
        return ()
    return tuple(format_ for format_ in FORMATS.values() if format_.tables or description.geometry != "none")
