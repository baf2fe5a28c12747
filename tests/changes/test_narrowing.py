"""After a narrower grant, an older state cannot be asked for; what is withheld now is in no older text."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from orchard import Orchard, tree

from hantsmap import visibility
from hantsmap.changes import read_since
from hantsmap.errors import DamagedError, PrunedError
from hantsmap.prune import prune
from hantsmap.store import files
from hantsmap.store.timeline import at, history_start

CLOCK = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each promotion is made a day after the one before."""
    times = (CLOCK + timedelta(days=number) for number in range(1_000))
    monkeypatch.setattr("hantsmap.promoting.now", lambda: next(times))


def published(orchard: Orchard, *grants: str) -> Orchard:
    """The orchard published once more under each of these grants."""
    for name in grants:
        orchard.grants = name
        orchard.publish()
    return orchard


def refused(orchard: Orchard, since: int, audience: str = "public", **asked: str | bool) -> int:
    """The oldest sequence, told when the changes since a state are refused."""
    with pytest.raises(PrunedError) as gone:
        orchard.changes(audience, since, **asked)  # type: ignore[arg-type]
    return gone.value.oldest


def test_a_narrower_grant_starts_the_history_anew(orchard: Orchard) -> None:
    """A name that was public and is withheld now is in no change, and no change names its field; older sequences are
    refused with the oldest one; the change set that would name it is not made. The staff's history goes on."""
    published(orchard, "nameless")

    for history in (False, True):
        told = orchard.changes("public", 0, history=history)
        assert [(line["seq"], line["op"], line["fields_changed"]) for line in told] == [(2, "insert", [])] * 12
        assert not any("name" in line["feature"]["properties"] for line in told)
        assert refused(orchard, 1, history=history) == 2
        assert orchard.changes("public", 2, history=history) == []
    entry = orchard.entry("public")
    assert entry is not None and [step.readable for step in entry.timeline] == [False, True]
    with pytest.raises(DamagedError):
        at(entry.timeline, 1)
    assert not (orchard.store.root / "changes/trees").exists()
    staff = orchard.entry("staff")
    assert staff is not None and staff.sequence == 1 and history_start(staff.timeline) == 1


@pytest.mark.usefixtures("clock")
def test_a_time_before_the_history_is_refused(orchard: Orchard) -> None:
    """A time is refused like a sequence: who kept a time may hold what was seen under the wider rules."""
    published(orchard, "wide", "usual")
    entry = orchard.entry("public")
    assert entry is not None

    assert read_since(entry, "0") == 0 and history_start(entry.timeline) == entry.sequence
    with pytest.raises(PrunedError) as gone:
        read_since(entry, "2020-01-01T00:00:00Z")
    assert gone.value.oldest == entry.sequence


def test_a_wider_grant_goes_on_with_the_history(orchard: Orchard) -> None:
    """What was seen under narrower rules may be told under wider ones: the changes since then name the new field."""
    published(orchard, "wide")

    assert {tuple(line["fields_changed"]) for line in orchard.changes("public", 1)} == {("height",)}
    assert {line["seq"] for line in orchard.changes("public", 0, history=True)} == {1, 2}


def test_a_history_that_ended_stays_closed(orchard: Orchard) -> None:
    """Narrowed and widened again, the grant is that of the first day; what was seen then stays closed all the same. A
    layer that was taken away and comes back starts anew too."""
    published(orchard, "wide", "nameless", "wide")
    assert refused(orchard, 2) == 3 and {line["seq"] for line in orchard.changes("public", 0, history=True)} == {3, 4}

    published(orchard, "staff only", "wide")
    assert refused(orchard, 4) == 6 and {line["seq"] for line in orchard.changes("public", 0, history=True)} == {6}


def test_another_area_of_the_same_name_is_not_compared(orchard: Orchard) -> None:
    """A contract's area whose boundary changed may be smaller anywhere: the contract's history starts anew, and nobody
    else's does."""
    place = orchard.root / "data/west.geojson"
    place.write_text(place.read_text().replace("440000.0", "440100.0"))
    orchard.rows[1] = tree(1, name="Elm")
    orchard.publish()

    assert refused(orchard, 1, "crew", layer="contract_trees") == 2
    assert len(orchard.changes("staff", 1)) == 1


