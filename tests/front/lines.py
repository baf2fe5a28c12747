"""A connection without a socket: what comes in is cut where the test says, and what goes out is collected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from server import wire

# Bytes that wait for a slow reader before its connection is told so.
HIGH = 3_000


class Later:
    """Threads that do what they are given when the test lets them."""

    def __init__(self) -> None:
        self.given: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        """Take in some work."""
        made: Future[Any] = Future()
        self.given.append((made, work))
        return made

    def work(self) -> None:
        """Do it."""
        given, self.given = self.given, []
        for made, work in given:
            made.set_result(work())


class Line(asyncio.Transport):
    """One connection of a Wire. As on a real one, what comes while nobody reads is one piece afterwards, and nothing
    comes after its end."""

    def __init__(self, application: Any, peer: str = "192.0.2.1") -> None:
        super().__init__({"peername": (peer, 50_000)})
        self.heard, self.written_after_end = bytearray(), 0
        self.ended = self.deaf = self.slow = False
        self._left, self._unheard = 0, b""
        state = SimpleNamespace(connections=set())
        self.wire = wire.Wire(SimpleNamespace(loaded_app=application), state, {})
        self.wire.connection_made(self)

    def say(self, piece: bytes) -> None:
        """Some bytes come in."""
        self._unheard += piece
        self._pass_on()

    def read(self) -> None:
        """The reader takes all that was sent."""
        self._left = 0
        if self.slow and not self.ended:
            self.slow = False
            self.wire.resume_writing()

    def _pass_on(self) -> None:
        if self._unheard and not self.deaf and not self.ended:
            piece, self._unheard = self._unheard, b""
            self.wire.data_received(piece)

    # What a Wire wants of its transport.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """What goes out."""
        if self.ended:
            self.written_after_end += 1
            return
        self.heard += data
        self._left += len(data)
        if self._left > HIGH and not self.slow:
            self.slow = True
            self.wire.pause_writing()

    def get_write_buffer_size(self) -> int:
        """What the reader has not taken."""
        return self._left

    def pause_reading(self) -> None:
        """Nothing more for now."""
        self.deaf = True

    def resume_reading(self) -> None:
        """More."""
        self.deaf = False
        asyncio.get_running_loop().call_soon(self._pass_on)

    def is_closing(self) -> bool:
        """Whether this has ended."""
        return self.ended

    def close(self) -> None:
        """The end, after what was sent."""
        self.ended = True

    def abort(self) -> None:
        """The end at once."""
        self.heard += b"" if self.ended else b"(aborted)"
        self.ended = True
