"""The difference between two renditions of a layer: by feature id, comparing the texts that are served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap import deadline
from hantsmap.layer import FieldType
from hantsmap.rendition import Rendition
from hantsmap.rendition.texts import values

# Rows whose values are compared at a time: bounds the memory, whatever the size of the layer.
BATCH = 20_000
GEOMETRY = "geometry"
Op = Literal["insert", "update", "delete"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is said of a change beside its feature. `changetype` is a word of OS NGD; `fields` names what changed."""

    op: Op
    changetype: str
    fields: tuple[str, ...] = ()


INSERT, DELETE = Kind("insert", "New"), Kind("delete", "End Of Life")
SCHEMA = pa.schema([("id", pa.large_string()), ("kind", pa.int32()), ("position", pa.int64())])


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What leads from one rendition to another: a function of the two, and of nothing else.

    `table` has a row for each change: the `id` as JSON text, its `kind` (place in `kinds`) and its `position` in the
    newer rendition, -1 for a delete. Deletes come first; a feature stands there once, so the order is of no weight.
    """

    kinds: tuple[Kind, ...]
    table: pa.Table

    @property
    def count(self) -> int:
        """Number of changes."""
        return int(self.table.num_rows)


def difference(older: Rendition | None, newer: Rendition | None) -> ChangeSet:
    """The change set from one rendition to another. None stands for a state without a layer: it has no features.

    A feature that is in the newer one only is an insert, in the older one only a delete, and one whose text differs an
    update. The reason is not known here: a feature that left the viewer's rows is deleted like one that ceased to be.
    """
    if older is None or newer is None:
        return _change_set([_rows(older, None, DELETE), _rows(newer, None, INSERT)])
    # Exact, and by hashing: a sorted digest of ids would be as fast and could be wrong.
    at = pc.fill_null(pc.index_in(_ids(newer), value_set=_ids(older)), -1).to_numpy()
    common = np.flatnonzero(at >= 0)
    changed = common[(older.digests[at[common]] != newer.digests[common]).any(axis=1)]
    gone = np.ones(older.count, bool)
    gone[at[common]] = False
    return _change_set([_rows(older, np.flatnonzero(gone), DELETE), _rows(newer, np.flatnonzero(at < 0), INSERT),
                        *_updates(older, newer, at[changed], changed)])


Part = tuple[Kind, pa.Array, NDArray[np.int64]]


def _ids(rendition: Rendition) -> pa.Array:
    return rendition.ids.combine_chunks().cast(pa.large_string())


def written_ids(rendition: Rendition, positions: Any = None) -> pa.Array:
    """Ids as JSON texts (large_string), at some positions or all."""
    ids = rendition.ids if positions is None else rendition.ids.take(pa.array(positions))
    return values(ids, FieldType.INTEGER if pa.types.is_integer(rendition.ids.type) else FieldType.STRING)


def _rows(rendition: Rendition | None, positions: Any, kind: Kind) -> Part | None:
    """Inserts or deletes at some positions, or at all (None); None where there are none."""
    places = np.arange(rendition.count if rendition else 0) if positions is None else positions
    if rendition is None or not len(places):
        return None
    # A delete has no place in the newer rendition.
    kept = np.full(len(places), -1, np.int64) if kind is DELETE else places.astype(np.int64)
    return kind, written_ids(rendition, positions), kept


def _updates(older: Rendition, newer: Rendition, before: Any, after: Any) -> list[Part | None]:
    """Updates, those with the same changed fields together."""
    if not len(after):
        return []
    names = (*newer.fields, *(name for name in older.fields if name not in newer.fields), GEOMETRY)
    masks = np.concatenate([_differing(older, newer, names, before[start: start + BATCH], after[start: start + BATCH])
                            for start in range(0, len(after), BATCH)])
    patterns, which = np.unique(masks, axis=0, return_inverse=True)
    which = which.reshape(-1)
    return [(_kind(names, pattern), written_ids(newer, after[which == number]), after[which == number].astype(np.int64))
            for number, pattern in enumerate(patterns)]


def _differing(older: Rendition, newer: Rendition, names: tuple[str, ...], before: Any, after: Any) -> Mask:
    """Which of the names differ, feature by feature: bool (n, names). The geometry is the last of them."""
    deadline.check()
    columns = [np.ones(len(after), bool) if name not in older.fields or name not in newer.fields
               else _unequal(_texts(older, name, before), _texts(newer, name, after)) for name in names[:-1]]
    shapes = [pc.fill_null(shape, b"") for shape in (older.wkb(before), newer.wkb(after))]
    return np.column_stack([*columns, _unequal(*shapes)])


def _texts(rendition: Rendition, name: str, positions: Any) -> pa.Array:
    # As they are served: two values that are written alike are alike for every reader.
    return values(rendition.column(name).take(pa.array(positions)), rendition.fields[name].type)


def _unequal(one: Any, other: Any) -> Mask:
    return np.asarray(pc.not_equal(one, other).to_numpy(zero_copy_only=False)
                      if isinstance(one, pa.Array) else pc.not_equal(one, other).to_numpy(), bool)


def _kind(names: tuple[str, ...], pattern: Any) -> Kind:
    changed = tuple(name for name, differs in zip(names, pattern.tolist(), strict=True) if differs)
    # The same values in another order of fields: every property stands elsewhere in the text.
    changed = changed or names[:-1]
    attributes, geometry = any(name != GEOMETRY for name in changed), GEOMETRY in changed
    words = "Modified Geometry And Attributes" if attributes and geometry else \
        "Modified Geometry" if geometry else "Modified Attributes"
    return Kind("update", words, changed)


def _change_set(found: list[Part | None]) -> ChangeSet:
    """One table of all parts: deletes first, the others in the order of the newer rendition."""
    parts = [part for part in found if part is not None]
    kinds = tuple(kind for kind, _, _ in parts)
    none = np.empty(0, np.int64)
    positions = np.concatenate([none, *(places for _, _, places in parts)])
    which = np.concatenate([none, *(np.full(len(places), number) for number, (_, _, places) in enumerate(parts))])
    ids = pa.concat_arrays([pa.array([], pa.large_string()), *(written for _, written, _ in parts)])
    order = pa.array(np.argsort(positions, kind="stable"))
    table = pa.table([ids.take(order), pa.array(which.astype(np.int32)).take(order), pa.array(positions).take(order)],
                     schema=SCHEMA)
    return ChangeSet(kinds, table)
