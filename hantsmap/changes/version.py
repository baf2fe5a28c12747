"""An older state of a layer, read page by page by whoever began to read it before it was replaced.

Positions are those of the older rendition, so that each feature is on one page and on no other. What is withheld now is
not shown: a row that left is on no page, and a text with a value that is left out now is the text of today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hantsmap.catalogue import Entry
from hantsmap.changes.feed import kept
from hantsmap.changes.keeping import whole_rendition
from hantsmap.changes.told import Told, still_told
from hantsmap.errors import DamagedError, QueryError, VersionGoneError
from hantsmap.query import Page, Query, Reader, texts
from hantsmap.rendition import Positions, Rendition
from hantsmap.store import Store, files


def read_version(given: str, sequence: int) -> int:
    """The version that a parameter names. Raises QueryError when it is no version up to `sequence`, the current one."""
    if not (given.isascii() and given.isdigit() and len(given) <= 15 and 1 <= int(given) <= sequence):
        raise QueryError(f"version `{given}` is not a version of this layer: they are numbered from 1 to {sequence}, "
                         "the current one.", "version")
    return int(given)


def version(store: Store, entry: Entry, sequence: int) -> Version:
    """An older state of what an audience sees.

    Raises VersionGoneError when it is not kept any more, was made under wider rules, or had other fields.
    """
    try:
        name = kept(store, entry, sequence)
        folder = store.rendition(entry.layer, name or "")
        older = None if name is None else _reader(folder, files.stamp(folder))
    except DamagedError:
        older = None
    fields = entry.rendition.fields
    if older is None or any(name not in fields or fields[name].type is not field.type
                            for name, field in older.rendition.fields.items()):
        raise VersionGoneError(entry.layer, sequence, entry.sequence)
    return Version(entry, sequence, older, still_told(older.rendition, entry.rendition))


@lru_cache(maxsize=32)
def _reader(folder: Path, stamp: files.Stamp) -> Reader:
    # By its stamp: one whose folder is gone, such as after a record was erased, is not read from memory.
    return Reader(whole_rendition(folder))


@dataclass(frozen=True, slots=True)
class Version:
    """State `sequence` of a layer, which `entry` shows as it is now. `told` says what of it may still be shown."""

    entry: Entry
    sequence: int
    reader: Reader
    told: Told

    @property
    def rendition(self) -> Rendition:
        """The older rendition."""
        return self.reader.rendition

    def page(self, query: Query) -> Page:
        """A page of the features that may still be shown.

        Raises VersionGoneError where rows left and the place of the page cannot be found without them.
        """
        if self.told.all:
            return self.reader.page(query)
        by_count = query.selection and query.after is None and query.offset
        if query.sortby or by_count:
            raise VersionGoneError(self.entry.layer, self.sequence, self.entry.sequence)
        found = self._shown(query)
        # Without a choice, an offset is a position.
        behind = query.offset - 1 if query.after is None else query.after
        start = int(np.searchsorted(found, behind, "right"))
        return Page(found[start: start + query.limit], len(found), more=start + query.limit < len(found))

    def texts(self, query: Query, positions: Positions) -> Iterator[memoryview | bytes]:
        """GeoJSON Feature texts of a page, comma-separated: older ones, and those of today where these are not told."""
        old = self.told.text[positions]
        breaks = np.flatnonzero(np.diff(old)) + 1
        for number, run in enumerate(np.split(positions, breaks)):
            if number:
                yield b","
            if len(run) and self.told.text[run[0]]:
                yield from texts(self.rendition, query, run)
            elif len(run):
                yield from texts(self.entry.rendition, query, self.told.at[run].astype(np.intp))

    def as_it_was(self, positions: Positions) -> bool:
        """Whether all features of a page may be shown as they were."""
        return bool(self.told.text[positions].all())

    def _shown(self, query: Query) -> Positions:
        """Positions of what a query finds without looking at anything that is withheld now."""
        shown = self.told.at >= 0
        if query.selection:
            mask = _mask(self.reader.matching(query), self.rendition.count)
            replaced = shown & ~self.told.text
            if replaced.any():
                now = _mask(self.entry.reader.matching(query), self.entry.rendition.count)
                mask[replaced] = now[self.told.at[replaced]]
            shown &= mask
        return np.flatnonzero(shown)


def _mask(positions: Positions, count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, bool)
    mask[positions] = True
    return mask
