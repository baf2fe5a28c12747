"""Brings a layer of a GeoPackage to the state that the service has: by what changed, or whole where that cannot be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hantsmap.errors import ServiceError
from hantsmap.pull.package import Package
from hantsmap.pull.service import NoLongerKept, Service, State
from hantsmap.pull.table import OutOfStepError, Table

# A layer that is published while it is fetched is fetched again.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one layer: the state that is held now, and whether it was fetched whole."""

    layer: str
    state: State
    whole: bool

    def __str__(self) -> str:
        told = "fetched whole" if self.whole else f"{self.state.changes:,} changes"
        return f"{self.layer}: {told}; {self.state.features:,} features at sequence {self.state.sequence}."


def pull(service: Service, layer: str, into: Path, *, say: Callable[[str], None] = lambda sentence: None) -> Outcome:
    """Bring a layer in a file to the state of the service. What is held stays until what is new is whole and checked.

    `say` is told what is out of the ordinary. Raises ServiceError, TermsError or PackageError.
    """
    with Package(into) as package, tempfile.TemporaryFile() as lines:
        for attempt in range(ATTEMPTS):
            table = Table.of(layer, service.schema(layer))
            held = package.held(layer)
            if attempt == 0 and held is not None and (held.url, held.table) == (service.url, table.written):
                try:
                    state = service.changes(layer, held.sequence, lines)
                    package.change(table, service.url, lines, state)
                    return Outcome(layer, state, whole=False)
                except NoLongerKept as gone:
                    say(f"{layer}: {gone} It is fetched whole.")
                except OutOfStepError as fault:
                    say(f"{fault} It is fetched whole.")
            try:
                return _whole(service, table, package, lines)
            except (OutOfStepError, NoLongerKept) as fault:
                last = fault
        raise ServiceError(f"{last} What is held stays as it is.")


def _whole(service: Service, table: Table, package: Package, lines: BinaryIO) -> Outcome:
    """Everything there is: what changed since there was nothing, which is one answer and so one state."""
    state = service.changes(table.layer, 0, lines)
    package.snapshot(table, service.url, lines, state)
    return Outcome(table.layer, state, whole=True)
