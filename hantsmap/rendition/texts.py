"""Features as GeoJSON texts, written a column at a time: once, when a layer is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from hantsmap import crs
from hantsmap.curate.shapes import Shapes
from hantsmap.layer import Field, FieldType

TEXT = pa.large_string()


def features(table: pa.Table, fields: Mapping[str, Field], shapes: Shapes | None, system: crs.Crs) -> pa.Array:
    """GeoJSON Feature texts (large_string, one a row), each followed by a comma.

    `table` has `id` and the fields; `shapes` are in EPSG:27700 and are written in `system`, in its axis order.
    """
    id_type = FieldType.INTEGER if pa.types.is_integer(table["id"].type) else FieldType.STRING
    parts: list[Any] = ['{"type":"Feature","id":', values(table["id"], id_type), ',"geometry":',
                        _geometries(shapes, system, len(table)), ',"properties":{']
    for number, (name, field) in enumerate(fields.items()):
        comma = "," if number else ""
        parts += [f"{comma}{orjson.dumps(name).decode()}:", values(table[name], field.type)]
    parts.append("}},")
    columns = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts]
    joined = pc.binary_join_element_wise(*columns, pa.scalar("", TEXT))
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _geometries(shapes: Shapes | None, system: crs.Crs, rows: int) -> pa.Array:
    if shapes is None:
        return pa.array(["null"] * rows, TEXT)
    return pa.array(shapely.to_geojson(crs.served(shapes, system)), TEXT)


def values(column: Any, kind: FieldType) -> pa.Array:
    """A column as JSON texts (large_string, one a row); null is `null`."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    match kind:
        case FieldType.INTEGER | FieldType.BOOLEAN:
            text = pc.cast(array, TEXT)
        case FieldType.NUMBER:
            # A whole number keeps its point, so that a reader who guesses types guesses a real.
            text = pc.cast(array, TEXT)
            whole = pc.fill_null(pc.match_substring_regex(text, "^-?[0-9]+$"), False)
            pointed = pc.binary_join_element_wise(text, pa.scalar(".0", TEXT), pa.scalar("", TEXT))
            text = pc.if_else(whole, pointed, text)
        case FieldType.DATE:
            text = _quoted(pc.cast(array, TEXT))
        case FieldType.DATETIME:
            seconds = pc.floor_temporal(array, unit="second").cast(pa.timestamp("s", tz="UTC"))
            text = _quoted(pc.cast(pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%SZ"), TEXT))
        case FieldType.STRINGS | FieldType.INTEGERS:
            text = pa.array([orjson.dumps(value).decode() for value in array.to_pylist()], TEXT)
        case FieldType.OBJECT:
            text = pc.cast(array, TEXT)
        case FieldType.STRING:
            encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
            words = [None if word is None else orjson.dumps(word).decode() for word in encoded.dictionary.to_pylist()]
            text = pc.take(pa.array(words, TEXT), encoded.indices)
    return pc.fill_null(text, "null")


def _quoted(text: pa.Array) -> pa.Array:
    quote = pa.scalar('"', TEXT)
    return pc.binary_join_element_wise(quote, text, quote, pa.scalar("", TEXT))
