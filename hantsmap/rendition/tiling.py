"""What tiles of a rendition carry: its features' ids, the fields declared, and the first zoom of each class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.errors import DamagedError
from hantsmap.layer import FieldType
from hantsmap.protect import Protected
from hantsmap.rendition import texts
from hantsmap.store import Store, files
from hantsmap.symbology import Tiling
from hantsmap.tiles import Features

# A tile holds texts, numbers and truth values: of a list or an object, the JSON is carried as a text.
AS_TEXT = (FieldType.STRINGS, FieldType.INTEGERS, FieldType.OBJECT)


def features(layer: str, protected: Protected, tiling: Tiling | None, class_field: str | None) -> Features | None:
    """What the tiles of a rendition are made of; None where it has none. Features without a geometry are in no tile."""
    if tiling is None or protected.shapes is None:
        return None
    first = np.full(len(protected.table), tiling.zoom)
    if tiling.zooms and class_field in protected.fields:
        codes = pc.cast(protected.table[class_field], pa.string())
        for code, zoom in tiling.zooms.items():
            first[pc.fill_null(pc.equal(codes, code), False).to_numpy()] = zoom
    there = np.array([shape is not None and not shape.is_empty for shape in protected.shapes], bool)
    properties = _properties(protected, tiling.fields or ()).filter(pa.array(there))
    return Features(layer, properties, protected.shapes[there], first[there], tiling.last)


def _properties(protected: Protected, fields: tuple[str, ...]) -> pa.Array:
    """JSON objects (large_string, one a feature) with `id` and the fields that have a value."""
    table = protected.table
    id_type = FieldType.INTEGER if pa.types.is_integer(table["id"].type) else FieldType.STRING
    parts = [pa.scalar('{"id":', texts.TEXT), texts.values(table["id"], id_type)]
    for name in fields:
        kind = protected.fields[name].type
        written = texts.values(table[name], kind)
        if kind in AS_TEXT:
            written = pa.array([None if text is None or text == "null" else orjson.dumps(text).decode()
                                for text in written.to_pylist()], texts.TEXT)
        member = pc.binary_join_element_wise(
            pa.scalar(f",{orjson.dumps(name).decode()}:", texts.TEXT), written, pa.scalar("", texts.TEXT))
        # A tile has no null: what has no value is not there.
        empty = pc.or_(pc.is_null(written), pc.fill_null(pc.equal(written, "null"), False))
        parts.append(pc.if_else(empty, pa.scalar("", texts.TEXT), member))
    joined = pc.binary_join_element_wise(*parts, pa.scalar("}", texts.TEXT), pa.scalar("", texts.TEXT))
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def known(store: Store, layer: str) -> Callable[[str], Path | None]:
    """Finds the folder of a rendition of the layer whose tiles have a key and are, byte for byte, what was written."""

    def find(key: str) -> Path | None:
        folder = store.root / "renditions" / layer
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                record = files.read_record(path / "rendition.json")
                if (record.get("tiles") or {}).get("key") == key:
                    made = {name: facts for name, facts in record["files"].items() if name.startswith("tiles.")}
                    files.check(path, made, thorough=True)
                    return path
            except DamagedError:
                continue
        return None

    return find
