"""How each operator and function of CQL2 is read; the one list of what this service understands."""

from __future__ import annotations

from typing import Any

from hantsmap.filters.arrays import NAMES, arrays
from hantsmap.filters.columns import GEOMETRY
from hantsmap.filters.conditions import (
    COMPARE,
    Among,
    Both,
    Compare,
    Condition,
    IsNull,
    Like,
    NoGeometry,
    Not,
)
from hantsmap.filters.folding import like
from hantsmap.filters.limits import MAX_LIST, refusal
from hantsmap.filters.reading import FOLDS, Read, Reader, counted, matched
from hantsmap.filters.spatial import PREDICATES, spatial
from hantsmap.filters.temporal import RELATIONS, relation
from hantsmap.filters.values import Kind, Literal


def _joined(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """AND and OR."""
    if len(args) < 2:
        raise refusal(f"{name.upper()} takes two conditions or more.")
    return Both(tuple(reader.condition(arg, depth + 1) for arg in args), name == "and")


def _negated(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    counted(name, args, 1)
    return Not(reader.condition(args[0], depth + 1))


def _compared(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """= <> < > <= >=."""
    counted(name, args, 2)
    return Compare(name, *matched(reader.single(args[0], depth + 1), reader.single(args[1], depth + 1)))


def _between(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """BETWEEN of anything that has an order; both ends are in."""
    counted(name, args, 3)
    value, low, high = args
    ends = (_compared(reader, ">=", [value, low], depth), _compared(reader, "<=", [value, high], depth))
    return Both(ends, every=True)


def _in(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """IN."""
    counted(name, args, 2)
    choices = args[1]
    if not isinstance(choices, list) or not choices:
        raise refusal("IN takes a list of at least one value in brackets.")
    if len(choices) > MAX_LIST:
        raise refusal(f"IN has more than {MAX_LIST:,} values.")
    value = reader.single(args[0], depth + 1)
    literals = []
    for choice in choices:
        _, right = matched(value, reader.single(choice, depth + 1))
        if not isinstance(right, Literal):
            return _in_values(reader, args[0], choices, depth)
        literals.append(right)
    if isinstance(value, Literal):
        return _in_values(reader, args[0], choices, depth)
    return Among(value, tuple(literals))


def _in_values(reader: Reader, value: Any, choices: list[Any], depth: int) -> Condition:
    """IN with properties in its list, or of a literal, is a chain of comparisons."""
    parts = tuple(reader.condition({"op": "=", "args": [value, choice]}, depth + 1) for choice in choices)
    return Both(parts, every=False)


def _like(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """LIKE."""
    counted(name, args, 2)
    value, pattern = (reader.single(arg, depth + 1) for arg in args)
    if value.kind is not Kind.TEXT:
        raise refusal(f"LIKE takes text, not {value.words}.")
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str) or pattern.kind is not Kind.TEXT:
        raise refusal("The pattern of LIKE is a text in quotation marks, such as LIKE 'High%'.")
    like(pattern.value)
    return Like(value, pattern.value)


def _is_null(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """IS NULL."""
    counted(name, args, 1)
    if args[0] == {"property": GEOMETRY} and reader.has_geometry:
        return NoGeometry()
    return IsNull(reader.value(args[0], depth + 1))


READERS: dict[str, Read] = {
    "and": _joined,
    "or": _joined,
    "not": _negated,
    **dict.fromkeys(COMPARE, _compared),
    "between": _between,
    "in": _in,
    "like": _like,
    "isnull": _is_null,
    **dict.fromkeys(PREDICATES, spatial),
    **dict.fromkeys(RELATIONS, relation),
    **dict.fromkeys(NAMES, arrays),
}
FUNCTIONS = tuple(name.upper() for name in (*FOLDS, *PREDICATES, *RELATIONS, *NAMES))

_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMANCE = tuple(
    _CQL2 + name
    for name in (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        # The name of `basic-spatial-functions` in the drafts. QGIS still looks for it, and without it sends no
        # spatial filter.
        "basic-spatial-operators",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "array-functions",
        "property-property",
        "arithmetic",
    )
)
