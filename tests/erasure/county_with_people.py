"""A small county in which one tree is about a person, one line has a key of two fields, and benches have numbers."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pmtiles.reader import MmapSource, all_tiles
from workbench import Workbench, tree

from hantsmap.downloads import Kept
from hantsmap.downloads.preparing import prepare
from hantsmap.erasure import Erasure, erase

PATHS = """\
  paths:
    title: Paths
    description: Paths to test with.
    steward: Tester
    licence: ogl
    attribution: None
    cadence: Never
    source_name: Tests
    lineage: Made up.
    geometry: LineString
    key: [road, part]
    tiles: {fields: [keeper]}
    source: {file: paths.csv, crs: "EPSG:27700", geometry: {wkt: shape}}
    fields:
      road: {type: string, title: Road, required: true}
      part: {type: integer, title: Part, required: true}
      keeper: {type: string, title: Keeper}
      usrn: {type: integer, title: Number}
    grants:
      public:
        fields: [road, part, keeper]
        held_back: [{reason: f, sentence: Numbers are for the staff., owner: Tester, review: 2099-01-01}]
      staff: {fields: all}
"""
SHAPE = "440500.25 110250.75, 440777.31 110888.97, 441000 111000"
PERSON, PHONE = "Zoë Quillfeather", "07700 900481"
KEEPER, NUMBER = "Ottoline Brackenbury", 45855071
# Odd letters in a key: a space becomes a hyphen, the rest stays.
ROAD, PATH_ID = 'Ä "lane" é/7', 'Ä-"lane"-é/7.2'


class CountyWithPeople(Workbench):
    """The small county of the tests of the store, with people in it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.registry.write_text(self.registry.read_text() + PATHS)
        self.made = [tree(number) for number in range(1, 31)]
        self.made[4] |= {"name": PERSON, "note": f"Call {PHONE}", "x": 441234.56, "y": 112345.67}
        self.trees(self.made)
        lines: list[tuple[str, int, str, int, str]] = [
            ("High Street", 1, "The council", 45855999, "440000 110000, 440500.25 110250.75"),
            (ROAD.replace('"', '""'), 2, KEEPER, NUMBER, SHAPE),
            ("Mill Lane", 3, "The council", 45855998, "441000 111000, 442000 112000")]
        (self.data / "paths.csv").write_text("road,part,keeper,usrn,shape\n" + "".join(
            f'"{road}",{part},{keeper},{usrn},"LINESTRING ({shape})"\n' for road, part, keeper, usrn, shape in lines))

    def rename(self, code: str, name: str) -> None:
        """Give a tree another name."""
        next(row for row in self.made if row["code"] == code)["name"] = name
        self.trees(self.made)

    @property
    def downloads(self) -> Path:
        """The folder of downloads."""
        return self.store.root / "downloads"

    def prepare(self, *layers: str) -> int:
        """Make every download of the layers; how many there are."""
        made = prepare(self.store, Kept(self.downloads), layers)
        assert all(each.file for each in made)
        return len(made)

    def erase(self, layer: str, record_id: str) -> Erasure:
        """Erase a record."""
        return erase(self.store, self.downloads, layer, record_id, "request 12")

    def holding(self, *texts: str, but: tuple[str, ...] = ()) -> set[str]:
        """Kinds of files of the store in which one of the texts stands, unpacked by nothing of ours."""
        wanted = [each.encode() for each in texts]
        return {"".join(path.suffixes[-2:]) or path.name for path in self.store.root.rglob("*")
                if path.is_file() and path.name not in but
                and any(each in part for part in unpacked(path) for each in wanted)}


def unpacked(path: Path) -> Iterator[bytes]:
    """The bytes of a file and of what is compressed in it."""
    raw = path.read_bytes()
    yield raw
    if raw.startswith(b"PAR1"):
        yield str(pq.read_table(io.BytesIO(raw)).to_pylist()).encode()
    elif raw.startswith(b"ARROW1"):
        yield str(pa.ipc.open_file(raw).read_all().to_pylist()).encode()
    elif raw.startswith(b"SQLite"):
        with sqlite3.connect(path) as database:
            yield "\n".join(database.iterdump()).encode()
    elif raw.startswith(b"PMTiles"):
        with path.open("rb") as file:
            for _, tile in all_tiles(MmapSource(file)):
                yield gzip.decompress(tile)
    elif raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def ids_of(rendition: Any) -> list[str]:
    """Ids of a rendition, as texts."""
    return [str(each) for each in rendition.ids.to_pylist()]
