"""A database that is away, frozen or replaced: nobody waits for it longer than seconds, and nothing read is lost."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import postgres
import pytest
from account_places import Place
from running_server import running
from shops import Shop

from hantsmap.accounts import Accounts, AccountsError, database
from hantsmap.accounts import postgresql as timed

LAST = date(2100, 12, 31)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is long enough to wait for a database on the same machine."""
    for name, seconds in (("READ_S", 1.0), ("WRITE_S", 1.5), ("RETRY_S", 0.5)):
        monkeypatch.setattr(database, name, seconds)
    monkeypatch.setattr(timed, "CONNECT_S", 2)


@pytest.fixture
def serving(on_postgresql: Place) -> Accounts:
    """The accounts as a server has them."""
    return on_postgresql.accounts(serving=True)


def seconds_of(accounts: Accounts, secret: str) -> float:
    """How long a look-up takes that fails."""
    begin = time.monotonic()
    with pytest.raises(AccountsError, match="cannot be used"):
        accounts.find(secret)
    return time.monotonic() - begin


def test_a_frozen_postgresql_is_a_fault_within_seconds(server: postgres.Server, serving: Accounts) -> None:
    """Of 40 look-ups while PostgreSQL is stopped, the first few fail after seconds and all others at once; afterwards
    look-ups work again, and what was counted meanwhile has been written."""
    new = serving.issue("staff", "Org", "why", LAST, "officer")
    assert serving.find(new.secret) == new.key
    with server.frozen():
        begin = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            took = list(pool.map(lambda _: seconds_of(serving, new.secret), range(40)))
        assert time.monotonic() - begin < 15
        assert max(took) < 8 and sorted(took)[-10] < 0.3
        begin = time.monotonic()
        for _ in range(1_000):
            serving.count_anonymous("paths", 3, 100)
        assert time.monotonic() - begin < 1
    until = time.monotonic() + 20
    while True:
        try:
            assert serving.find(new.secret) == new.key
            break
        except AccountsError:
            assert time.monotonic() < until
            time.sleep(0.1)
    while not serving.flush():
        assert time.monotonic() < until
        time.sleep(0.1)
    counted, = serving.usage("paths").anonymous
    assert (counted.reads, counted.rows) == (1_000, 3_000)


def test_a_statement_may_not_take_for_ever(serving: Accounts) -> None:
    """The server itself ends a statement, so that a client that went away leaves no work behind."""
    assert serving.list() == ()
    with serving._database.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "1500ms"
        assert connection.exec_driver_sql("SHOW tcp_keepalives_idle").scalar() is not None


def test_opening_waits_for_nothing(server: postgres.Server, on_postgresql: Place) -> None:
    """A server makes its accounts at once while PostgreSQL is stopped; reads that come before it answers are kept and
    written when it does."""
    with server.frozen():
        begin = time.monotonic()
        accounts = on_postgresql.accounts(serving=True)
        accounts.count_anonymous("paths", 1, 10)
        assert time.monotonic() - begin < 0.5
        assert not accounts.flush()
    until = time.monotonic() + 20
    while not accounts.flush():
        assert time.monotonic() < until
        time.sleep(0.1)
    counted, = accounts.usage("paths").anonymous
    assert counted.reads == 1


def test_counting_goes_on_when_the_first_opening_failed(tmp_path: Path) -> None:
    """Accounts that cannot be opened at the first read of a worker are tried again: no read goes uncounted."""
    folder = tmp_path / "elsewhere" / "accounts"
    accounts = Accounts(f"sqlite:///{folder}/accounts.sqlite", serving=True)
    accounts.count_anonymous("paths", 2, 20)
    assert not accounts.flush()
    folder.mkdir(parents=True)
    accounts.count_anonymous("paths", 2, 20)
    assert accounts.flush()
    counted, = accounts.usage("paths").anonymous
    assert (counted.reads, counted.rows) == (2, 4)
    accounts.close()


def test_a_replaced_file_is_the_one_that_counts(tmp_path: Path) -> None:
    """When another accounts.sqlite is put in the place of the open one, a key that is only in the old file opens
    nothing, reads are written to the new one; while no file is there, nobody is let in and none is made."""
    path, other = tmp_path / "accounts.sqlite", tmp_path / "restored.sqlite"
    with Accounts(f"sqlite:///{other}") as restored:
        kept = restored.issue("staff", "Org", "kept", LAST, "officer")
    accounts = Accounts(f"sqlite:///{path}", serving=True)
    gone = accounts.issue("staff", "Org", "gone", LAST, "officer")
    assert accounts.find(gone.secret) == gone.key and accounts.find(kept.secret) is None

    path.rename(tmp_path / "old.sqlite")
    with pytest.raises(AccountsError, match="are gone: the file was moved or deleted"):
        accounts.find(gone.secret)
    accounts.count_anonymous("paths", 1, 10)
    assert not accounts.flush() and not path.exists()

    other.rename(path)
    assert accounts.find(gone.secret) is None and accounts.find(kept.secret) == kept.key
    assert accounts.flush()
    accounts.close()
    with Accounts(f"sqlite:///{path}") as again:
        assert [day.reads for day in again.usage("paths").anonymous] == [1]


def test_many_threads_open_it_once(tmp_path: Path) -> None:
    """Ten threads that need the accounts at the same moment open them once."""
    accounts = Accounts(f"sqlite:///{tmp_path}/accounts.sqlite", serving=True)
    threads = [threading.Thread(target=accounts.list) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert accounts._database.generation == 1
    accounts.close()


def test_readers_without_a_key_do_not_notice(server: postgres.Server, on_postgresql: Place, odd_shop: Shop,
                                             tmp_path: Path) -> None:
    """While PostgreSQL is stopped and 48 requests with a key wait for it, pages, features and /health are answered to
    all others as ever, from the first request of a fresh worker on; the requests with a key get 503, and work again
    when PostgreSQL does."""
    with Accounts(on_postgresql.url) as accounts:
        secret = accounts.issue("staff", "Org", "why", LAST, "officer").secret
    with running(odd_shop.store, tmp_path / "log", HANTSMAP_ACCOUNTS=on_postgresql.url) as front:
        with server.frozen(), ThreadPoolExecutor(48) as pool:
            keyed = [pool.submit(front.ask, "/collections/odd/items", headers={"X-API-Key": secret})
                     for _ in range(48)]
            for address in ("/collections/odd/items?limit=1", "/", "/collections", "/health", "/collections/odd/items"):
                begin = time.monotonic()
                assert front.ask(address).status == 200, address
                assert time.monotonic() - begin < 5, address
            assert {each.result(60).status for each in keyed} == {503}
        until = time.monotonic() + 20
        while front.ask("/collections", headers={"X-API-Key": secret}).status != 200:
            assert time.monotonic() < until
            time.sleep(0.1)
