"""Headers: validators, caches, compression, other origins, and what is told to nobody."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from questions import BROWSER, at, inside, one
from shops import ROWS, application, odd
from test_errors import path, routes

KEPT = ("/", "/conformance", "/openapi", "/collections", "/collections/streets", "/collections/streets/schema",
        "/collections/streets/queryables", "/collections/streets/items?limit=20", "/collections/streets/items/99000021",
        "/collections/streets/items?limit=20&f=csv", "/collections/streets/items?limit=20&f=html", "/?f=html",
        "/privacy", "/accessibility")
PREFLIGHT = {"Accept", "Authorization", "Content-Type", "If-Modified-Since", "If-None-Match", "If-Range", "Range",
             "X-API-Key"}
POLICY = ("default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
          "frame-ancestors 'none'")


@pytest.mark.parametrize("address", KEPT)
def test_unchanged_is_304(client: FlaskClient, address: str) -> None:
    """An answer's ETag, sent back, gives 304 without a body, with the headers that a cache renews."""
    first = client.get(address)
    tag = first.headers["ETag"]
    for sent in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = client.get(address, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.data) == (304, b""), sent
        for name in ("ETag", "Cache-Control", "Vary", "Content-Crs", "Access-Control-Allow-Origin"):
            assert answer.headers.get(name) == first.headers.get(name)
    for sent in ('"other"', 'W/"other"', "", tag[:-2] + '"'):
        assert client.get(address, headers={"If-None-Match": sent}).status_code == 200


def test_each_answer_has_a_validator_of_its_own(client: FlaskClient, staff: FlaskClient) -> None:
    """Address, form, parameters and audience all count: no validator stands for two answers."""
    asked = ("/collections/streets/items", "?limit=5", "?limit=6", "?limit=5&offset=1", "?f=csv", "?crs=EPSG:27700",
             "?filter=usrn%20%3D%201", "/99000021", "/99000023", "/99000021?crs=EPSG:27700")
    tags = [viewer.get(each if each.startswith("/c") else f"{asked[0]}{each}").headers["ETag"]
            for viewer in (client, staff) for each in asked]
    tags += [client.get(each, headers=BROWSER).headers["ETag"] for each in ("/", asked[0], f"{asked[0]}/99000021")]
    tags += [client.get("/", headers={"Host": host}).headers["ETag"] for host in ("a.example", "b.example")]
    assert len(set(tags)) == len(tags)


def test_a_new_edition_is_200(tmp_path: Path) -> None:
    """After a change is published an old ETag gives 200 and the new content; where nothing changed it stays 304."""
    shop = odd(tmp_path)
    app = application(shop.store)
    client = app.test_client()
    places = ["/collections/odd/items", "/collections/odd", "/collections", "/collections/odd/items?f=html"]
    before = {place: client.get(place).headers["ETag"] for place in places}
    shop.publish()
    app.extensions["hantsmap"].look()
    assert {place: client.get(place).headers["ETag"] for place in places} == before
    shop.write([(*ROWS[0][:1], "A new name", *ROWS[0][2:]), *ROWS[1:]])
    shop.publish()
    app.extensions["hantsmap"].look()
    for place, tag in before.items():
        answer = client.get(place, headers={"If-None-Match": tag})
        assert answer.status_code == 200, place
        assert answer.headers["ETag"] != tag
    assert client.get(one("odd", "a/b")).get_json()["properties"]["name"] == "A new name"


def test_a_change_that_nobody_sees_changes_nothing(tmp_path: Path) -> None:
    """A hidden row changes: everybody's answers stay the same to the byte, validators and dates included."""
    shop = odd(tmp_path)
    app, staff_app = application(shop.store), application(shop.store, audience="staff")
    client, staff = app.test_client(), staff_app.test_client()
    places = ["/collections/odd/items", "/collections/odd", "/collections", "/openapi", "/health"]
    before = [(client.get(place).data, client.get(place).headers.get("ETag")) for place in places]
    seen = staff.get("/collections/odd/items").headers["ETag"]
    shop.write(ROWS, ("other", "Still nobody may know", 5, "2001-01-01", "2001-01-01T00:00:00Z", "false", -99.5))
    shop.publish()
    for each in (app, staff_app):
        each.extensions["hantsmap"].look()
    assert [(client.get(place).data, client.get(place).headers.get("ETag")) for place in places] == before
    assert staff.get("/collections/odd/items").headers["ETag"] != seen


@pytest.mark.parametrize("address", KEPT)
def test_head_is_get_without_a_body(client: FlaskClient, address: str) -> None:
    """HEAD has the status and headers of GET and no body. The length is left out where the body would have to be made
    to know it (RFC 9110, 9.3.2)."""
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.data) == (200, b"")
    expected = dict(whole.headers)
    assert int(expected["Content-Length"]) == len(whole.data)
    if "Content-Length" not in head.headers:
        assert "f=csv" in address or "f=html" in address
        del expected["Content-Length"]
    assert dict(head.headers) == expected


