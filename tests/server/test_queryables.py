"""The properties that a filter may name (OGC 19-079r2, 6.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from questions import LAYERS, at, problem
from truth import Truth

LISTS = {"criteria_family", "criteria", "district_gss", "parish_gss", "usrns", "limitations", "completions", "phasing"}
SAMPLES = {"string": "'x'", "integer": "1", "number": "1.5", "boolean": "true", "date": "DATE('2026-01-01')",
           "date-time": "TIMESTAMP('2026-01-01T00:00:00Z')"}


def queryables(client: FlaskClient, layer: str) -> dict[str, Any]:
    """The queryables of a layer, which are a schema."""
    answer = client.get(f"/collections/{layer}/queryables")
    assert (answer.status_code, answer.content_type) == (200, "application/schema+json")
    document: dict[str, Any] = answer.get_json()
    Draft202012Validator.check_schema(document)
    return document


@pytest.mark.parametrize("layer", LAYERS)
def test_they_are_the_granted_fields_without_lists(
    client: FlaskClient, true: Callable[..., Truth], layer: str
) -> None:
    """Every granted field that an operator takes, and none that is hidden; nothing else may be named."""
    document = queryables(client, layer)
    expected = {name for name in true(layer).fields
                if name not in LISTS or (layer not in ("sinc",) and name in ("district_gss", "parish_gss"))}
    assert set(document["properties"]) - {"geometry"} == expected
    assert document["additionalProperties"] is False


@pytest.mark.parametrize("layer", LAYERS)
def test_each_can_really_be_filtered(client: FlaskClient, layer: str) -> None:
    """A comparison with a value of its type is answered with 200, for every queryable there is."""
    for name, told in queryables(client, layer)["properties"].items():
        if name == "geometry":
            continue
        sample = SAMPLES[told.get("format") or told["type"]]
        answer = client.get(at(layer, filter=f"{name} = {sample} OR {name} IS NULL", limit=1))
        assert answer.status_code == 200, (name, answer.text)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_can_be_asked_for_by_name(client: FlaskClient, layer: str) -> None:
    """`?name=value` is offered for each queryable but the geometry (OGC 17-069, recommendation 15)."""
    samples = {"string": "x", "integer": "1", "number": "1.5", "boolean": "true", "date": "2026-01-01"}
    for name, told in queryables(client, layer)["properties"].items():
        if name != "geometry":
            answer = client.get(at(layer, limit=1, **{name: samples[told.get("format") or told["type"]]}))
            assert answer.status_code == 200, (name, answer.text)


@pytest.mark.parametrize(("layer", "kind"), [
    ("streets", "MultiLineString"), ("rights_of_way", "LineString"), ("sinc", "MultiPolygon"), ("schools", "Point")])
def test_the_geometry_is_one(client: FlaskClient, layer: str, kind: str) -> None:
    """A `$ref` to geojson.org: without it QGIS pushes no spatial predicate."""
    geometry = queryables(client, layer)["properties"]["geometry"]
    assert geometry["$ref"] == f"https://geojson.org/schema/{kind}.json"


def test_a_table_has_no_geometry_to_ask_by(client: FlaskClient) -> None:
    """A spatial filter on a table is refused with a sentence."""
    assert "geometry" not in queryables(client, "policy_indicators")["properties"]
    answer = client.get(at("policy_indicators", filter="S_INTERSECTS(geometry, BBOX(-2,50,0,52))"))
    problem(client, answer, 400, "filter")


def test_it_says_where_it_is(client: FlaskClient) -> None:
    """`$schema` is JSON Schema 2020-12, and `$id` the address that it was read from."""
    document = queryables(client, "streets")
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == "http://localhost/collections/streets/queryables"


@pytest.mark.parametrize("layer", LAYERS)
def test_the_geometry_has_its_format(client: FlaskClient, layer: str) -> None:
    """Beside `$ref`, the geometry has the format of Part 5 (OGC 23-058), as /schema has it."""
    geometry = queryables(client, layer)["properties"].get("geometry")
    told = client.get(f"/collections/{layer}/schema").get_json()["properties"].get("geometry")
    assert (geometry is None) == (told is None)
    if geometry is not None:
        assert geometry["format"] == told["format"]
        assert geometry["$ref"].startswith("https://geojson.org/schema/")


def test_items_link_to_the_queryables(client: FlaskClient) -> None:
    """A page of items, and of a search, leads to the properties that a filter can name (OGC 19-079r2)."""
    rel = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    for answer in (client.get("/collections/schools/items?limit=1"),
                   client.post("/collections/schools/search", data={"limit": "1"})):
        links = [each for each in answer.get_json()["links"] if each["rel"] == rel]
        assert [(each["type"], each["href"]) for each in links] == [
            ("application/schema+json", "http://localhost/collections/schools/queryables")]
