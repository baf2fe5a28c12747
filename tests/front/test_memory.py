"""What is asked again and again of a server that runs: never an answer that is over, and to everybody its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import shops
from running_server import Running, running

from hantsmap.accounts import Accounts, default_url

PAGE = "/collections/odd/items?limit=5"
WAIT_S = 30


@pytest.fixture
def shop(tmp_path: Path) -> shops.Shop:
    """A shop of odd things that may be changed."""
    return shops.odd(tmp_path)


@pytest.fixture
def front(shop: shops.Shop, tmp_path: Path) -> Iterator[Running]:
    """A server over it, which remembers a page."""
    with running(shop.store, tmp_path / "log", HANTSMAP_ACCOUNTS=default_url(shop.store)) as server:
        for _ in range(3):
            server.ask(PAGE)
        yield server


class Asker(threading.Thread):
    """Asks the same, byte for byte, on one connection until it is told to end."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.end = port, threading.Event()
        # What was heard, with when it was asked for and when it had come.
        self.heard: list[tuple[float, float, bytes]] = []

    def run(self) -> None:
        """Ask."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S) as client:
            while not self.end.is_set():
                start = time.monotonic()
                client.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                told = bytearray()
                while b"\r\n\r\n" not in told:
                    told += client.recv(1 << 16)
                head, _, body = bytes(told).partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                while len(body) < length:
                    body += client.recv(1 << 16)
                self.heard.append((start, time.monotonic(), body))


def test_after_the_new_answer_the_old_one_never_comes(front: Running, shop: shops.Shop) -> None:
    """While several ask without a pause, a publication is taken up in bounded time; whoever asks after anybody has had
    the new answer gets the new one."""
    askers = [Asker(front.port) for _ in range(3)]
    for asker in askers:
        asker.start()
    before = front.ask(PAGE).body
    for rows in (shops.ROWS[1:], shops.ROWS[2:], shops.ROWS):
        shop.write(rows)
        shop.publish()
        until = time.monotonic() + WAIT_S
        while (now := front.ask(PAGE).body) == before:
            assert time.monotonic() < until, "the publication was never taken up"
        before = now
        for _ in range(50):
            assert front.ask(PAGE).body == now
    for asker in askers:
        asker.end.set()
        asker.join(WAIT_S)
    heard = sorted(each for asker in askers for each in asker.heard)
    states = list(dict.fromkeys(body for _, _, body in heard))
    # The last state has the rows of the first, and another version in its link to the next page.
    assert len(states) == 4 and len(heard) > 100
    first = {number: min(end for _, end, body in heard if body == states[number]) for number in (1, 2)}
    assert not [start for start, _, body in heard if body == states[1] and start > first[2]]
    assert not [start for start, _, body in heard if body == states[0] and first[1] < start < first[2]]


def test_a_layer_that_is_withdrawn_is_gone(front: Running, shop: shops.Shop) -> None:
    """A layer that the public is granted no longer is 404 in bounded time, and stays so, though its pages were asked
    for without a pause; nothing is left of it for a validator either."""
    tag = {"If-None-Match": dict(front.ask(PAGE).headers)["etag"]}
    assert [front.ask(PAGE, headers=tag).status for _ in range(3)] == [304] * 3
    text = shop.registry.read_text(encoding="utf-8")
    start, end = text.index("      public:\n"), text.index("      staff: {fields: all}")
    shop.registry.write_text(text[:start] + text[end:], encoding="utf-8")
    shop.publish()
    until = time.monotonic() + WAIT_S
    while front.ask(PAGE).status == 200:
        assert time.monotonic() < until, "the withdrawal was never taken up"
    assert {front.ask(PAGE, headers=headers).status for headers in (None, tag) for _ in range(20)} == {404}


def test_everybody_gets_their_own(front: Running, shop: shops.Shop) -> None:
    """The address that is remembered for everybody is 401 for a credential that does not hold, and the key's own for
    one that does, whatever was asked before; the key of somebody else changes nothing for everybody."""
    accounts = Accounts(default_url(shop.store))
    issued = accounts.issue("staff", "County", "tests", date(2100, 12, 31), by="officer")
    everybody = front.ask(PAGE)
    for _ in range(5):
        for headers in ({"X-API-Key": "x"}, {"Authorization": "Bearer x"}, {"Authorization": "Basic !"}):
            assert front.ask(PAGE, headers=headers).status == 401
        mine = front.ask(PAGE, headers={"X-API-Key": issued.secret})
        assert mine.status == 200 and b'"numberMatched":19' in mine.body and shops.SECRET.encode() in mine.body
        assert front.ask(PAGE) == everybody and b'"numberMatched":18' in everybody.body
    accounts.revoke(issued.key.id)
    assert front.ask(PAGE, headers={"X-API-Key": issued.secret}).status == 401
    accounts.close()


def test_every_answer_is_counted(front: Running, shop: shops.Shop) -> None:
    """Answers from memory are in the counts of the day like all others: each once, with its rows and bytes; what was
    not modified is not."""
    accounts = Accounts(default_url(shop.store))
    heard = [front.ask(PAGE) for _ in range(40)]
    tag = {"If-None-Match": dict(heard[0].headers)["etag"]}
    assert {front.ask(PAGE, headers=tag).status for _ in range(10)} == {304}
    # The fixture asked three times.
    plus = front.ask("/collections/odd/items/plus")
    until = time.monotonic() + WAIT_S
    while not (seen := accounts.usage("odd").anonymous) or seen[0].reads < 44:
        assert time.monotonic() < until, seen
        time.sleep(0.05)
    assert (seen[0].reads, seen[0].rows) == (44, 43 * 5 + 1)
    assert seen[0].bytes == 43 * len(heard[0].body) + len(plus.body)
    accounts.close()


def test_who_asks_too_much_is_told_so(shop: shops.Shop, tmp_path: Path) -> None:
    """Asking the same without a pause is refused after a while, and told how long to wait; a run of pages goes on."""
    with running(shop.store, tmp_path / "log", HANTSMAP_ADDRESS_RATE="60") as front:
        statuses = []
        for _ in range(1_000):
            heard = front.ask(PAGE)
            statuses.append(heard.status)
            if heard.status == 429:
                break
        assert statuses[:-1] == [200] * (len(statuses) - 1) and len(statuses) > 25
        assert heard.status == 429 and int(dict(heard.headers)["retry-after"]) >= 1
        assert {front.ask(f"{PAGE}&offset={offset}").status for offset in (5, 10, 5, 10, 5, 10)} == {200}
