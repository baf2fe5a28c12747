"""Erasing one record of a layer. The order of the steps lets an erasure that was killed be completed by another run.

    1  the id goes on the suppression list: no publication brings the record back
    2  the current edition and renditions are written without it
    3  what leads from each older state to the new one is computed, so that pullers get the deletion by id
    4  they are promoted: running servers take them up, and the promotion says how many records were erased;
       layers that refer to the record are written without its id
    5  all renditions, change sets, downloads and cached sources that hold the record are deleted
    6  the store is searched for the id, the values and the coordinates
    7  the editions that hold the record are deleted: until then a rerun can find out what to search for
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hantsmap.changes import change_set
from hantsmap.downloads import Kept
from hantsmap.erasure.faults import ProofError, RecordNotFoundError
from hantsmap.erasure.holding import Holding, folders, holding
from hantsmap.erasure.needles import Needle
from hantsmap.erasure.proof import Hit, Search
from hantsmap.erasure.rewriting import edition_without, rendition_without
from hantsmap.errors import DamagedError, StoreError
from hantsmap.prune import remove_folder
from hantsmap.referring import Narrowing, narrow_all
from hantsmap.rendition import Rendition
from hantsmap.store import Promotion, Store, now, timelines, today
from hantsmap.suppression import SuppressionList

log = logging.getLogger("hantsmap")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done: how many editions and renditions held the record, how many files were searched for how many
    things, which areas of site.json lost their outline, which other layers hold the same values, and what became of
    layers that named the record."""

    layer: str
    editions: int
    renditions: int
    searched: int
    needles: int
    values_known: bool
    outlines: tuple[str, ...] = ()
    also_in: tuple[str, ...] = ()
    referring: Mapping[str, Narrowing] = field(default_factory=dict)


def erase(store: Store, downloads: Path, layer: str, record_id: str, reason: str) -> Erasure:
    """Remove one record from every edition, rendition, tile, download and change set of a layer, and prove it.

    `downloads` is the folder of downloads. Raises RecordNotFoundError when no edition or rendition has it and it was
    not erased before; ProofError when the search still finds it; DamagedError when what is current cannot be read, so
    that it cannot be written without the record; BusyError or StoreError when the store cannot be written.
    """
    if not store.exists():
        raise StoreError(f"{store.root} is no store: nothing was published to it yet.")
    with store.publishing():
        suppressed = SuppressionList(store, layer)
        held = holding(store, layer, record_id)
        if not held and not suppressed.covers([record_id])[0]:
            raise RecordNotFoundError(f"{layer} has no record with this id, in no edition or rendition. Check the id: "
                                      f"it is shown at /collections/{layer}/items.")
        current = store.current(layer)
        _check_readable(store, layer, current, held)
        suppressed.add(record_id, reason)
        replaced = {name: rendition_without(store, layer, Rendition(store.rendition(layer, name)), record_id)
                    for name in sorted(held.renditions & (current.named() if current else set()))}
        edition = _edition(store, layer, current, held, record_id)
        left = {*replaced.values(), *(current.named() - held.renditions if current else ())}
        needles = held.needles(store, layer, edition, sorted(left))
        search = Search(store, downloads, layer, record_id, needles)
        _add_older_ids(search, held, {edition, *replaced.values(), *(current.named() if current else ())})
        erasures = suppressed.count()
        if current is not None and (replaced or edition != current.edition or erasures > current.erasures):
            promotion = _without(current, edition, replaced, store.next_sequence(layer), erasures)
            _keep_deletions(store, layer, promotion, held)
            store.promote(promotion)
        referring = _narrow_referring(store, downloads, layer)
        _remove(store, downloads, layer, held)
        outlines = _remove_outlines(store, held, needles)
        searched = _prove(store, downloads, search, held)
        for name in sorted(held.editions | held.unreadable_editions):
            remove_folder(store, store.edition(layer, name))
        return Erasure(layer, len(held.editions), len(held.renditions), searched, len(needles), bool(held.editions),
                       outlines, tuple(search.layers_with_the_same_values()), referring)


def _narrow_referring(store: Store, downloads: Path, layer: str) -> dict[str, Narrowing]:
    """Take the record out of what other layers name, as a publication does; also after an erasure that was killed."""
    others = [name for name in store.layers() if name != layer]
    before = {name: current.named() for name in others if (current := _readable_current(store, name)) is not None}
    found = narrow_all(store, others, "erased")
    for name in found:
        now_named = _readable_current(store, name)
        Kept(downloads).forget(name, before.get(name, set()) - (now_named.named() if now_named else set()))
    return found


def _readable_current(store: Store, layer: str) -> Promotion | None:
    with suppress(DamagedError):
        return store.current(layer)
    return None


