"""Array functions (OGC 21-065, Array Functions) of lists and arrays, as sets: order and repetition do not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hantsmap.filters.columns import Bools, Columns
from hantsmap.filters.conditions import Condition, Constant
from hantsmap.filters.limits import MAX_LIST, refusal
from hantsmap.filters.reading import LISTS, Reader, counted
from hantsmap.filters.truth import Truth, known
from hantsmap.filters.values import Kind, Literal, Property

NAMES = ("a_contains", "a_containedby", "a_equals", "a_overlaps")
TURNED = {"a_contains": "a_containedby", "a_containedby": "a_contains"}
ELEMENTS = {Kind.TEXTS: Kind.TEXT, Kind.NUMBERS: Kind.NUMBER}
TYPES = {Kind.TEXTS: pa.string(), Kind.NUMBERS: pa.int64()}


@dataclass(frozen=True, slots=True)
class Arrays(Condition):
    """`name`(list, values) of a list property and distinct `values`, or another list property.

    `strange` is how many more values there were that no such list can hold.
    """

    name: str
    left: Property
    right: Property | tuple[Any, ...]
    strange: int = 0

    def truth(self, columns: Columns, wanted: Bools | None) -> Truth:
        column = columns.column(self.left.name)
        valid = _numpy(column.is_valid())
        rows, items = _flat(column)
        if isinstance(self.right, Property):
            other = columns.column(self.right.name)
            valid = valid & _numpy(other.is_valid())
            other_rows, other_items = _flat(other)
            mine, theirs = _numbered(rows, items, other_rows, other_items)
            shared = np.intersect1d(mine[0], theirs[0], assume_unique=True) // mine[1]
            sizes = np.bincount(theirs[0] // theirs[1], minlength=columns.count)
            own = np.bincount(mine[0] // mine[1], minlength=columns.count)
        else:
            choice = pa.array(self.right, items.type)
            codes = pc.index_in(items, choice).fill_null(-1).to_numpy(zero_copy_only=False)
            hit = codes >= 0
            width = max(len(choice), 1)
            shared = _distinct(rows[hit] * width + codes[hit]) // width
            sizes = np.full(columns.count, len(choice) + self.strange)
            # Elements beyond the literal count one by one: only whether there are any matters.
            own = np.bincount(shared, minlength=columns.count) + np.bincount(rows[~hit], minlength=columns.count)
        both = np.bincount(shared, minlength=columns.count)
        return known(self._relate(both, own, sizes), valid)

    def _relate(self, both: Any, own: Any, sizes: Any) -> Any:
        """From the numbers (n,) of shared elements and of elements of each side."""
        match self.name:
            case "a_contains":
                return both == sizes
            case "a_containedby":
                return both == own
            case "a_equals":
                return (both == sizes) & (both == own)
            case _:
                return both > 0


def _numpy(column: Any) -> Bools:
    return np.asarray(column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy())


def _flat(column: Any) -> tuple[Any, Any]:
    """Row number and value of each element that is not null, of a list column."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    rows, items = pc.list_parent_indices(whole), pc.list_flatten(whole)
    valid = items.is_valid()
    return rows.filter(valid).to_numpy().astype(np.int64), items.filter(valid)


def _distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sorted, each once. Rows come in order, which a stable sort makes use of and np.unique does not."""
    ordered = np.sort(numbers, kind="stable")
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _numbered(rows: Any, items: Any, other_rows: Any, other_items: Any) -> tuple[tuple[Any, int], tuple[Any, int]]:
    """Distinct (row, value) pairs of two flat lists as numbers, row * width + code, and the width."""
    words = pa.concat_arrays([items, other_items]).unique()
    width = max(len(words), 1)

    def pairs(rows: Any, items: Any) -> Any:
        return _distinct(rows * width + pc.index_in(items, words).to_numpy(zero_copy_only=False))

    return (pairs(rows, items), width), (pairs(other_rows, other_items), width)


def arrays(reader: Reader, name: str, args: list[Any], depth: int) -> Condition:
    """Reads an array function: of a list property and an array or another list property, or of two arrays.

    Raises QueryError.
    """
    counted(name, args, 2)
    left, right = (_side(reader, name, arg, depth + 1) for arg in args)
    if isinstance(left, tuple):
        name, left, right = TURNED.get(name, name), right, left
    if isinstance(left, tuple):
        # Turned above: `left` is the second argument.
        return _of_literals(TURNED.get(name, name), right, left)
    element = ELEMENTS[left.kind]
    if isinstance(right, Property):
        if right.kind is not left.kind:
            raise refusal(f"{left.words} cannot be compared with {right.words}.")
        return Arrays(name, left, right)
    for literal in right:
        if literal.kind is not element:
            raise refusal(f"{left.words} cannot be compared with {literal.words}.")
    values = tuple(dict.fromkeys(literal.value for literal in right))
    # A fraction equals no element of a list of integers.
    found = tuple(value for value in values if not isinstance(value, float))
    return Arrays(name, left, found, len(values) - len(found))


def _of_literals(name: str, first: Any, second: Any) -> Constant:
    """Two arrays are the same to every feature."""
    kinds = {literal.kind for literal in (*first, *second)}
    if len(kinds) > 1:
        raise refusal(f"{name.upper()} takes arrays of values of one kind.")
    one, other = ({literal.value for literal in side} for side in (first, second))
    match name:
        case "a_contains":
            return Constant(one >= other)
        case "a_containedby":
            return Constant(one <= other)
        case "a_equals":
            return Constant(one == other)
        case _:
            return Constant(bool(one & other))


def _side(reader: Reader, name: str, tree: Any, depth: int) -> Property | tuple[Literal, ...]:
    parts = tree if isinstance(tree, list) else [tree]
    if len(parts) > MAX_LIST:
        raise refusal(f"{name.upper()} has more than {MAX_LIST:,} values.")
    values = [reader.value(part, depth) for part in parts]
    if not isinstance(tree, list) and isinstance(values[0], Property) and values[0].kind in LISTS:
        return values[0]
    literals = tuple(value for value in values if isinstance(value, Literal))
    if len(literals) < len(values):
        raise refusal(f"{name.upper()} takes properties that are lists and arrays of literals.")
    return literals
