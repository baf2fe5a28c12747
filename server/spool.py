"""Large responses: temporary files of this process, kept for those who ask the same.

A file has no name: the operating system frees it as soon as nobody reads it, also when the process is killed.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterable
from itertools import chain
from typing import Any

import isal.igzip as igzip

from hantsmap.errors import UnavailableError
from server.answer import FilePart

log = logging.getLogger("hantsmap")
# Bytes of a response that are put together in memory.
MOST_IN_MEMORY = 1 << 20
# Bytes, and number, of the files of one process, those included that are still being written or sent.
MOST_BYTES, MOST_FILES = 2 << 30, 64
GZIP_LEVEL = 1
RETRY_S = 30
BLOCK = 1 << 18


class TemporaryFile:
    """A file without a name, whose bytes count against the limit of its spool for as long as somebody holds it."""

    def __init__(self, space: Space) -> None:
        self.file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed when nobody holds it
        self._taken = [0]
        self._space = space
        weakref.finalize(self, space.give_back, self._taken)

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._taken[0]

    def fileno(self) -> int:
        """The file descriptor."""
        return self.file.fileno()

    def write(self, block: bytes | memoryview) -> int:
        """Write a block. Raises UnavailableError where the limit, or the disk, leaves no room for it."""
        self._space.take(len(block), self._taken)
        view = memoryview(block).cast("B")
        while view:
            view = view[self.file.write(view):]
        return len(block)


class Space:
    """How many bytes the temporary files of one process have together."""

    def __init__(self) -> None:
        # Reentrant: the garbage collector may give space back while this thread takes some.
        self._lock = threading.RLock()
        self.used = 0
        self.evict: Any = lambda: False

    def take(self, size: int, taken: list[int]) -> None:
        """Count bytes before they are written. Raises UnavailableError where the limit does not allow them."""
        while True:
            with self._lock:
                if self.used + size <= MOST_BYTES:
                    self.used += size
                    taken[0] += size
                    return
            if not self.evict():
                raise UnavailableError("Too many large responses are being sent just now.", RETRY_S)

    def give_back(self, taken: list[int]) -> None:
        """A file is gone."""
        with self._lock:
            self.used -= taken[0]


class Spool:
    """Large responses of this process. A response is written once, however many ask for it at the same time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._space = Space()
        self._space.evict = self._evict
        self._kept: OrderedDict[str, TemporaryFile] = OrderedDict()
        self._writing: weakref.WeakValueDictionary[str, _Writer] = weakref.WeakValueDictionary()

    def body(self, key: str, parts: Iterable[bytes | memoryview], *, compressed: bool) -> bytes | FilePart:
        """The parts as one body: bytes while they are few, else a file. `key` stands for all that the parts depend on.

        A file is gzip if `compressed`; bytes are left as they are. Raises UnavailableError where there is no room.
        """
        name = f"{key}.gz" if compressed else key
        found = self._found(name)
        if found is not None:
            return found
        read, size, rest = [], 0, iter(parts)
        for part in rest:
            read.append(part)
            size += len(part)
            if size > MOST_IN_MEMORY:
                break
        else:
            return b"".join(read)
        with self._lock:
            writer = self._writing.setdefault(name, _Writer())
        with writer.lock:
            found = self._found(name)
            if found is None:
                found = self._keep(name, self._written(chain(read, rest), compressed=compressed))
            return found

    @property
    def used(self) -> int:
        """Bytes of all files, those included that are being sent."""
        return self._space.used

    def clear(self) -> None:
        """Let go of every file. One that is being sent is freed when that has ended."""
        with self._lock:
            self._kept.clear()

    def hold(self, parts: Iterable[bytes | memoryview]) -> FilePart:
        """The parts as a file for one reader, gone when it was sent. Raises UnavailableError where there is no room."""
        made = self._written(parts, compressed=False)
        return FilePart(None, 0, made.size, made)

    def _found(self, name: str) -> FilePart | None:
        with self._lock:
            known = self._kept.get(name)
            if known is None:
                return None
            self._kept.move_to_end(name)
            return FilePart(None, 0, known.size, known)

    def _written(self, parts: Iterable[bytes | memoryview], *, compressed: bool) -> TemporaryFile:
        try:
            made = TemporaryFile(self._space)
            target: Any = made
            if compressed:
                # No time in it: the same response is the same bytes.
                target = igzip.IGzipFile(  # type: ignore[no-untyped-call]  # isal has no types
                    fileobj=made, mode="wb", compresslevel=GZIP_LEVEL, mtime=0)
            waiting = bytearray()
            for part in parts:
                waiting += part
                if len(waiting) >= BLOCK:
                    target.write(bytes(waiting))
                    waiting.clear()
            target.write(bytes(waiting))
            if target is not made:
                target.close()
        except OSError as fault:
            log.error("A large response cannot be written to the folder for temporary files (TMPDIR): %s.",  # noqa: TRY400
                      fault.strerror or fault)
            raise UnavailableError("This response is large, and there is no room to write it.", RETRY_S) from None
        return made

    def _keep(self, name: str, made: TemporaryFile) -> FilePart:
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > MOST_FILES:
                self._kept.popitem(last=False)
        return FilePart(None, 0, made.size, made)

    def _evict(self) -> bool:
        """Let go of the file that was not asked for longest; false where there is none."""
        with self._lock:
            if not self._kept:
                return False
            self._kept.popitem(last=False)
            return True


class _Writer:
    """Held by whoever writes one response."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
