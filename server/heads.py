"""The heads of HTTP/1.1 messages (RFC 9112): what a request's first line and headers mean, and an answer's, written."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import unquote

import httptools

from server.answer import Answer, Unsent
from server.request import Request

STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
# These have no body, and no length of one (RFC 9110, 8.6).
WITHOUT_BODY = (204, 304)
# Heads of answers that are given again and again are written once.
REMEMBERED = 1_024


class Headers:
    """Headers of a request by name in small letters; those that stand twice are one, as RFC 9110, 5.3 has it."""

    __slots__ = ("_found", "get")

    def __init__(self, found: dict[str, str]) -> None:
        self._found = found
        self.get = found.get

    def items(self) -> list[tuple[str, str]]:
        """All headers."""
        return list(self._found.items())


def request(method: str, target: bytes, found: dict[str, str], peer: str, scheme: str) -> Request | None:
    """A request as the server's core reads it, or None when its target is none."""
    headers = Headers(found)
    host = found.get("host", "")
    if not target.startswith(b"/"):
        if target == b"*":
            return Request(method, "*", "", headers, peer, scheme, host)
        try:
            url = httptools.parse_url(target)
        except httptools.HttpParserInvalidURLError:
            return None
        # A target that names its host stands above the header (RFC 9112, 3.2.2).
        host = (url.host or b"").decode("latin-1") + (f":{url.port}" if url.port else "") or host
        target = (url.path or b"/") + (b"?" + url.query if url.query is not None else b"")
    path, _, query = target.decode("utf-8", "replace").partition("#")[0].partition("?")
    return Request(method, unquote(path) if "%" in path else path, query, headers, peer, scheme, host)


def head(answer: Answer, *, close: bool, keep: bool = False) -> bytes:
    """The first line and the headers of an answer. Raises ValueError for a header that would be two."""
    return began(answer.status) + rest(answer, close=close, keep=keep)


def began(status: int) -> bytes:
    """The first line and the date (RFC 9110, 6.6.1)."""
    return _began(status, int(time.time()))


def rest(answer: Answer, *, close: bool, keep: bool = False) -> bytes:
    """The head of an answer from after the date on. Raises ValueError for a header that would be two."""
    length = None if isinstance(answer.body, Unsent) else answer.length
    return _rest(answer.status, tuple(answer.headers), length, close, keep)


@lru_cache(64)
def _began(status: int, second: int) -> bytes:
    return f"{STATUS[status]}date: {formatdate(second, usegmt=True)}\r\n".encode("ascii")


@lru_cache(REMEMBERED)
def _rest(status: int, headers: tuple[tuple[str, str], ...], length: int | None, close: bool, keep: bool) -> bytes:
    told = list(headers)
    if length is not None and status not in WITHOUT_BODY and not any(name == "content-length" for name, _ in headers):
        told.append(("content-length", str(length)))
    if close or keep:
        told.append(("connection", "close" if close else "keep-alive"))
    written = "".join([f"{name}: {value}\r\n" for name, value in told])
    if written.count("\n") + written.count("\r") != 2 * len(told):
        raise ValueError(f"a header of a {status} answer holds the end of a line")
    return (written + "\r\n").encode("latin-1", "replace")
