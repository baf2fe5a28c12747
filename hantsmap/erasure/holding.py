"""Which editions and renditions of a layer hold a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hantsmap.erasure.needles import LEAST_LETTERS, Facts, Needle, Remaining, needles_of
from hantsmap.erasure.rewriting import positions_of
from hantsmap.errors import StoreError
from hantsmap.rendition import Rendition
from hantsmap.store import Store, files


@dataclass(slots=True)
class Holding:
    """Editions and renditions that hold a record, by their names, what they say of it, and those that cannot be read.

    An edition also holds a record when only its findings speak of it.
    """

    facts: Facts
    editions: set[str] = field(default_factory=set)
    renditions: set[str] = field(default_factory=set)
    unreadable_editions: set[str] = field(default_factory=set)
    unreadable_renditions: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.editions or self.renditions)

    def mentions(self, finding: Mapping[str, Any]) -> bool:
        """Whether a finding is about the record, or quotes its id or a value of it."""
        if finding["row"] == self.facts.record_id:
            return True
        quoted = {self.facts.record_id} if len(self.facts.record_id) >= LEAST_LETTERS else set()
        quoted |= self.facts.texts | self.facts.numbers
        return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", finding["sentence"]) for text in quoted)

    def needles(self, store: Store, layer: str, edition: str | None, renditions: list[str]) -> tuple[Needle, ...]:
        """What to search for: what is known of the record, less what other records hold that stay.

        `edition` and `renditions` are all that will be current, none of which holds the record.
        """
        remaining = Remaining(self.facts)
        if edition is not None:
            remaining.add_edition(store, layer, edition)
        for name in renditions:
            remaining.add_rendition(Rendition(store.rendition(layer, name)))
        return needles_of(remaining)


def holding(store: Store, layer: str, record_id: str) -> Holding:
    """Look through every edition and rendition of a layer."""
    held = Holding(Facts(record_id))
    # Editions first: whether a finding quotes the record is known when its values are.
    records = {}
    for folder in folders(store, "editions", layer):
        try:
            records[folder.name] = files.whole(folder, "edition.json")
            if len(positions_of(pq.read_table(folder / "curated.parquet", columns=["id"])["id"], record_id)):
                held.editions.add(folder.name)
                held.facts.add_edition(store, layer, folder.name)
        except (StoreError, OSError, ValueError, KeyError):
            held.unreadable_editions.add(folder.name)
    for folder in folders(store, "renditions", layer):
        try:
            rendition = Rendition(folder)
            rendition.verify()
            if len(positions_of(rendition.ids, record_id)):
                held.renditions.add(folder.name)
                held.facts.add_rendition(rendition)
        except (StoreError, OSError, ValueError, KeyError):
            held.unreadable_renditions.add(folder.name)
    held.editions |= {name for name, record in records.items() if any(map(held.mentions, record["findings"]))}
    return held


def folders(store: Store, kind: str, layer: str) -> list[Path]:
    """The editions or renditions of a layer that are there, sorted by name."""
    folder = store.root / kind / layer
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
