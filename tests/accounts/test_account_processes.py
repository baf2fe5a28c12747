"""Several processes over one database: opening, issuing, revoking."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import date
from pathlib import Path

import psycopg
import pytest
from account_places import Place

from hantsmap.accounts import Accounts, AccountsError, default_url, schema

LAST = date(2100, 12, 31)
ISSUE = """
import sys; from datetime import date; from hantsmap.accounts import Accounts
with Accounts(sys.argv[1]) as accounts:
    for _ in range(20):
        print(accounts.issue("staff", "Org", "why", date(2100, 12, 31), "officer").secret)
"""
REVOKE = "import sys; from hantsmap.accounts import Accounts; Accounts(sys.argv[1]).revoke(sys.argv[2], 'lost')"


def test_processes_that_start_at_once(place: Place) -> None:
    """Six processes open a database that is not there yet and issue keys: none fails, no key is lost or doubled."""
    started = [place.start(ISSUE) for _ in range(6)]
    ends = [process.communicate(timeout=60) for process in started]

    assert [stderr for _, stderr in ends] == [""] * 6
    secrets = [secret for stdout, _ in ends for secret in stdout.split()]
    accounts = place.accounts()
    assert len(accounts.list()) == 120
    assert len({found.id for secret in secrets if (found := accounts.find(secret))}) == 120
    assert len(accounts._database.read(schema.VERSION.select())) == len(schema.MIGRATIONS)


def test_another_process_revokes(place: Place) -> None:
    """A key revoked by another process opens nothing from the very next question on, in every thread."""
    accounts = place.accounts()
    new = accounts.issue("staff", "Org", "why", LAST, "officer")
    answers: list[object] = []
    ask, asked = threading.Barrier(5, timeout=60), threading.Barrier(5, timeout=60)

    def worker() -> None:
        for _ in range(2):
            ask.wait()
            answers.append(accounts.find(new.secret))
            asked.wait()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    ask.wait(), asked.wait()
    assert answers == [new.key] * 4

    assert place.run(REVOKE, new.key.id).stderr == ""

    ask.wait(), asked.wait()
    assert answers[4:] == [None] * 4
    for thread in threads:
        thread.join()


def _find_in_child(accounts: Accounts, secret: str, answer: object) -> None:
    answer.put([accounts.find(secret) is not None for _ in range(3)])


def test_a_forked_process_has_connections_of_its_own(place: Place) -> None:
    """Accounts opened before a fork work in parent and child, and neither takes the other's connection."""
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    context = multiprocessing.get_context("fork")
    accounts, answer = place.accounts(), context.Queue()
    secret = accounts.issue("staff", "Org", "why", LAST, "officer").secret
    children = [context.Process(target=_find_in_child, args=(accounts, secret, answer)) for _ in range(3)]

    for child in children:
        child.start()
    found = [accounts.find(secret) is not None for _ in range(50)]
    for child in children:
        child.join(30)

    assert [child.exitcode for child in children] == [0, 0, 0]
    assert [answer.get(timeout=10) for _ in children] == [[True] * 3] * 3
    assert found == [True] * 50


def test_opening_again_changes_nothing(place: Place) -> None:
    """Opening a database a second time keeps what is in it."""
    first = place.accounts()
    new = first.issue("staff", "Org", "why", LAST, "officer")
    first.close()

    assert place.accounts().find(new.secret) == new.key


def test_a_newer_schema_is_left_alone(place: Place) -> None:
    """A database that a newer HantsMap has changed is not opened, and the sentence says why."""
    place.accounts().close()
    place.sql("INSERT INTO schema_version VALUES (99, '2100-01-01 00:00:00.000000+00')"
              if place.file is None else "INSERT INTO schema_version VALUES (99, '2100-01-01 00:00:00.000000')")

    with pytest.raises(AccountsError, match="newer HantsMap"):
        Accounts(place.url)


def test_a_migration_is_whole_or_not_at_all(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that fails half-way leaves no table behind, and the next start does it again."""
    with monkeypatch.context() as broken:
        broken.setattr(schema, "MIGRATIONS", ((*schema.FIRST, "CREATE TABLE keys (id TEXT)"),))
        with pytest.raises(AccountsError):
            Accounts(place.url)

    assert place.accounts().list() == ()


def test_what_was_read_cannot_be_changed(place: Place) -> None:
    """The database itself refuses to change a recorded read."""
    accounts = place.accounts()
    row = {"read_at": accounts._journal._now(), "who": "key:x", "audience": "staff", "layer": "l", "rendition": "r",
           "rule_version": "1", "path_kind": "items", "row_count": 1, "byte_count": 1}
    with accounts._database.writing() as connection:
        connection.execute(schema.READS.insert(), row)

    with pytest.raises(Exception, match="reads are only added"):
        place.sql("UPDATE reads SET row_count = 0")


def test_connections_that_the_server_broke(on_postgresql: Place) -> None:
    """After PostgreSQL has ended every connection, the next question is answered as if nothing had been."""
    accounts = on_postgresql.accounts()
    new = accounts.issue("staff", "Org", "why", LAST, "officer")
    with psycopg.connect(on_postgresql.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                           "AND application_name = 'hantsmap accounts'")

    assert accounts.find(new.secret) == new.key
    accounts.revoke(new.key.id, "lost")
    accounts.close()


@pytest.mark.parametrize("url", [
    "postgresql://officer:open-sesame@127.0.0.1:1/county",
    "postgresql+psycopg://officer:open-sesame@127.0.0.1:1/county?sslmode=open-sesame",
    "postgresql://127.0.0.1:1/county?user=officer&password=open-sesame",
    "postgresql://officer:open-sesame@127.0.0.1:port/county",
    "mysql://officer:open-sesame@127.0.0.1/county",
    "officer:open-sesame",
])  # fmt: skip
def test_faults_hold_no_credential(url: str) -> None:
    """Whatever is wrong with an address, neither the fault nor its traceback says the name or the password in it."""
    with pytest.raises(AccountsError) as caught:
        Accounts(url)

    assert "open-sesame" not in str(caught.value) and "officer" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_wrong_password_is_not_said(on_postgresql: Place) -> None:
    """When PostgreSQL refuses to let us in, the fault says where, and not with what."""
    with pytest.raises(AccountsError, match="password authentication failed") as caught:
        Accounts(on_postgresql.url.replace("correct-horse-battery", "wrong-donkey"))

    assert "wrong-donkey" not in str(caught.value) and "hantsmap_test" not in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A path that cannot be is a sentence with the path, and no folders are made for a typing error."""
    with pytest.raises(AccountsError, match="cannot be used"):
        Accounts(f"sqlite:///{tmp_path}/no/such/accounts.sqlite")

    assert list(tmp_path.iterdir()) == []


def test_accounts_file_is_for_owner_and_group(tmp_path: Path) -> None:
    """The file of SQLite, and those beside it, are for their owner and group, whatever the umask: publisher and server
    may be different users."""
    with Accounts(f"sqlite:///{tmp_path}/accounts.sqlite") as accounts:
        accounts.issue("staff", "Org", "why", LAST, "officer")

        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o660}


def test_accounts_are_beside_the_store(tmp_path: Path) -> None:
    """Unless told otherwise, the accounts are a file beside the folder of the store, wherever that is."""
    store = tmp_path / "a county #1" / "store"
    store.mkdir(parents=True)

    Accounts(default_url(store)).close()

    assert (store.parent / "accounts.sqlite").exists()
