"""Servers that run in processes of their own, and a small application on a loop of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shops
from echoes import LARGE, Echo, serving
from running_server import Running, running

from server import wire

# uvicorn takes uvloop where there is one.
LOOPS = ["asyncio"] if sys.platform == "win32" else ["asyncio", "uvloop"]


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


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Echo]:
    """An application that echoes; nothing of it waits when the test is over."""
    file = tmp_path / "file"
    file.write_bytes(bytes(range(256)) * (LARGE >> 8))
    made = Echo(file)
    yield made
    made.go.set()
    made.threads.shutdown()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are looked at twenty times a second: who stands still is ended in less than one."""
    monkeypatch.setattr(wire, "LOOK_S", 0.05)


@pytest.fixture(params=LOOPS)
def port(echo: Echo, request: pytest.FixtureRequest) -> Iterator[int]:
    """A port of loopback on which it is served."""
    loop = asyncio.new_event_loop()
    if request.param == "uvloop":
        import uvloop

        loop.close()
        loop = uvloop.new_event_loop()
    with serving(echo, loop) as found:
        yield found
