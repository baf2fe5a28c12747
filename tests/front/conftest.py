"""Servers that run in processes of their own, over the village county and over the layer of odd things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shops
from running_server import Running, running


@pytest.fixture(scope="session")
def county_front(county_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over the village county, for everybody."""
    with running(county_store, tmp_path_factory.mktemp("front") / "log") as server:
        yield server


@pytest.fixture(scope="session")
def odd_front(odd_shop: shops.Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over the layer of odd things."""
    with running(odd_shop.store, tmp_path_factory.mktemp("front") / "log") as server:
        yield server
