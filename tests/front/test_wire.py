"""HTTP/1.1 on the wire: order, ends, limits, and readers who are slow, on each loop. A small application of its own
answers."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from echoes import Echo, bodies, said

from server import heads, incoming, wire
from server.answer import Answer


def test_answers_come_in_the_order_of_their_requests(port: int, echo: Echo) -> None:
    """Requests that are sent at once, one of which takes long, are answered in their order, each once."""
    threading.Timer(0.3, echo.go.set).start()
    asked = b"".join(b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % path for path in (b"1", b"later", b"3", b"later4", b"5"))
    heard = said(port, asked + b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert [body.split()[1] for body in bodies(heard)] == [b"/1", b"/later", b"/3", b"/later4", b"/5", b"/end"]


def test_a_request_may_come_a_byte_at_a_time(port: int) -> None:
    """However a request is cut up on the way, it means the same: method, path, query, body and headers."""
    asked = (b"POST /a%20b?c=%20d HTTP/1.1\r\nHost: h\r\nX: 1\r\nx: 2\r\nTransfer-Encoding: chunked\r\n"
             b"Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: trailer\r\n\r\n")
    whole = said(port, asked)
    assert bodies(whole) == [b"POST /a b c=%20d abcde 1,2 h"]
    assert bodies(said(port, *[asked[at:at + 1] for at in range(len(asked))])) == bodies(whole)


def test_a_head_has_no_body(port: int) -> None:
    """HEAD tells the length and sends nothing; 304 tells no length."""
    heard = said(port, b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    first, second, rest = heard.split(b"\r\n\r\n")
    assert b"content-length: 16" in first and second.startswith(b"HTTP/1.1 304 ") and rest == b""
    assert b"content-length" not in second and b"connection: close" in second


@pytest.mark.parametrize(("asked", "kept"), [
    (b"GET / HTTP/1.0\r\n\r\n", None), (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"connection: keep-alive"),
], ids=["closed", "kept"])
def test_an_old_client_is_told_whether_the_connection_stays(port: int, asked: bytes, kept: bytes | None) -> None:
    """HTTP/1.0 ends after one answer, unless it asks to stay and is told that it may."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(asked)
        heard = client.recv(1 << 16)
        assert (b"connection: close" in heard) if kept is None else (kept in heard)
        if kept is None:
            assert client.recv(10) == b""


def test_a_target_that_names_its_host_stands_above_the_header(port: int) -> None:
    """RFC 9112, 3.2.2: a request as proxies send it; and one for the server as a whole."""
    heard = said(port, b"GET http://maps.example:81/a?b HTTP/1.1\r\nHost: x\r\n\r\n"
                       b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert [body.split() for body in bodies(heard)] == [
        [b"GET", b"/a", b"b", b"None", b"maps.example:81"], [b"OPTIONS", b"*", b"None", b"x"]]


@pytest.mark.parametrize("asked", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
], ids=["tls", "no-version", "version", "two-lengths", "unlike-lengths", "space", "chunk"])
def test_what_is_no_request_is_refused(port: int, echo: Echo, asked: bytes) -> None:
    """What two readers could take for different requests, or none could, gets 400 and the end, and nobody sees it."""
    heard = said(port, asked)
    assert heard.startswith(b"HTTP/1.1 400 ") and b"connection: close" in heard and echo.seen == []


def test_what_is_too_long_is_refused(port: int, echo: Echo) -> None:
    """Headers beyond 128 KiB get 431, a body beyond 1 MiB 413; a long filter passes."""
    assert said(port, b"GET / HTTP/1.1\r\nX: " + b"a" * incoming.MOST_HEAD).startswith(b"HTTP/1.1 431 ")
    length = incoming.MOST_BODY + 1
    asked = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length
    assert said(port, asked + b"a" * length).startswith(b"HTTP/1.1 413 ")
    assert echo.seen == []
    filtered = b"GET /?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert said(port, filtered).startswith(b"HTTP/1.1 200 ")


