"""A Wire answers as it would if its application remembered nothing, whatever comes and however it is cut."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from echoes import Echo
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from kinds import examples
from lines import Later, Line

from server import sending, wire

A = b" HTTP/1.1\r\nHost: a\r\n"
PLAIN = b"GET /a" + A + b"\r\n"
# Requests, all of which may be asked again, byte for byte; the last ones end their connection.
REQUESTS = (
    PLAIN, b"GET /b?c=d" + A + b"X: 1\r\n\r\n", b"GET /none" + A + b"\r\n", b"GET /later" + A + b"\r\n",
    b"GET /slices?30x100" + A + b"\r\n", b"GET /slices?40x100" + A + b"\r\n", b"GET /fault" + A + b"\r\n",
    b"\r\n" + PLAIN, b"\r\n\r\n" + PLAIN, b"\n" + PLAIN, PLAIN + b"\r\n",
    b"GET /a" + A + b"Content-Length: 2\r\n\r\nab", b"GET /a" + A + b"Content-Length: 0\r\n\r\n",
    b"GET /a" + A + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HEAD /a" + A + b"\r\n", b"HEAD /slices?30x100" + A + b"\r\n", b"OPTIONS *" + A + b"\r\n",
    b"POST /a" + A + b"\r\n", b"POST /a" + A + b"Content-Length: 3\r\n\r\nGET",
    b"POST /a" + A + b"Content-Length: %d\r\n\r\n" % len(PLAIN) + PLAIN,
    b"POST /later" + A + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nCookie: trailer\r\n\r\n",
    b"POST /a" + A + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
    b"GET /a" + A + b"Expect: 100-continue\r\n\r\n",
    b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"GET /a" + A + b"Connection: keep-alive\r\n\r\n",
    b"GET /a" + A + b"Upgrade: h2c\r\n\r\n",
    b"GET /a HTTP/1.1\nHost: a\n\n", b"GET /a" + A + b"Connection: close\r\n\r\n", b"GET /a HTTP/1.0\r\n\r\n",
    b"GET /a" + A + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"CONNECT a:1" + A + b"\r\n", b"nonsense\r\n\r\n",
)
DATE = re.compile(rb"date: [^\r]*\r\n")
# What happens to a connection: some bytes come, what takes long is done, the reader takes what was sent.
Deed = bytes | str
REQUEST = st.one_of(st.just(PLAIN), st.sampled_from(REQUESTS[:7]), st.sampled_from(REQUESTS))


@st.composite
def connections(draw: st.DrawFn) -> list[list[Deed]]:
    """One connection after another, each a list of deeds."""
    made: list[list[Deed]] = []
    for requests in draw(st.lists(st.lists(REQUEST, min_size=1, max_size=6), min_size=1, max_size=4)):
        whole = b"".join(requests)
        ends, cuts = 0, {0, len(whole)}
        for request in requests:
            ends += len(request)
            cuts |= {ends} if draw(st.integers(0, 4)) else set()
        cuts |= set(draw(st.lists(st.integers(0, len(whole)), max_size=3)))
        places = sorted(cuts)
        deeds: list[Deed] = []
        for start, end in itertools.pairwise(places):
            deeds += [whole[start:end], *draw(st.lists(st.sampled_from(("work", "read")), max_size=2))]
        made.append(deeds)
    return made


class Forgetful(Echo):
    """Remembers nothing."""

    def keep(self, said: bytes, answer: Any) -> None:
        """Forget it."""


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop for all examples."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


async def turns(line: Line) -> None:
    """All that is to be done at once is done."""
    for _ in range(20):
        await asyncio.sleep(0)
        if not line.wire.waiting and not line.deaf:
            break
    assert line.written_after_end == 0


async def played(echo: Echo, made: list[list[Deed]]) -> list[bytes]:
    """What is heard on each connection, without the dates."""
    later = Later()
    echo.threads = later  # type: ignore[assignment]
    echo.go.set()
    heard = []
    for deeds in made:
        line = Line(echo)
        for deed in deeds:
            if isinstance(deed, bytes):
                line.say(deed)
            else:
                later.work() if deed == "work" else line.read()
            await turns(line)
        # Whatever waits has its turn.
        while line.wire.busy or line.slow or line.deaf or line.wire.waiting:
            later.work()
            line.read()
            await turns(line)
            if line.ended:
                break
        heard.append(DATE.sub(b"", bytes(line.heard)) + (b"(ended)" if line.ended else b""))
        line.wire.connection_lost(None)
    return heard


@settings(max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(connections())
def test_what_is_remembered_changes_no_answer(tmp_path: Path, loop: asyncio.AbstractEventLoop,
                                              made: list[list[Deed]]) -> None:
    """Any requests, cut anywhere, on connections one after another, are answered alike, byte for byte and in their
    order, by one that remembers all it is told to keep and by one that remembers nothing."""
    remembers, forgets = Echo(tmp_path), Forgetful(tmp_path)
    heard = loop.run_until_complete(played(remembers, made))

    assert heard == loop.run_until_complete(played(forgets, made))
    event(f"answered from memory: {len(forgets.seen) > len(remembers.seen)}")


def pieces(echo: Echo, loop: asyncio.AbstractEventLoop, *said: bytes) -> bytes:
    """What is heard for some pieces on one connection."""
    return loop.run_until_complete(played(echo, [list(said)]))[0]


def test_the_same_bytes_are_not_read_again(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> None:
    """A request that is one piece is answered from memory the next time, on the same connection and on another."""
    echo = Echo(tmp_path)
    first = pieces(echo, loop, PLAIN)

    assert pieces(echo, loop, PLAIN, PLAIN, PLAIN) == first * 3
    assert echo.seen == ["/a"] and list(echo.kept) == [PLAIN]


@pytest.mark.parametrize("said", [
    (PLAIN + PLAIN,), (PLAIN + b"GET /b",), (PLAIN[:1], PLAIN[1:]), (PLAIN[:-1], PLAIN[-1:]), (PLAIN[:20], PLAIN[20:]),
    (PLAIN[:-2] + b"\r\n" + PLAIN,), (b"POST /a" + A + b"Content-Length: %d\r\n\r\n" % len(PLAIN), PLAIN),
], ids=["two", "and-a-half", "cut-early", "cut-late", "cut", "two-and-a-line", "body-alone"])
def test_what_is_not_one_request_is_not_remembered(tmp_path: Path, loop: asyncio.AbstractEventLoop,
                                                   said: tuple[bytes, ...]) -> None:
    """Two requests in one piece are not remembered as one, nor one and a half, nor the last piece of one; and a body
    that looks like a request is no request, even where that one is remembered."""
    echo = Echo(tmp_path)
    pieces(echo, loop, *said)
    assert echo.kept == {}
    pieces(echo, loop, PLAIN)
    before = len(echo.seen)
    again = pieces(echo, loop, *said)
    assert again == pieces(Forgetful(tmp_path), loop, *said) and len(echo.seen) > before


@pytest.mark.parametrize("request_", [each for each in REQUESTS[11:] if b"keep-alive" not in each or b"1.0" in each])
def test_what_is_more_than_a_head_is_not_remembered(tmp_path: Path, loop: asyncio.AbstractEventLoop,
                                                    request_: bytes) -> None:
    """A request with a body or the length of one, of HTTP/1.0, with Expect or Upgrade, of another method than GET, or
    one that ends its connection is read each time."""
    echo = Echo(tmp_path)
    pieces(echo, loop, request_)
    pieces(echo, loop, request_)
    assert echo.kept == {}


@pytest.mark.parametrize("before", [(b"GET /later" + A + b"\r\n",), (b"GET /later" + A + b"\r\n" + PLAIN,),
                                    (b"GET /slices?40x100" + A + b"\r\n",)], ids=["busy", "waiting", "held"])
def test_nothing_is_answered_out_of_its_turn(tmp_path: Path, loop: asyncio.AbstractEventLoop,
                                             before: tuple[bytes, ...]) -> None:
    """While an answer is made, while others wait, and while a reader is slow, what is remembered waits for its turn."""
    echo = Echo(tmp_path)
    echo.go.set()
    echo.threads = later = Later()  # type: ignore[assignment]

    async def asked() -> tuple[bytes, bytes]:
        known, line = Line(echo), Line(echo)
        known.say(PLAIN)
        await turns(known)
        for piece in before:
            line.say(piece)
        await turns(line)
        heard = bytes(line.heard)
        line.say(PLAIN)
        await turns(line)
        assert bytes(line.heard) == heard, "it was answered out of its turn"
        for _ in range(4):
            later.work()
            line.read()
            await turns(line)
        return bytes(known.heard), bytes(line.heard)

    alone, heard = loop.run_until_complete(asked())
    assert DATE.sub(b"", heard).endswith(DATE.sub(b"", alone)) and heard.count(b"HTTP/1.1 200") >= 2


def test_nobody_is_told_to_go_on_within_an_answer(tmp_path: Path, loop: asyncio.AbstractEventLoop,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """`100 Continue` is not put into the body of a file that goes out to a slow reader, a block at a time."""
    monkeypatch.setattr(sending, "BLOCK", 4_000)
    (tmp_path / "file").write_bytes(b"x" * 40_000)
    echo = Echo(tmp_path / "file")
    heard = pieces(echo, loop, b"GET /part" + A + b"\r\n",
                   b"POST /a" + A + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"ab")
    assert heard.partition(b"\r\n\r\n")[2].startswith(b"x" * 40_000 + b"HTTP/1.1 200 ")


@pytest.mark.parametrize("refused", [b"", b"nonsense\r\n\r\n", b"GET /a" + A + b"Connection: close\r\n\r\n"],
                         ids=["crowded", "nonsense", "closed"])
def test_after_the_end_nothing_is_answered(tmp_path: Path, loop: asyncio.AbstractEventLoop, refused: bytes,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """What still comes after the end of a connection, as TLS may deliver it, is not answered, though it is known."""
    echo = Echo(tmp_path)

    async def asked() -> None:
        Line(echo).say(PLAIN)
        monkeypatch.setattr(wire, "MOST_CONNECTIONS", 4_000 if refused else 0)
        line = Line(echo)
        line.say(refused)
        assert line.ended and list(echo.kept) == [PLAIN]
        line.wire.data_received(PLAIN)
        await turns(line)

    loop.run_until_complete(asked())
