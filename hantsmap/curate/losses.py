"""Values that a column loses while it is curated, and the check that it does not lose too many of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from hantsmap.curate.log import Log, Loss, Positions
from hantsmap.findings import Kind
from hantsmap.layer import Field, FieldType, Layer

MEASURE = re.compile(r"[-+]?[\d.,]+\s*([A-Za-z°%²³/]+)")


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a row whose value is lost: the kind of the finding, and the words that end its sentence."""

    kind: Kind
    words: str


def fate(layer: Layer, name: str) -> Fate:
    """What becomes of a row that loses its value in a field."""
    if layer.drops_without(name):
        return Fate(Kind.DROPPED, "the row is left out")
    # OGC API - Features, 7.15.4: a feature without a time is in every answer; see hantsmap.query.period.
    time = layer.temporal
    if time and time.start == name and time.end in (None, name):
        return Fate(Kind.REPAIRED, "left empty, so the row matches every `datetime` filter")
    if time and time.start == name:
        return Fate(Kind.REPAIRED, "left empty, so the row matches `datetime` filters for every time before its end")
    if time and time.end == name:
        return Fate(Kind.REPAIRED, "left empty, so the row matches `datetime` filters for every time after its start")
    return Fate(Kind.REPAIRED, "left empty")


@dataclass(slots=True)
class Lost:
    """The values that one field loses; each is a finding."""

    log: Log
    name: str
    fate: Fate
    _rows: list[Positions] = field(default_factory=list)
    _rules: list[str] = field(default_factory=list)

    def rows(self, rule: str, rows: Positions, sentence: Callable[[int], str]) -> None:
        """Values lost; `sentence` says why, without its end."""
        self.log.rows(rule, self.fate.kind, rows, lambda row: f"{sentence(row)}: {self.fate.words}.", self.name)
        self._note(rule, rows)

    def parts(self, rule: str, rows: Positions, sentence: Callable[[int], str]) -> None:
        """Values that lost a part of themselves, such as one code of several."""
        self.log.rows(rule, Kind.REPAIRED, rows, sentence, self.name)
        self._note(rule, rows)

    def unknown(self, rule: str, rows: Positions, sentence: Callable[[int], str]) -> None:
        """Values that the registry says stand for "unknown": they become empty, and are no loss."""
        self.log.rows(rule, self.fate.kind, rows, lambda row: f"{sentence(row)}: {self.fate.words}.", self.name)
        self.log.emptied.setdefault(self.name, set()).update(rows.tolist())

    def note(self, rows: Positions) -> None:
        """Values lost that have their finding already."""
        self._note("bad-value", rows)

    def _note(self, rule: str, rows: Positions) -> None:
        if len(rows):
            self.log.emptied.setdefault(self.name, set()).update(rows.tolist())
            self._rows.append(rows)
            self._rules.append(rule)

    def close(self, spec: Field, array: pa.Array) -> None:
        """Enter the losses in the log. `array` is the column as the source had it, without blank cells."""
        if not self._rows:
            return
        rows = np.unique(np.concatenate(self._rows))
        texts = [str(array[int(row)].as_py()) for row in rows[:100]]
        remedy = _remedy(spec, self._rules[0], texts)
        self.log.losses[self.name] = Loss(rows, len(array) - array.null_count, texts[0][:80], remedy)


def _remedy(spec: Field, rule: str, texts: list[str]) -> str:
    if rule == "unknown-code":
        return f"Correct the source, or add the codes to the code list {spec.codes}"
    if rule == "out-of-range":
        return "Correct the source, or the field's `minimum` and `maximum`"
    missing = "or list texts that mean no value under `missing`"
    if spec.type in (FieldType.DATE, FieldType.DATETIME):
        return f"Set `format` to how the dates are written, set `type: string`, {missing}"
    if spec.type in (FieldType.INTEGER, FieldType.NUMBER):
        return f"{_number_remedy(spec, texts)}, {missing}"
    return f"Set `type: string`, {missing}"


def _number_remedy(spec: Field, texts: list[str]) -> str:
    units = {match[1] if (match := MEASURE.fullmatch(text)) else "" for text in texts}
    if len(units) == 1 and "" not in units:
        return f"Set `unit: {units.pop()}` if the numbers are measured in it, set `type: string`"
    if spec.type is FieldType.INTEGER and all(_is_number(text) for text in texts):
        return "Set `type: number`"
    return "Set `type: string`"


def _is_number(text: Any) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d+)?", str(text)) is not None


def check_columns(log: Log, layer: Layer) -> None:
    """Block the publication where a column loses more than the layer's `max_lost` of its filled values."""
    for name, loss in log.losses.items():
        if len(loss.rows) > layer.max_lost * loss.filled:
            log.whole("too-many-values-lost", Kind.BLOCKING, (
                f"{len(loss.rows):,} of {loss.filled:,} values would be lost, such as {loss.example!r}: more than "
                f"max_lost {layer.max_lost:.0%}. {loss.remedy}; else correct the source, or raise `max_lost`."), name)
