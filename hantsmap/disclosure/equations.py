"""Totals and their parts as equations between cells. A cell is counted row by row: row x number of fields + field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.access import Counts
from hantsmap.disclosure.declared import every_sum

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Equations:
    """total = part + part + …, each a run of `cells` from its place in `starts`: the total first, then its parts.

    Parts stand in an order that does not depend on the order of rows: fields as declared, areas by their keys.
    """

    cells: Integers
    starts: Integers

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def sizes(self) -> Integers:
        """How many cells each equation has."""
        return np.diff(self.starts, append=len(self.cells))

    @property
    def totals(self) -> Integers:
        """The total's cell of each equation."""
        return self.cells[self.starts]

    def any_of(self, cells: Booleans) -> Booleans:
        """Which equations have one of the cells, given as a mask over all of them."""
        found: Booleans = np.bitwise_or.reduceat(cells[self.cells].view(np.uint8), self.starts).view(np.bool_)
        return found

    def parts_of(self, numbers: Numbers) -> Numbers:
        """Sum of the parts of each equation, of numbers that stand for the cells."""
        here = numbers[self.cells]
        result: Numbers = np.add.reduceat(here, self.starts) - here[self.starts]
        return result

    def where(self, wanted: Booleans) -> Equations:
        """Those that are wanted, in their order."""
        if wanted.all():
            return self
        sizes = self.sizes
        left = sizes[wanted]
        return Equations(self.cells[np.repeat(wanted, sizes)], np.cumsum(left) - left)


def within_rows(counts: Counts, rows: int) -> Equations:
    """`sums` and what follows from them, for every row."""
    first = np.arange(rows, dtype=np.int64) * len(counts.fields)
    blocks: list[Integers] = []
    starts: list[Integers] = []
    end = 0
    for total, parts in every_sum(counts):
        names = [total, *parts]
        blocks.append((first[:, None] + np.array([counts.fields.index(name) for name in names])).ravel())
        starts.append(end + np.arange(rows, dtype=np.int64) * len(names))
        end += rows * len(names)
    return Equations(_joined(blocks), _joined(starts))


def across_areas(counts: Counts, table: pa.Table) -> Equations:
    """Every count of an area and of the rows whose `parent` it is, in the same period."""
    if counts.area is None or counts.parent is None:
        return Equations(_joined([]), _joined([]))
    own, above = _keys(table, counts.area, counts.parent, counts.period)
    order = np.argsort(own, kind="stable")
    keyed = order[own[order] >= 0]
    known = own[keyed]
    twice = np.flatnonzero(known[1:] == known[:-1])
    if len(twice):
        area = table[counts.area][int(keyed[twice[0]])].as_py()
        raise ValueError(f"Area {area} has two rows for one period, so its parts cannot be told apart: "
                         "let `period` name the field that differs between them.")
    # Children in the order of their keys, so that the order of rows decides nothing.
    children = keyed[above[keyed] >= 0]
    place = np.searchsorted(known, above[children])
    place[place == len(known)] = 0
    found = (known[place] == above[children]) & (keyed[place] != children) if len(known) else place > 0
    children, parents = children[found], keyed[place[found]]
    order = np.argsort(parents, kind="stable")
    return _over_fields(parents[order], children[order], len(counts.fields))


def _over_fields(parents: Integers, children: Integers, fields: int) -> Equations:
    """The same families of rows for each field. `parents` is sorted, and beside each stands one of its children."""
    heads, first = np.unique(parents, return_index=True)
    members = np.insert(children, first, heads)
    starts = first + np.arange(len(heads))
    field = np.arange(fields, dtype=np.int64)[:, None]
    return Equations((members * fields + field).ravel(), (starts + field * len(members)).ravel())


def _keys(table: pa.Table, area: str, parent: str, period: str | None) -> tuple[Integers, Integers]:
    """Area and parent of each row, each with its period, as numbers in the order of the texts; -1 for none."""
    rows = len(table)
    numbers, _ = _numbered([table[area], table[parent]])
    if period is None:
        return numbers[:rows], numbers[rows:]
    times, many = _numbered([table[period]])
    times, many = times + 1, many + 1  # no period is a period too
    both = np.where(numbers >= 0, numbers * many + np.tile(times, 2), -1)
    return both[:rows], both[rows:]


def _numbered(columns: Sequence[pa.ChunkedArray]) -> tuple[Integers, int]:
    """Texts as their places in the sorted list of all texts; -1 for null."""
    texts = pa.concat_arrays([pc.cast(column, pa.string()).combine_chunks() for column in columns])
    coded = texts.dictionary_encode()
    words = coded.dictionary
    rank = np.empty(len(words) + 1, dtype=np.int64)
    rank[pc.sort_indices(words).to_numpy()] = np.arange(len(words))
    rank[-1] = -1
    numbers: Integers = rank[pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)]
    return numbers, len(words)


def _joined(pieces: Sequence[Integers]) -> Integers:
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)
