"""A GeoPackage is kept in step with a service: right after every run, readable by others, and never half of a state."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from orchard import TREES, Orchard, tree
from service_stand import Stand, broken, refused, served

from hantsmap.errors import PackageError, ServiceError, TermsError
from hantsmap.pull import Outcome, package, pull, table
from hantsmap.pull import pulling as machinery


def rows(file: Path, layer: str = "trees") -> dict[str, tuple[Any, ...]]:
    """What a GIS reads: attributes and place of each feature, by id."""
    frame = pyogrio.read_dataframe(file, layer=layer)
    return {row.code: (row.name_, row.height, row.felled, row.state, row.note, row.geometry.x, row.geometry.y)
            for row in frame.rename(columns={"name": "name_"}).itertuples()}


def expected(orchard: Orchard) -> dict[str, tuple[Any, ...]]:
    """What the orchard's table says."""
    return {row["code"]: (row["name"], row["height"] or None, row["felled"] or None, row["state"], row["note"],
                          float(row["x"]), float(row["y"])) for row in orchard.rows.values()}


def plain(read: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """With nothing as None, and dates as text."""
    return {name: tuple(None if value is None or value != value else value.isoformat()[:10]
                        if hasattr(value, "isoformat") else value for value in row) for name, row in read.items()}


def held(file: Path, layer: str = "trees") -> tuple[int, str]:
    """Sequence and digest that the file says of itself."""
    with sqlite3.connect(file) as opened:
        found: tuple[int, str] = opened.execute(
            "SELECT sequence, digest FROM hantsmap_pull WHERE layer = ?", (layer,)).fetchone()
    return found


def index(file: Path) -> tuple[dict[int, Any], dict[int, Any]]:
    """The spatial index, and what it should be, by fid; rounded to what the index can say."""
    with sqlite3.connect(file) as opened:
        kept = {fid: (x, y) for fid, x, _, y, _ in opened.execute("SELECT * FROM rtree_trees_geom")}
    frame = pyogrio.read_dataframe(file, layer="trees", fid_as_index=True)
    assert all(abs(kept[fid][0] - shape.x) < 0.1 and abs(kept[fid][1] - shape.y) < 0.1
               for fid, shape in frame.geometry.items() if fid in kept)
    return kept, dict(frame.geometry.items())


def edit(orchard: Orchard) -> None:
    """A move, an edit, a tree less and a tree more."""
    orchard.rows |= {1: tree(1, x=439_300), 2: tree(2, name="Elm", felled="2025-03-01", height=""), 13: tree(13)}
    orchard.rows.pop(3, None)
    orchard.publish()


def test_everything_once_then_what_changed(stand: Stand, orchard: Orchard, file: Path) -> None:
    """First the whole layer, then only its changes, then nothing: and each time the file is what the service has."""
    outcomes: list[Outcome] = [pull(stand.service, "trees", file)]
    assert plain(rows(file)) == expected(orchard)
    edit(orchard)
    for _ in range(2):
        outcomes.append(pull(stand.service, "trees", file))
        assert plain(rows(file)) == expected(orchard)
        assert held(file) == (2, orchard.seen["staff", "trees", 2][1])
        kept, shapes = index(file)
        assert kept.keys() == shapes.keys()
    assert [str(outcome) for outcome in outcomes] == [
        "trees: fetched whole; 12 features at sequence 1.", "trees: 4 changes; 12 features at sequence 2.",
        "trees: 0 changes; 12 features at sequence 2."]
    assert [asked.split("since=")[1][:2] for asked in stand.asked if "since=" in asked] == ["0&", "1&", "2&"]


def test_types_are_those_of_the_layer(stand: Stand, orchard: Orchard, file: Path, needs: Callable[..., str]) -> None:
    """Dates are dates, numbers numbers, the coordinates those of the National Grid; ogrinfo says the same."""
    orchard.rows[1] = tree(1, felled="2025-03-01")
    orchard.publish()
    pull(stand.service, "trees", file)
    info = pyogrio.read_info(file, layer="trees")

    assert dict(zip(info["fields"], info["dtypes"], strict=True)) == {
        "id": "object", "code": "object", "name": "object", "height": "float64", "felled": "datetime64[D]",
        "state": "object", "note": "object"}
    assert (info["geometry_type"], info["crs"], info["features"]) == ("Point", "EPSG:27700", 12)
    assert tuple(info["total_bounds"]) == (439_200.0, 110_000.0, 441_400.0, 110_000.0)
    assert date.fromisoformat(str(rows(file)["t01"][2])[:10]) == date(2025, 3, 1)
    told = subprocess.run([needs("ogrinfo", "gdal-bin"), "-so", "-al", str(file)], capture_output=True, text=True,
                          check=True)
    for words in ("Layer name: trees", "Feature Count: 12", "felled: Date", "height: Real", "OSGB36", "hantsmap_pull"):
        assert words in told.stdout, told.stdout
    assert told.stderr == ""


def test_digests_of_texts_are_those_of_the_features(stand: Stand, orchard: Orchard, file: Path) -> None:
    """Beside each feature lies the digest of its text as it was served."""
    pull(stand.service, "trees", file)
    with sqlite3.connect(file) as opened:
        kept = dict(opened.execute("SELECT id, sha256 FROM hantsmap_pull_texts"))

    assert kept == {name: hashlib.sha256(text).hexdigest()
                    for name, text in orchard.seen["staff", "trees", 1][0].items()}


def test_several_layers_in_one_file(stand: Stand, orchard: Orchard, file: Path) -> None:
    """Layers lie side by side, each with its own state."""
    for layer in ("trees", "contract_trees"):
        pull(stand.service, layer, file)
    edit(orchard)
    pull(stand.service, "contract_trees", file)

    assert (held(file)[0], held(file, "contract_trees")[0]) == (1, 2)
    assert plain(rows(file, "contract_trees")) == expected(orchard)
    assert {name for name, _ in pyogrio.list_layers(file)} == {"trees", "contract_trees", "hantsmap_pull"}


def test_another_schema_is_another_table(stand: Stand, orchard: Orchard, file: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    """When the layer has a field more, the table has it too, and no row of the old one stays."""
    pull(stand.service, "trees", file)
    more = "      note: {{type: string, title: Note}}\n"
    monkeypatch.setattr("orchard.TREES", TREES.replace(more, more + "      girth: {{type: integer, title: Girth}}\n"))
    monkeypatch.setattr("orchard.tree", lambda number, **given: tree(number, girth="", **given))
    orchard.rows = {number: row | {"girth": 10 * number} for number, row in orchard.rows.items()}
    orchard.publish()

    assert pull(stand.service, "trees", file).whole
    assert sorted(pyogrio.read_dataframe(file, layer="trees")["girth"]) == [10 * number for number in range(1, 13)]


def test_a_table_without_geometry_and_odd_names() -> None:
    """A layer without a geometry has no geometry column; names that are taken are not taken twice; lists are JSON."""
    made = table.Table.of("odd", {"properties": {
        "ID": {"type": "integer"}, "geom": {"type": "array"}, "fid": {"type": "string", "format": "date-time"}}})
    found = list(made.rows([{"id": 7, "geometry": None, "properties": {
        "ID": 7, "geom": ["a", "ß"], "fid": "2026-01-01T00:00:00Z"}}]))

    assert made.columns == ("feature_id", "ID", "geom", "fid")
    assert found == [("7", 7, '["a","ß"]', "2026-01-01T00:00:00.000Z")]
    assert table.Table.of("odd", {"properties": {"id": {}, "geom": {}, "g": {
        "x-ogc-role": "primary-geometry", "format": "geometry-polygon"}}}).columns == (
            "feature_id", "id", "geom", "feature_geom")


def test_gone_from_the_feed(stand: Stand, orchard: Orchard, file: Path) -> None:
    """410: the layer is fetched whole, with a word about it; what a table of others has stays."""
    pull(stand.service, "trees", file)
    edit(orchard)
    stand.moods = [served, refused(410, "No longer kept.")]
    said: list[str] = []

    assert pull(stand.service, "trees", file, say=said.append).whole
    assert plain(rows(file)) == expected(orchard) and said == ["trees: No longer kept. It is fetched whole."]


def test_a_service_that_went_back(stand: Stand, orchard: Orchard, file: Path) -> None:
    """A service restored from an older backup has fewer states than the copy: the copy follows it."""
    edit(orchard)
    pull(stand.service, "trees", file)
    for path in orchard.store.promotion_files("trees")[:1]:
        path.unlink()
    said: list[str] = []

    assert pull(stand.service, "trees", file, say=said.append).whole and "is yet to come" in said[0]
    assert held(file)[0] == 1 and len(rows(file)) == 12


@pytest.mark.parametrize("damage", [
    "DELETE FROM hantsmap_pull_texts WHERE id = 't05'", "UPDATE hantsmap_pull_texts SET sha256 = 'x' WHERE id = 't05'",
    "UPDATE hantsmap_pull SET sequence = 2"])
def test_a_copy_out_of_step_is_mended(stand: Stand, orchard: Orchard, file: Path, damage: str) -> None:
    """A copy that is not the state it says is found by count and digest, said, and fetched whole."""
    pull(stand.service, "trees", file)
    with sqlite3.connect(file) as opened:
        opened.execute(damage)
    edit(orchard)
    said: list[str] = []

    assert pull(stand.service, "trees", file, say=said.append).whole
    assert "or they are not the same ones. It is fetched whole." in said[0]
    assert plain(rows(file)) == expected(orchard)


def test_rows_taken_away_in_a_gis_come_back(stand: Stand, orchard: Orchard, file: Path) -> None:
    """A feature that somebody deleted from the copy is missed at the next run, and comes back."""
    pull(stand.service, "trees", file)
    with package.Package(file) as opened:
        assert opened.file is not None
        opened.file.execute("DELETE FROM trees WHERE code = 't05'")

    assert pull(stand.service, "trees", file).whole and plain(rows(file)) == expected(orchard)


def test_a_service_that_contradicts_itself(stand: Stand, orchard: Orchard, file: Path) -> None:
    """When even the whole layer is not what the service says, nothing is kept of it, and what was held stays."""
    pull(stand.service, "trees", file)
    edit(orchard)
    stand.digest = "0" * 64
    with pytest.raises(ServiceError, match=r"or they are not the same ones. What is held stays as it is"):
        pull(stand.service, "trees", file)

    assert held(file)[0] == 1 and len(rows(file)) == 12 and "t13" not in rows(file)


def test_published_while_it_is_fetched(stand: Stand, orchard: Orchard, file: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer that changes between two requests is fetched again, until schema and features are of one state."""
    pull(stand.service, "trees", file)
    monkeypatch.setattr(machinery.Table, "of", classmethod(lambda cls, layer, schema, real=machinery.Table.of: real(
        layer, schema if len(stand.asked) > 4 else {"properties": {"code": {"type": "string"}}})))

    assert pull(stand.service, "trees", file).whole and plain(rows(file)) == expected(orchard)


def test_a_licence_to_accept(stand: Stand, file: Path) -> None:
    """403: the service's own sentence and the address where the licence is accepted; nothing is written."""
    stand.moods = [refused(403, "Accept the licence of the contract first.")]
    with pytest.raises(TermsError, match=r"trees: Accept the licence of the contract first. https://maps.example.org/lic"):
        pull(stand.service, "trees", file)

    assert not file.exists()


@pytest.mark.parametrize(("mood", "why"), [
    (refused(401, "Unknown key."), "does not accept the key: Unknown key."), (refused(404), "has no layer `trees`"),
    (refused(302, Location="http://evil.example/"), "with 302"), (refused(418, "A teapot."), "with 418: A teapot")])
def test_refusals(stand: Stand, file: Path, mood: Any, why: str) -> None:
    """What the service refuses is said, is not tried again, and no redirect is followed with a key."""
    stand.moods = [mood]
    with pytest.raises(ServiceError, match=why):
        pull(stand.service, "trees", file)

    assert len(stand.asked) == 1 and stand.slept == []


def test_waiting(stand: Stand, orchard: Orchard, file: Path) -> None:
    """Busy, failing and broken answers are asked for again, after as long as the service says or a little longer each
    time."""
    stand.moods = [refused(429, Retry_After="7"), served, refused(503), broken, refused(502)]

    assert pull(stand.service, "trees", file).whole and plain(rows(file)) == expected(orchard)
    assert stand.slept == [7.0, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(("moods", "slept"), [
    ([refused(503, Retry_After="86400")], []), ([refused(500)] * 6, [1.0, 2.0, 4.0, 8.0, 16.0]),
    ([refused(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")] * 6, [0.0] * 5)])
def test_giving_up(stand: Stand, orchard: Orchard, file: Path, moods: list[Any], slept: list[float]) -> None:
    """After six answers, or when the wait would be too long, it ends with a sentence, and what is held stays."""
    pull(stand.service, "trees", file)
    stand.moods = [served, *moods]
    with pytest.raises(ServiceError, match="did not answer for trees"):
        pull(stand.service, "trees", file)

    assert stand.slept == slept and plain(rows(file)) == expected(orchard)


def test_nobody_there(file: Path) -> None:
    """Where nothing listens, it says so after a while."""
    from hantsmap.pull import Service

    with pytest.raises(ServiceError, match="did not answer for trees"):
        pull(Service("http://127.0.0.1:1", sleep=lambda seconds: None), "trees", file)


@pytest.mark.parametrize(("url", "key"), [
    ("maps.example.org", None), ("ftp://maps.example.org", None), ("https://user:secret@maps.example.org", None),
    ("https://maps.example.org?key=x", None), ("https://maps.example.org", "two words")])
def test_addresses_and_keys_that_are_none(url: str, key: str | None) -> None:
    """An address with a secret in it, or a key that cannot be one, is refused before anything is asked."""
    from hantsmap.pull import Service

    with pytest.raises(ServiceError):
        Service(url, key)


def test_what_is_not_ours_is_left_alone(stand: Stand, tmp_path: Path) -> None:
    """A GeoPackage of somebody else keeps its layers; a table of theirs with the layer's name is not touched, and a
    file that is no GeoPackage neither."""
    theirs, other = tmp_path / "theirs.gpkg", tmp_path / "other.gpkg"
    frame = pyogrio.read_dataframe(tmp_path / "orchard/data/west.geojson")
    pyogrio.write_dataframe(frame, theirs, layer="fields")
    pull(stand.service, "trees", theirs)
    assert len(pyogrio.read_dataframe(theirs, layer="fields")) == 1 and len(rows(theirs)) == 12
    pyogrio.write_dataframe(frame, other, layer="trees")
    before = other.read_bytes()
    with pytest.raises(PackageError, match="has a table `trees` that this command did not make"):
        pull(stand.service, "trees", other)
    assert other.read_bytes() == before
    for name, content in (("text.gpkg", b"hello, this is no database at all"), ("empty.gpkg", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PackageError):
            pull(stand.service, "trees", tmp_path / name)
        assert (tmp_path / name).read_bytes() == content
    with pytest.raises(PackageError, match="cannot be kept in step"):
        pull(stand.service, "trees", tmp_path / "nowhere/copy.gpkg")


def test_held_by_another_program(stand: Stand, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program writes to the file, it says so and changes nothing."""
    pull(stand.service, "trees", file)
    monkeypatch.setattr(package, "WAIT_S", 0.05)
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PackageError, match=r"database is locked\). It stays as it was"):
            pull(stand.service, "trees", file)


def test_the_schema_of_something_else() -> None:
    """What is no schema is said to be none."""
    with pytest.raises(ServiceError, match="names no properties"):
        table.Table.of("trees", json.loads("{}"))
