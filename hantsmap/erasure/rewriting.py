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
from hantsmap.findings import without_examples
from hantsmap.rendition import Rendition
from hantsmap.rendition.rewritten import plain_table, rewritten
from hantsmap.store import Store, files


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
    # A finding about the whole layer may quote a value of the record as its example.
    findings = [{**each, "sentence": without_examples(each["sentence"])} if each["row"] is None else each
                for each in record["findings"] if not mentions(each)]
    # A table read back has the types of Parquet; written again it is the same file, less the row.
    return keep_table(store, layer, table.take(pa.array(kept)), {**record, "rows": len(kept), "findings": findings})


def rendition_without(store: Store, layer: str, rendition: Rendition, record_id: str) -> str:
    """Write the rendition without the record, tiles included; the id of the new one."""
    kept = np.setdiff1d(np.arange(rendition.count), positions_of(rendition.ids, record_id))
    return rewritten(store, layer, rendition, plain_table(rendition), kept)
