"""Random filters on random tables, against an oracle that takes one row at a time with None as unknown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap.crs import CRS84
from hantsmap.filters import parse
from hantsmap.layer import FieldType

TYPES = {
    "i": FieldType.INTEGER,
    "j": FieldType.INTEGER,
    "f": FieldType.NUMBER,
    "s": FieldType.STRING,
    "t": FieldType.STRING,
    "b": FieldType.BOOLEAN,
}
TEXTS = st.sampled_from(["", "a", "A", "ab", "é", "É", "a%", "b_", "\\", "ß", "ss"])
NUMBERS = st.sampled_from([-2, -1, 0, 1, 2, 3, 0.5, -1.5])
ROWS = st.lists(
    st.tuples(
        *[
            st.none() | kind
            for kind in (
                st.integers(-3, 3),
                st.integers(-3, 3),
                st.sampled_from([-1.5, -0.0, 0.0, 0.5, 2.0]),
                TEXTS,
                TEXTS,
                st.booleans(),
            )
        ]
    ),
    min_size=1,
    max_size=12,
)
Tree = tuple[Any, ...]

number = st.recursive(
    st.one_of(st.tuples(st.just("lit"), NUMBERS), st.tuples(st.just("prop"), st.sampled_from("ijf"))),
    lambda inner: st.tuples(st.sampled_from(["+", "-", "*", "/", "%", "div", "^"]), inner, inner),
    max_leaves=4,
)
text = st.one_of(
    st.tuples(st.just("lit"), TEXTS),
    st.tuples(st.just("prop"), st.sampled_from("st")),
    st.tuples(st.just("casei"), st.tuples(st.just("prop"), st.sampled_from("st"))),
)
OPERATORS = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])
condition = st.recursive(
    st.one_of(
        st.tuples(OPERATORS, number, number),
        st.tuples(OPERATORS, text, text),
        st.tuples(st.just("prop"), st.just("b")),
        st.tuples(st.just("null"), st.one_of(number, text)),
        st.tuples(st.just("between"), number, number, number),
        st.tuples(st.just("in"), number, st.lists(st.tuples(st.just("lit"), NUMBERS), min_size=1, max_size=4)),
        st.tuples(st.just("in"), text, st.lists(text, min_size=1, max_size=3)),
        st.tuples(st.just("like"), text, st.text(alphabet="aAbé%_\\", max_size=4)),
    ),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
        st.tuples(st.just("not"), inner),
    ),
    max_leaves=8,
)


def written(tree: Tree) -> str:
    """The tree as CQL2 text."""
    match tree:
        case ("lit", str() as value):
            return "'" + value.replace("'", "''") + "'"
        case ("lit", value):
            return str(value)
        case ("prop", name):
            return str(name)
        case ("casei", inner):
            return f"CASEI({written(inner)})"
        case ("null", inner):
            return f"({written(inner)}) IS NULL"
        case ("not", inner):
            return f"NOT ({written(inner)})"
        case ("between", value, low, high):
            return f"({written(value)}) BETWEEN ({written(low)}) AND ({written(high)})"
        case ("in", value, choices):
            return f"({written(value)}) IN ({', '.join(written(choice) for choice in choices)})"
        case ("like", value, pattern):
            return f"{written(value)} LIKE '{pattern}'"
        case (operator, left, right):
            return f"({written(left)}) {operator} ({written(right)})"
    raise AssertionError(tree)


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
    "div": lambda a, b: math.trunc(a / b),
    "^": math.pow,
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def computed(operator: str, left: Any, right: Any) -> float | None:
    """Arithmetic of one row; None where an operand is unknown or there is no finite result."""
    if left is None or right is None:
        return None
    try:
        result = ARITHMETIC[operator](float(left), float(right))
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def liked(value: str, pattern: str) -> bool:
    """LIKE of one text."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return bool(re.fullmatch("".join(wild.get(part) or re.escape(part[-1]) for part in parts), value, re.DOTALL))


def both(left: bool | None, right: bool | None) -> bool | None:
    """Kleene's AND."""
    return False if left is False or right is False else None if left is None or right is None else True


def negated(value: bool | None) -> bool | None:
    """Kleene's NOT."""
    return None if value is None else not value


def answered(tree: Tree, row: dict[str, Any]) -> Any:
    """The value or truth of a tree for one row; None is unknown."""
    match tree:
        case ("not", inner):
            return negated(answered(inner, row))
        case ("and", left, right):
            return both(answered(left, row), answered(right, row))
        case ("or", left, right):
            return negated(both(negated(answered(left, row)), negated(answered(right, row))))
        case ("between", value, low, high):
            return both(answered((">=", value, low), row), answered(("<=", value, high), row))
        case ("in", value, choices):
            return among(value, choices, row)
    return simple(tree, row)


def among(value: Tree, choices: list[Tree], row: dict[str, Any]) -> bool | None:
    """IN as the chain of OR that it stands for."""
    found: bool | None = False
    for choice in choices:
        found = negated(both(negated(found), negated(answered(("=", value, choice), row))))
    return found


def simple(tree: Tree, row: dict[str, Any]) -> Any:
    """The value or truth of a tree that joins no conditions."""
    match tree:
        case ("lit", value):
            return value
        case ("prop", name):
            return row[name]
        case ("casei", inner):
            value = answered(inner, row)
            return None if value is None else value.casefold()
        case ("null", inner):
            return answered(inner, row) is None
        case ("like", value, pattern):
            subject = answered(value, row)
            return None if subject is None else liked(subject, pattern)
        case (operator, left, right) if operator in ARITHMETIC:
            return computed(operator, answered(left, row), answered(right, row))
        case (operator, left, right):
            a, b = answered(left, row), answered(right, row)
            return None if a is None or b is None else COMPARE[operator](a, b)
    raise AssertionError(tree)


@settings(max_examples=examples(600), deadline=None)
@given(condition, ROWS, st.booleans())
def test_agrees_with_the_oracle(make: Callable[..., Any], tree: Tree, rows: list[tuple[Any, ...]], coded: bool) -> None:
    """Whatever the filter and the data, the features matched are those of SQL's three-valued logic."""
    table = make(TYPES, rows)
    if coded:
        table.columns["s"] = table.columns["s"].dictionary_encode()
    found = parse(written(tree), "cql2-text", CRS84, table).matches(table)
    assert list(found) == [answered(tree, dict(zip(TYPES, row, strict=True))) is True for row in rows]
