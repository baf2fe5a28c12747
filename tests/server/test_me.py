"""/me: what the service knows of who asks, told to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import contracts
import html5lib
import pytest
from contracts import Contracts

from hantsmap.accounts import Read
from server.me import SHOWN_AFTER

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contracts]:
    """Two contracts, open for business."""
    found = contracts.made(tmp_path_factory.mktemp("me"), key_rate=600)
    yield found
    found.accounts.close()


def me(two: Contracts, secret: str | None) -> dict[str, Any]:
    """What somebody is told of itself."""
    answer = two.asking(secret).get("/me")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found: dict[str, Any] = answer.get_json()
    return found


def test_nobody_is_told_that_nothing_is_kept(two: Contracts) -> None:
    """Who brings nothing is told that nobody is known and nothing kept, and how to give a key."""
    found = me(two, None)
    assert (found["known"], sorted(found)) == (False, ["known", "links", "title"])
    page = two.asking(None).get("/me?f=html").text
    html5lib.HTMLParser(strict=True).parse(page)
    assert "We do not know who you are, and nothing is kept about you." in page
    assert "/with-key?next=/me" in page and "Your own page</a></li>" not in page


def test_who_it_is(two: Contracts) -> None:
    """A key is told its audience in words, its organisation, the contract with area and end, and its allowance."""
    found = me(two, two.key("Who Ltd"))
    assert (found["known"], found["kind"], found["organisation"]) == (True, "key", "Who Ltd")
    assert found["contract"] == {"audience": "north", "title": 'Contract "north"', "until": "2099-03-31",
                                 "ended": False, "areas": ["The ring"]}
    assert found["limits"]["requestsPerMinute"] == 600 and 550 < found["limits"]["left"] <= 600


def test_the_keys_of_its_organisation(two: Contracts) -> None:
    """It is told of every key of its organisation for this contract, of no other, and never a secret."""
    held = [two.key("Keys Ltd") for _ in range(2)]
    others = [two.key("Keys Ltd", "south"), two.key("Else Ltd")]
    two.accounts.revoke(held[0].split("_")[1], "lost")
    answer = two.asking(held[1]).get("/me")
    assert [(each["id"], each["state"], each["this"], each["expires"], each["lastUsed"])
            for each in answer.get_json()["keys"]] == [
                (held[0].split("_")[1], "revoked", False, "2100-12-31", None),
                (held[1].split("_")[1], "working", True, "2100-12-31", None)]
    page = two.asking(held[1]).get("/me?f=html").text
    for secret in (*held, *others):
        assert secret not in answer.text + page and secret.split("_")[2] not in answer.text + page
    assert not any(other.split("_")[1] in answer.text + page for other in others)


def test_what_it_accepted(two: Contracts) -> None:
    """It is told what is asked of it, and of its own receipts."""
    client = two.asking(two.key("Accepts Ltd"))
    waiting = client.get("/me").get_json()
    assert [(each["id"], each["state"], each["receipt"]) for each in waiting["licences"]] == [
        ("terms", "waiting", None)]
    assert "text" not in waiting["licences"][0] and waiting["receipts"] == []
    assert "1 layer waits" in client.get("/me?f=html").text
    receipt = two.accept(client).get_json()
    accepted = client.get("/me").get_json()
    assert [each["receipt"]["id"] for each in accepted["licences"]] == [receipt["id"]]
    assert [each["href"] for each in accepted["receipts"]] == [f"http://localhost/licence/receipts/{receipt['id']}"]


def test_its_last_pulls(two: Contracts) -> None:
    """It is told of the last pulls of its organisation under this contract, after a minute, and of nobody else's; a
    person is told of others only that they were colleagues."""
    secret = two.key("Pulls Ltd")
    who = f"key:{secret.split('_')[1]}"
    then = datetime.now(UTC).replace(second=0, microsecond=0) - SHOWN_AFTER - SECOND
    others = [f"key:{two.key(org, audience).split('_')[1]}"
              for org, audience in (("Pulls Ltd", "south"), ("Else Ltd", "north"))]
    two.accounts.open_session("north", "jo.smith", "Pulls Ltd", datetime(2100, 1, 1, tzinfo=UTC))
    for reader, audience, rows, moment in ((who, "north", 7, then), (others[0], "south", 8, then),
                                           (others[1], "north", 9, then), (who, "north", 10, datetime.now(UTC)),
                                           ("session:jo.smith", "north", 11, then - timedelta(hours=1))):
        two.accounts.record(Read(reader, audience, "works", "e1", "r1", rows, 100 * rows, moment, "download"))
    two.accounts.flush()
    found = me(two, secret)
    last, before = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (then, then - timedelta(hours=1)))
    assert found["pulls"] == [
        {"layer": "works", "kind": "download", "by": who, "began": last, "ended": last, "reads": 1, "rows": 7,
         "bytes": 700},
        {"layer": "works", "kind": "download", "by": "a colleague", "began": before, "ended": before, "reads": 1,
         "rows": 11, "bytes": 1_100}]
    assert [each["lastUsed"] for each in found["keys"]] == [last]


def test_the_page(two: Contracts) -> None:
    """The page has the area of the contract on a map, with districts only where the viewer may see them, tables, and
    no script; what it says of itself is escaped."""
    client = two.asking(two.key("Page <b>Ltd"))
    page = client.get("/me?f=html").text
    html5lib.HTMLParser(strict=True).parse(page)
    assert '<svg class="sketch"' in page and "Area of Contract &#34;north&#34;" in page
    assert "Page &lt;b&gt;Ltd" in page and "<script" not in page
    assert '<svg class="sketch"' not in two.asking(two.key("South Ltd", "south")).get("/me?f=html").text
    assert client.get("/me?f=csv").status_code == client.get("/me?who=else").status_code == 400
