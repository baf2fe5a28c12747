"""A real server over the village county, in a process of its own, on a free loopback port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from truth import Truth, truth

ROOT = Path(__file__).parents[2]
START_S = 30


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Until the server answers; fails when it ends before, or takes too long."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended at once, with code {process.returncode}: {log.read_text()[-2_000:]}")
        try:
            if requests.get(f"{url}/health", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(f"the server did not answer within {START_S} s: {log.read_text()[-2_000:]}")


@pytest.fixture(scope="session")
def url(county_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server for everybody; stopped by its process id afterwards."""
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log"
    environment = {**os.environ, "HANTSMAP_STORE": str(county_store), "HANTSMAP_ADDRESS_RATE": "10000000"}
    for name in ("HANTSMAP_AUDIENCE", "HANTSMAP_PUBLIC_URL"):
        environment.pop(name, None)
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "hantsmap", "serve", "--port", str(port)], cwd=ROOT,
                                   env=environment, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}"
        wait(process, address, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="session")
def true(county_store: Path) -> Callable[[str], Truth]:
    """`true(layer)`: the rows that everybody may see, from the edition and not from the server."""
    known: dict[str, Truth] = {}

    def look(layer: str) -> Truth:
        if layer not in known:
            known[layer] = truth(county_store, layer)
        return known[layer]

    return look
