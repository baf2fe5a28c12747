"""The CQL2 JSON tree, checked and typed: every name, type and count is settled before a single row is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hantsmap import deadline
from hantsmap.crs import Crs
from hantsmap.filters.columns import GEOMETRY, Columns
from hantsmap.filters.conditions import Compare, Condition, Constant
from hantsmap.filters.folding import folded_literal
from hantsmap.filters.limits import MAX_CONDITIONS, MAX_DEPTH, MAX_VERTICES, TOO_DEEP, TOO_MANY, refusal, shown
from hantsmap.filters.times import instant, instant_of
from hantsmap.filters.values import (
    KINDS,
    OPERATORS,
    Arithmetic,
    Folded,
    Kind,
    Literal,
    Property,
    Value,
    number_literal,
)
from hantsmap.layer import FieldType

LISTS = (Kind.TEXTS, Kind.NUMBERS)
FOLDS = ("casei", "accenti")
Read = Callable[["Reader", str, list[Any], int], Condition]


@dataclass
class Reader:
    """Reads one filter against the properties of one collection. `crs` is that of literal geometries; `readers` says
    how each condition is read, by the lower-case name of its operator or function. `vertices` is how many its literal
    geometries may still have."""

    columns: Columns
    crs: Crs
    readers: Mapping[str, Read]
    conditions: int = 0
    vertices: int = MAX_VERTICES

    def condition(self, tree: Any, depth: int = 0) -> Condition:
        """A tree as a condition. Raises QueryError with a sentence about the first thing wrong in it."""
        if depth > MAX_DEPTH:
            raise refusal(TOO_DEEP)
        deadline.check()
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise refusal(TOO_MANY)
        if isinstance(tree, bool):
            return Constant(tree)
        if isinstance(tree, dict) and "op" in tree:
            return self.operation(*operation(tree), depth)
        if isinstance(tree, dict) and "property" in tree:
            value = self.value(tree, depth)
            if value.kind is Kind.BOOLEAN:
                return Compare("=", value, Literal(Kind.BOOLEAN, True))
            raise refusal(f"{value.words} is not a condition: compare it with something.")
        raise refusal("The filter, or a part of it, is a value and not a condition. Compare it with a property.")

    def operation(self, name: str, args: list[Any], depth: int) -> Condition:
        """A condition by the name of its operator or function."""
        read = self.readers.get(name)
        if read:
            return read(self, name, args, depth)
        if name in FOLDS or name in OPERATORS:
            raise refusal(f"`{shown(name)}` gives a value and not a condition. Compare it with a property.")
        choice = ", ".join(known.upper() for known in (*FOLDS, *self.readers) if known in FOLDS or known[1:2] == "_")
        raise refusal(f"`{shown(name)}` is not an operator or function of this service. The functions are: {choice}.")

    def value(self, tree: Any, depth: int) -> Value:
        """A tree as a value. Raises QueryError."""
        if depth > MAX_DEPTH:
            raise refusal(TOO_DEEP)
        if isinstance(tree, bool):
            return Literal(Kind.BOOLEAN, tree)
        if isinstance(tree, str):
            return Literal(Kind.TEXT, tree)
        if isinstance(tree, int | float):
            return self._number(tree)
        if tree is None:
            raise refusal("NULL cannot be compared. Use IS NULL or IS NOT NULL.")
        if isinstance(tree, dict):
            if "property" in tree:
                return self.column(tree["property"])
            if "date" in tree or "timestamp" in tree:
                return Literal(Kind.INSTANT, instant_of(tree))
            if "op" in tree:
                return self._computed(*operation(tree), depth)
        raise refusal("The filter has a list, an interval or a geometry where one value is expected.")

    def column(self, name: Any) -> Property:
        """A property of the collection. The sentence about any other name can only list those that there are."""
        fields = self.columns.fields
        if name == GEOMETRY and self.has_geometry:
            raise refusal("`geometry` cannot be compared with a value. Use S_INTERSECTS or another spatial function.")
        if not isinstance(name, str) or name not in fields:
            choice = ", ".join([*fields, GEOMETRY] if self.has_geometry else fields)
            raise refusal(f"`{shown(str(name))}` is not a property of this collection. It has: {choice}.")
        if fields[name].type is FieldType.OBJECT:
            raise refusal(f"`{name}` holds objects, which cannot be filtered.")
        return Property(KINDS[fields[name].type], name)

    @property
    def has_geometry(self) -> bool:
        """True where the collection has a geometry."""
        return self.columns.geometry_type != "none"

    def single(self, tree: Any, depth: int) -> Value:
        """A value that is not a list."""
        value = self.value(tree, depth)
        if value.kind in LISTS:
            raise refusal(f"{value.words} is compared with A_CONTAINS, A_CONTAINEDBY, A_EQUALS or A_OVERLAPS.")
        return value

    @staticmethod
    def _number(number: int | float) -> Literal:
        try:
            if math.isfinite(number):
                return number_literal(number)
        except OverflowError:
            pass
        raise refusal("The filter has a number that is too large.")

    def _computed(self, name: str, args: list[Any], depth: int) -> Value:
        if name in FOLDS:
            counted(name, args, 1)
            inner = self.value(args[0], depth + 1)
            if inner.kind is not Kind.TEXT:
                raise refusal(f"{name.upper()} takes text, not {inner.words}.")
            if isinstance(inner, Literal):
                return Literal(Kind.TEXT, folded_literal(str(inner.value), name))
            return Folded(Kind.TEXT, inner, name)
        if name in OPERATORS:
            counted(name, args, 2)
            left, right = (self.value(arg, depth + 1) for arg in args)
            for value in (left, right):
                if value.kind is not Kind.NUMBER:
                    raise refusal(f"`{name}` takes numbers, not {value.words}.")
            return Arithmetic(Kind.NUMBER, name, left, right)
        self.operation(name, args, depth + 1)
        raise refusal(f"`{shown(name)}` is a condition, which cannot be compared or computed with.")


def operation(tree: dict[str, Any]) -> tuple[str, list[Any]]:
    """Name, in lower case, and arguments of an operation. Raises QueryError where it is not one."""
    name, args = tree.get("op"), tree.get("args")
    if not isinstance(name, str) or not isinstance(args, list):
        raise refusal("An operation of the filter needs an `op`, which is a text, and `args`, which is a list.")
    return name.lower(), args


def counted(name: str, args: list[Any], *allowed: int) -> None:
    """Refuses an operation with another number of arguments."""
    if len(args) not in allowed:
        raise refusal(f"`{shown(name)}` takes {allowed[0]} argument{'s' * (allowed[0] > 1)}, not {len(args)}.")


def matched(left: Value, right: Value) -> tuple[Value, Value]:
    """Two values of one kind: a text beside a date is read as a date (QGIS writes dates so), 0 and 1 as a boolean.

    Of two literals, either may be read as the kind of the other.

    Raises QueryError where they cannot be compared.
    """
    if left.kind is right.kind:
        return left, right
    if isinstance(right, Literal) and (not isinstance(left, Literal) or left.kind in (Kind.INSTANT, Kind.BOOLEAN)):
        return left, _as_kind(right, left)
    if isinstance(left, Literal):
        return _as_kind(left, right), right
    raise refusal(f"{left.words} cannot be compared with {right.words}.")


def _as_kind(literal: Literal, other: Value) -> Literal:
    if other.kind is Kind.INSTANT and isinstance(literal.value, str):
        return Literal(Kind.INSTANT, instant(literal.value))
    # GDAL has no booleans of its own: it writes them as 1 and 0.
    if other.kind is Kind.BOOLEAN and literal.kind is Kind.NUMBER and literal.value in (0, 1):
        return Literal(Kind.BOOLEAN, bool(literal.value))
    raise refusal(f"{other.words} cannot be compared with {literal.words}.")
