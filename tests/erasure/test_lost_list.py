"""Erased records stay erased when the list of them is lost, or when their ids would be made in another way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from county_with_people import KEEPER, PATH_ID, PERSON, PHONE, CountyWithPeople

from hantsmap.errors import DamagedError
from hantsmap.publish import publish
from hantsmap.rendition import Rendition
from hantsmap.suppression import SuppressionList


def folder_of(county: CountyWithPeople) -> Path:
    """The folder of the lists of erased records."""
    return county.store.root / "suppression"


@pytest.mark.parametrize("lost", ["list", "folder", "newest entry"])
def test_a_lost_list_stops_publish_restore_and_erase(county: CountyWithPeople, tmp_path: Path, lost: str) -> None:
    """List gone, folder gone, or an older list: nothing is published, restored or erased in the layer (exit code 6),
    the sentence says what to do, and `verify` says it too. With the folder restored, the layer is published without
    the records."""
    county.erase("trees", "t0005")
    older = (folder_of(county) / "trees.json").read_bytes()
    county.erase("trees", "t0006")
    shutil.copytree(folder_of(county), tmp_path / "backup")
    edition = county.edition("trees")
    match lost:
        case "list":
            (folder_of(county) / "trees.json").unlink()
        case "folder":
            shutil.rmtree(folder_of(county))
        case "newest entry":
            (folder_of(county) / "trees.json").write_bytes(older)
    county.rename("t0007", "New name")

    [outcome] = county.publish("trees").values()

    assert (outcome.state, outcome.exit_code) == ("failed", 6)
    assert "2 records were erased from trees" in outcome.sentence
    assert f"Restore the folder {folder_of(county)} from a backup" in outcome.sentence
    for attempt in (lambda: county.restore("trees", edition), lambda: county.erase("trees", "t0008")):
        with pytest.raises(DamagedError, match="2 records were erased from trees"):
            attempt()
    assert county.holding(PERSON, PHONE) == set()
    checked = county.command("verify")
    assert checked.returncode == 6 and "2 records were erased from trees" in checked.stderr

    shutil.rmtree(folder_of(county), ignore_errors=True)
    shutil.copytree(tmp_path / "backup", folder_of(county))
    assert (county.publish("trees")["trees"].rows, county.command("verify").returncode) == (28, 0)
    assert county.holding(PERSON, PHONE) == set()


def test_every_later_promotion_repeats_how_many_were_erased(county: CountyWithPeople) -> None:
    """Erasing, publishing, restoring, withdrawing and publishing again: each promotion says how many records were
    erased. A withdrawal goes on without the list, and says that another name brings the records back."""
    edition = county.edition("trees")
    county.erase("trees", "t0005")
    assert county.erase("trees", "t0005").editions == 0
    county.rename("t0007", "New name")
    county.publish("trees")
    county.restore("trees", next(each for each in editions(county, "trees") if each != county.edition("trees")))
    registry = county.registry.read_text()
    county.registry.write_text(registry.replace("  trees: &tree\n", "  shrubs: &tree\n"))
    kept = folder_of(county).rename(county.root / "kept")
    withdrawn = county.publish()["trees"]
    kept.rename(folder_of(county))
    county.registry.write_text(registry)
    county.publish()

    assert edition not in editions(county, "trees")
    assert withdrawn.state == "withdrawn" and "published under another name" in withdrawn.sentence
    assert [(each.action, each.erasures) for each in county.store.history("trees")[::-1]] == [
        ("published", 0), ("published", 0), ("erased", 1), ("published", 1), ("restored", 1), ("withdrawn", 1),
        ("published", 1)]
    assert {each.key for each in county.store.history("trees")} == {("code (string)",)}
    assert {each.erasures for each in county.store.history("benches")} == {0}


def editions(county: CountyWithPeople, layer: str) -> list[str]:
    """Ids of the editions that are there."""
    return [path.name for path in (county.store.root / "editions" / layer).iterdir()]


def test_a_record_of_older_editions_only_is_counted_too(county: CountyWithPeople) -> None:
    """A record that the source no longer had, and one of a withdrawn layer: the erasure is a promotion, audiences see
    no new state, and the layer is not published once the list is gone."""
    kept, paths = county.made[:], (county.data / "paths.csv").read_text()
    county.trees([row for row in kept if row["code"] != "t0005"])
    registry = county.registry.read_text()
    county.registry.write_text(registry.partition("  paths:\n")[0])
    county.publish()
    before = {layer: county.store.current(layer) for layer in ("trees", "paths")}

    county.erase("trees", "t0005")
    county.erase("paths", PATH_ID)

    for layer, action in (("trees", "erased"), ("paths", "withdrawn")):
        was, now = before[layer], county.store.current(layer)
        assert was and now
        assert (now.sequence, now.action, now.erasures) == (was.sequence + 1, action, 1)
        assert (now.edition, now.renditions) == (was.edition, was.renditions)
        (folder_of(county) / f"{layer}.json").unlink()
    county.trees(kept)
    (county.data / "paths.csv").write_text(paths)
    county.registry.write_text(registry)
    outcomes = county.publish()
    assert [(outcomes[layer].state, outcomes[layer].exit_code) for layer in ("trees", "paths")] == [("failed", 6)] * 2
    assert county.holding(PERSON, PHONE, KEEPER) == set()


@pytest.mark.parametrize("lost", ["key", "folder"])
def test_no_second_key_is_made_while_the_first_is_missed(county: CountyWithPeople, lost: str) -> None:
    """Without the key no record of another layer is erased: a new key would replace the one that a backup still has."""
    county.erase("trees", "t0005")
    (folder_of(county) / "key").unlink()
    if lost == "folder":
        shutil.rmtree(folder_of(county))

    with pytest.raises(DamagedError, match="Restore"):
        county.erase("benches", "3")

    assert not (folder_of(county) / "key").exists() and not SuppressionList(county.store, "benches").path.exists()


@pytest.mark.parametrize(("old", "new", "now"), [
    ("    key: code\n", "    key: [code, kind]\n", "code (string), kind (string)"),
    ("    key: code\n", "    key: name\n", "name (string)"),
])
def test_another_key_waits_until_it_is_accepted(county: CountyWithPeople, old: str, new: str, now: str) -> None:
    """A layer with erased records gets another key: exit code 5, and the record does not come back under its new id.
    With `--accept` it is published once the source has the record no more, and the acceptance is a finding."""
    county.erase("trees", "t0005")
    county.say(old, new)

    [outcome] = county.publish("trees").values()

    assert (outcome.state, outcome.exit_code) == ("blocked", 5)
    assert f"The key was code (string) and is now {now}." in outcome.sentence
    assert "hantsmap publish --accept trees" in outcome.sentence and PERSON not in outcome.sentence
    assert county.holding(PERSON, PHONE) == set()
    assert county.publish("trees")["trees"].state == "blocked"

    county.trees([row for row in county.made if row["code"] != "t0005"])
    [outcome] = publish(county.workshop, ["trees"], accept=["trees"])
    assert (outcome.state, outcome.rows) == ("published", 29)
    assert [(each.rule, each.kind.value) for each in outcome.findings] == [("erased-ids-change", "doubtful")]
    county.rename("t0007", "New name")
    county.trees([row for row in county.made if row["code"] != "t0005"])
    assert [each.rule for each in county.publish("trees")["trees"].findings] == []


def test_another_type_of_the_key_waits_too(county: CountyWithPeople) -> None:
    """The type of the key is part of the id (7 or 007): another one is refused; without erased records it is free."""
    number = "      number: {type: integer, title: Number, required: true}"
    county.erase("benches", "3")
    county.say(number, number.replace("integer", "string"))

    [outcome] = county.publish("benches").values()

    assert (outcome.state, outcome.exit_code) == ("blocked", 5)
    assert "The key was number (integer) and is now number (string)." in outcome.sentence
    assert Rendition(county.rendition("benches", "public")).count == 4
    county.say("    key: code\n", "    key: name\n")
    assert county.publish("trees")["trees"].state == "published"
