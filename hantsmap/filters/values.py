"""Values that a filter compares: properties, literals, folded text and arithmetic (OGC 21-065)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap import deadline
from hantsmap.filters.columns import Columns, Floats
from hantsmap.filters.folding import folded
from hantsmap.filters.limits import shown
from hantsmap.layer import FieldType

TIMESTAMP = pa.timestamp("us", "UTC")


class Kind(StrEnum):
    """What a value is, as far as comparing goes. Dates and datetimes are both instants; a date is its UTC midnight."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    INSTANT = "a date or time"
    TEXTS = "a list of texts"
    NUMBERS = "a list of numbers"


KINDS = {
    FieldType.STRING: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.INSTANT,
    FieldType.DATETIME: Kind.INSTANT,
    FieldType.STRINGS: Kind.TEXTS,
    FieldType.INTEGERS: Kind.NUMBERS,
}
ARROW_KINDS = {Kind.TEXT: pa.string(), Kind.BOOLEAN: pa.bool_()}


@dataclass(frozen=True, slots=True)
class Value:
    """A typed value for each feature."""

    kind: Kind

    @property
    def words(self) -> str:
        """How a refusal names it."""
        return f"an expression ({self.kind})"

    def arrow(self, columns: Columns) -> Any:
        """The values as a pyarrow array or chunked array of n, or a pyarrow scalar that holds for every feature."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Property(Value):
    """A column."""

    name: str

    @property
    def words(self) -> str:
        return f"`{self.name}` ({self.kind})"

    def arrow(self, columns: Columns) -> Any:
        return columns.column(self.name)


@dataclass(frozen=True, slots=True)
class Literal(Value):
    """A value written in the filter: str, int, float, bool, date or UTC datetime; None is unknown (1 / 0)."""

    value: str | int | float | bool | date | datetime | None

    @property
    def words(self) -> str:
        return f"`{shown(str(self.value))}` ({self.kind})"

    def arrow(self, columns: Columns) -> Any:
        return self.scalar()

    def scalar(self) -> Any:
        """The value as a pyarrow scalar: string, int64, double, bool, date32 or timestamp[us, UTC]."""
        if self.kind is Kind.INSTANT:
            return pa.scalar(self.value, TIMESTAMP if isinstance(self.value, datetime) else pa.date32())
        if self.kind is Kind.NUMBER:
            return pa.scalar(self.value, pa.int64() if isinstance(self.value, int) else pa.float64())
        return pa.scalar(self.value, ARROW_KINDS[self.kind])


def number_literal(value: float) -> Literal:
    """A number, as int where it is one of 64 bits, so that integers compare exactly whichever way they are written."""
    whole = abs(value) < 2**63 and value == int(value)
    return Literal(Kind.NUMBER, int(value) if whole else float(value))


@dataclass(frozen=True, slots=True)
class Folded(Value):
    """CASEI or ACCENTI of a text."""

    inner: Value
    function: str

    def arrow(self, columns: Columns) -> Any:
        text = self.inner.arrow(columns)
        deadline.check()
        return folded(text, self.function)


@dataclass(frozen=True, slots=True)
class Arithmetic(Value):
    """Arithmetic in 64-bit floating point; what is not a number (1 / 0, 0 ^ -1) is unknown.

    `div` cuts off the fraction and the result of `%` has the sign of its first operand, as in SQL.
    """

    operator: str
    left: Value
    right: Value

    def arrow(self, columns: Columns) -> Any:
        result = self.numbers(columns)
        if not result.ndim:
            return pa.scalar(None if np.isnan(result) else float(result), pa.float64())
        return pa.array(result, from_pandas=True)

    def numbers(self, columns: Columns) -> Floats:
        """The result (n,) or (), NaN where unknown."""
        left, right = as_floats(self.left, columns), as_floats(self.right, columns)
        deadline.check()
        with np.errstate(all="ignore"):
            result = OPERATORS[self.operator](left, right)
        # NaN ^ 0 and 1 ^ NaN are 1 for numpy, but unknown here.
        return np.where(np.isfinite(result) & ~np.isnan(left) & ~np.isnan(right), result, np.nan)


OPERATORS: dict[str, Any] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "div": lambda left, right: np.trunc(np.divide(left, right)),
    "^": np.float_power,
}


def as_floats(value: Value, columns: Columns) -> Floats:
    """A number for each feature (n,), or () where it is the same for all; NaN where unknown."""
    if isinstance(value, Arithmetic):
        return value.numbers(columns)
    if isinstance(value, Literal):
        return np.asarray(np.nan if value.value is None else value.value, np.float64)
    column = pc.cast(value.arrow(columns), pa.float64(), safe=False)
    column = column.fill_null(np.nan) if column.null_count else column
    return np.asarray(column.to_numpy(), np.float64)


def aligned(left: Any, right: Any) -> tuple[Any, Any]:
    """Two pyarrow operands of one kind in one type: instants as timestamps, unequal numbers as doubles, text decoded.

    pyarrow's own promotion of integers to doubles refuses those beyond 2^53; this rounds them.
    """
    if pa.types.is_dictionary(left.type):
        left = pc.cast(left, left.type.value_type)
    if pa.types.is_dictionary(right.type):
        right = pc.cast(right, right.type.value_type)
    if left.type == right.type:
        return left, right
    if pa.types.is_temporal(left.type):
        return pc.cast(left, TIMESTAMP), pc.cast(right, TIMESTAMP)
    if pa.types.is_integer(left.type) or pa.types.is_integer(right.type):
        return pc.cast(left, pa.float64(), safe=False), pc.cast(right, pa.float64(), safe=False)
    return left, right
