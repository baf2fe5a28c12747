"""States are numbered for each audience by what it could see, and a digest says what is in one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from workbench import Workbench, tree

from hantsmap.catalogue import Entry, Shelf
from hantsmap.errors import DamagedError
from hantsmap.rendition import Rendition
from hantsmap.store import Change, HistoryStart, Promotion, Step, timelines
from hantsmap.store.timeline import at, sequence_before

DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)


def promotion(number: int, seen: dict[str, str], *, later: dict[str, list[tuple[int, str | None]]] | None = None,
              day: int | None = None) -> Promotion:
    """Promotion `number`, made at noon of that `day` of the year, or of its number's day.

    `later` has (day of the year, rendition).
    """
    changes = {audience: tuple(Change(on=date(2026, 1, day), rendition=rendition) for day, rendition in steps)
               for audience, steps in (later or {}).items()}
    return Promotion(layer="trees", sequence=number, action="published", made_at=noon(day or number),
                     edition="e", renditions=seen, later=changes, source_inputs="", grant_inputs="",
                     history={audience: HistoryStart(promotion=1) for audience in ("public", "crew", "staff")})


def noon(day: int) -> datetime:
    """Noon of a day of January."""
    return DAY + timedelta(day - 1)


def entry(bench: Workbench, audience: str, layer: str = "trees") -> Entry:
    """What an audience sees of a layer now."""
    shelf = Shelf(bench.store)
    shelf.refresh()
    return shelf.catalogue(audience).entries[layer]


def test_only_what_is_seen_is_counted() -> None:
    """Of three promotions the public sees the first and the last: it has two states, and the staff three."""
    known = timelines([promotion(1, {"public": "a", "staff": "A"}), promotion(2, {"public": "a", "staff": "B"}),
                       promotion(3, {"public": "c", "staff": "C"})], date(2026, 1, 9))

    assert known["public"] == (Step(1, "a", noon(1)), Step(2, "c", noon(3)))
    assert [step.rendition for step in known["staff"]] == ["A", "B", "C"]


def test_going_and_coming_back_are_states() -> None:
    """A layer taken away is a state without a rendition, and its return another: a number is never used twice."""
    known = timelines([promotion(1, {"staff": "A"}), promotion(2, {}), promotion(3, {"staff": "A"})], date(2026, 1, 9))

    assert [(step.sequence, step.rendition) for step in known["staff"]] == [(1, "A"), (2, None), (3, "A")]
    assert "public" not in known


@pytest.mark.parametrize(("today", "states"), [(3, ["A"]), (4, ["A", None]), (6, ["A", None, "B"])])
def test_a_grant_that_ends_is_a_state(today: int, states: list[str | None]) -> None:
    """The end of a grant is counted from the beginning of its day, and not before."""
    made = [promotion(1, {"crew": "A"}, later={"crew": [(4, None)]})]
    made += [promotion(2, {"crew": "B"}, day=5)] if today > 5 else []
    known = timelines(made, date(2026, 1, today))["crew"]

    assert [step.rendition for step in known] == states
    assert len(states) < 2 or known[1].since == datetime(2026, 1, 4, tzinfo=UTC)


def test_what_a_later_promotion_overtakes_does_not_happen() -> None:
    """A grant that was to end, and was renewed before, has not ended."""
    known = timelines([promotion(1, {"crew": "A"}, later={"crew": [(6, None)]}), promotion(2, {"crew": "A"}, day=3)],
                      date(2026, 1, 9))

    assert [step.rendition for step in known["crew"]] == ["A"]


def test_states_by_number_and_by_time() -> None:
    """State 0 is that before the first; a time stands for the state that began in an earlier second."""
    known = timelines([promotion(1, {"public": "a"}), promotion(2, {"public": "c"}, day=3)], date(2026, 1, 9))["public"]

    assert [at(known, number) for number in range(3)] == [None, "a", "c"]
    moments = (noon(1) - timedelta(seconds=1), noon(1), noon(2), noon(3) + timedelta(milliseconds=700),
               noon(3) + timedelta(seconds=1))
    assert [sequence_before(known, moment) for moment in moments] == [0, 0, 1, 1, 2]


def test_lost_promotion_is_a_state_that_cannot_be_opened() -> None:
    """Promotion 2 of three is missing: states 1 and 3 keep their numbers, and state 2 raises an error."""
    known = timelines([promotion(1, {"public": "a"}), promotion(3, {"public": "c"})], date(2026, 1, 9))["public"]

    assert (at(known, 1), at(known, 3), known[1].readable) == ("a", "c", False)
    with pytest.raises(DamagedError, match="its record is lost"):
        at(known, 2)


def test_sequence_moves_with_what_is_seen(published: Workbench) -> None:
    """A note that only the staff sees moves the sequence of the staff, and not that of the public."""
    before = Shelf(published.store)
    before.refresh()
    published.trees([tree(number, note="new") for number in range(1, 31)])
    published.publish()

    assert (entry(published, "public").sequence, entry(published, "staff").sequence) == (1, 2)
    assert before.refresh()
    assert before.catalogue("staff").entries["trees"].sequence == 2


def test_version_of_a_catalogue_tells_a_return(published: Workbench) -> None:
    """Content that went and came back is another state: what is said of it is not what was said of the first."""
    shelf, versions = Shelf(published.store), []
    for height in (1, 2, 1):
        published.trees([tree(number, height=height) for number in range(1, 31)])
        published.publish("trees")
        shelf.refresh()
        versions.append(shelf.catalogue("public").version)

    assert len(set(versions)) == 3


@pytest.mark.parametrize("layer", ["trees", "benches"])
def test_digest_of_a_state(published: Workbench, layer: str) -> None:
    """Anybody who holds the features can make the digest again, from the ids and the texts alone."""
    folder = published.rendition(layer, "public")
    texts = json.loads(b"[" + (folder / "features.27700.json").read_bytes()[:-1] + b"]")
    raw = (folder / "features.27700.json").read_bytes().split(b"},{\"type\":\"Feature\"")
    written = {str(feature["id"]): b'{"type":"Feature"' + text.removeprefix(b'{"type":"Feature"') + b"}"
               for feature, text in zip(texts, [*raw[:-1], raw[-1].removesuffix(b"},")], strict=True)}
    lines = "".join(f"{name}\t{hashlib.sha256(text).hexdigest()}\n" for name, text in sorted(written.items()))
    rendition = Rendition(folder)

    assert rendition.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert [bytes(row).hex() for row in rendition.digests] == [
        hashlib.sha256(written[str(name)]).hexdigest() for name in rendition.ids.to_pylist()]


def test_digest_of_nothing(published: Workbench) -> None:
    """A layer without features has the digest of no lines."""
    published.say("public:\n        fields: [code, name, kind, height]",
                  "public:\n        fields: [code, name, kind, height]\n        rows: {name: [none such]}")
    published.publish()

    assert entry(published, "public").rendition.digest == hashlib.sha256(b"").hexdigest()
