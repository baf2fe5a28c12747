"""A file that is not what was written: it is named, the last good promotion stands in, publishing again mends it."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from workbench import Workbench, tree

from hantsmap.catalogue import Shelf
from hantsmap.verify import verify
from server import create_app
from server.settings import Settings
from server.shelf import Served

RENDITION = ("attributes.arrow", "boxes.npy", "digests.npy", "features.27700.json", "features.crs84.json",
             "geometry.arrow", "ids.npy", "offsets.27700.npy", "offsets.crs84.npy", "rendition.json")
EDITION = ("curated.parquet", "edition.json")


@pytest.fixture
def twice(published: Workbench) -> Workbench:
    """Published twice: 30 trees, then 31."""
    published.trees([tree(number) for number in range(1, 32)])
    assert published.publish()["trees"].state == "published"
    return published


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def counts(shelf: Shelf, audience: str = "public") -> dict[str, int]:
    """Features of each layer as an audience sees it."""
    return {name: entry.rendition.count for name, entry in shelf.catalogue(audience).entries.items()}


def place(bench: Workbench, name: str) -> Path:
    """A file of the current edition of the trees, or of what the public sees of it."""
    if name in EDITION:
        return bench.store.edition("trees", bench.edition("trees")) / name
    return bench.rendition("trees", "public") / name


@pytest.mark.parametrize("name", [*RENDITION, *EDITION])
@pytest.mark.parametrize("how", ["flipped", "truncated", "gone"])
def test_verify_names_the_file_and_publishing_mends_it(twice: Workbench, name: str, how: str) -> None:
    """A bit flipped, an end cut off or a file gone: `verify` names that file and no other, and `publish` heals it."""
    file = place(twice, name)
    before = file.read_bytes()
    if how == "flipped":
        flip(file)
    elif how == "truncated":
        file.write_bytes(before[:-1])
    else:
        file.unlink()
    _, damage = verify(twice.store)
    assert len(damage) == 1 and str(file) in damage[0] and damage[0].endswith("backup.")
    assert {name: outcome.state for name, outcome in twice.publish().items()} == {
        "trees": "published", "benches": "unchanged"}
    assert verify(twice.store)[1] == []
    assert file.exists() and (file.read_bytes() == before or name == "edition.json")


@pytest.mark.parametrize("name", RENDITION)
def test_last_good_promotion_stands_in(twice: Workbench, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A server sets a damaged rendition aside within one look, says so, and serves the promotion before it to the
    audiences of that rendition; the others go on with the newest."""
    served = Served(twice.store)
    assert counts(served.shelf) == {"trees": 31, "benches": 5}
    flip(place(twice, name))
    with caplog.at_level(logging.WARNING, "hantsmap"):
        served.look()
    assert counts(served.shelf) == {"trees": 30, "benches": 5}
    assert counts(served.shelf, "staff") == {"trees": 31, "benches": 5}
    assert served.catalogue("public").outdated == {"trees"} and not served.catalogue("staff").outdated
    assert str(place(twice, name)) in caplog.text
    assert "trees: files of promotion 2 are damaged: public is served promotion 1." in caplog.text
    twice.publish()
    served.look()
    assert counts(served.shelf) == {"trees": 31, "benches": 5} and served.shelf.damaged == {}


def test_damage_is_found_on_starting(twice: Workbench) -> None:
    """A server that starts on a damaged store never serves what is damaged."""
    flip(place(twice, "features.crs84.json"))
    assert counts(Served(twice.store).shelf) == {"trees": 30, "benches": 5}


def test_what_stands_in_is_checked_too(twice: Workbench) -> None:
    """Damage in both promotions of a layer, of the same size: the layer is gone at once, the other is served."""
    history = twice.store.history("trees")
    for promotion in history:
        flip(twice.store.rendition("trees", promotion.renditions["public"]) / "features.crs84.json")
    assert counts(Served(twice.store).shelf) == {"benches": 5}


def test_a_backup_put_back_is_served_again(twice: Workbench) -> None:
    """A damaged folder that is restored from a backup is served again, without a restart or a new promotion."""
    folder = twice.rendition("trees", "public")
    shutil.copytree(folder, twice.root / "backup")
    served = Served(twice.store)
    flip(folder / "ids.npy")
    served.look()
    assert counts(served.shelf)["trees"] == 30
    shutil.rmtree(folder)
    shutil.copytree(twice.root / "backup", folder)
    served.look()
    assert counts(served.shelf)["trees"] == 31


