"""The list of erased records: nobody can read ids from it, and no publication goes on without it."""

from __future__ import annotations

import hashlib
import hmac
import json
from stat import S_IMODE

import pytest
from county_with_people import CountyWithPeople

from hantsmap.errors import DamagedError
from hantsmap.rendition import Rendition
from hantsmap.suppression import SuppressionList


def test_the_list_holds_keyed_digests_only(county: CountyWithPeople) -> None:
    """A digest is an HMAC with the key of the store, which only the publisher's user may read: no number up to 1,000,
    with or without the layer, hashes to one of the list; two stores have other digests of the same id."""
    county.erase("benches", "3")
    folder = county.store.root / "suppression"
    [entry] = SuppressionList(county.store, "benches").entries()
    key = bytes.fromhex((folder / "key").read_text())

    assert S_IMODE((folder / "key").stat().st_mode) == 0o600 and len(key) == 32
    assert entry.digest == hmac.new(key, b"benches\x003", hashlib.sha256).hexdigest()
    assert entry.reason == "request 12"
    plain = {hashlib.sha256(f"{before}{number}".encode()).hexdigest()
             for number in range(1_000) for before in ("", "benches", "benches\0")}
    assert entry.digest not in plain
    assert key.hex() not in (folder / "benches.json").read_text()


@pytest.mark.parametrize("harm", ["key gone", "another key", "list damaged"])
def test_without_its_list_or_key_a_layer_is_not_published(county: CountyWithPeople, harm: str) -> None:
    """A damaged list, or a key that is missing or another one, stops the publication of its layer with exit code 6;
    other layers are published. The record does not come back."""
    county.erase("trees", "t0005")
    folder = county.store.root / "suppression"
    match harm:
        case "key gone":
            (folder / "key").unlink()
        case "another key":
            (folder / "key").write_text("ab" * 32)
        case "list damaged":
            said = json.loads((folder / "trees.json").read_text())
            (folder / "trees.json").write_text(json.dumps({**said, "entries": []}))
    county.rename("t0007", "New name")
    county.rows("benches.csv", [{"number": 9, "name": "Bench 9"}])

    outcomes = county.publish("trees", "benches")

    assert (outcomes["trees"].state, outcomes["trees"].exit_code) == ("failed", 6)
    assert "Restore" in outcomes["trees"].sentence
    assert outcomes["benches"].state == "published"
    checked = county.command("verify")
    assert checked.returncode == 6 and "list of erased records" in checked.stderr
    assert Rendition(county.rendition("trees", "staff")).position("t0005") is None
    with pytest.raises(DamagedError):
        county.erase("trees", "t0006")


def test_an_erasure_is_on_the_list_once(county: CountyWithPeople) -> None:
    """Erasing again adds nothing; each erased record has an entry with its own digest."""
    for record_id in ("t0005", "t0006", "t0005"):
        county.erase("trees", record_id)

    entries = SuppressionList(county.store, "trees").entries()
    assert len({entry.digest for entry in entries}) == len(entries) == 2
    assert SuppressionList(county.store, "trees").covers(["t0005", "t0004", "t0006", "T0005"]) == [
        True, False, True, False]
    assert SuppressionList(county.store, "benches").covers(["t0005"]) == [False]


def test_no_finding_quotes_a_value_of_an_erased_record(county: CountyWithPeople) -> None:
    """A finding about a whole column shows one value as an example. After the record with that value is erased, no
    edition quotes it, and the next publication, whose source still holds the record, does not quote it either."""
    county.say("note: {type: string, title: Note}\n    grants:", "note: {type: date, title: Planted}\n    grants:")
    for row in county.made:
        row["note"] = ""
    county.made[4]["note"] = "14/07/1987"
    county.trees(county.made)
    assert county.publish("trees")["trees"].exit_code == 0
    assert "14/07/1987" in findings_of(county)

    county.erase("trees", "t0005")
    assert "date-format" in findings_of(county) and "14/07/1987" not in findings_of(county)
    county.rename("t0007", "New name")
    assert county.publish("trees")["trees"].exit_code == 0
    assert "erased-record" in findings_of(county) and "14/07/1987" not in findings_of(county)


def findings_of(county: CountyWithPeople) -> str:
    """The findings that are kept with all editions of the trees, as text."""
    return "\n".join(path.read_text() for path in (county.store.root / "editions" / "trees").glob("*/edition.json"))
