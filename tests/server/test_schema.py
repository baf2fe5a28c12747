"""Properties as they are served (OGC 23-058): QGIS takes its fields and its geometry type from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from questions import LAYERS, at
from truth import Truth, registry

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KINDS = {"string": ("string", None), "integer": ("integer", None), "number": ("number", None),
         "boolean": ("boolean", None), "date": ("string", "date"), "datetime": ("string", "date-time"),
         "strings": ("array", None), "integers": ("array", None), "object": ("object", None)}


def schema(client: FlaskClient, layer: str) -> dict[str, Any]:
    """The schema of a layer, which is one."""
    answer = client.get(f"/collections/{layer}/schema")
    assert (answer.status_code, answer.content_type) == (200, "application/schema+json")
    document: dict[str, Any] = answer.get_json()
    Draft202012Validator.check_schema(document)
    return document


@pytest.mark.parametrize("layer", LAYERS)
def test_it_has_the_fields_that_are_granted_and_no_other(
    client: FlaskClient, true: Callable[..., Truth], layer: str
) -> None:
    """Every field of the grant, with its twin in words, and nothing else but the geometry."""
    named = [name for name in schema(client, layer)["properties"] if name != "geometry"]
    assert sorted(named) == sorted(true(layer).fields)


@pytest.mark.parametrize("layer", LAYERS)
def test_types_and_words_are_those_of_the_registry(client: FlaskClient, layer: str) -> None:
    """Type, format, title and unit of each field are as `layers.yaml` has them."""
    written = registry()["layers"][layer]["fields"]
    for name, told in schema(client, layer)["properties"].items():
        if name in written:
            assert (told["type"], told.get("format")) == KINDS[written[name]["type"]], name
            assert told["title"] == written[name]["title"]
            assert told.get("description", "") == written[name].get("description", "")
            assert told.get("x-ogc-unit") == written[name].get("unit")


@pytest.mark.parametrize("layer", LAYERS)
def test_features_are_what_the_schema_says(client: FlaskClient, layer: str) -> None:
    """Each feature's properties are valid against the schema, once "required" and null are set aside."""
    document = schema(client, layer)
    told = {name: each for name, each in document["properties"].items() if name != "geometry"}
    validator = Draft202012Validator({"type": "object", "additionalProperties": False, "properties": told})
    for feature in client.get(at(layer, limit=200)).get_json()["features"]:
        assert set(feature["properties"]) == set(told)
        validator.validate({name: value for name, value in feature["properties"].items() if value is not None})


@pytest.mark.parametrize("layer", LAYERS)
def test_the_sequence_is_that_of_the_features(client: FlaskClient, layer: str) -> None:
    """`x-ogc-propertySeq` counts the properties from 1 in the order they stand in; the geometry is 0."""
    told = schema(client, layer)["properties"]
    numbers = [each["x-ogc-propertySeq"] for each in told.values()]
    first = 1 if layer == "policy_indicators" else 0
    assert numbers == list(range(first, first + len(numbers)))


@pytest.mark.parametrize(("layer", "kind"), [
    ("streets", "multilinestring"), ("rights_of_way", "linestring"), ("sinc", "multipolygon"), ("schools", "point")])
def test_the_geometry_has_its_real_type(client: FlaskClient, layer: str, kind: str) -> None:
    """One property is the primary geometry, of the type that is served: QGIS makes an `any` a table."""
    told = schema(client, layer)["properties"]
    assert [name for name, each in told.items() if each.get("x-ogc-role") == "primary-geometry"] == ["geometry"]
    assert told["geometry"]["format"] == f"geometry-{kind}"
    kinds = {feature["geometry"]["type"].lower() for feature in client.get(at(layer)).get_json()["features"]}
    assert kinds == {kind}


def test_a_table_has_no_geometry(client: FlaskClient) -> None:
    """A layer without geometry has no geometry property, and its features a geometry of null."""
    assert "geometry" not in schema(client, "policy_indicators")["properties"]
    assert client.get(at("policy_indicators", limit=1)).get_json()["features"][0]["geometry"] is None


@pytest.mark.parametrize(("layer", "roles"), [
    ("schools", {"urn": "id", "open_date": "primary-interval-start", "close_date": "primary-interval-end"}),
    ("rights_of_way", {"row_id": "id", "last_update_date": "primary-instant"}),
    ("policy_indicators", {"period_start": "primary-interval-start", "period_end": "primary-interval-end"})])
def test_roles(client: FlaskClient, layer: str, roles: dict[str, str]) -> None:
    """The key (where it is one field) and the time of a feature are marked as such (OGC 23-058, 8)."""
    told = schema(client, layer)["properties"]
    assert {name: each["x-ogc-role"] for name, each in told.items()
            if "x-ogc-role" in each and name != "geometry"} == roles


def test_codes_come_with_their_words(client: FlaskClient) -> None:
    """A coded field lists its codes, in its own type, and what each means."""
    surface = schema(client, "streets")["properties"]["surface"]
    assert surface["enum"] == [1, 2, 3]
    assert surface["x-code-list"]["values"] == {"1": "Metalled", "2": "Unmetalled", "3": "Mixed"}
    assert set(schema(client, "rights_of_way")["properties"]["status"]["enum"]) == {"FP", "BW", "RB", "BOAT"}


def test_fields_and_codes_stand_in_the_order_of_the_registry(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Schema, CSV and GeoJSON have the fields in one order, the registry's; codes stand in their order too."""
    fields = list(true("streets").fields)
    assert list(client.get(at("streets", limit=1)).get_json()["features"][0]["properties"]) == fields
    assert [name for name in schema(client, "streets")["properties"] if name != "geometry"] == fields
    assert client.get(at("streets", limit=1, f="csv")).text.splitlines()[0].split(",")[1:-1] == fields
    assert schema(client, "rights_of_way")["properties"]["status"]["enum"] == ["FP", "BW", "RB", "BOAT"]


def test_it_says_where_it_is(client: FlaskClient) -> None:
    """`$schema` is JSON Schema 2020-12, and `$id` the address that it was read from."""
    document = schema(client, "sinc")
    assert document["$schema"] == DRAFT
    assert document["$id"] == "http://localhost/collections/sinc/schema"
    assert document["type"] == "object"


def test_staff_have_their_own(staff: FlaskClient, true: Callable[..., Truth]) -> None:
    """Staff's schema has all fields of streets, and still not the reason of winter routes."""
    fields = [name for name in schema(staff, "streets")["properties"] if name != "geometry"]
    assert sorted(fields) == sorted(true("streets", "staff").fields)
    assert len(fields) >= 28
    assert "reason" not in schema(staff, "winter_routes")["properties"]
    assert "depot" in schema(staff, "winter_routes")["properties"]
    assert set(true("streets", "staff").fields) < set(schema(staff, "streets")["properties"])
