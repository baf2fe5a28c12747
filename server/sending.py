"""The body of an answer on its way to a reader who may be slow."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from server.answer import Body, FilePart, Slices, Unsent, joined

# Bytes of a file that are read at once: more would wait in memory for the reader.
BLOCK = 1 << 16
# A body of fewer bytes goes out with its head in one packet; copying a longer one would cost more than a packet.
SMALL = 1 << 14


class Sending:
    """What one connection sends. `held` while the reader has not taken what was sent, or a file is not at its end."""

    __slots__ = ("_at", "_end", "_file", "_gathers", "_part", "_slow", "_then", "_transport", "_was", "held")

    def __init__(self, transport: asyncio.Transport, then: Callable[[], None]) -> None:
        self._transport, self._then = transport, then
        # asyncio's own, in Python 3.12 and 3.13, does not say when a reader is slow.
        self._gathers = type(transport).__module__.startswith("uvloop")
        self._file: int | None = None
        self._part: FilePart | None = None
        self._at = self._end = self._was = 0
        self.held = self._slow = False

    def send(self, head: bytes, body: Body) -> None:
        """Send an answer. What is at hand is not copied: what the reader does not take yet stays where it is."""
        if isinstance(body, bytes) and len(body) <= SMALL:
            self._transport.write(head + body)
        elif isinstance(body, Slices) and self._gathers:
            self._transport.writelines((head, *body.parts))
        else:
            self._transport.write(head)
            if isinstance(body, FilePart):
                self._begin(body)
            elif not isinstance(body, Unsent):
                self._transport.write(joined(body))

    def _begin(self, part: FilePart) -> None:
        """Send a part of a file, a block at a time. A file that is not there any more ends the connection."""
        try:
            self._file = part.descriptor()
        except OSError:
            self._transport.abort()
            return
        # Held to its end: the space of a temporary file is given back only then.
        self._part = part
        if part.before:
            self._transport.write(part.before)
        self._at, self._end, self.held = part.start, part.end, True
        self._more()

    def _more(self) -> None:
        while self._file is not None and not self._slow:
            block = b""
            if self._at < self._end:
                block = os.pread(self._file, min(BLOCK, self._end - self._at), self._at)
                if not block:
                    # It is shorter than was told: whoever reads must not take this for its end.
                    self._transport.abort()
            if not block:
                if self._at >= self._end and self._part is not None and self._part.after:
                    self._transport.write(self._part.after)
                self._close()
                return
            self._at += len(block)
            self._transport.write(block)

    def pause(self) -> None:
        """The reader is slow."""
        self.held = self._slow = True

    def resume(self) -> None:
        """The reader has taken what was sent."""
        self._slow = False
        self._more()
        if self._file is None and not self._slow:
            self.held = False
            self._then()

    def moved(self) -> bool:
        """Whether the reader has taken anything since this was asked last."""
        left = self._end - self._at + self._transport.get_write_buffer_size() if self.held else 0
        moved = self.held and left != self._was
        self._was = left
        return moved

    def stop(self) -> None:
        """The connection is gone."""
        self._close()
        self.held = False

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = self._part = None
            self.held = self._slow
