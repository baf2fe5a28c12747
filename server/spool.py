"""Answers that are too large to be held in memory: files of this process, kept for those who ask the same."""

from __future__ import annotations

import atexit
import fcntl
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import isal.igzip as igzip

from server.answer import FilePart

# Bytes of an answer that are put together in memory.
MOST_IN_MEMORY = 1 << 20
# Bytes of files that are kept. One that was asked for a moment ago may be on its way to somebody, and stays.
MOST_KEPT = 2 << 30
MOMENT_S = 600.0
GZIP_LEVEL = 1
PREFIX = "hantsmap-answers-"


class Spool:
    """A folder of answers of this process. One is written at a time: others wait for it.

    It goes when the process ends or, where that was killed, when another process makes its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._held: IO[bytes] | None = None
        self._kept: OrderedDict[str, tuple[Path, int, float]] = OrderedDict()

    def body(self, key: str, parts: Iterable[bytes | memoryview], *, compressed: bool) -> bytes | FilePart:
        """The parts as one body: bytes while they are few, else a file. `key` names the answer and nothing else does.

        A file is compressed if `compressed`; bytes are left as they are.
        """
        name = f"{key}.gz" if compressed else key
        with self._lock:
            if self._has(name):
                return self._found(name)
        read, size, rest = [], 0, iter(parts)
        for part in rest:
            read.append(part)
            size += len(part)
            if size > MOST_IN_MEMORY:
                break
        else:
            return b"".join(read)
        with self._lock:
            if not self._has(name):
                self._write(name, [read, rest], compressed=compressed)
            return self._found(name)

    def _has(self, name: str) -> bool:
        """Whether a file is kept. Systems clear away temporary files that lie long."""
        return name in self._kept and self._kept[name][0].exists()

    def _found(self, name: str) -> FilePart:
        path, size, _ = self._kept[name]
        self._kept[name] = path, size, time.monotonic()
        self._kept.move_to_end(name)
        return FilePart(path, 0, size)

    def _write(self, name: str, parts: list[Iterable[bytes | memoryview]], *, compressed: bool) -> None:
        if self._folder is None or not self._folder.is_dir():
            self._folder = self._opened()
        path = self._folder / name
        try:
            with path.open("wb") as file:
                # No time in it: the same answer is the same bytes.
                target: Any = igzip.IGzipFile(  # type: ignore[no-untyped-call]  # isal has no types
                    fileobj=file, mode="wb", compresslevel=GZIP_LEVEL, mtime=0) if compressed else file
                for part in (part for each in parts for part in each):
                    target.write(part)
                if target is not file:
                    target.close()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._kept[name] = path, path.stat().st_size, time.monotonic()
        self._make_room()

    def _opened(self) -> Path:
        """A folder of our own, which a lock says is in use for as long as this process lives."""
        for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with suppress(OSError), (left / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self._held = (folder / "lock").open("wb")
        fcntl.flock(self._held, fcntl.LOCK_EX)
        return folder

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(size for _, size, _ in self._kept.values()) > MOST_KEPT:
            name, (path, _, used) = next(iter(self._kept.items()))
            if time.monotonic() - used < MOMENT_S:
                return
            del self._kept[name]
            path.unlink(missing_ok=True)
