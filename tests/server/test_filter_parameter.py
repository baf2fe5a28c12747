"""The `filter` parameter on the wire; the language itself is tested in tests/filters."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from questions import LAYERS, at, ids, problem
from truth import URIS, Truth

from server.pages import examples
from server.views import layer as words


def test_text_and_json_agree(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """The same filter as text, under its older name and as JSON gives the same features, and the right ones."""
    truth = true("rights_of_way")
    expected = {each for each, status, length in zip(
        truth.ids, truth.column("status"), truth.column("length_m"), strict=True) if status == "FP" and length > 100}
    text = "status = 'FP' AND length_m > 100"
    tree = json.dumps({"op": "and", "args": [
        {"op": "=", "args": [{"property": "status"}, "FP"]}, {"op": ">", "args": [{"property": "length_m"}, 100]}]})
    answers = [client.get(at("rights_of_way", filter=text)),
               client.get(at("rights_of_way", filter=tree, filter_lang="cql2-json")),
               *(client.get(at("rights_of_way", filter=text, filter_lang=lang)) for lang in ("cql2-text", "cql-text"))]
    assert [set(ids(answer.get_json())) for answer in answers] == [expected] * 4
    assert expected


@pytest.mark.parametrize("system", ["CRS84", "27700", "4326", "3857"])
def test_filter_crs(client: FlaskClient, true: Callable[..., Truth], system: str) -> None:
    """Coordinates in a filter are in `filter-crs`, in its axis order; without it in CRS84."""
    truth = true("streets")
    west, south, east, north = truth.middle(system)
    box = (south, west, north, east) if system == "4326" else (west, south, east, north)
    ring = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]), (box[0], box[1])]
    polygon = f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in ring)}))"
    expected = truth.meeting((west, south, east, north), system)
    found = client.get(at("streets", filter=f"S_INTERSECTS(geometry, {polygon})", filter_crs=system, limit=10_000))
    assert set(ids(found.get_json())) == expected
    if system == "CRS84":
        bare = client.get(at("streets", filter=f"S_INTERSECTS(geometry, {polygon})", limit=10_000))
        assert set(ids(bare.get_json())) == expected


def test_filter_bbox_and_datetime_together(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Everything that is asked must hold: filter, box, time and a property by name."""
    truth = true("rights_of_way")
    box = truth.middle("27700", 0.6)
    expected = {each for each, status, day, promoted in zip(
        truth.ids, *(truth.column(name) for name in ("status", "last_update_date", "promoted")), strict=True)
        if status == "FP" and (day is None or day.year >= 2020) and promoted is False} & truth.meeting(box)
    answer = client.get(at("rights_of_way", filter="status = 'FP'", bbox=",".join(map(repr, box)), bbox_crs="27700",
                           datetime="2020-01-01/..", promoted="false", limit=10_000))
    assert set(ids(answer.get_json())) == expected != set()


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_filter_is_none(client: FlaskClient, text: str) -> None:
    """The form on the page sends an empty filter when nothing was written in it: it means everything."""
    assert client.get(at("streets", filter=text, limit=1)).get_json()["numberMatched"] == 590


@pytest.mark.parametrize("text", [
    "status", "status =", "= 'FP'", "status = FP", "status = 'FP", "no_such = 1", "length_m = 'x'", "status = 1",
    "1 = 1 OR (", "DROP TABLE x", "status = 'FP'; --", "\x00", "status LIKE 5", "eval('1')", "__class__ = 'x'",
    "S_INTERSECTS(geometry, POINT(0))", "relevant_date > DATE('1900-01-01')", "{\"op\": \"=\"}"])
def test_what_cannot_be_read_is_refused(client: FlaskClient, text: str) -> None:
    """A filter that is not one, or names what is not there, is 400 with a sentence, and never passed over."""
    problem(client, client.get(at("rights_of_way", filter=text)), 400, "filter")


@pytest.mark.parametrize("text", [
    "", "{", "[]", "1", "null", "{\"op\":\"and\"}", "status = 'FP'", "{\"op\":\"x\",\"args\":[]}"])
def test_what_is_no_json_filter_is_refused(client: FlaskClient, text: str) -> None:
    """The same for JSON."""
    parameter = "filter" if text else "filter-lang"
    problem(client, client.get(at("rights_of_way", filter=text, filter_lang="cql2-json")), 400, parameter)


def test_a_language_or_system_without_a_filter_is_refused(client: FlaskClient) -> None:
    """Half of a question is a mistake in it."""
    for name, value in (("filter-lang", "cql2-text"), ("filter-crs", URIS["27700"])):
        answer = client.get("/collections/streets/items", query_string={name: value})
        assert problem(client, answer, 400, name) == f"{name} says how to read a filter, and there is none."


def test_an_unknown_language_or_system_is_refused(client: FlaskClient) -> None:
    """The sentences name what to choose from."""
    answer = client.get(at("streets", filter="usrn = 1", filter_lang="sql"))
    assert "Choose cql2-text or cql2-json" in problem(client, answer, 400, "filter-lang")
    answer = client.get("/collections/streets/items", query_string={"filter": "usrn = 1", "filter-crs": "EPSG:1"})
    assert URIS["27700"] in problem(client, answer, 400, "filter-crs")


def test_the_examples_on_the_page_work(client: FlaskClient) -> None:
    """Every filter that a page of items offers as an example is answered."""
    served = client.application.extensions["hantsmap"].catalogue("public").entries
    for layer in LAYERS:
        for example in examples(words(served[layer])):
            assert client.get(at(layer, filter=example, limit=1)).status_code == 200, (layer, example)
