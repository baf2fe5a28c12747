"""What differs between two renditions, said in the words that contractors know."""

from __future__ import annotations

import json

import numpy as np
import pytest
from orchard import Orchard, lines_of, tree
from workbench import Workbench
from workbench import tree as bench_tree

from hantsmap.catalogue import Shelf
from hantsmap.changes import change_set, difference, feed
from hantsmap.changes.difference import DELETE, INSERT
from hantsmap.errors import DamagedError
from hantsmap.rendition import Rendition
from hantsmap.store import Store
from hantsmap.verify import verify


def told(orchard: Orchard, audience: str = "staff", layer: str = "trees") -> list[tuple[object, ...]]:
    """What an audience is told since its last state but one."""
    entry = orchard.entry(audience, layer)
    assert entry is not None
    return [(change["op"], change["changetype"], change["id"], change["fields_changed"])
            for change in orchard.changes(audience, entry.sequence - 1, layer=layer)]


def test_words_of_changes(orchard: Orchard) -> None:
    """Each way in which a feature can change has its word and names the fields, in the order of the registry."""
    orchard.rows |= {1: tree(1, x=439_201), 2: tree(2, height="", note="x"), 3: tree(3, name="Elm", x=1 + 439_600),
                     13: tree(13)}
    del orchard.rows[4]
    orchard.publish()

    assert sorted(told(orchard), key=lambda line: str(line[2])) == [
        ("update", "Modified Geometry", "t01", ["geometry"]),
        ("update", "Modified Attributes", "t02", ["height", "note"]),
        ("update", "Modified Geometry And Attributes", "t03", ["name", "geometry"]),
        ("delete", "End Of Life", "t04", []), ("insert", "New", "t13", [])]


def test_what_is_hidden_is_no_change(orchard: Orchard) -> None:
    """A note that the public does not see, a move within its square, and a tree it does not see, tell it nothing."""
    orchard.rows |= {1: tree(1, note="other"), 2: tree(2, x=439_410), 13: tree(13, state="shut")}
    orchard.publish()
    public = orchard.entry("public")

    assert public is not None and public.sequence == 1
    assert len(told(orchard)) == 3


def test_leaving_and_entering_the_area_of_a_contract(orchard: Orchard) -> None:
    """A tree that moves out of the area is deleted without a reason, and one that moves in is new."""
    orchard.rows |= {1: tree(1, x=444_000), 12: tree(12, x=439_000)}
    orchard.publish()

    assert told(orchard, "crew", "contract_trees") == [
        ("delete", "End Of Life", "t01", []), ("insert", "New", "t12", [])]
    assert {line[1] for line in told(orchard, "staff", "contract_trees")} == {"Modified Geometry"}


def test_another_grant_is_a_change_of_every_feature(orchard: Orchard) -> None:
    """With a field more, every feature that stays is an update of that field, and rows newly shown are inserts."""
    orchard.rows[12] = tree(12, state="shut")
    orchard.publish()
    orchard.grants = "wide"
    orchard.publish()
    lines = told(orchard, "public")

    assert lines.count(("insert", "New", "t12", [])) == 1
    assert {line[:2] + tuple(line[3]) for line in lines if line[0] != "insert"} == {  # type: ignore[arg-type]
        ("update", "Modified Attributes", "height")}
    assert len(lines) == 12


def test_net_and_history(orchard: Orchard) -> None:
    """Net, a tree that was changed twice is told once and one that went and came back not at all; the history has each
    step, with its own sequence."""
    for rows in ({1: tree(1, name="A"), 3: tree(3, name="A")}, {1: tree(1, name="B"), 3: tree(3)}):
        orchard.rows |= rows
        orchard.publish()

    assert [(line["seq"], line["id"]) for line in orchard.changes("staff", 1)] == [(3, "t01")]
    assert [(line["seq"], line["id"]) for line in orchard.changes("staff", 1, history=True)] == [
        (2, "t01"), (2, "t03"), (3, "t01"), (3, "t03")]


def test_a_change_set_is_a_function_of_two_renditions(orchard: Orchard) -> None:
    """Made when published, or made again after it was lost: the same bytes; it names no audience and no time."""
    first = orchard.entry("staff")
    orchard.rows[1] = tree(1, name="A")
    orchard.publish()
    second = orchard.entry("staff")
    assert first is not None and second is not None
    folder = orchard.store.changes("trees", first.rendition.id, second.rendition.id)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    assert change_set(orchard.store, "trees", first.rendition.id, second.rendition.id).count == 1

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before and set(before) == {
        "changes.arrow", "changes.json"}
    assert b"staff" not in b"".join(before.values())


