"""What one viewer may see: the current renditions of the store, audience by audience, kept up to date."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hantsmap.errors import StoreError
from hantsmap.query import Reader
from hantsmap.rendition import Rendition
from hantsmap.store import Promotion, Store

log = logging.getLogger("hantsmap")


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer as one audience sees it."""

    layer: str
    reader: Reader
    published: datetime

    @property
    def rendition(self) -> Rendition:
        """The rendition that every answer about this layer is made from."""
        return self.reader.rendition


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The layers that exist for one audience, by name. What is not in here does not exist for it."""

    audience: str
    entries: Mapping[str, Entry]

    @property
    def version(self) -> str:
        """Changes when, and only when, something that this audience can see changes."""
        return "-".join(entry.rendition.id for entry in self.entries.values())


@dataclass(slots=True)
class Shelf:
    """All catalogues of a store. Damaged renditions are set aside, and the last good promotion stands in for them."""

    store: Store
    damaged: dict[tuple[str, str], str] = field(default_factory=dict)
    _state: object = None
    _open: dict[tuple[str, str], Reader] = field(default_factory=dict)
    _catalogues: dict[str, Catalogue] = field(default_factory=dict)

    def refresh(self) -> bool:
        """Take up what was promoted since; True if anything changed. Readers in use stay as they are."""
        state = (self.store.state(), tuple(self.damaged))
        if state == self._state:
            return False
        entries: dict[str, dict[str, Entry]] = {}
        opened: dict[tuple[str, str], Reader] = {}
        for layer in self.store.layers():
            for audience, entry in self._entries(layer, opened).items():
                entries.setdefault(audience, {})[layer] = entry
        self._open = opened
        self._catalogues = {audience: Catalogue(audience, layers) for audience, layers in entries.items()}
        self._state = state
        return True

    def catalogue(self, audience: str) -> Catalogue:
        """What an audience may see; an audience that nobody granted anything sees an empty catalogue."""
        return self._catalogues.get(audience, Catalogue(audience, {}))

    def readers(self) -> Mapping[tuple[str, str], Reader]:
        """All open renditions, by layer and id."""
        return self._open

    def set_aside(self, layer: str, rendition: str, why: str) -> None:
        """Serve a rendition no more: the next refresh takes the last good promotion of its layer."""
        log.error("%s: %s The last good edition is served instead.", layer, why)
        self.damaged[(layer, rendition)] = why

    def _entries(self, layer: str, opened: dict[tuple[str, str], Reader]) -> dict[str, Entry]:
        for promotion in self.store.history(layer):
            readers = self._readers(promotion, opened)
            if readers is not None:
                return {audience: Entry(layer, readers[rendition], self._since(layer, rendition, promotion))
                        for audience, rendition in promotion.renditions.items()}
        return {}

    def _readers(self, promotion: Promotion, opened: dict[tuple[str, str], Reader]) -> dict[str, Reader] | None:
        """Readers of all renditions of a promotion, or None if one of them is damaged: then none of it is served."""
        readers: dict[str, Reader] = {}
        for rendition in sorted(set(promotion.renditions.values())):
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

    def _since(self, layer: str, rendition: str, promotion: Promotion) -> datetime:
        """When this audience first saw this content: a change that it cannot see must not change the date it sees."""
        since = promotion.made_at
        for earlier in self.store.history(layer):
            if earlier.sequence <= promotion.sequence:
                if rendition not in earlier.renditions.values():
                    break
                since = earlier.made_at
        return since
