"""The renditions that a process has open: which are sound, and which are set aside until they are mended."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hantsmap.errors import DamagedError, StoreError, UnreadableError
from hantsmap.query import Reader
from hantsmap.rendition import Rendition
from hantsmap.store import Store, files

log = logging.getLogger("hantsmap")
# Layer and id of a rendition.
Key = tuple[str, str]
Opening = Callable[[Key], Reader | None]
# What could not be read is tried again after one second, two, four, and so on up to a minute.
FIRST_PAUSE_S, LAST_PAUSE_S = 1.0, 60.0
# The slow check reads this much on each look, twice a second: a store of ten gigabytes in six hours.
BYTES_EACH_LOOK, BLOCK = 256 << 10, 256 << 10


@dataclass(slots=True)
class _Aside:
    """A rendition that is not served: its stamp when it was set aside, and, if reading failed, when to try again."""

    stamp: files.Stamp | None
    again: float | None
    pause: float = FIRST_PAUSE_S


@dataclass(slots=True)
class OpenRenditions:
    """Opens renditions, and sets aside those that are damaged or cannot be read.

    One that is damaged is looked at again when its files change; one that could not be read, after a pause.
    """

    store: Store
    clock: Callable[[], float] = time.monotonic
    readers: dict[Key, Reader] = field(default_factory=dict)
    damaged: dict[Key, str] = field(default_factory=dict)
    _aside: dict[Key, _Aside] = field(default_factory=dict)
    _checking: Iterator[int] | None = None

    @contextmanager
    def reopening(self) -> Iterator[Opening]:
        """Gives a function that opens a rendition, or returns None where it is set aside. Those that were not asked
        for by the end are let go."""
        opened: dict[Key, Reader] = {}

        def reader(key: Key) -> Reader | None:
            if key in self.damaged:
                return None
            try:
                opened[key] = opened.get(key) or self.readers.get(key) or Reader(Rendition(self.store.rendition(*key)))
            except (StoreError, OSError, ValueError) as fault:
                self.set_aside(key, fault)
                return None
            return opened[key]

        yield reader
        self.readers = opened

    def set_aside(self, key: Key, fault: Exception) -> None:
        """Serve a rendition no more until it is mended, or can be read again."""
        if self.damaged.get(key) != str(fault):
            log.error("%s: %s", key[0], fault)
        self.damaged[key] = str(fault)
        passing = isinstance(fault, UnreadableError) or (isinstance(fault, OSError)
                                                         and not isinstance(fault, FileNotFoundError))
        self._aside[key] = _Aside(self._stamp(key), self.clock() + FIRST_PAUSE_S if passing else None)

    def look(self) -> None:
        """Take back what was mended: published again, restored from a backup, or readable again."""
        for key in list(self.damaged):
            aside, stamp = self._aside[key], self._stamp(key)
            due = aside.again is not None and self.clock() >= aside.again
            if stamp == aside.stamp and not due:
                continue
            aside.stamp = stamp
            try:
                Rendition(self.store.rendition(*key)).verify()
            except (StoreError, OSError, ValueError) as fault:
                if isinstance(fault, UnreadableError | OSError):
                    aside.again = self.clock() + aside.pause
                    aside.pause = min(LAST_PAUSE_S, aside.pause * 2)
                continue
            log.warning("%s: rendition %s is whole again.", *key)
            del self.damaged[key], self._aside[key]

    def check_some(self) -> bool:
        """Read some megabytes of the open renditions again, where the last call stopped, and set aside what is no
        longer what was written although its size and time are. True if something was set aside."""
        before = len(self.damaged)
        read = 0
        while read < BYTES_EACH_LOOK:
            if self._checking is None:
                self._checking = self._check_all()
            size = next(self._checking, None)
            if size is None:
                self._checking = None
                break
            read += size
        return len(self.damaged) > before

    def _check_all(self) -> Iterator[int]:
        """Check every file of every open rendition once; yields the bytes of each block that was read."""
        for key, reader in list(self.readers.items()):
            rendition = reader.rendition
            for name, facts in rendition.files.items():
                if key not in self.readers or key in self.damaged:
                    break
                try:
                    yield from _blocks(rendition.folder / name, facts["sha256"])
                except (FileNotFoundError, PermissionError):
                    # What is open stays open, whoever may open it again.
                    continue
                except (DamagedError, OSError) as fault:
                    if key in self.readers:
                        self.set_aside(key, fault)

    def _stamp(self, key: Key) -> files.Stamp | None:
        try:
            return files.stamp(self.store.rendition(*key))
        except UnreadableError:
            return None


def _blocks(path: Path, sha256: str) -> Iterator[int]:
    """Sizes of the blocks of a file, as they are read. Raises DamagedError at the end when its checksum differs."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
            yield len(block)
    if found.hexdigest() != sha256:
        raise DamagedError(f"{path} has changed on disk, although its size and time have not. Publish the layer again, "
                           "or restore a backup.")
