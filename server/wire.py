"""HTTP/1.1 on the wire (RFC 9112): requests are read by llhttp, and answers go out as they are, with nothing between.

uvicorn starts the processes, listens, and gives each connection one of these. One thread takes all requests of a
process; what takes long is handed to others, so that nobody waits behind it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, cast

import httptools

from server import heads
from server.answer import Answer, FilePart
from server.request import Request
from server.sending import Sending

log = logging.getLogger("hantsmap")
# The only bodies that this service reads are small forms.
MOST_BODY = 1 << 20
# Addresses hold filters: QGIS writes long ones.
MOST_HEAD = 1 << 17
# Connections of one process; who comes then is told to come again.
MOST_CONNECTIONS = 4_000
# Seconds between two looks at all connections, and how many looks one may stand still: with nothing asked, with a
# request half said, with an answer that its reader does not take.
LOOK_S, LOOKS_IDLE, LOOKS_READING, LOOKS_SENDING = 5.0, 15, 6, 12
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Application(Protocol):
    """What answers requests."""

    threads: ThreadPoolExecutor

    def answer(self, request: Request, body: bytes) -> Answer | Callable[[], Answer]:
        """The answer or, where that takes more than a fraction of a millisecond, what makes it in another thread."""


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        self.application = cast("Application", config.loaded_app)
        self.connections: set[Any] = server_state.connections
        self.loop = asyncio.get_running_loop()
        self.waiting: deque[tuple[Request, bytes, bool, bool]] = deque()
        self.busy = self.ending = self.half = self.deaf = False
        self.looks = self.size = 0

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come."""
        self.transport = cast("asyncio.Transport", transport)
        self.sending = Sending(self.transport, self._next)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else ""
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self.parser: Any = httptools.HttpRequestParser(self)
        self.on_message_begin()
        self.half = False
        if not self.connections:
            self.loop.call_later(LOOK_S, look_at_all, self.loop, self.connections)
        self.connections.add(self)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(503, "Too many connections: come again in a moment.")

    def connection_lost(self, fault: Exception | None) -> None:
        """Somebody has gone."""
        self.connections.discard(self)
        self.waiting.clear()
        self.sending.stop()

    def data_received(self, data: bytes) -> None:
        """Some of a request, or several."""
        if not self.half:
            self.looks = 0
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Nothing is changed to here: who asks for it is answered in HTTP/1.1 (RFC 9110, 7.8), and that is all.
            self.ending = True
        except httptools.HttpParserError:
            self._refuse(400, "This is no HTTP request.")
        else:
            self.size = 0 if self.headed else self.size + len(data)
            if self.size > MOST_HEAD:
                self._refuse(431, f"Address and headers may be {MOST_HEAD:,} bytes long.")
            elif self.body is not None and len(self.body) > MOST_BODY:
                self._refuse(413, "The body of the request is too large.")
        if self.waiting and not self.deaf:
            self.deaf = True
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        """The reader does not take what is sent as fast as it comes."""
        self.sending.pause()

    def resume_writing(self) -> None:
        """The reader has caught up."""
        self.sending.resume()

    # What llhttp tells.

    def on_message_begin(self) -> None:
        """A request begins."""
        self.target = b""
        self.found: dict[str, str] = {}
        self.body: bytearray | None = None
        self.headed = False
        self.half = True

    def on_url(self, part: bytes) -> None:
        """Some of its target."""
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        # What comes after a body in chunks is no part of what was asked.
        if not self.headed:
            called, told = name.decode("latin-1").lower(), value.decode("latin-1")
            self.found[called] = f"{self.found[called]},{told}" if called in self.found else told

    def on_headers_complete(self) -> None:
        """All headers."""
        self.headed = True
        if self.found.get("expect", "").lower() == "100-continue" and not (self.busy or self.waiting):
            self.transport.write(CONTINUE)

    def on_body(self, part: bytes) -> None:
        """Some of a body."""
        if self.body is None:
            self.body = bytearray()
        self.body += part

    def on_message_complete(self) -> None:
        """A request is whole: it is answered, or waits for those before it."""
        self.half, self.looks = False, 0
        keep = self.parser.should_keep_alive()
        old = keep and self.parser.get_http_version() == "1.0"
        method = self.parser.get_method().decode("ascii")
        request = heads.request(method, self.target, self.found, self.peer, self.scheme)
        body = b"" if self.body is None else bytes(self.body)
        if self.transport.is_closing():
            return
        if request is None:
            self._refuse(400, "The request's target cannot be read.")
        elif len(body) > MOST_BODY:
            self._refuse(413, "The body of the request is too large.")
        elif self.busy or self.waiting or self.sending.held:
            self.waiting.append((request, body, keep, old))
        else:
            self._take(request, body, keep=keep, old=old)

    # What is done with it.

    def _take(self, request: Request, body: bytes, *, keep: bool, old: bool) -> None:
        try:
            answer = self.application.answer(request, body)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            answer = Answer(500)
        if isinstance(answer, Answer):
            self._send(request, answer, keep=keep, old=old)
            return
        self.busy = True
        made = self.application.threads.submit(answer)
        told = partial(self._made, request, keep=keep, old=old)
        made.add_done_callback(lambda made: self.loop.call_soon_threadsafe(told, made))

    def _made(self, request: Request, made: Future[Answer], *, keep: bool, old: bool) -> None:
        self.busy = False
        if self.transport.is_closing():
            return
        fault = made.exception()
        if fault is not None:
            log.error("%s %s", request.method, request.path, exc_info=fault)
        self._send(request, Answer(500) if fault is not None else made.result(), keep=keep, old=old)

    def _send(self, request: Request, answer: Answer, *, keep: bool, old: bool) -> None:
        self.ending = self.ending or not keep
        try:
            head = heads.head(answer, close=self.ending, keep=old)
        except ValueError:
            log.exception("%s %s", request.method, request.path)
            answer = Answer(500)
            head = heads.head(answer, close=self.ending, keep=old)
        body = b"" if request.method == "HEAD" else answer.body
        if isinstance(body, FilePart):
            self.transport.write(head)
            self.sending.begin(body)
        else:
            self.sending.whole(head, body)
        self._next()

    def _next(self) -> None:
        """After an answer: the next request that waits, or the end."""
        if self.busy or self.sending.held or self.transport.is_closing():
            return
        if self.ending:
            self.transport.close()
        elif self.waiting:
            request, body, keep, old = self.waiting.popleft()
            # Not from within what it waited for: a thousand that wait would be a thousand deep.
            self.busy = True
            self.loop.call_soon(self._take_next, request, body, keep, old)
        elif self.deaf:
            self.deaf = False
            self.transport.resume_reading()

    def _take_next(self, request: Request, body: bytes, keep: bool, old: bool) -> None:
        self.busy = False
        if not self.transport.is_closing():
            self._take(request, body, keep=keep, old=old)

    def _refuse(self, status: int, sentence: str) -> None:
        """Say why, and end: what comes after this cannot be understood."""
        if self.busy or self.waiting or self.sending.held:
            # Answers go out in the order of their requests, and this one's turn will not come.
            self.transport.abort()
        elif not self.transport.is_closing():
            answer = Answer(status, [("content-type", "text/plain; charset=utf-8")], f"{sentence}\n".encode())
            self.transport.write(heads.head(answer, close=True) + cast("bytes", answer.body))
            self.transport.close()

    def look(self) -> None:
        """Every few seconds: one that stands still for too long is ended."""
        self.looks = 0 if self.busy or self.sending.moved() else self.looks + 1
        most = LOOKS_SENDING if self.sending.held else LOOKS_READING if self.half else LOOKS_IDLE
        if self.looks > most:
            self.transport.abort()

    def shutdown(self) -> None:
        """The server ends: an answer that is on its way is let go out."""
        self.ending = True
        if not (self.waiting or self.half):
            self._next()


def look_at_all(loop: asyncio.AbstractEventLoop, connections: set[Wire]) -> None:
    """Look at every connection of the process, for as long as there are any."""
    for connection in list(connections):
        connection.look()
    if connections:
        loop.call_later(LOOK_S, look_at_all, loop, connections)
