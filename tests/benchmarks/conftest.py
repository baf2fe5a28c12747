"""What the tests of the bench share: the village's public street segments, and every peer, none of them running."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.peers.database import Database
from benchmarks.peers.mapserver import Mapserver
from benchmarks.peers.ours import Ours
from benchmarks.peers.pygeoapi import Pygeoapi
from benchmarks.peers.qgis import Qgis
from benchmarks.peers.tipg import Tipg
from hantsmap.rendition import Rendition
from hantsmap.store import Store


@pytest.fixture(scope="session")
def rendition(county_store: Path) -> Rendition:
    """What the public gets of the village's street segments."""
    store = Store(county_store)
    current = store.current("street_segments")
    assert current is not None
    return Rendition(store.rendition("street_segments", current.renditions["public"]))


@pytest.fixture(scope="session")
def ours(rendition: Rendition) -> Ours:
    """Ourselves, not running."""
    sized: Any = SimpleNamespace(rendition=lambda: rendition)
    return Ours(sized)


@pytest.fixture(scope="session")
def peers() -> list[Any]:
    """The peers over a database, not running."""
    return [peer(Database(0)) for peer in (Pygeoapi, Tipg, Qgis, Mapserver)]
