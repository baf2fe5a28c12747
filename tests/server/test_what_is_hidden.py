"""What is not granted does not exist: on every route, in every document, to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from questions import BROWSER, LAYERS, at, ids, one
from shops import HIDDEN, SECRET
from truth import Truth, registry

# Short words and small numbers stand in other places too: only a value that cannot be there by chance is a canary.
LEAST = 6
CUTS = re.compile("[\"<>,\n]")
# The word for why something is held back is the name of a hidden field of winter routes.
SAYING_WHY = ("/collections/winter_routes",)


def everything(client: FlaskClient, layer: str) -> Iterator[tuple[str, str]]:
    """(address, text) of all that there is about a layer, in every form."""
    here = f"/collections/{layer}"
    for address in (here, f"{here}/schema", f"{here}/queryables"):
        yield address, client.get(address).text
        yield f"{address} as a page", client.get(address, headers=BROWSER).text
    for query in ("?limit=10000", "?limit=10000&f=csv", "?limit=1000&f=html", "?limit=10000&crs=EPSG:4326",
                  "?limit=10000&crs=EPSG:27700&skipGeometry=true"):
        yield f"{here}/items{query}", client.get(f"{here}/items{query}").text
    for each in ids(client.get(at(layer, limit=3)).get_json()):
        yield one(layer, each), client.get(one(layer, each)).text
        yield f"{one(layer, each)} as a page", client.get(one(layer, each), headers=BROWSER).text


def common(client: FlaskClient) -> str:
    """All documents that belong to no layer."""
    return "\n".join(client.get(address, headers=headers).text for headers in ({}, BROWSER)
                     for address in ("/", "/collections", "/openapi", "/conformance", "/health", "/privacy"))


def written(value: Any) -> str:
    """A value as JSON writes it, without quotes."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False).strip('"')


