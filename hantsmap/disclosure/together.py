"""One choice of what is suppressed, for all audiences of a layer: two who put their tables together learn no more.

Of two audiences, the one that sees less is decided first, by its own table alone: what is hidden from it cannot change
what it gets. For the other one, its decisions are given: what it is shown counts as known, and cannot be suppressed any
more; what is suppressed for it is suppressed here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from hantsmap.access import Counts, Grant
from hantsmap.disclosure.cells import collapse
from hantsmap.disclosure.control import Decided, control
from hantsmap.errors import BlockedError


@dataclass(frozen=True, slots=True)
class Choice:
    """What one grant shows and suppresses: (rows of the layer, names of counts), bool. `table` is of its own rows."""

    grant: Grant
    counts: Counts
    rows: Any
    cells: Any
    shown: Any
    suppressed: Any
    table: pa.Table


@dataclass(slots=True)
class Together:
    """The grants of a layer that have a rule for counts. `rows_of` says which rows of `table` a grant keeps (bool)."""

    table: pa.Table
    grants: tuple[Grant, ...]
    rows_of: Callable[[Grant], Any]
    _made: list[Choice] = field(default_factory=list)

    @classmethod
    def of(cls, table: pa.Table, grants: Iterable[Grant], rows_of: Callable[[Grant], Any]) -> Together:
        """For the grants that have a rule; of equal ones the first."""
        ruled: list[Grant] = []
        for grant in grants:
            if grant.counts is not None and grant not in ruled:
                ruled.append(grant)
        return cls(table, tuple(ruled), rows_of)

    def controlled(self, grant: Grant) -> pa.Table:
        """The rows that a grant keeps, with its counts as they may be shown. Raises BlockedError."""
        return self._choice(grant).table

    def check(self) -> None:
        """Raise BlockedError where one audience is shown a count that another one of the same rule has suppressed."""
        for one, other in combinations([self._choice(grant) for grant in self.grants], 2):
            if one.counts.suppress_under != other.counts.suppress_under:
                continue
            torn = (one.shown & other.suppressed) | (other.shown & one.suppressed)
            if torn.any():
                raise BlockedError(
                    f"Two audiences together would see {int(torn.sum())} counts that one of them has suppressed, "
                    "because neither sees all that the other does. Let one of the two grants keep all rows and counts "
                    "of the other, or give both the same rows.", ())

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for grant in self.grants if grant.counts for name in grant.counts.fields))

    def _choice(self, grant: Grant) -> Choice:
        for made in self._made:
            if made.grant == grant:
                return made
        if grant.counts is None:
            raise ValueError("this grant has no rule for counts")
        rows, cells = self._cells(grant, grant.counts)
        shown, suppressed = np.zeros_like(cells), np.zeros_like(cells)
        for other in self.grants:
            if other != grant and other.counts is not None and self._within(other, grant):
                before = self._choice(other)
                shown |= before.shown
                if other.counts.suppress_under == grant.counts.suppress_under:
                    suppressed |= before.suppressed
        at = [self._names.index(name) for name in grant.counts.fields]
        kept = np.flatnonzero(rows)
        table = control(self.table.take(pa.array(kept)), grant.counts,
                        Decided(shown[kept][:, at].ravel(), (suppressed & ~shown)[kept][:, at].ravel()))
        made = Choice(grant, grant.counts, rows, cells, *self._read(cells, kept, table, grant.counts), table)
        self._made.append(made)
        return made

    def _cells(self, grant: Grant, counts: Counts) -> tuple[Any, Any]:
        """The rows that a grant keeps, and the counts of them that it publishes at all."""
        rows = np.asarray(self.rows_of(grant), bool)
        cells = np.zeros((len(self.table), len(self._names)), bool)
        kept = collapse(self.table, counts).reshape(len(self.table), len(counts.fields))
        for place, name in enumerate(counts.fields):
            if grant.fields is None or name in grant.fields:
                cells[:, self._names.index(name)] = kept[:, place] & rows
        return rows, cells

    def _within(self, less: Grant, more: Grant) -> bool:
        """Whether one grant publishes some of the counts of another; of two that publish the same, the first does."""
        if less.counts is None or more.counts is None:
            return False
        mine, theirs = self._cells(less, less.counts)[1], self._cells(more, more.counts)[1]
        if (mine & ~theirs).any():
            return False
        if (theirs & ~mine).any() or more not in self.grants:
            return True
        return self.grants.index(less) < self.grants.index(more)

    def _read(self, cells: Any, kept: Any, table: pa.Table, counts: Counts) -> tuple[Any, Any]:
        shown, there = np.zeros_like(cells), np.zeros_like(cells)
        for name in counts.fields:
            place = self._names.index(name)
            shown[kept, place] = table[name].is_valid().to_numpy()
            there[:, place] = self.table[name].is_valid().to_numpy()
        return shown & cells, cells & there & ~shown
