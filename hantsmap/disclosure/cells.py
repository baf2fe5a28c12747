"""Counts of a table as one run of numbers, with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.access import Counts
from hantsmap.disclosure.declared import problems
from hantsmap.disclosure.equations import Booleans, Equations, Integers, Numbers, across_areas, within_rows

_TYPES = (("integer", pa.types.is_integer), ("number", pa.types.is_floating), ("boolean", pa.types.is_boolean))
_SLIGHT = 1e-6


@dataclass(slots=True)
class Cells:
    """A table's counts, row by row, and the equations between them.

    A cell is shown, suppressed, not published at its row's level, or absent from the source; `small` are those that
    must not be shown. `values` of absent cells are 0. `fixed` are those that somebody else is shown: to suppress them
    would help nobody.
    """

    values: Numbers
    small: Booleans
    shown: Booleans
    suppressed: Booleans
    unpublished: Booleans
    rows: Equations
    areas: Equations
    fixed: Booleans

    @property
    def systems(self) -> list[Equations]:
        """Sums within rows, then across areas, where there are any."""
        return [system for system in (self.rows, self.areas) if len(system)]

    @property
    def hidden(self) -> Booleans:
        """Cells that a reader does not see and would like to."""
        return self.suppressed | self.unpublished

    @property
    def guarded(self) -> Booleans:
        """Hidden cells that nobody may work out. One that is big, and merely not published at its level, need not be:
        but whatever it could tell about the others is looked at."""
        return self.suppressed | (self.unpublished & self.small)

    def suppress(self, cells: Integers) -> None:
        """Let these be shown no more, unless they are fixed."""
        free = cells[~self.fixed[cells]]
        self.shown[free] = False
        self.suppressed[free] = True

    @property
    def free(self) -> Booleans:
        """Cells that are shown, and could be suppressed."""
        return self.shown & ~self.fixed


def adds_up(cells: Cells) -> bool:
    """Whether every total is the sum of its parts; or no less than that, where a part is absent."""
    present = cells.shown | cells.hidden
    for system in cells.systems:
        over = cells.values[system.totals] - system.parts_of(cells.values)
        partial = system.any_of(~present)
        if (present[system.totals] & ((over < -_SLIGHT) | ((over > _SLIGHT) & ~partial))).any():
            return False
    return True


def read(table: pa.Table, counts: Counts) -> Cells:
    """Counts of the table, all of them shown. Raises ValueError for a declaration that cannot be meant."""
    wrong = problems(counts, table.column_names, {field.name: _type_of(field.type) for field in table.schema})
    if wrong:
        raise ValueError(" ".join(wrong))
    grid = np.empty((len(table), len(counts.fields)), dtype=np.float64)
    for place, name in enumerate(counts.fields):
        grid[:, place] = pc.cast(table[name], pa.float64(), safe=False).to_numpy()  # null becomes NaN
    values = grid.ravel()
    shown = ~np.isnan(values)
    values[~shown] = 0
    small = shown & (np.minimum(values, rounded(values, counts.round_to)) < counts.suppress_under)
    nothing = np.zeros_like(shown)
    return Cells(values, small, shown, nothing, nothing.copy(), within_rows(counts, len(table)),
                 across_areas(counts, table), nothing.copy())


def collapse(table: pa.Table, counts: Counts) -> Booleans:
    """Cells that rows keep at their level: those that `keep` names for the row's value of `by`.

    Fail-closed: where `keep` is given, a row whose value has no entry, or that has no value, keeps none.
    """
    kept = np.ones((len(table), len(counts.fields)), dtype=np.bool_)
    if counts.by is not None:
        texts = pc.cast(table[counts.by], pa.string())
        kept[:] = False
        for value, names in counts.keep.items():
            rows = pc.fill_null(pc.equal(texts, value), False).to_numpy()
            kept |= rows[:, None] & np.isin(counts.fields, names)
    return kept.ravel()


def rounded(values: Numbers, base: int) -> Numbers:
    """To the nearest multiple of the base, half up."""
    result: Numbers = np.floor(values / base + 0.5) * base
    return result


def _type_of(arrow: pa.DataType) -> str:
    return next((name for name, fits in _TYPES if fits(arrow)), str(arrow))
