"""Three-valued truth of n features (Kleene's logic, as in SQL), as two boolean arrays: surely true, surely false."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hantsmap.filters.columns import Bools


@dataclass(frozen=True, slots=True)
class Truth:
    """`yes` and `no` (n,) are never both true; where neither is, the answer is unknown."""

    yes: Bools
    no: Bools

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)


def everywhere(answer: bool | None, count: int) -> Truth:
    """The same answer for every feature."""
    return Truth(np.full(count, answer is True), np.full(count, answer is False))


def known(yes: Bools, where: Bools) -> Truth:
    """`yes` where it is known (both (n,)), unknown elsewhere."""
    return Truth(yes & where, ~yes & where)


def from_arrow(result: Any, count: int) -> Truth:
    """A pyarrow boolean array, chunked array or scalar as Truth of `count` features."""
    if isinstance(result, pa.Scalar):
        return everywhere(result.as_py(), count)
    yes = result.fill_null(False) if result.null_count else result
    values = np.asarray(yes.to_numpy(zero_copy_only=False) if isinstance(yes, pa.Array) else yes.to_numpy(), np.bool_)
    no = ~values
    return Truth(values, no & _valid(result) if result.null_count else no)


def _valid(column: Any) -> Bools:
    valid = column.is_valid()
    return np.asarray(valid.to_numpy(zero_copy_only=False) if isinstance(valid, pa.Array) else valid.to_numpy())


def of_column(column: Any, test: Callable[[Any], Any]) -> Truth:
    """`test` (a pyarrow array of values to a pyarrow boolean array) on a column.

    A dictionary-encoded column is tested once for each word of its dictionary; the rows then look the answer up.
    """
    if not pa.types.is_dictionary(column.type):
        return from_arrow(test(column), len(column))
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    found = [_looked_up(chunk, test) for chunk in chunks]
    if len(found) == 1:
        return found[0]
    return Truth(*(np.concatenate([np.zeros(0, np.bool_), *parts]) for parts in _sides(found)))


def _sides(found: list[Truth]) -> tuple[list[Bools], list[Bools]]:
    return [part.yes for part in found], [part.no for part in found]


def _looked_up(chunk: Any, test: Callable[[Any], Any]) -> Truth:
    words = from_arrow(test(chunk.dictionary), len(chunk.dictionary))
    indices = chunk.indices
    if not indices.null_count:
        rows = indices.to_numpy()
        return Truth(words.yes[rows], words.no[rows])
    rows = indices.cast(pa.int64()).fill_null(len(words.yes)).to_numpy()
    return Truth(np.append(words.yes, False)[rows], np.append(words.no, False)[rows])
