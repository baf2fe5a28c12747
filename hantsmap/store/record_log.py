"""The promotions of a store as a reader knows them: each record is read once, and a failure to read is never kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hantsmap.errors import DamagedError, OutdatedError, StoreError, UnreadableError
from hantsmap.store.folder import Store
from hantsmap.store.promotion import Promotion

log = logging.getLogger("hantsmap")
OUTDATED = "An older version wrote the store: it has to be published again."


@dataclass(frozen=True, slots=True)
class Records:
    """What can be read of one layer's promotions, newest first. `fault` says why the newest is not known.

    With a fault nothing of the layer may be served: the newest promotion may have withdrawn it, or narrowed a grant.
    """

    readable: tuple[Promotion, ...]
    fault: str | None = None

    def shown_by_all(self, day: date) -> frozenset[str]:
        """Audiences that every readable promotion shows the layer to. They may be told that it exists."""
        seen = [frozenset(promotion.seen(day)) for promotion in self.readable]
        return frozenset.intersection(*seen) if seen else frozenset()


@dataclass(slots=True)
class RecordLog:
    """Reads the promotions of a store. `fault` says why the store as a whole cannot be read, if it cannot.

    Records never change, so one that was read is kept. One that cannot be read is tried again on every look.
    """

    store: Store
    layers: Mapping[str, Records] = field(default_factory=dict)
    fault: str | None = None
    _names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _unlisted: dict[str, str] = field(default_factory=dict)
    _read: dict[str, dict[str, Promotion]] = field(default_factory=dict)
    _unread: dict[str, dict[str, str]] = field(default_factory=dict)
    _rotten: dict[str, set[str]] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)
    _outdated: bool = False
    _checked: int = 0
    _version: int = 0

    def look(self) -> int:
        """Read what is new. Returns a number that changes whenever what is known does."""
        before = self.fault, self._names, self._unlisted
        self._list()
        changed = before != (self.fault, self._names, self._unlisted)
        for layer in self._names:
            changed |= self._read_layer(layer)
        if changed or not self._version:
            self._take_up()
        return self._version

    @property
    def reason(self) -> str:
        """The fault of the store as a whole, for the public: without paths and numbers; empty if there is none."""
        if self.fault is None:
            return ""
        return OUTDATED if self._outdated else "The store cannot be read."

    def check_next(self) -> None:
        """Read the newest record of one layer again, that of the next layer at each call, and notice if it changed."""
        layers = [layer for layer, names in self._names.items() if names and names[0] in self._read.get(layer, {})]
        if not layers:
            return
        self._checked = (self._checked + 1) % len(layers)
        layer = layers[self._checked]
        name = self._names[layer][0]
        try:
            found = self.store.read_promotion(self._path(layer, name))
            if found != self._read[layer][name]:
                # Another store was put in this one's place, such as a backup.
                self._read.clear()
                self.look()
        except UnreadableError:
            return  # Its content is known, and a record does not change.
        except DamagedError as fault:
            # What was read before still tells who may be told that the layer exists.
            self._rotten.setdefault(layer, set()).add(name)
            self._unread.setdefault(layer, {})[name] = str(fault)
            self._take_up()

    def _path(self, layer: str, name: str) -> Path:
        return self.store.root / "promotions" / layer / name

    def _list(self) -> None:
        """Names of the promotions of each layer, newest first. What cannot be listed stays known, and is a fault."""
        names: dict[str, tuple[str, ...]] = {}
        self._unlisted = {}
        self._outdated = False
        try:
            self.fault = None if self.store.exists() or not self._names else f"{self.store.root} is no longer there."
            layers = self.store.layers()
        except StoreError as fault:
            self.fault, layers, self._outdated = str(fault), self._listable(), isinstance(fault, OutdatedError)
        for layer in sorted({*layers, *(self._names if self.fault else ())}):
            try:
                names[layer] = tuple(self.store.promotion_names(layer))
            except StoreError as fault:
                names[layer], self._unlisted[layer] = self._names.get(layer, ()), str(fault)
            if self.fault and not names[layer]:
                names[layer] = self._names.get(layer, ())
        self._names = names

    def _listable(self) -> list[str]:
        try:
            return self.store.layers()
        except StoreError:
            return []

    def _read_layer(self, layer: str) -> bool:
        """Read the records of a layer that were not read before; True when anything about them changed."""
        known, before = self._read.setdefault(layer, {}), self._unread.get(layer, {})
        unread, rotten = {}, self._rotten.setdefault(layer, set())
        for name in self._names[layer]:
            if name not in known or name in rotten:
                try:
                    known[name] = self.store.read_promotion(self._path(layer, name))
                    rotten.discard(name)
                except StoreError as fault:
                    unread[name] = str(fault)
        self._unread[layer] = unread
        return unread != before

    def _take_up(self) -> None:
        self._version += 1
        layers = {}
        for layer, names in self._names.items():
            read = self._read.get(layer, {})
            fault = self.fault or self._unlisted.get(layer) or (names and self._unread.get(layer, {}).get(names[0]))
            layers[layer] = Records(tuple(read[name] for name in names if name in read), fault or None)
        self.layers = layers
        self._tell()

    def _tell(self) -> None:
        """Log each new fault once, and its end."""
        if self.fault:
            faults = {"": f"Nothing is served from the store. {self.fault}"}
        else:
            faults = {layer: f"{layer}: its newest promotion cannot be read, so nothing of it is served. {each.fault}"
                      for layer, each in self.layers.items() if each.fault}
        for layer in faults:
            if self._told.get(layer) != faults[layer]:
                log.error("%s", faults[layer])
        for layer in self._told.keys() - faults.keys():
            log.warning("%s", f"{layer}: its newest promotion can be read." if layer else "The store can be read.")
        self._told = faults
