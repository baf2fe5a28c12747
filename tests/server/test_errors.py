"""Faults on every route: walked from the application's own map, so that a new route is covered by itself."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from questions import problem
from shops import application, odd
from werkzeug.routing import Rule

# What nobody in particular is answered where there is nothing for nobody in particular; no file of the map's build is
# called like the style sheet.
OF_SOMEBODY = {"/licence/receipts/<name>": 404, "/with-key": 401, "/static/map/<path:name>": 404}
# The map may not be built.
MAYBE = ("/sw.js",)
VALUES = {"layer": "streets", "feature_id": "99000021", "name": "hantsmap.css", "style": "openlayers",
          "matrix": "BritishNationalGrid", "zoom": "6", "row": "354", "column": "195"}
# What a route cannot be asked without.
NEEDED = {"/collections/<layer>/changes": "?since=0", "/collections/<layer>/series": "?group=ward",
          "/tiles/<matrix>/<zoom>/<row>/<column>": "?collections=streets"}
# What few layers have.
ITS_LAYER = {"/collections/<layer>/series": {"layer": "population_forecasts"}}


def routes(app: Flask) -> list[Rule]:
    """Every route that is read. What takes posts only has tests of its own."""
    return sorted((rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())), key=str)


def path(rule: Rule, **values: str) -> str:
    """An address of a route."""
    named = {"name": "streets.csv"} if "layer" in rule.arguments else {}
    named |= ITS_LAYER.get(rule.rule, {})
    built = rule.build({**VALUES, **named, **values} if rule.arguments else {}, append_unknown=False)
    assert built is not None
    return str(built[1])


def test_every_route_answers(app: Flask, client: FlaskClient) -> None:
    """Each route has an address that answers 200, but for what is somebody's own: the walk is not about nothing."""
    found = routes(app)
    assert len(found) >= 15
    for rule in found:
        expected = OF_SOMEBODY.get(rule.rule, 200)
        if rule.rule in MAYBE:
            continue
        assert client.get(path(rule) + NEEDED.get(rule.rule, "")).status_code == expected, rule


def test_an_unknown_parameter_is_refused_everywhere(app: Flask, client: FlaskClient) -> None:
    """400 with a sentence on every route, not an answer that passes it over."""
    for rule in routes(app):
        answer = client.get(path(rule), query_string={"no_such_parameter": "1"})
        sentence = problem(client, answer, 400, "no_such_parameter")
        assert sentence.startswith("`no_such_parameter` is not a parameter of this resource."), rule


def test_a_repeated_parameter_is_refused_everywhere(app: Flask, client: FlaskClient) -> None:
    """400 with a sentence on every route, for known and unknown ones."""
    for rule in routes(app):
        for name in ("f", "zzz"):
            answer = client.get(f"{path(rule)}?{name}=json&{name}=json")
            assert problem(client, answer, 400, name) == f"`{name}` stands 2 times: say it once.", rule


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_only_reading_is_offered_everywhere(app: Flask, client: FlaskClient, method: str) -> None:
    """Any method that writes is 405 on every route, with what is allowed instead."""
    for rule in routes(app):
        answer = client.open(path(rule), method=method)
        assert problem(client, answer, 405) == f"{method} is not offered here: this service is for reading."
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("layer", [
    "nothing", "Streets", "streets ", "STREETS", "streets.json", "..", "%2e%2e", "\x00", "a" * 3_000,
    "str\u00e9\u00e9ts", "' OR 1=1 --", "../../etc/passwd"])
def test_an_unknown_layer_is_not_found_everywhere(app: Flask, client: FlaskClient, layer: str) -> None:
    """Each route below a layer answers 404 for one that is not there, and says where the layers are listed."""
    for rule in (rule for rule in routes(app) if "layer" in rule.arguments):
        sentence = problem(client, client.get(path(rule, layer=layer)), 404)
        assert "/collections" in sentence, rule


@pytest.mark.parametrize("address", [
    "/nothing", "/collections/streets/nothing", "/collections/streets/items/a/b/c/nothing", "/static/../app.py",
    "/static/..%2f..%2fsetup.cfg", "/static/%2e%2e/server/__init__.py", "/static/", "/admin", "/.git/config", "/api",
    "/collections/streets/schema/x", "//evil.example/x", "/%00", "/wp-login.php"])
def test_an_unknown_address_is_not_found(client: FlaskClient, address: str) -> None:
    """404 as a problem, with a way on."""
    sentence = problem(client, client.get(address), 404)
    assert sentence.startswith("There is no")


def test_no_answer_redirects(client: FlaskClient) -> None:
    """No address sends a client elsewhere, with one slash too many or with another host in it."""
    for address in ("/collections/", "/collections/streets/", "/collections/streets/items/", "/conformance/"):
        assert client.get(address).status_code == 200, address
    for address in ("/collections//streets", "//evil.example", "/\\evil.example", "/collections//"):
        assert client.get(address).status_code == 404 or address == "//evil.example"
        assert "Location" not in client.get(address).headers


def test_an_unforeseen_fault_says_nothing_of_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """500 in general words: the stack is in the log and not in the answer."""
    app = application(odd(tmp_path).store)

    def broken() -> None:
        raise RuntimeError("secret-of-the-house")

    app.view_functions["ogc.conformance"] = broken
    client = app.test_client()
    with caplog.at_level(logging.ERROR):
        answer = client.get("/conformance")
    assert problem(client, answer, 500) == "The fault is logged; try again in a minute."
    assert "secret" not in answer.text
    assert "secret-of-the-house" in caplog.text


def test_a_file_that_is_gone_is_a_passing_fault(tmp_path: Path) -> None:
    """A rendition whose file was taken away while it is served is 5xx for a moment, without a path in the answer."""
    shop = odd(tmp_path)
    app = application(shop.store)
    for file in (shop.store / "renditions" / "odd").glob("*/attributes.arrow"):
        file.unlink()
    client = app.test_client()
    answer = client.get("/collections/odd/items?filter=rank%20%3E%201")
    assert answer.status_code in (404, 500, 503)
    assert str(tmp_path) not in answer.text


def test_long_and_deep_questions_are_refused(client: FlaskClient) -> None:
    """A filter of 20,000 brackets, a value of 100 kB, 2,000 parameters: each is refused in words and soon."""
    deep = "(" * 20_000 + "usrn = 1" + ")" * 20_000
    problem(client, client.get("/collections/streets/items", query_string={"filter": deep}), 400, "filter")
    wide = "&".join(f"p{number}=1" for number in range(2_000))
    problem(client, client.get(f"/collections/streets/items?{wide}"), 400, "p0")
    assert client.get("/collections/streets/items", query_string={"town_name": "x" * 100_000}).status_code in (200, 400)
    listed = ",".join(["usrn"] * 20_000)
    assert client.get("/collections/streets/items", query_string={"properties": listed}).status_code == 400


def test_a_sentence_does_not_repeat_a_flood(client: FlaskClient) -> None:
    """What was asked comes back shortened: an answer to nonsense is never large."""
    flood = "x" * 50_000
    for name in ("limit", "bbox", "datetime", "crs", "filter-lang", "f", "sortby", "usrn", flood):
        answer = client.get("/collections/streets/items", query_string={name: flood, "filter": "usrn = 1"})
        assert answer.status_code == 400
        assert len(answer.data) < 5_000, name
    assert len(client.get(f"/collections/{flood}").data) < 5_000
    assert len(client.get(f"/collections/streets/items/{flood}").data) < 5_000
    assert len(client.get(f"/{flood}").data) < 5_000
