"""Preparing: files made ahead, so that nobody waits for them in the morning."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from hantsmap.catalogue import Shelf
from hantsmap.downloads.formats import offered
from hantsmap.downloads.kept import File, Kept
from hantsmap.downloads.maker import work
from hantsmap.downloads.queue import Queue
from hantsmap.downloads.wanted import Download
from hantsmap.store import Store

LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one file: there, or why not."""

    download: Download
    file: File | None
    why: str | None


def prepare(store: Store, kept: Kept, layers: Collection[str] = (), formats: Collection[str] = (),
            audiences: Collection[str] = (), *, done: Callable[[Prepared], None] = lambda prepared: None
            ) -> list[Prepared]:
    """Make the whole layers in each format, in its first reference system; all of them unless some are named.

    `done` is told of each file as it is there. Files of renditions that the store no longer has are removed first.
    """
    kept.forget_gone(store)
    queue, prepared = Queue(kept.folder), []
    for download in _wanted(store, layers, formats, audiences):
        file, why = kept.find(download), None
        while file is None and (why := queue.failed(download)) is None:
            queue.put(download, bounded=False)
            if not work(store, kept):
                # Other makers have all the places.
                time.sleep(LOOK_EVERY_S)
            file = kept.find(download)
        prepared.append(Prepared(download, file, why))
        done(prepared[-1])
    return prepared


def _wanted(store: Store, layers: Collection[str], formats: Collection[str], audiences: Collection[str]
            ) -> Iterator[Download]:
    shelf, seen = Shelf(store), set()
    shelf.refresh()
    for audience in audiences or ("public", *(site.audiences if (site := store.site()) else ())):
        for layer, entry in shelf.catalogue(audience).entries.items():
            for format_ in offered(entry.rendition.description):
                download = Download(layer, entry.rendition.id, entry.published, format_, format_.systems[0]
                                    if entry.rendition.geometry_type != "none" else format_.systems[-1])
                chosen = (not layers or layer in layers) and (not formats or format_.name in formats)
                if chosen and (download.rendition, download.key) not in seen:
                    seen.add((download.rendition, download.key))
                    yield download
