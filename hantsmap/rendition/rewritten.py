"""A rendition written again from itself, with fewer rows or values: the rules stay those under which it was made."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from hantsmap.fields import CodeList
from hantsmap.protect import Protected, emptied
from hantsmap.rendition import occurring, tiling, writing
from hantsmap.rendition.description import Description
from hantsmap.rendition.reading import Rendition
from hantsmap.rendition.render import interval
from hantsmap.store import Store, files
from hantsmap.tiles import Making


def rewritten(store: Store, layer: str, rendition: Rendition, table: pa.Table, kept: Any) -> str:
    """Write a rendition with some of its rows, tiles included; the id of the new one.

    `table` has the id and the fields of all rows (see `plain_table`), `kept` the positions (int) of the rows to keep.
    """
    protected = Protected(rendition.fields, emptied(table.take(pa.array(kept))),
                          None if rendition.geometry_type == "none" else rendition.geometries(kept),
                          rendition.geometry_type)
    description = rendition.description
    with files.saying_why(f"rendering {layer}"), store.making() as making:
        tiled = tiling.features(layer, protected, description.tiles, description.class_field)
        tiles = Making(making, tiled, tiling.known(store, layer)) if tiled else None
        codes = occurring.occurring(protected, description.code_lists)
        made = writing.write(making, protected, lambda grid, lonlat: description.model_copy(update={
            **_with_codes(description, protected, codes),
            "count": len(kept), "extent": grid, "extent_crs84": lonlat,
            "interval": interval(protected.table, description.temporal)}), tiles)
        files.settle(making, store.rendition(layer, made), "rendition.json")
    return made


def plain_table(rendition: Rendition) -> pa.Table:
    """Id and fields of all rows, without the dictionaries that a rendition is written with: they hold every value."""
    columns = {"id": rendition.ids, **{name: rendition.column(name) for name in rendition.fields}}
    plain = {}
    for name, column in columns.items():
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        plain[name] = whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole
    return pa.table(plain)


def _with_codes(description: Description, protected: Protected, codes: dict[str, CodeList]) -> dict[str, Any]:
    """What a description says of codes, without those that only rows that are left out had."""
    named = protected.fields[description.class_field].codes if description.class_field else None
    there = codes[named].values if named else {}
    return {"code_lists": codes, "class_places": {code: place for code, place in description.class_places.items()
                                                  if code in there},
            "symbols": description.symbols.left(protected.fields, description.class_field, there),
            "tiles": description.tiles and description.tiles.left(
                description.tiles.fields or (), description.class_field, there)}
