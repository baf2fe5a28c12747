"""The steps that a table of counts goes through before anybody sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.access import Counts
from hantsmap.disclosure.attack import BOUNDLESS, intervals, narrow, whole_numbers
from hantsmap.disclosure.cells import Cells, adds_up, collapse, read, rounded
from hantsmap.disclosure.declared import SUPPRESSED
from hantsmap.disclosure.equations import Booleans, Equations, Integers
from hantsmap.errors import BlockedError


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided already, for audiences that see less of the same table: a mask each over its cells, row by row.

    `shown` cells are known to everybody here, and `suppressed` ones stay so.
    """

    shown: Booleans
    suppressed: Booleans


def control(table: pa.Table, counts: Counts, decided: Decided | None = None) -> pa.Table:
    """The table with its counts as they may be shown, and a column `suppressed`. One row is one area in one period.

    1. Band collapse. A row keeps the counts that `keep` names for its value of `by`; the others become null, which is
       not called suppressed: they are not published at this level. Where `keep` is given, a row whose value has no
       entry there (or that has no value) keeps no counts at all.
    2. Primary suppression. Counts under `suppress_under`, 0 included, become null. So do those that rounding would show
       as less than that.
    3. Secondary suppression within rows. A total tells its only hidden part, and tells that its hidden parts are small
       when together they are under `suppress_under`: then the smallest shown part is suppressed too (the first of
       equal ones in the order of `fields`), or the total, where no part is left. A suppressed total is told by its
       parts when all of them are shown: then the smallest is suppressed.
    4. The same across areas: the total is an area, its parts the rows that have it as `parent` in the same period
       (equal ones in the order of their `area`). 3 and 4 alternate until nothing changes. Then the attacker of
       `exposed` has a try, with the exact figures, which is more than it will get; where it narrows a cell to less than
       `suppress_under`, the smallest shown cell beside it goes, and all begins again.
    5. Rounding of what is shown to the nearest `round_to`, half up, each cell by itself: totals may not add up.
    6. `suppressed` is true in rows where 2 to 4 took a count.

    Nothing is random and the order of rows decides nothing, so that asking again tells nothing more. Null stays null.
    A part that the source leaves out protects no other part. Give all of `fields`, and drop what a grant does not show
    afterwards. Raises ValueError for a declaration that cannot be meant, and for an area with two rows in one period.
    What this does not protect against is said at the top of the package: two releases, geographies that do not nest.

    `decided` is taken over. Raises BlockedError where what others are shown tells a count that must be suppressed here.
    """
    cells = read(table, counts)
    kept = collapse(table, counts)
    cells.unpublished |= cells.shown & ~kept
    cells.shown &= kept
    cells.suppress(np.flatnonzero(cells.shown & cells.small))
    if decided is not None:
        cells.fixed |= decided.shown & cells.shown
        cells.suppress(np.flatnonzero(cells.shown & decided.suppressed))
    whole = whole_numbers(table, counts)
    _settle(cells, counts, whole)
    if cells.fixed.any() and _worked_out(cells, counts, whole).any():
        raise BlockedError("Counts that one audience is shown tell a count that is suppressed for another one. Give "
                           "the two the same rows and counts.", ())
    return _written(table, counts, cells)


def _settle(cells: Cells, counts: Counts, whole: bool) -> None:
    """Suppress what would tell something else, until nothing does."""
    systems = cells.systems
    unseen = [cells.guarded for _ in systems]  # hidden cells that a system has still to look at

    def suppress(more: Integers) -> None:
        cells.suppress(more)
        for fresh in unseen:
            fresh[more] = True

    while any(fresh.any() for fresh in unseen):
        for system, fresh in zip(systems, unseen, strict=True):
            while fresh.any():
                more = _telling(cells, system.where(system.any_of(fresh)), counts.suppress_under)
                fresh[:] = False
                suppress(more)
        if not any(fresh.any() for fresh in unseen):
            suppress(_beside(cells, systems, _worked_out(cells, counts, whole)))


def _telling(cells: Cells, system: Equations, under: int) -> Integers:
    """Cells to suppress because their equation tells a guarded cell, or that its hidden parts are few people."""
    if not len(system):
        return system.cells
    starts, totals = system.starts, system.totals
    hidden = cells.hidden[system.cells]
    parts = hidden.copy()
    parts[starts] = False
    many = np.add.reduceat(parts.astype(np.int64), starts)
    people = np.add.reduceat(np.where(parts, cells.values[system.cells], 0), starts)
    guarded = cells.guarded
    a_guarded_part = np.add.reduceat((parts & guarded[system.cells]).astype(np.int64), starts) > 0
    told = cells.shown[totals] & a_guarded_part & ((many == 1) | (people < under))
    told |= guarded[totals] & (many == 0)
    return _smallest(cells, system.where(told))


def _smallest(cells: Cells, system: Equations) -> Integers:
    """The smallest shown part of each equation, the first of equal ones; its total where no part is shown."""
    if not len(system):
        return system.cells
    free = cells.free
    weight = np.where(free[system.cells], cells.values[system.cells], np.inf)
    weight[system.starts] = np.inf
    least = np.minimum.reduceat(weight, system.starts)
    some = np.isfinite(least)
    equal = np.flatnonzero(weight == np.repeat(np.where(some, least, np.nan), system.sizes))
    _, first = np.unique(np.searchsorted(system.starts, equal, side="right"), return_index=True)
    totals = system.totals[~some]
    return np.unique(np.concatenate([system.cells[equal[first]], totals[free[totals]]]))


def _worked_out(cells: Cells, counts: Counts, whole: bool) -> Booleans:
    """Guarded cells that the attacker can work out from the exact figures. What follows from rounded ones follows from
    these too, unless they do not add up: then the rounded ones are tried as well."""
    tries = [(np.where(cells.shown, cells.values, 0.0), np.where(cells.shown, cells.values, BOUNDLESS))]
    if not adds_up(cells):
        tries.append(intervals(cells, counts, rounded(cells.values, counts.round_to), whole))
    told = np.zeros_like(cells.shown)
    for least, most in tries:
        if not told.any():
            narrow(cells.systems, least, most)
            told = cells.guarded & (most - least < counts.suppress_under)
    return told


def _beside(cells: Cells, systems: list[Equations], told: Booleans) -> Integers:
    """The smallest shown cell of each equation that has one of the cells told; if there is none, one step farther."""
    while told.any():
        near = [system.where(system.any_of(told)) for system in systems]
        more = np.unique(np.concatenate([_smallest(cells, system) for system in near]))
        if len(more):
            return more
        wider = told.copy()
        for system in near:
            wider[system.cells] = True
        if (wider == told).all():
            break
        told = wider
    return np.empty(0, dtype=np.int64)


def _written(table: pa.Table, counts: Counts, cells: Cells) -> pa.Table:
    shape = (len(table), len(counts.fields))
    shown, values = cells.shown.reshape(shape), rounded(cells.values, counts.round_to).reshape(shape)
    for place, name in enumerate(counts.fields):
        kind = table.schema.field(name)
        column = pa.array(values[:, place], mask=~shown[:, place])
        table = table.set_column(table.column_names.index(name), kind, pc.cast(column, kind.type))
    mark = pa.array(cells.suppressed.reshape(shape).any(axis=1))
    if SUPPRESSED in table.column_names:
        return table.set_column(table.column_names.index(SUPPRESSED), SUPPRESSED, mark)
    return table.append_column(SUPPRESSED, mark)
