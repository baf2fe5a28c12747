"""HTTP/1.1 on the wire (RFC 9112): requests are answered in their order, and answers go out as they are.

uvicorn starts the processes, listens, and gives each connection one of these. One thread takes all requests of a
process; what takes long is handed to others, so that nobody waits behind it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol, cast

from server import heads
from server.answer import Answer, Body
from server.incoming import Asked, Incoming, Refusal
from server.request import Request
from server.sending import Sending

log = logging.getLogger("hantsmap")
# Connections of one process; who comes then is told to come again.
MOST_CONNECTIONS = 4_000
CROWDED = Refusal(503, "Too many connections: come again in a moment.")
# Seconds between two looks at a connection, and how many looks one may stand still: with nothing asked, with a
# request half said, with an answer that its reader does not take.
LOOK_S, LOOKS_IDLE, LOOKS_READING, LOOKS_SENDING = 5.0, 15, 6, 12
# Of answers that say only that something went wrong: no cache may give them to anybody else.
NOT_KEPT = ("cache-control", "no-store")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Threads(Protocol):
    """Where work that takes long is done."""

    def submit(self, work: Any, /) -> Future[Answer]:
        """The answer, when it is made."""


class Application(Protocol):
    """What answers requests."""

    threads: Threads

    def again(self, said: bytes, peer: str, scheme: str) -> tuple[bytes, Body] | None:
        """The head and body for bytes that were a whole request before; None where they have to be read."""

    def answer(self, request: Request, body: bytes) -> Answer | Callable[[], Any]:
        """The answer or, where that takes more than a fraction of a millisecond, what makes it in another thread."""

    def keep(self, said: bytes, answer: Answer) -> None:
        """Remember the answer to bytes that were a whole request and nothing else, where it may be given again."""

    def count(self, request: Request, answer: Answer, seconds: float) -> None:
        """Take note of an answer that is ready to be sent so many seconds after its request was read."""


class Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        self.application = cast("Application", config.loaded_app)
        self.connections: set[Any] = server_state.connections
        self.loop = asyncio.get_running_loop()
        self.waiting: deque[Asked] = deque()
        self.busy = self.ending = self.deaf = False
        self.made: Future[Answer] | None = None
        self.looks = 0
        self.began = 0.0

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come."""
        self.transport = cast("asyncio.Transport", transport)
        self.sending = Sending(self.transport, self._next)
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if isinstance(peer, tuple) else ""
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self.incoming = Incoming(self.peer, self.scheme, self._go_on)
        # Its own: one for all, begun with the first, would be begun again by each who comes when nobody is there.
        self.clock = self.loop.call_later(LOOK_S, self._look)
        self.connections.add(self)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(CROWDED)

    def connection_lost(self, fault: Exception | None) -> None:
        """Somebody has gone."""
        self.clock.cancel()
        self.connections.discard(self)
        self.waiting.clear()
        if self.made is not None:
            self.made.cancel()
        self.sending.stop()

    def data_received(self, data: bytes) -> None:
        """Some of a request, or several."""
        incoming, begins = self.incoming, not self.incoming.half
        if begins:
            self.looks = 0
            if self._free and not self.ending:
                known = self.application.again(data, self.peer, self.scheme)
                if known is not None:
                    self.sending.send(*known)
                    return
        asked = incoming.feed(data)
        if asked:
            self.looks = 0
            # Bytes that are one plain request, no less and no more, mean the same whenever they come.
            alone = data if begins and len(asked) == 1 and asked[0].plain and not incoming.half else b""
            for each in asked:
                self._ask(each, alone)
        if incoming.refusal is not None:
            self._refuse(incoming.refusal)
        if self.waiting and not self.deaf:
            self.deaf = True
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        """The reader does not take what is sent as fast as it comes."""
        self.sending.pause()

    def resume_writing(self) -> None:
        """The reader has caught up."""
        self.sending.resume()

    # What is done with it.

    @property
    def _free(self) -> bool:
        """Whether nothing is being answered."""
        return not (self.busy or self.waiting or self.sending.held)

    def _go_on(self) -> None:
        """Somebody has asked whether it may send its body."""
        # Never within the body of an answer that a slow reader is still taking.
        if self._free:
            self.transport.write(CONTINUE)

    def _ask(self, asked: Asked, alone: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._free:
            self._take(asked, alone)
        else:
            self.waiting.append(asked)

    def _take(self, asked: Asked, alone: bytes = b"") -> None:
        request, self.began = asked.request, self.loop.time()
        try:
            answer = self.application.answer(request, asked.body)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            answer = Answer(500, [NOT_KEPT])
        if isinstance(answer, Answer):
            if alone:
                self.application.keep(alone, answer)
            self._send(asked, answer)
            return
        self.busy = True
        self.made = made = self.application.threads.submit(answer)
        told = partial(self._made, asked)
        made.add_done_callback(lambda made: self.loop.call_soon_threadsafe(told, made))

    def _made(self, asked: Asked, made: Future[Answer]) -> None:
        self.busy, self.made = False, None
        if self.transport.is_closing() or made.cancelled():
            return
        fault = made.exception()
        if fault is not None:
            log.error("%s %s", asked.request.method, asked.request.path, exc_info=fault)
        self._send(asked, Answer(500, [NOT_KEPT]) if fault is not None else made.result())

    def _send(self, asked: Asked, answer: Answer) -> None:
        request = asked.request
        self.ending = self.ending or not asked.keep
        try:
            head = heads.head(answer, close=self.ending, keep=asked.old)
        except ValueError:
            log.exception("%s %s", request.method, request.path)
            answer = Answer(500, [NOT_KEPT])
            head = heads.head(answer, close=self.ending, keep=asked.old)
        self.application.count(request, answer, self.loop.time() - self.began)
        self.sending.send(head, b"" if request.method == "HEAD" else answer.body)
        self._next()

    def _next(self) -> None:
        """After an answer: the next request that waits, or the end."""
        if self.busy or self.sending.held or self.transport.is_closing():
            return
        if self.ending:
            self.transport.close()
        elif self.waiting:
            # Not from within what it waited for: a thousand that wait would be a thousand deep.
            self.busy = True
            self.loop.call_soon(self._take_next, self.waiting.popleft())
        elif self.deaf:
            self.deaf = False
            self.transport.resume_reading()

    def _take_next(self, asked: Asked) -> None:
        self.busy = False
        if not self.transport.is_closing():
            self._take(asked)

    def _refuse(self, refusal: Refusal) -> None:
        """Say why, and end: what comes after this cannot be understood."""
        self.ending = True
        if not self._free:
            # Answers go out in the order of their requests, and this one's turn will not come.
            self.transport.abort()
        elif not self.transport.is_closing():
            answer = Answer(refusal.status, [("content-type", "text/plain; charset=utf-8"), NOT_KEPT],
                            f"{refusal.sentence}\n".encode())
            self.transport.write(heads.head(answer, close=True) + cast("bytes", answer.body))
            self.transport.close()

    def _look(self) -> None:
        """Every few seconds: one that stands still for too long is ended."""
        self.clock = self.loop.call_later(LOOK_S, self._look)
        self.looks = 0 if self.busy or self.sending.moved() else self.looks + 1
        most = LOOKS_SENDING if self.sending.held else LOOKS_READING if self.incoming.half else LOOKS_IDLE
        if self.looks > most:
            self.transport.abort()

    def shutdown(self) -> None:
        """The server ends: an answer that is on its way is let go out."""
        self.ending = True
        if not (self.waiting or self.incoming.half):
            self._next()
