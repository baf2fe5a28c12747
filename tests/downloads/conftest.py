"""Downloads made in this process, from the village county's renditions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from files_made import Make, maker, seen, told

from hantsmap.catalogue import Entry
from hantsmap.downloads import FORMATS, Download, Kept, want


@pytest.fixture(scope="session")
def made(county_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes files of the village county; each once for all tests."""
    return maker(county_store, tmp_path_factory.mktemp("downloads"))


@pytest.fixture(scope="session")
def features(county_store: Path) -> Callable[..., list[dict[str, Any]]]:
    """`features(layer, audience, system)`: what the rendition holds."""
    return lambda layer, audience="public", system="27700": told(seen(county_store, layer, audience).rendition, system)


@pytest.fixture(scope="session")
def wanted(county_store: Path) -> Callable[..., Download]:
    """`wanted(layer, format, **asked)`: something that the public may download."""
    entries: dict[str, Entry] = {}

    def make_one(layer: str = "schools", format_: str = "gpkg", **asked: str) -> Download:
        if layer not in entries:
            entries[layer] = seen(county_store, layer)
        entry = entries[layer]
        return want(entry.rendition, entry.published, FORMATS[format_], asked)

    return make_one


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """An empty folder of downloads."""
    return Kept(tmp_path / "downloads")
