"""The log of one curation: findings row by row, gathered into one where a fault runs through a whole column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hantsmap.findings import Finding, Kind

Positions = NDArray[np.intp]
# Past this many rows a fault is a habit of the source: one finding says it better than a thousand.
MOST_BY_ROW = 1_000


@dataclass(frozen=True, slots=True)
class Loss:
    """Values of a column that curation could not keep: the rows, of how many filled ones, and an example and remedy."""

    rows: Positions
    filled: int
    example: str
    remedy: str


@dataclass(slots=True)
class Log:
    """Findings of one layer. `names` gives each row its name: its key where it has one, else its number from 1.

    `losses` are the values lost in each field, for the check that a column keeps most of its values; `emptied` the rows
    whose value became empty with a finding, whether that is a loss or not.
    """

    layer: str
    names: Sequence[str] = ()
    findings: list[Finding] = field(default_factory=list)
    losses: dict[str, Loss] = field(default_factory=dict)
    emptied: dict[str, set[int]] = field(default_factory=dict)

    def whole(self, rule: str, kind: Kind, sentence: str, field: str | None = None) -> None:
        """A finding about the layer, or one of its fields, as a whole."""
        self.findings.append(Finding(self.layer, rule, kind, sentence, field=field))

    def rows(
        self, rule: str, kind: Kind, rows: Positions, sentence: Callable[[int], str], field: str | None = None
    ) -> None:
        """A finding for each row; `sentence` is called with the row's position."""
        if len(rows) > MOST_BY_ROW:
            first = int(rows[0])
            self.whole(rule, kind, f"{len(rows):,} rows, the first {self.names[first]}: {sentence(first)}", field)
            return
        for row in rows.tolist():
            self.findings.append(Finding(self.layer, rule, kind, sentence(row), self.names[row], field))
