"""Which form of an answer a client gets: `f` decides, then the Accept header, then JSON."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from questions import BROWSER, problem

ITEMS = "/collections/schools/items"
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"
QGIS_API = "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json"


@pytest.mark.parametrize(("client_name", "address", "accept", "expected"), [
    ("browser", "/", BROWSER["Accept"], HTML), ("browser", ITEMS, BROWSER["Accept"], HTML),
    ("browser", "/collections/schools/schema", BROWSER["Accept"], HTML),
    ("QGIS", "/", JSON, JSON), ("QGIS", "/openapi", QGIS_API, "application/vnd.oai.openapi+json;version=3.0"),
    ("QGIS", ITEMS, "application/geo+json, application/json", GEOJSON),
    ("GDAL", ITEMS, "application/geo+json, application/json", GEOJSON),
    ("GDAL", "/collections", JSON, JSON), ("curl", ITEMS, "*/*", GEOJSON), ("curl", "/", "*/*", JSON),
    ("nobody", ITEMS, "", GEOJSON), ("XML", ITEMS, "application/xml", GEOJSON),
    ("picture", ITEMS, "image/png", GEOJSON),
    ("rather JSON", ITEMS, "text/html;q=0.5, application/json", GEOJSON), ("no HTML", ITEMS, "text/html;q=0", GEOJSON),
    ("rather HTML", ITEMS, "text/html, application/json;q=0.9", HTML), ("no sense", ITEMS, "////;;;q=,", GEOJSON),
    ("spreadsheet", ITEMS, "text/csv", CSV), ("rather CSV", ITEMS, "text/csv, */*;q=0.1", CSV),
    ("rather GeoJSON", ITEMS, "text/csv;q=0.5, application/geo+json", GEOJSON),
    ("CSV where there is none", "/collections", "text/csv", JSON)])
def test_accept(client: FlaskClient, client_name: str, address: str, accept: str, expected: str) -> None:
    """Browsers get pages; QGIS, GDAL, curl and whoever asks for what is not there get JSON."""
    answer = client.get(address, headers={"Accept": accept} if accept else {})
    assert (client_name, answer.status_code, answer.content_type) == (client_name, 200, expected)


def test_no_accept_header_at_all(client: FlaskClient) -> None:
    """A client that says nothing gets JSON."""
    assert client.get("/").content_type == JSON


@pytest.mark.parametrize(("form", "expected"), [
    ("json", GEOJSON), ("html", HTML), ("csv", CSV), ("geojson", GEOJSON), ("application/geo+json", GEOJSON),
    ("application%2Fgeo%2Bjson", GEOJSON), ("application/json", GEOJSON), ("text/csv", CSV), ("text/html", HTML),
    ("Text/CSV;charset=utf-8", CSV)])
def test_f_decides(client: FlaskClient, form: str, expected: str) -> None:
    """`f` outweighs the header, whichever way."""
    for headers in (BROWSER, {"Accept": GEOJSON}, {}):
        assert client.get(f"{ITEMS}?f={form}", headers=headers).content_type == expected


@pytest.mark.parametrize(("address", "offered"), [
    ("/", "json, html"), ("/conformance", "json, html"), ("/openapi", "json, html"), ("/collections", "json, html"),
    ("/collections/schools", "json, html"), ("/collections/schools/schema", "json, html"),
    ("/collections/schools/queryables", "json, html"), ("/tiles", "json, html"), ("/tileMatrixSets", "json, html"),
    ("/collections/schools/styles", "json, html"),
    ("/collections/schools/tiles/WebMercatorQuad", "json, html, tilejson"),
    (ITEMS, "json, html, csv"), (f"{ITEMS}/990001", "json, html")])
@pytest.mark.parametrize("wrong", ["xml", "JSON", "", "json,html", "application/xml", "gml", "../html"])
def test_an_unknown_form_is_refused(client: FlaskClient, address: str, offered: str, wrong: str) -> None:
    """400, and the forms that there are."""
    sentence = problem(client, client.get(address, query_string={"f": wrong}), 400, "f")
    assert sentence == f"f `{wrong}` is not offered here. Choose one of {offered}."


def test_errors_have_the_form_of_the_client(client: FlaskClient) -> None:
    """A person gets a page and a program a problem, with one status and one sentence."""
    for address in ("/collections/nothing", f"{ITEMS}?limit=0", f"{ITEMS}/1", "/nothing"):
        shown, told = client.get(address, headers=BROWSER), client.get(address)
        assert (shown.status_code, shown.content_type) == (told.status_code, HTML)
        assert told.content_type == "application/problem+json"
        assert str(escape(told.get_json()["description"])) in shown.text
    assert client.get(f"{ITEMS}?limit=0&f=html").content_type == HTML
    assert client.get(f"{ITEMS}?limit=0&f=json", headers=BROWSER).content_type == "application/problem+json"
