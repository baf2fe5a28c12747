"""`erase` removes one record from the whole store, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from county_with_people import KEEPER, NUMBER, PATH_ID, PERSON, PHONE, CountyWithPeople, ids_of

from hantsmap.erasure import ProofError, RecordNotFoundError
from hantsmap.errors import DamagedError, StoreError
from hantsmap.rendition import Rendition
from hantsmap.suppression import SuppressionList


def test_an_erased_record_is_in_no_file_of_the_store(county: CountyWithPeople) -> None:
    """Before, the person stands in editions, renditions and every kind of download; afterwards in no file at all."""
    county.prepare("trees")
    asked = (PERSON, PHONE)
    escaped = PERSON.encode("unicode_escape").decode()
    assert county.holding(*asked) >= {".parquet", ".27700.json", ".arrow", ".gpkg", ".geojson", ".csv", ".fgb"}
    assert {".shp.zip", ".zip"} & county.holding(*asked)

    done = county.erase("trees", "t0005")

    assert (done.editions, done.renditions, done.values_known) == (2, 4, True)
    assert county.holding(*asked, escaped, "441234.56", "441234,56") == set()
    assert county.holding("t0005") == {".arrow"}  # the deletions that pullers get
    assert county.command("verify").returncode == 0


def test_a_line_with_a_key_of_two_fields_and_odd_letters_is_erased_from_tiles_too(county: CountyWithPeople) -> None:
    """The id with quotes, accents and a slash is found; the name is gone from tiles, the number from staff's files."""
    county.prepare("paths")
    assert ".pmtiles" in {suffix[-8:] for suffix in county.holding(KEEPER)}

    county.erase("paths", PATH_ID)

    assert county.holding(KEEPER, str(NUMBER), "440777.31") == set()
    kept = Rendition(county.rendition("paths", "staff"))
    assert ids_of(kept) == ["High-Street.1", "Mill-Lane.3"]
    assert kept.description.extent == (440000.0, 110000.0, 442000.0, 112000.0)


@pytest.mark.parametrize(("layer", "record_id"), [("trees", "t0005"), ("paths", PATH_ID), ("benches", "3")])
def test_what_is_left_is_what_a_publication_without_the_record_makes(
    county: CountyWithPeople, tmp_path: Path, layer: str, record_id: str
) -> None:
    """Each audience's rendition after an erasure is, byte for byte, the one that a store has into which the record
    never came; other layers keep theirs."""
    before = {name: county.store.current(name) for name in ("trees", "paths", "benches")}
    other = CountyWithPeople(tmp_path / "other")
    other.rename("t0009", "Another name")
    file = {"trees": "trees.csv", "paths": "paths.csv", "benches": "benches.csv"}[layer]
    lines = (other.data / file).read_text().splitlines(keepends=True)
    mark = {"trees": "t0005", "paths": "lane", "benches": "3,"}[layer]
    (other.data / file).write_text("".join(line for line in lines if not line.startswith(mark) and mark not in line))
    other.publish()

    county.erase(layer, record_id)

    for name, was in before.items():
        now, never = county.store.current(name), other.store.current(name)
        assert was and now and never
        assert now.renditions == never.renditions
        assert (now.sequence, now.action) == ((was.sequence + 1, "erased") if name == layer
                                              else (was.sequence, "published"))
        assert {(now.source_inputs, now.grant_inputs)} == {(was.source_inputs, was.grant_inputs)}


def test_the_next_publication_leaves_the_record_out_and_says_so(county: CountyWithPeople) -> None:
    """A source that still holds the record is published without it, with one finding that names nobody; a source that
    does not hold it any more is published without a finding."""
    county.erase("trees", "t0005")
    county.rename("t0007", "New name")

    [outcome] = county.publish("trees").values()

    assert (outcome.state, outcome.rows) == ("published", 29)
    assert [(each.rule, each.kind.value, each.row) for each in outcome.findings] == [("erased-record", "dropped", None)]
    assert "t0005" not in str(outcome.findings) and PERSON not in str(outcome.findings)
    assert county.holding(PERSON, PHONE) == set()
    county.made = [row for row in county.made if row["code"] != "t0005"]
    county.trees(county.made)
    [outcome] = county.publish("trees").values()
    assert (outcome.state, outcome.rows, outcome.findings) == ("published", 29, ())


def test_a_record_that_is_not_there_is_not_found(county: CountyWithPeople) -> None:
    """An unknown id or layer is exit code 4, and nothing is written; a repeated erasure is exit code 0."""
    state = county.store.state()
    for layer, record_id in (("trees", "t9999"), ("trees", "t000"), ("nothing", "1"), ("benches", "03")):
        with pytest.raises(RecordNotFoundError) as found:
            county.erase(layer, record_id)
        assert found.value.exit_code == 4
    assert county.store.state() == state and not (county.store.root / "suppression").exists()

    county.erase("trees", "t0005")
    again = county.erase("trees", "t0005")
    assert (again.editions, again.renditions, again.values_known) == (0, 0, False)