def test_damaged_promotion(twice: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    """A bit flipped in the newest promotion: `verify` names the file, nothing of the layer is served, publishing heals
    it, and its number is not used again."""
    file = twice.store.promotion_files("trees")[0]
    assert file.name == "00000002.json"
    flip(file)
    assert [str(file) in sentence for sentence in verify(twice.store)[1]] == [True]
    served = Served(twice.store)
    assert counts(served.shelf) == counts(served.shelf, "staff") == {"benches": 5}
    assert served.catalogue("public").unavailable == served.catalogue("staff").unavailable == {"trees"}
    assert f"trees: its newest promotion cannot be read, so nothing of it is served. {file} " in caplog.text
    assert twice.publish()["trees"].state == "published"
    served.look()
    assert counts(served.shelf)["trees"] == 31
    assert [promotion.sequence for promotion in twice.store.history("trees")] == [3, 1]


def test_every_bit_of_a_promotion_counts(twice: Workbench) -> None:
    """No byte of a promotion can be changed, not even a blank, without being found."""
    file = twice.store.promotion_files("trees")[0]
    content = file.read_bytes()
    for at in range(len(content)):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
        assert twice.store.current("trees") is None
    file.write_bytes(content)
    assert twice.store.current("trees").sequence == 2


def test_only_edition_damaged(published: Workbench, caplog: pytest.LogCaptureFixture) -> None:
    """Damage in the only rendition of a layer: it is answered with 503, other answers are as before, and publishing
    mends it."""
    client = create_app(Settings(published.store.root)).test_client()
    served = client.application.extensions["hantsmap"]
    benches = client.get("/collections/benches/items").data
    assert client.get("/collections/trees/items").json["numberMatched"] == 30
    flip(place(published, "attributes.arrow"))
    served.look()
    assert client.get("/collections/trees/items").status_code == 503
    assert client.get("/collections/benches/items").data == benches
    assert client.get("/").status_code == 200
    assert "trees: files of promotion 1 are damaged: public is not served." in caplog.text
    published.publish()
    served.look()
    assert client.get("/collections/trees/items").json["numberMatched"] == 30


def test_row_that_was_hidden_since_stays_hidden(published: Workbench) -> None:
    """The public sees oaks only; a tree turns out to be a beech, and the newest rendition is damaged. The promotion
    before it has the same rules and still shows that tree, so it does not stand in."""
    published.say("fields: [code, name, kind, height]", "fields: [code, name, kind]\n        rows: {kind: [O]}")
    published.publish()
    published.trees([tree(number, kind="B" if number == 2 else "OB"[number % 2]) for number in range(1, 31)])
    published.publish()
    served = Served(published.store)
    assert counts(served.shelf)["trees"] == 14
    flip(place(published, "features.crs84.json"))
    served.look()
    assert counts(served.shelf) == {"benches": 5} and served.catalogue("public").unavailable == {"trees"}
    assert counts(served.shelf, "staff") == {"trees": 30, "benches": 5}


def test_count_that_is_suppressed_since_stays_so(published: Workbench) -> None:
    """A height is a count, and is suppressed under 10. The promotion before the damaged one shows a count that is
    suppressed now, so it does not stand in."""
    published.say("      public:\n        fields: [code, name, kind, height]",
                  "      public:\n        fields: [code, name, height]\n        counts: {fields: [height]}")
    published.say("height: {type: number, title: Height, unit: m}",
                  "height: {type: integer, title: People, count: true}")
    published.say("staff: {fields: all}", "staff: {fields: all, exact_counts: Staff count them.}")
    published.trees([tree(number, height=50) for number in range(1, 31)])
    assert published.publish()["trees"].exit_code == 0
    published.trees([tree(number, height=3 if number == 2 else 50) for number in range(1, 31)])
    assert published.publish()["trees"].exit_code == 0
    served = Served(published.store)
    assert counts(served.shelf)["trees"] == 30
    flip(place(published, "features.crs84.json"))
    served.look()
    assert counts(served.shelf) == {"benches": 5} and served.catalogue("public").unavailable == {"trees"}


def test_reference_that_is_left_out_since_stays_so(published: Workbench) -> None:
    """Benches name trees. Which of them may be named is not among the rules of the benches, so the promotion before a
    damaged one does not stand in: it may name one that has been hidden since."""
    published.say("number: {type: integer, title: Number, required: true}\n      name: {type: string, title: Name}",
                  "number: {type: integer, title: Number, required: true}\n"
                  "      name: {type: string, title: Tree, references: trees}")
    rows = [{"number": number, "name": f"t{number:04d}"} for number in range(1, 6)]
    published.rows("benches.csv", rows)
    published.publish()
    published.rows("benches.csv", [*rows, {"number": 6, "name": "t0009"}])
    published.publish()
    served = Served(published.store)
    assert counts(served.shelf)["benches"] == 6
    flip(published.rendition("benches", "public") / "features.crs84.json")
    served.look()
    assert counts(served.shelf) == {"trees": 30} and served.catalogue("public").unavailable == {"benches"}


def test_rules_that_were_tightened_stay_so(published: Workbench) -> None:
    """A promotion under older, wider rules never stands in for a damaged one: what was held back since stays so."""
    published.say("fields: [code, name, kind, height]", "fields: [code, name, kind]")
    published.publish()
    served = Served(published.store)
    assert list(served.catalogue("public").entries["trees"].rendition.fields) == ["code", "name", "kind", "kind_text"]
    flip(place(published, "features.crs84.json"))
    served.look()
    assert counts(served.shelf) == {"benches": 5}
