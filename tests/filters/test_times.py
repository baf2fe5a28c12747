"""Dates, times and the temporal functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hantsmap.crs import CRS84
from hantsmap.errors import QueryError
from hantsmap.filters import parse
from hantsmap.layer import FieldType

Ask = Callable[..., list[int]]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("built >= '2020-01-01'", [2, 3, 6, 7]),
        ("'2020-01-01' <= built", [2, 3, 6, 7]),
        ("built = DATE('2020-01-01')", [2, 7]),
        ("built = TIMESTAMP('2020-01-01T00:00:00.000Z')", [2, 7]),
        ("built < TIMESTAMP('2020-01-01T00:00:01Z')", [1, 2, 5, 7]),
        ("seen = DATE('2020-01-01')", [1]),
        ("seen > '2020-01-01T09:29:59.999Z'", [2, 6, 7]),
        ("seen = TIMESTAMP('2020-01-01T09:30:00.000Z')", [2]),
        ("seen = TIMESTAMP('2020-01-01T10:30:00+01:00')", [2]),
        ("seen = '2020-01-01 09:30:00'", [2]),
        ("seen >= built", [1, 2, 5, 6, 7]),
        ("built < closed", [1, 3, 6]),
        ("NOT built < closed", [5, 7]),
        ("built > '0001-01-01' AND built < '9999-12-31'", [1, 2, 3, 5, 6, 7]),
    ],
)
def test_comparison(ask: Ask, text: str, ids: list[int]) -> None:
    """Dates compare with dates, times and texts that are dates; a date is its UTC midnight."""
    assert ask(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("T_AFTER(built, DATE('2020-01-01'))", [3, 6]),
        ("T_BEFORE(seen, TIMESTAMP('2020-01-01T00:00:00Z'))", [3, 5]),
        ("T_DURING(built, INTERVAL('2019-12-31', '2020-12-31'))", [2, 3, 7]),
        ("T_DURING(built, INTERVAL('..', '2020-01-01'))", [1, 5]),
        ("T_INTERSECTS(built, INTERVAL('2020-01-01', '..'))", [2, 3, 6, 7]),
        ("T_INTERSECTS(INTERVAL(built, closed), INTERVAL('2019-06-01', '2020-03-01'))", [1, 7]),
        ("NOT T_INTERSECTS(INTERVAL(built, closed), INTERVAL('2019-06-01', '2020-03-01'))", [3, 5, 6]),
        ("T_DISJOINT(INTERVAL(built, closed), INTERVAL('2019-06-01', '2020-03-01'))", [3, 5, 6]),
        ("T_EQUALS(INTERVAL(built, closed), DATE('1900-02-28'))", [5]),
        ("T_MEETS(INTERVAL(built, closed), INTERVAL(DATE('2020-01-01'), '..'))", [1, 7]),
        ("T_METBY(INTERVAL(built, closed), INTERVAL('..', '2019-01-01'))", [1]),
        ("T_STARTS(INTERVAL(built, closed), INTERVAL('2019-01-01', '..'))", [1]),
        ("T_CONTAINS(INTERVAL('2018-01-01', '2020-06-01'), INTERVAL(built, closed))", [1, 7]),
        ("T_INTERSECTS(INTERVAL('..', '..'), built)", [1, 2, 3, 5, 6, 7]),
        ("T_EQUALS(INTERVAL(built, '..'), INTERVAL('2020-01-01', '..'))", [2, 7]),
        ("T_BEFORE(built, seen)", [1, 2, 7]),
    ],
)
def test_relation(ask: Ask, text: str, ids: list[int]) -> None:
    """Temporal functions take instants, intervals, open ends and properties; a null end is unknown."""
    assert ask(text) == ids


# The meaning of each function, from the standard's tables, written for one pair of spans of whole days.
ALLEN: dict[str, Callable[[int, int, int, int], bool]] = {
    "AFTER": lambda a, b, c, d: a > d,
    "BEFORE": lambda a, b, c, d: b < c,
    "CONTAINS": lambda a, b, c, d: a < c and b > d,
    "DISJOINT": lambda a, b, c, d: b < c or a > d,
    "DURING": lambda a, b, c, d: a > c and b < d,
    "EQUALS": lambda a, b, c, d: a == c and b == d,
    "FINISHEDBY": lambda a, b, c, d: a < c and b == d,
    "FINISHES": lambda a, b, c, d: a > c and b == d,
    "INTERSECTS": lambda a, b, c, d: not (b < c or a > d),
    "MEETS": lambda a, b, c, d: b == c,
    "METBY": lambda a, b, c, d: a == d,
    "OVERLAPPEDBY": lambda a, b, c, d: c < a < d < b,
    "OVERLAPS": lambda a, b, c, d: a < c < b < d,
    "STARTEDBY": lambda a, b, c, d: a == c and b > d,
    "STARTS": lambda a, b, c, d: a == c and b < d,
}
SPANS = st.tuples(st.integers(0, 6), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@pytest.mark.parametrize("name", ALLEN)
@settings(deadline=None)
@given(st.lists(SPANS, min_size=1, max_size=30), SPANS)
def test_relation_agrees_with_its_definition(
    make: Callable[..., object], name: str, spans: list[tuple[int, int]], other: tuple[int, int]
) -> None:
    """Each of the fifteen functions is what the standard defines, for all ways in which two spans can lie."""

    def day(number: int) -> date:
        return date(2020, 1, 1) + timedelta(number)

    rows = [(day(start), day(end)) for start, end in spans]
    table = make({"start": FieldType.DATE, "finish": FieldType.DATE}, rows)
    text = f"T_{name}(INTERVAL(start, finish), INTERVAL('{day(other[0])}', '{day(other[1])}'))"
    found = parse(text, "cql2-text", CRS84, table).matches(table)  # type: ignore[arg-type]
    assert np.array_equal(found, [ALLEN[name](*span, *other) for span in spans])


@pytest.mark.parametrize(
    "text",
    [
        "built = 'yesterday'",
        "built = '2020-02-30'",
        "built = '2020-1-1'",
        "seen = '2020-01-01T25:00:00Z'",
        "seen = '2020-01-01T00:00:60Z'",
        "built = DATE('2020-01-01T00:00:00Z')",
        "built = DATE(closed)",
        "built = TIMESTAMP(5)",
        "built = 2020",
        "T_AFTER(name, DATE('2020-01-01'))",
        "T_AFTER(built)",
        "T_AFTER(built, INTERVAL('2020-01-01'))",
        "T_AFTER(built, INTERVAL('2021-01-01', '2020-01-01'))",
        "T_AFTER(built, 'soon')",
        "T_AFTER(built, 5)",
        "INTERVAL(built, closed) = built",
        "built = '0001-01-01T00:00:00+23:59'",
        "built = '9999-12-31T23:59:59-23:59'",
    ],
)
def test_refusal(ask: Ask, text: str) -> None:
    """What is not a date, a time or an interval is refused, with the parameter at fault."""
    with pytest.raises(QueryError) as refused:
        ask(text)
    assert refused.value.parameter == "filter"
