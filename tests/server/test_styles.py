"""Styles on the wire (OGC 20-009): how a layer is drawn."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from questions import LAYERS, inside
from truth import registry


@pytest.mark.parametrize("layer", LAYERS)
def test_each_style_that_is_listed_is_there(client: FlaskClient, layer: str) -> None:
    """Styles for MapLibre and OpenLayers, each at its address with its type; a table has none."""
    answer = client.get(f"/collections/{layer}/styles")
    if registry()["layers"][layer]["geometry"] == "none":
        assert answer.status_code == 404
        return
    listed = answer.get_json()["styles"]
    assert [each["id"] for each in listed] == ["maplibre", "openlayers"]
    for each in listed:
        (told,) = each["links"]
        assert client.get(inside(told["href"])).content_type == told["type"]


def test_the_style_for_maplibre_leads_to_tiles(client: FlaskClient) -> None:
    """Its source is our own tiles, and it names no fonts, no sprite and no address of anybody else."""
    style = client.get("/collections/rights_of_way/styles/maplibre").get_json()
    assert style["version"] == 8 and "sprite" not in style and "glyphs" not in style
    source = style["sources"]["rights_of_way"]
    assert source["tiles"] == ["http://localhost/collections/rights_of_way/tiles/WebMercatorQuad/{z}/{y}/{x}"]
    assert (source["minzoom"], source["maxzoom"]) == (12, 14)
    dashes = {layer["filter"][2]: layer["paint"]["line-dasharray"] for layer in style["layers"]
              if layer["filter"][0] == "=="}
    assert len({tuple(dash) for dash in dashes.values()}) == 4


def test_the_style_for_openlayers_is_rules(client: FlaskClient) -> None:
    """Rules of flat styles, each with what it draws."""
    rules = client.get("/collections/rights_of_way/styles/openlayers").get_json()
    assert rules[0]["filter"] == ["==", ["get", "status"], "FP"]
    assert all(rule["style"] for rule in rules)


@pytest.mark.parametrize("address", ["/collections/schools/styles/qml", "/collections/nothing/styles",
                                     "/collections/nothing/styles/maplibre", "/collections/plans/styles/openlayers"])
def test_what_is_no_style_is_not_there(client: FlaskClient, address: str) -> None:
    """404 with a sentence."""
    answer = client.get(address)
    assert answer.status_code == 404 and len(answer.get_json()["detail"]) > 20


def test_a_style_is_not_sent_twice(client: FlaskClient) -> None:
    """304 for who has it; and another form than JSON is refused."""
    first = client.get("/collections/schools/styles/openlayers")
    again = client.get("/collections/schools/styles/openlayers", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/collections/schools/styles/openlayers?f=html").status_code == 400
