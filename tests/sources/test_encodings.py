"""The encoding of text: declared, stated by the files, or found and told; text read in a wrong one is a doubt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hantsmap.curate import curate
from hantsmap.errors import SourceError
from hantsmap.layer import Layer

CASES = Path(__file__).parents[3] / "shared" / "cases"
NAMES = ["Café Quay", "Path £5 deposit"]


def shapefile(folder: Path, encoding: str, *, said: str | None = None, names: list[str] = NAMES) -> None:
    """`a.shp` with texts in an encoding, a .cpg that says `said` or none, and no language byte."""
    frame = gpd.GeoDataFrame({"id": ["a", "b"], "name": names},
                             geometry=[shapely.Point(442000, 112000), shapely.Point(443000, 113000)], crs=27700)
    frame.to_file(folder / "a.shp", encoding=encoding, engine="pyogrio")
    (folder / "a.cpg").unlink()
    if said:
        (folder / "a.cpg").write_text(said)
    table = bytearray((folder / "a.dbf").read_bytes())
    table[29] = 0
    (folder / "a.dbf").write_bytes(table)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_an_encoding_that_nothing_states_is_found_and_told(desk, rules, encoding: str) -> None:
    """UTF-8 where all of it is UTF-8, else Windows-1252: the text is right, and a doubt says what was taken."""
    shapefile(desk.data, encoding)
    raw = desk.read(file="a.shp")
    assert raw.frame["name"].tolist() == NAMES
    assert rules(raw.findings) == [("encoding-guessed", "doubtful")]
    assert f"set `encoding: {encoding}`" in raw.findings[0].sentence
    declared = desk.read(file="a.shp", encoding=encoding)
    assert declared.frame["name"].tolist() == NAMES and declared.findings == []


def test_plain_letters_need_no_encoding(desk) -> None:
    """Text of ASCII alone is the same in every encoding: no doubt."""
    shapefile(desk.data, "cp1252", names=["Quay", "Path"])
    assert desk.read(file="a.shp").findings == []


def test_an_encoding_that_is_not_that_of_the_text(desk) -> None:
    """A .cpg or `encoding` that says UTF-8 over Windows-1252 is an error with row and remedy, as for a CSV."""
    shapefile(desk.data, "cp1252", said="UTF-8")
    with pytest.raises(SourceError, match=r"row 1 is not utf-8, as its .cpg says \(byte 0xe9\)\. Set `encoding: cp12"):
        desk.read(file="a.shp")
    with pytest.raises(SourceError, match=r"row 1 is not utf-8, as `encoding` says"):
        desk.read(file="a.shp", encoding="utf-8")
    with pytest.raises(SourceError, match=r"`encoding: cp125x` is not an encoding"):
        desk.read(file="a.shp", encoding="cp125x")
    assert desk.read(file="a.shp", encoding="cp1252").frame["name"].tolist() == NAMES


def _curated(frame: Any) -> Any:
    things = Layer.model_validate({
        "title": "T", "description": "T", "steward": "T", "licence": "l", "attribution": "T", "cadence": "T",
        "source_name": "T", "lineage": "T", "geometry": "Point", "key": "id", "source": {"file": "a.csv"},
        "fields": {"id": {"type": "string", "title": "Id"}, "name": {"type": "string", "title": "Name"}},
        "grants": {"public": {"fields": "all"}}})
    return curate("things", things, frame, (400000, 0, 500000, 200000), {})


@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_utf8_read_in_another_encoding_is_a_doubt(wrong: str) -> None:
    """`CafÃ©` is told once for a column, with what it seems to mean and the remedy; true accents are not."""
    names = ["Café Quay", "São Paulo", "Â 5", "naïve – “quoted”", "Zoë"]
    misread = [name.encode().decode(wrong, "replace") for name in ("Café Quay", "plain")]
    frame = gpd.GeoDataFrame({"id": [str(n) for n in range(7)], "name": names + misread}, crs=27700,
                             geometry=[shapely.Point(442000, 112000)] * 7)
    (found,) = _curated(frame).findings
    assert (found.rule, found.kind.value, found.field) == ("misread-text", "doubtful", "name")
    assert found.sentence.startswith("UTF-8 seems to have been read in another encoding (1 of the values). The first, ")
    assert "for 'Café Quay'. Set `encoding: utf-8`" in found.sentence


def test_reviewed_shapefiles(desk) -> None:
    """The reviewed files: without .cpg the text is found; UTF-8 behind ISO-8859-1 is a doubt, and `encoding` helps."""
    if not CASES.is_dir():
        pytest.skip("the reviewed cases (../shared/cases) are not beside the repository")
    desk.data = CASES
    raw = desk.read(file="old_cp1252_no_cpg.zip", aliases={"ref": "id"})
    assert raw.frame["name"].tolist() == NAMES and [found.rule for found in raw.findings] == ["encoding-guessed"]
    raw = desk.read(file="utf8_said_latin1.zip", aliases={"ref": "id"})
    assert [found.rule for found in _curated(raw.frame).findings] == ["misread-text"]
    raw = desk.read(file="utf8_said_latin1.zip", aliases={"ref": "id"}, encoding="utf-8")
    assert "Café" in " ".join(raw.frame["name"]) and _curated(raw.frame).findings == ()


def test_encodings_of_tables_that_were_long_ago_read(desk) -> None:
    """A language byte of dBase (here Windows-1252) is believed, without a doubt."""
    shapefile(desk.data, "cp1252")
    table = bytearray((desk.data / "a.dbf").read_bytes())
    table[29] = 0x03
    (desk.data / "a.dbf").write_bytes(table)
    raw = desk.read(file="a.shp")
    assert raw.frame["name"].tolist() == NAMES and raw.findings == []
    assert pd.Series(raw.numbers).tolist() == [1, 2]
