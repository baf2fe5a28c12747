"""The server that runs and Flask's own routes answer alike: there is one truth about routes, access and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes

import pytest
import shops
from flask import Flask
from running_server import Running

METRES = "http://www.opengis.net/def/crs/EPSG/0/27700"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ITEMS = "/collections/streets/items"
TILE = "/tiles/BritishNationalGrid/4/88/48?collections=street_segments,schools"
QUERIES = (
    "", "limit=1", "limit=10&offset=580", "limit=10&offset=590", "limit=10000", "offset=99999999999999999999",
    "limit=0", "limit=ten", "limit=1&limit=2", "colour=red", "f=json", "f=csv&limit=3", "f=html&limit=3", "f=xml",
    f"crs={METRES}", f"crs={quote(METRES, safe='')}&limit=2", f"crs={MERCATOR}&limit=2", "crs=here",
    "bbox=-1.5,50.8,-1.3,51", "bbox=-1.5,50.8", f"bbox=440000,110000,450000,120000&bbox-crs={METRES}&limit=5",
    "properties=usrn&limit=2", "properties=nothing", "sortby=-usrn&limit=3", "skipGeometry=true&limit=2",
    "datetime=2020-01-01/..&limit=2", "datetime=soon", "filter=usrn%20%3E%2099000100&limit=2",
    "filter=usrn+%3E+99000100&limit=2", "filter=(((", f"filter={'usrn=1%20OR%20' * 120}usrn%3D2&limit=2",
    "usrn=99000100", "%6Cimit=2", "limit=%31", "limit", "limit=", "&&limit=2&&", "a=%ff", "q=%C3%A9",
    "filter=street_descriptor%20LIKE%20'%25%C3%A9%25'", "ids=99000021,99000023,1", "ids=", "f=geojson&limit=2",
    "f=text/csv&limit=2", "crs=epsg:27700&limit=2", "crs=urn:ogc:def:crs:EPSG::27700&limit=2",
)
SEARCH = "/collections/streets/search"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SEARCHES: tuple[tuple[str, bytes, dict[str, str]], ...] = (
    (SEARCH, b"limit=2", FORM), (SEARCH + "/", b"limit=2&f=csv", FORM),
    (SEARCH + "?offset=2", b"limit=2&offset=9", FORM),
    (SEARCH, b"filter=usrn+%3E+99000100&limit=3", {**FORM, "Accept-Encoding": "gzip"}), (SEARCH, b"", {}),
    (SEARCH, b"limit=none", FORM), (SEARCH, b"{}", {"Content-Type": "application/json"}), (SEARCH, b"q=%ff\xff", FORM),
    (SEARCH, b"limit=1", {**FORM, "Authorization": "Bearer x"}), (SEARCH, b"limit=1", {**FORM, "Cookie": "a=b"}),
    ("/collections/nothing/search", b"limit=1", FORM), ("/collections/streets/search/1", b"limit=1", FORM),
    ("/collections/streets/items", b"limit=1", FORM), (SEARCH, b"a=1&" * 300, FORM),
)
PATHS = (
    "/", "/collections", "/collections/streets", "/collections/streets/", ITEMS + "/", "/collections/nothing/items",
    "/collections/street_works/items", "/collections//items", "/collections/streets/items//",
    "//collections/streets/items",
    "/collections/streets/item", "/collections/streets/items/none", "/health", "/nothing", "/conformance?f=html",
    "/collections/streets/items%3Flimit=1", "/collections/streets%2Fitems", "/collections/str%65ets/items?limit=1",
    "/collections/streets/downloads", "/collections/streets/downloads/", "/collections/streets/downloads/streets.csv",
    "/collections/streets/downloads/none.csv", "/collections/streets/downloads/streets.csv/",
    "/collections/nothing/downloads/nothing.csv", "/collections/streets/downloads/streets.csv?filter=(((",
    "/collections/streets/downloads/streets.csv?colour=red",
    "/collections/schools/tiles/BritishNationalGrid/9/0/0", "/collections/schools/tiles/BritishNationalGrid/1/10/5",
    "/collections/schools/tiles/BritishNationalGrid/1/10/5/", "/collections/schools/tiles/WebMercatorQuad/8/85/126",
    "/collections/schools/tiles/WebMercatorQuad/8/85/126?f=mvt", "/collections/schools/tiles/WebMercatorQuad/8/85",
    "/collections/schools/tiles/WebMercatorQuad/8/85/126?f=png", "/collections/schools/tiles/WebMercatorQuad/99/1/1",
    "/collections/schools/tiles/WebMercatorQuad/8//126", "/collections/schools/tiles//8/85/126", "/tiles//8/85/126",
    "/collections/nothing/tiles/WebMercatorQuad/8/85/126", "/collections/plans/tiles/WebMercatorQuad/8/85/126",
    "/tiles/WebMercatorQuad/8/85/126?collections=schools,districts", "/tiles/WebMercatorQuad/8/85/126",
    "/tiles/WebMercatorQuad/8/85/126?collections=schools,nothing", "/tiles/WebMercatorQuad/8/85/126/1",
    "/tiles/BritishNationalGrid/4/83/47?collections=street_segments,schools",
    "/tiles/WebMercatorQuad", "/tiles", "/tileMatrixSets", "/collections/schools/styles/maplibre",
    "/static/style.css", "/robots.txt", "/COLLECTIONS/streets/items", "/collections/streets/../streets/items",
)
HEADERS: tuple[dict[str, str], ...] = (
    {}, BROWSER, {"Accept": "application/geo+json"}, {"Accept": "text/html;q=0"}, {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "gzip;q=0, identity"}, {"Accept-Encoding": "br, GZIP;q=0.3"}, {"If-None-Match": "*"},
    {"If-None-Match": '"x", W/"y"'}, {"Host": "maps.example.org"}, {"Host": "evil host"}, {"Authorization": "Bearer x"},
    {"Authorization": "Basic !"}, {"X-API-Key": "\u00e9"}, {"X-API-Key": ""}, {"Cookie": "a=b"},
    {"X-Forwarded-For": "1.2.3.4"}, {"Range": "bytes=0-9"}, {"Accept": "text/csv"}, {"Origin": "https://a.example"},
    {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, {"If-Modified-Since": "Fri, 01 Jan 1999 00:00:00 GMT"},
)


def asked() -> Iterator[tuple[str, str, dict[str, str]]]:
    """(method, address, headers): each query plain, and each header with a few of them."""
    for query in QUERIES:
        yield "GET", f"{ITEMS}?{query}" if query else ITEMS, {}
    for path in PATHS:
        yield "GET", path, {}
        yield "GET", path, BROWSER
    for headers in HEADERS:
        for address in (f"{ITEMS}?limit=20", f"{ITEMS}/none", f"{ITEMS}?limit=none", "/collections", TILE):
            yield "GET", address, headers
    for method in ("HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"):
        for address in (f"{ITEMS}?limit=5", "/collections", "/nothing", TILE):
            yield method, address, {}


def same(front: Running, app: Flask, method: str, address: str, headers: dict[str, str], body: bytes = b"") -> None:
    # The first may be made in another thread, the second at hand, the third from memory.
    heard, *again = (front.ask(address, method, headers, body or None) for _ in range(3))
    assert again == [heard, heard]
    path, _, query = address.partition("?")
    with app.test_client() as client:
        # As it would come over the wire: the test client tidies addresses up.
        sent = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
        got = client.open("/", method=method, base_url=front.base, headers={"Accept": "*/*", **headers}, data=body,
                          environ_overrides=sent)
        told = tuple(sorted((name.lower(), value) for name, value in got.headers if name.lower() != "date"))
        body = got.data
    assert (heard.status, heard.body) == (got.status_code, body)
    assert heard.headers == told


@pytest.mark.parametrize(("method", "address", "headers"), tuple(asked()), ids=repr)
def test_the_running_server_answers_as_flasks_routes_do(
    county_front: Running, app: Flask, method: str, address: str, headers: dict[str, str]
) -> None:
    """Status, headers and bytes are the same, whichever way a request comes in, and however often."""
    same(county_front, app, method, address, headers)


@pytest.mark.parametrize(("address", "body", "headers"), SEARCHES, ids=repr)
def test_a_search_is_answered_alike(
    county_front: Running, app: Flask, address: str, body: bytes, headers: dict[str, str]
) -> None:
    """A form that is posted is answered with the same status, headers and bytes, whichever way it comes in."""
    same(county_front, app, "POST", address, headers, body)


@pytest.mark.parametrize("row", shops.ROWS, ids=lambda row: row[0])
def test_ids_of_any_kind_lead_to_the_same_feature(odd_front: Running, odd_app: Flask, row: tuple[str, ...]) -> None:
    """An id with slashes, escapes or spaces in it leads to one feature, whichever way a request comes in."""
    for written in (quote(row[0], safe=""), quote(row[0])):
        heard = odd_front.ask(f"/collections/odd/items/{written}")
        with odd_app.test_client() as client:
            got = client.get(f"/collections/odd/items/{written}", base_url=odd_front.base)
        assert (heard.status, heard.body) == (got.status_code, got.data)


def test_an_address_that_is_not_modified_is_told_so(county_front: Running, app: Flask) -> None:
    """The validator of a page leads to 304 without a body, and to the same one by both ways."""
    first = dict(county_front.ask(f"{ITEMS}?limit=10").headers)
    same(county_front, app, "GET", f"{ITEMS}?limit=10", {"If-None-Match": first["etag"]})
    again = county_front.ask(f"{ITEMS}?limit=10", headers={"If-None-Match": first["etag"]})
    assert (again.status, again.body) == (304, b"")
