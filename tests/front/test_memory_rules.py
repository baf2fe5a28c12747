"""What is remembered, for how long, at what price, and how much of it: over a front in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shops
from asking import PEER, Told, front_of
from hypothesis import given
from hypothesis import strategies as st

from hantsmap.store import today
from server import memory
from server.answer import Answer, Slices
from server.doorkeeper import CREDENTIALS
from server.entrance import Charge
from server.heads import Headers
from server.memory import Memory, Remembered, Served
from server.request import Request

ITEMS = "/collections/odd/items"
ADDRESSES = (f"{ITEMS}?limit=3", ITEMS, f"{ITEMS}?limit=3&offset=3", f"{ITEMS}/plus", f"{ITEMS}?limit=3&f=json")
PAGE = f"{ITEMS}?limit=3"
TILE = "/tiles/BritishNationalGrid/4/88/48?collections=street_segments,schools"


@pytest.fixture
def shop(tmp_path: Path) -> shops.Shop:
    """A shop of odd things that may be changed."""
    return shops.odd(tmp_path)


@pytest.fixture
def front(shop: shops.Shop) -> Iterator[Told]:
    """A front over it, with a page of three in its memory."""
    with front_of(shops.application(shop.store)) as made:
        warmed(made, PAGE)
        yield made


def warmed(front: Told, *addresses: str, headers: tuple[str, ...] = ()) -> None:
    """Ask until all are remembered."""
    for address in addresses:
        for _ in range(3):
            front.ask(address, *headers)
        assert front.ask(address, *headers).remembered, address


def republished(front: Told, shop: shops.Shop) -> None:
    """Something else is published, and taken up."""
    shop.publish()
    front.entrance.served.look()


def said(shop: shops.Shop, old: str, new: str) -> None:
    """Change words of the registry."""
    text = shop.registry.read_text(encoding="utf-8")
    assert old in text
    shop.registry.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("headers", [(), ("Accept-Encoding: gzip",), ("If-None-Match: *",)], ids=["", "gzip", "304"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_asked_again_is_the_same(front: Told, address: str, headers: tuple[str, ...]) -> None:
    """The same bytes get the same status, headers and body, the first time and from memory; other bytes are read."""
    first = front.ask(address, *headers)
    warmed(front, address, headers=headers)
    again = front.ask(address, *headers)
    assert again == first and again.remembered and first.status == (304 if "If-None-Match: *" in headers else 200)
    assert not front.ask(address, *headers, "X: 1").remembered


@pytest.mark.parametrize("headers", [
    "Authorization: Bearer x", "AUTHORIZATION: Basic !", "Authorization:", "X-API-Key: x", "x-api-KEY:", "Cookie: a=b",
    "Cookie:",
])
def test_nobody_who_brings_anything_is_remembered(front: Told, headers: str) -> None:
    """A request with a header that could say who asks is read each time and kept never, whether it opens anything or
    not; and the page that everybody gets goes on being remembered."""
    before = front.kept
    heard = [front.ask(PAGE, headers) for _ in range(4)]
    assert not any(each.remembered for each in heard) and front.kept == before
    assert all(each == heard[0] for each in heard)
    assert front.ask(PAGE).remembered


def test_a_key_that_holds_is_never_remembered(front: Told) -> None:
    """A key's own answer is not kept, is not what was kept for everybody, and ends with the key."""
    everybody = front.ask(PAGE)
    issued = front.entrance.accounts.issue("staff", "County", "tests", date(2100, 12, 31), by="officer")
    header = f"X-API-Key: {issued.secret}"
    before = front.kept
    heard = [front.ask(PAGE, header) for _ in range(4)]
    assert {each.status for each in heard} == {200} and not any(each.remembered for each in heard)
    assert heard[0].body != everybody.body and b"canary" in b"".join(each.body for each in heard)
    assert front.kept == before
    front.entrance.accounts.revoke(issued.key.id)
    assert front.ask(PAGE, header).status == 401
    assert front.ask(PAGE) == everybody


