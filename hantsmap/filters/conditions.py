"""Conditions: the nodes of a checked filter, each of which knows its truth for every feature (OGC 21-065)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap import deadline
from hantsmap.filters.columns import Bools, Columns
from hantsmap.filters.folding import like
from hantsmap.filters.times import midnight
from hantsmap.filters.truth import Truth, everywhere, from_arrow, known, of_column
from hantsmap.filters.values import Kind, Literal, Value, aligned

COMPARE = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    ">": pc.greater,
    "<=": pc.less_equal,
    ">=": pc.greater_equal,
}
ORDERS = ("<", ">", "<=", ">=")
MIRROR = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Condition:
    """A node. `costly` nodes are asked last, and only about the features that they can still decide."""

    @property
    def costly(self) -> bool:
        return False

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        """The truth for every feature. Where `wanted` (n,) is false the answer does not matter and may be unknown."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Constant(Condition):
    """TRUE, FALSE, or unknown (None)."""

    answer: bool | None

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        return everywhere(self.answer, columns.count)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """NOT; unknown stays unknown."""

    inner: Condition

    @property
    def costly(self) -> bool:
        return self.inner.costly

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        return ~self.inner.truth(columns, wanted)


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """AND (`every`) or OR of two conditions or more, the cheap ones first."""

    parts: tuple[Condition, ...]
    every: bool

    @property
    def costly(self) -> bool:
        return any(part.costly for part in self.parts)

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        answer = everywhere(self.every, columns.count)
        for part in sorted(self.parts, key=lambda part: part.costly):
            deadline.check()
            open_still: Bools | None = None
            if part.costly:
                open_still = ~(answer.no if self.every else answer.yes)
                open_still = open_still if wanted is None else open_still & wanted
            found = part.truth(columns, open_still)
            answer = answer & found if self.every else answer | found
        return answer


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """= <> < > <= >= of two values of one kind. Texts compare by code point; false comes before true."""

    operator: str
    left: Value
    right: Value

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        operator, left, right = self.operator, self.left, self.right
        if isinstance(left, Literal):
            operator, left, right = MIRROR[operator], right, left
        test, column = COMPARE[operator], left.arrow(columns)
        if left.kind is Kind.TEXT and isinstance(right, Literal) and not isinstance(column, pa.Scalar):
            other = right.scalar()
            return of_column(column, lambda values: test(values, other))
        first, second = aligned(column, right.arrow(columns))
        if left.kind is Kind.BOOLEAN and operator in ORDERS:
            # Arrow orders no booleans; as integers, false is 0 and true 1.
            first, second = pc.cast(first, pa.int8()), pc.cast(second, pa.int8())
        return from_arrow(test(first, second), columns.count)


@dataclass(frozen=True, slots=True)
class Among(Condition):
    """IN a list of literals, at least one of them known."""

    value: Value
    literals: tuple[Literal, ...]

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        column = self.value.arrow(columns)
        if isinstance(column, pa.Scalar):
            column = pa.array([column.as_py()], column.type)
        found = of_column(column, self._test)
        if len(found.yes) == columns.count:
            return found
        return Truth(np.repeat(found.yes, columns.count), np.repeat(found.no, columns.count))

    def _test(self, column: Any) -> Any:
        choice = [value for literal in self.literals for value in _in_type(literal.value, column.type)]
        found = pc.is_in(column, pa.array(choice, column.type))
        return pc.if_else(column.is_valid(), found, None) if column.null_count else found


def _in_type(value: Any, wanted: Any) -> list[Any]:
    """A literal as values of a column's type that equal it: none for 2.5 among integers, 0.0 and -0.0 for 0."""
    if pa.types.is_floating(wanted):
        return [float(value)] if value else [0.0, -0.0]
    if pa.types.is_integer(wanted):
        return [value] if isinstance(value, int) else []
    if pa.types.is_timestamp(wanted) and not isinstance(value, datetime):
        return [midnight(value)]
    if pa.types.is_date(wanted) and isinstance(value, datetime):
        return [value.date()] if value == midnight(value) else []
    return [value]


@dataclass(frozen=True, slots=True)
class Like(Condition):
    """LIKE of a text and a literal pattern."""

    value: Value
    pattern: str

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        column, test = self.value.arrow(columns), like(self.pattern)
        if isinstance(column, pa.Scalar):
            return everywhere(test(pa.array([column.as_py()]))[0].as_py(), columns.count)
        return of_column(column, test)


@dataclass(frozen=True, slots=True)
class IsNull(Condition):
    """IS NULL of a value; always known."""

    value: Value

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        column = self.value.arrow(columns)
        if isinstance(column, pa.Scalar):
            return everywhere(not column.is_valid, columns.count)
        present = of_column(column, lambda values: values.is_valid())
        # A row without an index into the dictionary is unknown to of_column: it is null like one whose word is null.
        return Truth(~present.yes, present.yes)


@dataclass(frozen=True, slots=True)
class NoGeometry(Condition):
    """`geometry IS NULL`."""

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        missing = np.isnan(columns.boxes()[:, 0])
        return known(missing, np.ones(columns.count, np.bool_))
