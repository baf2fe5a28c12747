"""Change sets in the store: made when a layer is published, or when one is first asked for, and kept.

    changes/<layer>/<older>-<newer>/   changes.arrow (id, kind, position)   changes.json (kinds, digest of the file)

They are small beside the renditions, because the feature texts stay where they are. What cannot be kept, on a store
that is only read, is made each time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from hantsmap.changes.composing import composed
from hantsmap.changes.difference import ChangeSet, Kind, difference
from hantsmap.errors import DamagedError, StoreError
from hantsmap.rendition import Rendition
from hantsmap.store import Promotion, Store, files, today

log = logging.getLogger("hantsmap")
# Raised whenever what a change set holds changes: those of another number are made again.
FORMAT = 1
RECORD = "changes.json"
_making = threading.Lock()


def whole_rendition(folder: Path) -> Rendition:
    """A rendition of the store that is, byte for byte, what was written. Raises DamagedError when it is not, or is
    there no longer."""
    return _whole_rendition(folder, files.stamp(folder))


@lru_cache(maxsize=16)
def _whole_rendition(folder: Path, stamp: files.Stamp) -> Rendition:
    rendition = Rendition(folder)
    rendition.verify()
    return rendition


def change_set(store: Store, layer: str, older: str, newer: str, through: Collection[str] = ()) -> ChangeSet:
    """The change set between two renditions: that of the store, or else made now and kept there.

    Where the older rendition is gone, it is put together from a kept one that leads to a rendition of `through` and
    what leads on from there. Raises DamagedError when it is not there, and cannot be made, because a rendition is gone,
    damaged or of another version.
    """
    folder = store.changes(layer, older, newer)
    with suppress(DamagedError):
        return _opened(folder)
    with _making:
        with suppress(DamagedError):
            return _opened(folder)
        made = _made(store, layer, older, newer, through)
        with suppress(OSError, StoreError):
            _keep(store, folder, made)
        return made


def _made(store: Store, layer: str, older: str, newer: str, through: Collection[str]) -> ChangeSet:
    after = whole_rendition(store.rendition(layer, newer))
    try:
        before = whole_rendition(store.rendition(layer, older))
    except DamagedError:
        bridged = _bridged(store, layer, older, after, through)
        if bridged is None:
            raise
        return bridged
    made = difference(before, after)
    for rendition in (before, after):
        rendition.let_go()
    return made


def _bridged(store: Store, layer: str, older: str, newer: Rendition, through: Collection[str]) -> ChangeSet | None:
    """What leads from a rendition that is gone by way of one that is there: after a record was erased, each state that
    held it has a change set to the state without it."""
    for middle in sorted(set(through) - {older, newer.id}):
        with suppress(DamagedError):
            first = _opened(store.changes(layer, older, middle))
            between = whole_rendition(store.rendition(layer, middle))
            return composed(first, difference(between, newer), newer)
    return None


def prepare(store: Store, current: Promotion | None, renditions: Mapping[str, str], layer: str) -> None:
    """Make what leads each audience from what it sees to what it is about to see, before that is promoted.

    `renditions` has the audiences whose history goes on. What is seen now and cannot be read any more is passed over:
    its readers begin anew.
    """
    seen = current.seen(today()) if current else {}
    for older, newer in sorted({(seen[audience], newer) for audience, newer in renditions.items()
                                if seen.get(audience, newer) != newer}):
        try:
            change_set(store, layer, older, newer)
        except DamagedError as fault:
            log.warning("%s: what changed cannot be told. %s", layer, fault)


@lru_cache(maxsize=256)
def _read(folder: Path, stamp: files.Stamp) -> ChangeSet:
    record = files.whole(folder, RECORD)
    if record.get("format") != FORMAT:
        raise DamagedError(f"{folder} is a change set of another version.")
    kinds = tuple(Kind(op, changetype, tuple(fields)) for op, changetype, fields in record["kinds"])
    return ChangeSet(kinds, pa.ipc.open_file(pa.memory_map(str(folder / "changes.arrow"))).read_all())


def _opened(folder: Path) -> ChangeSet:
    return _read(folder, files.stamp(folder))


def _keep(store: Store, folder: Path, made: ChangeSet) -> None:
    with store.making(shared=True) as making:
        with pa.OSFile(str(making / "changes.arrow"), "wb") as sink, pa.ipc.new_file(sink, made.table.schema) as writer:
            writer.write_table(made.table)
        files.write_record(making / RECORD, {
            "format": FORMAT, "kinds": [[kind.op, kind.changetype, list(kind.fields)] for kind in made.kinds],
            "files": files.digests(making, but=RECORD)})
        files.settle(making, folder, RECORD, shared=True)
