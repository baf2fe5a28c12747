"""Files and manifests depend on the viewer's own requests: nobody learns, by time or content, what others asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from shops import Shop, application

from hantsmap.accounts import Accounts
from hantsmap.downloads import viewers
from hantsmap.downloads.kept import Kept
from hantsmap.downloads.preparing import prepare
from hantsmap.store import Store

MANIFEST = "/collections/odd/downloads"
WHOLE, CUT = f"{MANIFEST}/odd.csv", f"{MANIFEST}/odd.csv?filter=rank%20%3E%201"


@pytest.fixture
def asked(odd_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`asked(address, who)`: the answer to an organisation with a key, or to an address, and how many files it took to
    make. It has `folder`, where files are kept."""
    url = f"sqlite:///{tmp_path / 'accounts.sqlite'}"
    with Accounts(url) as accounts:
        until = (datetime.now(UTC) + timedelta(days=30)).date()
        keys = {name: accounts.issue("staff", name.rstrip("2"), "tests", until, "tests").secret
                for name in ("Orchard", "Marlpit", "Orchard2")}
    app: Flask = application(odd_shop.store, tmp_path / "downloads", accounts=url)
    made: list[Any] = []
    keep = Kept.keep
    monkeypatch.setattr(Kept, "keep", lambda *given: (made.append(given[1]), keep(*given)))

    def ask(address: str, who: str) -> tuple[Any, int]:
        before = len(made)
        headers = {"X-API-Key": keys[who]} if who in keys else {}
        answer = app.test_client().get(address, headers=headers,
                                       environ_base={} if who in keys else {"REMOTE_ADDR": who})
        assert answer.status_code == 200, answer.text
        return answer, len(made) - before

    ask.folder = tmp_path / "downloads"  # type: ignore[attr-defined]
    yield ask


@pytest.mark.parametrize("address", [WHOLE, CUT])
def test_a_file_is_made_for_each_organisation(asked: Any, address: str) -> None:
    """What one organisation had made is made again for another, with the same bytes; its own other key finds it."""
    ours, first = asked(address, "Orchard")
    theirs, second = asked(address, "Marlpit")
    assert (first, second) == (1, 1)
    assert ours.data == theirs.data
    assert [ours.headers[name] for name in ("ETag", "Content-Disposition")] == [
        theirs.headers[name] for name in ("ETag", "Content-Disposition")]
    assert asked(address, "Orchard2")[1] == asked(address, "Marlpit")[1] == 0


def test_a_cut_is_made_for_each_address(asked: Any) -> None:
    """Of two who bring no key, neither learns which part the other has asked for; whole layers they share."""
    assert [asked(CUT, who)[1] for who in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [1, 1, 0]
    assert [asked(WHOLE, who)[1] for who in ("192.0.2.1", "192.0.2.2")] == [1, 0]
    assert asked(CUT, "Orchard")[1] == 1


def test_a_manifest_tells_nothing_of_others(asked: Any) -> None:
    """Neither its text nor its validator changes when somebody else downloads; with a file of one's own it does."""
    before = asked(MANIFEST, "Marlpit")[0]
    asked(WHOLE, "Orchard")
    asked(WHOLE, "192.0.2.1")
    after = asked(MANIFEST, "Marlpit")[0]
    assert (before.data, before.headers["ETag"]) == (after.data, after.headers["ETag"])
    asked(WHOLE, "Marlpit")
    mine = asked(MANIFEST, "Marlpit")[0]
    assert mine.headers["ETag"] != after.headers["ETag"]
    (csv,) = [each for each in mine.get_json()["files"] if each["sha256"]]
    assert csv["format"] == "csv" and csv["generated_at"] == mine.get_json()["updated"]


def test_files_that_were_made_ahead_are_for_all(asked: Any, odd_shop: Shop) -> None:
    """What `downloads prepare` makes is there for every viewer at once, and in each manifest."""
    prepare(Store(odd_shop.store), Kept(asked.folder), formats=("csv",))
    assert [asked(WHOLE, who)[1] for who in ("Orchard", "Marlpit", "192.0.2.1")] == [0, 0, 0]
    assert [each["format"] for each in asked(MANIFEST, "Marlpit")[0].get_json()["files"] if each["sha256"]] == ["csv"]


def test_an_address_is_written_nowhere(asked: Any) -> None:
    """An address becomes a digest with a secret that is replaced each day: two days, and two stores, tell no link."""
    asked(CUT, "192.0.2.77")
    kept = [path.read_bytes() for path in asked.folder.rglob("*") if path.is_file()]
    assert kept and not any(b"192.0.2.77" in text for text in kept)
    days = [date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 22)]
    found = [viewers.of_address(asked.folder / "own", "192.0.2.77", day) for day in days]
    assert found[0] == found[1] and len(set(found)) == 3, "the secret of a day that is over is gone"
    assert [path.stat().st_mode & 0o077 for path in (asked.folder / "own").glob(".secret-*")] == [0]


def test_files_of_single_viewers_make_room(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole layers of an organisation count among what may be removed; those of all the anonymous stay."""
    asked(WHOLE, "192.0.2.1")
    asked(WHOLE, "Orchard")
    Kept(asked.folder).evict(0)
    assert (asked(WHOLE, "192.0.2.1")[1], asked(WHOLE, "Orchard")[1]) == (0, 1)
