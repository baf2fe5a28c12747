"""Where downloads are kept: made aside, put in place by one rename, and never changed.

    <folder>/<layer>/<rendition>/<key>/     the file, and download.json, which says what it is
    <folder>/.queue/  .makers/  .making/    what is to be made, by whom, and unfinished work

Each file is kept for one viewer, and files that the operator had made ahead for all. These, and whole layers for the
anonymous, stay as long as their rendition; of the others, the oldest go when there are too many bytes of them.
"""

from __future__ import annotations

import os
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from hantsmap.downloads.viewers import ANONYMOUS, PREPARED
from hantsmap.downloads.wanted import Download
from hantsmap.errors import DamagedError
from hantsmap.store import Store, files

RECORD = "download.json"
REMEMBERED = 2_000
DEFAULT_BUDGET_MB = 2_000


@dataclass(frozen=True, slots=True)
class File:
    """A file that is there. `extent` is (west, south, east, north) in the file's own reference system, x, y."""

    path: Path
    name: str
    bytes: int
    sha256: str
    rows: int
    crs: str
    extent: tuple[float, float, float, float] | None
    made_at: datetime
    media_type: str


def default_folder(store: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where downloads are kept: HANTSMAP_DOWNLOADS, else `downloads` in the store."""
    return Path(environment.get("HANTSMAP_DOWNLOADS") or store / "downloads")


def budget(environment: Mapping[str, str] = os.environ) -> int:
    """How many bytes of cuts are kept: HANTSMAP_DOWNLOADS_MB, else 2,000 MB."""
    said = environment.get("HANTSMAP_DOWNLOADS_MB", "")
    return (int(said) if said.isascii() and said.isdigit() else DEFAULT_BUDGET_MB) * 1_000_000


class Kept:
    """The downloads of one folder. Safe to share between threads, and between processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole: OrderedDict[Path, tuple[files.Stamp, File]] = OrderedDict()
        self._lock = Lock()

    def place(self, download: Download) -> Path:
        """Folder of a download, whether it is there or not."""
        return self.folder / download.layer / download.rendition / download.key

    def at_hand(self, download: Download) -> File | None:
        """The file, if it was found before and nothing has touched it since: the viewer's own, or one made ahead."""
        return self._at_hand(download) or self._at_hand(replace(download, viewer=PREPARED))

    def _at_hand(self, download: Download) -> File | None:
        place = self.place(download)
        with self._lock:
            known = self._whole.get(place)
        return known[1] if known is not None and known[0] == files.stamp(place) else None

    def find(self, download: Download) -> File | None:
        """The file, if it is there and is what was written: looked at once, and again when it was touched.

        Files that were made for other viewers are not looked for.
        """
        return self._find(download) or self._find(replace(download, viewer=PREPARED))

    def _find(self, download: Download) -> File | None:
        known = self._at_hand(download)
        if known is not None:
            return known
        place = self.place(download)
        try:
            stamp = files.stamp(place)
            if not stamp:
                return None
            record = files.read_record(place / RECORD)
            files.check(place, record["files"], thorough=True)
            found = _file(place, download, record)
        except (DamagedError, OSError, KeyError):
            # It is made again, and what stands there makes way.
            return None
        with self._lock:
            self._whole[place] = stamp, found
            self._whole.move_to_end(place)
            while len(self._whole) > REMEMBERED:
                self._whole.popitem(last=False)
        return found

    def keep(self, download: Download, made: Path, facts: Mapping[str, Any]) -> None:
        """Put a finished folder in its place. `facts` are rows, extent and made_at."""
        record = {**download.record(), **facts, "name": download.file_name, "files": files.digests(made, but=RECORD)}
        files.write_record(made / RECORD, record)
        files.settle(made, self.place(download), RECORD, shared=True)

    def forget(self, layer: str, renditions: Iterable[str]) -> int:
        """Remove the downloads of renditions that are no more; how many bytes that makes room for."""
        freed = 0
        for rendition in renditions:
            folder = self.folder / layer / rendition
            freed += sum(_size(place) for place in folder.iterdir()) if folder.is_dir() else 0
            shutil.rmtree(folder, ignore_errors=True)
        return freed

    def forget_gone(self, store: Store) -> int:
        """Remove the downloads of renditions that a store no longer has; how many bytes that makes room for."""
        return sum(self.forget(folder.name, [each.name for each in folder.iterdir()
                                             if not store.rendition(folder.name, each.name).is_dir()])
                   for folder in self._layers())

    def evict(self, most: int) -> None:
        """Remove the oldest cuts, and files of single viewers, until there are no more than `most` bytes of them.

        Who reads one reads it to its end.
        """
        cuts = sorted(self._cuts(), reverse=True)
        total = 0
        for _, size, place in cuts:
            total += size
            if total > most:
                # Its record goes first: what is half gone is not there.
                with suppress(OSError):
                    (place / RECORD).unlink()
                shutil.rmtree(place, ignore_errors=True)

    def _layers(self) -> list[Path]:
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return [path for path in found if path.is_dir() and not path.name.startswith(".")]

    def _cuts(self) -> Iterator[tuple[str, int, Path]]:
        for place in self.folder.glob("[a-z]*/*/*"):
            with suppress(DamagedError, OSError, KeyError):
                record = files.read_record(place / RECORD)
                if record["question"] or any(record["shift"]) or record["viewer"] not in (PREPARED, ANONYMOUS):
                    yield record["made_at"], _size(place), place


def _size(place: Path) -> int:
    return sum(path.stat().st_size for path in place.iterdir()) if place.is_dir() else 0


def _file(place: Path, download: Download, record: Mapping[str, Any]) -> File:
    name = record["name"]
    facts = record["files"][name]
    return File(place / name, name, facts["bytes"], facts["sha256"], record["rows"], record["crs"],
                tuple(record["extent"]) if record["extent"] else None, datetime.fromisoformat(record["made_at"]),
                download.format.media_type)
