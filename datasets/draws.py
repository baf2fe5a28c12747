"""Columns of random values: choices with odds, dates, yes and no, and identifiers. Lists and arrays have length n."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.shapes import Ints

Column = NDArray[Any]


def choices(rng: np.random.Generator, count: int, odds: dict[Any, float]) -> Column:
    """Values drawn by their odds, which need not add up to one."""
    share = np.array(list(odds.values()), dtype=float)
    values = np.empty(len(odds), dtype=object)
    values[:] = list(odds)
    return values[rng.choice(len(values), count, p=share / share.sum())]


def dates(rng: np.random.Generator, count: int, first: str, last: str) -> Column:
    """ISO dates from first to last."""
    start, end = np.datetime64(first, "D"), np.datetime64(last, "D")
    days = rng.integers(0, (end - start).astype(int) + 1, count)
    return np.array([str(day) for day in start + days], dtype=object)


def chance(rng: np.random.Generator, count: int, odds: float) -> NDArray[np.bool_]:
    """True with the given odds."""
    return rng.random(count) < odds


def where(condition: NDArray[np.bool_], values: Any, otherwise: Any = None) -> Column:
    """Like numpy.where, but for objects: None stays None."""
    found = np.empty(len(condition), dtype=object)
    found[:] = values
    found[~condition] = otherwise if not isinstance(otherwise, np.ndarray) else otherwise[~condition]
    return found


def numbered(pattern: str, count: int, first: int = 1) -> list[str]:
    """`pattern` filled with first, first + 1, ..."""
    return [pattern.format(number) for number in range(first, first + count)]


def scattered(rng: np.random.Generator, count: int, digits: int) -> list[str]:
    """Different numbers of so many digits, far from one another: neither a gap nor the highest one tells how many there
    are. A tenth of the numbers, at the most, is used."""
    if count * 10 > 9 * 10 ** (digits - 1):
        raise ValueError(f"{count} numbers are too many for {digits} digits: use more digits")
    found: dict[int, None] = {}
    while len(found) < count:
        found |= dict.fromkeys(rng.integers(10 ** (digits - 1), 10**digits, count - len(found)).tolist())
    return [str(number) for number in found]


def with_faulty_first(ids: list[str], pattern: str, first: int) -> list[str]:
    """The identifiers, but the first rows, in which faults are planted, are known by 1, 2, ..."""
    return [*numbered(pattern, first), *ids[first:]]


def uuids(rng: np.random.Generator, count: int) -> list[str]:
    """Identifiers in the form of a UUID (not of any version: they are invented)."""
    digits = [row.tobytes().hex() for row in rng.integers(0, 256, (count, 16), dtype=np.uint8)]
    return [f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}" for d in digits]


def postcodes(rng: np.random.Generator, district: Ints) -> list[str]:
    """Postcodes of areas that do not exist (ZX), one in each of the districts, whose numbers are given."""
    # Drawn when districts were, and still: all that is drawn after it stays as it was.
    rng.integers(1, 60, len(district))
    inner = rng.integers(0, 10, len(district))
    letters = rng.choice(list("ABDEFGHJLNPQRSTUWXYZ"), (len(district), 2))
    return [f"ZX{o} {i}{a}{b}" for o, i, (a, b) in zip(district.tolist(), inner, letters, strict=True)]


def joined(values: Sequence[Sequence[str]]) -> list[str]:
    """Lists as publishers write them in one cell: with semicolons."""
    return [";".join(value) for value in values]
