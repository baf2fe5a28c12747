"""Temporal functions (OGC 21-065, requirements class Temporal Functions): Allen's relations of two spans of time.

An instant is a span that ends when it starts, also where the standard allows intervals only: clients send
T_DURING(property, INTERVAL(...)). A date is its UTC midnight. An end written `..` is open; an end that is null in the
data is unknown, and so is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap.filters.columns import Bools, Columns
from hantsmap.filters.conditions import Condition
from hantsmap.filters.limits import refusal
from hantsmap.filters.reading import Reader, counted
from hantsmap.filters.times import instant, midnight
from hantsmap.filters.truth import Truth, known
from hantsmap.filters.values import TIMESTAMP, Kind, Literal, Value

Moments = NDArray[np.int64]  # microseconds since 1970 UTC, (n,) or ()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPEN_START, OPEN_END = np.iinfo(np.int64).min, np.iinfo(np.int64).max


# Whether span 1 is ... span 2, from the start and end of both.
RELATIONS: dict[str, Callable[[Moments, Moments, Moments, Moments], Any]] = {
    "t_after": lambda s1, e1, s2, e2: s1 > e2,
    "t_before": lambda s1, e1, s2, e2: e1 < s2,
    "t_contains": lambda s1, e1, s2, e2: (s1 < s2) & (e1 > e2),
    "t_disjoint": lambda s1, e1, s2, e2: (e1 < s2) | (s1 > e2),
    "t_during": lambda s1, e1, s2, e2: (s1 > s2) & (e1 < e2),
    "t_equals": lambda s1, e1, s2, e2: (s1 == s2) & (e1 == e2),
    "t_finishedby": lambda s1, e1, s2, e2: (s1 < s2) & (e1 == e2),
    "t_finishes": lambda s1, e1, s2, e2: (s1 > s2) & (e1 == e2),
    "t_intersects": lambda s1, e1, s2, e2: (s1 <= e2) & (e1 >= s2),
    "t_meets": lambda s1, e1, s2, e2: e1 == s2,
    "t_metby": lambda s1, e1, s2, e2: s1 == e2,
    "t_overlappedby": lambda s1, e1, s2, e2: (s1 > s2) & (s1 < e2) & (e1 > e2),
    "t_overlaps": lambda s1, e1, s2, e2: (s1 < s2) & (e1 > s2) & (e1 < e2),
    "t_startedby": lambda s1, e1, s2, e2: (s1 == s2) & (e1 > e2),
    "t_starts": lambda s1, e1, s2, e2: (s1 == s2) & (e1 < e2),
}


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, both instants; None where that end is open."""

    start: Value | None
    end: Value | None


@dataclass(frozen=True, slots=True)
class Relation(Condition):
    """A temporal function of two spans."""

    name: str
    first: Span
    second: Span

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        ends = (self.first.start, self.first.end, self.second.start, self.second.end)
        found: dict[Value | None, tuple[Moments, Bools]] = {}
        for end in ends:
            if end is not None and end not in found:
                found[end] = _moments(end, columns)
        opens = (OPEN_START, OPEN_END, OPEN_START, OPEN_END)
        moments = [np.asarray(way) if end is None else found[end][0] for end, way in zip(ends, opens, strict=True)]
        sure = np.ones(columns.count, np.bool_)
        for _, valid in found.values():
            sure = sure & valid
        return known(np.broadcast_to(RELATIONS[self.name](*moments), sure.shape), sure)


def _microseconds(value: date | datetime) -> int:
    moment = value if isinstance(value, datetime) else midnight(value)
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moments(value: Value, columns: Columns) -> tuple[Moments, Bools]:
    """Moments of a value and where they are known, each (n,) or ()."""
    if isinstance(value, Literal) and isinstance(value.value, date):
        return np.asarray(_microseconds(value.value)), np.asarray(True)
    column = pc.cast(pc.cast(value.arrow(columns), TIMESTAMP), pa.int64())
    valid = np.asarray(column.is_valid()) if column.null_count else np.asarray(True)
    return np.asarray(column.fill_null(0) if column.null_count else column), valid


def relation(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """Reads a temporal function of two instants or intervals. Raises QueryError."""
    counted(name, args, 2)
    first, second = (_span(reader, name, arg, depth + 1) for arg in args)
    return Relation(name, first, second)


def _span(reader: Reader, name: str, tree: Any, depth: int) -> Span:
    if not (isinstance(tree, dict) and "interval" in tree):
        moment = _instant(reader, name, tree, depth)
        return Span(moment, moment)
    ends = tree["interval"]
    if not isinstance(ends, list) or len(ends) != 2:
        raise refusal("INTERVAL takes a start and an end, such as INTERVAL('2025-01-01', '..').")
    start, end = (None if part == ".." else _instant(reader, name, part, depth) for part in ends)
    written = [
        _microseconds(part.value) for part in (start, end) if isinstance(part, Literal) and isinstance(part.value, date)
    ]
    if written != sorted(written):
        raise refusal("The INTERVAL ends before it starts.")
    return Span(start, end)


def _instant(reader: Reader, name: str, tree: Any, depth: int) -> Value:
    if isinstance(tree, str):
        return Literal(Kind.INSTANT, instant(tree))
    value = reader.value(tree, depth)
    if value.kind is not Kind.INSTANT:
        raise refusal(f"{name.upper()} takes dates, times and intervals, not {value.words}.")
    return value
