"""Whoever keeps a copy in step is told of an erasure as a deletion by id, once, if it was ever shown the record."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from county_with_people import PERSON, CountyWithPeople
from shops import application

from hantsmap import crs
from hantsmap.catalogue import Entry, Shelf
from hantsmap.changes import feed
from hantsmap.errors import PrunedError
from hantsmap.store import Store

Copy = dict[str, dict[str, Any]]


def entry(store: Store, audience: str, layer: str = "trees") -> Entry:
    """What an audience sees of a layer now."""
    shelf = Shelf(store)
    shelf.refresh()
    return shelf.catalogue(audience).entries[layer]


def changes(store: Store, audience: str, since: int, *, history: bool = False) -> list[dict[str, Any]]:
    """The changes since a state, as an audience is told."""
    found = feed(store, entry(store, audience), since, history=history)
    return [orjson.loads(line) for part in found.ndjson(crs.CRS84) for line in part.splitlines()]


def follow(copy: Copy, told: list[dict[str, Any]]) -> Copy:
    """A copy after these changes. A change that does not fit the copy fails."""
    copy = dict(copy)
    for change in told:
        if change["op"] == "delete":
            del copy[str(change["id"])]
        else:
            assert (str(change["id"]) in copy) == (change["op"] == "update")
            copy[str(change["id"])] = change["feature"]
    return copy


@pytest.mark.parametrize("audience", ["public", "staff"])
def test_every_state_leads_to_the_one_without_the_record(county: CountyWithPeople, audience: str) -> None:
    """From each state that somebody may hold, also after later publications and a second erasure, the net changes lead
    to exactly what is served now; the record is deleted by its id alone."""
    store = county.store
    copies: dict[int, Copy] = {0: {}, 2: follow({}, changes(store, audience, 0))}
    copies[1] = {**copies[2], "t0009": {**copies[2]["t0009"], "properties": {}}}

    county.erase("trees", "t0005")
    told = changes(store, audience, 2)
    assert [(each["op"], each["id"], each["feature"]) for each in told] == [("delete", "t0005", None)]
    copies[3] = follow(copies[2], told)
    county.rename("t0007", "Newer name")
    county.made = [row for row in county.made if row["code"] != "t0012"]
    county.trees([*county.made, {**county.made[0], "code": "t0040"}])
    county.publish("trees")
    copies[4] = follow(copies[3], changes(store, audience, 3))
    county.erase("trees", "t0040")
    county.rename("t0009", "Third name")
    county.publish("trees")

    served = follow({}, changes(store, audience, 0))
    assert len(served) == 28 and not {"t0005", "t0012", "t0040"} & served.keys()
    for since, copy in copies.items():
        told = changes(store, audience, since)
        assert follow(copy, told) == served, since
        assert PERSON not in str(told)
        assert len({each["id"] for each in told}) == len(told)


def test_an_audience_that_was_never_shown_the_record_is_told_nothing(county: CountyWithPeople) -> None:
    """A grant that left the record out keeps its rendition, its sequence and its history after the erasure."""
    county.say("        fields: [code, name, kind, height]\n",
               "        fields: [code, name, kind, height]\n        rows: {kind: [O]}\n")
    county.publish("trees")
    before = entry(county.store, "public")

    county.erase("trees", "t0005")

    after = entry(county.store, "public")
    assert (after.rendition.id, after.sequence, after.published) == (
        before.rendition.id, before.sequence, before.published)
    assert changes(county.store, "public", before.sequence) == []
    assert entry(county.store, "staff").sequence == 3


def test_the_history_on_the_way_is_gone(county: CountyWithPeople) -> None:
    """The single steps before an erasure are not kept: 410, with the oldest state; from there on they are told."""
    county.erase("trees", "t0005")
    county.rename("t0007", "Newer name")
    county.publish("trees")

    with pytest.raises(PrunedError) as gone:
        changes(county.store, "staff", 1, history=True)
    assert gone.value.oldest == 3
    assert [each["id"] for each in changes(county.store, "staff", 3, history=True)] == ["t0007"]


def test_a_running_server_stops_serving_the_record(county: CountyWithPeople) -> None:
    """A server that had opened everything, also older states, serves nothing of the record once it has looked."""
    app = application(county.store.root, audience="staff")
    client = app.test_client()
    for address in ("items/t0005", "items?limit=100", "changes?since=1&history=all", "changes?since=0",
                    "items?version=1&limit=100"):
        assert client.get(f"/collections/trees/{address}").status_code == 200
    assert PERSON in client.get("/collections/trees/changes?since=0").text
    spool = app.extensions["hantsmap"].spool
    spool.body("key", [b"x" * (2 << 20)], compressed=False)

    county.erase("trees", "t0005")
    app.extensions["hantsmap"].look()

    assert client.get("/collections/trees/items/t0005").status_code == 404
    for address in ("changes?since=1&history=all", "items?version=1&limit=100", "items?version=2&limit=100"):
        answer = client.get(f"/collections/trees/{address}")
        assert answer.status_code == 410 and PERSON not in answer.text
    for address in ("items?limit=100", "changes?since=0", "changes?since=2", "items?f=csv"):
        answer = client.get(f"/collections/trees/{address}")
        assert answer.status_code == 200 and PERSON not in answer.text
    assert "t0005" in client.get("/collections/trees/changes?since=2").text
    assert not spool._kept
