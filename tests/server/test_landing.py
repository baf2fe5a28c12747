"""The landing page: where every client begins."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from questions import inside, link

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PLACES = (
    ("self", "/", "application/json"),
    ("alternate", "/?f=html", "text/html"),
    ("service-desc", "/openapi", OPENAPI),
    ("service-doc", "/openapi?f=html", "text/html"),
    ("conformance", "/conformance", "application/json"),
    ("data", "/collections", "application/json"),
    ("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", "/tiles", "application/json"),
    ("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", "/tileMatrixSets", "application/json"),
)


def landing(client: FlaskClient) -> dict[str, Any]:
    """The landing page as JSON."""
    answer = client.get("/")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return dict(answer.get_json())


def test_it_says_whose_it_is(client: FlaskClient) -> None:
    """Title and description are those of the registry, and there is nothing else but links."""
    document = landing(client)
    assert sorted(document) == ["description", "links", "title"]
    assert document["title"] == "Synthetic County maps"
    assert document["description"].startswith("Maps and data of an invented county")


def test_it_links_to_everything_a_client_begins_with(client: FlaskClient) -> None:
    """Exactly six links, each with its relation, its media type and a title (OGC 17-069, 7.2)."""
    links = landing(client)["links"]
    assert [(each["rel"], inside(each["href"]), each["type"]) for each in links] == list(PLACES)
    assert all(each["title"].strip() for each in links)


def test_each_link_leads_somewhere_of_its_type(client: FlaskClient) -> None:
    """Every link is followed: it answers 200 with the media type that it promises."""
    for each in landing(client)["links"]:
        answer = client.get(inside(each["href"]))
        assert answer.status_code == 200
        assert answer.content_type.split(";")[0] == each["type"].split(";")[0], each


def test_data_and_conformance_have_no_query(client: FlaskClient) -> None:
    """QGIS appends its own parameters to these two, so they carry none."""
    document = landing(client)
    assert all("?" not in str(link(document, rel)) for rel in ("data", "conformance", "service-desc"))


def test_staff_get_the_same_way_in(staff: FlaskClient, client: FlaskClient) -> None:
    """The landing page names no layer, so it is the same for every audience."""
    assert landing(staff) == landing(client)
