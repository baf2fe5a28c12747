"""Editions are immutable and named by their content; promotions say which is current, and for whom since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pytest
import shapely
from workbench import Workbench, tree

from hantsmap.catalogue import Shelf
from hantsmap.errors import StoreError
from hantsmap.store import Store


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each promotion is made a day after the one before it."""
    days = iter(range(1000))
    monkeypatch.setattr("hantsmap.promoting.now", lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(next(days)))


def since(bench: Workbench, layer: str = "trees") -> dict[str, int]:
    """Day of the year on which each audience first saw what it sees of a layer."""
    shelf = Shelf(bench.store)
    shelf.refresh()
    found = {audience: shelf.catalogue(audience).entries.get(layer) for audience in ("public", "staff")}
    return {audience: entry.published.timetuple().tm_yday for audience, entry in found.items() if entry}


def test_nothing_is_written_twice(published: Workbench) -> None:
    """Publishing again without a change writes nothing: no promotion, and no file of the store changes its time."""
    before = {path: path.stat().st_mtime_ns for path in published.files("editions", "renditions", "promotions")}
    outcomes = published.publish()
    assert {name: (outcome.state, outcome.rows) for name, outcome in outcomes.items()} == {
        "trees": ("unchanged", 30), "benches": ("unchanged", 5)}
    after = {path: path.stat().st_mtime_ns for path in published.files("editions", "renditions", "promotions")}
    assert before == after and published.files("making") == []


def test_old_files_never_change(published: Workbench) -> None:
    """New data makes new folders; not one file of an older edition or rendition is touched."""
    before = {path: path.stat().st_mtime_ns for path in published.files("editions", "renditions", "promotions")}
    published.trees([tree(number, height=1) for number in range(1, 31)])
    published.publish()
    after = {path: path.stat().st_mtime_ns for path in published.files("editions", "renditions", "promotions")}
    assert before.items() < after.items()


def test_same_content_is_the_same_edition(published: Workbench) -> None:
    """Other row order, another name and another format of the source: the same edition and the same renditions."""
    first = published.store.current("trees")
    rows = [tree(number) for number in range(1, 31)]
    published.trees(rows[::-1])
    assert published.publish()["trees"].state == "published"
    assert (published.edition("trees"), published.store.current("trees").renditions) == (
        first.edition, first.renditions)
    frame = gpd.GeoDataFrame([{key: row[key] for key in ("code", "name", "kind", "height", "note")} for row in rows],
                             geometry=[shapely.Point(row["x"], row["y"]) for row in rows], crs=27700)
    frame.to_file(published.data / "trees.gpkg", layer="trees")
    published.say('{file: trees.csv, crs: "EPSG:27700", geometry: {x: x, y: y}}', "{file: trees.gpkg}")
    assert published.publish()["trees"].state == "published"
    assert (published.edition("trees"), published.store.current("trees").renditions) == (
        first.edition, first.renditions)
    assert len(list((published.store.root / "editions" / "trees").iterdir())) == 1
    assert [promotion.sequence for promotion in published.store.history("trees")] == [3, 2, 1]


def test_other_content_is_another_edition(published: Workbench) -> None:
    """One value, one coordinate or one title of a field changes the edition."""
    seen = {published.edition("trees")}
    rows = [tree(number) for number in range(1, 31)]
    for change in ({"note": "other"}, {"x": rows[0]["x"] + 0.01}):
        published.trees([rows[0] | change, *rows[1:]])
        published.publish()
        seen.add(published.edition("trees"))
    published.say("title: Note}", "title: Notes}")
    published.publish()
    assert len(seen | {published.edition("trees")}) == 4


@pytest.mark.usefixtures("clock")
def test_hidden_change_moves_no_date(bench: Workbench) -> None:
    """A change that the public cannot see changes neither its rendition nor the date it sees; the staff see both."""
    bench.publish("trees")
    first = bench.store.current("trees")
    bench.trees([tree(number, note="secret") for number in range(1, 31)])
    bench.publish("trees")
    second = bench.store.current("trees")
    assert first.renditions["public"] == second.renditions["public"]
    assert first.renditions["staff"] != second.renditions["staff"]
    assert since(bench) == {"public": 1, "staff": 2}


@pytest.mark.usefixtures("clock")
def test_date_is_that_of_the_audience(bench: Workbench) -> None:
    """What the staff have had since the first day is new to the public on the day that it is granted."""
    bench.say("    grants: {public: {fields: all}}", "    grants: {staff: {fields: all}}")
    bench.publish("benches")
    assert since(bench, "benches") == {"staff": 1}
    bench.say("    grants: {staff: {fields: all}}", "    grants: {public: {fields: all}}")
    bench.publish("benches")
    assert since(bench, "benches") == {"public": 2, "staff": 1}


