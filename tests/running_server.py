"""A real server in a process of its own, and raw requests to it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
START_S = 40
# What says when, and by which program: not what.
OF_THE_PROGRAM = ("date", "server", "connection")


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it came over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Running:
    """A server on a loopback port."""

    port: int

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, address: str, method: str = "GET", headers: Mapping[str, str] | None = None,
            body: bytes | None = None) -> Heard:
        """One request, sent as it is written: no client tidies it up."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, address, body, headers={"Accept": "*/*", **(headers or {})})
            got = connection.getresponse()
            told = sorted((name.lower(), value) for name, value in got.getheaders()
                          if name.lower() not in OF_THE_PROGRAM)
            return Heard(got.status, tuple(told), got.read())
        finally:
            connection.close()


@contextmanager
def running(store: Path, log: Path, workers: int = 1, **settings: str) -> Iterator[Running]:
    """A server over a store, stopped by its process id."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not re.match("HANTSMAP_", name)}
    environment |= {"HANTSMAP_STORE": str(store), "HANTSMAP_ADDRESS_RATE": "10000000",
                    "HANTSMAP_ACCOUNTS": f"sqlite:///{log.with_suffix('.sqlite')}", **settings}
    with log.open("wb") as out:
        command = [sys.executable, "-m", "hantsmap", "serve", "--port", str(port), "--workers", str(workers)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        server = Running(port)
        _wait(server, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(server: Running, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the server ended at once, with code {process.returncode}: {log.read_text()[-2_000:]}")
        try:
            server.ask("/health")
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not answer within {START_S} s: {log.read_text()[-2_000:]}")
