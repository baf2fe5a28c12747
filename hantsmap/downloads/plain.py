"""GeoJSON and CSV: texts, copied from the rendition where they lie written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from hantsmap import crs
from hantsmap.downloads.batches import Rows
from hantsmap.query import Query, csv_rows, texts


def write_geojson(path: Path, rows: Rows) -> None:
    """A FeatureCollection (RFC 7946); in metres, with the `crs` member that RFC 7946 dropped and readers need."""
    description = rows.rendition.description
    head: dict[str, Any] = {
        "type": "FeatureCollection", "name": description.layer, "attribution": description.attribution}
    if rows.system is crs.EPSG27700:
        head["crs"] = {"type": "name", "properties": {"name": rows.system.urn}}
    query = Query(crs=rows.system)
    with path.open("wb") as file:
        file.write(orjson.dumps(head)[:-1] + b',"features":[\n')
        for number, piece in enumerate(rows.pieces()):
            if number:
                file.write(b",\n")
            for text in texts(rows.rendition, query, piece):
                file.write(text)
        file.write(b"\n]}\n")


def write_csv(path: Path, rows: Rows) -> None:
    """A table in UTF-8 with a byte-order mark, by which spreadsheets know it.

    The geometry is in `WKT`, or in `_WKT` where a field is called `wkt`: GDAL and QGIS look for it in either.
    """
    query = Query(crs=rows.system)
    geometry = "_WKT" if "wkt" in rows.fields else "WKT"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        if not len(rows):
            file.writelines(csv_rows(rows.rendition, query, rows.positions, geometry=geometry))
        for number, piece in enumerate(rows.pieces()):
            file.writelines(csv_rows(rows.rendition, query, piece, geometry=geometry, heading=not number))
