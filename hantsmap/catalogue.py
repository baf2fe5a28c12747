"""What one viewer may see: the current renditions of the store, audience by audience, kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from hantsmap.errors import StoreError
from hantsmap.query import Reader
from hantsmap.rendition import Rendition
from hantsmap.store import Promotion, Store, Timeline, files, timelines, today

log = logging.getLogger("hantsmap")


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer as one audience sees it.

    `edition` and `rules` are for the audit log: what it was rendered from, and under which version of the rules.
    `agreement` is what the viewer's organisation has to accept before it reads.
    `timeline` has every state of the layer that this audience ever saw; the last one is what it sees now.
    """

    layer: str
    reader: Reader
    timeline: Timeline
    edition: str = ""
    rules: str = ""
    agreement: str | None = None

    @property
    def sequence(self) -> int:
        """Number of the state that this audience sees, counted from 1 by what it could see and by nothing else."""
        return self.timeline[-1].sequence

    @property
    def published(self) -> datetime:
        """When the audience first saw what it sees: a change that it cannot see does not change this date."""
        return self.timeline[-1].since

    @property
    def rendition(self) -> Rendition:
        """The rendition that every answer about this layer is made from."""
        return self.reader.rendition


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The layers that exist for one audience, by name. What is not in here does not exist for it."""

    audience: str
    entries: Mapping[str, Entry]
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, audience: str, entries: Mapping[str, Entry]) -> Catalogue:
        """A catalogue of these entries; `asked` leads from each agreement to the layers that ask for it."""
        asked: dict[str, tuple[str, ...]] = {}
        for layer, entry in entries.items():
            if entry.agreement is not None:
                asked[entry.agreement] = (*asked.get(entry.agreement, ()), layer)
        return cls(audience, entries, asked)

    def without(self, layers: Collection[str]) -> Catalogue:
        """This catalogue less some layers: for who reads by it they do not exist."""
        return Catalogue.of(self.audience, {
            layer: entry for layer, entry in self.entries.items() if layer not in layers})

    @property
    def version(self) -> str:
        """Changes when, and only when, something that this audience can see changes."""
        return "-".join(f"{entry.rendition.id}.{entry.sequence}" for entry in self.entries.values())


@dataclass(slots=True)
class Shelf:
    """All catalogues of a store. Damaged renditions are set aside, and the last good promotion stands in for them.

    Only a promotion under the same rules stands in: an older one may show what has been held back since.
    """

    store: Store
    damaged: dict[tuple[str, str], str] = field(default_factory=dict)
    _state: object = None
    _stamps: dict[tuple[str, str], files.Stamp] = field(default_factory=dict)
    _standing_in: dict[str, int] = field(default_factory=dict)
    _open: dict[tuple[str, str], Reader] = field(default_factory=dict)
    _catalogues: dict[str, Catalogue] = field(default_factory=dict)
    _records: dict[Path, tuple[tuple[int, int], Promotion | None]] = field(default_factory=dict)

    def refresh(self) -> bool:
        """Take up what was promoted or mended since; True if anything changed. Readers in use stay as they are."""
        self._look_at_damaged()
        day = today()
        state = (self.store.state(), tuple(self.damaged), day)
        if state == self._state:
            return False
        entries: dict[str, dict[str, Entry]] = {}
        opened: dict[tuple[str, str], Reader] = {}
        for layer in self.store.layers():
            for audience, entry in self._entries(layer, opened, day).items():
                entries.setdefault(audience, {})[layer] = entry
        self._open = opened
        self._catalogues = {audience: Catalogue.of(audience, layers) for audience, layers in entries.items()}
        self._state = state
        return True

    def catalogue(self, audience: str) -> Catalogue:
        """What an audience may see; an audience that nobody granted anything sees an empty catalogue."""
        return self._catalogues.get(audience) or Catalogue(audience, {})

    def damaged_for(self, audience: str) -> list[str]:
        """Layers with a rendition set aside that this audience should see. It is not told of any other."""
        current = {layer: self.store.current(layer) for layer, _ in self.damaged}
        return [layer for layer, promotion in current.items() if promotion and audience in promotion.seen(today())]

    def readers(self) -> Mapping[tuple[str, str], Reader]:
        """All open renditions, by layer and id."""
        return self._open

    def set_aside(self, layer: str, rendition: str, why: str) -> None:
        """Serve a rendition no more: the next refresh takes the last good promotion of its layer."""
        log.error("%s: %s", layer, why)
        self.damaged[(layer, rendition)] = why
        self._stamps[(layer, rendition)] = files.stamp(self.store.rendition(layer, rendition))

    def _look_at_damaged(self) -> None:
        """Take back what was mended: a rendition that was published again, or restored from a backup."""
        for key in list(self.damaged):
            folder = self.store.rendition(*key)
            stamp = files.stamp(folder)
            if stamp == self._stamps.get(key):
                continue
            self._stamps[key] = stamp
            try:
                Rendition(folder).verify()
            except (StoreError, OSError, ValueError):
                continue
            log.warning("%s: rendition %s is whole again.", *key)
            del self.damaged[key]

    def _entries(self, layer: str, opened: dict[tuple[str, str], Reader], day: date) -> dict[str, Entry]:
        rules = None
        promotions = self._history(layer)
        for number, promotion in enumerate(promotions):
            rules = promotion.grant_inputs if rules is None else rules
            readers = self._readers(promotion, opened) if promotion.grant_inputs == rules else None
            if readers is not None:
                self._tell(layer, promotion.sequence)
                states, asked = timelines(reversed(promotions[number:]), day), promotion.asked(day)
                return {audience: Entry(layer, readers[rendition], states[audience], promotion.edition or "",
                                        promotion.grant_inputs[:12], asked.get(audience))
                        for audience, rendition in promotion.seen(day).items()}
        self._tell(layer, 0)
        return {}

    def _history(self, layer: str) -> list[Promotion]:
        """Promotions of a layer, newest first. A record is read once: it is never written again."""
        records = []
        for path in self.store.promotion_files(layer):
            fact = path.stat()
            stamp = (fact.st_mtime_ns, fact.st_size)
            if path not in self._records or self._records[path][0] != stamp:
                self._records[path] = stamp, self.store.promotion(path)
            records.append(self._records[path][1])
        return [promotion for promotion in records if promotion is not None]

    def _tell(self, layer: str, sequence: int) -> None:
        """Log, once, that a layer is not served from its newest promotion."""
        newest = int(self.store.promotion_files(layer)[0].stem)
        known, self._standing_in[layer] = self._standing_in.get(layer), sequence
        if sequence in (newest, known):
            return
        if sequence:
            log.error("%s: promotion %d is damaged; the last good one, %d, is served instead.", layer, newest, sequence)
        else:
            log.error("%s: promotion %d is damaged and no other has its rules: the layer is not served.", layer, newest)

    def _readers(self, promotion: Promotion, opened: dict[tuple[str, str], Reader]) -> dict[str, Reader] | None:
        """Readers of all renditions of a promotion, or None if one of them is damaged: then none of it is served."""
        readers: dict[str, Reader] = {}
        for rendition in sorted(promotion.named()):
            key = (promotion.layer, rendition)
            if key in self.damaged:
                return None
            try:
                readers[rendition] = self._open.get(key) or Reader(Rendition(self.store.rendition(*key)))
            except (StoreError, OSError, ValueError) as fault:
                self.set_aside(*key, str(fault))
                return None
            opened[key] = readers[rendition]
        return readers