@pytest.mark.parametrize(("address", "headers", "method"), [
    (f"{ITEMS}?limit=none", (), "GET"), (f"{ITEMS}/none", (), "GET"), ("/collections/nothing/items", (), "GET"),
    (PAGE, (), "HEAD"), (PAGE, (), "POST"), (PAGE, (), "OPTIONS"), (PAGE, ("Content-Length: 0",), "GET"),
    ("/collections/odd/downloads/odd.csv", (), "GET"), ("/collections", (), "GET"), ("/health", (), "GET"),
    (PAGE, ("Connection: close",), "GET"), ("/collections/odd/downloads/odd.csv", ("If-None-Match: *",), "GET"),
])
def test_what_is_not_remembered(front: Told, address: str, headers: tuple[str, ...], method: str) -> None:
    """Faults, files and what is said of them, other methods, and what Flask answers are made each time."""
    before = front.kept
    assert not any(front.ask(address, *headers, method=method).remembered for _ in range(4))
    assert front.kept == before


@pytest.mark.parametrize("name", [*CREDENTIALS, None])
def test_the_memory_itself_takes_nobody_who_brings_anything(front: Told, name: str | None) -> None:
    """Whatever way an answer was made: where a credential came with its request, the memory refuses it."""
    headers = Headers({} if name is None else {name: ""})
    visit = front.entrance.visit(Request("GET", ITEMS, "limit=3", headers, PEER, "http", "a"))
    assert (front.memory.of(visit, Answer(200), front.memory.served()) is None) is (name is not None)


def test_a_publication_ends_it(front: Told, shop: shops.Shop) -> None:
    """From the moment that a publication is taken up, nothing is answered as before, and what is remembered is new."""
    old = front.ask(PAGE)
    shop.write(shops.ROWS[1:])
    republished(front, shop)
    new = front.ask(PAGE)
    assert not new.remembered and new.body != old.body
    warmed(front, PAGE)
    assert front.ask(PAGE) == new


def test_nothing_is_held_of_what_was_served_before(front: Told, shop: shops.Shop) -> None:
    """After a publication, the next request of any kind lets go of all that was remembered, with the rendition."""
    warmed(front, *ADDRESSES)
    shop.write(shops.ROWS[1:])
    republished(front, shop)
    front.ask("/health")
    assert front.kept == [] and front.memory._size == 0


def test_other_words_of_the_site_end_it(front: Told, shop: shops.Shop) -> None:
    """Where only what the site says of itself has changed, validators change with it, from the next request on."""
    old = front.ask(PAGE)
    said(shop, "title: Odd things", "title: Other things")
    republished(front, shop)
    new = front.ask(PAGE)
    assert not new.remembered and new.headers["etag"] != old.headers["etag"]


def test_what_is_understood_while_the_site_changes_is_not_kept(front: Told) -> None:
    """A validator that was worked out while the words of the site changed is not told afterwards."""
    served = front.entrance.served

    def understand() -> str:
        served.shelf.store.keep_site(served.site.model_copy(update={"title": "Other things"}))
        served._take_up()
        return "old"

    assert served.understood(("question",), understand) == "old"
    assert served.understood(("question",), lambda: "new") == "new"


def test_a_layer_that_is_withdrawn_is_gone(front: Told, shop: shops.Shop) -> None:
    """A layer that the public is granted no longer is 404 at once, however often its pages were asked for, and its
    validator is 404 too."""
    warmed(front, *ADDRESSES)
    tag = f"If-None-Match: {front.ask(PAGE).headers['etag']}"
    warmed(front, PAGE, headers=(tag,))
    text = shop.registry.read_text(encoding="utf-8")
    start, end = text.index("      public:\n"), text.index("      staff: {fields: all}")
    shop.registry.write_text(text[:start] + text[end:], encoding="utf-8")
    republished(front, shop)
    for address in ADDRESSES:
        assert front.ask(address).status == 404
    assert front.ask(PAGE, tag).status == 404


