"""Whole layers as files, beside `ogr2ogr` that writes them and nginx that serves them."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import load, programs
from benchmarks.errors import BenchError
from benchmarks.folders import LAYER, made
from benchmarks.layers import SOURCE, Sized
from benchmarks.load import Request
from benchmarks.peers.nginx import STATIC, nginx
from benchmarks.peers.ours import Ours

# What Debian's ogr2ogr writes for each of our formats; its GDAL has no Parquet.
OGR_DRIVERS = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "geojson": "GeoJSON", "csv": "CSV", "shp.zip": "ESRI Shapefile",
               "dxf.zip": "DXF"}
FORMATS = ("gpkg", "parquet", "fgb", "geojson", "csv", "shp.zip", "dxf.zip")
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


def measure(sized: Sized, seconds: float, repeats: int, say: Callable[[str], None]) -> list[Bulk]:
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
