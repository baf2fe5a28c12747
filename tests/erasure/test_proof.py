"""The search that proves an erasure finds what is written in any file, compressed or not."""

from __future__ import annotations

import gzip
import io
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from county_with_people import CountyWithPeople
from pmtiles.tile import Compression, TileType
from pmtiles.writer import Writer

from hantsmap.erasure import ProofError
from hantsmap.erasure.needles import Needle
from hantsmap.erasure.proof import Search

VALUE = "Zoë Quillfeather"
RAW = VALUE.encode()


def in_parquet(path: Path) -> None:
    """A column, compressed, with a dictionary."""
    pq.write_table(pa.table({"name": ["x"] * 5_000 + [VALUE]}), path, compression="zstd")


def in_arrow_dictionary(path: Path) -> None:
    """A dictionary with a value that no row has any more."""
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["x", VALUE]))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, pa.schema([("name", column.type)])) as writer:
        writer.write_table(pa.table({"name": column}))


def in_lists(path: Path) -> None:
    """A list in a column."""
    pq.write_table(pa.table({"names": [["x"], None, ["y", VALUE]]}), path)


def in_geopackage(path: Path) -> None:
    """A cell that is longer than a page of the file."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (name TEXT)")
        database.execute("INSERT INTO t VALUES (?)", ("x" * 4_080 + " " + VALUE + " " + "y" * 5_000,))
    database.close()


def in_deleted_cell(path: Path) -> None:
    """A row that was deleted and whose bytes are still in the file."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE t (name TEXT)")
        database.execute("INSERT INTO t VALUES (?)", (VALUE,))
        database.commit()
        database.execute("DELETE FROM t")
    database.close()


def in_zip_in_zip(path: Path) -> None:
    """An archive in an archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("names.dbf", b"x" * 100 + b" " + RAW)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner.getvalue())


def in_gzip(path: Path) -> None:
    """A compressed response."""
    path.write_bytes(gzip.compress(b'{"name":"' + RAW + b'"}'))


def in_tiles(path: Path) -> None:
    """A tile of an archive."""
    with path.open("wb") as file:
        writer = Writer(file)
        writer.write_tile(0, gzip.compress(b"\x1a\x10" + RAW + b"\x00"))
        writer.finalize({"tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_lon_e7": 0,
                         "min_lat_e7": 0, "max_lon_e7": 0, "max_lat_e7": 0, "center_zoom": 0, "center_lon_e7": 0,
                         "center_lat_e7": 0}, {})


def plain(path: Path) -> None:
    """A text."""
    path.write_bytes(b"a," + RAW + b",b\n")


@pytest.mark.parametrize("write", [
    in_parquet, in_arrow_dictionary, in_lists, in_geopackage, in_deleted_cell, in_zip_in_zip, in_gzip, in_tiles, plain])
@pytest.mark.parametrize("place", ["renditions/trees/0123/file", "cache/file", "downloads/trees/0/1/file", "file"])
def test_a_value_is_found_in_every_kind_of_file(
    write: Callable[[Path], None], place: str, tmp_path: Path
) -> None:
    """The search finds the value wherever files of the layer, or of no layer, lie; the report does not repeat it."""
    county = CountyWithPeople(tmp_path / "bench")
    path = county.store.root / place
    path.parent.mkdir(parents=True)
    write(path)
    search = Search(county.store, county.downloads, "trees", "t0005", (Needle("a value", RAW, word=True),))

    [hit] = search.hits(search.files())

    assert hit.path == path and VALUE not in str(hit)


def test_other_words_are_not_the_value(tmp_path: Path) -> None:
    """A value within a longer word, and files of other layers, do not count; a coordinate counts as its bytes."""
    county = CountyWithPeople(tmp_path / "bench")
    for name, text in (("renditions/trees/1/a", b"t00051, xt0005, t0005_"), ("renditions/paths/1/a", b"t0005")):
        path = county.store.root / name
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
    place = county.store.root / "renditions" / "trees" / "1" / "geometry"
    place.write_bytes(b"\x01\x01\x00\x00\x00" + struct.pack("<dd", 441234.56, 112345.67))
    point = Needle("a coordinate", struct.pack("<dd", 441234.56, 112345.67))
    search = Search(county.store, county.downloads, "trees", "t0005", (Needle("its id", b"t0005", word=True), point))

    assert [hit.path for hit in search.hits(search.files())] == [place]


def test_a_coordinate_that_other_records_share_is_not_searched_for(tmp_path: Path) -> None:
    """Two trees in one square of a grid have the same corners, for an audience that does not see the erased one now; a
    copy of its exact place in the files of that audience is still found."""
    county = CountyWithPeople(tmp_path / "bench")
    county.say("fields: [code, name, kind, height]",
               "fields: [code, name, kind, height]\n        rows: {kind: [O]}\n        geometry: 'grid:10000'")
    for kind in "OB":
        county.made[4]["kind"] = kind
        county.trees(county.made)
        county.publish("trees")
    copy = county.rendition("trees", "public") / "copy.wkb"
    copy.write_bytes(struct.pack("<dd", 441234.56, 112345.67))

    with pytest.raises(ProofError) as found:
        county.erase("trees", "t0005")

    assert found.value.places == (str(copy),)
    copy.unlink()
    assert county.erase("trees", "t0005").values_known
