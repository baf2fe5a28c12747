"""An edition or a rendition without one record: a new one, named by its content, made from the old one alone.

Neither the registry nor the source is read, so that an erasure never publishes anything else: the rules stay those
under which the rendition was made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hantsmap.editions import keep_table
from hantsmap.fields import CodeList
from hantsmap.protect import Protected, emptied
from hantsmap.rendition import Description, Rendition, occurring, tiling, writing
from hantsmap.rendition.render import interval
from hantsmap.store import Store, files
from hantsmap.tiles import Making


def positions_of(ids: Any, record_id: str) -> Any:
    """Positions (int64) of the rows whose id, as text, is `record_id`: one row, or none."""
    texts = pc.cast(ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids, pa.string())
    return np.flatnonzero(pc.fill_null(pc.equal(texts, record_id), False).to_numpy(zero_copy_only=False))


def edition_without(store: Store, layer: str, edition: str, record_id: str,
                    mentions: Callable[[dict[str, Any]], bool]) -> str:
    """Keep the edition without the record and without the findings that `mentions` recognises; the id of the new one.

    Raises DamagedError when the edition is not what was written.
    """
    folder = store.edition(layer, edition)
    record = files.whole(folder, "edition.json")
    table = pq.read_table(folder / "curated.parquet")
    kept = np.setdiff1d(np.arange(len(table)), positions_of(table["id"], record_id))
    findings = [each for each in record["findings"] if not mentions(each)]
    # A table read back has the types of Parquet; written again it is the same file, less the row.
    return keep_table(store, layer, table.take(pa.array(kept)), {**record, "rows": len(kept), "findings": findings})


def rendition_without(store: Store, layer: str, rendition: Rendition, record_id: str) -> str:
    """Write the rendition without the record, tiles included; the id of the new one."""
    kept = np.setdiff1d(np.arange(rendition.count), positions_of(rendition.ids, record_id))
    protected = Protected(rendition.fields, _columns(rendition, kept),
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


def _with_codes(description: Description, protected: Protected, codes: dict[str, CodeList]) -> dict[str, Any]:
    """What a description says of codes, without those that only the erased record had."""
    named = protected.fields[description.class_field].codes if description.class_field else None
    there = codes[named].values if named else {}
    return {"code_lists": codes, "class_places": {code: place for code, place in description.class_places.items()
                                                  if code in there},
            "symbols": description.symbols.left(protected.fields, description.class_field, there),
            "tiles": description.tiles and description.tiles.left(
                description.tiles.fields or (), description.class_field, there)}


def _columns(rendition: Rendition, kept: Any) -> pa.Table:
    """Id and fields of some rows, without the dictionaries that a rendition is written with: they hold every value."""
    columns = {"id": rendition.ids, **{name: rendition.column(name) for name in rendition.fields}}
    plain = {}
    for name, column in columns.items():
        taken = column.take(pa.array(kept))
        whole = taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
        plain[name] = whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole
    return emptied(pa.table(plain))
