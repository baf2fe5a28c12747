"""The page with all attributions."""

from __future__ import annotations

from flask.testing import FlaskClient
from shops import application
from truth import layers_of, registry

from server.settings import Background


def test_every_layer_of_the_audience_is_on_it(client: FlaskClient, staff: FlaskClient) -> None:
    """Each layer with its attribution and licence, linked; no layer that the audience does not see."""
    for asked, audience in ((client, "public"), (staff, "staff")):
        text = asked.get("/attributions").text
        for layer, declared in registry()["layers"].items():
            link = f'/collections/{layer}">'
            assert (link in text) is (layer in layers_of(audience)), layer
            assert layer not in layers_of(audience) or declared["attribution"] in text
    assert registry()["licences"]["ogl"]["url"] in client.get("/attributions").text


def test_every_page_links_to_it(client: FlaskClient) -> None:
    """From any page, and from the map, it is one step."""
    for address in ("/", "/collections", "/collections/streets", "/privacy", "/map"):
        assert "/attributions\"" in client.get(address, headers={"Accept": "text/html"}).text, address


def test_the_background_is_thanked_and_told_of(county_store) -> None:  # type: ignore[no-untyped-def]
    """Tiles of somebody else are on the page of attributions, and the page about privacy says where they come from."""
    background = Background("https://tiles.example.org/{z}/{x}/{y}.png", "© Mapmaker")
    client = application(county_store, background=background).test_client()
    assert "© Mapmaker" in client.get("/attributions").text
    assert "tiles.example.org" in client.get("/privacy").text
    plain = application(county_store).test_client()
    assert "Everything on a page comes from us" in plain.get("/privacy").text


def test_it_is_read_once(client: FlaskClient) -> None:
    """The same page has the same ETag, and takes no parameter."""
    tag = client.get("/attributions").headers["ETag"]
    assert client.get("/attributions", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/attributions?x=1").status_code == 400
