"""site.json, the record of titles, audiences and contracts, when it is damaged; and what a failed publication says."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from shops import application
from workbench import Workbench, tree

from hantsmap.accounts import Accounts, default_url
from hantsmap.errors import DamagedError
from hantsmap.store import Store, files

ENDED = "staff: {title: Staff, within: public, until: 2020-06-30}"


@pytest.fixture
def ended(bench: Workbench) -> Workbench:
    """Published; the contract of the staff ended in 2020."""
    bench.say("staff: {title: Staff, within: public}", ENDED)
    bench.publish()
    return bench


def key_of(bench: Workbench) -> dict[str, str]:
    """The header of a key of the staff."""
    with Accounts(default_url(bench.store.root)) as accounts:
        return {"X-API-Key": accounts.issue("staff", "Testers", "site", date(2099, 1, 1), "tests").secret}


def spoil(bench: Workbench) -> Path:
    """Damage site.json."""
    path = bench.store.root / "site.json"
    path.write_bytes(path.read_bytes().replace(b"Small county", b"Smell county"))
    return path


def look(app: Flask) -> Flask:
    """Have the application look at its store."""
    app.extensions["hantsmap"].look()
    return app


def test_last_good_site_is_kept(ended: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    """A running server keeps the title and the end of the contract, health says so, the log once; publishing heals."""
    who, app = key_of(ended), application(ended.store.root)
    path = spoil(ended)
    for _ in range(3):
        look(app)
    client = app.test_client()
    assert client.get("/", headers={"Accept": "application/json"}).json["title"] == "Small county"
    assert client.get("/me", headers=who).json["contract"]["ended"] is True
    assert client.get("/collections/trees", headers=who).status_code == 403
    health = client.get("/health").json
    assert (health["status"], health["damaged"]) == ("degraded", 0)
    assert health["reasons"] == ["The description of the service cannot be read. The last good one is used."]
    assert caplog.text.count(str(path)) == 1
    ended.publish()
    assert look(app).test_client().get("/health").json["status"] == "ok"
    assert ended.store.site() is not None


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_without_a_site_nobody_with_a_key_is_served(ended: Workbench, how: str) -> None:
    """A server that starts without it does not know that the contract ended: keys get 503, not `until: null`; the
    public is served."""
    who = key_of(ended)
    path = spoil(ended)
    if how == "gone":
        path.unlink()
    client = application(ended.store.root).test_client()
    for address in ("/me", "/collections/trees/items", "/licence"):
        answer = client.get(address, headers=who)
        assert answer.status_code == 503 and "contract" not in answer.json
        assert answer.json["detail"] == "Keys and sign-in cannot be checked just now. Try again in a minute."
    assert client.get("/collections/trees/items").json["numberMatched"] == 30
    assert client.get("/health").json["reasons"] == [
        "The description of the service cannot be read. Keys and sign-in cannot be checked."]
    with pytest.raises(DamagedError):
        ended.store.site()


def test_contracts_are_known_before_the_first_layer(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first publication writes site.json before it promotes anything: one that is killed leaves no layers without
    the ends of contracts."""
    promoted: list[bool] = []
    promote = Store.promote

    def noting(store: Store, promotion: Any) -> None:
        promoted.append((store.root / "site.json").exists())
        promote(store, promotion)

    monkeypatch.setattr(Store, "promote", noting)
    bench.publish()
    assert promoted == [True, True]


def failing(monkeypatch: pytest.MonkeyPatch, where: Callable[[Path], bool]) -> None:
    """Records that meet a condition cannot be written: the disk is full."""
    write = files.write_record

    def write_record(path: Path, record: Any) -> None:
        if where(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, record)

    monkeypatch.setattr(files, "write_record", write_record)


def test_full_disk_at_the_end_does_not_hide_what_was_published(
        published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trees are published, then site.json does not fit: both outcomes are given, and each sentence is true."""
    published.trees([tree(1)])
    published.say("title: Small county", "title: Tiny county")
    failing(monkeypatch, lambda path: path.name == "site.json")
    outcomes = published.publish()
    assert outcomes["trees"].state == "published" and outcomes["site.json"].exit_code == 6
    assert outcomes["site.json"].sentence == (
        "The disk was full writing site.json. The title, audiences and contracts stay as they were.")
    assert published.store.current("trees").sequence == 2


def test_full_disk_names_the_layer_that_was_not_published(
        published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One layer fits, the next does not: the sentence speaks of that layer only."""
    published.trees([tree(1)])
    published.rows("benches.csv", [{"number": 1, "name": "Bench"}])
    failing(monkeypatch, lambda path: path.name == "00000002.json")
    outcomes = published.publish()
    assert {outcome.sentence for outcome in outcomes.values()} == {
        f"The disk was full promoting {layer}. {layer} was not published: its last edition stays."
        for layer in ("trees", "benches")}
