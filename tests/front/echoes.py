"""A small application that answers with what was asked, served on a loop of its own, and raw bytes to it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from server import heads, wire
from server.answer import Answer, Body, FilePart, Slices
from server.request import Request

LARGE = 24 << 20


class Echo:
    """Answers with what was asked; below /later from another thread, /file with a large file, /slices with slices.

    It remembers all that it is told to keep.
    """

    def __init__(self, file: Path) -> None:
        self.file, self.threads, self.go = file, ThreadPoolExecutor(4), threading.Event()
        self.seen: list[str] = []
        self.counted: list[tuple[str, int]] = []
        self.kept: dict[bytes, Answer] = {}

    def again(self, said: bytes, peer: str, scheme: str) -> tuple[bytes, Body] | None:
        known = self.kept.get(said)
        return None if known is None else (heads.head(known, close=False), known.body)

    def keep(self, said: bytes, answer: Answer) -> None:
        self.kept[said] = answer

    def count(self, request: Request, answer: Answer, seconds: float) -> None:
        self.counted.append((request.path, answer.status))

    def answer(self, request: Request, body: bytes) -> Answer | Callable[[], Answer]:
        self.seen.append(request.path)
        told = " ".join((request.method, request.path, request.query, body.decode(), str(request.headers.get("x")),
                         request.host))
        made = Answer(200, [("content-type", "text/plain")], told.encode())
        if request.path == "/fault":
            raise RuntimeError("on purpose")
        if request.path == "/two-headers":
            return Answer(200, [("x", "a\r\nset-cookie: b")], b"")
        if request.path == "/none":
            return Answer(304, [("etag", '"a"')])
        if request.path == "/large":
            return Answer(200, [], b"x" * LARGE)
        if request.path == "/file":
            return Answer(200, [], FilePart(self.file, 5, LARGE))
        if request.path.startswith("/slices"):
            return Answer(200, [], slices(*map(int, request.query.split("x"))))
        if request.path == "/part":
            return Answer(200, [], FilePart(self.file, 0, 40_000))
        if request.path == "/gone":
            return Answer(200, [], FilePart(self.file.with_name("gone"), 0, 10))
        if request.path.startswith("/later"):
            return lambda: (self.go.wait(10), made)[1]
        return made


def slices(number: int, size: int) -> Slices:
    """So many slices of so many bytes, each unlike its neighbours; every other one of a buffer that others share."""
    shared = memoryview(bytes(range(251)) * ((size + number) // 251 + 1))
    parts = [shared[at:at + size] if at % 2 else bytes(shared[at:at + size]) for at in range(number)]
    return Slices(tuple(parts), number * size)


@contextmanager
def serving(application: Any, loop: asyncio.AbstractEventLoop) -> Iterator[int]:
    """A port of loopback on which an application is served by a loop, in a thread of its own."""
    state = SimpleNamespace(connections=set())
    config = SimpleNamespace(loaded_app=application)

    async def begin() -> asyncio.Server:
        return await loop.create_server(lambda: wire.Wire(config, state, {}), "127.0.0.1", 0)

    server = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        for connection in list(state.connections):
            connection.transport.abort()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def said(port: int, *parts: bytes, pause: float = 0) -> bytes:
    """All that comes back for some bytes, until the other side ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as client:
        for part in parts:
            client.sendall(part)
            time.sleep(pause)
        heard = bytearray()
        while block := client.recv(1 << 16):
            heard += block
        return bytes(heard)


def bodies(heard: bytes) -> list[bytes]:
    """The bodies of answers that follow each other."""
    found = []
    while heard:
        head, _, heard = heard.partition(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.startswith(b"content-length")))
        found.append(heard[:length])
        heard = heard[length:]
    return found
