"""Which texts of an older rendition may still be told: those in which nothing stands that is withheld now.

A row may have moved to a class that its audience does not see, a count may be suppressed since, or a value left out
because of what it names. Whether a row ceased to be or was withheld must make no difference, so both are treated alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap.fields import FieldType
from hantsmap.rendition import Rendition
from hantsmap.rendition.texts import values

# Values of these types can lose a part without becoming null.
COMPOSITE = (FieldType.STRINGS, FieldType.INTEGERS, FieldType.OBJECT)


@dataclass(frozen=True, slots=True)
class Told:
    """Of each row of an older rendition, where it is in the current one, and whether its older text may be told.

    `at` is int64 (n,): the position in the current rendition, -1 for a row that is not there. `text` is bool (n,).
    """

    at: NDArray[np.int64]
    text: NDArray[np.bool_]

    @property
    def all(self) -> bool:
        """Whether the older rendition may be told as it is."""
        return bool(self.text.all())


@lru_cache(maxsize=16)
def still_told(older: Rendition, current: Rendition) -> Told:
    """What of an older rendition may be told to who sees the current one. Both were made under rules that allow it.

    A text is told while its row is in the current rendition, and while no value of it has become null since. A list or
    an object has to be unchanged.
    """
    at = pc.fill_null(pc.index_in(_ids(older), value_set=_ids(current)), -1).to_numpy().astype(np.int64)
    text = at >= 0
    common = np.flatnonzero(text)
    changed = common[(older.digests[common] != current.digests[at[common]]).any(axis=1)]
    lost = np.zeros(len(changed), bool)
    for name in older.fields:
        lost |= _lost(older, current, name, changed, at[changed])
    shapes = older.wkb(changed), current.wkb(at[changed])
    lost |= _mask(pc.and_(pc.is_valid(shapes[0]), pc.is_null(shapes[1])))
    text[changed[lost]] = False
    return Told(at, text)


def _ids(rendition: Rendition) -> pa.Array:
    return rendition.ids.combine_chunks().cast(pa.large_string())


def _lost(older: Rendition, current: Rendition, name: str, before: Any, after: Any) -> NDArray[np.bool_]:
    """Which rows had a value of a field and have none now, or another list or object: bool (n,)."""
    if name not in current.fields or current.fields[name].type is not older.fields[name].type:
        return np.ones(len(before), bool)
    had, has = older.column(name).take(pa.array(before)), current.column(name).take(pa.array(after))
    if older.fields[name].type in COMPOSITE:
        kind = older.fields[name].type
        return _mask(pc.and_(pc.is_valid(had), pc.not_equal(values(had, kind), values(has, kind))))
    return _mask(pc.and_(pc.is_valid(had), pc.is_null(has)))


def _mask(found: Any) -> NDArray[np.bool_]:
    array = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return np.asarray(pc.fill_null(array, True).to_numpy(zero_copy_only=False), bool)
