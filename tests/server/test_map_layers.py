"""The list of layers that the map is made from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from shops import application
from truth import Truth, layers_of, registry

from server.settings import Background, Settings

ADDRESS = "/map/layers.json"


def told(client: FlaskClient) -> dict[str, Any]:
    """Each layer by its id."""
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return {layer["id"]: layer for layer in answer.get_json()["layers"]}


@pytest.mark.parametrize("audience", ["public", "staff"])
def test_it_lists_what_the_audience_sees(county_store: Path, audience: str) -> None:
    """Every layer of the audience once, and no other."""
    assert sorted(told(application(county_store, audience=audience).test_client())) == layers_of(audience)


def test_layers_come_in_the_order_they_are_drawn_in(client: FlaskClient) -> None:
    """Lowest first; streets below footpaths, and both are in the base map."""
    layers = told(client)
    orders = [layer["order"] for layer in layers.values()]
    assert orders == sorted(orders)
    assert list(layers).index("street_segments") < list(layers).index("rights_of_way")
    assert layers["street_segments"]["base"] and layers["rights_of_way"]["base"] and not layers["schools"]["base"]


def test_fields_are_those_that_the_audience_is_granted(
    client: FlaskClient, true: Callable[..., Truth]
) -> None:
    """Every granted field with title, type, unit and the words of the codes that occur; no other field is named."""
    for name, layer in told(client).items():
        assert set(layer["fields"]) == set(true(name).fields), name
        assert {layer["display"], layer["key_field"]} <= {*layer["fields"], None}, name
    schools = told(client)["schools"]
    assert schools["fields"]["phase"] == {
        "title": "Phase", "type": "integer", "unit": None,
        "codes": {code: words for code, words in registry()["code_lists"]["school_phase"]["values"].items()
                  if int(code) in true("schools").column("phase")}}
    assert schools["key_field"] == "phase"


def test_each_layer_says_how_it_is_drawn(client: FlaskClient) -> None:
    """Rules for OpenLayers and a key in words for all that has a place; neither for tables."""
    layers = told(client)
    for name, layer in layers.items():
        assert bool(layer["style"]) == bool(layer["key"]) == (layer["geometry"] != "none"), name
    bridleway = next(each for each in layers["rights_of_way"]["key"] if each["code"] == "BW")
    assert (bridleway["label"], bridleway["words"], bridleway["symbol"]["kind"]) == (
        "Bridleway", "long dashes, green", "line")


def test_each_layer_says_where_it_is_from_and_how_good_it_is(client: FlaskClient, true: Callable[..., Truth]) -> None:
    """Licence, attribution, source, dates and a sentence about quality, as the registry has them."""
    paths = told(client)["rights_of_way"]
    declared = registry()["layers"]["rights_of_way"]
    assert paths["quality"] == ("Drawn for use at 1:10,000. Updated: weekly, on Monday. " + declared["lineage"])
    assert (paths["attribution"], paths["source"], paths["notice"], paths["cadence"]) == (
        declared["attribution"], declared["source_name"], declared["notice"], declared["cadence"])
    assert paths["licence"] == registry()["licences"]["ogl"]
    assert (paths["count"], paths["geometry"], paths["group"]) == (
        true("rights_of_way").count, "LineString", "Paths and access")
    assert paths["published"].startswith("20") and paths["published"].endswith("Z")


def test_the_extent_is_that_of_the_base_map(client: FlaskClient) -> None:
    """Whole metres around the land of the county; squares of species far out at sea do not widen it."""
    document = client.get(ADDRESS).get_json()
    west, south, east, north = document["extent"]
    assert (456_000 - 500 < west < 457_000) and (467_000 < east < 468_500)
    assert (98_000 - 500 < south < 99_500) and (107_000 < north < 108_500)
    assert document["synthetic"] and "Invented" in document["notice"]
    assert (document["title"], document["publisher"]) == ("Synthetic County maps", "Synthetic County Council")


def test_nobody_else_is_asked_for_a_background_unless_the_operator_says_so(county_store: Path) -> None:
    """Without the setting there is none; with it, address, thanks and matrix set are told as they were set."""
    assert application(county_store).test_client().get(ADDRESS).get_json()["background"] is None
    url = "https://tiles.example.org/{z}/{x}/{y}.png"
    client = application(county_store, background=Background(url, "© Mapmaker")).test_client()
    assert client.get(ADDRESS).get_json()["background"] == {
        "url": url, "attribution": "© Mapmaker", "matrix": "BritishNationalGrid"}


def test_a_background_is_set_whole_or_not_at_all() -> None:
    """An address without {z}, {x} and {y}, or without anybody to thank, is refused with a sentence."""
    name = "HANTSMAP_BACKGROUND_URL"
    good = {name: "https://a.example/{z}/{x}/{y}.png", "HANTSMAP_BACKGROUND_ATTRIBUTION": "© A"}
    assert Settings.from_environment(good).background == Background(good[name], "© A")
    for broken in ("https://a.example/{z}/{x}.png", "ftp://a/{z}/{x}/{y}", "https://a.example/{z}/{x}/{y}.png; x"):
        with pytest.raises(ValueError, match=name):
            Settings.from_environment({**good, name: broken})
    with pytest.raises(ValueError, match="HANTSMAP_BACKGROUND_ATTRIBUTION"):
        Settings.from_environment({name: good[name]})


def test_it_is_read_once(client: FlaskClient) -> None:
    """The same list has the same ETag, and is not sent again; it is sent compressed."""
    first = client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{ADDRESS}?x=1").status_code == 400
