"""What the tests of security share: the village county, keys for its audiences, and the servers over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from callers import Callers
from flask import Flask
from lone_store import County
from shops import Shop, application

from hantsmap.accounts import Accounts, Party
from hantsmap.store import Store

ROOT = Path(__file__).parents[2]
PLENTY = 10**9


@pytest.fixture(scope="session")
def county(county_store: Path, county_data: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The village county, and what each audience may have of it."""
    return County(ROOT / "layers.yaml", county_data, Store(county_store), tmp_path_factory.mktemp("lone"))


@pytest.fixture(scope="session")
def callers(county: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """A real key for each audience, whose organisation has accepted all that is asked of it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'accounts.sqlite'}"
    with Accounts(url) as accounts:
        until = (datetime.now(UTC) + timedelta(days=30)).date()
        secrets = {audience: accounts.issue(audience, "Testers", "tests", until, "tests").secret
                   for audience in county.registry.audiences if audience != "public"}
        for audience in secrets:
            for name in county.registry.asked(audience):
                party = Party("Testers", audience, audience, None, "tests")
                accounts.accept(party, name, county.registry.agreements[name])
        yield Callers(url, accounts, secrets)


@pytest.fixture(autouse=True)
def pulls_of_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of one's own shows reads of the day before: two servers are asked at two moments, in one minute or not."""
    monkeypatch.setattr("server.me.SHOWN_AFTER", timedelta(days=1))


@pytest.fixture(scope="session")
def everyones(county: County, callers: Callers, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The server over the full county, which knows callers by their keys, and has made no file yet."""
    return application(county.store.root, tmp_path_factory.mktemp("downloads"), accounts=callers.url, key_rate=PLENTY,
                       address_rate=PLENTY)


@pytest.fixture(scope="session")
def odd_app(odd_shop: Shop) -> Flask:
    """The application over the layer of odd things, for those who ask very often."""
    return application(odd_shop.store, address_rate=PLENTY)


@pytest.fixture
def opened(callers: Callers, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Flask]:
    """`opened(store)`: a server over a store of the test's own, with the same keys, that nobody watches."""
    monkeypatch.setattr("server.shelf.Served.watch", lambda self: None)
    return lambda store: application(store, accounts=callers.url, key_rate=PLENTY, address_rate=PLENTY)