def test_a_grant_that_ends_with_the_day(shop: shops.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day after the last day of a grant nothing of it is answered, though nobody has published since."""
    said(shop, "      public:\n", f"      public:\n        until: {today()}\n")
    shop.publish()
    with front_of(shops.application(shop.store)) as front:
        warmed(front, *ADDRESSES)
        tomorrow = today() + timedelta(days=1)
        monkeypatch.setattr("hantsmap.catalogue.today", lambda: tomorrow)
        front.entrance.served.look()
        assert [front.ask(address).status for address in ADDRESSES] == [404] * len(ADDRESSES)
        assert front.kept == []


def test_a_publication_while_an_answer_is_made(front: Told, shop: shops.Shop) -> None:
    """An answer that was made from what is served no more when it was ready is not remembered: the next one is new."""
    shop.write(shops.ROWS[2:])
    address = f"{ITEMS}?limit=4"
    front.ask(address, "X: the selection is found")
    front.meanwhile = lambda: republished(front, shop)
    old = front.ask(address)
    assert front.meanwhile is None and front.kept == []
    new = front.ask(address)
    assert new.body != old.body and not new.remembered
    warmed(front, address)
    assert front.ask(address) == new


def charged(shop: shops.Shop, *, forget: bool) -> tuple[Any, Any]:
    """The buckets, and the counts of the journal, after the same requests."""
    with front_of(shops.application(shop.store, address_rate=400, trusted_proxies=1,
                                    accounts=f"sqlite:///{shop.store.parent / str(forget)}")) as front:
        if forget:
            front.memory.keep = lambda said, known: None  # type: ignore[method-assign]
        heard = []
        for number in range(6):
            for address in (*ADDRESSES, f"{ITEMS}/none"):
                for headers in ((), ("If-None-Match: *",), ("X-Forwarded-For: 9.9.9.9, 203.0.113.5",)):
                    heard.append(front.ask(address, *headers, peer=("198.51.100.1", "198.51.100.2")[number % 2]))
        assert any(each.remembered for each in heard) is not forget
        seen = front.entrance.accounts.usage("odd").anonymous
        return dict(front.entrance.limits._buckets), (heard, seen)


def test_what_is_remembered_costs_and_counts_as_any_other(shop: shops.Shop) -> None:
    """Whether answers come from memory or are made, the same clients have the same left, by what our own proxy saw;
    and the same reads, rows and bytes are counted. What was not modified is not counted."""
    remembered, forgotten = charged(shop, forget=False), charged(shop, forget=True)
    assert remembered == forgotten
    buckets, (heard, seen) = remembered
    assert set(buckets) == {"address 198.51.100.1", "address 198.51.100.2", "address 203.0.113.5"}
    whole = [each for each in heard if each.status == 200]
    assert len(whole) == 6 * len(ADDRESSES) * 2
    assert [(day.reads, day.bytes) for day in seen] == [(len(whole), sum(len(each.body) for each in whole))]


def test_a_tile_costs_little_and_counts_for_each_of_its_layers(county_store: Path, tmp_path: Path) -> None:
    """A tile from memory costs the tenth of a request, as any tile does, and is one read of each layer in it."""
    app = shops.application(county_store, accounts=f"sqlite:///{tmp_path / 'accounts'}")
    with front_of(app) as front:
        heard = [front.ask(TILE) for _ in range(30)]
        assert heard[0].status == 200 and heard[-1].remembered and all(each == heard[0] for each in heard)
        (balance, _), = front.entrance.limits._buckets.values()
        assert balance == pytest.approx(shops.PLENTY / 2 - 30 * 0.1)
        for layer in ("street_segments", "schools"):
            seen, = front.entrance.accounts.usage(layer).anonymous
            assert (seen.reads, seen.rows, seen.bytes) == (30, 0, 30 * len(heard[0].body))


def test_who_asks_too_much_waits(shop: shops.Shop) -> None:
    """What is remembered is refused, with 429 and how long to wait, to whoever has used up its allowance, and to nobody
    else; after that time it is told again."""
    seconds = [1_000.0]
    with front_of(shops.application(shop.store, address_rate=60), now=lambda: seconds[0]) as front:
        assert [front.ask(PAGE).status for _ in range(30)] == [200] * 30
        refused = front.ask(PAGE)
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert front.ask(PAGE, peer="192.0.2.2").remembered
        assert front.ask(PAGE).status == 429
        seconds[0] += 1
        assert front.ask(PAGE).remembered and front.ask(PAGE).status == 429


def test_a_run_of_pages_is_not_broken_off(shop: shops.Shop) -> None:
    """A client that was let in for a first page gets all the others, after a delay when its allowance is used up; a run
    that has not begun is refused, also where the answer is in memory."""
    pages = [f"{ITEMS}?limit=3&offset={offset}" for offset in range(3, 18, 3)]
    with front_of(shops.application(shop.store, address_rate=60)) as front:
        for address in (PAGE, *pages):
            for _ in range(3):
                front.ask(address, peer=f"203.0.113.{len(address)}")
        assert front.ask(PAGE).remembered
        while front.ask(f"{ITEMS}/plus").status == 200:
            pass
        assert [front.ask(address).status for address in pages] == [200] * len(pages)
        assert front.ask(PAGE).status == 429
        while front.ask(f"{ITEMS}/plus", peer="192.0.2.9").status == 200:
            pass
        assert front.ask(pages[0], peer="192.0.2.9").status == 429


def test_the_least_lately_asked_go_first(front: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more answers are kept than said; the one that nobody asked for longest is forgotten."""
    monkeypatch.setattr(memory, "MOST", 3)
    first, second, third, fourth = (f"{ITEMS}?limit={limit}" for limit in (3, 4, 5, 6))
    warmed(front, second, third)
    assert front.ask(first).remembered
    warmed(front, fourth)
    assert [said.split()[1].decode() for said in front.kept] == [third, first, fourth]
    assert not front.ask(second).remembered


def test_long_requests_are_not_remembered(front: Told) -> None:
    """A request of more than 2,048 bytes is read each time, one of 2,048 is not."""
    plain = len(f"GET {PAGE} HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n")
    warmed(front, PAGE, headers=("X: " + "x" * (memory.LONGEST - plain),))
    assert not any(front.ask(PAGE, "X: " + "x" * (memory.LONGEST - plain + 1)).remembered for _ in range(4))


def test_large_bodies_are_not_remembered(front: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of more than a sixteenth of all that is kept is made each time."""
    heard = front.ask(PAGE)
    front.memory._kept.clear()
    monkeypatch.setattr(memory, "MOST_BYTES", 16 * len(heard.body))
    assert not any(front.ask(PAGE).remembered for _ in range(4)) and front.kept == []


NAMES = st.sampled_from([b"%d" % number for number in range(12)])
BODIES = st.one_of(st.binary(max_size=40), st.lists(st.binary(max_size=20).map(memoryview), min_size=1, max_size=4))


@given(st.lists(st.tuples(NAMES, BODIES, st.sampled_from(["ask", "ask", "ask", "publish", "late"])), max_size=60))
def test_memory_is_bounded(steps: list[tuple[bytes, Any, str]]) -> None:
    """Whatever is asked and published, no more answers and bytes are kept than said, the least lately asked go first,
    and nothing is told that was made from what is served no more."""
    serving = {"public": object()}
    entrance: Any = SimpleNamespace(served=SimpleNamespace(catalogue=lambda audience: serving[audience], told="told"),
                                    settings=SimpleNamespace(audience="public"), admits=lambda *given: True)
    tested, model = Memory(entrance), OrderedDict[bytes, Remembered]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "MOST", 5)
        patch.setattr(memory, "MOST_BYTES", 640)
        patch.setattr(memory, "SLICE", 12)
        for said, body, what in steps:
            if what == "publish":
                serving["public"] = object()
                model.clear()
                continue
            known = tested.again(said, PEER, "http")
            assert (known is not None) == (said in model)
            if known is not None:
                assert known[1] is model[said].body
                model.move_to_end(said)
                continue
            whole = body if isinstance(body, bytes) else Slices(tuple(body), sum(map(len, body)))
            served = Served(object(), "told") if what == "late" else tested.served()
            made = Remembered(served, "http", None, Charge(1.0, None, None), 200, b"r", whole, (), 0)
            tested.keep(said, made)
            if what != "late" and made.size <= 40:
                model[said] = made
            while len(model) > 5 or sum(each.size + len(name) for name, each in model.items()) > 640:
                model.popitem(last=False)
            assert list(tested._kept) == list(model)
            assert tested._size == sum(each.size + len(name) for name, each in model.items()) <= 640


def test_another_scheme_is_another_request(front: Told) -> None:
    """What was asked in plain text is not told over TLS: the links in it lead elsewhere."""
    said = front.kept[-1]
    assert front.again(said, PEER, "http") is not None and front.again(said, PEER, "https") is None
