"""The layer being read and the place it is read from, with one way to word its faults and findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hantsmap.errors import SourceError
from hantsmap.findings import Finding, Kind
from hantsmap.layer import Layer, Source


def fault(layer: str, place: str, what: str) -> SourceError:
    """A SourceError that names the layer and the place; `what` goes on from "file: ..." and says what to do."""
    return SourceError(f"Layer `{layer}`: {place}: {what}")


@dataclass(frozen=True, slots=True)
class Case:
    """One reading: the layer, the place as a person would name it, and the folder for temporary files."""

    layer_id: str
    layer: Layer
    place: str
    cache: Path

    @property
    def source(self) -> Source:
        """The registry's words about where the data is."""
        return self.layer.source

    def at(self, place: str) -> Case:
        """The same layer, read from another place (its joined table, a member of its archive)."""
        return replace(self, place=place)

    def fault(self, what: str) -> SourceError:
        """The error to raise; `what` is the rest of the sentence."""
        return fault(self.layer_id, self.place, what)

    def finding(
        self, rule: str, kind: Kind, sentence: str, row: str | None = None, field: str | None = None
    ) -> Finding:
        """A finding about this layer."""
        return Finding(self.layer_id, rule, kind, sentence, row, field)

    def ours(self, column: str) -> str:
        """Our name for a publisher's column."""
        return self.source.aliases.get(column, column)

    def column(self, columns: Sequence[str], name: str, setting: str) -> str:
        """The column that a setting names, by the publisher's name or by ours. Raises SourceError for none."""
        for candidate in (name, self.ours(name), *(p for p, o in self.source.aliases.items() if o == name)):
            if candidate in columns:
                return candidate
        raise self.fault(f"has no column `{name}`, which `{setting}` names. Its columns are {listed(columns)}.")


def listed(names: Sequence[str], most: int = 30) -> str:
    """Names for a sentence, the first thirty of them."""
    shown = ", ".join(f"`{name}`" for name in names[:most])
    more = len(names) - most
    return (shown or "none") + (f" and {more} more" if more > 0 else "")


@contextmanager
def in_words(case: Case) -> Iterator[None]:
    """Turns what the operating system says about a file into a SourceError."""
    try:
        yield
    except PermissionError as error:
        raise case.fault("may not be read by this user. Give it read permission.") from error
    except OSError as error:
        reason = (error.strerror or "it cannot be read").rstrip(".")
        raise case.fault(f"cannot be read ({reason}). Look at the disk or the share that it is on.") from error
