"""A page of features as GeoJSON: whole, valid, exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from questions import COUNTS, LAYERS, at, ids, valid
from shapely.geometry import shape
from truth import Truth, grant


def plain(value: Any) -> Any:
    """A value of the edition as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("layer", LAYERS)
def test_it_is_a_feature_collection(client: FlaskClient, layer: str) -> None:
    """The body is what our own OpenAPI document calls a FeatureCollection; its counts are exact."""
    answer = client.get(at(layer))
    assert (answer.status_code, answer.content_type) == (200, "application/geo+json")
    document = valid(client, answer.get_json(), "FeatureCollection")
    assert document["numberMatched"] == COUNTS[layer]
    assert document["numberReturned"] == len(document["features"]) == min(COUNTS[layer], 1_000)
    assert document["attribution"] == "© Synthetic County Council 2026. Invented data."


@pytest.mark.parametrize("layer", LAYERS)
def test_features_are_those_of_the_edition(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """Each feature has the values of its row, word for word, and no row is missing or new."""
    truth = true(layer)
    # Counts of people are rounded on their way: their control has its own tests.
    controlled = {*grant(layer, "public").get("counts", {}).get("fields", ()), "suppressed"}
    rows = {each: {name: plain(truth.table[name][number].as_py()) for name in truth.fields if name not in controlled}
            for number, each in enumerate(truth.ids)}
    features = client.get(at(layer, limit=10_000)).get_json()["features"]
    assert len(features) == len(rows) == COUNTS[layer]
    for feature in features:
        given = dict(feature["properties"])
        for name, value in rows[feature["id"]].items():
            if name in ("completions", "phasing") and isinstance(value, str):
                continue
            assert given[name] == value, (feature["id"], name)


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != "policy_indicators"])
def test_geometries_are_valid_and_in_place(client: FlaskClient, true: Callable[..., Truth], layer: str) -> None:
    """Each geometry is, within the seventh decimal of a degree, that of the edition by OSTN15."""
    truth = true(layer)
    expected = dict(zip(truth.ids, truth.shapes_in("CRS84"), strict=True))
    for feature in client.get(at(layer, limit=10_000)).get_json()["features"]:
        assert shapely.equals_exact(shape(feature["geometry"]), expected[feature["id"]], tolerance=1.5e-7)


def test_ids_keep_their_type(client: FlaskClient) -> None:
    """A whole-number key is a number, which GDAL can address; a text key or one of several fields is a text."""
    assert all(isinstance(each, int) for each in ids(client.get(at("streets")).get_json()))
    assert "99001145.2026-27" in ids(client.get(at("winter_routes")).get_json())


def test_the_order_is_stable(client: FlaskClient) -> None:
    """The same question gives the same features in the same order, however it is cut into pages."""
    whole = ids(client.get(at("streets", limit=50)).get_json())
    assert whole == ids(client.get(at("streets", limit=50)).get_json())
    pieces = [each for offset in range(0, 50, 7) for each in ids(
        client.get(at("streets", limit=min(7, 50 - offset), offset=offset)).get_json())]
    assert pieces == whole


def test_two_applications_agree(county_store: Any, client: FlaskClient) -> None:
    """Another worker over the same store gives the same bytes."""
    from shops import application

    other = application(county_store).test_client()
    assert other.get(at("sinc", limit=20)).data == client.get(at("sinc", limit=20)).data


def test_skip_geometry(client: FlaskClient) -> None:
    """`skipGeometry` takes the words of QGIS and the digits of GDAL, and leaves all else as it is."""
    whole = client.get(at("schools")).get_json()["features"]
    for yes in ("true", "1", "TRUE"):
        bare = client.get(at("schools", skipGeometry=yes)).get_json()["features"]
        assert bare == [{**feature, "geometry": None} for feature in whole]
    for no in ("false", "0"):
        assert client.get(at("schools", skipGeometry=no)).get_json()["features"] == whole


def test_properties(client: FlaskClient) -> None:
    """`properties` leaves only those that are named, in the layer's order; ids and places stay. A name twice is 400."""
    whole = client.get(at("schools")).get_json()["features"]
    some = client.get(at("schools", properties=" name , urn")).get_json()["features"]
    assert some == [{**feature, "properties": {name: feature["properties"][name] for name in ("urn", "name")}}
                    for feature in whole]
    assert client.get(at("schools", properties="name,urn,name")).status_code == 400


def test_properties_and_no_geometry(client: FlaskClient) -> None:
    """The two go together, in a projected system too."""
    document = client.get(at("schools", properties="urn", skipGeometry="true", crs="27700", limit=2)).get_json()
    assert [(feature["geometry"], sorted(feature["properties"])) for feature in document["features"]] == [
        (None, ["urn"])] * 2


def test_an_empty_answer_is_a_collection_too(client: FlaskClient) -> None:
    """Nothing matches: 200, no features, zero twice, and a self link."""
    document = valid(client, client.get(at("streets", usrn=1)).get_json(), "FeatureCollection")
    assert (document["numberMatched"], document["numberReturned"], document["features"]) == (0, 0, [])
    assert {each["rel"] for each in document["links"]} == {"self", "alternate", "collection", "http://www.opengis.net/def/rel/ogc/1.0/queryables"}


def test_staff_see_more_rows(staff: FlaskClient, true: Callable[..., Truth]) -> None:
    """Where a grant hides rows from everybody, staff count them: streets, segments, sites, indicators, forecasts."""
    more = {layer: staff.get(at(layer, limit=1)).get_json()["numberMatched"] for layer in LAYERS}
    assert more == {layer: true(layer, "staff").count for layer in LAYERS}
    assert all(more[layer] >= COUNTS[layer] for layer in LAYERS)
    assert (more["streets"], more["street_segments"], more["population_forecasts"]) == (600, 2_000, 704)
