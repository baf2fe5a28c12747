"""Bodies on their way over real sockets, on each loop: whole, in their order, made anew and from memory."""

from __future__ import annotations

import socket

import pytest
from echoes import Echo, said, slices

from server import wire
from server.answer import joined

PLAIN = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = PLAIN[:-2] + b"Connection: close\r\n\r\n"


def some(reader: socket.socket, size: int) -> bytes:
    """So many bytes of what comes."""
    heard = bytearray()
    while len(heard) < size:
        block = reader.recv(min(1 << 16, size - len(heard)))
        assert block, f"it ended after {len(heard)} bytes of {size}"
        heard += block
    return bytes(heard)


@pytest.mark.parametrize("asked", ["3000x8192", "3000x7", "1x25165824", "24x1048576"])
def test_slices_arrive_whole(port: int, echo: Echo, asked: str) -> None:
    """A body of thousands of slices, and one of 24 MB, comes whole when it is made, and from memory to several slow
    readers at once, and the next answer after it."""
    number, size = map(int, asked.split("x"))
    whole, request = joined(slices(number, size)), PLAIN.replace(b"/a", b"/slices?%s" % asked.encode())
    first = said(port, request.replace(b"Host", b"Connection: close\r\nHost"))
    head, _, body = first.replace(b"connection: close\r\n", b"").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and body == whole
    with socket.create_connection(("127.0.0.1", port), timeout=20) as reader:
        reader.sendall(request)
        some(reader, len(head) + 4 + len(whole))
    assert list(echo.kept) == [request] and echo.seen == ["/slices"] * 2

    readers = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(3)]
    for reader in readers:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        reader.sendall(request)
        assert some(reader, 1) == b"H"
        reader.sendall(LAST)
    heard = [bytearray(b"H") for _ in readers]
    left = len(head) + 3 + len(whole)
    while left:
        for reader, told in zip(readers, heard, strict=True):
            told += some(reader, min(left, 1 << 18))
        left -= min(left, 1 << 18)
    for reader, told in zip(readers, heard, strict=True):
        assert told.startswith(b"HTTP/1.1 200 ") and told[len(head):] == b"\r\n\r\n" + whole
        rest = b"".join(iter(lambda: reader.recv(1 << 16), b""))  # noqa: B023 - used up here
        assert rest.startswith(b"HTTP/1.1 200 ") and rest.endswith(b"GET /a   None a")
        reader.close()
    assert echo.seen == ["/slices"] * 2 + ["/a"] * 3


def test_who_is_turned_away_hears_nothing_else(port: int, echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many connections, what is remembered is not told either."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as first:
        first.sendall(PLAIN)
        assert first.recv(1_000).startswith(b"HTTP/1.1 200 ") and PLAIN in echo.kept
        monkeypatch.setattr(wire, "MOST_CONNECTIONS", 1)
        heard = said(port)
        assert heard.startswith(b"HTTP/1.1 503 ") and heard.count(b"HTTP/1.1") == 1
