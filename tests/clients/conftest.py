"""A real server over the village county, in a process of its own, on a free loopback port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running_server import running
from truth import Truth, truth

from hantsmap.accounts import default_url


@pytest.fixture(scope="session")
def url(county_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server for everybody; stopped by its process id afterwards."""
    # Keys are issued in the accounts beside the store, as an operator would.
    with running(county_store, tmp_path_factory.mktemp("server") / "log",
                 HANTSMAP_ACCOUNTS=default_url(county_store)) as server:
        yield server.base


@pytest.fixture(scope="session")
def true(county_store: Path) -> Callable[[str], Truth]:
    """`true(layer)`: the rows that everybody may see, from the edition and not from the server."""
    known: dict[str, Truth] = {}

    def look(layer: str) -> Truth:
        if layer not in known:
            known[layer] = truth(county_store, layer)
        return known[layer]

    return look
