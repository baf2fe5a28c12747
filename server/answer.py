"""An answer, told in no framework's words: status, headers, and a body: bytes, slices of them, or a part of a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

# Fewer bytes than this are put together: that is less work than to send them apart.
SMALL = 1 << 16


class OpenFile(Protocol):
    """A file that is open, for as long as somebody holds this."""

    def fileno(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FilePart:
    """Bytes `start` to `end` (not included) of a file that does not change, between `before` and `after`.

    The file is `opened`, or is opened by its `path` when it is sent.
    """

    path: Path | None
    start: int
    end: int
    opened: OpenFile | None = None
    before: bytes = b""
    after: bytes = b""

    @property
    def length(self) -> int:
        """How many bytes it is."""
        return len(self.before) + self.end - self.start + len(self.after)

    def descriptor(self) -> int:
        """A file descriptor of one's own. Raises OSError where the file is not there any more."""
        if self.opened is not None:
            return os.dup(self.opened.fileno())
        if self.path is None:
            raise FileNotFoundError
        return os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))


@dataclass(frozen=True, slots=True)
class Unsent:
    """The body of a response to HEAD that nobody made, so that its length is not known (RFC 9110, 8.6)."""

    length: int = 0


@dataclass(frozen=True, slots=True)
class Slices:
    """Bytes that lie apart, mostly in mapped files, in the order in which they go out: nobody copies them together."""

    parts: tuple[bytes | memoryview, ...]
    length: int

    @classmethod
    def of(cls, *parts: bytes | memoryview) -> bytes | Slices:
        """The parts as one body."""
        length = sum(map(len, parts))
        return cls(parts, length) if length > SMALL else b"".join(parts)


Body = bytes | Slices | FilePart | Unsent


def joined(body: bytes | Slices) -> bytes:
    """A body as one piece."""
    return b"".join(body.parts) if isinstance(body, Slices) else body


@dataclass(slots=True)
class Answer:
    """What goes out. Names of headers are in small letters, as HTTP/2 has them (RFC 9113, 8.2).

    `again` is the memory's, where the same request may be answered so again.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: Body = b""
    again: object = None

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.length

    def set(self, name: str, value: str) -> None:
        """Set a header, in place of what it was."""
        self.headers = [(known, told) for known, told in self.headers if known != name]
        self.headers.append((name, value))

    def add(self, headers: Iterable[tuple[str, str]]) -> None:
        """Add headers that are not set yet."""
        known = {name for name, _ in self.headers}
        self.headers += [header for header in headers if header[0] not in known]