@pytest.mark.usefixtures("clock")
def test_date_of_what_came_back(bench: Workbench) -> None:
    """Content that was there, went and came back is as new as its return."""
    for height in (1, 2, 1):
        bench.trees([tree(number, height=height) for number in range(1, 31)])
        bench.publish("trees")
    assert since(bench) == {"public": 3, "staff": 3}


def test_restore(published: Workbench) -> None:
    """An older edition becomes current under today's grants, and holds until its source changes."""
    old = published.edition("trees")
    published.trees([tree(number) for number in range(1, 41)])
    published.publish()
    published.say("fields: [code, name, kind, height]", "fields: [code, name]")
    outcome = published.restore("trees", old[:8])
    assert (outcome.state, outcome.rows, published.edition("trees")) == ("restored", 30, old)
    shelf = Shelf(published.store)
    shelf.refresh()
    rendition = shelf.catalogue("public").entries["trees"].rendition
    assert (rendition.count, list(rendition.fields)) == (30, ["code", "name"])
    assert published.publish()["trees"].state == "unchanged"
    published.trees([tree(number) for number in range(1, 42)])
    assert published.publish()["trees"].rows == 41
    assert [promotion.action for promotion in published.store.history("trees")] == [
        "published", "restored", "published", "published"]


def test_restore_of_nothing(published: Workbench) -> None:
    """An edition that is not there is refused with the ones that are, and nothing is promoted."""
    with pytest.raises(StoreError, match=rf"trees has 0 editions that begin with `zz`\. It has: "
                                         rf"{published.edition('trees')}\."):
        published.restore("trees", "zz")
    with pytest.raises(StoreError, match=r"has 0 editions that begin with `\.\./`"):
        published.restore("trees", "../")
    assert len(published.store.history("trees")) == 1


def test_restore_under_other_fields(published: Workbench) -> None:
    """An edition made under other fields is refused: today's grants say nothing about a field that is not there."""
    old = published.edition("trees")
    published.say("      note: {type: string, title: Note}\n", "      note: {type: string, title: Note}\n"
                  "      owner: {type: string, title: Owner}\n")
    published.trees([tree(number, owner="X") for number in range(1, 31)])
    published.publish()
    with pytest.raises(StoreError, match=r"made under other fields \(owner\)"):
        published.restore("trees", old)


def test_layer_that_left_the_registry(published: Workbench) -> None:
    """A layer taken out of the registry is withdrawn for everybody; its edition stays, and it can come back."""
    edition = published.edition("benches")
    text = published.registry.read_text()
    published.registry.write_text(text[: text.index("  benches:")])
    assert published.publish("trees")["trees"].state == "unchanged", "naming a layer withdraws no other"
    assert published.store.current("benches").action == "published"
    assert published.publish()["benches"].state == "withdrawn"
    shelf = Shelf(published.store)
    shelf.refresh()
    assert list(shelf.catalogue("staff").entries) == ["trees"]
    assert "benches" not in published.publish(), "it is withdrawn once"
    assert published.store.edition("benches", edition).is_dir()
    published.registry.write_text(text)
    assert published.publish()["benches"].state == "published"
    assert published.edition("benches") == edition


def test_two_promotions_at_the_same_instant(published: Workbench) -> None:
    """The state of a store tells two promotions apart that have the same time on disk."""
    import os

    store = Store(published.store.root)
    before, folder = store.state(), store.root / "promotions" / "trees"
    times = folder.stat()
    published.trees([tree(number) for number in range(1, 32)])
    published.publish()
    os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert store.state() != before


def test_a_folder_that_is_no_store(bench: Workbench) -> None:
    """A folder with other things in it is not published to; nothing is written there."""
    bench.store.root.mkdir()
    (bench.store.root / "holiday.jpg").write_text("x")
    with pytest.raises(StoreError, match="is not empty and is no store"):
        bench.publish()
    assert [path.name for path in bench.store.root.iterdir()] == ["holiday.jpg"]


def test_a_store_of_another_version(published: Workbench) -> None:
    """A store written by a newer version is refused: the sentence has both numbers and says what to install."""
    (published.store.root / "format").write_text("hantsmap store 99\n")
    with pytest.raises(StoreError, match=r"by a newer version of HantsMap \(store format 99, .* Install the newer"):
        published.publish()
