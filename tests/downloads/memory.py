"""Measures the memory of a maker: `python tests/downloads/memory.py 120000 1000000`.

For each number of rows, a store with one layer of lines of that size is made; then each format is made by a maker in a
process of its own, and the most memory that it ever had is printed, with the time it took: private memory (RssAnon),
which is what a process keeps for itself, and all of it (RSS), with pages of files, which the system takes back at will.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from hantsmap.downloads import FORMATS, Kept, want
from hantsmap.downloads.queue import Queue
from hantsmap.layer import Field, FieldType
from hantsmap.protect import Protected
from hantsmap.rendition import Description, Rendition, writing
from hantsmap.store import Promotion, Store, files, now

FIELDS = {"code": FieldType.STRING, "name": FieldType.STRING, "rank": FieldType.INTEGER, "share": FieldType.NUMBER,
          "day": FieldType.DATE, "open": FieldType.BOOLEAN, "tags": FieldType.STRINGS}
VERTICES = 8


def lines(rows: int) -> Protected:
    """A layer of lines of eight vertices, with a field of each type."""
    draw = np.random.default_rng(7)
    starts = np.column_stack((draw.uniform(405_000, 485_000, rows), draw.uniform(92_000, 160_000, rows)))
    steps = draw.uniform(-40, 40, (rows, VERTICES, 2)).cumsum(axis=1)
    places = np.round(starts[:, None, :] + steps, 2)
    numbers = np.arange(rows)
    codes = pa.array([f"L{number:08d}" for number in numbers])
    table = pa.table({
        "id": codes, "code": codes, "name": pa.array([f"Lane number {number}" for number in numbers]),
        "rank": pa.array(numbers), "share": pa.array(draw.uniform(0, 1, rows)),
        "day": pa.array((numbers % 9_000).astype("int32"), pa.int32()).cast(pa.date32()),
        "open": pa.array(numbers % 3 == 0), "tags": pa.array([["a", "b"]] * rows)})
    fields = {name: Field(type=kind, title=name.title()) for name, kind in FIELDS.items()}
    return Protected(fields, table, shapely.linestrings(places), "LineString")


def store_of(folder: Path, rows: int) -> tuple[Store, Rendition]:
    """A store with one layer of so many rows, seen by everybody."""
    store, protected = Store(folder), lines(rows)
    with store.publishing():
        making = folder / "making" / "one"
        making.mkdir()
        made = writing.write(making, protected, lambda grid, lonlat: Description.model_validate({
            "layer": "lines", "title": "Lines", "description": "Lines.", "keywords": [], "publisher": "Testers",
            "steward": "Testers", "contact": "", "licence": {"title": "None", "url": "https://example.org"},
            "attribution": "", "cadence": "", "capture_scale": None, "source_name": "", "lineage": "", "notice": None,
            "synthetic": True, "geometry": "LineString", "key": ["code"], "temporal": None, "display": None,
            "fields": protected.fields, "code_lists": {}, "held_back": [], "downloads": True, "count": rows,
            "extent": grid, "extent_crs84": lonlat, "interval": None}))
        files.settle(making, store.rendition("lines", made), "rendition.json")
        store.promote(Promotion(layer="lines", sequence=1, action="published", made_at=now(), edition=None,
                                renditions={"public": made}, source_inputs="", grant_inputs=""))
    return store, Rendition(store.rendition("lines", made))


def peak_of(store: Store, rendition: Rendition, format_: str, folder: Path) -> tuple[int, int, float]:
    """Most private memory, and most of all memory, of a maker of one file, in bytes; and the seconds that it took."""
    kept = Kept(folder)
    download = want(rendition, now(), FORMATS[format_], {})
    Queue(kept.folder).put(download)
    began, most, whole = time.monotonic(), 0, 0
    process = subprocess.Popen([sys.executable, "-m", "hantsmap.downloads", str(store.root), str(folder)])
    while process.poll() is None:
        most, whole = max(most, memory(process.pid, "RssAnon")), max(whole, memory(process.pid, "VmHWM"))
        time.sleep(0.01)
    took = time.monotonic() - began
    found = kept.find(download)
    assert process.returncode == 0 and found is not None and found.rows == rendition.count, format_
    return most, whole, took


def memory(pid: int, kind: str) -> int:
    """Memory of a process now, in bytes; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    told = dict(line.split(":", 1) for line in status.splitlines())
    return int(told.get(kind, "0 kB").split()[0]) * 1024


if __name__ == "__main__":
    for rows in map(int, sys.argv[1:] or ("120000", "1000000")):
        with tempfile.TemporaryDirectory() as place:
            store, rendition = store_of(Path(place) / "store", rows)
            for name in FORMATS:
                most, whole, took = peak_of(store, rendition, name, Path(place) / "downloads")
                sys.stdout.write(f"{rows:>9,} rows  {name:<8} {most / 1e6:6.0f} MB private, {whole / 1e6:6.0f} MB RSS"
                                 f"  {took:6.1f} s\n")
                sys.stdout.flush()