def _check_readable(store: Store, layer: str, current: Promotion | None, held: Holding) -> None:
    """What is current has to be readable: it is written anew from itself."""
    if current is None and store.promotion_files(layer):
        raise DamagedError(f"The newest promotion of {layer} cannot be read. Publish the layer, then erase again.")
    named = {*current.named(), current.edition} if current else set()
    lost = sorted(str(name) for name in named & (held.unreadable_renditions | held.unreadable_editions))
    if lost:
        raise DamagedError(f"{layer} is damaged ({', '.join(lost)}). Publish the layer, then erase again.")


def _edition(store: Store, layer: str, current: Promotion | None, held: Holding, record_id: str) -> str | None:
    if current is None or current.edition is None:
        return None
    if current.edition in held.editions:
        return edition_without(store, layer, current.edition, record_id, held.mentions)
    return current.edition


def _add_older_ids(search: Search, held: Holding, current: Set[str | None]) -> None:
    """Older editions and renditions in which values or coordinates of the record stand under another id go too."""
    for kind, names in (("editions", held.editions), ("renditions", held.renditions)):
        for folder in folders(search.store, kind, search.layer):
            if folder.name not in current | names and search.hits(sorted(folder.iterdir())):
                names.add(folder.name)


def _without(current: Promotion, edition: str | None, replaced: Mapping[str, str], sequence: int,
             erasures: int) -> Promotion:
    """The current promotion with other renditions and one more erasure, and otherwise as it is: who may see what does
    not change, and a withdrawn layer stays withdrawn."""
    later = {audience: tuple(change.model_copy(update={"rendition": replaced.get(change.rendition or "",
                                                                                 change.rendition)})
                             for change in changes) for audience, changes in current.later.items()}
    return current.model_copy(update={
        "sequence": sequence, "action": "withdrawn" if current.action == "withdrawn" else "erased", "made_at": now(),
        "edition": edition, "later": later, "erasures": erasures,
        "renditions": {audience: replaced.get(name, name) for audience, name in current.renditions.items()}})


def _keep_deletions(store: Store, layer: str, promotion: Promotion, held: Holding) -> None:
    """Compute what leads each audience from every state that is about to go to the new one, and keep it."""
    history = [*store.history(layer)[::-1], promotion]
    wanted: dict[tuple[str, str], set[str]] = {}
    for timeline in timelines(history, today()).values():
        last = timeline[-1].rendition
        states = {step.rendition for step in timeline if step.rendition and getattr(step, "readable", True)}
        for name in states - {last}:
            gone = not store.rendition(layer, name).is_dir()
            if last is not None and (name in held.renditions or gone):
                wanted.setdefault((name, last), set()).update(states)
    for (older, newer), seen in sorted(wanted.items()):
        with suppress(DamagedError):
            # Without it, whoever holds that state is told to fetch the layer anew (410).
            change_set(store, layer, older, newer, through=seen)


def _remove(store: Store, downloads: Path, layer: str, held: Holding) -> None:
    gone = held.renditions | held.unreadable_renditions
    for name in sorted(gone):
        remove_folder(store, store.rendition(layer, name))
    folder = store.root / "changes" / layer
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        # One that leads to a rendition that is gone says where in it the record was.
        if path.name.rpartition("-")[2] in gone:
            remove_folder(store, path)
    kept = Kept(downloads)
    kept.forget(layer, gone)
    kept.forget_gone(store)
    # Copies of sources that were fetched: they are fetched again.
    shutil.rmtree(store.root / "cache", ignore_errors=True)


def _remove_outlines(store: Store, held: Holding, needles: tuple[Needle, ...]) -> tuple[str, ...]:
    """Take the outlines of areas that were drawn from the record out of site.json; their names."""
    site = store.site_or_empty()
    corners = {f"{x:.0f} {y:.0f}" for x, y in held.facts.vertices}
    drawn = tuple(name for name, outline in site.outlines.items()
                  if any(corner in outline.wkt for corner in corners)
                  or any(needle.found_in(outline.wkt.encode()) for needle in needles))
    if drawn:
        outlines = {name: outline for name, outline in site.outlines.items() if name not in drawn}
        store.keep_site(site.model_copy(update={"outlines": outlines}))
    return drawn


def _prove(store: Store, downloads: Path, search: Search, held: Holding) -> int:
    """Search everything but the editions that go last; how many files were searched. Raises ProofError."""
    last = {store.edition(search.layer, name) for name in held.editions | held.unreadable_editions}
    looked_at = [path for path in search.files() if not last & set(path.parents)]
    hits = search.hits(looked_at)
    again = [hit.path for hit in hits if downloads in hit.path.parents]
    for path in again:
        # A cut that was made meanwhile, or whose filter names the record: it can be made again.
        shutil.rmtree(path.parent, ignore_errors=True)
    hits = [hit for hit in hits if hit.path not in again] + search.hits(again)
    if hits:
        raise ProofError(_sentence(search.layer, hits), tuple(str(hit.path) for hit in hits))
    return len(looked_at)


def _sentence(layer: str, hits: list[Hit]) -> str:
    places = "\n".join(f"  {hit}" for hit in hits)
    return (f"The record is no longer served, but something of it was found in:\n{places}\nDelete these files, or "
            f"publish {layer}, and erase again.")