def test_who_waits_to_be_told_to_go_on_is_told(port: int) -> None:
    """`Expect: 100-continue` gets 100, and then the answer."""
    heard = said(port, b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                       b"Connection: close\r\n\r\n", b"ab", pause=0.1)
    assert heard.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK") and b"POST /  ab" in heard


def test_an_upgrade_is_answered_in_http_1(port: int) -> None:
    """Who asks for another protocol is answered in this one, and the connection ends."""
    heard = said(port, b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 200 ") and bodies(heard) == [b"GET /a   None a"]


def test_a_fault_is_a_500_and_the_next_is_answered(port: int) -> None:
    """A fault of ours, and a header that would be two, are 500; the connection goes on."""
    heard = said(port, b"GET /fault HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 500 ") and bodies(heard)[1].startswith(b"GET /b")
    assert b"\r\ncache-control: no-store\r\n" in heard.partition(b"\r\n\r\n")[0] + b"\r\n"
    with pytest.raises(ValueError, match="end of a line"):
        heads.head(Answer(200, [("x", "a\r\nset-cookie: b")]), close=False)
    heard = said(port, b"GET /two-headers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 500 ") and b"set-cookie" not in heard
    assert b"cache-control: no-store" in said(port, b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")


def test_a_file_comes_whole(port: int, echo: Echo) -> None:
    """A large file goes out to its last byte, and the next answer after it; one that is gone ends the connection."""
    heard = said(port, b"GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    first, second = bodies(heard)
    assert first == echo.file.read_bytes()[5:] and second == b"GET /b   None a"
    assert b"HTTP/1.1 200" not in said(port, b"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n")[15:]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", [b"/file", b"/large"])
def test_slow_readers_keep_nobody_waiting(port: int, echo: Echo, path: bytes) -> None:
    """Forty who do not read what they asked for: the next is answered, little is read ahead for them, and whoever takes
    nothing for long is ended."""
    slow = [socket.create_connection(("127.0.0.1", port), timeout=15) for _ in range(40)]
    for client in slow:
        client.sendall((b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path) * 20)
    assert bodies(said(port, b"GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) == [b"GET /b   None a"]
    # Of twenty that each asked for, one is begun.
    assert echo.seen.count(path.decode()) == 40
    until = time.monotonic() + 15
    for client in slow:
        client.settimeout(max(0.1, until - time.monotonic()))
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            time.sleep(0.05)
            while True:
                client.sendall(b"x")
                time.sleep(0.05)
        client.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"],
                         ids=["nothing", "head", "body"])
def test_who_never_finishes_is_ended(port: int, begun: bytes) -> None:
    """A connection on which nothing comes any more is not kept for ever, however far its request has come."""
    assert said(port, begun) == b""


def test_those_who_come_and_go_shorten_nobodys_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a hundred short connections, one that rests for a tenth of its time is there as before."""
    monkeypatch.setattr(wire, "LOOK_S", 0.25)
    for _ in range(100):
        assert said(port, b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for _ in range(3):
            client.sendall(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(1_000).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.4)


@pytest.mark.usefixtures("impatient")
def test_one_that_drips_is_ended(port: int) -> None:
    """A request must be whole in its time: a byte now and then does not keep a connection open."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client, \
            pytest.raises((ConnectionResetError, BrokenPipeError)):
        for _ in range(400):
            client.sendall(b"G" if _ else b"GET /")
            time.sleep(0.02)


def test_too_many_connections_are_told_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the most connections of a process there is 503, and the others go on."""
    monkeypatch.setattr(wire, "MOST_CONNECTIONS", 1)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as first:
        first.sendall(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert first.recv(1_000).startswith(b"HTTP/1.1 200 ")
        assert said(port).startswith(b"HTTP/1.1 503 ")
        first.sendall(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        assert first.recv(1_000).startswith(b"HTTP/1.1 200 ")
