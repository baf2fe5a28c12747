"""Zip archives: what is read out of them and what is refused."""

from __future__ import annotations

import zipfile

import pytest

from hantsmap.errors import SourceError


def pack(path, members, method=zipfile.ZIP_DEFLATED) -> None:
    """A zip of (name, bytes)."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def packed(desk, frame, name, **options):
    """A zip of everything that `to_file` writes for the frame."""
    folder = desk.cache.parent / "made"
    folder.mkdir(exist_ok=True)
    frame.drop(columns="count").to_file(folder / name, **options)
    files = [file for file in folder.rglob("*") if file.is_file()]
    pack(desk.data / "a.zip", {f"sub folder/{file.relative_to(folder)}": file.read_bytes() for file in files})


@pytest.mark.parametrize(
    ("name", "driver"), [("t.shp", "ESRI Shapefile"), ("t.gdb", "OpenFileGDB"), ("t.gpkg", "GPKG")]
)
def test_data_is_read_out_of_a_zip(desk, frame, name, driver) -> None:
    """A zipped Shapefile, geodatabase or GeoPackage is read as if unpacked, and nothing stays in the cache."""
    packed(desk, frame, name, driver=driver)
    raw = desk.read(file="a.zip")
    assert raw.frame["id"].tolist() == ["a", "b", "c"]
    assert raw.frame.geometry[1].equals(frame.geometry[1]) and raw.frame.crs.to_epsg() == 27700
    assert raw.provenance["driver"] == f"{driver} in zip" and raw.provenance["place"] == "a.zip"
    assert list(desk.cache.iterdir()) == []


def test_a_member_is_chosen_by_name(desk) -> None:
    """With several tables inside, `layer` names the one; without it the error lists them. Shadow files do not count."""
    pack(desk.data / "a.zip", {"x.csv": "id\n1", "y.csv": "id\n2", "__MACOSX/._x.csv": "junk", "readme.txt": "hi"})
    assert desk.read("none", file="a.zip", layer="y").frame["id"].tolist() == ["2"]
    with pytest.raises(SourceError, match=r"holds `x.csv`, `y.csv`. Say which with `layer`"):
        desk.read("none", file="a.zip")
    pack(desk.data / "b.zip", {"readme.txt": "hi"})
    with pytest.raises(SourceError, match=r"holds nothing that is read"):
        desk.read("none", file="b.zip")


@pytest.mark.parametrize("name", ["/etc/x.csv", "../x.csv", "a/../../x.csv", "..\\x.csv", "C:/x.csv"])
def test_members_that_reach_outside_are_refused(desk, name) -> None:
    """An absolute path or `..` in an archive is refused, and nothing is written."""
    pack(desk.data / "a.zip", {name: "id\n1"})
    with pytest.raises(SourceError, match=r"outside the archive"):
        desk.read("none", file="a.zip")
    assert not (desk.cache.parent / "x.csv").exists() and list(desk.cache.iterdir()) == []


def test_a_bomb_is_refused_before_it_is_unpacked(desk) -> None:
    """More than a hundred times its packed size is refused, with both sizes."""
    pack(desk.data / "a.zip", {"a.csv": b"id\n" + b"0" * 5_000_000})
    with pytest.raises(SourceError, match=r"would unpack to 5,000,003 bytes .* refused as unsafe"):
        desk.read("none", file="a.zip")


def test_a_bomb_that_lies_about_its_size_does_no_harm(desk) -> None:
    """A member that declares 100 bytes and holds 5 MB is an error, and no more than it declared is written."""
    pack(desk.data / "a.zip", {"a.csv": b"id\n" + b"0" * 5_000_000})
    content = (desk.data / "a.zip").read_bytes()
    (desk.data / "a.zip").write_bytes(content.replace((5_000_003).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(SourceError, match=r"not a whole zip"):
        desk.read("none", file="a.zip")


def test_encrypted_and_damaged_archives_are_told_apart(desk) -> None:
    """A password and a truncation each have their own sentence."""
    pack(desk.data / "a.zip", {"a.csv": "id\n1"})
    content = bytearray((desk.data / "a.zip").read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    desk.write("locked.zip", bytes(content))
    with pytest.raises(SourceError, match=r"is encrypted.*Supply it without a password"):
        desk.read("none", file="locked.zip")
    desk.write("cut.zip", bytes(content[:30]))
    with pytest.raises(SourceError, match=r"not a whole zip"):
        desk.read("none", file="cut.zip")


def test_gml_in_a_zip_is_searched_too(desk) -> None:
    """A zip is no way round the refusal of entities."""
    pack(desk.data / "a.zip", {"a.gml": "<!DOCTYPE a><a/>"})
    with pytest.raises(SourceError, match=r"DOCTYPE or ENTITY"):
        desk.read(file="a.zip")
