"""An answer, told in no framework's words: status, headers, and a body that is bytes or a part of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FilePart:
    """Bytes `start` to `end` (not included) of a file that does not change."""

    path: Path
    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes it is."""
        return self.end - self.start


@dataclass(slots=True)
class Answer:
    """What goes out. Names of headers are in small letters, as HTTP/2 has them (RFC 9113, 8.2)."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | FilePart = b""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.body.length if isinstance(self.body, FilePart) else len(self.body)

    def set(self, name: str, value: str) -> None:
        """Set a header, in place of what it was."""
        self.headers = [(known, told) for known, told in self.headers if known != name]
        self.headers.append((name, value))

    def add(self, headers: Iterable[tuple[str, str]]) -> None:
        """Add headers that are not set yet."""
        known = {name for name, _ in self.headers}
        self.headers += [header for header in headers if header[0] not in known]
