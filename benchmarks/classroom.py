"""A class opens the map: thirty browsers, each for the first time, within ten seconds, from one address."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.browsing import Asked, record
from benchmarks.errors import BenchError
from benchmarks.folders import REGISTRY, ROOT, made
from benchmarks.processes import answers, free_port, running

BROWSERS, WITHIN_S, CONNECTIONS = 30, 10.0, 6
"""Browsers, the seconds over which they begin, and the connections that each opens, as browsers do for HTTP/1.1."""
ADDRESS = "/map"
PATIENCE_S = 60.0
HEAD = ("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\n"
        "User-Agent: classroom\r\n\r\n")


@dataclass(frozen=True, slots=True)
class Classroom:
    """What one browser asks (`requests`, and `size` in bytes over the wire), and seconds until it has all of it."""

    browsers: int
    within: float
    requests: int
    size: int
    errors: int
    median: float
    p95: float
    worst: float


def measure(repeats: int, say: Callable[[str], None]) -> Classroom:
    """Record a cold load of the map over the village county, and replay it by a class; the median run by its p95.

    The rate limits are those of `hantsmap serve`: a class is one address. Errors are counted over all runs.
    """
    folder = made("classroom")
    environment = _published(folder, say)
    port, log = free_port(), folder / "serve.log"
    command = [sys.executable, "-m", "hantsmap", "serve", "--port", str(port), "--workers", "1"]
    runs: list[Classroom] = []
    with running(command, log, environment) as process:
        answers(port, "/health", process, log)
        asked = record(f"http://127.0.0.1:{port}", ADDRESS)
        for repeat in range(repeats):
            say(f"{BROWSERS} cold loads of {len(asked)} requests, run {repeat + 1}")
            # Limits are counted by the minute: each run has the minute of a lesson's beginning to itself.
            time.sleep(0 if repeat == 0 else PATIENCE_S)
            runs.append(asyncio.run(_class(port, asked)))
    middle = sorted(runs, key=lambda each: each.p95)[len(runs) // 2]
    return Classroom(**{**{name: getattr(middle, name) for name in Classroom.__slots__},
                        "errors": sum(each.errors for each in runs)})


def _published(folder: os.PathLike[str], say: Callable[[str], None]) -> dict[str, str]:
    say("making and publishing the village county")
    environment = {"HANTSMAP_REGISTRY": str(REGISTRY), "HANTSMAP_STORE": f"{folder}/store",
                   "HANTSMAP_DATA": f"{folder}/village", "HANTSMAP_ACCOUNTS": f"sqlite:///{folder}/accounts.sqlite"}
    for command in (["-m", "datasets.county", "--scale", "village", "--out", f"{folder}/village"],
                    ["-m", "hantsmap", "publish"]):
        done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False,
                              env={**os.environ, **environment})
        if done.returncode:
            raise BenchError(f"{' '.join(command)} failed: {done.stderr[-500:]}")
    return environment


async def _class(port: int, asked: Sequence[Asked]) -> Classroom:
    async def pupil(number: int) -> tuple[float, int, int]:
        await asyncio.sleep(number * WITHIN_S / BROWSERS)
        return await _load(port, asked)

    found = await asyncio.gather(*(pupil(number) for number in range(BROWSERS)))
    seconds = [each[0] for each in found]
    return Classroom(BROWSERS, WITHIN_S, len(asked), found[0][1], sum(each[2] for each in found), median(seconds),
                     quantiles(seconds, n=20, method="inclusive")[-1], max(seconds))


async def _load(port: int, asked: Sequence[Asked]) -> tuple[float, int, int]:
    """One browser: seconds until all is there, bytes, and errors. A wave begins when the one before it is there."""
    start, size, errors = time.perf_counter(), 0, 0
    connections = [_Connection(port) for _ in range(CONNECTIONS)]
    try:
        for wave in sorted({each.wave for each in asked}):
            waiting = deque(each.path for each in asked if each.wave == wave)
            for got, wrong in await asyncio.gather(*(each.take(waiting) for each in connections)):
                size, errors = size + got, errors + wrong
    finally:
        for each in connections:
            each.close()
    return time.perf_counter() - start, size, errors


class _Connection:
    """One of a browser's connections, opened when there is something to ask, and kept open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def take(self, waiting: deque[str]) -> tuple[int, int]:
        """Ask what waits, one after another, until nothing does: bytes, and how many answers were errors."""
        size = errors = 0
        while waiting:
            path = waiting.popleft()
            try:
                status, got = await asyncio.wait_for(self._get(path), PATIENCE_S)
            except (OSError, EOFError, TimeoutError, ValueError):
                self.close()
                status, got = 0, 0
            size, errors = size + got, errors + (not 200 <= status < 400)
        return size, errors

    async def _get(self, path: str) -> tuple[int, int]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(HEAD.format(path=path, port=self.port).encode("ascii"))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        told = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        length = int(told.get("content-length", "0"))
        if told.get("transfer-encoding"):
            raise ValueError("bodies in chunks are not counted")
        await reader.readexactly(length)
        return status, len(head) + length

    def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
