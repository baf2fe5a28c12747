"""The shelf of a running server: catalogues kept current, and every file watched while it is served."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

from hantsmap import suppression
from hantsmap.catalogue import Catalogue, Shelf
from hantsmap.downloads import Counter, Kept, default_folder
from hantsmap.errors import DamagedError, StoreError
from hantsmap.store import Site, Store, files
from server import heap
from server.documents import Documents
from server.spool import Spool

T = TypeVar("T")
log = logging.getLogger("hantsmap")
# New editions are taken up, and changed files looked at, this often: within the two seconds that are promised.
EVERY_SECONDS = 0.5
# A fault that repeats on every look is logged once a minute.
TELL_EVERY_S = 60.0
# Memory that was freed is returned this often.
RETURN_S = 10.0
# Documents of this many audiences are kept.
MOST_DOCUMENTS = 64
# Questions that are kept, understood; each takes some two kilobytes. One that is longer is not asked often.
MOST_UNDERSTOOD, LONG = 2_048, 400
# Answers that were begun before a record was erased have ended after this.
DROP_S = 60.0
Stamps = dict[tuple[str, str], files.Stamp]


class Served:
    """What this process serves: a catalogue and its documents for each audience, and the counter of its downloads."""

    def __init__(self, store: Store, downloads: Path | None = None) -> None:
        self.shelf = Shelf(store)
        self.counter = Counter(store.root, Kept(downloads or default_folder(store.root)))
        self._stamps: Stamps = {}
        self._documents: OrderedDict[Hashable, Documents] = OrderedDict()
        self._lock = threading.Lock()
        self.site = Site()
        self.told = self.site.told
        # Why site.json cannot be read, and whether any was: without one, nobody is known to have a contract.
        self.site_fault: str | None = None
        self.site_known = False
        self.spool = Spool()
        self._understood: dict[tuple[Hashable, ...], Any] = {}
        self._erased, self._dropping_until = suppression.version(store), 0.0
        self.look()

    def catalogue(self, audience: str) -> Catalogue:
        """What an audience may see now."""
        return self.shelf.catalogue(audience)

    def documents(self, catalogue: Catalogue, waiting: int = 0) -> Documents:
        """The documents of a catalogue, beside which so many layers wait; made anew when anything has changed."""
        name = catalogue.audience, frozenset(catalogue.entries) if waiting else None
        with self._lock:
            known = self._documents.get(name)
            if known is None or known.catalogue is not catalogue or known.site != self.site:
                known = Documents(catalogue, self.site, waiting)
                self._documents[name] = known
                while len(self._documents) > MOST_DOCUMENTS:
                    self._documents.popitem(last=False)
            return known

    def understood(self, question: tuple[Hashable, ...], understand: Callable[[], T]) -> T:
        """What `understand` makes of a question, worked out once. It must follow from the question alone.

        The question names the rendition by its id, so that what is kept is never told of another one.
        """
        # What is understood while the site changes is put where nobody looks any more.
        understood = self._understood
        known: T | None = understood.get(question)
        if known is None:
            known = understand()
            if sum(len(part) for part in question if isinstance(part, str)) <= LONG:
                if len(understood) >= MOST_UNDERSTOOD:
                    understood.clear()
                understood[question] = known
        return known

    def look(self) -> None:
        """Take up what was promoted, check files that are new or were touched, and set damaged renditions aside.

        No fault of the store is raised: what cannot be read is not served, and is tried again on the next look.
        """
        self.shelf.refresh()
        # What stands in for a damaged rendition may be damaged too.
        while self._check_touched():
            self.shelf.refresh()
        # Kept after the promotions, so it is looked at each time.
        self._take_up()
        self._drop_erased()

    def _drop_erased(self) -> None:
        """After a record was erased, drop what was kept of older answers, also of those that are being written then."""
        erased = suppression.version(self.shelf.store)
        if erased != self._erased:
            self._erased, self._dropping_until = erased, time.monotonic() + DROP_S
            self._understood = {}
        if time.monotonic() < self._dropping_until:
            self.spool.clear()

    def check_some(self) -> None:
        """Read a little of what is served again: a disk may lose bits without a change of time or size."""
        self.shelf.records.check_next()
        if self.shelf.renditions.check_some():
            self.look()

    def _take_up(self) -> None:
        """What answers say of the site changes with it. The last good site holds while the new one cannot be read."""
        try:
            site = self.shelf.store.site()
        except StoreError as fault:
            if self.site_fault != str(fault):
                after = "The last good one is used." if self.site_known else "Keys and sign-in are answered with 503."
                log.error("%s %s", fault, after)  # noqa: TRY400 - the sentence says it all
            self.site_fault = str(fault)
            return
        if self.site_fault is not None:
            log.warning("site.json can be read again.")
        self.site_fault, self.site_known = None, self.site_known or site is not None
        if site is not None and site != self.site:
            self.site, self.told = site, site.told
            self._understood = {}

    def gauges(self) -> dict[str, float]:
        """How this process sees the store, for metrics: numbers, and no names."""
        records = self.shelf.records
        newest = [each.readable[0].made_at.timestamp() for each in records.layers.values() if each.readable]
        unavailable = {layer for layer, each in records.layers.items() if each.fault}
        return {"store_readable": 0.0 if records.fault else 1.0,
                "layers_served": len({layer for layer, _ in self.shelf.readers()}),
                "layers_unavailable": len(unavailable | {layer for layer, _ in self.shelf.damaged}),
                "newest_publication_timestamp_seconds": max(newest, default=0.0),
                "temporary_bytes": self.spool.used, "downloads_waiting": self.counter.queue.length}

    def watch(self) -> None:
        """Look again and again, in a thread that ends with the process, or when this is no more."""
        threading.Thread(target=_watch, args=(weakref.ref(self),), name="hantsmap-watch", daemon=True).start()

    def tidy(self) -> None:
        """Give back what was read of files since this was last called."""
        for reader in list(self.shelf.readers().values()):
            reader.rendition.let_go()

    def _check_touched(self) -> bool:
        """Verify each open rendition once, and again when a file of it changes on disk; True if one was set aside."""
        found, stamps = False, {}
        for key, reader in list(self.shelf.readers().items()):
            rendition = reader.rendition
            try:
                stamp = files.stamp(rendition.folder)
                if self._stamps.get(key) != stamp:
                    rendition.verify()
                stamps[key] = stamp
            except (DamagedError, OSError) as fault:
                self.shelf.set_aside(*key, fault)
                found = True
        self._stamps = stamps
        return found


def _watch(watched: weakref.ref[Served]) -> None:
    pause, returned, told = threading.Event(), time.monotonic(), -TELL_EVERY_S
    while not pause.wait(EVERY_SECONDS):
        served = watched()
        if served is None:
            return
        try:
            served.look()
            served.check_some()
            served.tidy()
            if time.monotonic() - returned >= RETURN_S:
                heap.give_back()
                returned = time.monotonic()
        except Exception:
            if time.monotonic() - told >= TELL_EVERY_S:
                told = time.monotonic()
                log.exception("Looking for new editions failed; the ones that are open are served on.")
        # Nothing is held while this waits.
        del served
