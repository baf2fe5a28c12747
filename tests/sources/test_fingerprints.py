"""Has a source changed? Answered without reading what did not change."""

from __future__ import annotations

import os

import pytest

from hantsmap.errors import SourceError
from hantsmap.sources import places

DRIVERS = {"shp": "ESRI Shapefile", "gdb": "OpenFileGDB", "pkg": "GPKG"}
HOUR = 3_600_000_000_000


def settle(path) -> None:
    """Makes a file an hour old, so that its size and time are trusted."""
    old = path.stat().st_mtime_ns - HOUR
    os.utime(path, ns=(old, old))


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """Names of the files whose bytes were read to hash them."""
    seen: list[str] = []
    true = places.sha256_of
    monkeypatch.setattr(places, "sha256_of", lambda path: (seen.append(path.name), true(path))[1])
    return seen


def test_an_unchanged_file_is_not_read_again(desk, reads) -> None:
    """The second asking goes by size and time alone."""
    settle(desk.write("a.csv", "id\n1\n"))
    first = desk.fingerprint("none", file="a.csv")
    assert desk.fingerprint("none", file="a.csv") == first and reads == ["a.csv"]


def test_a_change_of_bytes_is_seen_and_a_touch_is_not_a_change(desk, reads) -> None:
    """Other bytes give another answer; a new time on the same bytes gives the same answer after one reading."""
    path = desk.write("a.csv", "id\n1\n")
    settle(path)
    first = desk.fingerprint("none", file="a.csv")
    os.utime(path, ns=(path.stat().st_mtime_ns - HOUR,) * 2)
    assert desk.fingerprint("none", file="a.csv") == first and len(reads) == 2
    path.write_text("id\n2\n")
    assert desk.fingerprint("none", file="a.csv") != first


def test_a_change_within_the_tick_of_the_clock_is_seen(desk) -> None:
    """A file that was written just now is hashed each time: same size and time do not hide an edit."""
    path = desk.write("a.csv", "id\n1\n")
    first, status = desk.fingerprint("none", file="a.csv"), path.stat()
    path.write_text("id\n2\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert desk.fingerprint("none", file="a.csv") != first


def test_the_joined_table_counts(desk, frame) -> None:
    """A change of the table alone changes the answer."""
    frame.to_file(desk.data / "a.gpkg")
    desk.write("t.csv", "id,v\na,1\n")
    join = {"file": "t.csv", "key": "id", "to": "id"}
    first = desk.fingerprint(file="a.gpkg", join=join)
    desk.write("t.csv", "id,v\na,2\n")
    assert desk.fingerprint(file="a.gpkg", join=join) != first


@pytest.mark.parametrize(("name", "part"), [("a.shp", "a.dbf"), ("a.gdb", None), ("a.gpkg", "a.gpkg-wal")])
def test_every_part_of_a_dataset_counts(desk, frame, name, part) -> None:
    """A Shapefile's .dbf, a geodatabase's inner files, and a GeoPackage's edits that are not yet folded in."""
    frame.drop(columns="count").to_file(desk.data / name, driver=DRIVERS[name[-3:]])
    first = desk.fingerprint(file=name)
    assert desk.fingerprint(file=name) == first
    assert desk.read(file=name).provenance["sha256"] in first
    target = desk.data / part if part else sorted((desk.data / name).glob("*.gdbtable"))[-1]
    with target.open("ab") as stream:
        stream.write(b"\0")
    assert desk.fingerprint(file=name) != first


def test_a_damaged_cache_costs_time_only(desk) -> None:
    """A cache with nonsense in it is ignored and written anew; one that cannot be written is no error."""
    settle(desk.write("a.csv", "id\n1\n"))
    first = desk.fingerprint("none", file="a.csv")
    for nonsense in ("{", "[]", '{"x": 1}', '{"x": [1, 2]}'):
        (desk.cache / "fingerprints.json").write_text(nonsense)
        assert desk.fingerprint("none", file="a.csv") == first
    (desk.cache / "fingerprints.json").unlink()
    (desk.cache / "fingerprints.json").mkdir()
    assert desk.fingerprint("none", file="a.csv") == first
    assert [path.name for path in desk.cache.iterdir()] == ["fingerprints.json"]


def test_a_missing_file_is_an_error(desk) -> None:
    """Asking about a file that is not there names it."""
    with pytest.raises(SourceError, match=r"gone.csv: is not there"):
        desk.fingerprint("none", file="gone.csv")


def test_a_file_that_changes_under_the_reader_is_not_believed(desk, monkeypatch) -> None:
    """Rows and hash must be of the same bytes: a file written to in the meantime is an error."""
    from hantsmap.sources import table

    path = desk.write("a.csv", "id\n1\n")
    true = table.read

    def slow(*args, **options):
        reading = true(*args, **options)
        path.write_text("id\n1\n2\n")
        return reading

    monkeypatch.setattr(table, "read", slow)
    with pytest.raises(SourceError, match=r"changed while it was being read"):
        desk.read("none", file="a.csv")
