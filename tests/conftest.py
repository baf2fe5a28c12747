"""What tests of several rooms share: the village county, published once, and the applications that serve it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

# By path: another package of the environment calls itself `tests`. The root too, or `tests/server` would be `server`.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
import kinds
import shops
from cached_folder import cached

ROOT = Path(__file__).parents[1]
SEED = 2026
kinds.register_profiles()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it needs."""
    kinds.mark(items)


def needs(program: str, package: str | None = None) -> str:
    """Where a program is. Skips the test where it is missing, saying which; fails it instead where the environment says
    CI."""
    found = shutil.which(program)
    if found:
        return found
    message = f"{program} is missing: install {package or program}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session", name="needs")
def needs_fixture() -> Callable[..., str]:
    """`needs(program)`, for tests that run a program of others."""
    return needs


@pytest.fixture(scope="session")
def county_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the village county's files."""
    return cached("county-data", [], _make_county, tmp_path_factory.mktemp("county-data") / "village")


def _make_county(folder: Path) -> None:
    from datasets import county

    county.make("village", SEED, folder)


@pytest.fixture(scope="session")
def county_store(county_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the village county, published under `layers.yaml`."""
    return cached("county-store", [ROOT / "layers.yaml", Path(shops.__file__)],
                  lambda folder: _publish_county(county_data, folder), tmp_path_factory.mktemp("county") / "store")


def _publish_county(data: Path, folder: Path) -> None:
    shops.publish_all(ROOT / "layers.yaml", data, folder)


@pytest.fixture(scope="session")
def app(county_store: Path) -> Flask:
    """The application as everybody meets it."""
    return shops.application(county_store)


@pytest.fixture(scope="session")
def staff_app(county_store: Path) -> Flask:
    """The application as the council's staff meet it."""
    return shops.application(county_store, audience="staff")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Asks as everybody."""
    return app.test_client()


@pytest.fixture
def staff(staff_app: Flask) -> FlaskClient:
    """Asks as the council's staff."""
    return staff_app.test_client()


@pytest.fixture(scope="session")
def odd_shop(tmp_path_factory: pytest.TempPathFactory) -> shops.Shop:
    """A store of one small layer with odd ids, hostile texts, nulls and ties; not to be changed."""
    return shops.odd(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="session")
def odd_app(odd_shop: shops.Shop) -> Flask:
    """The application over the layer of odd things."""
    return shops.application(odd_shop.store)


@pytest.fixture
def odd(odd_app: Flask) -> FlaskClient:
    """Asks for odd things."""
    return odd_app.test_client()
