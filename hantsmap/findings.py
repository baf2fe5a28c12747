"""What curation met in the raw data: one Finding per fault, said so that the steward can mend it at the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What was done about it."""

    REPAIRED = "repaired"
    """The value or geometry was mended and the row is published."""
    DROPPED = "dropped"
    """The row is not published."""
    DOUBTFUL = "doubtful"
    """The row is published as it came; somebody should look."""
    BLOCKING = "blocking"
    """Nothing is published; the old edition stays."""


@dataclass(frozen=True, slots=True)
class RowNote:
    """What reading a source found about one row, before the row has a key: curation makes a Finding of it.

    A row whose note is of kind DROPPED came without a geometry for the reason that the sentence gives.
    """

    rule: str
    kind: Kind
    sentence: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in a source.

    `row` is the key of the row where it has one, else its number in the source counted from 1 ("row 17"); None when the
    finding is about the whole layer. `rule` is a stable short name such as `duplicate-row`, for tests and for counting.
    """

    layer: str
    rule: str
    kind: Kind
    sentence: str
    row: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = " ".join(part for part in (self.row, self.field and f"[{self.field}]") if part)
        return f"{place}: {self.sentence}" if place else self.sentence

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, as kept with the edition."""
        return asdict(self)


EXAMPLE = re.compile(r""", such as (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


def without_examples(sentence: str) -> str:
    """A sentence about a whole layer without the values that it quotes: one of them may be of an erased record."""
    return EXAMPLE.sub("", sentence)


def blocking(findings: Sequence[Finding]) -> list[Finding]:
    """Those that stop a publication."""
    return [finding for finding in findings if finding.kind is Kind.BLOCKING]


def counted(findings: Sequence[Finding]) -> dict[tuple[str, str, str], int]:
    """How many of each (layer, kind, rule), in order of first appearance."""
    counts: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        key = (finding.layer, finding.kind.value, finding.rule)
        counts[key] = counts.get(key, 0) + 1
    return counts
