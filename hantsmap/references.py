"""References: values that name a row of another layer go out only where the viewer sees that row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.fields import Field

TEXT = pa.large_string()


class HasReferences(Protocol):
    """What is asked of a layer: its fields, with what they refer to, and its key."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """Fields by name."""

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the fields of the key."""


def without_hidden(table: pa.Table, layer: HasReferences, shown: Collection[str], visible: Callable[[str], pa.Array]
                   ) -> tuple[pa.Table, Any]:
    """The table with the values that name hidden rows left out, and which of its rows can be shown (bool, one a row).

    `visible` gives the values (large_string) that a reference (`layer` or `layer.field`) may have. A value is kept
    where one of the references of its field shows the row; others become null, or leave their list. A row cannot be
    shown where that takes the value of a required field or of the key.
    """
    keep = np.ones(len(table), dtype=bool)
    for name in shown:
        field = layer.fields.get(name)
        if field is None or not field.references:
            continue
        allowed = pa.chunked_array([visible(reference).cast(TEXT) for reference in field.references], TEXT)
        column = _kept(table[name], allowed.combine_chunks())
        table = table.set_column(table.column_names.index(name), table.schema.field(name), column)
        if field.required or name in layer.key:
            keep &= column.is_valid().to_numpy(zero_copy_only=False)
    return table, keep


def _kept(column: Any, allowed: pa.Array) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_list(whole.type):
        there = pc.fill_null(pc.is_in(pc.cast(whole, TEXT), value_set=allowed), False)
        return pc.if_else(there, whole, pa.scalar(None, whole.type))
    owners, items = pc.list_parent_indices(whole), pc.list_flatten(whole)
    there = pc.is_in(pc.cast(items, TEXT), value_set=allowed)
    counts = np.bincount(owners.filter(there).to_numpy(), minlength=len(whole))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), items.filter(there))
    # A list of which nothing is left says nothing: it is null, as a single value is.
    return pc.if_else(pa.array(counts > 0), lists.cast(whole.type), pa.scalar(None, whole.type))
