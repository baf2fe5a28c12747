"""A front in this very process, asked over connections without a socket; it tells what it had to read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from lines import Line

from server.answer import Answer
from server.front import Front
from server.request import Request
from server.visit import Visit
from server.ways import Way

PEER = "192.0.2.1"


class Told(Front):
    """Counts the requests that it had to read; does something between an answer and its end when it is told to."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.read = 0
        self.meanwhile: Callable[[], None] | None = None

    def answer(self, request: Request, body: bytes) -> Answer | Callable[[], Answer]:
        """Count it, and answer."""
        self.read += 1
        return super().answer(request, body)

    def directly(self, visit: Visit, answering: Way) -> Answer:
        """Answer; then, once, something else happens."""
        made = super().directly(visit, answering)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return made

    @property
    def kept(self) -> list[bytes]:
        """The requests whose answers are remembered, the one that was asked last at the end."""
        return list(self.memory._kept)

    def ask(self, address: str, *headers: str, peer: str = PEER, method: str = "GET") -> Heard:
        """One request, in one piece, on a connection of its own."""
        said = "".join(f"{line}\r\n" for line in (f"{method} {address} HTTP/1.1", "Host: a", *headers)) + "\r\n"
        return asyncio.run(self._asked(said.encode("latin-1"), peer))

    async def _asked(self, said: bytes, peer: str) -> Heard:
        before, line = self.read, Line(self, peer)
        line.say(said)
        while line.wire.busy:
            await asyncio.sleep(0.002)
        head, _, body = bytes(line.heard).partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = dict(each.split(": ", 1) for each in rest)
        line.wire.connection_lost(None)
        return Heard(int(first.split()[1]), headers, body, self.read == before)


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; the time of it, and whether it came from memory, make no other one of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    remembered: bool = field(compare=False)

    def __post_init__(self) -> None:
        self.headers.pop("date")


@contextmanager
def front_of(app: Flask, **limits: Any) -> Iterator[Told]:
    """The front of an application; time stands still for its rate limits."""
    made = Told(app)
    made.entrance.limits._now = limits.pop("now", lambda: 1_000.0)
    yield made
    made.threads.shutdown()
    made.entrance.close()