def test_findings_about_the_record_go_with_it(county: CountyWithPeople) -> None:
    """A finding that quotes the record is taken out of the edition, also where the row itself was never published."""
    county.made += [{**county.made[4], "code": "t0031", "x": 1, "y": 1}, {**county.made[8], "code": "t0032", "x": 2}]
    county.trees(county.made)
    county.registry.write_text(county.registry.read_text().replace(
        "    key: code\n", "    key: code\n    max_dropped: 1\n"))
    assert {finding.row for finding in county.publish("trees")["trees"].findings} == {"t0031", "t0032"}

    county.erase("trees", "t0031")

    assert county.holding("t0031") == set()
    assert county.holding("t0032") == {".json"}
    assert [finding.row for finding in county.publish("trees")["trees"].findings] == ["t0032"]


def test_a_withdrawn_layer_is_erased_from_its_old_editions(county: CountyWithPeople) -> None:
    """A layer that is served to nobody loses every edition and rendition that held the record."""
    county.registry.write_text(county.registry.read_text().partition("  paths:\n")[0])
    assert county.publish()["paths"].state == "withdrawn"
    assert county.holding(KEEPER) != set()

    county.erase("paths", PATH_ID)

    assert county.holding(KEEPER, str(NUMBER), "440777.31") == set()
    current = county.store.current("paths")
    assert current is not None and current.action == "withdrawn"


def test_the_only_record_of_a_layer_can_be_erased(county: CountyWithPeople) -> None:
    """A layer of which nothing is left stays, empty."""
    for number in range(1, 6):
        county.erase("benches", str(number))

    assert Rendition(county.rendition("benches", "public")).count == 0
    assert county.command("verify").returncode == 0


def test_a_copy_that_the_search_finds_is_exit_code_6(county: CountyWithPeople) -> None:
    """The proof names the file, and not the value; the record is no longer served all the same. When the copy is gone,
    the command proves it."""
    copy = county.store.root / "old-copy.csv"
    copy.write_text(f"t0005,{PERSON}\n")

    with pytest.raises(ProofError) as found:
        county.erase("trees", "t0005")

    assert found.value.exit_code == 6 and found.value.places == (str(copy),)
    assert PERSON not in str(found.value) and "t0005" not in str(found.value)
    assert "t0005" not in ids_of(Rendition(county.rendition("trees", "staff")))
    copy.unlink()
    assert county.erase("trees", "t0005").values_known


def test_the_same_record_under_an_older_id_goes_too(county: CountyWithPeople) -> None:
    """Older editions that hold its values under another id go too."""
    county.made[4]["code"] = "t0105"
    county.trees(county.made)
    county.publish("trees")

    done = county.erase("trees", "t0105")

    assert (done.editions, done.renditions) == (3, 6)

    assert county.holding(PERSON, PHONE) == set()


def test_cached_sources_are_deleted(county: CountyWithPeople) -> None:
    """Fetched copies of sources go: they are fetched again, without being kept while records are suppressed."""
    cached = county.store.root / "cache" / "remote" / "0123" / "body.csv"
    cached.parent.mkdir(parents=True)
    cached.write_text(PERSON)

    county.erase("trees", "t0005")

    assert not cached.exists()


def test_an_edition_from_a_backup_is_not_restored(county: CountyWithPeople, tmp_path: Path) -> None:
    """`restore` refuses an edition with an erased record (exit code 6), and a publication never renders it."""
    edition = county.edition("trees")
    shutil.copytree(county.store.edition("trees", edition), tmp_path / "kept")
    county.erase("trees", "t0005")
    shutil.copytree(tmp_path / "kept", county.store.edition("trees", edition))

    with pytest.raises(StoreError, match="was erased since"):
        county.restore("trees", edition)
    county.erase("trees", "t0005")
    assert county.holding(PERSON, PHONE) == set()


def test_a_damaged_current_edition_is_published_first(county: CountyWithPeople) -> None:
    """What is current cannot be written again when it is damaged: exit code 6, and the id is not on the list."""
    (county.store.edition("trees", county.edition("trees")) / "curated.parquet").write_bytes(b"PAR1")

    with pytest.raises(DamagedError, match="Publish the layer, then erase again"):
        county.erase("trees", "t0005")

    assert not SuppressionList(county.store, "trees").path.exists()
    county.publish("trees")
    county.erase("trees", "t0005")
    assert county.holding(PERSON, PHONE) == set()


def test_the_command_says_what_it_cannot_reach(county: CountyWithPeople) -> None:
    """The command lists the source, backups, pulled copies and logs; exit codes are 0, 4 and 2."""
    done = county.command("erase", "trees", "t0005", "--reason", "request 12")

    assert (done.returncode, done.stderr) == (0, "")
    for place in ("the source of trees", "backups", "those who pull", "logs kept elsewhere", "HANTSMAP_DOWNLOADS"):
        assert place in done.stdout
    assert "t0005" not in done.stdout
    assert county.command("erase", "trees", "t0099", "--reason", "x").returncode == 4
    assert county.command("erase", "trees", "t0006", "--reason", "about t0006").returncode == 2
    assert county.command("erase", "trees", "t0006").returncode == 2
    assert county.command("erase", "benches", "-5", "--reason", "x").returncode == 4