@pytest.mark.parametrize("layer", LAYERS)
def test_a_hidden_field_is_named_nowhere(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """No document, page, feature or table names a field that is not granted, nor its title."""
    fields = registry()["layers"][layer]["fields"]
    hidden = [name for name in true(layer).hidden_fields if len(name) >= LEAST or "_" in name]
    shown = set(true(layer).fields)
    for address, text in everything(client, layer):
        for name in hidden:
            if name == "reason" and address in SAYING_WHY:
                continue
            assert f'"{name}":' not in text and f">{name}<" not in text and f",{name}," not in text, (address, name)
            title = fields.get(name, {}).get("title", "")
            if len(title) > 12 and not any(title in fields[each]["title"] for each in shown if each in fields):
                assert f">{title}<" not in text, (address, title)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_hidden_value_stands_nowhere(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """No value of a hidden field that is unmistakable (text, date or long number) stands in anything that is served."""
    truth = true(layer)
    known = {written(value) for name in truth.fields for value in truth.column(name)}
    served = "\n".join(text for _, text in everything(client, layer)) + common(client)
    words, described, looked = set(CUTS.split(served)), str(registry()["layers"]), 0
    for name in truth.hidden_fields:
        for value in set(map(written, truth.column(name))) - known:
            if len(value) >= LEAST and value not in ("null", "[\"\"]") and value not in described:
                looked += 1
                assert value not in words and (not CUTS.search(value) or value not in served), (name, value)
    if layer in ("rights_of_way", "street_segments", "streets", "winter_routes"):
        assert looked > (4 if layer == "winter_routes" else 20)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_hidden_row_stands_nowhere(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """No id of a hidden row is in any page of features; asked for by its id it answers as one that never was."""
    truth = true(layer)
    served = {str(each) for each in ids(client.get(at(layer, limit=10_000)).get_json())}
    assert not served & {str(each) for each in truth.hidden_ids}
    for each in truth.hidden_ids[:20]:
        for headers in ({}, BROWSER):
            real = client.get(one(layer, each), headers=headers)
            never = client.get(one(layer, "never-there"), headers=headers)
            assert (real.status_code, dict(real.headers) | {"Content-Length": ""}) == (
                404, dict(never.headers) | {"Content-Length": ""})
            assert real.text == never.text.replace("never-there", str(each))


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer not in ("winter_routes", "sinc")])
def test_staff_see_what_is_theirs(staff: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """Each field of staff's grant is in their features and in their schema, and every row of it."""
    truth = true(layer, "staff")
    document = staff.get(at(layer, limit=10_000)).get_json()
    assert {str(each) for each in ids(document)} == {str(each) for each in truth.ids}
    assert set(document["features"][0]["properties"]) == set(truth.fields)
    assert set(truth.fields) <= set(staff.get(f"/collections/{layer}/schema").get_json()["properties"])


def test_what_not_even_staff_see(staff: FlaskClient, true: Callable[..., Truth]) -> None:
    """Why a road is treated, where rare species live and where people hide from violence: on nobody's map."""
    for layer, name in (("winter_routes", "reason"), ("sinc", "notes_species")):
        assert name in true(layer, "staff").hidden_fields
        assert all(f'"{name}":' not in text for address, text in everything(staff, layer) if address not in SAYING_WHY)
    secret = true("services", "staff").hidden_ids
    assert len(secret) == 3
    assert all(staff.get(one("services", each)).status_code == 404 for each in secret)


WAYS = ("", "?limit=2", "?f=html", "?f=csv", "?zzz=1", "?limit=0", "?filter=secret%20%3D%201", "?crs=x")


@pytest.mark.parametrize("end", ["", "/schema", "/queryables", "/items", "/items/a", "/items/hidden", "/nothing"])
def test_a_hidden_layer_is_one_that_never_was(odd: FlaskClient, end: str) -> None:
    """On every route, with good and bad parameters, in every method: the same bytes and headers, but for the name."""
    for way in WAYS:
        for headers in ({}, BROWSER, {"If-None-Match": "*"}):
            for method in ("GET", "HEAD", "OPTIONS", "POST"):
                real = odd.open(f"/collections/hidden_layer{end}{way}", method=method, headers=headers)
                never = odd.open(f"/collections/hidden-layer{end}{way}", method=method, headers=headers)
                assert real.status_code == never.status_code
                assert real.text.replace("hidden_layer", "hidden-layer") == never.text
                assert dict(real.headers) == dict(never.headers)


def test_a_hidden_field_is_one_that_never_was(odd: FlaskClient) -> None:
    """In filter, order, properties and by name: the same bytes for a hidden field as for one that nobody thought of."""
    for query in ("filter={}%20%3D%20'x'", "filter={}%20IS%20NULL", "filter=CASEI({})%20LIKE%20'x'", "sortby={}",
                  "sortby=-{}", "properties={}", "properties=code,{}", "{}=x", "filter={}%20%3D%20{}",
                  "datetime=2024-01-01&{}=1"):
        real, never = (odd.get(f"/collections/odd/items?{query.replace('{}', name)}") for name in ("secret", "zzzzzz"))
        assert real.status_code == never.status_code == 400, query
        assert real.text.replace("secret", "zzzzzz") == never.text
        assert SECRET not in real.text


def test_no_canary_in_anything(odd: FlaskClient) -> None:
    """The text of the hidden field, and every value of the hidden row, are in no answer of the odd shop."""
    served = "\n".join(text for _, text in everything(odd, "odd")) + common(odd)
    for canary in (SECRET, HIDDEN[1], "hidden_layer", "9.75", "Nobody but staff"):
        assert canary not in served, canary
    assert odd.get(at("odd", filter="name LIKE 'Nobody%' OR rank IS NULL OR rank IS NOT NULL")).get_json()[
        "numberMatched"] == 18


def test_a_hidden_row_is_met_by_no_box_and_no_date(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """A box around each hidden site, as small as it can be, counts only what may be seen there."""
    everyone, council = true("housing_sites"), true("housing_sites", "staff")
    for each in everyone.hidden_ids[:25]:
        box = council.shapes[council.ids.index(each)].bounds
        answer = client.get(at("housing_sites", bbox=",".join(map(repr, box)), bbox_crs="27700")).get_json()
        assert set(ids(answer)) == everyone.meeting(box)
