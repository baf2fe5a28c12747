"""Whole layers as files, beside `ogr2ogr` and nginx; and what changed, beside fetching the layer anew."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import layers, load, programs
from benchmarks.errors import BenchError
from benchmarks.folders import COUNTY, COUNTY_SIZE, LAYER, made
from benchmarks.layers import OPEN_SOURCE, SOURCE, Sized
from benchmarks.load import Request
from benchmarks.peers.nginx import STATIC, nginx
from benchmarks.peers.ours import Ours

# What Debian's ogr2ogr writes for each of our formats; its GDAL has no Parquet.
OGR_DRIVERS = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "geojson": "GeoJSON", "csv": "CSV", "shp.zip": "ESRI Shapefile",
               "dxf.zip": "DXF"}
FORMATS = ("gpkg", "parquet", "fgb", "geojson", "csv", "shp.zip", "dxf.zip")
CHANGED = 5_000
MOST_WAITS = 200
FEW = 4


@dataclass(frozen=True, slots=True)
class Bulk:
    """A format: seconds until it is made, and those of ogr2ogr (None where it has no driver for it); bytes of the
    file; and bytes a second of the file that is there, from us and from nginx."""

    format: str
    seconds: float
    ogr_seconds: float | None
    size: int
    rate: float
    nginx_rate: float


@dataclass(frozen=True, slots=True)
class Since:
    """What changed between two editions: how many features; answers a second; whole layers a second, in pages."""

    changes: int
    rate: float
    whole_rate: float


@dataclass(frozen=True, slots=True)
class Edited(Sized):
    """The county's segments in a folder of their own, so that some of them can be changed."""

    @property
    def folder(self) -> Path:
        """All that is kept of it."""
        return made("layer-changed")

    @property
    def data(self) -> Path:
        """The folder of its source files."""
        return self.folder / "data"


def measure_files(sized: Sized, seconds: float, repeats: int, say: Callable[[str], None]) -> list[Bulk]:
    """Make each format once, with ours and with ogr2ogr; then fetch what is there, from us and from nginx in turn."""
    shutil.rmtree(sized.store / "downloads", ignore_errors=True)
    files = made("nginx", "bulk")
    ours = Ours(sized)
    with ours.running() as port, nginx(made("nginx"), STATIC.format(files=files)) as other:
        return [_one(sized, (port, other), files, name, (seconds, repeats), say) for name in FORMATS]


def _one(sized: Sized, ports: tuple[int, int], files: Path, name: str, effort: tuple[float, int],
         say: Callable[[str], None]) -> Bulk:
    say(f"whole layer as {name}")
    path, copy = f"/collections/{LAYER}/downloads/{LAYER}.{name}", files / f"{LAYER}.{name}"
    took = _fetch(ports[0], path, copy)
    asked = [(ports[0], load.write_list([Request(path)], made("lists") / f"bulk {name}")),
             (ports[1], load.write_list([Request(f"/{copy.name}")], made("lists") / f"bulk nginx {name}"))]
    rates: list[list[float]] = [[], []]
    for _ in range(effort[1]):
        for place, (port, requests) in enumerate(asked):
            rates[place].append(load.run(port, requests, effort[0], FEW).bytes_rate)
    size = copy.stat().st_size
    copy.unlink()
    return Bulk(name, took, _by_ogr(sized, name), size, median(rates[0]), median(rates[1]))


def _fetch(port: int, path: str, copy: Path) -> float:
    """Fetch a file that has to be made first, as a script would: ask again while it is being made."""
    start = time.perf_counter()
    for _ in range(MOST_WAITS):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status == 200:
            with copy.open("wb") as file:
                shutil.copyfileobj(answer, file, 1 << 20)
            connection.close()
            return time.perf_counter() - start
        words = answer.read().decode(errors="replace")
        connection.close()
        if answer.status != 503:
            raise BenchError(f"{path} was answered with {answer.status}: {words[:300]}")
    raise BenchError(f"{path} was not made.")


def _by_ogr(sized: Sized, name: str) -> float | None:
    if name not in OGR_DRIVERS:
        return None
    written = made("ogr2ogr")
    shutil.rmtree(written)
    written.mkdir()
    extra = {"csv": ["-lco", "GEOMETRY=AS_WKT"], "dxf.zip": ["-skipfailures"]}.get(name, [])
    start = time.perf_counter()
    target = written / f"{LAYER}.{name.split('.')[0]}"
    command = [programs.path("ogr2ogr"), "-f", OGR_DRIVERS[name], *extra, str(target), str(sized.data / SOURCE[0]),
               SOURCE[1]]
    subprocess.run(command, check=True, capture_output=True)
    took = time.perf_counter() - start
    shutil.rmtree(written)
    return took


def measure_changes(seconds: float, repeats: int, say: Callable[[str], None]) -> Since:
    """Publish, change some segments, publish again; then ask what changed, and fetch the whole layer, in turn."""
    edited = _edited(say)
    ours = Ours(edited)
    with ours.running() as port:
        sequence = _state(port)
        path = f"/collections/{LAYER}/changes?since={sequence - 1}"
        pages = [Request(f"/collections/{LAYER}/items?limit=10000&offset={start}")
                 for start in range(0, ours.rendition.count, 10_000)]
        since = load.write_list([Request(path)], made("lists") / "since")
        whole = load.write_list(pages, made("lists") / "since whole")
        rates: tuple[list[float], list[float]] = [], []
        for _ in range(repeats):
            say("what changed, and the whole layer")
            rates[0].append(load.run(port, since, seconds, FEW).rate)
            rates[1].append(load.run(port, whole, seconds, FEW).rate / len(pages))
        return Since(_changes(port, path), median(rates[0]), median(rates[1]))


def _edited(say: Callable[[str], None]) -> Edited:
    """Two editions of the layer, of which the second has CHANGED segments with another speed limit."""
    say(f"publishing {CHANGED:,} changed segments")
    plain = layers.ready(COUNTY_SIZE)
    edited = Edited(plain.size)
    shutil.rmtree(edited.store, ignore_errors=True)
    edited.data.mkdir(parents=True, exist_ok=True)
    for name in (SOURCE[0], OPEN_SOURCE[0]):
        shutil.copy(COUNTY / name, edited.data / name)
    edited.registry.write_bytes(plain.registry.read_bytes())
    layers.publish(edited)
    ids = plain.rendition().ids.to_pylist()
    chosen = ids[::len(ids) // CHANGED][:CHANGED]
    with sqlite3.connect(edited.data / SOURCE[0]) as source:
        # They keep the spatial index, and call functions that only GDAL has. No geometry changes here.
        for (trigger,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            source.execute(f'DROP TRIGGER "{trigger}"')
        source.executemany(f"UPDATE {SOURCE[1]} SET indicativespeedlimit_mph = "
                           "CASE indicativespeedlimit_mph WHEN 20 THEN 30 ELSE 20 END WHERE esuid = ?",
                           [(each,) for each in chosen])
    source.close()
    os.utime(edited.data / SOURCE[0])
    layers.publish(edited)
    return edited


def _state(port: int) -> int:
    return int(_get(port, f"/collections/{LAYER}", "sequence"))


def _changes(port: int, path: str) -> int:
    found = len(_get(port, f"{path}&f=geojson", "features"))
    if found != CHANGED:
        raise BenchError(f"{path} tells of {found:,} changes, not of {CHANGED:,}.")
    return found


def _get(port: int, path: str, member: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return document[member]
