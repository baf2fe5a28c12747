"""Where a publication takes from and puts to, and what became of each layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from hantsmap.findings import Finding
from hantsmap.places import Gazetteer
from hantsmap.registry import Registry
from hantsmap.rendition.visible import VisibleRows
from hantsmap.store import Store

State = Literal["published", "unchanged", "blocked", "failed", "withdrawn", "restored"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one layer: its state, the rows of its current edition, and what was found on the way."""

    layer: str
    state: State
    rows: int | None = None
    findings: tuple[Finding, ...] = ()
    sentence: str = ""
    exit_code: int = 0


@dataclass(frozen=True)
class Workshop:
    """Where a publication takes from and puts to: the registry, the store, and the folder of the raw data.

    `accepted` are the layers that may lose more than their `max_change`.
    """

    registry: Registry
    store: Store
    data: Path
    accepted: frozenset[str] = frozenset()

    @property
    def cache(self) -> Path:
        """Folder of fetched sources and of digests of files."""
        return self.store.root / "cache"

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The areas of the registry, each read once."""
        return Gazetteer(self.registry.areas, self.registry.extent, self.data, self.cache)

    @cached_property
    def visible(self) -> VisibleRows:
        """Which rows of a layer each audience sees, for the layers that refer to it."""
        return VisibleRows(self.store, self.registry.layers)
