"""What it takes to learn what changed in a layer, beside fetching the layer again: for who sees all of its fields."""

from __future__ import annotations

import http.client
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.errors import BenchError
from benchmarks.folders import LAYER, ROOT, made
from benchmarks.layers import OPEN_SOURCE, SOURCE, Sized
from benchmarks.processes import answers, free_port, running

CHANGES = 5_000
PAGE = 10_000
GRID = "crs=http://www.opengis.net/def/crs/EPSG/0/27700"
AUDIENCE = "staff"


@dataclass(frozen=True, slots=True)
class Changed:
    """Medians, in seconds: the answer over `changes` of `size` features, and the layer in pages of 10,000."""

    size: int
    changes: int
    since: float
    whole: float
    since_bytes: int
    whole_bytes: int


@dataclass(frozen=True, slots=True)
class Edited(Sized):
    """A layer whose source is edited: with a store and data of its own."""

    @property
    def folder(self) -> Path:
        """All that is kept of it."""
        return made(f"changing-{self.size}")

    @property
    def data(self) -> Path:
        """The folder of its source files."""
        return self.folder / "data"


def measure(sized: Sized, repeats: int, say: Callable[[str], None]) -> Changed:
    """Publish a layer, edit 5,000 features of it, publish again, and ask for both in turn."""
    say(f"changes of {CHANGES:,} of {sized.size:,} segments")
    edited = _published_twice(sized)
    port, log = free_port(), edited.folder / "log"
    command = [sys.executable, "-m", "hantsmap", "serve", "--audience", AUDIENCE, "--port", str(port)]
    with running(command, log, {**edited.environment(), "HANTSMAP_ADDRESS_RATE": "10000000"}) as process:
        answers(port, "/collections", process, log)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        found = [(_since(connection), _whole(connection, sized.size)) for _ in range(repeats + 1)]
        connection.close()
    # The first of each finds nothing at hand.
    told, whole = found[1][0][1], found[1][1][1]
    return Changed(sized.size, CHANGES, median(since for (since, _), _ in found[1:]),
                   median(seconds for _, (seconds, _) in found[1:]), told, whole)


def _published_twice(sized: Sized) -> Edited:
    edited = Edited(sized.size)
    shutil.rmtree(edited.store, ignore_errors=True)
    edited.data.mkdir(parents=True, exist_ok=True)
    edited.registry.write_text(sized.registry.read_text())
    for file, _ in (SOURCE, OPEN_SOURCE):
        shutil.copy(sized.data / file, edited.data / file)
    for edit in (False, True):
        if edit:
            _edit(edited)
        done = subprocess.run([sys.executable, "-m", "hantsmap", "publish"], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, **edited.environment()}, check=False)
        if done.returncode:
            raise BenchError(f"hantsmap publish failed: {done.stderr or done.stdout}")
    return edited


def _edit(edited: Edited) -> None:
    """Another speed limit for every so many-th segment. The index of places has no part in it, so its triggers rest."""
    with sqlite3.connect(edited.data / SOURCE[0]) as file:
        triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                                (SOURCE[1],)).fetchall()
        for name, _ in triggers:
            file.execute(f'DROP TRIGGER "{name}"')
        fids = [fid for fid, in file.execute(f"SELECT fid FROM {SOURCE[1]} ORDER BY fid")]
        file.executemany(f"UPDATE {SOURCE[1]} SET indicativespeedlimit_mph = "
                         "CASE indicativespeedlimit_mph WHEN 20 THEN 30 ELSE 20 END WHERE fid = ?",
                         ((fid,) for fid in fids[::len(fids) // CHANGES][:CHANGES]))
        for _, sql in triggers:
            file.execute(sql)
    file.close()


def _since(connection: http.client.HTTPConnection) -> tuple[float, int]:
    start = time.perf_counter()
    told, size = _get(connection, f"/collections/{LAYER}/changes?since=1&{GRID}")
    if told != str(CHANGES):
        raise BenchError(f"The feed tells of {told} changes, not {CHANGES:,}.")
    return time.perf_counter() - start, size


def _whole(connection: http.client.HTTPConnection, count: int) -> tuple[float, int]:
    start = time.perf_counter()
    pages = [f"/collections/{LAYER}/items?limit={PAGE}&offset={offset}&{GRID}" for offset in range(0, count, PAGE)]
    size = sum(_get(connection, page)[1] for page in pages)
    return time.perf_counter() - start, size


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[str | None, int]:
    connection.request("GET", path)
    answer = connection.getresponse()
    size = len(answer.read())
    if answer.status != http.client.OK:
        raise BenchError(f"{path} is answered with {answer.status}.")
    return answer.headers["OGC-NumberReturned"], size
