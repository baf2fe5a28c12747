"""Which features a question chooses, and in what order: positions in a rendition, found once and remembered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap import deadline
from hantsmap.query.asking import Query
from hantsmap.rendition import Places, Positions, Rendition

# Positions that are kept for paging on, in bytes for each rendition: 8 answers that are all of a county's segments.
REMEMBERED = 4 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """Positions of the features on one page, how many match in all, and whether there are more pages."""

    positions: Places
    matched: int
    more: bool = False


class Reader:
    """Answers questions from one rendition. Safe to share between threads."""

    def __init__(self, rendition: Rendition) -> None:
        self.rendition = rendition
        self._found: OrderedDict[str, NDArray[np.uint32]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def page(self, query: Query) -> Page:
        """The page that a query asks for."""
        if not query.selection:
            count = self.rendition.count
            first = query.offset if query.after is None else query.after + 1
            last = first + query.limit
            return Page(range(min(first, count), min(last, count)), count, last < count)
        found = self._remembered(query)
        first = query.offset if query.after is None else int(np.searchsorted(found, query.after, "right"))
        last = first + query.limit
        return Page(found[first:last].astype(np.intp), len(found), last < len(found))

    def matching(self, query: Query) -> Positions:
        """Positions of all features that a query with a selection chooses, in its order."""
        return self._remembered(query).astype(np.intp)

    def at_hand(self, query: Query, most: int) -> bool:
        """Whether a page needs no search and no writing, and has no more than `most` bytes: it is there, to be sent."""
        if query.selection and query.selection not in self._found:
            return False
        if query.properties is not None or query.skip_geometry or not self.rendition.has_texts(query.crs.uri):
            return False
        return query.limit * self.rendition.mean_bytes(query.crs.uri) <= most

    def _remembered(self, query: Query) -> NDArray[np.uint32]:
        with self._lock:
            found = self._found.get(query.selection)
            if found is not None:
                self._found.move_to_end(query.selection)
                return found
        # Half the size: no layer has four thousand million features.
        found = select(self.rendition, query).astype(np.uint32)
        with self._lock:
            if query.selection not in self._found and _size(query.selection, found) <= REMEMBERED:
                self._found[query.selection] = found
                self._size += _size(query.selection, found)
                while self._size > REMEMBERED:
                    self._size -= _size(*self._found.popitem(last=False))
        return found


def _size(selection: str, found: NDArray[np.uint32]) -> int:
    """Bytes of what is kept: a filter may be longer than what it finds."""
    return found.nbytes + len(selection)


def select(rendition: Rendition, query: Query) -> Positions:
    """Positions of all features that a query chooses, in the order it asks for (else the order served)."""
    mask = np.ones(rendition.count, dtype=bool)
    if query.period is not None:
        mask &= query.period.meets(rendition)
    for filter_ in query.filters:
        mask &= filter_.matches(rendition)
    found = np.flatnonzero(mask)
    deadline.check()
    return _sorted(rendition, found, query.sortby) if query.sortby else found


def _sorted(rendition: Rendition, found: Positions, sortby: tuple[tuple[str, bool], ...]) -> Positions:
    """Stable: equal features keep the order served; null comes last either way, as is Arrow's default."""
    taken = {}
    for number, (name, _) in enumerate(sortby):
        column = rendition.column(name).take(pa.array(found))
        taken[str(number)] = pc.cast(column, pa.string()) if pa.types.is_dictionary(column.type) else column
    taken["position"] = pa.array(np.arange(len(found)))
    keys = [(str(number), "descending" if down else "ascending") for number, (_, down) in enumerate(sortby)]
    order = pc.sort_indices(pa.table(taken), sort_keys=[*keys, ("position", "ascending")])
    in_order: Positions = found[order.to_numpy()]
    return in_order
