"""What a reader of the published table can work out of what it does not show."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hantsmap.access import Counts
from hantsmap.disclosure.cells import Cells, collapse, read
from hantsmap.disclosure.equations import Booleans, Equations, Numbers

BOUNDLESS = 2.0**40
"""More people than there are; sums of a thousand such are exact still."""

_ROUNDS = 64
"""Passes over the equations. Intervals narrow in the first few, or creep by one person at a time for ever."""


def exposed(table_before: pa.Table, table_after: pa.Table, counts: Counts) -> list[str]:
    """Cells that are not shown and yet can be worked out, exactly or to less than `suppress_under`; none is the aim.

    The attacker sees `table_after` and knows the rules: what adds up to what, that no count is negative, how shown
    counts were rounded, and that none under the threshold is shown. It goes from equation to equation, narrowing the
    interval of each hidden cell, until nothing narrows. `table_before` says only which cells there were to hide: those
    that were suppressed, and those under the threshold that are not published at their level. The answer tells
    secrets: keep it out of logs that others read.
    """
    if len(table_before) != len(table_after):
        raise ValueError("The two tables have different numbers of rows: give the same rows, before and after.")
    before, after = read(table_before, counts), read(table_after, counts)
    least, most = intervals(after, counts, after.values, whole_numbers(table_after, counts))
    narrow(after.systems, least, most)
    missing = before.shown & ~after.shown
    missing &= collapse(table_before, counts) | before.small
    found = np.flatnonzero(missing & (most - least < counts.suppress_under))
    return [_name(table_before, counts, cell, least[cell], most[cell]) for cell in found.tolist()]


def whole_numbers(table: pa.Table, counts: Counts) -> bool:
    """Whether all of the counts are integers, so that 10 to the nearest 5 was 8 to 12 and no fraction beyond."""
    return all(pa.types.is_integer(table[name].type) for name in counts.fields)


def intervals(cells: Cells, counts: Counts, published: Numbers, whole: bool) -> tuple[Numbers, Numbers]:
    """What each cell can be, seen by itself: least and most. Rounding is half up: 10 to the nearest 10 was 5 to 14."""
    base = counts.round_to
    down, up = (base // 2, (base + 1) // 2 - 1) if whole else (base / 2, base / 2)
    most = np.where(cells.shown, published + up, BOUNDLESS)
    # None under the threshold is shown; where one is all the same, it is what it is.
    floor = np.where(most >= counts.suppress_under, counts.suppress_under, 0)
    return np.where(cells.shown, np.maximum(published - down, floor), 0.0), most


def narrow(systems: list[Equations], least: Numbers, most: Numbers) -> None:
    """Narrow the intervals of cells (in place) by what the equations say, until they stay as they are."""
    live = [system.where(system.any_of(least < most)) for system in systems]
    for _ in range(_ROUNDS):
        changed = np.zeros(len(least), dtype=np.bool_)
        for system in live:
            _once(system, least, most, changed)
        if not changed.any():
            return
        live = [system.where(system.any_of(changed)) for system in live]
        live = [system for system in live if len(system)]


def _once(system: Equations, least: Numbers, most: Numbers, changed: Booleans) -> None:
    """One pass: a total lies between the sums of its parts' bounds, a part between what the others leave of it."""
    cells, starts = system.cells, system.starts
    low, high = least[cells], most[cells]
    parts_low = np.add.reduceat(low, starts) - low[starts]
    parts_high = np.add.reduceat(high, starts) - high[starts]
    sizes = system.sizes
    high_end = np.repeat(high[starts] - parts_low, sizes)
    high_end += low
    high_end[starts] = parts_high
    low_end = np.repeat(low[starts] - parts_high, sizes)
    low_end += high
    low_end[starts] = parts_low
    # Figures that do not add up leave no interval: then its end is all that can be said, and the cell counts as told.
    nearer = np.flatnonzero(high_end < high)
    np.minimum.at(most, cells[nearer], np.maximum(high_end[nearer], low[nearer]))
    changed[cells[nearer]] = True
    nearer = np.flatnonzero(low_end > low)
    np.maximum.at(least, cells[nearer], np.minimum(low_end[nearer], high[nearer]))
    changed[cells[nearer]] = True


def _name(table: pa.Table, counts: Counts, cell: int, least: float, most: float) -> str:
    row, field = divmod(cell, len(counts.fields))
    area = f"row {row + 1}" if counts.area is None else str(table[counts.area][row].as_py())
    period = "" if counts.period is None else f" in {table[counts.period][row].as_py()}"
    return f"{counts.fields[field]} of {area}{period}: {least:g} to {most:g}"
