"""Walks through the pages of a layer that a publication crosses: every feature once, and nothing withheld now."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shops
from flask.testing import FlaskClient
from questions import inside, link, problem

# By path: another package of the environment calls itself `tests`.
sys.path.insert(0, str(Path(__file__).parents[1] / "changes"))
from orchard import Orchard, tree

Json = dict[str, Any]
HERE = "/collections/trees/items"
# Ways to choose trees, each of which finds most of them.
QUESTIONS = {
    "plain": "", "box": "&bbox=-1.6,50.8,-1.5,51.0", "filter": "&filter=height > 0 OR height IS NULL",
    "equality": "&state=open", "short": "&properties=code,name&skipGeometry=true", "grid": "&crs=EPSG:27700",
}
LEFT, EMPTIED = {2, 17, 18, 33}, 20


def orchard_of_forty(folder: Path) -> Orchard:
    """Forty trees that the public sees with their heights, published once."""
    made = Orchard(folder / "orchard", grants="heights")
    made.rows = {number: tree(number, x=430_000 + 37 * number) for number in range(1, 41)}
    made.publish()
    return made


def change(orchard: Orchard) -> None:
    """Publish it with trees felled, hidden, moved, planted and renamed, and a height taken away."""
    for number in (2, 17):
        del orchard.rows[number]
    for number, more in {EMPTIED: {"height": ""}, 5: {"x": 433_000}, 6: {"name": "Renamed"}, 30: {"x": 430_001},
                         18: {"state": "shut"}, 33: {"state": "shut"}}.items():
        orchard.rows[number] = orchard.rows[number] | more
    orchard.rows |= {50: tree(50, x=430_500), 51: tree(51, x=431_000)}
    orchard.publish()


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Orchard:
    """Forty trees."""
    return orchard_of_forty(tmp_path_factory.mktemp("forty"))


def take_up(client: FlaskClient) -> None:
    """Let the server look at its store, as it does twice a second."""
    client.application.extensions["hantsmap"].look()


def pages(client: FlaskClient, address: str) -> Iterator[Json]:
    """Pages along `next`."""
    following: str | None = address
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        document = answer.get_json()
        assert document["numberReturned"] == len(document["features"]) > 0
        yield document
        address = str(link(document, "next"))
        following = None if address == "None" else inside(address)


def met(documents: list[Json]) -> list[str]:
    """Ids on some pages, in their order."""
    return [feature["id"] for document in documents for feature in document["features"]]


@pytest.fixture(scope="module")
def walked(forty: Orchard) -> tuple[FlaskClient, dict[tuple[str, int], tuple[list[Json], list[Json]]], set[str]]:
    """For each question, walks that read 1 to 5 pages of seven before a publication and the others after it."""
    client = shops.application(forty.store.root, audience="public").test_client()
    begun = {(name, read): (walk := pages(client, f"{HERE}?limit=7{asked}"), [next(walk) for _ in range(read)])
             for name, asked in QUESTIONS.items() for read in range(1, 6)}
    change(forty)
    take_up(client)
    seen = set(met([client.get(HERE).get_json()]))
    return client, {key: (before, list(walk)) for key, (walk, before) in begun.items()}, seen


def test_every_feature_is_met_once(walked: Any) -> None:
    """Of thirty walks across a publication, none misses or repeats a tree that is there before and after it, and none
    meets a tree that was planted meanwhile."""
    _, walks, seen = walked
    every = {f"t{number:02d}" for number in range(1, 41)}
    for key, (before, after) in walks.items():
        ids = met(before) + met(after)
        assert len(ids) == len(set(ids)), key
        assert every & seen <= set(ids) <= every, key


def test_nothing_that_is_withheld_now_is_on_a_later_page(walked: Any) -> None:
    """After the publication no page has a tree that left, nor a height that was taken away; all other trees are as
    they were in the version that was begun."""
    _, walks, _ = walked
    for (name, _), (_, after) in walks.items():
        assert not {f"t{number:02d}" for number in LEFT} & set(met(after))
        by_id = {feature["id"]: feature["properties"] for document in after for feature in document["features"]}
        assert by_id.get("t06", {}).get("name") in (None, "Tree 6")
        if name != "short" and f"t{EMPTIED}" in by_id:
            assert by_id[f"t{EMPTIED}"]["height"] is None


@pytest.mark.parametrize("hidden", ["code = 't17'", "code = 't17' AND name LIKE 'Tree%'", "height = 20.5"])
def test_a_filter_tells_nothing_of_what_is_withheld_now(walked: Any, hidden: str) -> None:
    """An older version cannot be asked for the values of a tree that left, or for a height that was taken away: not by
    what matches, and not by where the other trees stand."""
    client = walked[0]
    assert client.get(HERE, query_string={"version": 1, "filter": hidden}).get_json()["numberMatched"] == 0
    beside = {"version": 1, "filter": f"{hidden} OR code = 't40'", "limit": 1}
    document = client.get(HERE, query_string=beside).get_json()
    assert (met([document]), document["numberMatched"], link(document, "next")) == (["t40"], 1, None)
    moved = client.get(HERE, query_string={**beside, "offset": 1})
    problem(client, moved, 410)
    problem(client, client.get(HERE, query_string={"version": 1, "sortby": "height"}), 410)


def test_the_forms_of_an_older_version(walked: Any) -> None:
    """CSV and HTML pages of an older version are there unless a text of today would have to stand in for an older one;
    a search posts its form to the next page."""
    client = walked[0]
    for form, kind in (("csv", "text/csv"), ("html", "text/html")):
        answer = client.get(f"{HERE}?version=1&limit=3&f={form}")
        assert (answer.status_code, kind in answer.content_type, "Tree" in answer.text) == (200, True, True)
        assert client.get(f"{HERE}?version=1&limit=40&f={form}").status_code == 410
    form = {"limit": "7", "state": "open"}
    first = client.post(HERE.replace("items", "search"), data={**form, "version": "1"}).get_json()
    further = client.post(inside(str(link(first, "next"))), data=form).get_json()
    assert first["numberReturned"] == further["numberReturned"] == 7 and not set(met([first])) & set(met([further]))


def test_validators_of_a_version(walked: Any) -> None:
    """An older version has an ETag of its own; the answer is 304 while nothing changed."""
    client = walked[0]
    tags = [client.get(f"{HERE}?{asked}").headers["ETag"] for asked in ("version=1", "version=2", "")]
    assert len(set(tags)) == 3
    assert client.get(f"{HERE}?version=1", headers={"If-None-Match": tags[0]}).status_code == 304


@pytest.mark.parametrize(("query", "parameter"), [
    ("version=0", "version"), ("version=3", "version"), ("version=-1", "version"), ("version=", "version"),
    ("version=one", "version"), ("version=1&after=x", "after"), ("version=1&after=3&sortby=code", "after"),
    ("version=" + "9" * 400, "version")])
def test_what_is_no_version_is_refused(walked: Any, query: str, parameter: str) -> None:
    """400, with the parameter: versions are numbered from 1 to the current one."""
    problem(walked[0], walked[0].get(f"{HERE}?{query}"), 400, parameter)


def test_a_version_made_under_wider_rules_is_gone(tmp_path: Path) -> None:
    """410 as soon as the grant is narrower, whatever is asked of it, also for a page that was answered before; the
    sentence says how to begin again. Other audiences read on in their own version."""
    made = orchard_of_forty(tmp_path)
    client, staff = (shops.application(made.store.root, audience=name).test_client() for name in ("public", "staff"))
    following, theirs = (inside(str(link(each.get(f"{HERE}?limit=7").get_json(), "next"))) for each in (client, staff))
    assert client.get(following).status_code == 200
    made.grants = "nameless"
    made.rows[1] = tree(1, name="Elm")
    made.publish()
    take_up(client)
    take_up(staff)

    for query in ("", "&f=csv", "&f=html", "&filter=name='Tree 9'", "&crs=EPSG:27700"):
        answer = client.get(following + query)
        assert answer.status_code == 410 and "Tree 9" not in answer.text.replace("name='Tree 9'", "")
    assert problem(client, client.get(following), 410) == (
        "Version 1 of trees is not there any more. Begin again with the first page, without `version`: the current "
        "version is 2.")
    assert staff.get(theirs).get_json()["numberMatched"] == 40
