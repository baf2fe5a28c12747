"""CQL2: the order of booleans, quotation marks in texts, and conditions whose two sides are literals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hantsmap.crs import EPSG27700
from hantsmap.errors import QueryError
from hantsmap.filters import parse
from hantsmap.filters.grammar import tree_of
from hantsmap.layer import FieldType

EVERY = [True, True, True]
FALSE_FIRST = {"seen": FieldType.BOOLEAN, "other": FieldType.BOOLEAN}


@pytest.mark.parametrize(("text", "expected"), [
    ("seen < TRUE", [False, True, False]), ("seen <= TRUE", [True, True, False]),
    ("seen > FALSE", [True, False, False]), ("seen >= FALSE", [True, True, False]),
    ("TRUE > seen", [False, True, False]), ("FALSE < TRUE", EVERY),
    ("TRUE < FALSE", [False] * 3), ("seen BETWEEN FALSE AND TRUE", [True, True, False]),
    ("seen < other", [False, True, False]), ("seen >= other", [True, False, False]),
    ("seen > 0", [True, False, False])])
def test_false_comes_before_true(make: Callable[..., Any], text: str, expected: list[bool]) -> None:
    """Booleans are compared by < > <= >= and BETWEEN; null is unknown."""
    table = make(FALSE_FIRST, [(True, False), (False, True), (None, True)])
    assert parse(text, "cql2-text", EPSG27700, table).matches(table).tolist() == expected


@pytest.mark.parametrize(("written", "read"), [
    (r"'O\'Neill'", "O'Neill"), ("'O''Neill'", "O'Neill"), (r"'a\'b\'c'", "a'b'c"), (r"'a\''''", "a''"),
    (r"'\''", "'"), ("'a\\'", "a\\"), (r"'\'' OR 1=1 --'", r"\' OR 1=1 --"), (r"'a\\b'", r"a\\b"), (r"'a\b'", r"a\b")])
def test_a_quotation_mark_is_written_in_two_ways(written: str, read: str) -> None:
    """Doubled or with a backslash before it; a backslash elsewhere, and at the end of a text, is a letter."""
    assert tree_of(f"name = {written}") == {"op": "=", "args": [{"property": "name"}, read]}


def test_backslashes_in_several_texts() -> None:
    """Each text of a filter may have quotation marks with a backslash."""
    first, second = tree_of(r"a = 'x\'y' OR b IN ('\'', 'z')")["args"]
    assert (first["args"][1], second["args"][1]) == ("x'y", ["'", "z"])


@given(st.text().filter(lambda text: "\\" not in text))
def test_either_way_of_writing_gives_the_same_text(text: str) -> None:
    """A text without backslashes reads the same, whichever way its quotation marks are written."""
    doubled, escaped = text.replace("'", "''"), text.replace("'", "\\'")
    expected = {"op": "=", "args": [{"property": "a"}, text]}
    assert tree_of(f"a = '{doubled}'") == expected == tree_of(f"a = '{escaped}'")


@given(st.one_of(st.text(), st.text(alphabet="'\\ =aOR1")))
def test_a_client_that_doubles_is_safe(text: str) -> None:
    """Whatever a user types, a client that doubles quotation marks asks for that text and for nothing else."""
    doubled = text.replace("'", "''")
    assert tree_of(f"a = '{doubled}'") == {"op": "=", "args": [{"property": "a"}, text]}


@pytest.mark.parametrize(("text", "expected"), [
    ("1 = 1", True), ("'a' < 'b'", True), ("2 > 3", False), ("TRUE = 1", True), ("0 = TRUE", False),
    ("DATE('2025-01-01') < '2025-01-02'", True), ("'2025-01-01T00:00:00Z' = DATE('2025-01-01')", True),
    ("1 IN (2, 1)", True), ("'abc' LIKE 'a%'", True), ("2 BETWEEN 1 AND 3", True), ("'a' IS NULL", False),
    ("S_INTERSECTS(POINT(440000 110000), BBOX(430000, 100000, 450000, 120000))", True),
    ("S_WITHIN(POINT(440000 110000), BBOX(430000, 100000, 450000, 120000))", True),
    ("S_CONTAINS(POINT(440000 110000), BBOX(430000, 100000, 450000, 120000))", False),
    ("S_CONTAINS(BBOX(430000, 100000, 450000, 120000), POINT(440000 110000))", True),
    ("S_DISJOINT(POINT(440000 110000), POINT(440001 110000))", True),
    ("S_EQUALS(LINESTRING(440000 110000, 440001 110000), LINESTRING(440001 110000, 440000 110000))", True),
    ("T_BEFORE(DATE('2025-01-01'), DATE('2026-01-01'))", True),
    ("A_CONTAINS((1, 2), (1, 1))", True), ("A_CONTAINEDBY((1, 2), (1, 1))", False),
    ("A_CONTAINEDBY(('a', 'b'), ('b', 'a', 'c'))", True), ("A_EQUALS((1, 2), (2, 1, 1))", True),
    ("A_OVERLAPS((1, 2), (3, 4))", False)])
def test_both_sides_may_be_literals(make: Callable[..., Any], text: str, expected: bool) -> None:
    """A condition on two literals is true of every feature or of none."""
    table = make({"a": FieldType.INTEGER}, [(1,), (None,), (2,)])
    assert parse(text, "cql2-text", EPSG27700, table).matches(table).tolist() == [expected] * 3
    assert parse(f"NOT ({text})", "cql2-text", EPSG27700, table).matches(table).tolist() == [not expected] * 3


@pytest.mark.parametrize("text", [
    "'a' = 1", "2 = TRUE", "'soon' < DATE('2025-01-01')", "A_CONTAINS((1, 2), ('a', 'b'))"])
def test_literals_of_two_kinds_are_refused(make: Callable[..., Any], text: str) -> None:
    """Two literals that cannot be of one kind are refused, as a property and a literal are."""
    table = make({"a": FieldType.INTEGER}, [(1,)])
    with pytest.raises(QueryError):
        parse(text, "cql2-text", EPSG27700, table)


def test_the_json_encoding_says_the_same(make: Callable[..., Any]) -> None:
    """Booleans are compared and literals stand on both sides in CQL2 JSON too."""
    table = make({"seen": FieldType.BOOLEAN}, [(True,), (False,)])
    for tree, expected in (({"op": "<", "args": [{"property": "seen"}, True]}, [False, True]),
                           ({"op": "<", "args": [1, 2]}, [True, True])):
        assert parse(json.dumps(tree), "cql2-json", EPSG27700, table).matches(table).tolist() == expected
