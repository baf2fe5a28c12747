"""What a reader asks since when, in which form, and what it is told of what is kept no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from orchard import Orchard, applied, snapshot, tree

from hantsmap import crs
from hantsmap.catalogue import Entry
from hantsmap.changes import feed, read_since
from hantsmap.changes.keeping import _whole_rendition
from hantsmap.errors import PrunedError, QueryError
from hantsmap.prune import months_before, prune
from hantsmap.verify import verify

START = datetime(2026, 1, 1, 2, tzinfo=UTC)


def five_years(folder: Path) -> Orchard:
    """An orchard published five times, half a year apart: the last time on 1 July 2026. Each time the name of the first
    tree changes, and a tree is planted."""
    made = Orchard(folder)
    with pytest.MonkeyPatch.context() as patch:
        for number, (year, month) in enumerate(((2024, 7), (2025, 1), (2025, 7), (2026, 1), (2026, 7)), 21):
            moment = datetime(year, month, 1, 2, tzinfo=UTC)
            patch.setattr("hantsmap.promoting.now", lambda moment=moment: moment)
            made.rows |= {1: tree(1, name=f"{year}-{month}"), number: tree(11, code=f"t{number}")}
            made.publish()
    return made


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Orchard:
    """An orchard of five states; not to be changed."""
    return five_years(tmp_path_factory.mktemp("years") / "orchard")


@pytest.fixture
def yearly(tmp_path: Path) -> Orchard:
    """An orchard of five states."""
    return five_years(tmp_path / "orchard")


def staff(orchard: Orchard) -> Entry:
    """What the staff sees."""
    entry = orchard.entry("staff")
    assert entry is not None
    return entry


@pytest.mark.parametrize(("given", "sequence"), [
    ("0", 0), ("3", 3), ("5", 5), ("2024-07-01T02:00:00Z", 0), ("2024-07-01T02:00:01Z", 1), ("2025-12-31T23:59:59Z", 3),
    ("2026-01-01T03:00:00+01:00", 3), ("2026-01-01T03:00:01 01:00", 4), ("2026-07-01T02:00:00.9z", 4),
    ("2026-07-01t02:00:01Z", 5), ("1000-01-01T00:00:00Z", 0),
])
def test_since_a_sequence_or_a_time(years: Orchard, given: str, sequence: int) -> None:
    """A time stands for what was seen then; what changed within that very second is told again rather than lost."""
    assert read_since(staff(years), given) == sequence


@pytest.mark.parametrize(("given", "why"), [
    (None, "Say since when: since=12"), ("", "Say since when"),
    ("6", "since=6 is yet to come. The sequence of trees is 5 "),
    ("99999999999999999999", "neither a sequence"), ("-1", "neither a sequence"), ("1.0", "neither a sequence"),
    ("٣", "neither a sequence"), ("2026-07-01", "neither a sequence"), ("2026-07-01T02:00:00", "neither a sequence"),
    ("2026-13-01T02:00:00Z", "neither a sequence"), ("0001-01-01T00:00:00+14:00", "neither a sequence"),
    ("yesterday", "neither a sequence"), ("2999-01-01T00:00:00Z", "is yet to come"),
])
def test_since_that_cannot_be_meant(years: Orchard, given: str | None, why: str) -> None:
    """What is missing, malformed or yet to come is refused with a sentence that says what to write."""
    with pytest.raises(QueryError, match=why) as refused:
        read_since(staff(years), given)
    assert refused.value.parameter == "since"


def test_a_line_of_the_feed(years: Orchard) -> None:
    """A line says the state that it leads to and when that began, what was done, to what, and the feature as served."""
    line = orjson.loads(b"".join(years.feed("staff", 4).ndjson(crs.EPSG27700)).splitlines()[0])

    assert line == {
        "seq": 5, "changed_at": "2026-07-01T02:00:00Z", "op": "update", "changetype": "Modified Attributes",
        "collection": "trees", "id": "t01", "fields_changed": ["name"], "feature": {
            "type": "Feature", "id": "t01", "geometry": {"type": "Point", "coordinates": [439200.0, 110000.0]},
            "properties": {"code": "t01", "name": "2026-7", "height": 1.5, "felled": None, "state": "open",
                           "note": "note 1"}}}


@pytest.mark.parametrize("system", crs.SERVED, ids=lambda system: str(system.uri.rsplit("/", 1)[1]))
def test_every_reference_system(yearly: Orchard, system: crs.Crs) -> None:
    """In each system that items are served in, what was held and what changed is what there is."""
    del yearly.rows[5]
    before = staff(yearly).rendition
    yearly.publish()
    entry = staff(yearly)
    if not entry.rendition.has_texts(system.uri):
        text = b"".join(yearly.feed("staff", 0).ndjson(system))
        assert len(applied({}, [text])) == entry.rendition.count
        return
    got = applied(snapshot(before, system), yearly.feed("staff", 5).ndjson(system))
    assert got == snapshot(entry.rendition, system)


def test_as_geojson(yearly: Orchard) -> None:
    """As GeoJSON each change is a Feature, with what was done beside its members; a deleted one has no geometry."""
    del yearly.rows[5]
    yearly.publish()
    changes = yearly.feed("staff", 4)
    features = json.loads(b"[" + b"".join(changes.features(crs.CRS84))[:-1] + b"]")
    by_id = {feature["id"]: feature for feature in features}

    assert by_id["t05"] == {
        "type": "Feature", "id": "t05", "geometry": None, "properties": None, "seq": 6, "op": "delete",
        "changed_at": by_id["t01"]["changed_at"], "changetype": "End Of Life", "collection": "trees",
        "fields_changed": []}
    assert by_id["t01"]["properties"]["name"] == "2026-7" and by_id["t01"]["fields_changed"] == ["name"]
    assert by_id["t25"]["op"] == "insert" and len(features) == changes.count == 3


def test_months() -> None:
    """Thirteen months before a day is the same day of that month, or its last."""
    assert months_before(datetime(2026, 3, 31, tzinfo=UTC), 13) == datetime(2025, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2026, 12, 1, tzinfo=UTC), 13) == datetime(2025, 11, 1, tzinfo=UTC)


def test_pruning_keeps_thirteen_months(yearly: Orchard) -> None:
    """On 1 August 2026, what was seen on 1 July 2025 or later is kept; sequences stay, and what is older is told to be
    gone, with the oldest state from which changes can be told."""
    pruned = prune(yearly.store, moment=datetime(2026, 8, 1, tzinfo=UTC))
    entry = staff(yearly)

    assert {one.layer: one.folders["editions"] for one in pruned} == {"trees": 1, "contract_trees": 1}
    assert entry.sequence == 5 and verify(yearly.store)[1] == []
    for history in (False, True):
        with pytest.raises(PrunedError, match="The oldest sequence that changes can be asked from is 2") as gone:
            feed(yearly.store, entry, 1, history=history)
        assert gone.value.oldest == 2
        for since in (2, 3, 4):
            assert feed(yearly.store, entry, since, history=history).count
    assert feed(yearly.store, entry, 0).count == entry.rendition.count, "from nothing on, everything can be told"
    told = orjson.loads(b"[" + b",".join(b"".join(
        feed(yearly.store, entry, 0, history=True).ndjson(crs.EPSG27700)).splitlines()) + b"]")
    assert {line["seq"] for line in told} == {2, 3, 4, 5}, "from 0, it begins with the oldest state that is kept"
    assert prune(yearly.store, moment=datetime(2026, 8, 1, tzinfo=UTC)) == []


def test_what_is_current_is_never_pruned(yearly: Orchard) -> None:
    """However old, what is seen now stays, and what the public has seen since the first day can still be asked for."""
    prune(yearly.store, moment=START + timedelta(days=3660))
    entry = staff(yearly)

    assert entry.sequence == 5 and entry.rendition.count == feed(yearly.store, entry, 0).count
    assert feed(yearly.store, entry, 5).count == 0
    assert len(list((yearly.store.root / "renditions/trees").iterdir())) == 2
    with pytest.raises(PrunedError, match="can be asked from is 5"):
        feed(yearly.store, entry, 4)


def test_what_is_kept_is_a_question_of_time(yearly: Orchard) -> None:
    """A rendition that another need keeps tells nothing: its state ended before what is kept, so it is gone."""
    yearly.rows[1] = tree(1, name="2024-7")
    for number in (22, 23, 24, 25):
        del yearly.rows[number]
    yearly.publish()
    entry = staff(yearly)
    assert entry.timeline[0].rendition == entry.rendition.id, "as on the first day"
    prune(yearly.store, moment=datetime(2026, 8, 1, tzinfo=UTC))

    with pytest.raises(PrunedError):
        feed(yearly.store, entry, 1)


def test_what_stands_in_is_kept(yearly: Orchard) -> None:
    """While the newest rendition is damaged, the promotion that is served instead is kept."""
    newest = yearly.entry("staff")
    assert newest is not None
    (newest.rendition.folder / "boxes.npy").write_bytes(b"")
    prune(yearly.store, 1, moment=START + timedelta(days=3660))
    entry = staff(yearly)

    assert entry.sequence == 4


def test_an_older_version_is_gone(yearly: Orchard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renditions of another version of the program are not compared: their readers begin anew."""
    monkeypatch.setattr("hantsmap.rendition.writing.FORMAT", 99)
    monkeypatch.setattr("hantsmap.rendition.reading.FORMAT", 99)
    monkeypatch.setattr("hantsmap.publication.FORMAT", 99)
    _whole_rendition.cache_clear()
    yearly.rows[1] = tree(1, name="other")
    yearly.publish()

    with pytest.raises(PrunedError, match="can be asked from is 6"):
        feed(yearly.store, staff(yearly), 5)
