"""GeoParquet and FlatGeobuf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq

from hantsmap import crs
from hantsmap.downloads.batches import Rows
from hantsmap.downloads.gdal import write_gdal

ROW_GROUP = 60_000


def write_parquet(path: Path, rows: Rows) -> None:
    """GeoParquet 1.1 (WKB, x before y); a plain Parquet table where there is no geometry. Lists are lists."""
    schema = rows.schema(lists=True)
    described = {field.encode(): spec.title.encode() for field, spec in rows.fields.items()}
    told: dict[bytes, bytes] = {b"title": rows.rendition.description.title.encode(),
                                b"attribution": rows.rendition.description.attribution.encode()}
    if rows.placed:
        told[b"geo"] = orjson.dumps(_geo(rows))
    for number, name in enumerate(schema.names):
        title = described.get(name.encode())
        field = schema.field(number)
        schema = schema.set(number, field.with_metadata({b"title": title} if title else None))
    with pq.ParquetWriter(path, schema.with_metadata(told), compression="zstd") as writer:
        held: list[Any] = []
        for batch in rows.batches(schema):
            held.append(batch)
            if sum(len(each) for each in held) >= ROW_GROUP:
                _group(writer, held)
                held = []
        _group(writer, held)


def _group(writer: Any, held: list[Any]) -> None:
    import pyarrow as pa

    if held:
        writer.write_table(pa.Table.from_batches(held))


def _geo(rows: Rows) -> dict[str, Any]:
    import pyproj

    geometry = rows.rendition.geometry_type
    column: dict[str, Any] = {
        "encoding": "WKB", "geometry_types": [] if geometry == "Geometry" else [geometry],
        "crs": pyproj.CRS.from_user_input("OGC:CRS84" if rows.system is crs.CRS84 else 27700).to_json_dict()}
    if rows.extent:
        column["bbox"] = list(rows.extent)
    return {"version": "1.1.0", "primary_column": rows.geometry, "columns": {rows.geometry: column}}


def write_fgb(path: Path, rows: Rows) -> None:
    """FlatGeobuf with its spatial index; lists are JSON texts."""
    description = rows.rendition.description
    write_gdal(path, rows, rows.schema(lists=False), "FlatGeobuf",
               {"SPATIAL_INDEX": "YES", "TITLE": description.title, "DESCRIPTION": description.description},
               temporary=path.parent)
