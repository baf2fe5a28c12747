"""What comes in on a connection: bytes that llhttp reads as requests (RFC 9112)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import httptools

from server import heads
from server.request import Request

# The only bodies that this service reads are small forms.
MOST_BODY = 1 << 20
# Addresses hold filters: QGIS writes long ones.
MOST_HEAD = 1 << 17
# Headers with which a request is more than its head, or its connection another one after it.
MORE = frozenset(("content-length", "transfer-encoding", "expect", "upgrade"))


class Asked(NamedTuple):
    """A whole request. `keep` tells whether its connection goes on after it, `old` whether that has to be said.

    One that is `plain` is a GET that is its head and nothing else, and its connection goes on: the same bytes always
    mean the same.
    """

    request: Request
    body: bytes
    keep: bool
    old: bool
    plain: bool


class Refusal(NamedTuple):
    """Why nothing more can be read."""

    status: int
    sentence: str


NO_REQUEST = Refusal(400, "This is no HTTP request.")
NO_TARGET = Refusal(400, "The request's target cannot be read.")
LONG_HEAD = Refusal(431, f"Address and headers may be {MOST_HEAD:,} bytes long.")
LONG_BODY = Refusal(413, "The body of the request is too large.")


class Incoming:
    """The requests of one connection. `half` while one has begun and is not whole; `refusal` once none can follow.

    `go_on` is called for who wants to be told before it sends a body.
    """

    def __init__(self, peer: str, scheme: str, go_on: Callable[[], None]) -> None:
        self._peer, self._scheme, self._go_on = peer, scheme, go_on
        self._parser: Any = httptools.HttpRequestParser(self)
        self._size = 0
        self._asked: list[Asked] = []
        self.refusal: Refusal | None = None
        self.on_message_begin()
        self.half = False

    def feed(self, data: bytes) -> list[Asked]:
        """The requests that end with these bytes, or within them."""
        asked: list[Asked] = []
        self._asked = asked
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Nothing is changed to here: who asks for it is answered in HTTP/1.1 (RFC 9110, 7.8), and that is all.
            asked[-1:] = [last._replace(keep=False) for last in asked[-1:]]
        except httptools.HttpParserError:
            self.refusal = self.refusal or NO_REQUEST
        self._size = 0 if self._headed else self._size + len(data)
        if self._size > MOST_HEAD:
            self.refusal = self.refusal or LONG_HEAD
        elif self._body is not None and len(self._body) > MOST_BODY:
            self.refusal = self.refusal or LONG_BODY
        return asked

    # What llhttp tells.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._target = b""
        self._found: dict[str, str] = {}
        self._body: bytearray | None = None
        self._headed = False
        self.half = True

    def on_url(self, part: bytes) -> None:
        """Some of its target."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        # What comes after a body in chunks is no part of what was asked.
        if not self._headed:
            called, told = name.decode("latin-1").lower(), value.decode("latin-1")
            self._found[called] = f"{self._found[called]},{told}" if called in self._found else told

    def on_headers_complete(self) -> None:
        """All headers."""
        self._headed = True
        if self._found.get("expect", "").lower() == "100-continue" and not self._asked:
            self._go_on()

    def on_body(self, part: bytes) -> None:
        """Some of a body."""
        if self._body is None:
            self._body = bytearray()
        self._body += part

    def on_message_complete(self) -> None:
        """A request is whole."""
        self.half = False
        if self.refusal is not None:
            return
        keep = self._parser.should_keep_alive()
        old = keep and self._parser.get_http_version() == "1.0"
        method = self._parser.get_method().decode("ascii")
        request = heads.request(method, self._target, self._found, self._peer, self._scheme)
        if request is None:
            self.refusal = NO_TARGET
        elif self._body is not None and len(self._body) > MOST_BODY:
            self.refusal = LONG_BODY
        else:
            plain = method == "GET" and keep and not old and MORE.isdisjoint(self._found)
            self._asked.append(Asked(request, bytes(self._body or b""), keep, old, plain))