def test_a_row_that_moved_to_a_hidden_class(orchard: Orchard) -> None:
    """It is deleted once, by its id, and none of the older texts is told; a row that was hidden all along is not
    mentioned; a row that came back is told as it is."""
    orchard.rows |= {2: tree(2, name="Secret oak"), 3: tree(3, name="Secret elm"), 13: tree(13, state="shut")}
    orchard.publish()
    orchard.rows |= {2: tree(2, state="shut"), 3: tree(3, name="Elm", state="shut")}
    orchard.publish()
    orchard.rows |= {3: tree(3, name="Elm"), 4: tree(4, name="Ash")}
    orchard.publish()
    told = orchard.changes("public", 0, history=True)

    assert [(line["op"], line["feature"]) for line in told if line["id"] == "t02"] == [("delete", None)]
    assert [(line["seq"], line["op"]) for line in told if line["id"] == "t03"] == [
        (1, "insert"), (2, "update"), (3, "delete"), (4, "insert")]
    assert "Secret oak" not in str(told) and "t13" not in str(told)
    assert [line["op"] for line in orchard.changes("public", 1) if line["id"] == "t02"] == ["delete"]


def test_a_value_that_is_left_out_now_is_in_no_older_text(orchard: Orchard) -> None:
    """A value may be null because it is withheld since: texts with the value are not told any more."""
    orchard.grants = "wide"
    orchard.rows[5] = tree(5, height=71.25)
    orchard.publish()
    orchard.rows[5] = tree(5, height="")
    orchard.publish()
    told = [line for line in orchard.changes("public", 0, history=True) if line["id"] == "t05"]

    assert "71.25" not in str(told)
    assert told[-1]["feature"]["properties"]["height"] is None


def test_records_that_cannot_be_read_start_the_history_anew(orchard: Orchard) -> None:
    """Without the newest promotion, or the record of what might be seen, nothing is known to be contained in today's
    rules. A promotion in between that cannot be read opens nothing that another has closed."""
    published(orchard, "wide", "nameless")
    newest = orchard.store.promotion_files("trees")[0]
    published(orchard, "usual")
    assert refused(orchard, 2) == 3, "names are seen again, and the history is that of the nameless"
    newest.write_bytes(b"")
    assert refused(orchard, 1) > 1

    for record in (orchard.store.root / "visibility/trees").iterdir():
        record.unlink()
    orchard.rows[1] = tree(1, name="Elm")
    orchard.publish()
    entry = orchard.entry("staff")
    assert entry is not None and history_start(entry.timeline) == entry.sequence


def test_nothing_leads_through_a_state_under_wider_rules(orchard: Orchard) -> None:
    """Names are hidden, shown and hidden again. The rendition without names is lost, and its changes lead on through
    the one with names: that is not opened, and whoever has the lost state begins anew."""
    published(orchard, "nameless")
    published(orchard, "usual")
    published(orchard, "nameless")
    lost = orchard.entry("public")
    assert lost is not None and not lost.timeline[2].readable and lost.timeline[3].readable
    orchard.rows[1] = tree(1, x=445_500)
    orchard.publish()
    entry = orchard.entry("public")
    assert entry is not None
    assert len(orchard.changes("public", lost.sequence)) == 1
    shutil.rmtree(orchard.store.rendition("trees", lost.rendition.id))
    shutil.rmtree(orchard.store.changes("trees", lost.rendition.id, entry.rendition.id))
    assert orchard.store.changes("trees", lost.rendition.id, str(lost.timeline[2].rendition)).is_dir()
    assert refused(orchard, lost.sequence) == entry.sequence


def test_pruning_removes_what_was_made_under_wider_rules(orchard: Orchard) -> None:
    """The rendition with the names goes at once, with its change sets; what was replaced under the same rules less than
    an hour ago stays, even if nothing older is to be kept."""
    entry = orchard.entry("public")
    assert entry is not None
    wide = orchard.store.rendition("trees", entry.rendition.id)
    published(orchard, "nameless")
    orchard.rows[1] = tree(1, name="Elm", code="t91")
    orchard.publish()
    before = orchard.feed("public", 2).count
    prune(orchard.store, keep_months=0)

    assert not wide.exists()
    assert orchard.feed("public", 2).count == before == 2


def test_what_may_be_seen_is_kept_under_its_digest(orchard: Orchard) -> None:
    """A record that is not what its name says is not believed."""
    current = orchard.store.current("trees")
    assert current is not None
    name = current.visibility["public"]
    path = orchard.store.root / f"visibility/trees/{name}.json"
    record = files.read_record(path)
    assert set(record["fields"]) == {"code", "name", "state"} and record["rows"] == {"state": ["open"]}
    files.write_record(path, {**record, "rows": {}})

    assert visibility.Visibility.model_validate(files.read_record(path)).digest != name
    orchard.rows[1] = tree(1, name="Elm")
    orchard.publish()
    assert refused(orchard, 1) == 2