def test_damage_is_found_and_mended(orchard: Orchard) -> None:
    """A change set that is not what was written is named by `verify`, is not told, and is made again."""
    orchard.rows[1] = tree(1, name="A")
    orchard.publish()
    file = next(path for path in (orchard.store.root / "changes/trees").rglob("changes.arrow"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert [str(file) in line for line in verify(orchard.store)[1]] == [True]

    assert [line["id"] for line in orchard.changes("public", 1)] == ["t01"]
    assert [line["id"] for line in orchard.changes("staff", 1)] == ["t01"]
    assert verify(orchard.store)[1] == []


def test_nothing_is_told_from_a_damaged_rendition(orchard: Orchard) -> None:
    """Where an older rendition is not what was written, what changed cannot be made."""
    first = orchard.entry("staff")
    assert first is not None
    file = first.rendition.folder / "digests.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    orchard.rows[1] = tree(1, name="A")
    orchard.publish()
    second = orchard.entry("staff")

    assert second is not None and second.sequence == 2
    with pytest.raises(DamagedError, match="is not the file that was written"):
        change_set(orchard.store, "trees", first.rendition.id, second.rendition.id)


def test_a_store_that_is_only_read(orchard: Orchard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written, what is asked for is answered all the same."""
    for name in "AB":
        orchard.rows[1] = tree(1, name=name)
        orchard.publish()
    monkeypatch.setattr(Store, "making", lambda store, **more: (_ for _ in ()).throw(PermissionError("read-only")))

    assert [line["id"] for line in orchard.changes("staff", 1)] == ["t01"]
    assert len(list((orchard.store.root / "changes/trees").iterdir())) == 4


def test_tables_and_whole_numbers(published: Workbench) -> None:
    """A layer without a geometry, whose ids are whole numbers: ids stay numbers, and no geometry changes."""
    published.rows("benches.csv", [{"number": 2, "name": "New"}, {"number": 9, "name": "Bench 9"}])
    published.publish()
    shelf = Shelf(published.store)
    shelf.refresh()
    lines = lines_of(feed(published.store, shelf.catalogue("public").entries["benches"], 1))

    assert [(line["op"], line["id"], line["fields_changed"]) for line in lines] == [
        ("delete", 1, []), ("delete", 3, []), ("delete", 4, []), ("delete", 5, []),
        ("update", 2, ["name"]), ("insert", 9, [])]
    assert lines[4]["feature"] == {"type": "Feature", "id": 2, "geometry": None,
                                   "properties": {"number": 2, "name": "New"}}


def test_words_alone_change_no_feature(published: Workbench) -> None:
    """Another title of the layer is another state with no changes: nothing in the features says it."""
    published.say("title: Trees", "title: Many trees")
    published.publish()
    shelf = Shelf(published.store)
    shelf.refresh()
    entry = shelf.catalogue("public").entries["trees"]

    assert entry.sequence == 2 and feed(published.store, entry, 1).count == 0


def test_the_order_of_fields_is_a_change(published: Workbench) -> None:
    """The same values in another order of fields are other texts: every feature is an update of its attributes."""
    name, height = "      name: {type: string, title: Name}\n", "      height: {type: number, title: Height, unit: m}\n"
    published.registry.write_text(published.registry.read_text().replace(name, "", 1).replace(height, height + name, 1))
    published.trees([bench_tree(number, kind="B") for number in range(1, 31)])
    published.publish()
    shelf = Shelf(published.store)
    shelf.refresh()
    changes = feed(published.store, shelf.catalogue("public").entries["trees"], 1)

    assert {line["changetype"] for line in lines_of(changes)} == {"Modified Attributes"} and changes.count == 30


def test_a_whole_county_of_changes(published: Workbench) -> None:
    """Forty thousand features, of which every eighth changed, one went and one came: exactly these are told."""
    published.trees([bench_tree(number) for number in range(1, 40_001)])
    published.publish("trees")
    rows = [bench_tree(number, **({"height": 99} if number % 8 == 0 else {})) for number in range(2, 40_002)]
    published.trees(rows)
    published.publish("trees")
    older, newer = (Rendition(published.store.rendition("trees", promotion.renditions["staff"]))
                    for promotion in published.store.history("trees")[1::-1])
    made = difference(older, newer)
    kinds = made.table["kind"].to_numpy()

    assert (older.count, newer.count, made.count) == (40_000, 40_000, 5_002)
    assert {made.kinds[number]: int((kinds == number).sum()) for number in np.unique(kinds)} == {
        DELETE: 1, INSERT: 1, made.kinds[2]: 5_000}
    assert (made.kinds[2].changetype, made.kinds[2].fields) == ("Modified Attributes", ("height",))
    assert all(json.loads(name) == str(newer.ids[at]) for name, at in zip(
        made.table["id"].to_pylist()[1::500], made.table["position"].to_pylist()[1::500], strict=True))
