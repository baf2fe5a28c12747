"""What the tests of the accounts share: an empty database of either kind, and a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import postgres
import psycopg
import pytest
from account_places import Clock, Place
from psycopg import sql
from sqlalchemy import make_url

from hantsmap.accounts import Accounts

NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """One PostgreSQL for all the tests of this folder."""
    with postgres.running() as running:
        yield running


@pytest.fixture
def on_postgresql(server: postgres.Server) -> Place:
    """An empty schema of its own in PostgreSQL: a database of its own takes a second to make."""
    name = f"accounts_{next(NUMBERS)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
    url = make_url(server.url).set(drivername="postgresql+psycopg", query={"options": f"-csearch_path={name}"})
    return Place(url.render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty database: every test is run on both kinds."""
    if request.param == "sqlite":
        file = tmp_path / "accounts.sqlite"
        found = Place(f"sqlite:///{file}", file)
    else:
        found = request.getfixturevalue("on_postgresql")
    yield found
    for accounts in found.opened:
        accounts.close()


@pytest.fixture
def clock() -> Clock:
    """Noon, UTC, on the first of July 2026."""
    return Clock()


@pytest.fixture
def accounts(place: Place, clock: Clock) -> Accounts:
    """The accounts of an empty database, at the time of the clock."""
    return place.accounts(now=clock)


@pytest.fixture
def refusals(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the operator reads in the log."""
    caplog.set_level("INFO", logger="hantsmap.accounts")
    return lambda: [record.getMessage() for record in caplog.records]