@pytest.mark.parametrize("address", KEPT)
@pytest.mark.parametrize(("sent", "packed"), [
    ("gzip", True), ("gzip, deflate, br", True), ("gzip;q=0.5", True), ("deflate, gzip;q=1.0, *;q=0.5", True),
    ("gzip;q=0", False), ("gzip;q=0.0, identity", False), ("identity", False), ("br", False), ("", False),
    ("gzip;q=0, *", False)])
def test_gzip_when_asked(client: FlaskClient, address: str, sent: str, packed: bool) -> None:
    """Compressed for who asks for it, and never for who refuses it; the content is the same."""
    plain = client.get(address)
    answer = client.get(address, headers={"Accept-Encoding": sent})
    large = len(plain.data) >= 800
    assert answer.headers.get("Content-Encoding") == ("gzip" if packed and large else None)
    body = gzip.decompress(answer.data) if packed and large else answer.data
    assert body == plain.data
    assert answer.headers["ETag"] == plain.headers["ETag"]
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_vary_names_what_answers_depend_on(app: Flask, client: FlaskClient) -> None:
    """Every answer, errors too, says that it depends on the form that is wanted and on who asks."""
    for rule in routes(app):
        for query in ("", "?zzz=1"):
            vary = client.get(path(rule) + query).headers["Vary"]
            assert vary == "Accept, Accept-Encoding, Authorization, X-API-Key, Cookie", rule


def test_every_answer_is_hardened(app: Flask, client: FlaskClient) -> None:
    """On every route, in order or in error: the policy, no sniffing, no referrer, and nothing of who answers."""
    for rule in routes(app):
        for method, query in (("GET", ""), ("GET", "?zzz=1"), ("POST", ""), ("OPTIONS", ""), ("HEAD", "")):
            headers = client.open(path(rule) + query, method=method).headers
            # The map and its worker have policies of their own, held in test_map_page.py.
            own = rule.rule in ("/map", "/sw.js") and method in ("GET", "HEAD") and not query
            assert own or headers["Content-Security-Policy"] == POLICY, (rule, method)
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert not {"Set-Cookie", "Server", "X-Powered-By", "Location"} & set(headers.keys())


def test_other_origins_may_read_what_everybody_may(app: Flask, client: FlaskClient) -> None:
    """Any web map may read public layers, with the headers that it needs; no credentials are invited."""
    for rule in routes(app):
        headers = client.get(path(rule), headers={"Origin": "https://map.example"}).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        exposed = headers["Access-Control-Expose-Headers"].split(", ")
        assert {"Content-Crs", "Content-Range", "ETag", "Link", "Retry-After"} <= set(exposed)
        assert "Access-Control-Allow-Credentials" not in headers


def test_other_origins_may_not_read_what_staff_may(staff_app: Flask, staff: FlaskClient) -> None:
    """Staff's server is reached by being in the house: a page from elsewhere, open in there, must not read it out."""
    for rule in routes(staff_app):
        for method in ("GET", "OPTIONS", "POST"):
            headers = staff.open(path(rule), method=method, headers={"Origin": "https://evil.example"}).headers
            assert not [name for name, _ in headers if name.startswith("Access-Control-")], (rule, method)
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_options(app: Flask, client: FlaskClient) -> None:
    """204 on every route, with what is allowed; no POST, or QGIS offers to edit."""
    for rule in routes(app):
        answer = client.options(path(rule))
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Allow"] == answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert set(answer.headers["Access-Control-Allow-Headers"].split(", ")) >= PREFLIGHT


def test_who_may_keep_an_answer(client: FlaskClient, staff: FlaskClient) -> None:
    """Public answers may be kept and are asked after each time; those of staff are kept nowhere."""
    for address in KEPT:
        assert client.get(address).headers["Cache-Control"] == "public, no-cache"
        assert staff.get(address).headers["Cache-Control"] == "private, no-store"


def test_the_style_sheet_is_kept_by_its_stamp(client: FlaskClient) -> None:
    """Under its stamped address it may be kept for a year; under its bare one for an hour; it has a validator."""
    page = client.get("/", headers=BROWSER).text
    start = page.index("/static/hantsmap.css?v=")
    stamped = page[start:page.index('"', start)]
    answer = client.get(inside(stamped))
    assert (answer.status_code, answer.content_type) == (200, "text/css; charset=utf-8")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000"
    assert client.get("/static/hantsmap.css").headers["Cache-Control"] == "public, max-age=3600"
    assert client.get(inside(stamped), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_icon_and_robots(client: FlaskClient) -> None:
    """A browser finds an icon, and a search engine is asked not to walk through every feature."""
    assert client.get("/favicon.ico").content_type.startswith("image/svg+xml")
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /collections/*/items\n"
    assert client.get("/robots.txt").headers["Cache-Control"] == "public, max-age=86400"


def test_large_answers_are_not_broken_by_range(client: FlaskClient) -> None:
    """A request for a part (geopandas begins with two bytes) is answered with the whole."""
    answer = client.get(at("schools"), headers={"Range": "bytes=0-1"})
    assert answer.status_code == 200
    assert answer.get_json()["numberReturned"] == 29
